"""The planner's own figures of villages, read by the chain of every list of villages."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from coverage.base.errors import InputError
from coverage.imports.figure_lists import read_figures
from coverage.imports.places import Region
from coverage.language.words import LANGUAGES, Words


@pytest.fixture
def region() -> Region:
    return Region(
        gpd.GeoDataFrame(
            {
                "village_code_bps": [f"350501000{i}" for i in range(1, 6)],
                "village_code_kemendagri": ["35.05.01.2001", "35.05.01.2002", None, None, None],
                "village": ["Sukamaju", "Wonosari", "Margomulyo", "Kaulon", "Sidomulyo"],
                "subdistrict": ["Bakung"] * 5,
                "regency": ["Blitar"] * 5,
            },
            geometry=[box(112 + i, -8, 112.9 + i, -7) for i in range(5)],
            crs="EPSG:4326",
        )
    )


def write(folder: Path, text: str, name: str = "angka.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_every_column_of_numbers_may_become_a_criterion(tmp_path: Path, region: Region) -> None:
    path = write(
        tmp_path,
        "no;kode_bps;desa;miskin;jalan rusak (km);penduduk;ket\n1;3505010002;Wonosari;12,5;1.234,5;5.147;x\n"
        "2;3505010001;Sukamaju;;3;900;y\n3;9999999999;lain;5;6;7;z\n",
    )
    table, notes = read_figures(path, region)
    assert sorted(table.columns) == ["jalan rusak (km)", "miskin", "penduduk"]
    assert list(table.index) == ["3505010001", "3505010002"]
    assert np.isnan(table.loc["3505010001", "miskin"])  # empty is unknown, not zero
    assert table.loc["3505010002", ["miskin", "jalan rusak (km)", "penduduk"]].tolist() == [12.5, 1234.5, 5147.0]
    assert ("imports.note.left_out", {"file": "angka.csv", "count": 1, "rows": "4"}) in notes  # of another region


def test_kemendagri_codes_and_names_find_their_village(tmp_path: Path, region: Region) -> None:
    by_code = write(tmp_path, "kode_kemendagri,indeks\n35.05.01.2002,0.7\n35.05.01.2001,1.25\n")
    assert read_figures(by_code, region)[0]["indeks"].to_dict() == {"3505010001": 1.25, "3505010002": 0.7}
    by_name = write(tmp_path, "Desa,Kecamatan,Indeks\nWonosari,Bakung,0.7\nSuka Maju,Bakung,1.25\n")
    assert read_figures(by_name, region)[0]["Indeks"].to_dict() == {"3505010001": 1.25, "3505010002": 0.7}


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("nama,miskin\nA,1\nB,2\n", "import.unknown_village", 2),
        ("jumlah,miskin\n4,1\n7,2\n", "imports.no_village", None),
        ("kode_bps,miskin\n1234567890,1\n1234567891,2\n", "import.unknown_village", 2),
        ("kode_bps,miskin\n3505010001,1\n3505010001,2\n", "import.village_twice", 2),
        ("kode_bps,miskin\n3505010001,tinggi\n3505010002,2\n", "criteria.no_numbers", None),
        ("desa,miskin\nSukamaju,1\nWonosari,2\nMargomulyo,3\nKaulon,4\nSidomulyo,12 34\n", "import.bad_figure", 6),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, region: Region, text: str, code: str, row: int | None) -> None:
    with pytest.raises(InputError) as refused:
        read_figures(write(tmp_path, text), region)
    assert (refused.value.code, refused.value.place.row) == (code, row)
    for language in LANGUAGES:
        assert "angka.csv" in Words(language).error(refused.value)


@pytest.mark.slow
def test_own_figures_decide_the_order_from_the_command_line(tmp_path: Path) -> None:
    from coverage.base.parameters import Criterion
    from coverage.readers.parameters import read_parameters
    from coverage.run.analysis import analyze
    from coverage.run.inputs import load_inputs, with_criteria

    plain, parameters = load_inputs(), read_parameters()
    own = Criterion(name="miskin", weight=1.0, source="kantor")
    only = parameters.model_copy(update={"priority": parameters.priority.model_copy(update={"criteria": (own,)})})
    listed = analyze(plain, parameters).priority["village_code_bps"]
    poorest = listed.iloc[-1]
    rows = "\n".join(f"{code},{80 if code == poorest else 20}" for code in listed)
    school = write(tmp_path, "lon,lat\n112.2,-8.1\n", "sekolah.csv")
    inputs = with_criteria(plain, write(tmp_path, f"kode_bps,miskin\n{rows}\n"), school)
    run = analyze(inputs, only)
    assert run.priority["village_code_bps"].iloc[0] == poorest
    assert {"angka.csv", "sekolah.csv"} <= set(run.run["inputs"])
    assert pd.notna(inputs.criteria).loc[:, "facilities"].all()
    assert inputs.criteria["facilities"].sum() == 1
    assert run.run["run_id"] != analyze(plain, parameters).run["run_id"]
