"""Open a store: create, check for damage, migrate; read-only if necessary."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import shapely
import sqlalchemy as sa
from sqlalchemy import exc

from coverage.base.errors import DamagedStoreError, JangkauError, Place, StoreError, UnavailableError
from coverage.store.engine import (
    BARE,
    WRITE,
    Opened,
    at_file,
    memory_engine,
    postgres_engine,
    sqlite_engine,
    translated,
    translating_errors,
)
from coverage.store.layers import lacks_layers, make_layers
from coverage.store.migrate import HEAD, migrate, require_ours, revision
from coverage.store.models import asset_history, assets, proposals
from coverage.store.records import PROPOSAL_SUMMED, STORED, SUMMED, as_json, digest, from_json, json_of
from coverage.store.replacing import put_in_place

_BATCH = 5000


def open_sqlite(path: Path) -> Opened:
    """Open or create a SQLite file.

    Without write access, an existing file is opened read-only, and a missing one replaced by an empty store in memory
    (``missing`` is then true).

    Raises
    ------
    DamagedStoreError
        If the file is damaged: restore a backup.
    """
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(path)
        except (OSError, JangkauError) as error:
            if isinstance(error, JangkauError) and error.code not in ("store.no_file", "store.read_only"):
                raise
            return Opened(_empty_in_memory(), path, writable=False, missing=True)
    if path.stat().st_size == 0:  # SQLite would take it for a new, empty one
        raise DamagedStoreError("store.damaged", Place(file=str(path)))
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    engine = sqlite_engine(path, writable)
    try:
        _prepare(engine, path, writable)
    except BaseException:
        engine.dispose()
        raise
    return Opened(engine, path, writable)


def _make(path: Path) -> None:
    """Create the file elsewhere and rename it when complete."""
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}.new")
    try:
        fresh.touch(exist_ok=False)
        with at_file(fresh, WRITE) as connection:
            migrate(connection)
        try:
            os.link(fresh, path)  # unlike a rename, never replaces another's file
        except FileExistsError:
            return
        except OSError:
            if not path.exists():
                put_in_place(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _empty_in_memory() -> sa.Engine:
    engine = memory_engine()
    with engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
        migrate(connection)
    return engine


def _prepare(engine: sa.Engine, path: Path, writable: bool) -> None:
    place = Place(file=str(path))
    with damage_reported(place), engine.connect() as connection:
        check_structure(connection, place)
        require_ours(connection)
        stands = revision(connection)
    if stands != HEAD and not writable:
        raise StoreError("store.older_read_only", place)
    with translating_errors():
        if writable:
            with engine.connect().execution_options(jangkau=BARE) as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        if stands != HEAD:
            with engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
                migrate(connection)
    with damage_reported(place), engine.connect() as connection:
        check_contents(connection, place)


@contextmanager
def damage_reported(place: Place) -> Iterator[None]:
    """Report any SQLite error during a check as damage, unless busy or full."""
    try:
        yield
    except exc.DBAPIError as error:  # "no such column" too: a name in the schema itself may be hit
        ours = translated(error)
        if ours is not None and not isinstance(ours, DamagedStoreError):
            raise ours from error
        raise DamagedStoreError("store.damaged", place) from error
    except UnicodeError as error:
        raise DamagedStoreError("store.damaged", place) from error


def check_structure(connection: sa.Connection, place: Place) -> None:
    """Run SQLite's integrity check.

    Raises
    ------
    DamagedStoreError
        If it fails.
    """
    if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
        raise DamagedStoreError("store.damaged", place)


def check_contents(connection: sa.Connection, place: Place) -> None:
    """Verify the checksum of every line of history, and that each asset equals its last line.

    SQLite notices structural damage only; a changed letter in a name is found here.

    Raises
    ------
    DamagedStoreError
        Naming the first damaged asset.
    """
    bad = _bad_line(connection) or _bad_asset(connection)
    if bad is not None:
        raise DamagedStoreError("store.damaged_asset", place, asset_id=bad)


def _bad_line(connection: sa.Connection) -> str | None:
    for table, summed in ((asset_history, SUMMED), (proposals, PROPOSAL_SUMMED)):
        lines = connection.execute(sa.select(*(table.c[name] for name in (*summed, "digest"))))
        for batch in lines.partitions(_BATCH):
            for line in batch:
                if digest(line[:-1]) != line[-1]:
                    return str(line[0])
    return None


def _bad_asset(connection: sa.Connection) -> str | None:
    gone = sa.except_(sa.select(asset_history.c.asset_id), sa.select(assets.c.asset_id)).limit(1)
    lost = connection.execute(gone).scalar()
    if lost is not None:
        return str(lost)
    last = (
        (assets.c.asset_id == asset_history.c.asset_id)
        & (assets.c.version == asset_history.c.version)
        & (assets.c.updated_at == asset_history.c.at)
        & (assets.c.updated_by == asset_history.c.who)
    )
    rows = connection.execute(
        sa.select(*(assets.c[name] for name in STORED), asset_history.c.after).join_from(
            assets, asset_history, last, isouter=True
        )
    )
    geometry = STORED.index("geometry")
    for batch in rows.partitions(_BATCH):
        try:
            shapes = shapely.from_wkb([row[geometry] for row in batch])
            written = shapely.to_wkb(shapes, byte_order=1)  # GEOS ignores unused bits
            for row, place, bits in zip(batch, shapely.to_geojson(shapes), written, strict=True):
                text = json_of(row[:-1], place)
                if bits != row[geometry]:
                    return str(row[0])
                # Lines of older versions lack later fields.
                if text != row[-1] and text != as_json(from_json(row[-1])):
                    return str(row[0])
        except Exception:  # any parse error of damaged bytes
            return str(batch[0][0])
    return None


def open_postgres(url: sa.URL) -> Opened:
    """Open a PostgreSQL database with PostGIS, creating our tables on first use.

    Raises
    ------
    UnavailableError
        If the server does not answer.
    StoreError
        If PostGIS is missing, or our account lacks a right.
    """
    engine = postgres_engine(url)
    try:
        writable = _ready(engine)
    except exc.OperationalError as error:
        engine.dispose()
        raise UnavailableError("store.no_server", host=url.host or "", database=url.database or "") from error
    except BaseException as error:
        engine.dispose()
        ours = translated(error) if isinstance(error, exc.DBAPIError) else None
        if ours is None:
            raise
        raise ours from error
    return Opened(engine, None, writable)


def _ready(engine: sa.Engine) -> bool:
    """Migrate, and tell whether the database is writable."""
    with engine.connect() as connection:
        stands = revision(connection)
        read_only = connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    if stands != HEAD and not read_only:
        _migrate_postgres(engine)
    elif stands != HEAD:
        raise StoreError("store.older_read_only")
    with engine.connect() as connection, connection.begin():
        if not read_only and lacks_layers(connection):
            make_layers(connection)
        return not read_only and bool(
            connection.exec_driver_sql(
                "SELECT has_table_privilege('assets', 'INSERT') AND has_table_privilege('assets', 'UPDATE')"
            ).scalar()
        )


def _migrate_postgres(engine: sa.Engine) -> None:
    try:
        with engine.connect() as connection, connection.begin():
            migrate(connection)
    except exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in ("0A000", "58P01", "42501", "42704"):
            raise StoreError("store.no_postgis") from error
        raise
