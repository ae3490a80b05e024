"""The database of the store: reading, and idempotent writing with permission, journal and lock."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from coverage.base.errors import Place, ReadOnlyStoreError, StoreError
from coverage.store.engine import LOCK_S, WRITE, LostConnectionError, Opened, translating_errors
from coverage.store.models import journal, state
from coverage.store.permissions import Actor, require

Clock = Callable[[], dt.datetime]
T = TypeVar("T")
_locks: dict[str, threading.Lock] = {}


def utc_now() -> dt.datetime:
    """Now, in UTC."""
    return dt.datetime.now(dt.UTC)


def iso(moment: dt.datetime) -> str:
    """UTC with microseconds, so that text order is time order."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(at: dt.datetime | dt.date | str) -> str:
    """Parse a moment; a day means its end in local time.

    Raises
    ------
    StoreError
        If a text is no ISO date or time.
    """
    if isinstance(at, str):
        try:
            at = dt.date.fromisoformat(at) if len(at) == 10 else dt.datetime.fromisoformat(at)
        except ValueError as error:
            raise StoreError("store.not_a_moment", Place(value=at)) from error
    if not isinstance(at, dt.datetime):
        at = dt.datetime.combine(at, dt.time.max)
    return iso(at)


def new_change_id() -> str:
    """Identifier of a change, made before the first try, so that a retry is applied once."""
    return uuid.uuid4().hex


@dataclass
class Writing:
    """A write transaction: connection, actor, purpose, moment."""

    connection: sa.Connection
    who: Actor
    action: str
    note: str | None
    change_id: str
    at: str
    import_id: str | None = None
    undoes: str | None = None


class Database:
    """Engine, clock, lock, and the rules of reading and writing; every part of the store holds it.

    Attributes
    ----------
    writable : false where file, folder or account are read-only
    missing : true for an empty stand-in: there is no store and none can be made
    """

    def __init__(self, opened: Opened, clock: Clock = utc_now) -> None:
        self.engine = opened.engine
        self.path = opened.path
        self.writable = opened.writable
        self.missing = opened.missing
        self.now = clock
        name = str(opened.path.resolve()) if opened.path and self.kind == "sqlite" else uuid.uuid4().hex
        self._lock = _locks.setdefault(name, threading.Lock())

    @property
    def kind(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self.engine.dialect.name

    def answers(self) -> None:
        """Ask the database for a sign of life.

        Raises
        ------
        UnavailableError
            If the connection is lost.
        """
        with self.reading() as connection:
            connection.execute(sa.text("SELECT 1"))

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection with a consistent snapshot."""
        level: dict[str, Any] = {}
        if self.kind == "postgresql":
            level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with translating_errors(), self.engine.connect().execution_options(**level) as connection, connection.begin():
            yield connection

    def rows(self, statement: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        """Every row of a query by column, from a snapshot of its own."""
        with self.reading() as connection:
            return connection.execute(statement).mappings().all()

    def scalar(self, statement: sa.Select[Any]) -> Any:
        """First value of a query, from a snapshot of its own; None without rows."""
        with self.reading() as connection:
            return connection.execute(statement).scalar()

    def write(
        self,
        who: Actor | None,
        action: str,
        work: Callable[[Writing], T],
        note: str | None = None,
        change_id: str | None = None,
    ) -> T:
        """Check permission, do ``work`` in one transaction, and log it in the journal.

        If the connection is lost, the work is retried once; if it was committed after all, or ``change_id`` was done
        before, the earlier result is returned.

        Parameters
        ----------
        work : takes the :class:`Writing`, makes the change, returns JSON values

        Raises
        ------
        PermissionDeniedError, ReadOnlyStoreError
            Before anything is tried.
        UnavailableError
            If the database is gone for good.
        StoreError
            If the lock is held too long, or the disk is full.
        """
        actor = require(who, action)
        self.require_writable()
        name = change_id or new_change_id()
        try:
            return self._once(actor, action, work, note, name)
        except LostConnectionError:
            return self._once(actor, action, work, note, name)

    def require_writable(self) -> None:
        """Refuse to write to a read-only store.

        Raises
        ------
        ReadOnlyStoreError
            Naming the file.
        """
        if not self.writable:
            raise ReadOnlyStoreError("store.read_only", Place(file=str(self.path) if self.path else None))

    def _once(self, who: Actor, action: str, work: Callable[[Writing], T], note: str | None, change_id: str) -> T:
        with self.transaction() as (connection, at):
            done = connection.execute(
                sa.select(journal.c.result, journal.c.action).where(journal.c.change_id == change_id)
            ).first()
            if done is not None:
                if done.action != action:
                    raise StoreError("store.change_id_taken")
                earlier: T = json.loads(done.result)
                return earlier
            writing = Writing(connection, who, action, note, change_id, at)
            result = work(writing)
            connection.execute(
                journal.insert().values(
                    change_id=change_id,
                    at=at,
                    who=who.name,
                    action=action,
                    note=note,
                    undoes=writing.undoes,
                    result=json.dumps(result),
                )
            )
            connection.execute(state.update().values(last_at=at))
        return result

    @contextmanager
    def transaction(self) -> Iterator[tuple[sa.Connection, str]]:
        """An exclusive write transaction, and its moment."""
        with (
            self.turn(),
            translating_errors(),
            self.engine.connect().execution_options(jangkau=WRITE) as connection,
            connection.begin(),
        ):
            last_at = connection.execute(sa.select(state.c.last_at).with_for_update()).scalar_one()
            yield connection, self._next_moment(last_at)

    def _next_moment(self, last_at: str) -> str:
        """Now, or a microsecond after the last change where the clock went back."""
        now = iso(self.now())
        if now > last_at:
            return now
        return iso(dt.datetime.fromisoformat(last_at) + dt.timedelta(microseconds=1))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Queue writers of this process, instead of polling for SQLite's lock."""
        if self.kind != "sqlite":
            yield
            return
        if not self._lock.acquire(timeout=LOCK_S):
            raise StoreError("store.busy")
        try:
            yield
        finally:
            self._lock.release()

    def journal_lines(self, who: Actor | None, limit: int = 100) -> list[dict[str, Any]]:
        """Journal, newest first: ``change_id, at, who, action, note``.

        Raises
        ------
        PermissionDeniedError
            If ``who`` is not granted ``view_journal``.
        """
        require(who, "view_journal")
        columns = (journal.c.change_id, journal.c.at, journal.c.who, journal.c.action, journal.c.note)
        return [dict(line) for line in self.rows(sa.select(*columns).order_by(journal.c.at.desc()).limit(limit))]
