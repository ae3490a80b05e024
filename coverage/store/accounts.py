"""Accounts: passwords, rate-limited sign-in, sessions."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import secrets
import unicodedata
from functools import cache
from typing import Any

import argon2
import sqlalchemy as sa

from coverage.base.errors import PermissionDeniedError, Place, RowError, StoreError
from coverage.store.database import Database, Writing, iso
from coverage.store.models import sessions, users
from coverage.store.permissions import ACCOUNT_ROLES, Actor, require
from coverage.store.sign_in_attempts import CLOCK_SLACK, Attempts

PASSWORD_MINIMUM = 10
PASSWORD_LIMIT = 200
IDLE = dt.timedelta(hours=12)
LIFETIME = dt.timedelta(days=7)
_SEEN_EVERY = dt.timedelta(minutes=5)

_hasher = argon2.PasswordHasher()
_UNLOCKED = users.c.locked_at.is_(None)


@cache
def _nobodys() -> str:
    """Hash to check where there is no such account, against timing attacks."""
    return _hasher.hash(secrets.token_urlsafe(16))


class Accounts:
    """Accounts and sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._attempts = Attempts(database)

    def exist(self) -> bool:
        """Whether there is any account; without one the app serves this computer only."""
        return self._database.scalar(sa.select(users.c.name).limit(1)) is not None

    def local_actor(self, bound_to: str, name: str) -> Actor:
        """The person at this computer, as administrator, where there is no account.

        Parameters
        ----------
        bound_to : address that the app listens on

        Raises
        ------
        PermissionDeniedError
            If there are accounts, or the app can be reached from elsewhere.
        """
        if self.exist() or not is_this_computer(bound_to):
            raise PermissionDeniedError("store.sign_in_needed")
        return Actor(name, "admin")

    def add(self, name: str, role: str, password: str | None, who: Actor, change_id: str | None = None) -> str:
        """Add an account and return its name; without a password it signs in through an outside service only.

        Raises
        ------
        RowError
            If the name is taken or invalid, the role unknown, or the password too short.
        """
        account = account_name(name)
        if password is None:
            account = exact_name(name)  # what the service says is compared with it as it is
        if role not in ACCOUNT_ROLES:
            raise RowError("store.unknown_role", Place(column="role", value=role), offered=list(ACCOUNT_ROLES))
        hashed = None if password is None else _hasher.hash(_usable(password, account))

        def work(writing: Writing) -> str:
            if _has_account(writing.connection, account):
                raise RowError("store.account_taken", Place(value=account))
            writing.connection.execute(
                users.insert().values(
                    name=account, role=role, password_hash=hashed, created_at=writing.at, created_by=who.name
                )
            )
            return account

        return self._database.write(who, "manage_accounts", work, f"+ {account} ({role})", change_id)

    def all(self, who: Actor | None) -> list[dict[str, Any]]:
        """Accounts by name: ``name, role, created_at, created_by, locked_at, has_password``."""
        require(who, "manage_accounts")
        has_password = users.c.password_hash.is_not(None).label("has_password")
        shown = (users.c.name, users.c.role, users.c.created_at, users.c.created_by, users.c.locked_at, has_password)
        rows = self._database.rows(sa.select(*shown).order_by(users.c.name))
        return [{**row, "has_password": bool(row["has_password"])} for row in rows]

    def set_role(self, name: str, role: str, who: Actor) -> None:
        """Change the role of an account, at once.

        Raises
        ------
        RowError
            If there is no such account or role.
        StoreError
            If no administrator would be left.
        """
        account = self._existing(name)
        if role not in ACCOUNT_ROLES:
            raise RowError("store.unknown_role", Place(column="role", value=role), offered=list(ACCOUNT_ROLES))

        def work(writing: Writing) -> None:
            _require_account(writing.connection, account)
            writing.connection.execute(users.update().where(users.c.name == account).values(role=role))
            _keep_an_admin(writing.connection)

        self._database.write(who, "manage_accounts", work, f"= {account} ({role})")

    def lock(self, name: str, locked: bool, who: Actor) -> None:
        """Lock an account and end its sessions, or unlock it; a locked one cannot sign in, and keeps its name and role.

        Raises as :meth:`set_role`.
        """
        account = self._existing(name)

        def work(writing: Writing) -> None:
            _require_account(writing.connection, account)
            since = writing.at if locked else None
            writing.connection.execute(users.update().where(users.c.name == account).values(locked_at=since))
            if locked:
                writing.connection.execute(sessions.delete().where(sessions.c.name == account))
            _keep_an_admin(writing.connection)

        state = "locked" if locked else "unlocked"
        self._database.write(who, "manage_accounts", work, f"= {account} ({state})")

    def remove(self, name: str, who: Actor) -> None:
        """Remove an account and end its sessions; its name stays in the history.

        Raises as :meth:`set_role`.
        """
        account = self._existing(name)

        def work(writing: Writing) -> None:
            _require_account(writing.connection, account)
            writing.connection.execute(sessions.delete().where(sessions.c.name == account))
            writing.connection.execute(users.delete().where(users.c.name == account))
            _keep_an_admin(writing.connection)

        self._database.write(who, "manage_accounts", work, f"- {account}")

    def set_password(self, name: str, password: str, who: Actor) -> None:
        """Set the password of any account and end its sessions.

        Raises
        ------
        RowError
            If there is no such account, or the password is too short.
        """
        self._set_password(self._existing(name), password, who, "manage_accounts")

    def change_own_password(self, old: str, new: str, who: Actor) -> None:
        """Change one's own password and end one's sessions.

        Raises
        ------
        PermissionDeniedError
            If ``old`` is wrong; counts as a failed sign-in.
        """
        require(who, "change_own_password")
        self._verified(account_name(who.name), old)
        self._set_password(account_name(who.name), new, who, "change_own_password")

    def _set_password(self, account: str, password: str, who: Actor, action: str) -> None:
        hashed = _hasher.hash(_usable(password, account))

        def work(writing: Writing) -> None:
            _require_account(writing.connection, account)
            writing.connection.execute(users.update().where(users.c.name == account).values(password_hash=hashed))
            writing.connection.execute(sessions.delete().where(sessions.c.name == account))

        self._database.write(who, action, work, account)

    def sign_in(
        self, name: str, password: str, old_token: str | None = None, address: str = "", device: str = ""
    ) -> str:
        """Check a password and begin a session; returns its token, which is kept nowhere in the store.

        Parameters
        ----------
        old_token : the session that the browser had until now, which ends
        address : where the visitor comes from: failures count from there, and keep nobody elsewhere out
        device : cookie of the browser (:meth:`device`): where it is good for this account, failures count by it instead

        Raises
        ------
        PermissionDeniedError
            ``store.wrong_password`` for a wrong name or password alike; ``store.slowed`` (detail ``seconds``) where
            its turn after earlier failures does not come in some seconds, or too many are waiting: the password is not
            even looked at then.
        """
        account = _plain_name(name)
        self._verified(account, password, address, device)
        return self.begin_session(account, old_token)

    def device(self, name: str, before: str = "") -> str:
        """Device cookie of a browser in which this account signed in; ``before`` is the one that it had."""
        return self._attempts.device(_plain_name(name), before)

    def begin_session(self, name: str, old_token: str | None = None) -> str:
        """Begin a session for an authenticated account.

        Raises
        ------
        PermissionDeniedError
            If there is no such account, or it is locked.
        """
        self._database.require_writable()
        account, now = exact_name(name), self._database.now()
        token = secrets.token_urlsafe(32)
        with self._database.transaction() as (connection, _):
            if not _has_account(connection, account):
                raise PermissionDeniedError("store.no_account")
            if not _has_account(connection, account, _UNLOCKED):
                raise PermissionDeniedError("store.account_locked")
            if old_token:
                connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash(old_token)))
            connection.execute(
                sessions.delete().where(
                    sa.or_(
                        sessions.c.seen_at < iso(now - IDLE),
                        sessions.c.started_at < iso(now - LIFETIME),
                        sessions.c.started_at > iso(now + CLOCK_SLACK),
                    )
                )
            )
            connection.execute(
                sessions.insert().values(
                    token_hash=token_hash(token), name=account, started_at=iso(now), seen_at=iso(now)
                )
            )
        return token

    def signed_in(self, token: str) -> Actor | None:
        """Holder of a session with their current role; None where it ended or never was."""
        now = self._database.now()
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(users.c.name, users.c.role, sessions.c.seen_at)
                .join_from(sessions, users)
                .where(
                    sessions.c.token_hash == token_hash(token),
                    _UNLOCKED,
                    sessions.c.seen_at >= iso(now - IDLE),
                    sessions.c.started_at >= iso(now - LIFETIME),
                    sessions.c.started_at <= iso(now + CLOCK_SLACK),
                    sessions.c.seen_at <= iso(now + CLOCK_SLACK),
                )
            ).first()
        if row is None:
            return None
        if self._database.writable and row.seen_at < iso(now - _SEEN_EVERY):
            with self._database.transaction() as (connection, _):
                connection.execute(
                    sessions.update().where(sessions.c.token_hash == token_hash(token)).values(seen_at=iso(now))
                )
        return Actor(row.name, row.role)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._database.transaction() as (connection, _):
            connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash(token)))

    def _verified(self, account: str, password: str, address: str = "", device: str = "") -> None:
        """Check a password, subject to the rate limit.

        The attempt is counted before the check, so that concurrent tries all count. Names without an account are
        counted alike: the answer does not tell which there are.
        """
        self._database.require_writable()
        source = self._attempts.source(account, address, device)
        hashed = self._attempts.turn(account, source)
        nobodys = _nobodys()  # in every case: the first to sign in would otherwise be told by the time taken
        try:
            _hasher.verify(hashed or nobodys, password[:PASSWORD_LIMIT])
        except argon2.exceptions.VerificationError:
            raise PermissionDeniedError("store.wrong_password") from None
        if not hashed:
            raise PermissionDeniedError("store.wrong_password")
        with self._database.transaction() as (connection, _):
            self._attempts.take_back(connection, account, source)
            if _hasher.check_needs_rehash(hashed):
                connection.execute(
                    users.update().where(users.c.name == account).values(password_hash=_hasher.hash(password))
                )

    def _existing(self, name: str) -> str:
        """The account of a name: an address as it is written, else the name as accounts keep it."""
        exact = exact_name(name)
        found = self._database.scalar(sa.select(users.c.name).where(users.c.name == exact))
        return exact if found is not None else account_name(name)


def exact_name(name: str) -> str:
    """An e-mail address as it is, but for the case of its domain: two people may differ in nothing else.

    Another name as accounts keep it.
    """
    local, at, domain = name.strip().rpartition("@")
    return f"{local}@{domain.lower()}" if at else _plain_name(name)


def account_name(name: str) -> str:
    """Normalised account name (Unicode NFKC, lower case).

    Raises
    ------
    RowError
        If it is empty, longer than 100 letters, or has control characters.
    """
    plain = _plain_name(name)
    if not plain or len(plain) > 100 or any(unicodedata.category(letter).startswith("C") for letter in plain):
        raise RowError("store.bad_name", Place(value=name))
    return plain


def _plain_name(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _usable(password: str, account: str) -> str:
    if not PASSWORD_MINIMUM <= len(password) <= PASSWORD_LIMIT or _plain_name(password) == account:
        raise RowError("store.weak_password", minimum=PASSWORD_MINIMUM, limit=PASSWORD_LIMIT)
    return password


def token_hash(token: str) -> str:
    """What the store keeps of a random token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_this_computer(host: str) -> bool:
    """Whether an address or host name is this computer's."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _has_account(connection: sa.Connection, account: str, *such: sa.ColumnElement[bool]) -> bool:
    return connection.execute(sa.select(users.c.name).where(users.c.name == account, *such)).first() is not None


def _require_account(connection: sa.Connection, account: str) -> None:
    if not _has_account(connection, account):
        raise RowError("store.no_account", Place(value=account))


def _keep_an_admin(connection: sa.Connection) -> None:
    """Refuse to leave accounts without an administrator who can sign in."""
    admins = sa.select(users.c.name).where(users.c.role == "admin", _UNLOCKED)
    if connection.execute(sa.select(users.c.name)).first() and connection.execute(admins).first() is None:
        raise StoreError("store.last_admin")
