"""Tokens with which other programs read (:mod:`coverage.web.server.features`): shown once, kept as hashes."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa

from coverage.base.errors import Place, RowError
from coverage.store.accounts import token_hash
from coverage.store.database import Database, Writing
from coverage.store.models import tokens
from coverage.store.permissions import Actor, require

NAME_LIMIT = 100


class Tokens:
    """Tokens, their names, and who holds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, name: str, who: Actor | None) -> str:
        """Make a token for a program and return it; it is kept nowhere in the store.

        Raises
        ------
        RowError
            If the name is empty or longer than 100 letters.
        """
        named = name.strip()
        if not 0 < len(named) <= NAME_LIMIT:
            raise RowError("store.bad_name", Place(value=name))
        token = secrets.token_urlsafe(32)

        def work(writing: Writing) -> str:
            line = {"token_id": writing.change_id, "name": named, "token_hash": token_hash(token)}
            made = {"created_at": writing.at, "created_by": writing.who.name}
            writing.connection.execute(tokens.insert().values(**line, **made))
            return writing.change_id

        self._database.write(who, "manage_accounts", work, f"+ {named} (token)")
        return token

    def all(self, who: Actor | None) -> list[dict[str, Any]]:
        """Tokens that count, the newest first: ``token_id, name, created_at, created_by``."""
        require(who, "manage_accounts")
        shown = (tokens.c.token_id, tokens.c.name, tokens.c.created_at, tokens.c.created_by)
        rows = sa.select(*shown).where(tokens.c.withdrawn_at.is_(None)).order_by(tokens.c.created_at.desc())
        return [dict(row) for row in self._database.rows(rows)]

    def withdraw(self, token_id: str, who: Actor | None) -> None:
        """Withdraw a token, at once; its line stays."""

        def work(writing: Writing) -> None:
            valid = (tokens.c.token_id == token_id) & tokens.c.withdrawn_at.is_(None)
            withdrawn = tokens.update().where(valid).values(withdrawn_at=writing.at, withdrawn_by=writing.who.name)
            writing.connection.execute(withdrawn)

        self._database.write(who, "manage_accounts", work, f"- {token_id} (token)")

    def holder(self, token: str) -> Actor | None:
        """The program that a token was issued for, in the role ``program``; None where it counts no more."""
        valid = (tokens.c.token_hash == token_hash(token)) & tokens.c.withdrawn_at.is_(None)
        name = self._database.scalar(sa.select(tokens.c.name).where(valid))
        return None if name is None else Actor(name, "program")
