"""Many at once: no lost update, nobody fails, a backup is of one moment."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest

from coverage.base.errors import StoreError
from coverage.store import Change, Store, open_store
from tests.faults import trials
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets


def test_two_editors_who_always_meet_lose_nothing(url: str) -> None:
    tally = trials.two_editors(url, rows=20, edits=50)
    assert (tally.tried, tally.lost, tally.half_done) == (100, 0, 0)
    assert tally.notes["conflicts"] == 50  # each time one of the two is told


def test_without_versions_they_lose_half_of_what_they_write(url: str) -> None:
    """The defence taken out: what is refused is sent again as if nobody had written meanwhile."""
    tally = trials.two_editors(url, rows=5, edits=10, blindly=True)
    assert tally.lost >= 5


def test_twenty_writers_at_once_and_none_fails(url: str) -> None:
    tally = trials.many_writers(url, writers=20, saves=3)
    assert (tally.kept, tally.lost, tally.half_done) == (60, 0, 0)
    assert not {code for code in tally.notes if code.startswith("store.")}


def test_taking_the_lock_at_the_first_write_only_makes_writers_fail(sqlite_url: str) -> None:
    """The defence taken out: BEGIN instead of BEGIN IMMEDIATE, so that two who have read cannot both go on to write."""
    tally = trials.many_writers(sqlite_url, writers=8, saves=12, begin_late=True)
    assert tally.notes["store.busy"] > 0


def test_a_writer_who_never_gets_a_turn_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(sqlite_url)
    store.assets.add(make_assets({}), EDITOR)
    other = sqlite3.connect(sqlite_url, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("coverage.store.engine.LOCK_S", 0)
    with store.database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
    with pytest.raises(StoreError, match="store.busy"):
        store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR)
    assert list(store.assets.table()["version"]) == [1]  # reading goes on meanwhile
    other.execute("ROLLBACK")
    other.close()
    assert store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR) == 2
    store.close()


def keep_pairs_equal(url: str, stop: threading.Event) -> None:
    """Change two assets to the same note, again and again, each time in one change."""
    store = open_store(url)
    version = 1
    while not stop.is_set():
        store.assets.change_many(
            [Change(name, version, {"note": f"putaran {version}"}) for name in ("kiri", "kanan")], EDITOR
        )
        version += 1
    store.close()


def test_a_backup_taken_while_others_write_is_of_one_moment(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    store.assets.add(make_assets({"asset_id": "kiri"}, {"asset_id": "kanan"}), EDITOR)
    stop = threading.Event()
    writers = [threading.Thread(target=keep_pairs_equal, args=(url, stop))]
    for writer in writers:
        writer.start()
    versions = []
    try:
        for number in range(5):
            archive = tmp_path / f"{number}.zip"
            store.backups.make(archive, ADMIN)
            with zipfile.ZipFile(archive) as parts:
                parts.extract("jangkau.db", tmp_path / str(number))
            copy = open_store(str(tmp_path / str(number) / "jangkau.db"))
            pair = copy.assets.table(viewer=VIEWER)
            assert pair["note"].iloc[0] == pair["note"].iloc[1] or pair["note"].isna().all()
            assert trials.half_done(copy) == []
            versions.append(int(pair["version"].iloc[0]))
            copy.close()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert versions == sorted(versions)
    assert versions[-1] > versions[0]  # people went on writing meanwhile
    store.close()


def test_copying_the_file_instead_would_miss_what_was_saved(sqlite_url: str, tmp_path: Path) -> None:
    """The defence taken out: a plain copy of a database that is in use."""
    store = open_store(sqlite_url)
    store.assets.add(make_assets({}), EDITOR)
    shutil.copyfile(sqlite_url, tmp_path / "salinan.db")
    copy = open_store(str(tmp_path / "salinan.db"))
    assert copy.assets.table().empty
    copy.close()
    store.close()


def test_readers_see_one_state_while_others_write(url: str) -> None:
    store = open_store(url)
    store.assets.add(make_assets({"asset_id": "kiri"}, {"asset_id": "kanan"}), EDITOR)
    stop = threading.Event()
    writer = threading.Thread(target=keep_pairs_equal, args=(url, stop))
    writer.start()
    try:
        for _ in range(40):
            pair: Store | object = store.assets.table(viewer=VIEWER)
            assert pair["version"].nunique() == 1  # type: ignore[index]
    finally:
        stop.set()
        writer.join()
    store.close()
