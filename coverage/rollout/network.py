"""Network that fibre may follow: roads where given, else straight lines over land.

All coordinates are metres in the region's UTM zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.spatial import Delaunay, QhullError, cKDTree

from coverage.base.errors import InputError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STEP_M = 100.0
"""Most distance between points on a road, so that a village leaves it at the nearest spot."""
GRID_M = 0.01
"""Road ends closer than this are one junction."""
TINY_M = 1e-6
"""Length of an edge between coincident points: a sparse zero is no edge."""
NEIGHBOURS = 12
"""Nearest places joined by straight lines, beside the Delaunay triangulation."""


@dataclass(frozen=True)
class Network:
    """Points and the lengths between them.

    Attributes
    ----------
    xy : points, shape (n, 2)
    lengths : metres of route between points, sparse (n, n), each edge once
    node_points, village_points : the points at which existing nodes and villages stand
    follows : whether fibre follows roads (``"roads"``) or straight lines (``"lines"``)
    """

    xy: Floats
    lengths: csr_array
    node_points: Integers
    village_points: Integers
    follows: str


def filled_land(polygons: npt.NDArray[Any]) -> Any:
    """The land as one geometry: the union of the villages without its holes.

    A hole is another district inside this one (Kota Blitar in Kabupaten Blitar) or a lake, not the sea.
    """
    union = shapely.union_all(shapely.make_valid(polygons))
    parts = shapely.get_parts(union)
    outer = shapely.polygons(shapely.get_exterior_ring(parts[shapely.get_dimensions(parts) == 2]))
    return shapely.union_all(outer)


def over_water(ends: Floats, land: Any, water_m: float) -> npt.NDArray[np.bool_]:
    """Whether more than ``water_m`` metres of a line lie outside the land.

    Parameters
    ----------
    ends : both ends of each line, shape (n, 2, 2)
    """
    lines = np.asarray(shapely.linestrings(ends))
    shapely.prepare(land)
    wet = np.asarray(~shapely.covers(land, lines))
    wet[wet] = shapely.length(shapely.difference(lines[wet], land)) > water_m
    return wet


def straight_network(
    villages: Floats, nodes: Floats, factor: float, land: Any | None = None, water_m: float = 0.0
) -> Network:
    """Straight lines between neighbouring places, each as long as the line times ``factor``.

    Parameters
    ----------
    villages, nodes : village centres and existing nodes, shape (n, 2)
    factor : a route against the straight line, at least 1
    land : polygon outside of which a line may run for at most ``water_m``; None where the sea may be crossed
    """
    xy = np.vstack([nodes, villages])
    pairs = _neighbour_pairs(xy)
    if land is not None and len(pairs):
        pairs = pairs[~over_water(xy[pairs], land, water_m)]
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) * factor
    return Network(xy, _matrix(len(xy), pairs, length), np.arange(len(nodes)), np.arange(len(nodes), len(xy)), "lines")


def _neighbour_pairs(xy: Floats) -> Integers:
    """Pairs of neighbours: Delaunay triangulation (which contains the minimum spanning tree) and the nearest few."""
    if len(xy) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    nearest = min(NEIGHBOURS + 1, len(xy))
    _, found = cKDTree(xy).query(xy, k=nearest)
    pairs = [np.column_stack([np.repeat(np.arange(len(xy)), nearest), found.ravel()])]
    try:
        corners = Delaunay(xy).simplices
        pairs += [corners[:, [i, j]] for i, j in ((0, 1), (1, 2), (2, 0))] if len(xy) > 3 else []
    except QhullError:  # fewer than three places, or all on one line: the nearest few are all there is
        pass
    stacked = np.sort(np.concatenate(pairs).astype(np.int64), axis=1)
    return np.unique(stacked[stacked[:, 0] != stacked[:, 1]], axis=0)


def road_network(
    roads: npt.NDArray[Any],
    villages: Floats,
    nodes: Floats,
    factor: float,
    land: Any | None = None,
    water_m: float = 0.0,
) -> Network:
    """Roads, with villages and existing nodes joined to the nearest point of a road.

    Roads are joined where their ends or bends meet; a crossing without a common point is a bridge. They are
    taken at their length, the way from a place to the road as a straight line times ``factor``. Roads
    themselves may cross water: there is a bridge. A place whose way to the road crosses water is not joined.

    Parameters
    ----------
    roads : LineStrings or MultiLineStrings
    villages, nodes : village centres and existing nodes, shape (n, 2)
    factor, land, water_m : as for :func:`straight_network`

    Raises
    ------
    InputError
        If there is no line among the roads.
    """
    parts = shapely.get_parts(roads)
    parts = parts[(shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)]
    if not len(parts):
        raise InputError("rollout.no_roads")
    dense = shapely.segmentize(shapely.force_2d(parts), STEP_M)
    points, owner = shapely.get_coordinates(dense, return_index=True)
    _, first, place = np.unique(
        np.rint(points / GRID_M).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    place, xy = place.ravel(), points[first]
    along = owner[1:] == owner[:-1]
    pairs = np.column_stack([place[:-1][along], place[1:][along]])
    length = np.hypot(*(points[1:][along] - points[:-1][along]).T)
    places = np.vstack([nodes, villages])
    gap, nearest = cKDTree(xy).query(places)
    access = np.column_stack([np.arange(len(places)) + len(xy), nearest])
    if land is not None:
        dry = ~over_water(np.stack([places, xy[nearest]], axis=1), land, water_m)
        access, gap = access[dry], gap[dry]
    total = len(xy) + len(places)
    matrix = _matrix(total, np.concatenate([pairs, access]), np.concatenate([length, gap * factor]))
    return Network(
        np.vstack([xy, places]),
        matrix,
        np.arange(len(xy), len(xy) + len(nodes)),
        np.arange(len(xy) + len(nodes), total),
        "roads",
    )


def _matrix(points: int, pairs: Integers, length: Floats) -> csr_array:
    """Sparse lengths; the shortest of parallel edges."""
    pairs = np.sort(pairs, axis=1)
    kept = pairs[:, 0] != pairs[:, 1]
    pairs, length = pairs[kept], np.maximum(length[kept], TINY_M)
    order = np.lexsort((length, pairs[:, 1], pairs[:, 0]))
    pairs, length = pairs[order], length[order]
    new = np.ones(len(pairs), dtype=bool)
    new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return csr_array(coo_array((length[new], (pairs[new, 0], pairs[new, 1])), shape=(points, points)))
