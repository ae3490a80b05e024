"""Distribution of people within villages.

Sources, the best available: a population raster, settlement points or buildings, an even spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.base.compiled import compiled
from coverage.base.errors import InputError
from coverage.land.cells import Land
from coverage.land.scanlines import Edges, Floats, Integers, covered_areas, sums_of, windows_of

Counts = NDArray[np.float32]
CONTROL_M = 1000.0
"""Spacing of exactly projected control points; interpolation between them is right to centimetres."""
BORDER_M = 250.0
"""Longest segment of a border projected as a straight line."""
WINDOW_CELLS = 20_000_000
"""Raster cells per group of villages, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class PeopleRaster:
    """People per cell of a raster, in its own reference system.

    Attributes
    ----------
    crs : reference system of the raster
    x0, y0 : south-west corner of ``counts``, in units of ``crs``
    width, height : size of a cell, in units of ``crs``
    counts
        Shape (rows, columns), people in each cell; row 0 is the southernmost. No value is missing or
        negative: a cell without a value holds nobody.
    """

    crs: pyproj.CRS
    x0: float
    y0: float
    width: float
    height: float
    counts: Counts


@dataclass(frozen=True, eq=False)
class PeopleOnLand:
    """Distributed people.

    Attributes
    ----------
    population : people of each village by this source; NaN where it counts none
    not_covered : share of each village's area that the source does not cover
    evenly : villages in which the source has nobody, whose people are spread evenly
    places : number of places in a village; 0 for a raster
    """

    cells: pd.DataFrame
    population: Floats
    not_covered: Floats
    evenly: Integers
    places: int = 0


def spread_evenly(land: Land) -> pd.DataFrame:
    """Spread each village's people evenly over its area: the fallback.

    Returns
    -------
    pandas.DataFrame
        Table CELLS; ``people_share`` is a piece's area over its village's.
    """
    area, village = land.cells["area_m2"].to_numpy(), land.cells["village_position"].to_numpy()
    return land.cells.assign(people_share=area / sums_of(village, area, len(land.polygons))[village])


def from_raster(land: Land, raster: PeopleRaster) -> PeopleOnLand:
    """Distribute the people of a raster.

    A village's people are the sum of the raster's cells weighted by their exact share in the village; outlines are
    projected to the raster, never the raster to the villages, so nobody is lost or counted twice. Within a village,
    people follow the raster.

    Returns
    -------
    PeopleOnLand
        With the raster's own number of people per village.
    """
    population, not_covered = village_sums(land, raster)
    columns, rows = _control_grid(land, raster)
    counts = np.ascontiguousarray(raster.counts, dtype=np.float32)
    weight = _along_runs(
        land.run_offset,
        land.run_start,
        land.run_end,
        land.run_piece,
        land.cell_m,
        land.row_m,
        columns,
        rows,
        CONTROL_M,
        counts,
        land.cells["row"].to_numpy(),
        land.cells["column"].to_numpy(),
        land.length_m,
    )
    weight *= land.cells["area_m2"].to_numpy() / land.length_m
    cells, evenly = _shared_out(land, np.where(population[land.cells["village_position"]] > 0, weight, 0.0))
    return PeopleOnLand(cells, population, not_covered, evenly)


def counts_of_density(
    density: Counts, crs: pyproj.CRS, x0: float, y0: float, width: float, height: float, per_m2: float
) -> Counts:
    """Convert people per area to people per cell, by true cell area.

    Cell area is measured in an equal-area projection (EPSG:6933), at up to 33 by 33 places over the raster, and linear
    between them: right to a millionth over a regency.

    Parameters
    ----------
    density : shape (rows, columns), from the south
    crs, x0, y0, width, height : as in :class:`PeopleRaster`
    per_m2 : area unit of the density: 1e6 for people per km², 1e4 per hectare
    """
    to_equal_area = pyproj.Transformer.from_crs(crs, 6933, always_xy=True)
    rows, columns = (np.unique(np.linspace(0, size - 1, 33).round()) for size in density.shape)
    c, r = np.meshgrid(columns, rows)
    ring = []
    for right, up in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x, y = to_equal_area.transform(x0 + (c + right) * width, y0 + (r + up) * height)
        ring.append(np.stack([x, y], axis=-1))
    area_m2 = np.asarray(shapely.area(shapely.polygons(np.stack(ring, axis=-2))))
    row = np.arange(density.shape[0])
    low = np.searchsorted(rows, row, side="right") - 1
    high = np.minimum(low + 1, len(rows) - 1)
    part = ((row - rows[low]) / np.maximum(rows[high] - rows[low], 1))[:, None]
    nodes = area_m2[low] * (1 - part) + area_m2[high] * part
    counts = np.empty(density.shape, dtype=np.float32)
    for k in range(len(row)):
        counts[k] = density[k] * np.interp(np.arange(density.shape[1]), columns, nodes[k]) / per_m2
    return counts


def village_sums(land: Land, raster: PeopleRaster) -> tuple[Floats, Floats]:
    """People in each village, border cells weighted by area, and the share of its area beyond the raster.

    Raises InputError if the raster's CRS cannot be transformed, or a village has too many cells.
    """
    columns, rows = _control_grid(land, raster)
    # Straight borders bend in projection: without extra vertices, neighbours drift apart.
    edges = land.edges.cut(BORDER_M)
    (x1, y1), (x2, y2) = (
        (_interpolated(columns, x, y), _interpolated(rows, x, y))
        for x, y in ((edges.x1, edges.y1), (edges.x2, edges.y2))
    )
    edges = Edges(x1, y1, x2, y2, edges.polygon)
    offset = windows_of(edges, len(land.polygons), 1.0, 1.0).offset
    if np.diff(offset).max() > 10 * WINDOW_CELLS:
        raise InputError("raster.cells_too_small", cells=int(np.diff(offset).max()))
    group = offset[:-1] // WINDOW_CELLS
    first = [int(np.searchsorted(group, k)) for k in np.unique(group)]
    sums = [
        _sums_of_group(edges.of(low, high), high - low, raster.counts)
        for low, high in zip(first, [*first[1:], len(group)], strict=True)
    ]
    return np.concatenate([people for people, _ in sums]), np.concatenate([beyond for _, beyond in sums])


def _sums_of_group(edges: Edges, polygons: int, counts: Counts) -> tuple[Floats, Floats]:
    """:func:`village_sums` for edges in raster columns and rows."""
    windows = windows_of(edges, polygons, 1.0, 1.0)
    share = covered_areas(edges, windows, 1.0, 1.0)
    touched = np.flatnonzero(share > 0)
    polygon, row, column = windows.cells(touched)
    inside = (row >= 0) & (row < counts.shape[0]) & (column >= 0) & (column < counts.shape[1])
    share = share[touched]
    people = share[inside] * counts[row[inside], column[inside]]
    covered = np.bincount(polygon[inside], share[inside], polygons)
    whole = np.bincount(polygon, share, polygons)
    beyond = 1 - np.divide(covered, whole, out=np.zeros(polygons), where=whole > 0)
    return _sums(polygon[inside], people, polygons), np.clip(beyond, 0, 1)


def from_points(
    land: Land, points: gpd.GeoSeries, weight: NDArray[np.float64] | None = None, counts_people: bool = False
) -> PeopleOnLand:
    """Distribute people by settlement points (or building centres).

    Parameters
    ----------
    points : points with a CRS; those outside every village are dropped
    weight : of each point, such as floor area or people; equal by default
    counts_people : whether ``weight`` counts people, so that its sums are the villages' population
    """
    places = points.to_crs(land.crs).to_numpy()
    weights = np.ones(len(places)) if weight is None else np.asarray(weight, dtype=np.float64)
    point, village = shapely.STRtree(land.polygons).query(places, predicate="intersects")
    point, first = np.unique(point, return_index=True)
    village = village[first]
    x, y = shapely.get_x(places[point]) - land.x0, shapely.get_y(places[point]) - land.y0
    piece = _piece_of(land, village, x, y)
    cells, evenly = _shared_out(land, _sums(piece, weights[point], len(land.cells)))
    people = _sums(village, weights[point], len(land.polygons))
    unknown = np.full(len(land.polygons), np.nan)
    return PeopleOnLand(cells, people if counts_people else unknown, np.zeros(len(land.polygons)), evenly, len(point))


def fill_population(villages: gpd.GeoDataFrame, population: Floats, replace: bool = False) -> gpd.GeoDataFrame:
    """Fill in the population of villages from a raster or settlements.

    Official figures stay, unless ``replace`` is set.

    Returns
    -------
    GeoDataFrame
        A copy; ``population_basis`` is ``raster`` where filled.
    """
    people = villages["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    taken = np.isfinite(population) & (replace | np.isnan(people))
    basis = np.where(taken, "raster", villages["population_basis"].to_numpy(dtype=object))
    return villages.assign(
        population=np.where(taken, population, people), population_basis=pd.Series(basis, villages.index, dtype="str")
    )


def _shared_out(land: Land, weight: Floats) -> tuple[pd.DataFrame, Integers]:
    """Table CELLS by weight, and the villages without any weight, which are spread evenly."""
    village = land.cells["village_position"].to_numpy()
    total = sums_of(village, weight, len(land.polygons))
    nobody = total <= 0
    share = weight / np.where(nobody, 1.0, total)[village]
    if nobody.any():
        share = np.where(nobody[village], spread_evenly(land)["people_share"], share)
    return land.cells.assign(people_share=share), np.flatnonzero(nobody)


def _sums(position: Integers, values: Floats, length: int) -> Floats:
    """Sums of ``values`` by position, as floats."""
    return np.bincount(position, values, length).astype(np.float64)


def _piece_of(land: Land, village: Integers, x: Floats, y: Floats) -> Integers:
    """Piece of the given village at each point, else its nearest."""
    cells = land.cells
    apart = 10.0 * land.cell_m * (int(cells["row"].max()) + int(cells["column"].max()) + 2)
    east, north = land.centres
    pieces = cKDTree(np.column_stack([east - land.x0, north - land.y0, cells["village_position"] * apart]))
    cell_of = [(np.floor(value / land.cell_m) + 0.5) * land.cell_m for value in (x, y)]
    return np.asarray(pieces.query(np.column_stack([*cell_of, village * apart]))[1], dtype=np.int64)


def _control_grid(land: Land, raster: PeopleRaster) -> tuple[Floats, Floats]:
    """Fractional raster column and row every ``CONTROL_M`` of the land."""
    # To the far edges of the last cells, and one node more for an edge that lies on one.
    width, height = (
        (int(most // land.cell_m) + 1) * land.cell_m for most in (land.edges.x1.max(), land.edges.y1.max())
    )
    east = np.arange(int(width // CONTROL_M) + 2) * CONTROL_M + land.x0
    north = np.arange(int(height // CONTROL_M) + 2) * CONTROL_M + land.y0
    to_raster = pyproj.Transformer.from_crs(land.crs, raster.crs, always_xy=True)
    x, y = to_raster.transform(*np.meshgrid(east, north))
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("raster.elsewhere")
    return (np.asarray(x) - raster.x0) / raster.width, (np.asarray(y) - raster.y0) / raster.height


def _interpolated(grid: Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear values of a control grid at points in metres."""
    u, v = x / CONTROL_M, y / CONTROL_M
    j, i = u.astype(np.int64), v.astype(np.int64)
    u, v = u - j, v - i
    low = grid[i, j] * (1 - u) + grid[i, j + 1] * u
    return np.asarray(low * (1 - v) + (grid[i + 1, j] * (1 - u) + grid[i + 1, j + 1] * u) * v)


@compiled(checked=False)
def _between(grid: Floats, u: float, v: float) -> float:
    """Bilinear value at column ``u`` and row ``v``."""
    i, j = int(v), int(u)
    low = grid[i, j] + (u - j) * (grid[i, j + 1] - grid[i, j])
    high = grid[i + 1, j] + (u - j) * (grid[i + 1, j + 1] - grid[i + 1, j])
    return float(low + (v - i) * (high - low))


@compiled(checked=False)
def _along_runs(
    run_offset: Integers,
    run_start: Floats,
    run_end: Floats,
    run_piece: Integers,
    cell_m: float,
    row_m: float,
    columns: Floats,
    rows: Floats,
    step: float,
    counts: Counts,
    piece_row: Integers,
    piece_column: Integers,
    length_m: Floats,
) -> Floats:
    """Raster values along each piece's strips times their lengths.

    Strips are followed in cells on a border alone, and there where the raster has more than one value.
    """
    into = np.zeros(length_m.size)
    strips = round(cell_m / row_m)
    wide = int(run_end.max() / cell_m) + 2 if run_end.size else 1
    alike = np.full((run_offset.size // strips + 1, wide), -1.0, np.float32)
    for piece in range(length_m.size):
        if length_m[piece] > (1 - 1e-9) * cell_m * strips:  # the village has all of the cell
            alike[piece_row[piece], piece_column[piece]] = 0.0
    following, u_at, v_at = np.empty(wide, np.int64), np.empty(columns.shape[1]), np.empty(columns.shape[1])
    for strip in range(run_offset.size - 1):
        own = slice(run_offset[strip], run_offset[min(strip + strips, run_offset.size - 1)])
        if strip % strips == 0 and own.stop > own.start:
            ends = int(run_start[own].min() / cell_m), int(run_end[own].max() / cell_m) + 1
            _alike(counts, columns, rows, strip // strips, cell_m / step, ends, alike[strip // strips])
            following[ends[1]] = wide
            for c in range(ends[1] - 1, ends[0] - 1, -1):
                following[c] = c if alike[strip // strips, c] < 0 else following[c + 1]
        if run_offset[strip] == run_offset[strip + 1]:
            continue
        v = (strip + 0.5) * row_m / step
        i = int(v)
        u_at[:] = columns[i] + (v - i) * (columns[i + 1] - columns[i])
        v_at[:] = rows[i] + (v - i) * (rows[i + 1] - rows[i])
        for k in range(run_offset[strip], run_offset[strip + 1]):
            first, beyond = int(np.floor(run_start[k] / cell_m)), int(np.ceil(run_end[k] / cell_m))
            c = following[first]
            while c < beyond:
                a, b = max(run_start[k], c * cell_m), min(run_end[k], (c + 1) * cell_m)
                u, u_b = _along(u_at, a / step), _along(u_at, b / step)
                mean = _mean_along(counts, u, _along(v_at, a / step), u_b, _along(v_at, b / step))
                into[run_piece[k] + c - first] += (b - a) * mean
                c = following[c + 1]
    for piece in range(length_m.size):
        value = alike[piece_row[piece], piece_column[piece]]
        if value >= 0:
            into[piece] = value * length_m[piece]
    return into


@compiled(checked=False)
def _along(nodes: Floats, u: float) -> float:
    """Linear value between nodes."""
    j = int(u)
    return float(nodes[j] + (u - j) * (nodes[j + 1] - nodes[j]))


@compiled(checked=False)
def _alike(
    counts: Counts, columns: Floats, rows: Floats, row: int, cell: float, ends: tuple[int, int], into: Counts
) -> None:
    """The raster's value over each cell of part of a row of the land that lies within one of its cells, and its mean
    over each that is 0 before; else -1.

    A cell is a parallelogram in the raster, as near as makes no difference: its corners tell.
    """
    low, high = row * cell, (row + 1) * cell
    x_low, x_high = _between(columns, ends[0] * cell, low), _between(columns, ends[0] * cell, high)
    y_low, y_high = _between(rows, ends[0] * cell, low), _between(rows, ends[0] * cell, high)
    for c in range(ends[0], ends[1]):
        west = x_low, y_low, x_high, y_high
        x_low, x_high = _between(columns, (c + 1) * cell, low), _between(columns, (c + 1) * cell, high)
        y_low, y_high = _between(rows, (c + 1) * cell, low), _between(rows, (c + 1) * cell, high)
        j, i = np.floor(west[0]), np.floor(west[1])
        same = min(west[2], x_low, x_high) >= j and max(west[2], x_low, x_high) <= j + 1
        same = same and min(west[3], y_low, y_high) >= i and max(west[3], y_low, y_high) <= i + 1
        if same and 0 <= i < counts.shape[0] and 0 <= j < counts.shape[1]:
            into[c] = counts[int(i), int(j)]
        elif into[c] == 0:
            into[c] = _mean_over(counts, west, (x_low, y_low, x_high, y_high))


@compiled(checked=False)
def _mean_over(
    counts: Counts, west: tuple[float, float, float, float], east: tuple[float, float, float, float]
) -> float:
    """Mean of the raster over a parallelogram between two sides, each from the south.

    By Green's theorem, from the sums of the raster's rows up to the sides.
    """
    from_ = int(np.floor(min(west[0], west[2], east[0], east[2])))
    total = _summed_up_to(counts, from_, east[0], east[1], east[2], east[3])
    total -= _summed_up_to(counts, from_, west[0], west[1], west[2], west[3])
    total += _summed_up_to(counts, from_, west[0], west[1], east[0], east[1])
    total -= _summed_up_to(counts, from_, west[2], west[3], east[2], east[3])
    across = (east[2] - west[0]) * (west[3] - east[1]) - (west[2] - east[0]) * (east[3] - west[1])
    return max(2 * total / across, 0.0)


@compiled(checked=False)
def _summed_up_to(counts: Counts, from_: int, c1: float, r1: float, c2: float, r2: float) -> float:
    """Integral over the rows that a segment crosses of their sum from column ``from_`` to the segment."""
    dc, dr, t, total = c2 - c1, r2 - r1, 0.0, 0.0
    while t < 1.0:
        end = min(_next_line(c1, dc, t), _next_line(r1, dr, t), 1.0)
        middle = 0.5 * (t + end)
        column = c1 + middle * dc
        c, r = int(np.floor(column)), int(np.floor(r1 + middle * dr))
        if 0 <= r < counts.shape[0]:
            for before in range(max(from_, 0), min(c, counts.shape[1])):
                total += (end - t) * counts[r, before]
            if 0 <= c < counts.shape[1]:
                total += (end - t) * (column - c) * counts[r, c]
        t = end
    return total * dr


@compiled(checked=False)
def _mean_along(counts: Counts, c1: float, r1: float, c2: float, r2: float) -> float:
    """Mean of the raster along a segment; zero beyond its edges."""
    column, row = np.floor(c1), np.floor(r1)
    if column == np.floor(c2) and row == np.floor(r2):
        known = 0 <= row < counts.shape[0] and 0 <= column < counts.shape[1]
        return float(counts[int(row), int(column)]) if known else 0.0
    dc, dr, t, total = c2 - c1, r2 - r1, 0.0, 0.0
    while t < 1.0:
        end = min(_next_line(c1, dc, t), _next_line(r1, dr, t), 1.0)
        middle = 0.5 * (t + end)
        c, r = int(np.floor(c1 + middle * dc)), int(np.floor(r1 + middle * dr))
        if 0 <= r < counts.shape[0] and 0 <= c < counts.shape[1]:
            total += (end - t) * counts[r, c]
        t = end
    return total


@compiled(checked=False)
def _next_line(at: float, by: float, t: float) -> float:
    """At what part of a way ``by`` from ``at``, after ``t``, the next line between cells is crossed."""
    if by == 0:
        return 2.0
    here, step = at + t * by, 1.0 if by > 0 else -1.0
    line = np.floor(here) + 1 if by > 0 else np.ceil(here) - 1
    found = (line - at) / by
    return float(found if found > t else (line + step - at) / by)
