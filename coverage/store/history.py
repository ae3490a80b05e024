"""History of assets, reverting and undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from coverage.base.errors import StoreError
from coverage.base.schema import NEEDS_REPAIR
from coverage.readers.kinds import asset_kinds
from coverage.store.assets import Change, Moment, refuse_stale
from coverage.store.database import Database, Writing, moment_of
from coverage.store.lines import Edit, at_version, lines_at, present, require_assets, write_edits
from coverage.store.models import asset_history, assets, journal
from coverage.store.permissions import Actor, may, require
from coverage.store.records import STORED, Record, changed_fields, from_json, same
from coverage.store.villages import VillageLocator, Villages

_UNDOABLE = (
    *("add", "change", "split", "decommission", "strike_out", "set_back", "set_back_all"),
    *("import", "take_back_import"),
)
_AS_IT_IS = ("asset_id", "version", "at", "who", "action", "note", "import_id", "change_id")


@dataclass(frozen=True)
class Line:
    """One change of one asset; ``before`` is None for its first."""

    asset_id: str
    version: int
    at: str
    who: str
    action: str
    note: str | None
    import_id: str | None
    change_id: str
    before: Record | None
    after: Record

    @property
    def changed(self) -> list[str]:
        """Changed fields; all filled ones for the first."""
        if self.before is None:
            return [name for name in STORED if self.after[name] not in (None, False)]
        return changed_fields(self.before, self.after)


@dataclass(frozen=True)
class Reversal:
    """Result of a revert: assets, and fields left alone because they were edited later."""

    set_back: list[str]
    kept: dict[str, list[str]]


class History:
    """Reading the history, and reverting by new changes: it only grows."""

    def __init__(self, database: Database, villages: Villages) -> None:
        self._database, self._villages = database, villages

    def of(self, asset_id: str, viewer: Actor | None) -> list[Line]:
        """Changes of an asset, oldest first; of cameras only for those who may see them.

        Raises
        ------
        PermissionDeniedError
            If ``viewer`` is not granted ``view_history``.
        """
        require(viewer, "view_history")
        lines = sa.select(asset_history).where(asset_history.c.asset_id == asset_id).order_by(asset_history.c.version)
        found = [
            Line(
                **{name: line[name] for name in _AS_IT_IS},
                before=from_json(line["before"]) if line["before"] else None,
                after=from_json(line["after"]),
            )
            for line in self._database.rows(lines)
        ]
        hidden = any(asset_kinds().of(line.after["kind"]).private for line in found) and not may(viewer, "view_cctv")
        return [] if hidden else found

    def broken_since(self, viewer: Actor | None) -> dict[str, str]:
        """Moment at which each asset of :data:`base.schema.NEEDS_REPAIR` was noted to have stopped working.

        Only of those that an editor changed from working: the day on which a list was loaded, an asset added or a
        version set back says nothing of it.
        """
        require(viewer, "view_history")
        now = sa.select(assets.c.asset_id).where(assets.c.status.in_(NEEDS_REPAIR), sa.not_(assets.c.struck_out))
        lines = (
            sa.select(asset_history.c.asset_id, asset_history.c.at, asset_history.c.action, asset_history.c.after)
            .where(asset_history.c.asset_id.in_(now))
            .order_by(asset_history.c.asset_id, asset_history.c.version)
        )
        since: dict[str, str | None] = {}
        for line in self._database.rows(lines):
            if from_json(line.after)["status"] not in NEEDS_REPAIR:
                since.pop(line.asset_id, None)
            else:
                since.setdefault(line.asset_id, line.at if line.action == "change" else None)
        return {asset_id: at for asset_id, at in since.items() if at}

    def set_back(
        self,
        asset_id: str,
        version: int,
        to_version: int,
        who: Actor,
        note: str | None = None,
        change_id: str | None = None,
    ) -> int:
        """Revert an asset to ``to_version`` as a new change, and return its version.

        Parameters
        ----------
        version : current version, as ``who`` saw it

        Raises
        ------
        StaleVersionError, RowError
            As :meth:`coverage.store.assets.Assets.change`; or there is no such version.
        """

        def work(writing: Writing) -> int:
            now = present(writing.connection, [asset_id])
            require_assets(now, [asset_id])
            wanted = at_version(writing.connection, asset_id, to_version)
            refuse_stale(writing.connection, [Change(asset_id, version, wanted)], now)
            edit = Edit(now[asset_id].record, wanted, version + 1)
            return write_edits(writing, [edit], self._villages.locator).get(asset_id, version)

        return self._database.write(who, "set_back", work, note, change_id)

    def set_back_all(self, at: Moment, who: Actor, note: str | None = None) -> list[str]:
        """Revert the inventory to a moment and return what changed; later additions are struck out."""
        moment = moment_of(at)

        def work(writing: Writing) -> list[str]:
            then = {line["asset_id"]: from_json(line["after"]) for line in lines_at(writing.connection, moment)}
            every = list(writing.connection.execute(sa.select(assets.c.asset_id).order_by(assets.c.asset_id)).scalars())
            now = present(writing.connection, every)
            edits = [
                Edit(there.record, then.get(asset_id, {**there.record, "struck_out": True}), there.version + 1)
                for asset_id, there in now.items()
            ]
            return sorted(write_edits(writing, edits, self._villages.locator))

        return self._database.write(who, "set_back_all", work, note)

    def can_undo(self, who: Actor) -> bool:
        """Whether there is a change of ``who`` to undo."""
        return self._database.scalar(_last_change(who)) is not None

    def undo_last(self, who: Actor) -> Reversal:
        """Undo the last change of ``who``; repeatable.

        Fields that others changed since stay, and are named in the result.

        Raises
        ------
        StoreError
            If there is nothing to undo.
        """

        def work(writing: Writing) -> dict[str, Any]:
            last = writing.connection.execute(_last_change(who)).scalar()
            if last is None:
                raise StoreError("store.nothing_to_undo")
            writing.undoes = last
            return revert_lines(writing, asset_history.c.change_id == last, self._villages.locator)

        return Reversal(**self._database.write(who, "undo", work))


def _last_change(who: Actor) -> sa.Select[str]:
    """The last change of the inventory by ``who`` that is not undone."""
    undone = sa.select(journal.c.undoes).where(journal.c.undoes.is_not(None))
    return (
        sa.select(journal.c.change_id)
        .where(
            journal.c.who == who.name,
            journal.c.action.in_(_UNDOABLE),
            journal.c.change_id.not_in(undone),
            sa.exists().where(asset_history.c.change_id == journal.c.change_id),
        )
        .order_by(journal.c.at.desc())
        .limit(1)
    )


def revert_lines(writing: Writing, which: sa.ColumnElement[bool], locator: VillageLocator | None) -> dict[str, Any]:
    """Revert lines of the history (one an asset), except fields changed after them."""
    found = writing.connection.execute(sa.select(asset_history).where(which).order_by(asset_history.c.asset_id))
    lines = found.mappings().all()
    now = present(writing.connection, [line["asset_id"] for line in lines])
    edits, kept = [], {}
    for line in lines:
        there = now[line["asset_id"]]
        before = from_json(line["before"]) if line["before"] else None
        wanted, left = _reverse(before, from_json(line["after"]), there.record)
        if left:
            kept[line["asset_id"]] = left
        edits.append(Edit(there.record, wanted, there.version + 1))
    return {"set_back": sorted(write_edits(writing, edits, locator)), "kept": kept}


def _reverse(before: Record | None, after: Record, now: Record) -> tuple[Record, list[str]]:
    """An asset after reverting a change, and the fields that later changes keep.

    An addition is struck out, unless edited since.
    """
    later = changed_fields(after, now)
    if before is None:
        return ({**now}, later) if later else ({**now, "struck_out": True}, [])
    touched = changed_fields(before, after)
    left = [name for name in touched if not same(now[name], after[name])]
    # Kind and geometry go together: a point with the kind of a line is no asset.
    if {"kind", "geometry"} & set(left):
        left += [name for name in ("kind", "geometry") if name in touched and name not in left]
    return {**now, **{name: before[name] for name in touched if name not in left}}, left
