"""Database engines, and translation of their errors into ours."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import StaticPool

from coverage.base.errors import (
    DamagedStoreError,
    JangkauError,
    ParameterError,
    Place,
    ReadOnlyStoreError,
    StoreError,
    UnavailableError,
)
from coverage.base.installation import require_extra
from coverage.store.folder import FILE_NAME, data_folder

BUSY_S = 5
"""Seconds of SQLite's own busy timeout."""
STATEMENT_S = 120
"""Seconds that PostgreSQL may take for one statement."""
LOCK_S = 30
"""Seconds after which a writer gives up."""
READ, WRITE, BARE = "read", "write", "bare"
"""Purpose of a SQLite connection (execution option ``jangkau``); ``BARE`` has no transaction."""


class LostConnectionError(UnavailableError):
    """The connection was lost before a commit was confirmed."""


@dataclass(frozen=True)
class Opened:
    """An open database and what is allowed in it."""

    engine: sa.Engine
    path: Path | None
    writable: bool = True
    missing: bool = False


def address(url: str | None, environment: Mapping[str, str] = os.environ) -> sa.URL:
    """Database URL: ``url``, else ``JANGKAU_DATABASE_URL``, else ``jangkau.db`` in the data folder.

    Raises
    ------
    ParameterError
        If it is neither SQLite nor PostgreSQL. It is not repeated: it may hold a password.
    """
    text = url or environment.get("JANGKAU_DATABASE_URL") or ""
    if not text:
        return sa.URL.create("sqlite", database=str(data_folder(environment) / FILE_NAME))
    if "://" not in text:
        return sa.URL.create("sqlite", database=text)
    try:
        parsed = sa.make_url(text)
    except (exc.ArgumentError, ValueError):
        raise ParameterError("store.bad_address", Place(column="JANGKAU_DATABASE_URL")) from None
    family = parsed.drivername.split("+")[0]
    if family in ("postgresql", "postgres", "postgis"):
        return parsed.set(drivername="postgresql+psycopg")
    if family == "sqlite" and parsed.database:
        return sa.URL.create("sqlite", database=parsed.database)
    raise ParameterError("store.bad_address", Place(column="JANGKAU_DATABASE_URL", value=family))


def postgres_engine(url: sa.URL) -> sa.Engine:
    """PostgreSQL engine with timeouts, whose errors show no values."""
    require_extra("postgis", "psycopg")
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=25,
        pool_timeout=LOCK_S,
        connect_args={
            "connect_timeout": 10,
            "tcp_user_timeout": 60_000,
            "application_name": "jangkau",
            "prepare_threshold": None,
        },
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_S}s'")
            cursor.execute(f"SET statement_timeout = '{STATEMENT_S}s'")
        connection.commit()

    return engine


def sqlite_engine(path: Path, writable: bool = True) -> sa.Engine:
    """Engine for an existing SQLite file; writers lock when they begin."""
    copy = None if writable else _copy_with_log(path)
    uri = f"{(copy or path).absolute().as_uri()}?mode={'rw' if writable else 'ro&immutable=1'}"
    engine = _sqlite(
        lambda: sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    )
    if copy:
        weakref.finalize(engine, shutil.rmtree, copy.parent, True)
    return engine


@contextmanager
def at_file(path: Path, how: str = READ) -> Iterator[sa.Connection]:
    """Exclusive connection to a SQLite file, in one transaction."""
    engine = sqlite_engine(path)
    try:
        with translating_errors(), engine.connect().execution_options(jangkau=how) as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def memory_engine() -> sa.Engine:
    """Engine for an empty database in memory."""
    return _sqlite(
        lambda: sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False), poolclass=StaticPool
    )


_POOL: dict[str, Any] = {"poolclass": sa.QueuePool, "max_overflow": 40, "pool_timeout": LOCK_S}


def _sqlite(connect: Callable[[], sqlite3.Connection], **options: Any) -> sa.Engine:
    engine = sa.create_engine("sqlite://", creator=connect, hide_parameters=True, **(options or _POOL))

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        how = connection.get_execution_options().get("jangkau", READ)
        if how == WRITE:
            _begin_writing(connection)
        elif how == READ:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_writing(connection: sa.Connection) -> None:
    """Take the lock, retrying where SQLite gave up: among many writers one may starve."""
    give_up = time.monotonic() + LOCK_S
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except exc.OperationalError as error:
            told = translated(error)
            if told is None or told.code != "store.busy" or time.monotonic() > give_up:
                raise


def _copy_with_log(path: Path) -> Path | None:
    """Private copy where pending changes in the log cannot be applied here; else None."""
    log = path.with_name(path.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return None
    folder = Path(tempfile.mkdtemp(prefix="jangkau-"))
    for source in (path, log):
        shutil.copyfile(source, folder / source.name)
    with closing(sqlite3.connect(folder / path.name)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / path.name


_SQLITE = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "no_file",
    sqlite3.SQLITE_IOERR: "input_output",
}
_POSTGRES = {
    "53100": "full",
    "25006": "read_only",
    "42501": "read_only",
    "55P03": "busy",
    "40001": "busy",
    "40P01": "busy",
    "XX001": "damaged",
    "XX002": "damaged",
}
_KINDS: dict[str, type[JangkauError]] = {"damaged": DamagedStoreError, "read_only": ReadOnlyStoreError}


def translated(error: exc.DBAPIError) -> JangkauError | None:
    """Our error for a database error; None for a bug."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(original)
    state = getattr(original, "sqlstate", None) or ""
    unsaid = isinstance(error, exc.OperationalError) and not state
    if error.connection_invalidated or state.startswith(("08", "57P")) or unsaid:
        return LostConnectionError("store.lost")
    return _ours(_POSTGRES.get(state))


def _of_sqlite(error: sqlite3.Error) -> JangkauError | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _ours(_SQLITE.get(code & 0xFF))


def _ours(kind: str | None) -> JangkauError | None:
    return None if kind is None else _KINDS.get(kind, StoreError)(f"store.{kind}")


@contextmanager
def translating_errors() -> Iterator[None]:
    """Raise database errors as ours, without statement or values."""
    try:
        yield
    except (exc.DBAPIError, sqlite3.Error) as error:
        ours = _of_sqlite(error) if isinstance(error, sqlite3.Error) else translated(error)
        if ours is None:
            raise
        raise ours from error
    except exc.TimeoutError as error:
        raise StoreError("store.busy") from error
