"""A map of who is best where, made into polygons that share their borders: marching triangles."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree
from shapely.geometry.base import BaseGeometry

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

LEAST_OF_NOBODY = 12
"""Pieces of nobody's land with fewer points go to their surroundings."""
SMOOTHED = 0.1
"""Borders are simplified by so much of the median distance of the points."""


def draw_mosaic(
    xy: Floats, inside: Flags, best: Ints, owners: Ints, scores: Floats, count: int, land: BaseGeometry
) -> NDArray[np.object_]:
    """Draw the polygon in which each of ``count`` owners scores highest.

    Between the points lies a net of triangles; a border crosses an edge where the scores of its two ends' owners are
    equal (interpolated along the edge), so that both sides share every vertex. Pieces that an owner has apart from its
    largest one go to whoever surrounds them.

    Parameters
    ----------
    xy : (p, 2) points on the land and around it, in metres
    inside : (p,) whether a point lies on the land
    best : (p,) whose each point is; number ``count`` is nobody
    owners, scores : (p, k) candidates at each point and their scores
    count : number of owners
    land : polygon in metres, to which everything is cut

    Returns
    -------
    (count,) array
        Polygons or multipolygons, in metres; empty for an owner who is best nowhere.
    """
    net = Delaunay(xy)
    sides = np.sort(net.simplices[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1).astype(np.int64)
    edges, shared = np.unique(sides, axis=0, return_counts=True)
    label = one_piece_each(best, edges, xy, inside, count)
    crossings = _Crossings(label, owners, scores, xy)
    lines = _border_lines(net.simplices.astype(np.int64), edges[shared == 1], label, xy, crossings)
    faces = shapely.get_parts(shapely.polygonize(lines))
    whose = _whose(faces, label, edges, xy)
    drawn = np.full(count, shapely.Polygon(), dtype=object)
    mine = whose < count
    faces, whose = faces[mine], whose[mine]
    lengths = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    faces = shapely.coverage_simplify(faces, SMOOTHED * float(np.median(lengths)))
    shapely.prepare(land)
    cut = ~shapely.contains_properly(land, faces)
    faces[cut] = shapely.intersection(faces[cut], land)
    solid = shapely.area(faces) > 0
    faces, whose = faces[solid], whose[solid]
    drawn[whose] = faces
    for owner in np.flatnonzero(np.bincount(whose, minlength=count) > 1):
        drawn[owner] = shapely.coverage_union_all(faces[whose == owner])
    return drawn


def one_piece_each(best: Ints, edges: Ints, xy: Floats, inside: Flags, count: int) -> Ints:
    """Give every owner one connected piece of a net; other pieces, and points outside, follow the nearest piece.

    Parameters
    ----------
    best
        (p,) owners; ``count`` is nobody, whose pieces may be many but not smaller than :data:`LEAST_OF_NOBODY` points.
    edges : (e, 2) points that are joined
    xy : (p, 2) points
    inside : (p,) whether a point lies on the land
    count : number of owners
    """
    piece = _pieces(best, edges, inside)
    size = np.bincount(piece[inside], minlength=piece.max() + 1)
    owner_of = np.zeros(len(size), dtype=np.int64)
    owner_of[piece[inside]] = best[inside]
    order = np.lexsort([-size, owner_of])
    order = order[size[order] > 0]
    first = np.append(True, owner_of[order][1:] != owner_of[order][:-1])
    keep = np.zeros(len(size), dtype=bool)
    keep[order] = np.where(owner_of[order] == count, size[order] >= LEAST_OF_NOBODY, first)
    kept = keep[piece] & inside
    label: Ints = best.copy()
    label[~kept] = best[kept][cKDTree(xy[kept]).query(xy[~kept])[1]]
    return label


def _pieces(label: Ints, edges: Ints, usable: Flags) -> Ints:
    """Number of the connected piece of one label that each point is in."""
    same = (label[edges[:, 0]] == label[edges[:, 1]]) & usable[edges].all(axis=1)
    a, b = edges[same].T
    graph = coo_matrix((np.ones(len(a), dtype=bool), (a, b)), shape=(len(label), len(label)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _whose(faces: NDArray[np.object_], label: Ints, edges: Ints, xy: Floats) -> Ints:
    """The owner of each face: that of any point in it."""
    _, first = np.unique(_pieces(label, edges, np.ones(len(label), dtype=bool)), return_index=True)
    point, face = shapely.STRtree(faces).query(shapely.points(xy[first]), predicate="intersects")
    whose = np.full(len(faces), label.max() + 1)
    whose[face] = label[first[point]]
    return whose


class _Crossings:
    """Where the border between the owners of two points crosses the edge between them."""

    def __init__(self, label: Ints, owners: Ints, scores: Floats, xy: Floats) -> None:
        self.label, self.owners, self.scores, self.xy = label, owners, scores, xy

    def __call__(self, one: Ints, other: Ints) -> Floats:
        """Points (e, 2) on the edges from ``one`` to ``other``; the same point whichever end comes first."""
        start, end = np.minimum(one, other), np.maximum(one, other)
        mine, theirs = self.label[start], self.label[end]
        with np.errstate(invalid="ignore", divide="ignore"):
            ahead = self._score(start, mine) - self._score(start, theirs)
            behind = self._score(end, theirs) - self._score(end, mine)
            part = ahead / (ahead + behind)
        part = np.clip(np.where(np.isfinite(part), part, 0.5), 0.05, 0.95)[:, None]
        return self.xy[start] * (1 - part) + self.xy[end] * part

    def _score(self, at: Ints, owner: Ints) -> Floats:
        known = np.where(self.owners[at] == owner[:, None], self.scores[at], -np.inf)
        return np.asarray(known.max(axis=1))


def _border_lines(corners: Ints, rim: Ints, label: Ints, xy: Floats, crossings: _Crossings) -> NDArray[np.object_]:
    """The borders within triangles, and the rim around them all, as pieces of line that meet at their ends."""
    a, b, c = label[corners].T
    pieces = []
    for odd, turn in (((a != b) & (b == c), 0), ((b != c) & (c == a), 1), ((c != a) & (a == b), 2)):
        first, second, third = np.roll(corners[odd], -turn, axis=1).T
        pieces.append(np.stack([crossings(first, second), crossings(first, third)], axis=1))
    mixed = corners[(a != b) & (b != c) & (c != a)]
    sides = [crossings(mixed[:, k], mixed[:, (k + 1) % 3]) for k in range(3)]
    middle = sum(sides) / 3
    pieces += [np.stack([side, middle], axis=1) for side in sides]
    same = label[rim[:, 0]] == label[rim[:, 1]]
    half = crossings(*rim[~same].T)
    pieces += [xy[rim[same]], np.stack([xy[rim[~same, 0]], half], 1), np.stack([half, xy[rim[~same, 1]]], 1)]
    return np.asarray(shapely.linestrings(np.concatenate(pieces)))
