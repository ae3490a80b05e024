"""What every part of the store stands on: reading, and writing once and only once."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa

from coverage.base.errors import Place, ReadOnlyStoreError, StoreError
from coverage.store.engine import LOCK_S, WRITE, LostConnectionError, Opened, in_our_words
from coverage.store.models import journal, state
from coverage.store.permissions import Actor, require

Clock = Callable[[], dt.datetime]
T = TypeVar("T")
_locks: dict[str, threading.Lock] = {}


def utc_now() -> dt.datetime:
    """The time, with its zone."""
    return dt.datetime.now(dt.UTC)


def iso(moment: dt.datetime) -> str:
    """A moment as the store writes it: UTC with microseconds, so that the order of texts is that of times."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(at: dt.datetime | dt.date | str) -> str:
    """The moment that ``at`` means: a day means its end on this computer's clock.

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
    """A name for one change, made before it is tried, so that trying it twice does it once."""
    return uuid.uuid4().hex


class Writing:
    """One transaction that writes: who, when, what for, and the connection to do it with."""

    def __init__(
        self, connection: sa.Connection, who: Actor, action: str, note: str | None, change_id: str, at: str
    ) -> None:
        self.connection = connection
        self.who = who
        self.action = action
        self.note = note
        self.change_id = change_id
        self.at = at
        self.import_id: str | None = None
        self.undoes: str | None = None


class Base:
    """A store's connection, clock and rules of reading and writing; the parts of the store add what can be
    done.

    Attributes
    ----------
    writable
        False where the file, its folder or the database account allows reading only.
    missing
        True where there is no store to read and none can be made: what is shown is an empty stand-in.
    """

    def __init__(self, opened: Opened, clock: Clock = utc_now) -> None:
        self._opened = opened
        self.engine = opened.engine
        self.path = opened.path
        self.writable = opened.writable
        self.missing = opened.missing
        self._clock = clock
        name = str(opened.path.resolve()) if opened.path and self.kind == "sqlite" else uuid.uuid4().hex
        self._lock = _locks.setdefault(name, threading.Lock())

    @property
    def kind(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self.engine.dialect.name

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the store, whatever others write meanwhile."""
        level: dict[str, Any] = {}
        if self.kind == "postgresql":
            level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with in_our_words(), self.engine.connect().execution_options(**level) as connection, connection.begin():
            yield connection

    def write(
        self,
        who: Actor | None,
        action: str,
        work: Callable[[Writing], T],
        note: str | None = None,
        change_id: str | None = None,
    ) -> T:
        """Check that ``who`` may, do ``work`` in one transaction, and write it into the journal.

        If the database goes away, the work is rolled back and tried once more; if it turns out to have been
        kept after all, or ``change_id`` was done before, the earlier result is returned and nothing is done
        again.

        Parameters
        ----------
        work
            Does the change with the :class:`Writing` it is given, and returns plain values that JSON can
            hold.

        Raises
        ------
        PermissionDeniedError, ReadOnlyStoreError
            Before anything is tried.
        UnavailableError
            If the database is gone for good.
        StoreError
            If another writer holds the store for too long, or the disk is full.
        """
        actor = require(who, action)
        self.must_be_writable()
        name = change_id or new_change_id()
        try:
            return self._once(actor, action, work, note, name)
        except LostConnectionError:
            return self._once(actor, action, work, note, name)

    def must_be_writable(self) -> None:
        """Refuse to go on where nothing can be written.

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
        """A transaction that no other writer overlaps, and its moment; kept as a whole or not at all."""
        with (
            self._turn(),
            in_our_words(),
            self.engine.connect().execution_options(jangkau=WRITE) as connection,
            connection.begin(),
        ):
            last_at = connection.execute(sa.select(state.c.last_at).with_for_update()).scalar_one()
            yield connection, self._next_moment(last_at)

    def _next_moment(self, last_at: str) -> str:
        """Now, or a microsecond after the last change where this computer's clock has gone back."""
        now = iso(self._clock())
        if now > last_at:
            return now
        return iso(dt.datetime.fromisoformat(last_at) + dt.timedelta(microseconds=1))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let writers of this process take turns, rather than poll for SQLite's lock and be overtaken."""
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
        """What was done last, newest first: ``change_id, at, who, action, note``.

        Raises
        ------
        PermissionDeniedError
            If ``who`` is not granted ``view_journal``.
        """
        require(who, "view_journal")
        columns = (journal.c.change_id, journal.c.at, journal.c.who, journal.c.action, journal.c.note)
        with self.reading() as connection:
            lines = connection.execute(sa.select(*columns).order_by(journal.c.at.desc()).limit(limit))
            return [dict(line) for line in lines.mappings()]
