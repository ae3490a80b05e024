"""Disk full, file damaged: old data intact, noticed, told, and put right."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from coverage.base.errors import DamagedStoreError, StoreError
from coverage.language.words import Words
from coverage.store import open_store, opening, restore_store
from tests.faults import trials
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("no small disk can be mounted here; the same is tried with a limit on the file's pages")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill_up(store: object, asset_id: str = "wifi-1") -> int:
    """Save until the disk is full; the last version that was kept."""
    version = 1
    with pytest.raises(StoreError) as refused:
        for turn in range(5000):
            version = store.assets.change(asset_id, version, {"note": f"{turn} " + "x" * 1900}, EDITOR)  # type: ignore[attr-defined]
    assert refused.value.code == "store.full"
    told = Words("id").error(refused.value)
    assert "tidak tersimpan" in told
    assert "Kosongkan ruang" in told
    return version


def test_on_a_full_disk_old_data_stay_and_saving_goes_on_when_there_is_room(small_disk: Path) -> None:
    store = open_store(str(small_disk / "jangkau.db"))
    store.assets.add(make_assets({}, {}), EDITOR)
    ballast = small_disk / "lain-lain"
    ballast.write_bytes(b"\x00" * 600_000)
    version = fill_up(store)
    assert int(store.assets.one("wifi-1").iloc[0]["version"]) == version
    assert len(store.history.of("wifi-1", VIEWER)) == version
    with pytest.raises(StoreError, match="store.full"):
        store.imports.add_assets(
            make_assets(*({"asset_id": f"b-{n}", "note": "x" * 1900} for n in range(400))), "a.csv", EDITOR
        )
    with pytest.raises(StoreError, match="store.full"):
        store.backups.make(small_disk / "cadangan.zip", ADMIN)
    assert {path.name for path in small_disk.iterdir()} <= {
        "jangkau.db",
        "jangkau.db-wal",
        "jangkau.db-shm",
        "lain-lain",
    }
    assert len(store.assets.table(viewer=VIEWER)) == 2
    ballast.unlink()
    assert store.assets.change("wifi-1", version, {"note": "ada ruang lagi"}, EDITOR) == version + 1
    store.close()
    again = open_store(str(small_disk / "jangkau.db"))
    assert trials.half_done(again) == []
    again.close()


def test_rewriting_a_list_in_place_on_a_full_disk_loses_it(small_disk: Path) -> None:
    """What the store is there instead of: a list written anew at every save."""
    frame = make_assets(*({"note": "x" * 900} for _ in range(400)))
    file = small_disk / "daftar.csv"
    frame.to_csv(file)
    (small_disk / "lain-lain").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    before = file.read_bytes()
    with pytest.raises(OSError, match="space"):
        make_assets(*({"note": "y" * 1900} for _ in range(400))).to_csv(file)
    assert file.read_bytes() != before
    assert len(file.read_text("utf-8", errors="replace")) < len(frame) * 1900


def test_a_full_file_is_told_where_no_disk_can_be_mounted(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store.assets.add(make_assets({}), EDITOR)

    @event.listens_for(store.database.engine, "begin")
    def _limit(connection: sa.Connection) -> None:
        connection.connection.driver_connection.execute("PRAGMA max_page_count = 80")  # type: ignore[union-attr]

    version = fill_up(store)
    assert len(store.history.of("wifi-1", VIEWER)) == version
    store.close()
    again = open_store(sqlite_url)
    assert trials.half_done(again) == []
    assert again.assets.change("wifi-1", version, {"note": "lanjut"}, EDITOR) == version + 1
    again.close()


def test_a_full_postgres_says_so_and_keeps_what_it_had(postgis_url: str) -> None:
    """The server's own words for a full disk (53100), said by a trigger in the middle of the save."""
    store = open_store(postgis_url)
    store.assets.add(make_assets({}), EDITOR)
    with store.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "CREATE FUNCTION penuh() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        connection.exec_driver_sql("CREATE TRIGGER penuh BEFORE UPDATE ON assets EXECUTE FUNCTION penuh()")
    with pytest.raises(StoreError, match="store.full"):
        store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR)
    assert len(store.history.of("wifi-1", VIEWER)) == 1
    with store.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("DROP TRIGGER penuh ON assets")
    assert store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR) == 2
    store.close()


@pytest.fixture
def template(sqlite_template: Path, tmp_path: Path) -> Path:
    """A closed store with forty assets and some history."""
    path = Path(shutil.copyfile(sqlite_template, tmp_path / "utuh.db"))
    store = open_store(str(path))
    store.assets.add(
        make_assets(
            *(
                {"note": f"catatan tentang titik nomor {n}", "photos": f"https://foto.example/{n}.jpg"}
                for n in range(40)
            )
        ),
        EDITOR,
    )
    for n in range(1, 21):
        store.assets.change(f"wifi-{n}", 1, {"status": "damaged", "note": "tersambar petir di musim hujan"}, EDITOR)
    store.close()
    folder = tmp_path / "percobaan"
    folder.mkdir()
    return path


def test_a_flipped_bit_is_noticed_at_the_start_or_changes_nothing(template: Path, tmp_path: Path) -> None:
    tally = trials.flip_bits(template, tmp_path / "percobaan", 150)
    assert tally.notes["silent"] == 0, tally.notes
    assert tally.notes["store.damaged"] + tally.notes["store.damaged_asset"] > 10


def test_sqlites_own_check_alone_lets_flipped_bits_slip_in(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence taken out: no sums over the lines, no comparing of assets with their last line."""
    monkeypatch.setattr(opening, "check_contents", lambda *_: None)
    tally = trials.flip_bits(template, tmp_path / "percobaan", 150)
    assert tally.notes["silent"] > 10


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_noticed(template: Path, share: float) -> None:
    content = template.read_bytes()
    template.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DamagedStoreError):
        open_store(str(template))


@pytest.mark.parametrize("how", ["a page of zeros", "another letter in a name", "a role raised by hand"])
def test_a_damaged_store_is_restored_in_less_than_five_minutes(template: Path, tmp_path: Path, how: str) -> None:
    store = open_store(str(template))
    store.backups.make(tmp_path / "cadangan.zip", ADMIN)
    kept = trials.kept_of(store)
    store.close()
    content = bytearray(template.read_bytes())
    if how == "a page of zeros":
        content[8192:12288] = bytes(4096)
    elif how == "another letter in a name":
        at = bytes(content).index(b"Titik 7")
        content[at : at + 5] = b"Titip"
    else:
        at = bytes(content).rindex(b'"status":"damaged"')
        content[at : at + 18] = b'"status":"planned"'
    template.write_bytes(content)
    with pytest.raises(DamagedStoreError) as noticed:
        open_store(str(template))
    assert "jangkau restore" in Words("id").error(noticed.value)
    start = time.monotonic()
    aside = restore_store(str(template), tmp_path / "cadangan.zip", ADMIN)
    assert time.monotonic() - start < 300
    assert aside is not None
    assert aside.read_bytes() == bytes(content)
    store = open_store(str(template))
    assert trials.kept_of(store) == kept
    store.close()


def test_a_damaged_store_is_not_backed_up_over_a_good_backup(template: Path, tmp_path: Path) -> None:
    store = open_store(str(template))
    store.backups.make(tmp_path / "cadangan.zip", ADMIN)
    good = (tmp_path / "cadangan.zip").read_bytes()
    raw = sqlite3.connect(template)
    raw.execute("DROP TRIGGER asset_history_no_update")
    raw.execute("UPDATE asset_history SET after = replace(after, 'Titik 3', 'Titik X')")
    raw.commit()
    raw.close()
    with pytest.raises(DamagedStoreError):
        store.backups.make(tmp_path / "cadangan.zip", ADMIN)
    assert (tmp_path / "cadangan.zip").read_bytes() == good
    store.close()
