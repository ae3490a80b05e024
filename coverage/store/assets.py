"""The inventory: queries and changes."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import sqlalchemy as sa
from shapely import Geometry

from coverage.base.errors import Place, RowError, StoreError
from coverage.store.conflicts import Conflict, conflict_of, stale
from coverage.store.database import Database, Writing, moment_of
from coverage.store.filters import AssetFilter, keep, where
from coverage.store.frames import COLUMNS, frame_of, frame_of_lines, located
from coverage.store.lines import Edit, Present, at_version, lines_at, present, require_assets, write_edits
from coverage.store.models import FIELDS, assets, counters, state
from coverage.store.permissions import Actor, may, require
from coverage.store.records import Record, checked, rows_of
from coverage.store.villages import Villages

Moment = dt.datetime | dt.date | str
SORTABLE = tuple(name for name in COLUMNS if name != "geometry")


@dataclass(frozen=True)
class Change:
    """New values of an asset by field, and the version they are based on."""

    asset_id: str
    version: int
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class AssetPage:
    """Some rows of the inventory, and the total."""

    rows: gpd.GeoDataFrame
    total: int


class Assets:
    """Queries and changes of assets."""

    def __init__(self, database: Database, villages: Villages) -> None:
        self._database, self._villages = database, villages
        self._kept_distinct: dict[tuple[tuple[str, ...], bool], tuple[object, list[tuple[str, ...]]]] = {}

    def table(
        self, asked: AssetFilter | None = None, at: Moment | None = None, viewer: Actor | None = None
    ) -> gpd.GeoDataFrame:
        """Query the inventory, now or in the past.

        Parameters
        ----------
        asked : filter; by default all that are not struck out
        at : a moment, or a day (its end); now by default
        viewer : who asks; anonymous readers get no cameras (``cctv``)

        Returns
        -------
        GeoDataFrame
            One row an asset by ``asset_id``, EPSG:4326: the columns of :data:`coverage.base.schema.ASSETS` and those
            that :data:`coverage.store.frames.COLUMNS` adds.

        Raises
        ------
        PermissionDeniedError
            If an anonymous reader asks for the past.
        """
        require(viewer, "view")
        wanted = asked or AssetFilter()
        cameras = may(viewer, "view_cctv")
        with self._database.reading() as connection:
            if at is not None:
                require(viewer, "view_history")
                frame = located(frame_of_lines(lines_at(connection, moment_of(at))), self._villages.locator)
                return frame.loc[keep(frame, wanted, cameras)].reset_index(drop=True)
            rows = connection.execute(_columns().where(*where(wanted, cameras)).order_by(assets.c.asset_id))
            return frame_of(rows.all())

    def page(
        self,
        asked: AssetFilter | None = None,
        viewer: Actor | None = None,
        sort: str = "asset_id",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> AssetPage:
        """One page of the inventory, sorted by a column, and the total.

        Raises
        ------
        StoreError
            If there is no column ``sort``.
        """
        require(viewer, "view")
        if sort not in SORTABLE:
            raise StoreError("store.no_such_column", Place(value=sort), offered=list(SORTABLE))
        conditions = where(asked or AssetFilter(), may(viewer, "view_cctv"))
        order = assets.c[sort].desc() if descending else assets.c[sort].asc()
        with self._database.reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(assets).where(*conditions)).scalar_one()
            rows = connection.execute(
                _columns()
                .where(*conditions)
                .order_by(order.nulls_last(), assets.c.asset_id)
                .offset(offset)
                .limit(limit)
            )
            return AssetPage(frame_of(rows.all()), total)

    def one(self, asset_id: str, at: Moment | None = None, viewer: Actor | None = None) -> gpd.GeoDataFrame:
        """One asset as a table of one row, struck out or not; empty where there is none to see."""
        return self.table(AssetFilter(asset_ids=(asset_id,), struck_out=True), at, viewer)

    def owners(self, viewer: Actor | None = None) -> list[str]:
        """Owners in order, for a filter."""
        require(viewer, "view")
        return [owner for (owner,) in self._distinct(("owner",), may(viewer, "view_cctv"))]

    def exist(self, asked: AssetFilter | None = None) -> bool:
        """Whether there is any asset (of those asked for) that is not struck out."""
        found = sa.select(assets.c.asset_id).where(*where(asked or AssetFilter(), True)).limit(1)
        return self._database.scalar(found) is not None

    def places(self, viewer: Actor | None = None) -> list[tuple[str, str, str]]:
        """Villages with assets, as (subdistrict, village, BPS code) in order, for a filter."""
        require(viewer, "view")
        found = self._distinct(("village_code_bps", "subdistrict", "village"), may(viewer, "view_cctv"))
        return sorted((subdistrict, village, code) for code, subdistrict, village in found)

    def _distinct(self, names: tuple[str, ...], see_cctv: bool) -> list[tuple[str, ...]]:
        """Distinct combinations of columns, cached per revision."""
        columns = [assets.c[name] for name in names]
        with self._database.reading() as connection:
            now = tuple(connection.execute(sa.select(state.c.revision, state.c.villages)).one())
            kept = self._kept_distinct.get((names, see_cctv))
            if kept is None or kept[0] != now:
                found = connection.execute(
                    sa.select(*columns)
                    .where(columns[0].is_not(None), *where(AssetFilter(), see_cctv))
                    .distinct()
                    .order_by(*columns)
                )
                kept = self._kept_distinct[names, see_cctv] = (now, [tuple(row) for row in found])
        return kept[1]

    def revision(self) -> int:
        """Number that grows with every change of the inventory."""
        return int(self._database.scalar(sa.select(state.c.revision)))

    def add(
        self, frame: gpd.GeoDataFrame, who: Actor, note: str | None = None, change_id: str | None = None
    ) -> list[str]:
        """Add assets, all or none, and return their identifiers; empty ``asset_id`` gets a new one.

        Raises
        ------
        RowError
            Naming the row (the first is 1), the field, and valid values.
        """
        rows = rows_of(frame)

        def work(writing: Writing) -> list[str]:
            edits = [Edit(None, record, 1) for record in named(writing.connection, rows)]
            taken = present(writing.connection, [edit.after["asset_id"] for edit in edits])
            for position, edit in enumerate(edits, start=1):
                if (name := edit.after["asset_id"]) in taken:
                    raise RowError("store.duplicate_id", Place(row=position, column="asset_id", value=name))
            write_edits(writing, edits, self._villages.locator)
            return [edit.after["asset_id"] for edit in edits]

        return self._database.write(who, "add", work, note, change_id)

    def change(
        self,
        asset_id: str,
        version: int,
        changes: Mapping[str, Any],
        who: Actor,
        note: str | None = None,
        change_id: str | None = None,
    ) -> int:
        """Change fields of an asset and return its new version (unchanged if nothing differs).

        Parameters
        ----------
        version : the version that ``who`` saw
        changes : new values by field; ``geometry`` is a shapely geometry in EPSG:4326

        Raises
        ------
        StaleVersionError
            If it was changed since; ``conflicts`` holds a :class:`~coverage.store.conflicts.Conflict`, to merge by
            field.
        RowError
            If a value breaks the schema, or there is no such asset.
        """
        return self.change_many([Change(asset_id, version, changes)], who, note, change_id)[asset_id]

    def change_many(
        self, wanted: Sequence[Change], who: Actor, note: str | None = None, change_id: str | None = None
    ) -> dict[str, int]:
        """Change several assets, all or none, and return their versions by identifier.

        Raises
        ------
        StaleVersionError
            If any was changed since; ``conflicts`` holds them all.
        RowError
            If a value breaks the schema, or an asset is missing or named twice.
        """
        return self._change(wanted, who, "change", note, change_id)

    def decommission(
        self, asset_id: str, version: int, who: Actor, note: str | None = None, change_id: str | None = None
    ) -> int:
        """Decommission an asset; it stays in the inventory. Raises as :meth:`change`."""
        gone = Change(asset_id, version, {"status": "decommissioned"})
        return self._change([gone], who, "decommission", note, change_id)[asset_id]

    def strike_out(
        self, asset_id: str, version: int, who: Actor, note: str | None = None, change_id: str | None = None
    ) -> int:
        """Strike out a mistaken entry: hidden, kept in the history. Raises as :meth:`change`."""
        gone = Change(asset_id, version, {"struck_out": True})
        return self._change([gone], who, "strike_out", note, change_id)[asset_id]

    def split(
        self, first: Change, second: Geometry, who: Actor, note: str | None = None, change_id: str | None = None
    ) -> str:
        """Cut a route in two in one change, and return the identifier of its second part.

        Parameters
        ----------
        first : the change of the asset, to the geometry of its first part
        second : the rest, in EPSG:4326: a new asset with the other fields of the first

        Raises
        ------
        StaleVersionError, RowError
            As :meth:`change`.
        """

        def work(writing: Writing) -> str:
            (edit,) = _edits(writing.connection, [first], FIELDS_CHANGED)
            rest = {**edit.after, "asset_id": None, "geometry": second, "village_code_entered": None}
            (record,) = named(writing.connection, [rest])
            write_edits(writing, [edit, Edit(None, record, 1)], self._villages.locator)
            return str(record["asset_id"])

        return self._database.write(who, "split", work, note, change_id)

    def _change(
        self, wanted: Sequence[Change], who: Actor, action: str, note: str | None, change_id: str | None
    ) -> dict[str, int]:
        fields = FIELDS_CHANGED | ({"struck_out"} if action == "strike_out" else frozenset())

        def work(writing: Writing) -> dict[str, int]:
            edits = _edits(writing.connection, wanted, fields)
            seen = {change.asset_id: change.version for change in wanted}
            return seen | write_edits(writing, edits, self._villages.locator)

        return self._database.write(who, action, work, note, change_id)


FIELDS_CHANGED = frozenset(column.name for column in FIELDS)
"""Fields that a change may name."""


def _edits(connection: sa.Connection, wanted: Sequence[Change], fields: frozenset[str]) -> list[Edit]:
    """Checked edits of present assets; refused where one is outdated, missing or named twice."""
    now = present(connection, [change.asset_id for change in wanted])
    require_assets(now, (change.asset_id for change in wanted))
    refuse_stale(connection, wanted, now)
    edits = []
    for position, change in enumerate(wanted, start=1):
        row = position if len(wanted) > 1 else None
        for name in change.changes:
            if name not in fields:
                raise RowError("store.unknown_field", Place(row=row, column=name), offered=sorted(fields))
        before = now[change.asset_id]
        edits.append(Edit(before.record, checked({**before.record, **change.changes}, row), before.version + 1))
    if len({change.asset_id for change in wanted}) < len(wanted):
        raise RowError("store.named_twice")
    return edits


def named(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Checked rows with identifiers; duplicates are refused."""
    seen: set[str] = set()
    records = []
    series: dict[str, tuple[str, int, int]] = {}
    for position, row in enumerate(rows, start=1):
        given = row.get("asset_id")
        unnamed = not isinstance(given, str) or not given.strip()
        record = checked({**row, "asset_id": "?"} if unnamed else row, position)
        if unnamed:
            record["asset_id"] = _new_asset_id(connection, record["kind"], series)
        if record["asset_id"] in seen:
            raise RowError("store.duplicate_id", Place(row=position, column="asset_id", value=record["asset_id"]))
        seen.add(record["asset_id"])
        records.append(record)
    return records


SERIES_FROM = 3
"""So many ids of one form are a series."""
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>\d{1,9})")


def _new_asset_id(connection: sa.Connection, kind: str, series: dict[str, tuple[str, int, int]]) -> str:
    """Continue the office's own series of a kind (TWR-250, then TWR-251), else one of ours (tower-00001).

    ``series`` keeps prefix, width and last number by kind within one change.
    """
    while True:
        counted = connection.execute(
            counters.update().where(counters.c.kind == kind).values(last=counters.c.last + 1).returning(counters.c.last)
        ).scalar()
        if counted is None:
            connection.execute(counters.insert().values(kind=kind, last=0))
            continue
        if kind not in series:  # read after the counter was taken, which makes other writers wait
            series[kind] = _own_series(connection, kind)
        prefix, width, last = series[kind]
        number = last + 1 if prefix else counted
        series[kind] = prefix, width, number
        if not present(connection, [name := f"{prefix or f'{kind}-'}{number:0{width}d}"]):
            return name


def _own_series(connection: sa.Connection, kind: str) -> tuple[str, int, int]:
    """Prefix, width and last number that most ids of a kind share; no prefix where they have none in common."""
    found = connection.execute(sa.select(assets.c.asset_id).where(assets.c.kind == kind)).scalars()
    numbered = [match for name in found if (match := _NUMBERED.fullmatch(name)) and match["prefix"]]
    if not numbered:
        return "", 5, 0
    prefix, count = Counter(match["prefix"] for match in numbered).most_common(1)[0]
    if count < SERIES_FROM or count * 2 <= len(numbered):
        return "", 5, 0
    numbers = [match["number"] for match in numbered if match["prefix"] == prefix]
    last = max(numbers, key=int)
    return prefix, len(last), int(last)


def refuse_stale(connection: sa.Connection, wanted: Sequence[Change], now: Mapping[str, Present]) -> None:
    """Refuse changes to outdated versions: StaleVersionError, with every conflict."""
    conflicts: list[Conflict] = []
    for change in wanted:
        there = now[change.asset_id]
        if there.version != change.version:
            base, versions = at_version(connection, change.asset_id, change.version), (change.version, there.version)
            conflicts.append(
                conflict_of(base, change.changes, there.record, versions, there.updated_by, there.updated_at)
            )
    if conflicts:
        raise stale(conflicts)


def _columns() -> sa.Select[Any]:
    return sa.select(*(assets.c[name] for name in COLUMNS))
