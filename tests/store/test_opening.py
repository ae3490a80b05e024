"""The store is made on first use, says what is wrong with it, and never shows an empty list for a missing one."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from coverage.base.errors import (
    DamagedStoreError,
    JangkauError,
    ParameterError,
    ReadOnlyStoreError,
    StoreError,
    UnavailableError,
)
from coverage.language.words import Words
from coverage.store import Store, data_folder, open_store
from coverage.store.engine import address
from tests.store.stores import EDITOR, VIEWER, make_assets


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that will be made read-only by :func:`lock`; root needs a disk of its own for that."""
    folder = tmp_path / "terkunci"
    folder.mkdir()
    if os.geteuid() == 0:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("root can write everywhere, and no disk can be mounted here")
    yield folder
    if os.geteuid() == 0:
        subprocess.run(["umount", "-l", folder], check=True)
    else:
        folder.chmod(stat.S_IRWXU)


def lock(folder: Path) -> None:
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    else:
        for path in (*folder.iterdir(), folder):
            path.chmod(path.stat().st_mode & ~0o222)


def test_the_store_is_made_on_first_use_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JANGKAU_DATABASE_URL", raising=False)
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data" / "kami"))
    open_store().close()
    assert [path.name for path in (tmp_path / "data" / "kami").iterdir()] == ["jangkau.db"]


def test_where_data_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert data_folder({"JANGKAU_DATA_DIR": "/srv/x"}) == Path("/srv/x")
    assert data_folder({}) == tmp_path / ".local" / "share" / "jangkau"
    monkeypatch.setenv("XDG_DATA_HOME", "/home/a/.data")
    assert data_folder({}) == Path("/home/a/.data/jangkau")


@pytest.mark.parametrize(
    ("system", "place"), [("darwin", "Library/Application Support/jangkau"), ("win32", "AppData/Local/jangkau")]
)
def test_the_folder_of_an_earlier_version_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, place: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", system)
    (tmp_path / place).mkdir(parents=True)
    assert data_folder({}) == tmp_path / place


def test_what_addresses_mean(tmp_path: Path) -> None:
    assert address("postgres://a:b@c/d").drivername == "postgresql+psycopg"
    assert address("postgresql://a:b@c/d").password == "b"
    assert address("sqlite:////srv/x.db").database == "/srv/x.db"
    assert address("x.db").database == "x.db"
    assert address(None, {"JANGKAU_DATABASE_URL": "postgresql://h/d"}).host == "h"
    for wrong in ("mysql://a:rahasia@c/d", "sqlite://", "http://x", "://", "postgresql://a:rahasia@c:port/d"):
        with pytest.raises(ParameterError) as refused:
            address(wrong)
        assert "rahasia" not in str(refused.value)


def test_sqlite_is_set_so_that_a_power_cut_costs_nothing(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.database.engine.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
        }
    store.close()
    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "trusted_schema": 0,
    }


def test_two_programs_that_start_at_once_make_one_store(tmp_path: Path) -> None:
    stores: list[Store] = []
    threads = [
        threading.Thread(target=lambda: stores.append(open_store(str(tmp_path / "jangkau.db")))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 6
    stores[0].assets.add(make_assets({}), EDITOR)
    assert [len(store.assets.table()) for store in stores] == [1] * 6
    for store in stores:
        store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["jangkau.db"]


def test_a_read_only_folder_shows_what_is_there_and_refuses_to_change_it(locked: Path) -> None:
    store = open_store(str(locked / "jangkau.db"))
    store.assets.add(make_assets({}), EDITOR)
    store.close()
    lock(locked)
    store = open_store(str(locked / "jangkau.db"))
    assert (store.database.writable, store.database.missing) == (False, False)
    assert list(store.assets.table()["asset_id"]) == ["wifi-1"]
    assert store.history.of("wifi-1", VIEWER)
    with pytest.raises(ReadOnlyStoreError, match="store.read_only"):
        store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR)
    store.close()


def test_a_read_only_folder_with_changes_still_in_the_log_shows_those_too(locked: Path) -> None:
    """A file opened as immutable would leave out what waits in the log: an old list shown as the present one."""
    store = open_store(str(locked / "jangkau.db"))
    store.assets.add(make_assets({}), EDITOR)
    copies = {path.name: path.read_bytes() for path in locked.iterdir()}
    store.close()
    for name, content in copies.items():
        (locked / name).write_bytes(content)
    assert (locked / "jangkau.db-wal").stat().st_size
    (locked / "jangkau.db-shm").unlink()
    lock(locked)
    uri = f"{(locked / 'jangkau.db').as_uri()}?mode=ro&immutable=1"
    with sqlite3.connect(uri, uri=True) as naive:
        assert naive.execute("SELECT count(*) FROM assets").fetchone() == (0,)
    naive.close()
    store = open_store(str(locked / "jangkau.db"))
    assert list(store.assets.table()["asset_id"]) == ["wifi-1"]
    store.close()


@pytest.mark.parametrize("inside", ["jangkau.db", "belum/ada/jangkau.db"])
def test_no_store_in_a_read_only_folder_is_told_and_not_shown_as_an_empty_list(locked: Path, inside: str) -> None:
    lock(locked)
    store = open_store(str(locked / inside))
    assert (store.database.writable, store.database.missing) == (False, True)
    assert store.assets.table().empty
    with pytest.raises(ReadOnlyStoreError):
        store.assets.add(make_assets({}), EDITOR)
    for language in ("id", "en"):
        assert Words(language).has("store.missing")  # type: ignore[arg-type]
    store.close()


def test_an_empty_file_is_damage_not_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "jangkau.db").touch()
    with pytest.raises(DamagedStoreError, match="store.damaged"):
        open_store(str(tmp_path / "jangkau.db"))


@pytest.mark.parametrize("content", [b"bukan basis data" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jangkau.db").write_bytes(content)
    with pytest.raises(DamagedStoreError):
        open_store(str(tmp_path / "jangkau.db"))
    assert (tmp_path / "jangkau.db").read_bytes() == content


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(UnavailableError) as refused:
        open_store("postgresql://jangkau:rahasia@127.0.0.1:1/inventaris")
    told = Words("id").error(refused.value)
    assert "127.0.0.1" in told
    assert "inventaris" in told
    assert "rahasia" not in told + repr(refused.value) + repr(refused.value.__cause__)


def test_a_postgres_account_that_may_only_read_opens_the_store_for_reading(postgis_url: str) -> None:
    store = open_store(postgis_url)
    store.assets.add(make_assets({}), EDITOR)
    role = f"pembaca_{os.getpid()}"
    with store.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
        connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    reading = open_store(sa.make_url(postgis_url).set(username=role, password="x").render_as_string(False))
    assert not reading.database.writable
    assert list(reading.assets.table()["asset_id"]) == ["wifi-1"]
    with pytest.raises(ReadOnlyStoreError):
        reading.assets.change("wifi-1", 1, {"note": "x"}, EDITOR)
    reading.close()
    with store.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"DROP ROLE {role}")
    store.close()


def every_code() -> set[str]:
    import re

    folder = Path(__file__).parents[2] / "coverage" / "store"
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    codes = set(re.findall(r'Error\(\s*"(store\.\w+)"', text))
    return codes | {f"store.{kind}" for kind in ("busy", "full", "damaged", "read_only", "no_file", "input_output")}


@pytest.mark.parametrize("code", sorted(every_code()))
def test_every_refusal_has_a_sentence_and_a_remedy_in_both_languages(code: str) -> None:
    for language in ("id", "en"):
        words = Words(language)  # type: ignore[arg-type]
        assert words.has(f"error.{code}.message")
        assert words.has(f"error.{code}.remedy")
    assert isinstance(StoreError(code), JangkauError)
