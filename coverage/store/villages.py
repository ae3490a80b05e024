"""Villages of the regions in use: in which of them, and in which regency, an asset lies."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.places.regencies import codes_of, regencies_at, regency_code, region_of
from coverage.reach.asset_counts import PLACE, village_of
from coverage.readers.nation import outlines, regencies
from coverage.store.database import Database
from coverage.store.filters import AssetFilter
from coverage.store.models import DERIVED, assets, state

MARGIN_DEG = 0.3
"""Some 33 km: farther than any asset reaches."""


class VillageLocator:
    """The villages of the regions in use, to tell in which of them an asset lies."""

    def __init__(self) -> None:
        self._villages: dict[str, gpd.GeoDataFrame] = {}
        self.fingerprints: dict[str, str] = {}
        """Of the villages by region."""

    def add(self, villages: gpd.GeoDataFrame) -> str:
        """Use the villages of a region, in place of those it had; return its code."""
        region = region_of(villages)
        if self._villages.get(region) is not villages:
            content = pd.util.hash_pandas_object(pd.DataFrame(villages[list(PLACE)]), index=False)
            shapes = b"".join(villages.geometry.to_wkb())
            self.fingerprints[region] = hashlib.sha256(content.to_numpy().tobytes() + shapes).hexdigest()
            self._villages[region] = villages
        return region

    def knows(self, regency: str | None) -> bool:
        """Whether villages of a regency are in use; also for a place in no regency, which has no village."""
        return regency is None or any(regency in region.split("+") for region in self._villages)

    def bounds(self, region: str) -> tuple[float, float, float, float]:
        """West, south, east and north of a region in degrees."""
        west, south, east, north = map(float, self._villages[region].total_bounds)
        return west, south, east, north

    def __call__(self, frame: gpd.GeoDataFrame) -> pd.DataFrame:
        """Columns :data:`coverage.store.models.DERIVED` for each asset; None where there is nothing to say.

        The regency is that of the village, else by its national outline, which is simplified.
        """
        found = pd.DataFrame(None, index=frame.index, columns=list(DERIVED), dtype=object)
        for villages in reversed(self._villages.values()):
            left = found["village_code_bps"].isna()
            found.loc[left, list(PLACE)] = village_of(frame[left], villages).astype(object)
        inside = found["village_code_bps"].notna()
        found.loc[inside, "regency_code"] = regency_code(found.loc[inside, "village_code_bps"].astype(str))
        if not inside.all():
            outside = frame.geometry[~inside].to_crs(4326).representative_point()
            found.loc[~inside, "regency_code"] = regencies_at(outside, regency_outlines())["regency"].astype(object)
        return found.where(found.notna(), None)


@cache
def regency_outlines() -> gpd.GeoSeries:
    """Outlines of all regencies by their code."""
    table = regencies().set_index("regency_code_kemendagri", drop=False)
    return outlines().rename(codes_of(table).to_dict())


class Villages:
    """The villages that assets are looked up with; :attr:`locator` is None until some are known."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.locator: VillageLocator | None = None

    def use(self, villages: gpd.GeoDataFrame) -> None:
        """Locate assets in these villages from now on, so that they can be filtered by village.

        A store holds many regions: each call adds the villages of one. Where they are not those of last time, or
        assets came in since from where no villages are known (the command line, a backup), they are looked up anew.
        What is computed is no part of the history and makes no new revision; what was entered
        (``village_code_entered``) is never touched.

        Parameters
        ----------
        villages : per :data:`coverage.base.schema.VILLAGES`
        """
        if self.locator is None:
            self.locator = VillageLocator()
        region = self.locator.add(villages)
        if not self._database.writable:
            return
        known = _names(self._database.scalar(sa.select(state.c.villages)))
        if known.get(region) != self.locator.fingerprints[region]:
            self._locate(region, self.locator)

    def region_filter(self, villages: gpd.GeoDataFrame) -> AssetFilter:
        """The assets of a region: those in it, and those near by that belong to no other region of this store."""
        own = region_of(villages).split("+")
        known = _names(self._database.scalar(sa.select(state.c.villages)))
        others = {code for region in known for code in region.split("+")} - set(own)
        west, south, east, north = map(float, villages.total_bounds)
        around = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
        return AssetFilter(regencies=tuple(own), others=tuple(sorted(others)), around=around)

    def _locate(self, region: str, locator: VillageLocator) -> None:
        """Look up the assets that may lie in a region, that lay in it by the villages of before, and that are new."""
        west, south, east, north = locator.bounds(region)
        columns, own = assets.c, region.split("+")
        near = sa.and_(
            columns.lon_min <= east, columns.lon_max >= west, columns.lat_min <= north, columns.lat_max >= south
        )
        wanted = sa.or_(near, columns.regency_code.in_(own), columns.regency_code.is_(None))
        with self._database.transaction() as (connection, _):
            rows = connection.execute(
                sa.select(columns.asset_id, columns.geometry, columns.regency_code)
                .where(wanted)
                .order_by(columns.asset_id)
            ).all()
            if rows:
                shapes = gpd.GeoSeries.from_wkb([bytes(row.geometry) for row in rows], crs=4326)
                places = locator(gpd.GeoDataFrame(geometry=shapes))
                values: dict[str, Any] = {column: sa.bindparam(f"new_{column}") for column in DERIVED}
                moved = [
                    {"this": row.asset_id, **{f"new_{name}": place[name] for name in DERIVED}}
                    for row, place in zip(rows, places.to_dict("records"), strict=True)
                    if place["village_code_bps"] is not None or row.regency_code is None or row.regency_code in own
                ]
                if moved:
                    connection.execute(
                        assets.update().where(columns.asset_id == sa.bindparam("this")).values(values), moved
                    )
            known = _names(connection.execute(sa.select(state.c.villages)).scalar())
            now = {**known, region: locator.fingerprints[region]}
            connection.execute(state.update().values(villages=json.dumps(now, sort_keys=True)))


def _names(kept: str | None) -> dict[str, str]:
    """Fingerprints of the villages by region that assets were looked up with."""
    try:
        found = json.loads(kept or "{}")
    except ValueError:  # that of the one region which an older store knew
        return {}
    return found if isinstance(found, dict) else {}
