"""Column mappings of lists, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from coverage.store.database import Database, Writing
from coverage.store.models import mappings
from coverage.store.permissions import Actor, require


class SavedMappings:
    """Column mappings, shared by all users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, name: str, content: Mapping[str, Any], who: Actor) -> None:
        """Save a column mapping (JSON values), replacing one of that name."""

        def work(writing: Writing) -> None:
            writing.connection.execute(mappings.delete().where(mappings.c.name == name))
            writing.connection.execute(
                mappings.insert().values(
                    name=name, content=json.dumps(content, ensure_ascii=False), saved_at=writing.at, saved_by=who.name
                )
            )

        self._database.write(who, "import", work, name)

    def forget(self, name: str, who: Actor) -> None:
        """Delete a mapping, if there."""

        def work(writing: Writing) -> None:
            writing.connection.execute(mappings.delete().where(mappings.c.name == name))

        self._database.write(who, "import", work, name)

    def all(self, viewer: Actor | None) -> dict[str, dict[str, Any]]:
        """Mappings by name."""
        require(viewer, "view_imports")
        rows = self._database.rows(sa.select(mappings).order_by(mappings.c.name))
        return {row["name"]: json.loads(row["content"]) for row in rows}
