"""Tries to sign in, slowed after failures: a wrong password costs time, a right one counts, if later."""

from __future__ import annotations

import datetime as dt
import hmac
import math
import secrets
import threading
import time

import sqlalchemy as sa

from coverage.base.errors import PermissionDeniedError
from coverage.store.database import Database, iso
from coverage.store.models import attempts, users

FREE_FAILURES = 3
"""Failed sign-ins of an account from one address without delay; each more doubles it, from 1 s to the longest."""
LONGEST_WAIT_S = 8
FREE_FAILURES_OF_ADDRESS = 30
"""Failed sign-ins from one address, of whatever account, before it may try once a second only."""
LONGEST_WAIT_OF_ADDRESS_S = 1
FORGOTTEN = dt.timedelta(minutes=30)
"""Time without a failure after which the count begins anew."""
PATIENCE_S = 20.0
"""Seconds for which a try waits for its turn before it is refused: a right password counts, only later."""
MOST_WAITING, MOST_OF_ADDRESS = 20, 4
"""Tries that may wait at once, each in the thread of its visitor, and those of one address; others are refused."""
CLOCK_SLACK = dt.timedelta(minutes=5)
"""A moment further ahead than this was written by a clock that was wrong."""
_secret = secrets.token_bytes(32)
"""Names the counters, so that nobody can tell or choose which address and account share one."""
_waiting: list[str] = []
"""Addresses of the tries that wait."""
_lock = threading.Lock()
_sleep = time.sleep


class Attempts:
    """Failed sign-ins per address, and per address and account, under keyed hashes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def turn(self, account: str, address: str) -> str | None:
        """Wait for a turn to try a password; the hash of the account, None without one.

        Raises
        ------
        PermissionDeniedError
            ``store.slowed`` (detail ``seconds``) where it does not come in time, or too many wait.
        """
        try:
            return self._counted(account, address)
        except PermissionDeniedError as refused:
            with _lock:
                if PATIENCE_S <= 0 or len(_waiting) >= MOST_WAITING or _waiting.count(address) >= MOST_OF_ADDRESS:
                    raise
                _waiting.append(address)
            seconds = refused.details["seconds"]
        try:
            until = time.monotonic() + PATIENCE_S
            while True:
                _sleep(seconds)
                try:
                    return self._counted(account, address)
                except PermissionDeniedError as refused:
                    seconds = refused.details["seconds"]
                    if time.monotonic() + seconds > until:
                        raise
        finally:
            with _lock:
                _waiting.remove(address)

    def take_back(self, connection: sa.Connection, account: str, address: str) -> None:
        """Take back what a try was counted as: its password was right."""
        connection.execute(attempts.delete().where(attempts.c.account == _counter(address, account)))
        connection.execute(
            attempts.update()
            .where(attempts.c.account == _counter(address), attempts.c.failures > 0)
            .values(failures=attempts.c.failures - 1)
        )

    def _counted(self, account: str, address: str) -> str | None:
        """Count a try as a failure, for now, of the address and of the account from there; refused before its turn."""
        with self._database.transaction() as (connection, _):
            hashed: str | None = connection.execute(
                sa.select(users.c.password_hash).where(users.c.name == account)
            ).scalar()
            now = self._database.now()
            forgotten, ahead = iso(now - FORGOTTEN), iso(now + CLOCK_SLACK)
            connection.execute(
                attempts.delete().where(sa.or_(attempts.c.last_at < forgotten, attempts.c.last_at > ahead))
            )
            self._count(connection, _counter(address), now, FREE_FAILURES_OF_ADDRESS, LONGEST_WAIT_OF_ADDRESS_S)
            self._count(connection, _counter(address, account), now, FREE_FAILURES, LONGEST_WAIT_S)
        return hashed

    def _count(self, connection: sa.Connection, key: str, now: dt.datetime, free: int, longest_s: int) -> None:
        """Count a failure of ``key``, or refuse while it must wait."""
        row = connection.execute(sa.select(attempts).where(attempts.c.account == key)).first()
        passed = (now - dt.datetime.fromisoformat(row.last_at)).total_seconds() if row else 0.0
        failures = row.failures if row else 0
        wait = min(2.0 ** min(failures - free, 30), longest_s) if failures >= free else 0.0
        if row and passed < wait - 0.01:  # whoever waited as long as told may try
            raise PermissionDeniedError("store.slowed", seconds=max(math.ceil(wait - passed), 1))
        values = {"failures": failures + 1, "last_at": iso(now)}
        if row:
            connection.execute(attempts.update().where(attempts.c.account == key).values(values))
        else:
            connection.execute(attempts.insert().values(account=key, **values))


def _counter(*parts: str) -> str:
    return hmac.new(_secret, "\0".join(parts).encode("utf-8", "replace"), "sha256").hexdigest()[:32]
