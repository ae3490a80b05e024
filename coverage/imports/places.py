"""Locate positions: in a village, on a border, in a neighbouring regency, or in none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.places.villages import INDONESIA
from coverage.reach.asset_counts import village_of

BORDER_DEGREES = 25.0 / 111_320.0
"""Within 25 m of a second village, or of the outline of the region, a place lies on the border."""
EDGE_DEGREES = 500.0 / 111_320.0
"""So far outside an outline a place may still belong: official outlines of Blitar, by BPS and by Kemendagri, lie nearer
for 95 % of their length, and the outline that drawn boundaries fill is right to as much. Where boundaries are official
such a place is to be checked."""
NEIGHBOUR_M = 10_000.0
"""Farthest from a neighbour's village centre to be attributed to its regency."""
SMALLEST_CLUSTER = 20
"""Shorter lists do not tell their region."""
CLUSTER_M = 60_000.0
"""Usual width of a regency: positions lie within 60 km of their centre, or three times the usual spread."""
FAR = 1.0 / 20


@dataclass(frozen=True)
class Region:
    """What rows are checked against.

    Attributes
    ----------
    neighbours : ``regency, centre_lon, centre_lat`` of villages around it, where known
    chosen
        Whether the list is stated to be of this region. Otherwise a list of twenty positions or more, hardly any of
        them here, is taken for one of another region and checked against its own centre.
    elsewhere
        Whether assets elsewhere in Indonesia are accepted: they may reach into the region. A row that a repair would
        bring into the region is refused all the same.
    landmarks : Table LANDMARKS: hamlets and service points that free texts may name
    """

    villages: gpd.GeoDataFrame
    neighbours: pd.DataFrame | None = None
    crosswalk: pd.DataFrame | None = None
    chosen: bool = True
    elsewhere: bool = False
    landmarks: pd.DataFrame | None = None

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.villages.geometry.to_numpy())

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each position (degrees) lies in a village or on the region's edge."""
        found = np.zeros(len(lon), dtype=bool)
        good = np.isfinite(lon) & np.isfinite(lat)
        points = shapely.points(lon[good], lat[good])
        hits = self._tree.query(points, predicate="dwithin", distance=EDGE_DEGREES)[0]
        found[np.flatnonzero(good)[np.unique(hits)]] = True
        return found

    def place(self, shapes: NDArray[np.object_]) -> pd.DataFrame:
        """Locate geometries (EPSG:4326).

        Returns
        -------
        DataFrame
            ``village_code_bps, village, subdistrict`` (empty where in none), ``where``: ``inside``, ``border``,
            ``edge`` (outside the outline, but no farther than the outline is sure), ``neighbour`` or ``outside``, and
            ``regency`` where the neighbour's name is known.
        """
        frame = gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:4326")
        found = village_of(frame, self.villages).reset_index(drop=True)
        shape = self._tree.query(shapes, predicate="dwithin", distance=BORDER_DEGREES)[0]
        near = np.bincount(shape, minlength=len(shapes))
        outside = found["village_code_bps"].isna().to_numpy()
        lost = np.flatnonzero(outside)
        at, nearest = self._tree.query_nearest(shapes[lost], max_distance=EDGE_DEGREES, all_matches=False)
        rescued, on_line = lost[at], near > 0
        near[rescued] = np.maximum(near[rescued], 1)
        for name in ("village_code_bps", "village", "subdistrict"):
            found.loc[rescued, name] = self.villages[name].to_numpy()[nearest]
        points = shapely.get_type_id(shapes) == 0
        where = np.where(
            near == 0, "outside", np.where((near > 1) & points | (outside & (near > 0)), "border", "inside")
        ).astype(object)
        if not (self.villages["boundary_quality"] == "approximate").any():
            where[rescued[~on_line[rescued]]] = "edge"
        found["where"] = where
        found["regency"] = None
        self._name_regencies(found, shapes)
        return found

    def _name_regencies(self, found: pd.DataFrame, shapes: NDArray[np.object_]) -> None:
        lost = np.flatnonzero(found["where"] == "outside")
        if self.neighbours is None or self.neighbours.empty or not len(lost):
            return
        centres = shapely.get_coordinates(shapely.point_on_surface(shapes[lost]))
        scale = np.array([np.cos(np.radians(np.clip(centres[:, 1].mean(), -85, 85))), 1.0]) * 111_320.0
        around = self.neighbours[["centre_lon", "centre_lat"]].to_numpy(dtype=float) * scale
        own = self.villages[["centre_lon", "centre_lat"]].to_numpy(dtype=float) * scale
        distance, nearest = cKDTree(around).query(centres * scale)
        is_theirs = (distance < cKDTree(own).query(centres * scale)[0]) & (distance < NEIGHBOUR_M)
        names = self.neighbours["regency"].to_numpy(dtype=object)
        where, regency = found["where"].to_numpy(dtype=object).copy(), found["regency"].to_numpy(dtype=object).copy()
        where[lost[is_theirs]], regency[lost[is_theirs]] = "neighbour", names[nearest[is_theirs]]
        found["where"], found["regency"] = where, regency


@dataclass(frozen=True)
class Cluster:
    """Area of a list of another region: a circle around its centre."""

    lon: float
    lat: float
    radius_m: float

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each position lies in the circle."""
        with np.errstate(invalid="ignore"):
            return self.distance_m(lon, lat) <= self.radius_m

    def distance_m(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres from the centre."""
        east = (lon - self.lon) * np.cos(np.radians(self.lat))
        away: NDArray[np.float64] = np.hypot(east, lat - self.lat) * 111_320.0
        return away


def own_area(
    lon: NDArray[np.float64], lat: NDArray[np.float64], region: Region | None, standard: bool = False
) -> Cluster | None:
    """Area of a list that is plainly of another region; else None.

    Parameters
    ----------
    lon, lat : positions, NaN where not known
    region : the current region; a chosen one is never doubted
    standard : whether the list is a package of a published standard, which may be of any country and size
    """
    if region is not None and region.chosen:
        return None
    good = np.isfinite(lon) & np.isfinite(lat) if standard else in_indonesia(lon, lat)
    inside = region is not None and good.any() and region.contains(lon[good], lat[good]).mean() > FAR
    if inside or not good.any() or (good.sum() < SMALLEST_CLUSTER and not standard):
        return None
    middle = Cluster(float(np.median(lon[good])), float(np.median(lat[good])), 0.0)
    away = middle.distance_m(lon[good], lat[good])
    radius = 2 * float(away.max()) if standard else 3 * float(np.quantile(away, 0.9))
    return Cluster(middle.lon, middle.lat, max(CLUSTER_M, radius))


def in_indonesia(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each position lies in Indonesia's bounding box."""
    west, south, east, north = INDONESIA
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return found
