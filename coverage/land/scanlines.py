"""Scanline geometry of polygons on a grid.

In the units of the grid's plane, relative to its south-west corner: :func:`covered_areas` is exact, :func:`scan_runs`
cuts polygons into horizontal strips, along which reach is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.base.compiled import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Polygon edges, exteriors counter-clockwise and holes clockwise, sorted by polygon."""

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    polygon: Integers

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, Floats, Integers]:
        """The five columns for compiled functions."""
        return self.x1, self.y1, self.x2, self.y2, self.polygon

    def of(self, first: int, last: int) -> Edges:
        """Edges of polygons ``first`` to ``last`` (exclusive), renumbered from zero."""
        part = slice(*np.searchsorted(self.polygon, [first, last]))
        return Edges(self.x1[part], self.y1[part], self.x2[part], self.y2[part], self.polygon[part] - first)

    def cut(self, longest: float) -> Edges:
        """Edges split to a maximum length."""
        parts = np.maximum(np.ceil(np.hypot(self.x2 - self.x1, self.y2 - self.y1) / longest), 1).astype(np.int64)
        edge = np.repeat(np.arange(len(parts)), parts)
        part = np.arange(len(edge)) - np.repeat(np.cumsum(parts) - parts, parts)
        begin, end = part / parts[edge], (part + 1) / parts[edge]
        x1, y1, x2, y2 = (column[edge] for column in (self.x1, self.y1, self.x2, self.y2))
        return Edges(
            x1 * (1 - begin) + x2 * begin,
            y1 * (1 - begin) + y2 * begin,
            x1 * (1 - end) + x2 * end,
            y1 * (1 - end) + y2 * end,
            self.polygon[edge],
        )


@dataclass(frozen=True, eq=False)
class Windows:
    """Block of grid cells around each polygon, concatenated, each row by row from the south."""

    row: Integers
    column: Integers
    rows: Integers
    columns: Integers
    offset: Integers

    @property
    def size(self) -> int:
        """Total number of cells."""
        return int(self.offset[-1])

    def cells(self, slots: Integers) -> tuple[Integers, Integers, Integers]:
        """Polygon, row and column of ascending flat positions."""
        polygon = np.repeat(np.arange(len(self.rows)), np.diff(np.searchsorted(slots, self.offset)))
        row, column = np.divmod(slots - self.offset[polygon], self.columns[polygon])
        return polygon, row + self.row[polygon], column + self.column[polygon]


def edges_of(polygons: NDArray[Any], x0: float, y0: float) -> Edges:
    """Edges of (multi)polygons relative to ``(x0, y0)``."""
    parts, polygon = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points -= (x0, y0)
    inside = ring[1:] == ring[:-1]
    start, end = points[:-1][inside], points[1:][inside]
    columns = (start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    x1, y1, x2, y2 = (np.ascontiguousarray(column, dtype=np.float64) for column in columns)
    return Edges(x1, y1, x2, y2, polygon[part[ring[1:][inside]]].astype(np.int64))


def windows_of(edges: Edges, polygons: int, width: float, height: float) -> Windows:
    """Window of cells, ``width`` by ``height`` each, around each of ``polygons`` polygons."""
    first = np.searchsorted(edges.polygon, np.arange(polygons))
    low_x, low_y = (
        np.floor(np.minimum.reduceat(np.minimum(a, b), first) / size).astype(np.int64)
        for a, b, size in ((edges.x1, edges.x2, width), (edges.y1, edges.y2, height))
    )
    high_x, high_y = (
        np.floor(np.maximum.reduceat(np.maximum(a, b), first) / size).astype(np.int64)
        for a, b, size in ((edges.x1, edges.x2, width), (edges.y1, edges.y2, height))
    )
    rows, columns = high_y - low_y + 1, high_x - low_x + 1
    return Windows(low_y, low_x, rows, columns, np.concatenate([[0], np.cumsum(rows * columns)]))


def covered_areas(edges: Edges, windows: Windows, width: float, height: float) -> Floats:
    """The exact area of each polygon in each cell of its window.

    By Green's theorem the part of a polygon in a column of cells is the sum over its edges of the integral of
    ``clip(x - west, 0, width) dy``: each edge adds to the cells it crosses, and its height to all cells west of them.

    Returns
    -------
    NDArray[np.float64]
        One area per cell of ``windows``, in squared units of the plane.
    """
    areas = _covered(
        *edges.arrays, windows.row, windows.column, windows.rows, windows.columns, windows.offset, width, height
    )
    return np.clip(areas, 0.0, 1.0) * (width * height)


@compiled()
def _covered(
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    polygon: Integers,
    row0: Integers,
    column0: Integers,
    rows: Integers,
    columns: Integers,
    offset: Integers,
    width: float,
    height: float,
) -> Floats:
    """Cell shares: ``own`` from crossing edges, ``west`` for cells west of an edge."""
    own, west = np.zeros(offset[-1]), np.zeros(offset[-1])
    for e in range(x1.size):
        p = polygon[e]
        up = y2[e] > y1[e]
        sign = 1.0 if up else -1.0
        xa, ya, xb, yb = (x1[e], y1[e], x2[e], y2[e]) if up else (x2[e], y2[e], x1[e], y1[e])
        xa, xb = xa / width - column0[p], xb / width - column0[p]
        ya, yb = ya / height - row0[p], yb / height - row0[p]
        if yb <= ya:
            continue
        slope = (xb - xa) / (yb - ya)
        x_low, x_high = min(xa, xb), max(xa, xb)
        for r in range(int(np.floor(ya)), min(int(np.floor(yb)), rows[p] - 1) + 1):
            low, high = max(ya, float(r)), min(yb, float(r + 1))
            if high <= low:
                continue
            xl = min(max(xa + (low - ya) * slope, x_low), x_high)
            xh = min(max(xa + (high - ya) * slope, x_low), x_high)
            left, right = min(xl, xh), max(xl, xh)
            base = offset[p] + r * columns[p]
            first, last = int(np.floor(left)), min(int(np.floor(right)), columns[p] - 1)
            for c in range(first, last + 1):
                share, mean = 1.0, 0.5 * (left + right)
                if last > first:
                    a, b = max(left, float(c)), min(right, float(c + 1))
                    share, mean = (b - a) / (right - left), 0.5 * (a + b)
                dy = sign * (high - low) * share
                own[base + c] += dy * (mean - c)
                west[base + c] += dy
    _pass_on_to_the_west(own, west, rows, columns, offset)
    return own


@compiled()
def _pass_on_to_the_west(own: Floats, west: Floats, rows: Integers, columns: Integers, offset: Integers) -> None:
    for p in range(rows.size):
        for r in range(rows[p]):
            beyond = 0.0
            for c in range(columns[p] - 1, -1, -1):
                slot = offset[p] + r * columns[p] + c
                own[slot] += beyond
                beyond += west[slot]


def crossings_of(edges: Edges, row_m: float) -> int:
    """Number of crossings with mid-lines of rows ``row_m`` high: two per run."""
    first, beyond = _mid_lines(edges, row_m)
    return int(np.maximum(beyond - first, 0).sum())


def _mid_lines(edges: Edges, row_m: float) -> tuple[Integers, Integers]:
    """First row whose mid-line each edge crosses, and one past the last."""
    first = np.ceil(np.minimum(edges.y1, edges.y2) / row_m - 0.5).astype(np.int64)
    return first, np.ceil(np.maximum(edges.y1, edges.y2) / row_m - 0.5).astype(np.int64)


def scan_runs(edges: Edges, polygons: int, row_m: float) -> tuple[Integers, Integers, Floats, Floats]:
    """Cut polygons along the mid-lines of rows ``row_m`` high (even-odd rule).

    Returns
    -------
    tuple
        Polygon, row, start and end of each run of positive length, sorted by polygon, row and start.
    """
    low = np.full(polygons, np.iinfo(np.int64).max)
    high = np.full(polygons, np.iinfo(np.int64).min)
    first, beyond = _mid_lines(edges, row_m)
    np.minimum.at(low, edges.polygon, first)
    np.maximum.at(high, edges.polygon, beyond)
    rows = np.where(high > low, high - low, 0)
    base = np.concatenate([[0], np.cumsum(rows)])
    offset, crossing = _crossings(*edges.arrays, first, beyond, base[:-1] - low, int(base[-1]), row_m)
    slot = np.repeat(np.arange(base[-1]), np.diff(offset) // 2)
    polygon = np.repeat(np.arange(polygons), rows)[slot]
    start, end = crossing[::2], crossing[1::2]
    kept = end > start
    return polygon[kept], (slot + (low - base[:-1])[polygon])[kept], start[kept], end[kept]


@compiled()
def _crossings(
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    polygon: Integers,
    first: Integers,
    beyond: Integers,
    base: Integers,
    slots: int,
    row_m: float,
) -> tuple[Integers, Floats]:
    """Offset of each slot (a polygon's row), and sorted crossings with its mid-line."""
    filled = np.zeros(slots + 1, np.int64)
    for e in range(x1.size):
        for s in range(first[e], beyond[e]):
            filled[base[polygon[e]] + s + 1] += 1
    offset = np.cumsum(filled)
    crossing = np.empty(offset[-1])
    filled[:] = 0
    for e in range(x1.size):
        for s in range(first[e], beyond[e]):
            x = x1[e] + ((s + 0.5) * row_m - y1[e]) / (y2[e] - y1[e]) * (x2[e] - x1[e])
            x = min(max(x, min(x1[e], x2[e])), max(x1[e], x2[e]))
            slot = base[polygon[e]] + s
            k = offset[slot] + filled[slot]
            filled[slot] += 1
            while k > offset[slot] and crossing[k - 1] > x:
                crossing[k] = crossing[k - 1]
                k -= 1
            crossing[k] = x
    return offset, crossing


@compiled()
def by_strip(strip: NDArray[np.int32], start: Floats, strips: int) -> tuple[Integers, Integers]:
    """Where the runs of each strip begin in their order, and that order: by strip, then by start."""
    offset = np.zeros(strips + 1, np.int64)
    for k in range(strip.size):
        offset[strip[k] + 1] += 1
    offset = np.cumsum(offset)
    order, filled = np.empty(strip.size, np.int64), offset[:-1].copy()
    for k in range(strip.size):
        at = filled[strip[k]]
        filled[strip[k]] += 1
        while at > offset[strip[k]] and start[order[at - 1]] > start[k]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = k
    return offset, order


@compiled()
def add_lengths(start: Floats, end: Floats, base: Integers, width: float, into: Floats) -> None:
    """Add interval lengths to the columns they cross; ``base``: position of column 0 in ``into``."""
    whole = np.zeros(into.size + 1, np.int32)  # intervals that begin to cross a column wholly, less those that end
    for k in range(start.size):
        first, last = int(np.floor(start[k] / width)), int(np.ceil(end[k] / width)) - 1
        into[base[k] + first] += min(end[k], (first + 1) * width) - start[k]
        if last > first:
            into[base[k] + last] += end[k] - last * width
            whole[base[k] + first + 1] += 1
            whole[base[k] + last] -= 1
    add_whole(whole, width, into)


@compiled()
def add_whole(whole: NDArray[np.int32], width: float, into: Floats) -> None:
    """Add columns that are crossed wholly: ``whole`` has where such crossings begin (1 each) and end (-1)."""
    crossing = 0
    for k in range(into.size):
        crossing += whole[k]
        into[k] += crossing * width


@compiled()
def sums_of(group: Integers, values: Floats, groups: int) -> Floats:
    """Sums by group, to the last bit those of ``bincount``; faster where the rows of a group follow each other."""
    sums, total, own = np.zeros(groups), 0.0, -1
    for k in range(group.size):
        if group[k] != own:
            if own >= 0:
                sums[own] = total
            own = group[k]
            total = sums[own]
        total += values[k]
    if own >= 0:
        sums[own] = total
    return sums


@compiled()
def lowest_and_highest(group: Integers, values: Integers, lowest: Floats, highest: Floats) -> None:
    """Lower and raise the ends of each group to hold its values."""
    for k in range(group.size):
        lowest[group[k]] = min(lowest[group[k]], values[k])
        highest[group[k]] = max(highest[group[k]], values[k])
