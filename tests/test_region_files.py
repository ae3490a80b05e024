"""The files a region keeps: which one counts, the way back, who may, and what a killed process leaves."""

import json
from pathlib import Path

import pytest

from coverage.base.errors import FileRefusedError, ParameterError, PermissionDeniedError, UnavailableError
from coverage.run.inputs import load_inputs
from coverage.store import Actor
from coverage.store.region_files import RegionFiles, active_code, choose_region, files_of, region_codes, revision

EDITOR = Actor("ani", "editor")
PEOPLE = "kode_bps,penduduk\n3505030003,1000\n3505030004,2000\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "penduduk.csv"
    path.write_text(PEOPLE)
    return path


def test_nothing_kept_means_what_ships(home: Path) -> None:
    files = files_of(None)
    assert files is not None
    assert (files.code, files.current("people"), files.before("people")) == ("3505", None, [])
    assert not home.exists()


def test_a_file_brought_in_counts_and_can_be_taken_back(home: Path, table: Path) -> None:
    files = RegionFiles("3505")
    first = files.put("population", [table], {"title": "Dukcapil"}, EDITOR)
    assert [path.name for path in first.files] == ["penduduk_desa.csv"]
    assert first.files[0].read_text() == PEOPLE
    assert first.about["added_by"] == "ani"
    second = files.put("population", [table], {"title": "Sensus"}, EDITOR)
    assert files.current("population") == second
    assert files.undo("population", EDITOR)
    assert files.current("population") == first
    assert files.undo("population", EDITOR)
    assert files.current("population") is None
    assert not files.undo("population", EDITOR)


def test_removing_can_be_taken_back_too(home: Path, table: Path) -> None:
    files = RegionFiles("3505")
    version = files.put("population", [table], {}, EDITOR)
    files.remove("population", EDITOR)
    assert files.current("population") is None
    files.undo("population", EDITOR)
    assert files.current("population") == version


def test_a_staged_version_does_not_count_until_it_is_used(home: Path, table: Path) -> None:
    files = RegionFiles("3505")
    version = files.stage("population", [table], {}, EDITOR)
    assert files.current("population") is None
    files.use(version, EDITOR)
    files.use(version, EDITOR)
    assert files.before("population") == [None]


@pytest.mark.parametrize("role", ["anonymous", "viewer"])
def test_whoever_may_not_bring_lists_in_changes_nothing(home: Path, table: Path, role: str) -> None:
    files, who = RegionFiles("3505"), Actor("x", role)
    kept = files.put("population", [table], {}, EDITOR)
    for change in (
        lambda: files.put("population", [table], {}, who),
        lambda: files.undo("population", who),
        lambda: files.remove("population", who),
        lambda: files.use(kept, who),
        lambda: choose_region("3271", who),
    ):
        with pytest.raises(PermissionDeniedError):
            change()
    assert files.current("population") == kept
    assert active_code() is None


def test_every_change_makes_a_new_revision(home: Path, table: Path) -> None:
    files, seen = RegionFiles("3505"), [revision()]
    files.put("population", [table], {}, EDITOR)
    seen.append(revision())
    files.remove("population", EDITOR)
    seen.append(revision())
    choose_region("3505", EDITOR)
    seen.append(revision())
    assert len(set(seen)) == 4


@pytest.mark.parametrize("code", ["", "35", "../..", "3505x", "35.0", "35/05", "3505\n"])
def test_only_the_code_of_a_regency_becomes_a_folder(home: Path, code: str) -> None:
    with pytest.raises(ParameterError):
        RegionFiles(code)


def test_a_name_of_a_version_is_never_a_path(home: Path) -> None:
    with pytest.raises(FileRefusedError):
        RegionFiles("3505").version("people", "../../secret")


def test_an_ending_of_another_kind_is_refused(home: Path, table: Path) -> None:
    with pytest.raises(FileRefusedError) as caught:
        RegionFiles("3505").put("elevation", [table], {}, EDITOR)
    assert caught.value.code == "region_files.wrong_ending"


def test_a_land_cover_that_the_region_keeps_counts_in_a_run(home: Path, tmp_path: Path) -> None:
    cover = tmp_path / "ESA_WorldCover_10m_2021_v200_S09E111_Map.tif"
    cover.write_bytes(b"tiles")
    kept = RegionFiles("3505").put("clutter", [cover], {"title": "ESA WorldCover", "dated": "2021"}, EDITOR)
    found = load_inputs("3505")
    assert found.clutter == kept.files
    assert found.files["tutupan_lahan.tif"] == kept.about["sha256"]["tutupan_lahan.tif"]


def test_a_half_written_version_is_never_seen(home: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RegionFiles("3505")
    kept = files.put("population", [table], {}, EDITOR)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coverage.store.region_files._flush", full)
    with pytest.raises(UnavailableError):
        files.put("population", [table], {}, EDITOR)
    monkeypatch.undo()
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(home))
    assert files.current("population") == kept


def test_a_run_takes_what_the_region_keeps(home: Path, tmp_path: Path) -> None:
    before = load_inputs()
    own = tmp_path / "own.csv"
    codes = before.villages["village_code_bps"]
    own.write_text("kode_bps,penduduk\n" + "".join(f"{code},1000\n" for code in codes))
    RegionFiles("3505").put("population", [own], {}, EDITOR)
    after = load_inputs()
    assert after.villages["population"].eq(1000).all()
    assert (before.population_estimated, after.population_estimated) == (True, False)
    assert "penduduk_desa.csv" in after.files


def test_a_region_of_ones_own_is_named_by_its_code(home: Path, shared: Path) -> None:
    assert set(load_inputs("3271").villages["boundary_quality"]) == {"approximate"}
    RegionFiles("3271").put("boundaries", [shared / "bogor" / "villages_bps_2020.geojson"], {}, EDITOR)
    assert region_codes() == ["3271"]
    found = load_inputs("3271")
    assert (len(found.villages), found.assets, found.evidence) == (68, None, None)
    choose_region("3271", EDITOR)
    assert len(load_inputs().villages) == 68
    assert len(load_inputs("3505").villages) == 248


def test_a_file_that_is_given_stands_for_itself(home: Path, shared: Path, table: Path) -> None:
    bogor = shared / "bogor" / "villages_bps_2020.geojson"
    RegionFiles("3271").put("population", [table], {}, EDITOR)
    assert load_inputs(bogor).villages["population"].isna().all()


def test_without_the_official_list_if_that_was_removed(home: Path) -> None:
    assert load_inputs().evidence is not None
    RegionFiles("3505").put("evidence", [], {}, EDITOR)
    assert load_inputs().evidence is None


def test_a_damaged_record_is_told_not_passed_over(home: Path, table: Path) -> None:
    files = RegionFiles("3505")
    files.put("population", [table], {}, EDITOR)
    record = home / "regions" / "3505" / "population" / "current.json"
    record.write_text(json.dumps({"now": 3})[:-2])
    with pytest.raises(Exception, match=r"region_files\.damaged"):
        files.current("population")
