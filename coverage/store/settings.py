"""What an office decides for a region, kept until it is changed: rule, weights, plan with costs, letterhead,
deadlines of proposals, what the public page holds back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from coverage.base.errors import StoreError
from coverage.store.database import Database, Writing
from coverage.store.models import settings
from coverage.store.permissions import Actor

Name = Literal["rule", "priority", "plan", "letterhead", "proposals", "public"]
NAMES: tuple[Name, ...] = get_args(Name)


def action_of(name: Name) -> str:
    """What deciding a name takes."""
    return "publish" if name == "public" else "change_settings"


@dataclass(frozen=True)
class Setting:
    """One decision: its value (None: what ships), when (ISO, UTC) and by whom."""

    value: Any
    at: str
    who: str


class Settings:
    """The decisions that a store keeps.

    Lines are only added. Everybody may read them, for every page and paper rests on them; changing one needs
    ``change_settings``, and what is told to everybody ``publish``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, region: str) -> dict[Name, Setting]:
        """The latest decision of each name that was ever decided; what was given back to what ships is left out."""
        rows = self._database.rows(sa.select(settings).where(settings.c.region == region).order_by(settings.c.at))
        latest = {row["name"]: _setting(row) for row in rows}
        return {name: latest[name] for name in NAMES if name in latest and latest[name].value is not None}

    def history(self, region: str, name: Name) -> list[Setting]:
        """Every decision of a name, the newest first."""
        return [_setting(row) for row in self._database.rows(_lines(region, name))]

    def revision(self) -> str | None:
        """Changes with every decision, for whatever region; None before the first."""
        latest: str | None = self._database.scalar(sa.select(sa.func.max(settings.c.at)))
        return latest

    def decide(
        self,
        region: str,
        name: Name,
        value: Any,
        who: Actor | None,
        note: str | None = None,
        change_id: str | None = None,
    ) -> None:
        """Keep a decision, or with None go back to what ships; the same value once more is no new decision.

        Parameters
        ----------
        value : anything that JSON can hold

        Raises
        ------
        PermissionDeniedError
            If ``who`` may not.
        StoreError
            If there is no such name.
        """
        if name not in NAMES:
            raise StoreError("store.no_such_setting", value=name)
        text = None if value is None else json.dumps(value, sort_keys=True)

        def work(writing: Writing) -> None:
            latest = writing.connection.execute(_lines(region, name).limit(1)).first()
            if text == (latest.value if latest else None):
                return
            line = {"change_id": writing.change_id, "region": region, "name": name, "value": text}
            writing.connection.execute(settings.insert().values(**line, at=writing.at, who=writing.who.name))

        self._database.write(who, action_of(name), work, note, change_id)

    def go_back(self, region: str, name: Name, who: Actor | None) -> Setting | None:
        """Decide what was decided before the present decision, and return it; None for what ships."""
        lines = self.history(region, name)
        before = lines[1] if len(lines) > 1 else None
        self.decide(region, name, None if before is None else before.value, who)
        return before


def _lines(region: str, name: Name) -> sa.Select[Any]:
    """Decisions of a name, the newest first."""
    own = sa.and_(settings.c.region == region, settings.c.name == name)
    return sa.select(settings).where(own).order_by(settings.c.at.desc())


def _setting(row: sa.RowMapping) -> Setting:
    return Setting(None if row["value"] is None else json.loads(row["value"]), row["at"], row["who"])
