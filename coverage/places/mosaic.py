"""Polygons with shared borders from scores on a grid: marching triangles."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Scores: TypeAlias = Callable[[Floats], tuple[Ints, Floats]]

SIX = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
"""Neighbours along triangle edges; diagonals join (row, column) to the next of both."""


def draw_mosaic(scores: Scores, count: int, region: BaseGeometry, spacing: float) -> NDArray[np.object_]:
    """Draw the polygon in which each of ``count`` owners scores highest.

    On a grid of right-angled triangles, a border crosses an edge where the scores of its two ends' owners are equal
    (interpolated along the edge), so that both sides share every vertex. Pieces that a village has apart from its
    largest one go to whoever surrounds them.

    Parameters
    ----------
    scores
        From (p, 2) points in metres to candidates (p, k) and their scores; number ``count`` is nobody.
    count
        Number of owners.
    region
        Polygon in metres, to which everything is cut.
    spacing
        Of the grid, in metres.

    Returns
    -------
    (count,) array
        Polygons or multipolygons, in metres; empty for an owner who is best nowhere.
    """
    west, south, east, north = region.bounds
    xs = np.arange(west - 2 * spacing, east + 2 * spacing, spacing)
    ys = np.arange(south - 2 * spacing, north + 2 * spacing, spacing)
    points = np.column_stack([axis.ravel() for axis in np.meshgrid(xs, ys)])
    owners, values = scores(points)
    best = owners[np.arange(len(points)), values.argmax(axis=1)]
    inside = shapely.contains_xy(region, points)
    shape = (len(ys), len(xs))
    label = one_piece_each(best.reshape(shape), count, inside.reshape(shape)).ravel()
    corners = _triangles(len(ys), len(xs))
    pieces, whose = _cut_triangles(corners, label, points, _Crossings(label, owners, values, points))
    order = np.argsort(whose, kind="stable")
    pieces, whose = pieces[order], whose[order]
    bounds = np.searchsorted(whose, np.arange(count + 2))
    unions = np.array([shapely.coverage_union_all(pieces[a:b]) for a, b in pairwise(bounds)])
    drawn = ~shapely.is_empty(unions)
    unions[drawn] = shapely.coverage_simplify(unions[drawn], spacing / 2)
    return np.array(shapely.intersection(unions[:count], region), dtype=object)


def one_piece_each(label: Ints, count: int, inside: NDArray[np.bool_]) -> Ints:
    """Give every owner one connected piece of a grid; points outside follow the nearest one inside.

    Parameters
    ----------
    label
        (rows, columns) owners; ``count`` is nobody, whose pieces may be many but not smaller than 12 points.
    inside
        (rows, columns) whether a point lies in the region.
    """
    keep = np.zeros(label.shape, dtype=bool)
    for owner in range(count + 1):
        parts, found = ndimage.label((label == owner) & inside, structure=SIX)
        sizes = np.bincount(parts.ravel())[1:]
        if owner < count and found:
            keep |= parts == 1 + sizes.argmax()
        elif found:
            keep |= np.isin(parts, 1 + np.flatnonzero(sizes >= 12))
    nearest = ndimage.distance_transform_edt(~keep, return_distances=False, return_indices=True)
    return np.asarray(label[tuple(nearest)])


def _triangles(rows: int, columns: int) -> Ints:
    """Corners (t, 3) of a grid's triangles, counter-clockwise, as flat positions."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    below = np.column_stack([corner, corner + 1, corner + columns + 1])
    above = np.column_stack([corner, corner + columns + 1, corner + columns])
    return np.vstack([below, above])


class _Crossings:
    """Border crossings on edges between two grid points."""

    def __init__(self, label: Ints, owners: Ints, values: Floats, points: Floats) -> None:
        self.label, self.owners, self.values, self.points = label, owners, values, points

    def __call__(self, one: Ints, other: Ints) -> Floats:
        """Points (e, 2) on the edges; the same whichever end comes first."""
        start, end = np.minimum(one, other), np.maximum(one, other)
        mine, theirs = self.label[start], self.label[end]
        ahead = self._score(start, mine) - self._score(start, theirs)
        behind = self._score(end, theirs) - self._score(end, mine)
        with np.errstate(invalid="ignore", divide="ignore"):
            part = ahead / (ahead + behind)
        part = np.clip(np.where(np.isfinite(part), part, 0.5), 0.05, 0.95)[:, None]
        return self.points[start] * (1 - part) + self.points[end] * part

    def _score(self, at: Ints, owner: Ints) -> Floats:
        known = np.where(self.owners[at] == owner[:, None], self.values[at], -np.inf)
        return np.asarray(known.max(axis=1))


def _cut_triangles(
    corners: Ints, label: Ints, points: Floats, crossings: _Crossings
) -> tuple[NDArray[np.object_], Ints]:
    """Cut triangles along their borders; pieces and owners."""
    a, b, c = label[corners].T
    pieces, whose = [shapely.polygons(points[corners[(a == b) & (b == c)]])], [a[(a == b) & (b == c)]]
    for odd, turn in (((a != b) & (b == c), 0), ((b != c) & (c == a), 1), ((c != a) & (a == b), 2)):
        first, second, third = np.roll(corners[odd], -turn, axis=1).T
        near, far = crossings(first, second), crossings(first, third)
        pieces += [
            shapely.polygons(np.stack([points[first], near, far], axis=1)),
            shapely.polygons(np.stack([near, points[second], points[third], far], axis=1)),
        ]
        whose += [label[first], label[second]]
    mixed = corners[(a != b) & (b != c) & (c != a)]
    sides = [crossings(mixed[:, k], mixed[:, (k + 1) % 3]) for k in range(3)]
    middle = sum(sides) / 3
    for k in range(3):
        pieces.append(shapely.polygons(np.stack([points[mixed[:, k]], sides[k], middle, sides[k - 1]], axis=1)))
        whose.append(label[mixed[:, k]])
    return np.concatenate(pieces), np.concatenate(whose)
