"""Official lists, complaints and field tests, by village or by position."""

from contextlib import closing
from pathlib import Path

import pytest

from coverage.cli.app import run
from coverage.errors import ColumnError
from coverage.imports import Region, read, read_region
from coverage.imports.columns import guess_columns
from coverage.imports.reported import Reported, read_reports
from coverage.store import Actor, open_store

FIELDS = ("lat", "lon", "coordinates", "claim", "installed_on")


@pytest.fixture(scope="module")
def blitar() -> Region:
    return read_region("3505")


def reports(tmp_path: Path, text: str, region: Region, kind: str = "complaint", **more: str) -> Reported:
    (tmp_path / "laporan 2024.csv").write_text(text, "utf-8")
    raw = read(tmp_path / "laporan 2024.csv")
    found = read_reports(raw, guess_columns(raw, FIELDS), region, kind, **more)  # type: ignore[arg-type]
    assert found.rows == len(found.accepted) + len(found.refused)
    return found


def test_complaints_are_matched_by_village_and_unknown_ones_set_aside(tmp_path: Path, blitar: Region) -> None:
    found = reports(tmp_path, "desa,kecamatan,kondisi sinyal,tanggal\nKaulon,Sutojayan,lemah,2024-05-01\n"
                              "Atlantis,Sutojayan,lemah,2024-05-01\nKaulon,Sutojayan,aneh,2024-05-01\n", blitar)
    assert found.accepted[["village_code_bps", "claimed_state", "date"]].values.tolist() == [
        ["3505060010", "weak", "2024-05-01"]]
    assert found.refused["code"].tolist() == ["import.unknown_village", "import.unknown_claim"]


def test_field_tests_are_matched_by_position(tmp_path: Path, blitar: Region) -> None:
    found = reports(tmp_path, "titik,lat,lon,sinyal\n1,-8.1355,112.2245,tidak ada sinyal\n2,-7.0,112.2,baik\n"
                              "3,0,0,baik\n", blitar, "field_test")
    assert found.accepted["claimed_state"].tolist() == ["blank"]
    assert found.accepted["village_code_bps"].str.startswith("3505").all()
    assert found.refused["code"].tolist() == ["import.no_village", "import.zero"]


def test_without_a_claim_it_is_asked_for(tmp_path: Path, blitar: Region) -> None:
    with pytest.raises(ColumnError, match=r"imports\.no_claim"):
        reports(tmp_path, "desa,kecamatan\nKaulon,Sutojayan\n", blitar)
    assert reports(tmp_path, "desa,kecamatan\nKaulon,Sutojayan\n", blitar, claim="weak").accepted[
        "claimed_state"].tolist() == ["weak"]


def test_the_official_list_of_seven_goes_in_by_the_command(
        shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    assert run(["evidence", "import", str(shared / "blitar" / "official_blankspots_2023.csv"), "--date", "2023"]) == 0
    with closing(open_store()) as store:
        kept = store.evidence(viewer=Actor("ani", "viewer"))
    assert len(kept) == 7
    assert set(kept["claimed_state"]) == {"blank"}
    assert run(["evidence", "import", str(tmp_path / "tidak ada.csv")]) == 1
