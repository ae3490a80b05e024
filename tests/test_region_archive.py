"""A backup carries the regions' own files along: what was brought in with effort is not lost with the disk."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coverage.base.errors import FileRefusedError, PermissionDeniedError
from coverage.cli.app import app
from coverage.store import Actor
from coverage.store.region_archive import pack, unpack
from coverage.store.region_files import RegionFiles, active_code, choose_region

ADMIN = Actor("ani", "admin")


def bring(folder: Path, people: str, kind: str = "population") -> str:
    """A list of people per village, handed in; the name of its version."""
    source = folder / "dari-kantor.csv"
    source.write_text(people, "utf-8")
    return RegionFiles("3505", folder).put(kind, [source], {"title": "BPS"}, ADMIN).name  # type: ignore[arg-type]


def read(folder: Path, kind: str = "population") -> str | None:
    now = RegionFiles("3505", folder).current(kind)  # type: ignore[arg-type]
    return now.files[0].read_text("utf-8") if now else None


@pytest.fixture
def office(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    bring(folder, "lama")
    bring(folder, "baru")
    choose_region("3505", ADMIN, folder)
    return folder


def test_on_a_new_computer_everything_is_back_with_its_way_back(office: Path, tmp_path: Path) -> None:
    assert pack(tmp_path / "r.zip", office)
    fresh = tmp_path / "lain"
    unpack(tmp_path / "r.zip", ADMIN, fresh)
    assert (read(fresh), active_code(fresh)) == ("baru", "3505")
    about = RegionFiles("3505", fresh).current("population").about  # type: ignore[union-attr]
    assert (about["title"], about["added_by"]) == ("BPS", "ani")
    assert RegionFiles("3505", fresh).undo("population", ADMIN)
    assert read(fresh) == "lama"


def test_what_came_meanwhile_counts_no_more_and_can_be_had_again(office: Path, tmp_path: Path) -> None:
    pack(tmp_path / "r.zip", office)
    bring(office, "paling baru")
    bring(office, "kode", "crosswalk")
    unpack(tmp_path / "r.zip", ADMIN, office)
    assert (read(office), read(office, "crosswalk")) == ("baru", None)
    assert RegionFiles("3505", office).undo("crosswalk", ADMIN)
    assert read(office, "crosswalk") == "kode"


def test_without_files_there_is_nothing_to_carry(tmp_path: Path) -> None:
    assert not pack(tmp_path / "r.zip", tmp_path)
    assert not (tmp_path / "r.zip").exists()


def test_only_an_administrator_puts_back(office: Path, tmp_path: Path) -> None:
    pack(tmp_path / "r.zip", office)
    with pytest.raises(PermissionDeniedError):
        unpack(tmp_path / "r.zip", Actor("budi", "editor"), office)


def rewritten(source: Path, change: dict[str, bytes | None]) -> None:
    """The same file with other content; None leaves a part out."""
    with zipfile.ZipFile(source) as parts:
        kept = {name: parts.read(name) for name in parts.namelist()}
    with zipfile.ZipFile(source, "w") as parts:
        for name, content in {**kept, **change}.items():
            if content is not None:
                parts.writestr(name, content)


def test_a_damaged_or_hostile_file_is_refused_and_changes_nothing(office: Path, tmp_path: Path) -> None:
    good = tmp_path / "r.zip"
    pack(good, office)
    with zipfile.ZipFile(good) as parts:
        csv = next(name for name in parts.namelist() if name.endswith(".csv"))
    fresh = tmp_path / "lain"
    states = {"active": None, "regions": {"3505": {"people": {"now": "20260101T000000-00000000", "before": []}}}}
    for change in (
        {csv: b"diubah"},
        {csv: None},
        {"../../keluar.csv": b"x"},
        {"3505/people/x/y.csv": b"x"},
        {"states.json": None},
        {"states.json": b"[]"},
        {"states.json": json.dumps(states).encode()},
    ):
        bad = Path(shutil.copyfile(good, tmp_path / "b.zip"))
        rewritten(bad, change)  # type: ignore[arg-type]
        with pytest.raises(FileRefusedError):
            unpack(bad, ADMIN, fresh)
        assert list(fresh.rglob("*.*")) == []
    assert not (tmp_path / "keluar.csv").exists()


def test_backup_and_restore_on_the_command_line_bring_them_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner()
    (tmp_path / "data").mkdir()
    bring(tmp_path / "data", "baru")
    backup = tmp_path / "cadangan.zip"
    assert run.invoke(app, ["backup", str(backup)]).exit_code == 0
    shutil.rmtree(tmp_path / "data" / "regions")
    assert read(tmp_path / "data") is None
    assert run.invoke(app, ["restore", str(backup), "--yes"]).exit_code == 0
    assert read(tmp_path / "data") == "baru"
    rewritten(backup, {"regions.zip": b"rusak"})
    refused = run.invoke(app, ["restore", str(backup), "--yes"])
    assert isinstance(refused.exception, FileRefusedError)
    assert read(tmp_path / "data") == "baru"
