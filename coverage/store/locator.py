"""Where assets lie: in which village of the regions in use, and in which regency."""

from __future__ import annotations

import hashlib
from functools import cache

import geopandas as gpd
import pandas as pd

from coverage.places.regencies import regencies_at, regency_code, region_of
from coverage.reach.asset_counts import PLACE, village_of
from coverage.readers.nation import outlines, regencies
from coverage.store.models import DERIVED


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
            found.loc[~inside, "regency_code"] = regencies_at(outside, _outlines())["regency"].astype(object)
        return found.where(found.notna(), None)


@cache
def _outlines() -> gpd.GeoSeries:
    """Outlines of all regencies by their code."""
    shapes, table = outlines(), regencies().set_index("regency_code_kemendagri")["regency_code_bps"]
    bps = table.reindex(shapes.index).fillna("")
    return shapes.set_axis(bps.where(bps != "", shapes.index.to_series()).to_numpy(dtype=object))
