"""A backup holds everything, goes back into either kind of database, and only as a whole."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from coverage.base.errors import DamagedStoreError, FileRefusedError, StoreError
from coverage.store import Store, open_store, restore_store
from coverage.store.models import NOT_IN_BACKUPS, metadata
from tests.store.stores import ADMIN, EDITOR, VIEWER, asked_at, make_assets
from tests.store.test_archive import evidence


@pytest.fixture
def full(three: Store) -> Store:
    """A store with something of everything."""
    three.assets.change("wifi-1", 1, {"status": "damaged", "photos": "https://foto.example/1.jpg"}, EDITOR, "petir")
    three.imports.add_assets(make_assets({"asset_id": "baru"}), "daftar.csv", EDITOR)
    three.evidence.add(evidence("a.csv:1"), EDITOR)
    three.runs.save("3505", {"run_id": "r1"}, {"t": pd.DataFrame({"n": [1]})}, "hitungan", EDITOR)
    three.scenarios.save("3505", "rencana", make_assets({}), EDITOR)
    three.proposals.add([asked_at("3505060010")], EDITOR)
    three.accounts.add("adi", "admin", "kopi tubruk panas", ADMIN)
    three.accounts.sign_in("adi", "kopi tubruk panas")
    return three


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.database.reading() as connection:
        return {
            table.name: sorted(
                (
                    tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                    for row in connection.execute(sa.select(table))
                ),
                key=repr,
            )
            for table in metadata.sorted_tables
            if table not in (*NOT_IN_BACKUPS, metadata.tables["state"])
        }


@pytest.mark.parametrize("other", ["sqlite_url", "postgis_url"])
def test_a_backup_goes_back_into_either_kind_of_database(
    full: Store, other: str, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept = everything(full)
    manifest = full.backups.make(tmp_path / "cadangan.zip", ADMIN)
    assert (manifest.assets, manifest.lines) == (4, 5)
    target = str(request.getfixturevalue(other))
    store = full if target == url else open_store(target)
    store.assets.add(make_assets({"asset_id": "akan-hilang"}), EDITOR)
    revision = store.assets.revision()
    store.backups.restore(tmp_path / "cadangan.zip", ADMIN)
    back = everything(store)
    journal = back.pop("journal")
    assert {**back, "journal": [line for line in journal if line[3] != "restore"]} == kept
    assert [line[2:5] for line in journal if line[3] == "restore"] == [("adi", "restore", "cadangan.zip")]
    assert store.assets.revision() > revision  # what was computed before is older
    assert store.assets.change("wifi-1", 2, {"note": "lanjut"}, EDITOR) == 3
    assert store.accounts.signed_in(store.accounts.sign_in("adi", "kopi tubruk panas"))
    if store is not full:
        store.close()


def test_nobody_is_signed_in_by_a_backup(full: Store, tmp_path: Path) -> None:
    token = full.accounts.sign_in("adi", "kopi tubruk panas")
    full.backups.make(tmp_path / "a.zip", ADMIN)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extract("jangkau.db", tmp_path / "isi")
    inside = sqlite3.connect(tmp_path / "isi" / "jangkau.db")
    assert inside.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    inside.close()
    full.backups.restore(tmp_path / "a.zip", ADMIN)
    assert full.accounts.signed_in(token) is None


def test_what_was_there_before_is_kept_where_it_is_asked_for(full: Store, tmp_path: Path) -> None:
    full.backups.make(tmp_path / "a.zip", ADMIN)
    full.assets.change("wifi-1", 2, {"note": "sesudah cadangan"}, EDITOR)
    full.backups.restore(tmp_path / "a.zip", ADMIN, keep=tmp_path / "sebelum.zip")
    assert pd.isna(full.assets.one("wifi-1").iloc[0]["note"])
    full.backups.restore(tmp_path / "sebelum.zip", ADMIN)
    assert full.assets.one("wifi-1").iloc[0]["note"] == "sesudah cadangan"


def test_backing_up_leaves_nothing_else_in_the_folder(full: Store, tmp_path: Path) -> None:
    folder = tmp_path / "arsip"
    folder.mkdir()
    full.backups.make(folder / "a.zip", ADMIN)
    full.backups.make(folder / "a.zip", ADMIN)
    assert [path.name for path in folder.iterdir()] == ["a.zip"]
    with pytest.raises(StoreError, match="store.cannot_write_there"):
        full.backups.make(tmp_path / "tidak ada" / "a.zip", ADMIN)


def break_it(archive: Path, how: str) -> None:
    content = archive.read_bytes()
    with zipfile.ZipFile(archive) as parts:
        manifest, database = parts.read("manifest.json"), parts.read("jangkau.db")
        packed = parts.getinfo("jangkau.db")
    if how == "torn":
        archive.write_bytes(content[: len(content) // 2])
    elif how == "a bit flipped":
        at = packed.header_offset + packed.compress_size // 2  # in the database itself
        archive.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    elif how == "not a zip":
        archive.write_bytes(b"bukan cadangan")
    else:
        said = json.loads(manifest)
        names = {"jangkau.db": database, "manifest.json": manifest}
        if how == "another database inside":
            names["jangkau.db"] = database[:-1] + bytes([database[-1] ^ 1])
        elif how == "a file too many":
            names["../../etc/jahat"] = b"x"
        elif how == "of a newer program":
            names["manifest.json"] = json.dumps(said | {"format": 2}).encode()
        elif how == "a manifest of something else":
            names["manifest.json"] = b"[1, 2]"
        with zipfile.ZipFile(archive, "w") as parts:
            for name, part in names.items():
                parts.writestr(name, part)


@pytest.mark.parametrize(
    "how",
    [
        "torn",
        "a bit flipped",
        "not a zip",
        "another database inside",
        "a file too many",
        "of a newer program",
        "a manifest of something else",
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_changes_nothing(full: Store, tmp_path: Path, how: str) -> None:
    full.backups.make(tmp_path / "a.zip", ADMIN)
    break_it(tmp_path / "a.zip", how)
    before = everything(full)
    with pytest.raises(FileRefusedError):
        full.backups.restore(tmp_path / "a.zip", ADMIN)
    assert everything(full) == before
    assert {path.suffix for path in tmp_path.iterdir()} <= {".zip", ".db", ".db-wal", ".db-shm"}


def test_a_backup_that_is_not_there_is_told(full: Store, tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="store.no_backup_file"):
        full.backups.restore(tmp_path / "lupa.zip", ADMIN)


def test_what_somebody_slipped_into_a_backup_stays_behind(sqlite_url: str, tmp_path: Path) -> None:
    """A trigger in the archive's own tables would run at every save; rows are copied, tables are ours."""
    import hashlib

    store = open_store(sqlite_url)
    store.assets.add(make_assets({}), EDITOR)
    store.backups.make(tmp_path / "a.zip", ADMIN)
    with zipfile.ZipFile(tmp_path / "a.zip") as parts:
        parts.extractall(tmp_path / "isi")
    inside = sqlite3.connect(tmp_path / "isi" / "jangkau.db")
    inside.execute("CREATE TRIGGER jahat AFTER INSERT ON journal BEGIN DELETE FROM users; END")
    inside.commit()
    inside.close()
    database = (tmp_path / "isi" / "jangkau.db").read_bytes()
    manifest = json.loads((tmp_path / "isi" / "manifest.json").read_text("utf-8"))
    manifest |= {"bytes": len(database), "sha256": hashlib.sha256(database).hexdigest()}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as parts:
        parts.writestr("jangkau.db", database)
        parts.writestr("manifest.json", json.dumps(manifest))
    store.backups.restore(tmp_path / "a.zip", ADMIN)
    with store.database.reading() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    assert "jahat" not in names
    assert "asset_history_no_update" in names
    store.close()


def test_a_damaged_file_is_set_aside_and_the_backup_put_in_its_place(sqlite_url: str, tmp_path: Path) -> None:
    store = open_store(sqlite_url)
    store.assets.add(make_assets({}), EDITOR)
    archive = tmp_path / "a.zip"
    store.backups.make(archive, ADMIN)
    store.close()
    file = Path(sqlite_url)
    file.write_bytes(b"\x00" * 4096)
    with pytest.raises(DamagedStoreError):
        open_store(sqlite_url)
    aside = restore_store(sqlite_url, archive, ADMIN)
    assert aside is not None
    assert aside.read_bytes() == b"\x00" * 4096
    store = open_store(sqlite_url)
    assert list(store.assets.table(viewer=VIEWER)["asset_id"]) == ["wifi-1"]
    store.close()


def test_a_backup_makes_a_store_where_there_was_none(full: Store, tmp_path: Path) -> None:
    full.backups.make(tmp_path / "a.zip", ADMIN)
    fresh = tmp_path / "kantor baru" / "jangkau.db"
    assert restore_store(str(fresh), tmp_path / "a.zip", ADMIN) is None
    store = open_store(str(fresh))
    assert len(store.assets.table(viewer=VIEWER)) == 4
    store.close()


def test_a_backup_of_an_older_form_is_brought_up_to_date(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    from tests.store.test_migrations import move

    store = open_store(sqlite_url)
    store.assets.add(make_assets({"photos": "https://foto.example/1.jpg"}), EDITOR)
    store.backups.make(tmp_path / "a.zip", ADMIN)
    store.close()
    with zipfile.ZipFile(tmp_path / "a.zip") as parts:
        parts.extractall(tmp_path / "isi")
    move(str(tmp_path / "isi" / "jangkau.db"), "0001")
    database = (tmp_path / "isi" / "jangkau.db").read_bytes()
    manifest = json.loads((tmp_path / "isi" / "manifest.json").read_text("utf-8"))
    manifest |= {"bytes": len(database), "sha256": hashlib.sha256(database).hexdigest(), "revision": "0001"}
    with zipfile.ZipFile(tmp_path / "lama.zip", "w") as parts:
        parts.writestr("jangkau.db", database)
        parts.writestr("manifest.json", json.dumps(manifest))
    store = open_store(sqlite_url)
    store.backups.restore(tmp_path / "lama.zip", ADMIN)
    assert store.assets.one("wifi-1").iloc[0]["photos"] == "https://foto.example/1.jpg"
    store.close()
