"""Distances by road, on the roads of the region's base map: to the nearest asset, and from village to village."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from threading import Condition

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from coverage.base.errors import FileRefusedError
from coverage.base.kinds import giving
from coverage.base.projection import utm_crs
from coverage.reach.assets import SERVING_STATUS
from coverage.readers.basemap import roads_of
from coverage.rollout.network import road_network
from coverage.run.result import RunTables

MOST_VISITS = 60
AWAY_M = 1000.0
"""A place farther than this from any road has no distance by road: the way to it is not on the map."""


def _key(analysis: RunTables) -> object:
    kept = analysis.basemap.path if analysis.basemap else None
    return hashkey(analysis.run["run_id"], kept, 0 if analysis.assets is None else len(analysis.assets))


@cached(LRUCache(4), key=_key, condition=Condition())
def road_distances(analysis: RunTables) -> pd.DataFrame | None:
    """Metres by road from each village centre to the nearest operational asset.

    The nearest by road may be another than the nearest as the crow flies. From a place to its road is a straight line.

    Returns
    -------
    DataFrame or None
        Indexed by BPS code, a column for each kind of asset and each service; NaN where there is no way, or a centre
        is farther than :data:`AWAY_M` from a road. None where the region keeps no roads, or has no assets.
    """
    roads, assets, villages = _roads(analysis), analysis.assets, analysis.villages
    if roads is None or assets is None or assets.empty:
        return None
    crs = utm_crs(villages)
    working = assets[(assets["status"] == SERVING_STATUS) & ~assets.geometry.is_empty].to_crs(crs)
    sites, asset = shapely.get_coordinates(working.geometry.to_numpy(), return_index=True)
    centres = gpd.GeoSeries(gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"]), crs=4326).to_crs(crs)
    at = shapely.get_coordinates(centres.to_numpy())
    network = road_network(roads.to_crs(crs).geometry.to_numpy(), at, sites, 1.0)
    on_road = cKDTree(network.xy[: len(network.xy) - len(sites) - len(at)])
    far_sites, far = (on_road.query(places)[0] > AWAY_M for places in (sites, at))
    kinds = analysis.parameters.kinds
    found: dict[str, NDArray[np.float64]] = {}
    for kind in working["kind"].unique():
        starts = (working["kind"] == kind).to_numpy()[asset] & ~far_sites
        if starts.any():
            metres = dijkstra(network.lengths, False, network.node_points[starts], min_only=True)
            there = metres[network.village_points]
            found[kind] = np.where(far | ~np.isfinite(there), np.nan, there)
    for service in dict.fromkeys(kind.service for kind in kinds.values() if kind.service):
        of_kinds = [found[kind] for kind in giving(kinds, service) if kind in found]
        if of_kinds:
            found[service] = np.fmin.reduce(of_kinds)
    return pd.DataFrame(found, index=pd.Index(villages["village_code_bps"], name="village_code_bps"))


def _roads(analysis: RunTables) -> gpd.GeoDataFrame | None:
    """Roads of the base map; none where its kept file is damaged or gone: figures and papers need not fail of that."""
    try:
        return roads_of(analysis.basemap)
    except FileRefusedError:
        return None


def visiting_order(analysis: RunTables, codes: Sequence[str]) -> list[tuple[str, float]] | None:
    """Villages in an order that is short to drive, each with the metres by road from the one before (0 for the first).

    It begins at the first of the most that roads join, goes on to the nearest, and is shortened by turning stretches
    round (2-opt). Those that no road joins to them come last, with NaN. None where the region keeps no roads, and for
    more than :data:`MOST_VISITS`.
    """
    roads, villages = _roads(analysis), analysis.villages
    if roads is None or not 0 < len(codes) <= MOST_VISITS:
        return None
    chosen = villages.set_index("village_code_bps").loc[list(codes)]
    centres = gpd.GeoSeries(gpd.points_from_xy(chosen["centre_lon"], chosen["centre_lat"]), crs=4326)
    crs = utm_crs(villages)
    at = shapely.get_coordinates(centres.to_crs(crs).to_numpy())
    network = road_network(roads.to_crs(crs).geometry.to_numpy(), at, np.zeros((0, 2)), 1.0)
    ends = network.village_points
    metres = np.array([dijkstra(network.lengths, False, end)[ends] for end in ends])
    near = cKDTree(network.xy[: -len(at)]).query(at)[0] <= AWAY_M
    ways = np.isfinite(metres) & near & near[:, None]
    joined = np.flatnonzero(ways[np.argmax(ways.sum(axis=1))])
    order = _shortened(_nearest_first(metres, joined), metres)
    legs = [0.0, *(float(metres[one, other]) for one, other in pairwise(order))]
    rest = [(code, np.nan) for place, code in enumerate(codes) if place not in order]
    return [*((codes[place], leg) for place, leg in zip(order, legs, strict=False)), *rest]


def _nearest_first(metres: NDArray[np.float64], places: NDArray[np.int64]) -> list[int]:
    order, left = [int(one) for one in places[:1]], [int(one) for one in places[1:]]
    while left:
        order.append(left.pop(int(np.argmin(metres[order[-1], left]))))
    return order


def _shortened(order: list[int], metres: NDArray[np.float64]) -> list[int]:
    """The order with stretches turned round as long as that makes it shorter; its first stays."""
    count, better = len(order), True
    while better:
        better = False
        for first in range(1, count - 1):
            for last in range(first + 1, count):
                before, after = order[first - 1], order[last + 1] if last + 1 < count else None
                old = metres[before, order[first]] + (0 if after is None else metres[order[last], after])
                new = metres[before, order[last]] + (0 if after is None else metres[order[first], after])
                if new < old - 1:
                    order[first : last + 1] = order[first : last + 1][::-1]
                    better = True
    return order
