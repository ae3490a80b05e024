"""Field evidence as offices have it: accepted, or set aside with its reason; no row goes without a word."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import ColumnError, FileRefusedError, JangkauError
from coverage.language.words import LANGUAGES, Words
from coverage.readers.measurements import read_measurements
from tests.examples import examples


def write(folder: Path, text: str, name: str = "uji.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def told(path: Path) -> dict[str, dict[str, object]]:
    """Notes by their code, after checking that both languages can say them."""
    _, notes = read_measurements(path)
    assert all("–" not in Words(language)(code, **values) for code, values in notes for language in LANGUAGES)
    return dict(notes)


def test_a_drive_test_is_read_as_it_is(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "time,latitude,longitude,operator,rsrp\n"
        "2026-11-02T08:00:01,-8.1234,112.3456,Telkomsel,-97\n"
        "2026-11-02T08:00:05,-8.1240,112.3460,,-121.5\n",
    )
    rows, notes = read_measurements(path)
    assert notes == []
    assert rows["rsrp_dbm"].tolist() == [-97, -121.5]
    assert rows[["lon", "lat"]].values.tolist() == [[112.3456, -8.1234], [112.3460, -8.1240]]
    assert rows["operator"].tolist() == ["Telkomsel", None]
    assert rows["measurement_id"].tolist() == ["uji.csv:2", "uji.csv:3"]
    assert rows["time"].iloc[0] == "2026-11-02T08:00:01"


def test_a_list_of_complaints_in_indonesian_is_understood(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Laporan warga\n\nTanggal;Koordinat;Penyedia;Keluhan\n"
        "2 Nov 2026;-8,1234; 112,3456;Indosat;sinyal tidak ada sama sekali\n".replace(
            "-8,1234; 112,3456", '"-8,1234; 112,3456"'
        )
        + "3 Nov 2026;8°7'24\" LS 112°20'44\" BT;XL;sering putus, lemah\n"
        "3 Nov 2026;-8.1300 112.3500;XL;lancar\n",
    )
    rows, _ = read_measurements(path)
    assert rows["told"].tolist() == ["none", "weak", "strong"]
    assert rows["lat"].tolist() == pytest.approx([-8.1234, -8.12333, -8.13], abs=1e-4)
    assert rows["rsrp_dbm"].isna().all()


def test_speeds_with_units_and_decimal_commas(tmp_path: Path) -> None:
    path = write(tmp_path, 'lat,lon,unduh\n"-8,1","112,2","12,5 Mbps"\n-8.2,112.3,0\n-8.2,112.4,tidak ada sinyal\n')
    rows, _ = read_measurements(path)
    assert rows["mbit_s"].iloc[:2].tolist() == [12.5, 0]
    assert rows["told"].tolist() == [None, None, "none"]


def test_a_level_in_the_column_of_results_is_rsrp(tmp_path: Path) -> None:
    rows, _ = read_measurements(write(tmp_path, "lat,lon,sinyal\n-8.1,112.2,-104 dBm\n-8.1,112.2,kuat\n"))
    assert rows["rsrp_dbm"].iloc[0] == -104
    assert rows["told"].tolist() == [None, "strong"]


def test_what_cannot_be_used_is_set_aside_with_reason_and_row(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "lat,lon,rsrp\n-8.1,112.2,-90\n,112.2,-90\n0,0,-90\n-98.1,112.2,-90\n-8.1,112.2,90\n"
        "-8.1,112.2,-300\n-8.1,112.2,\n-8.1,112.2,mungkin\n",
    )
    rows, _ = read_measurements(path)
    assert rows["measurement_id"].tolist() == ["uji.csv:2"]
    notes = told(path)
    assert {code: (values["count"], values["rows"]) for code, values in notes.items()} == {
        "measurements.note.no_place": (2, "3, 4"),
        "measurements.note.out_of_range": (1, "5"),
        "measurements.note.impossible": (2, "6, 7"),
        "measurements.note.no_result": (2, "8, 9"),
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("tidak ada sinyal", "none"),
        ("Sinyal tidak ada", "none"),
        ("blank spot", "none"),
        ("No signal", "none"),
        ("tidak lancar", "weak"),
        ("kurang bagus", "weak"),
        ("sinyal tidak stabil", "weak"),
        ("lemah", "weak"),
        ("sering putus-putus", "weak"),
        ("lancar", "strong"),
        ("Kuat", "strong"),
    ],
)
def test_a_no_before_a_good_word_is_heard(tmp_path: Path, words: str, told: str) -> None:
    rows, _ = read_measurements(write(tmp_path, f"lat,lon,hasil\n-8.1,112.2,{words}\n"))
    assert rows["told"].tolist() == [told]


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("waktu,rsrp\n08:00,-90\n", ColumnError, "measurements.no_place"),
        ("lat,lon,catat\n-8.1,112.2,ok\n", ColumnError, "measurements.no_result"),
        ("lat,lon,rsrp\nx,y,-90\n", FileRefusedError, "measurements.nothing"),
    ],
)
def test_a_list_that_says_nothing_is_refused(tmp_path: Path, text: str, error: type[JangkauError], code: str) -> None:
    with pytest.raises(error) as refused:
        read_measurements(write(tmp_path, text))
    assert refused.value.code == code
    for language in LANGUAGES:
        assert "uji.csv" in Words(language).error(refused.value)
        assert "–" not in Words(language).error(refused.value)


@settings(max_examples=examples(80))
@given(rows=st.lists(st.tuples(*[st.text(max_size=12)] * 3), min_size=1, max_size=6))
def test_every_row_is_accepted_or_counted(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    import csv

    path = tmp_path / "acak.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("lat", "lon", "rsrp"), ("-8.1", "112.2", "-90"), *rows])
    try:
        found, notes = read_measurements(path)
    except JangkauError:
        return
    aside = sum(int(str(values["count"])) for code, values in notes if code.startswith("measurements.note"))
    assert len(found) + aside <= len(rows) + 1
    assert len(found) >= 1


def test_a_log_of_g_nettrack_has_rsrp_of_lte_and_nr_alone_and_neither_its_speed_nor_its_bit_rates(
    tmp_path: Path,
) -> None:
    """In the layouts of the app's text logs: how fast the phone moves is no speed of the network."""
    heads = (
        "Timestamp Longitude Latitude Speed Operatorname Operator CGI Cellname Node CellID LAC NetworkTech NetworkMode"
    )
    heads += " Level Qual SNR CQI LTERSSI ARFCN DL_bitrate UL_bitrate"
    rows = [
        f"2026.03.31_14.43.0{at} 112.2 -8.1 {speed} Telkomsel 51010 510-10-1-2 x 1 2 3 {tech} LTE {level} -12 5 9 -60 1850 0 0"
        for at, (speed, tech, level) in enumerate(
            [(0, "4G", -101), (31.5, "5G", -88), (42, "3G", -75), (12, "2G", -60)]
        )
    ]
    path = tmp_path / "Telkomsel_2026.03.31.txt"
    path.write_text("\n".join("\t".join(row.split(" ")) for row in [heads, *rows]), "utf-8")
    found, notes = read_measurements(path)
    assert found["rsrp_dbm"].tolist() == [-101, -88]
    assert found["mbit_s"].isna().all()
    assert found["told"].isna().all()
    assert (found["operator"] == "Telkomsel").all()
    assert found["time"].tolist() == ["2026-03-31T14:43:00", "2026-03-31T14:43:01"]
    assert [(code, values["count"]) for code, values in notes] == [("measurements.note.no_result", 2)]
