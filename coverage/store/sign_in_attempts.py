"""Tries to sign in, slowed after failures: a wrong password costs time, a right one counts, if later.

A browser that signed in before has a device cookie, as OWASP proposes: its tries are counted by themselves, so that
whoever fails at the same address does not keep its owner out.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import math
import secrets
import threading
import time

import sqlalchemy as sa

from coverage.base.errors import PermissionDeniedError
from coverage.store.database import Database, iso
from coverage.store.models import attempts, users

Source = tuple[str, str]
"""Where a try comes from: a known ``device``, else an ``address``."""
FREE_FAILURES = 3
"""Failed sign-ins of an account from one source without delay; each more doubles it, from 1 s to the longest."""
LONGEST_WAIT_S = 8
FREE_FAILURES_OF_SOURCE = 30
"""Failed sign-ins from one source, of whatever account, before it may try once a second only."""
LONGEST_WAIT_OF_SOURCE_S = 1
FORGOTTEN = dt.timedelta(minutes=30)
"""Time without a failure after which the count begins anew."""
PATIENCE_S = 20.0
"""Seconds for which a try waits for its turn before it is refused: a right password counts, only later."""
MOST_WAITING, MOST_OF_SOURCE = 20, 4
"""Tries that may wait at once, each in the thread of its visitor, and those of one source; others are refused."""
MOST_ACCOUNTS = 5
"""Accounts that a device cookie remembers."""
CLOCK_SLACK = dt.timedelta(minutes=5)
"""A moment further ahead than this was written by a clock that was wrong."""
_NAME_LENGTH = 32
_secret = secrets.token_bytes(32)
"""Names the counters, so that nobody can tell or choose which address and account share one."""
_waiting: list[Source] = []
"""Sources of the tries that wait."""
_lock = threading.Lock()
_sleep = time.sleep


def share_counters(secret: bytes) -> None:
    """Count together with the processes that were given the same secret."""
    global _secret  # noqa: PLW0603
    _secret = secret


class Attempts:
    """Failed sign-ins per source, and per source and account, under keyed hashes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def source(self, account: str, address: str, device: str) -> Source:
        """Where a try comes from: the device of a cookie for this account, else the network of an address."""
        name, *signatures = device.split(".")
        hashed = self._database.scalar(sa.select(users.c.password_hash).where(users.c.name == account))
        ours = _signature(hashed or "", name)
        known = [hmac.compare_digest(one.encode("utf-8", "replace"), ours.encode()) for one in signatures]
        return ("device", name) if hashed and any(known) else ("address", network(address))

    def device(self, account: str, before: str) -> str:
        """Device cookie of a browser that signed in: a name, and a signature for each account, newest first.

        The password's hash is the key: a new password ends the cookie, and nothing needs to be kept.
        """
        name, *signatures = before.split(".")[: MOST_ACCOUNTS + 1]
        hashed = self._database.scalar(sa.select(users.c.password_hash).where(users.c.name == account))
        if len(name) != _NAME_LENGTH or not name.isascii():
            name, signatures = secrets.token_hex(_NAME_LENGTH // 2), []
        ours = _signature(hashed or "", name)
        return ".".join([name, ours, *(one for one in signatures if one != ours)][: MOST_ACCOUNTS + 1])

    def turn(self, account: str, source: Source) -> str | None:
        """Wait for a turn to try a password; the hash of the account, None without one.

        Raises
        ------
        PermissionDeniedError
            ``store.slowed`` (detail ``seconds``) where it does not come in time, or too many wait.
        """
        try:
            return self._counted(account, source)
        except PermissionDeniedError as refused:
            with _lock:
                alike = sum(one[0] == source[0] for one in _waiting)  # strangers take no place of known devices
                if PATIENCE_S <= 0 or alike >= MOST_WAITING or _waiting.count(source) >= MOST_OF_SOURCE:
                    raise
                _waiting.append(source)
            seconds = refused.details["seconds"]
        try:
            until = time.monotonic() + PATIENCE_S
            while True:
                _sleep(seconds)
                try:
                    return self._counted(account, source)
                except PermissionDeniedError as refused:
                    seconds = refused.details["seconds"]
                    if time.monotonic() + seconds > until:
                        raise
        finally:
            with _lock:
                _waiting.remove(source)

    def take_back(self, connection: sa.Connection, account: str, source: Source) -> None:
        """Take back what a try was counted as: its password was right."""
        connection.execute(attempts.delete().where(attempts.c.account == _counter(*source, account)))
        connection.execute(
            attempts.update()
            .where(attempts.c.account == _counter(*source), attempts.c.failures > 0)
            .values(failures=attempts.c.failures - 1)
        )

    def _counted(self, account: str, source: Source) -> str | None:
        """Count a try as a failure, for now, of the source and of the account from there; refused before its turn."""
        with self._database.transaction() as (connection, _):
            hashed: str | None = connection.execute(
                sa.select(users.c.password_hash).where(users.c.name == account)
            ).scalar()
            now = self._database.now()
            forgotten, ahead = iso(now - FORGOTTEN), iso(now + CLOCK_SLACK)
            connection.execute(
                attempts.delete().where(sa.or_(attempts.c.last_at < forgotten, attempts.c.last_at > ahead))
            )
            self._count(connection, _counter(*source), now, FREE_FAILURES_OF_SOURCE, LONGEST_WAIT_OF_SOURCE_S)
            self._count(connection, _counter(*source, account), now, FREE_FAILURES, LONGEST_WAIT_S)
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


def network(address: str) -> str:
    """What one visitor has of an address: all of IPv4's, the first 64 bits of IPv6's, which are given out as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    inside = getattr(found, "ipv4_mapped", None)
    return str(inside or (found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False)))


def _signature(password_hash: str, name: str) -> str:
    return hmac.new(password_hash.encode(), f"device {name}".encode("utf-8", "replace"), "sha256").hexdigest()[:32]


def _counter(*parts: str) -> str:
    return hmac.new(_secret, "\0".join(parts).encode("utf-8", "replace"), "sha256").hexdigest()[:32]
