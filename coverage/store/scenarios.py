"""Scenarios of a region: sets of proposed assets, apart from the inventory."""

from __future__ import annotations

import json
import uuid
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from coverage.base.errors import Place, StaleVersionError, StoreError
from coverage.store.assets import named
from coverage.store.database import Database, Writing
from coverage.store.frames import frame_of_lines
from coverage.store.models import scenarios
from coverage.store.permissions import Actor, require
from coverage.store.records import as_json, rows_of


class Scenarios:
    """Sets of proposed assets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        region: str,
        name: str,
        frame: gpd.GeoDataFrame,
        who: Actor,
        note: str | None = None,
        scenario_id: str | None = None,
        version: int | None = None,
        change_id: str | None = None,
    ) -> str:
        """Save a set of proposed assets, apart from the inventory, and return its identifier.

        Parameters
        ----------
        scenario_id, version : of a scenario to replace, as ``who`` saw it

        Raises
        ------
        StaleVersionError
            If it was saved since.
        RowError
            If an asset breaks the schema.
        """
        rows = [
            row if isinstance(row.get("asset_id"), str) and row["asset_id"] else {**row, "asset_id": f"{position:04d}"}
            for position, row in enumerate(rows_of(frame), start=1)
        ]
        given = scenario_id or uuid.uuid4().hex

        def work(writing: Writing) -> str:
            content = json.dumps([as_json(record) for record in named(writing.connection, rows)])
            kept = sa.select(scenarios).where(scenarios.c.scenario_id == given)
            there = writing.connection.execute(kept).mappings().first()
            if scenario_id is not None and (there is None or there["version"] != version):
                raise StaleVersionError("store.stale_scenario", name=name, who=there["saved_by"] if there else None)
            values = {
                "version": (version or 0) + 1,
                "region": region,
                "name": name,
                "note": note,
                "assets": content,
                "struck_out": False,
                "saved_at": writing.at,
                "saved_by": who.name,
            }
            target: sa.Insert | sa.Update = scenarios.update().where(scenarios.c.scenario_id == given)
            if there is None:
                target = scenarios.insert().values(scenario_id=given)
            writing.connection.execute(target.values(values))
            return given

        return self._database.write(who, "save_scenario", work, note, change_id)

    def all(self, region: str, viewer: Actor | None) -> list[dict[str, Any]]:
        """Scenarios of a region by name: ``scenario_id, version, name, note, saved_at, saved_by``."""
        require(viewer, "view_scenarios")
        columns = (column for column in scenarios.c if column.name not in ("assets", "struck_out", "region"))
        here = sa.or_(scenarios.c.region == region, scenarios.c.region.is_(None))
        rows = sa.select(*columns).where(here, sa.not_(scenarios.c.struck_out))
        return [dict(row) for row in self._database.rows(rows.order_by(scenarios.c.name, scenarios.c.scenario_id))]

    def load(self, scenario_id: str, viewer: Actor | None) -> gpd.GeoDataFrame:
        """Assets of a scenario, with the columns of the inventory.

        Raises
        ------
        StoreError
            If there is none of that identifier.
        """
        require(viewer, "view_scenarios")
        rows = self._database.rows(sa.select(scenarios).where(scenarios.c.scenario_id == scenario_id))
        if not rows:
            raise StoreError("store.no_such_scenario", Place(value=scenario_id))
        row = rows[0]
        marks = {"version": row["version"], "at": row["saved_at"], "who": row["saved_by"]}
        return frame_of_lines([{**marks, "after": text} for text in json.loads(row["assets"])])
