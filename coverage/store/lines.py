"""Lines of history: written with the asset in one step, and read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from coverage.base.errors import Place, RowError
from coverage.store.database import Writing
from coverage.store.models import DERIVED, asset_history, assets, state
from coverage.store.records import (
    STORED,
    Record,
    Row,
    as_jsons,
    as_rows,
    changed_fields,
    from_json,
    from_row,
    line_digest,
)
from coverage.store.villages import VillageLocator

CHUNK = 5000


@dataclass(frozen=True)
class Present:
    """An asset as it is now."""

    record: Record
    version: int
    updated_at: str
    updated_by: str


@dataclass(frozen=True)
class Edit:
    """An asset before (None if new) and after a change, and its version."""

    before: Record | None
    after: Record
    version: int


def in_chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Chunks that fit into a statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def present(connection: sa.Connection, asset_ids: Sequence[str]) -> dict[str, Present]:
    """Assets of these identifiers, struck out or not."""
    columns = [assets.c[name] for name in (*STORED, "version", "updated_at", "updated_by")]
    found = {}
    for part in in_chunks(asset_ids):
        for row in connection.execute(sa.select(*columns).where(assets.c.asset_id.in_(part))).mappings():
            found[row["asset_id"]] = Present(from_row(row), row["version"], row["updated_at"], row["updated_by"])
    return found


def require_assets(found: Mapping[str, Present], asset_ids: Iterable[str]) -> None:
    """Refuse unknown identifiers.

    Raises
    ------
    RowError
        Naming the first of them.
    """
    for asset_id in asset_ids:
        if asset_id not in found:
            raise RowError("store.no_such_asset", Place(column="asset_id", value=asset_id))


def at_version(connection: sa.Connection, asset_id: str, version: int) -> Record:
    """An asset at a version.

    Raises
    ------
    RowError
        If it never had that version.
    """
    text = connection.execute(
        sa.select(asset_history.c.after).where(asset_history.c.asset_id == asset_id, asset_history.c.version == version)
    ).scalar()
    if text is None:
        raise RowError("store.no_such_version", Place(column="version", value=version), asset_id=asset_id)
    return from_json(text)


def lines_at(connection: sa.Connection, at: str) -> Sequence[Row]:
    """Latest line of every asset at the moment ``at``, by identifier."""
    last = (
        sa.select(asset_history.c.asset_id, sa.func.max(asset_history.c.version).label("version"))
        .where(asset_history.c.at <= at)
        .group_by(asset_history.c.asset_id)
        .subquery()
    )
    lines = sa.select(asset_history).join(
        last, (asset_history.c.asset_id == last.c.asset_id) & (asset_history.c.version == last.c.version)
    )
    return connection.execute(lines.order_by(asset_history.c.asset_id)).mappings().all()


def write_edits(writing: Writing, edits: Sequence[Edit], locator: VillageLocator | None = None) -> dict[str, int]:
    """Write every edit that changes something: its line of history first, then the asset itself.

    Returns
    -------
    dict
        New versions by identifier.
    """
    edits = [edit for edit in edits if edit.before is None or changed_fields(edit.before, edit.after)]
    if not edits:
        return {}
    connection = writing.connection
    connection.execute(asset_history.insert(), _lines(writing, edits))
    rows = _rows(writing, edits, locator)
    fresh = [row for row, edit in zip(rows, edits, strict=True) if edit.before is None]
    known = [row for row, edit in zip(rows, edits, strict=True) if edit.before is not None]
    if fresh:
        connection.execute(assets.insert(), fresh)
    if known:
        update_assets(connection, known)
    values: dict[str, Any] = {"revision": state.c.revision + 1}
    known_here = locator is not None and all(
        row["village_code_bps"] or locator.knows(row["regency_code"]) for row in rows
    )
    if not known_here:  # as on the command line: the villages are looked up when somebody knows them
        values["villages"] = None
    connection.execute(state.update().values(values))
    return {edit.after["asset_id"]: edit.version for edit in edits}


def update_assets(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Set columns of assets, the same ones in each row, after their lines of history were written."""
    new = {name: sa.bindparam(f"new_{name}", type_=assets.c[name].type) for name in rows[0] if name != "asset_id"}
    update = assets.update().where(assets.c.asset_id == sa.bindparam("this")).values(new)
    connection.execute(update, [{"this": row["asset_id"], **{f"new_{k}": v for k, v in row.items()}} for row in rows])


def _lines(writing: Writing, edits: Sequence[Edit]) -> list[dict[str, Any]]:
    said = {
        "at": writing.at,
        "who": writing.who.name,
        "action": writing.action,
        "note": writing.note,
        "import_id": writing.import_id,
        "change_id": writing.change_id,
    }
    afters = as_jsons([edit.after for edit in edits])
    befores = iter(as_jsons([edit.before for edit in edits if edit.before is not None]))
    lines: list[dict[str, Any]] = [
        {
            **said,
            "asset_id": edit.after["asset_id"],
            "version": edit.version,
            "after": after,
            "before": None if edit.before is None else next(befores),
        }
        for edit, after in zip(edits, afters, strict=True)
    ]
    return [{**line, "digest": line_digest(line)} for line in lines]


def _rows(writing: Writing, edits: Sequence[Edit], locator: VillageLocator | None) -> list[dict[str, Any]]:
    rows = [
        {**row, "version": edit.version, "updated_at": writing.at, "updated_by": writing.who.name}
        for row, edit in zip(as_rows([edit.after for edit in edits]), edits, strict=True)
    ]
    if locator is not None:
        places = locator(
            gpd.GeoDataFrame(
                {"asset_id": [row["asset_id"] for row in rows]},
                geometry=[edit.after["geometry"] for edit in edits],
                crs=4326,
            )
        )
        for name in DERIVED:
            for row, value in zip(rows, places[name].tolist(), strict=True):
                row[name] = value if isinstance(value, str) else None
    return rows
