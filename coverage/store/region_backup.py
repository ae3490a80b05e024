"""One region cut out of a copy of a store, for a backup of that region.

What lies in the region goes along with its whole history, what is said of its villages, what the office decided, and
the lines of the journal of all that. What no region can be told of (an asset at sea, a column mapping) goes along too.
Accounts do not.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.places.regencies import regencies_at
from coverage.store.engine import WRITE, at_file
from coverage.store.guards import drop_guards, make_guards
from coverage.store.models import (
    asset_history,
    assets,
    evidence,
    field_photos,
    field_reports,
    figures,
    imports,
    journal,
    landmarks,
    mappings,
    proposals,
    run_days,
    run_tables,
    runs,
    scenarios,
    settings,
    state,
    users,
)
from coverage.store.villages import regency_outlines

_IMPORTS = (
    *(table.c.import_id for table in (asset_history, figures, landmarks, evidence)),
    evidence.c.withdrawn_import,
)
_CHANGES = (asset_history.c.change_id, settings.c.change_id, proposals.c.change_id)
_MOMENTS = (
    *(imports.c.at, imports.c.taken_back_at, evidence.c.added_at, evidence.c.withdrawn_at),
    *(runs.c.saved_at, scenarios.c.saved_at, mappings.c.saved_at),
    *(field_reports.c.received_at, field_reports.c.withdrawn_at, field_photos.c.received_at),
)
"""When what has no change of its own was done; moments are unique in a store."""


def cut(copy: Path, region: str) -> None:
    """Leave in a copy of a store (SQLite) one region only, by the code of its regency."""
    with at_file(copy, WRITE) as connection:
        drop_guards(connection)
        _locate(connection)
        connection.execute(assets.delete().where(assets.c.regency_code != region))
        connection.execute(asset_history.delete().where(asset_history.c.asset_id.not_in(sa.select(assets.c.asset_id))))
        for table in (figures, landmarks, evidence):
            connection.execute(table.delete().where(sa.not_(table.c.village_code_bps.startswith(region))))
        for table in (settings, proposals, run_days):
            connection.execute(table.delete().where(table.c.region != region))
        ours = sa.select(field_reports.c.report_id).where(sa.not_(_elsewhere(field_reports, region)))
        for table in (field_photos, field_reports):
            connection.execute(table.delete().where(table.c.report_id.not_in(ours)))
        kept = sa.select(runs.c.run_id).where(sa.not_(_elsewhere(runs, region)))
        connection.execute(run_tables.delete().where(run_tables.c.run_id.not_in(kept)))
        for table in (runs, scenarios):
            connection.execute(table.delete().where(_elsewhere(table, region)))
        connection.execute(users.delete())
        connection.execute(imports.delete().where(imports.c.import_id.not_in(_all(_IMPORTS))))
        connection.execute(
            journal.delete().where(journal.c.change_id.not_in(_all(_CHANGES)), journal.c.at.not_in(_all(_MOMENTS)))
        )
        make_guards(connection)


def _all(columns: tuple[sa.Column[str], ...]) -> sa.CompoundSelect[tuple[str]]:
    """Every value of these columns."""
    return sa.union(*(sa.select(column).where(column.is_not(None)) for column in columns))


def _locate(connection: sa.Connection) -> None:
    """Tell the regency of assets that came in, or were moved, where no villages were known.

    By the national outlines, and only where they are sure: nearer to a border, what was told before stays.
    """
    if connection.execute(sa.select(state.c.villages)).scalar() is not None:
        return
    rows = connection.execute(sa.select(assets.c.asset_id, assets.c.geometry, assets.c.regency_code)).all()
    if not rows:
        return
    shapes = gpd.GeoSeries.from_wkb([bytes(row.geometry) for row in rows], crs=4326)
    found = regencies_at(shapes.representative_point(), regency_outlines())
    told = pd.Series([row.regency_code for row in rows], dtype=object)
    lies_in = told.mask(found["sure"] | told.isna(), found["regency"])
    values = [
        {"this": row.asset_id, "new": code if isinstance(code, str) else None}
        for row, code in zip(rows, lies_in, strict=True)
    ]
    update = assets.update().where(assets.c.asset_id == sa.bindparam("this"))
    connection.execute(update.values(regency_code=sa.bindparam("new")), values)


def _elsewhere(table: sa.Table, region: str) -> sa.ColumnElement[bool]:
    """Rows of other regions; the codes of a region of several regencies are joined by a plus."""
    parts = sa.literal("+") + sa.func.coalesce(table.c.region, region) + "+"
    return sa.not_(parts.contains(f"+{region}+"))
