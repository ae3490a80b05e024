"""People per village, keyed by code."""

import pandas as pd
import pytest

from coverage.base.errors import ColumnError, RowError
from coverage.readers.people import read_population


def write(tmp_path, text):
    path = tmp_path / "penduduk.csv"
    path.write_text(text, "utf-8")
    return path


def test_people_are_read_whatever_the_thousands_look_like(tmp_path):
    people = read_population(
        write(
            tmp_path,
            "Kode Desa;Jumlah Penduduk\n3505030003;2.855\n3505030001;1,234\n3505030006;900\nid3505030007;5147.0\n",
        )
    )
    assert people.set_index("village_code_bps")["population"].to_dict() == {
        "3505030001": 1234,
        "3505030003": 2855,
        "3505030006": 900,
        "3505030007": 5147,
    }
    assert set(people["population_basis"]) == {"penduduk.csv"}


def test_a_village_without_a_figure_is_unknown_not_empty(tmp_path):
    people = read_population(write(tmp_path, "iddesa,penduduk\n3505030003,\n3505030001,-\n3505030006,0\n"))
    assert people.to_dict("records") == [
        {"village_code_bps": "3505030006", "population": 0.0, "population_basis": "penduduk.csv"}
    ]


def test_excel_keeps_codes_that_it_made_numbers(tmp_path):
    pd.DataFrame({"kode_bps": [3505030003], "jiwa": [2855]}).to_excel(tmp_path / "p.xlsx", index=False)
    assert read_population(tmp_path / "p.xlsx")["village_code_bps"].tolist() == ["3505030003"]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("iddesa,penduduk\n3505030003,1\nx,2\n", "people.bad_code", 3),
        ("iddesa,penduduk\n3505030003,1\n3505030003,2\n", "people.duplicate_code", 3),
        ("iddesa,penduduk\n3505030003,banyak\n", "people.bad_number", 2),
        ("iddesa,penduduk\n3505030003,-5\n", "people.bad_number", 2),
        ("iddesa,penduduk\n3505030003,12.34.5\n", "people.bad_number", 2),
    ],
)
def test_a_bad_row_is_named(tmp_path, text, code, row):
    with pytest.raises(RowError) as refused:
        read_population(write(tmp_path, text))
    assert (refused.value.code, refused.value.place.row) == (code, row)


def test_without_a_column_for_people_the_file_is_refused(tmp_path):
    with pytest.raises(ColumnError, match=r"people\.no_column"):
        read_population(write(tmp_path, "iddesa,nama\n3505030003,A\n"))
