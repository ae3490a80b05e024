"""A rename while somebody reads: tried again where Windows says that the file is held."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from coverage.base.errors import StoreError
from coverage.store import Actor, open_store, replacing
from coverage.store.backup import restore_in_place
from coverage.store.region_files import RegionFiles
from coverage.store.replacing import put_in_place


def held(error: int) -> PermissionError:
    """What ``os.replace`` raises on Windows while another program has the file open."""
    made = PermissionError(13, "Access is denied")
    made.winerror = error  # type: ignore[attr-defined]
    return made


def failing(times: int, error: PermissionError) -> Callable[[Path, Path], None]:
    real, left = os.replace, [times]

    def replace(made: Path, place: Path) -> None:
        if left[0]:
            left[0] -= 1
            raise error
        real(made, place)

    return replace


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing, "WAITS_S", (0.0, 0.0, 0.0))


def test_a_file_that_is_read_for_a_moment_is_replaced_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "baru").write_text("baru")
    monkeypatch.setattr(os, "replace", failing(3, held(32)))
    put_in_place(tmp_path / "baru", tmp_path / "lama")
    assert (tmp_path / "lama").read_text() == "baru"


def test_without_trying_again_it_would_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "baru").write_text("baru")
    monkeypatch.setattr(replacing, "WAITS_S", ())
    monkeypatch.setattr(os, "replace", failing(1, held(32)))
    with pytest.raises(PermissionError):
        put_in_place(tmp_path / "baru", tmp_path / "lama")


def test_what_may_not_be_written_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", failing(1, PermissionError(13, "Permission denied")))
    with pytest.raises(PermissionError):
        put_in_place(tmp_path / "baru", tmp_path / "lama")


def test_a_version_of_a_region_is_kept_while_its_folder_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "penduduk.csv"
    table.write_text("kode_bps,penduduk\n3505030003,1000\n")
    monkeypatch.setattr(os, "replace", failing(2, held(5)))
    files = RegionFiles("3505", tmp_path / "data")
    assert files.current("population") is None
    assert files.put("population", [table], {}, Actor("ani", "editor")) == files.current("population")


def test_everything_that_is_renamed_goes_this_way() -> None:
    root = Path(replacing.__file__).parents[1]
    found = sorted(path.name for path in root.rglob("*.py") if "os.replace(" in path.read_text("utf-8"))
    assert found == ["replacing.py"]


def test_a_restore_while_the_app_holds_the_file_is_refused_and_moves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = Actor("ani", "admin")
    store = open_store(str(tmp_path / "jangkau.db"))
    store.backups.make(tmp_path / "cadangan.zip", admin)
    store.close()
    place = tmp_path / "rusak"
    place.mkdir()
    (place / "jangkau.db").write_bytes(b"rusak" * 1000)
    (place / "jangkau.db-wal").write_bytes(b"log")
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    monkeypatch.setattr(os, "replace", failing(9, held(32)))
    with pytest.raises(StoreError):
        restore_in_place(tmp_path / "cadangan.zip", place / "jangkau.db", admin)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    monkeypatch.undo()
    aside = restore_in_place(tmp_path / "cadangan.zip", place / "jangkau.db", admin)
    assert aside is not None
    assert aside.read_bytes() == before["jangkau.db"]
    open_store(str(place / "jangkau.db")).close()
