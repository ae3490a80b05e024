"""Backup and restore: one file format for both databases.

A zip of ``manifest.json`` and ``jangkau.db``, a SQLite database with everything but the sessions; it may carry one more
file (:mod:`coverage.store.region_archive`).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sqlite3
import zipfile
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from coverage import __version__
from coverage.base.errors import DamagedStoreError, FileRefusedError, Place, StoreError
from coverage.store.database import Database, iso, new_change_id, utc_now
from coverage.store.engine import BARE, WRITE, at_file, translating_errors
from coverage.store.migrate import HEAD, migrate, revision
from coverage.store.models import APPEND_ONLY, NOT_IN_BACKUPS, asset_history, assets, journal, metadata, state
from coverage.store.opening import check_contents, check_structure, damage_reported
from coverage.store.permissions import Actor, require
from coverage.store.region_backup import cut
from coverage.store.region_merge import Merged, merge
from coverage.store.replacing import put_in_place, scratch, sha256_of

_FORMAT = 1
_DATABASE, _MANIFEST, _CARRIED = "jangkau.db", "manifest.json", "regions.zip"
_COPIED = [table for table in metadata.sorted_tables if table not in NOT_IN_BACKUPS]
_BATCH = 5000


@dataclass(frozen=True)
class Manifest:
    """Description of a backup."""

    format: int
    program: str
    revision: str
    made_at: str
    assets: int
    lines: int
    bytes: int
    sha256: str
    carried: str | None = None
    """SHA-256 of the carried file."""
    region: str | None = None
    """Code of the regency, in a backup of one region."""


class Backups:
    """Backup and restore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, path: Path, who: Actor, carry: Path | None = None, region: str | None = None) -> Manifest:
        """Write everything into one file, while others go on working.

        The file is complete and checked before it replaces an older one.

        Parameters
        ----------
        region : code of a regency, for a backup of what belongs to it; see :func:`merge`

        Raises
        ------
        DamagedStoreError
            If the store is damaged.
        StoreError
            If there is nothing to back up, or no room.
        """
        require(who, "backup")
        if self._database.missing:
            raise StoreError("store.nothing_to_back_up")
        with scratch(path) as folder:
            copy = folder / _DATABASE
            self._copy_into(copy)
            if region is not None:
                cut(copy, region)
                _emptied(copy)
            with damage_reported(Place()), at_file(copy) as connection:
                check_structure(connection, Place())
                check_contents(connection, Place())
                counts = [
                    connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                    for table in (assets, asset_history)
                ]
            manifest = Manifest(
                _FORMAT,
                __version__,
                HEAD,
                dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                counts[0],
                counts[1],
                copy.stat().st_size,
                sha256_of(copy),
                None if carry is None else sha256_of(carry),
                region,
            )
            whole = folder / "whole.zip"
            _zip(whole, copy, manifest, carry)
            put_in_place(whole, path)
        if self._database.writable:
            self._database.write(who, "backup", lambda _: path.name, path.name)
        return manifest

    def _copy_into(self, copy: Path) -> None:
        with self._database.reading() as connection:
            if self._database.kind == "sqlite":
                with closing(sqlite3.connect(copy)) as target:
                    source = connection.connection.driver_connection
                    source.backup(target)  # type: ignore[union-attr]
            else:
                _copy_rows(connection, copy)
        _emptied(copy)

    def merge(
        self, path: Path, who: Actor, keep: Path | None = None, carry: Path | None = None
    ) -> tuple[Manifest, Merged]:
        """Add a backup of one region to what is here, all or nothing.

        Parameters
        ----------
        keep, carry : as in :meth:`restore`

        Raises
        ------
        FileRefusedError
            If the file is not a complete backup of a region.
        StoreError
            If identifiers are taken here by other assets or evidence.
        ReadOnlyStoreError
            If the store is read-only.
        """
        require(who, "restore")
        self._database.require_writable()
        with scratch(self._database.path or path) as folder:
            manifest = unpacked(path, folder / _DATABASE)
            if manifest.region is None:
                raise FileRefusedError("store.not_one_region", Place(file=path.name))
            if keep is not None:
                self.make(keep, who, carry)
            with at_file(folder / _DATABASE) as source, self._database.transaction() as (target, now):
                merged = merge(source, target)
                at = max(now, source.execute(sa.select(state.c.last_at)).scalar_one())
                target.execute(state.update().values(last_at=at, revision=state.c.revision + 1, villages=None))
                target.execute(journal.insert().values(_restored(who, path.name, at)))
        return manifest, merged

    def restore(self, path: Path, who: Actor, keep: Path | None = None, carry: Path | None = None) -> Manifest:
        """Restore a backup, all or nothing; all sessions end.

        Parameters
        ----------
        keep, carry : where to back up the present state first, and what that backup carries along

        Raises
        ------
        FileRefusedError
            If the file is not a complete backup of a store.
        ReadOnlyStoreError
            If the store is read-only.
        """
        require(who, "restore")
        self._database.require_writable()
        if keep is not None:
            self.make(keep, who, carry)
        beside = self._database.path or path
        with scratch(beside) as folder:
            manifest = _whole(path, folder / _DATABASE)
            with self._database.turn():
                present = self._database.scalar(sa.select(state.c.revision))
                _note_restoring(folder / _DATABASE, who, path.name, present)
                self._replace_by(folder / _DATABASE)
        return manifest

    def _replace_by(self, copy: Path) -> None:
        if self._database.kind == "sqlite":
            with (
                translating_errors(),
                self._database.engine.connect().execution_options(jangkau=BARE) as connection,
                closing(sqlite3.connect(copy)) as source,
            ):
                # One transaction of SQLite: readers keep their snapshot, a kill leaves the old state.
                source.backup(connection.connection.driver_connection)  # type: ignore[arg-type]
            return
        guarded = (assets.name, *(table.name for table in APPEND_ONLY))
        with at_file(copy) as source, self._database.transaction() as (connection, _):
            for name in guarded:
                connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())  # not TRUNCATE: it empties what others read
            _insert_all(source, connection)
            for name in guarded:
                connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def _emptied(copy: Path) -> None:
    """Remove what is not in backups, and the room of what was removed."""
    with translating_errors(), closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA journal_mode = DELETE")
        for table in NOT_IN_BACKUPS:
            target.execute(f"DELETE FROM {table.name}")  # noqa: S608
        target.commit()
        target.execute("VACUUM")


def restore_in_place(archive: Path, database: Path, who: Actor) -> Path | None:
    """Restore a backup over a missing or damaged SQLite file; returns where the damaged one was moved.

    Raises
    ------
    FileRefusedError
        If the file is not a complete backup; the damaged file stays then.
    """
    require(who, "restore")
    database.parent.mkdir(parents=True, exist_ok=True)
    with scratch(database) as folder:
        _whole(archive, folder / _DATABASE)
        _note_restoring(folder / _DATABASE, who, archive.name, 0)
        aside = None
        moved: list[tuple[Path, Path]] = []
        try:
            if database.exists():
                aside = database.with_name(f"{database.name}.damaged-{dt.datetime.now():%Y%m%d-%H%M%S}")
                for ending in ("-wal", "-shm"):  # never left beside the restored file: they would be read into it
                    log = database.with_name(database.name + ending)
                    if log.exists():
                        moved.append((log, log.rename(aside.with_name(aside.name + ending))))
                shutil.copy2(database, aside)
            put_in_place(folder / _DATABASE, database)
        except OSError:  # on Windows the app may have the file open
            for log, place in moved:
                place.rename(log)
            if aside is not None:
                aside.unlink(missing_ok=True)
            raise
    return aside


def unpacked(archive: Path, target: Path) -> Manifest:
    """Extract a backup into a checked SQLite store ``target``.

    Rows are copied into new tables: anything else in the file is left behind.

    Raises
    ------
    FileRefusedError
        If the file is no backup, damaged, or of a newer version.
    """
    raw = target.with_name("from-archive.db")
    manifest = _extract(archive, raw)
    try:
        _bring_up_to_date(raw)
        _copy_archive(raw, target)
        with damage_reported(Place()), at_file(target) as connection:
            check_structure(connection, Place())
            check_contents(connection, Place())
    except (DamagedStoreError, sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise FileRefusedError("store.damaged_backup", Place(file=archive.name)) from error
    return manifest


def _note_restoring(database: Path, who: Actor, name: str, present_revision: int) -> None:
    with at_file(database, WRITE) as connection:
        last_at, kept = connection.execute(sa.select(state.c.last_at, state.c.revision)).one()
        at = max(last_at, iso(utc_now()))
        connection.execute(state.update().values(last_at=at, revision=max(kept, present_revision) + 1))
        connection.execute(journal.insert().values(_restored(who, name, at)))


def _restored(who: Actor, name: str, at: str) -> dict[str, str]:
    """Line of the journal."""
    return {
        "change_id": new_change_id(),
        "at": at,
        "who": who.name,
        "action": "restore",
        "note": name,
        "result": "null",
    }


def _whole(archive: Path, target: Path) -> Manifest:
    """:func:`unpacked`, of a whole store: one region must not replace the others."""
    manifest = unpacked(archive, target)
    if manifest.region is not None:
        raise FileRefusedError("store.one_region", Place(file=archive.name))
    return manifest


def region_in(archive: Path) -> str | None:
    """Code of the regency of a backup of one region; None for a whole backup, and for what is none."""
    with suppress(Exception), zipfile.ZipFile(archive) as parts:  # what is wrong is told when it is unpacked
        region = json.loads(parts.read(_MANIFEST)).get("region")
        return region if isinstance(region, str) else None
    return None


def _bring_up_to_date(raw: Path) -> None:
    with at_file(raw) as connection:
        stands = revision(connection)
    if stands is None:
        raise DamagedStoreError("store.damaged")
    if stands != HEAD:
        with at_file(raw, WRITE) as connection:
            migrate(connection)


def _copy_archive(raw: Path, target: Path) -> None:
    with at_file(raw) as source:
        tables = set(source.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
        if not {table.name for table in _COPIED} <= tables:
            raise DamagedStoreError("store.damaged")
        _copy_rows(source, target)


def _copy_rows(source: sa.Connection, target: Path) -> None:
    """Make ``target`` a SQLite store with the rows of ``source``."""
    target.touch()
    with at_file(target, WRITE) as connection:
        migrate(connection)
        connection.execute(state.delete())
        _insert_all(source, connection)


def _insert_all(source: sa.Connection, target: sa.Connection) -> None:
    for table in _COPIED:
        rows = source.execute(sa.select(table)).mappings()
        while batch := rows.fetchmany(_BATCH):
            target.execute(table.insert(), [dict(row) for row in batch])


def _extract(archive: Path, target: Path) -> Manifest:
    place = Place(file=archive.name)
    try:
        with zipfile.ZipFile(archive) as parts:
            whole = set(parts.namelist()) - {_CARRIED} == {_DATABASE, _MANIFEST}
            if not whole or len(parts.namelist()) > 3 or parts.getinfo(_MANIFEST).file_size > 10_000:
                raise FileRefusedError("store.not_a_backup", place)
            manifest = Manifest(**json.loads(parts.read(_MANIFEST)))
            if manifest.format != _FORMAT:
                raise FileRefusedError("store.newer_backup", place, program=manifest.program)
            size = parts.getinfo(_DATABASE).file_size
            if size != manifest.bytes or size * 3 > shutil.disk_usage(target.parent).free:
                raise FileRefusedError("store.no_room_for_backup", place)
            with parts.open(_DATABASE) as source, target.open("xb") as file:
                shutil.copyfileobj(source, file)
    except FileNotFoundError as error:
        raise FileRefusedError("store.no_backup_file", place) from error
    except (zipfile.BadZipFile, EOFError, ValueError, TypeError, KeyError, NotImplementedError) as error:
        raise FileRefusedError("store.not_a_backup", place) from error
    except Exception as error:  # zlib and its kin each have an error of their own for a torn stream
        if isinstance(error, FileRefusedError | OSError):
            raise
        raise FileRefusedError("store.damaged_backup", place) from error
    if sha256_of(target) != manifest.sha256:
        raise FileRefusedError("store.damaged_backup", place)
    return manifest


def carried(archive: Path, target: Path) -> bool:
    """Extract the carried file to ``target``; False where there is none.

    Raises
    ------
    FileRefusedError
        If the backup is damaged.
    """
    place = Path(archive.name)
    try:
        with zipfile.ZipFile(archive) as parts:
            wanted = json.loads(parts.read(_MANIFEST)).get("carried")
            if wanted is None:
                return False
            with parts.open(_CARRIED) as source, target.open("xb") as file:
                shutil.copyfileobj(source, file)
    except Exception as error:  # zlib and its kin each have an error of their own for a torn stream
        if isinstance(error, OSError) and not isinstance(error, zipfile.BadZipFile):
            raise
        raise FileRefusedError("store.damaged_backup", Place(file=place.name)) from error
    if sha256_of(target) != wanted:
        raise FileRefusedError("store.damaged_backup", Place(file=place.name))
    return True


def _zip(path: Path, database: Path, manifest: Manifest, carry: Path | None) -> None:
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as parts:
            said = {name: value for name, value in asdict(manifest).items() if name != "region" or value}
            parts.writestr(_MANIFEST, json.dumps(said, indent=1))
            parts.write(database, _DATABASE)
            if carry is not None:
                parts.write(carry, _CARRIED, zipfile.ZIP_STORED)
        file.flush()
        os.fsync(file.fileno())
