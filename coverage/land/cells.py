"""Land as grid cells, cut along village borders.

A *piece* is the part of a grid cell in one village: the unit of people and reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.base.errors import ParameterError, SchemaError
from coverage.base.projection import utm_crs
from coverage.land.scanlines import (
    Edges,
    Floats,
    Integers,
    add_lengths,
    by_strip,
    covered_areas,
    crossings_of,
    edges_of,
    lowest_and_highest,
    scan_runs,
    sums_of,
    windows_of,
)

AT_A_TIME = 500
"""Villages cut together, which bounds the memory of a province."""


@dataclass(frozen=True, eq=False)
class Land:
    """The land of a region, cut into pieces and into strips.

    Attributes
    ----------
    crs : the region's UTM zone; every coordinate here is in its metres
    x0, y0 : south-west corner of the grid, a multiple of ``cell_m``
    cell_m, row_m
        Side of a cell, and height of the strips along which reach is measured; the first is a multiple of the second.
    village_codes : BPS codes in the order of the villages table; ``village_position`` counts in it
    polygons, edges : the villages in the same order, in ``crs``; and their outlines, in metres from ``(x0, y0)``
    cells : Table CELLS, sorted by village, row and column; people are spread evenly over each village's area
    length_m : length of strips in each piece, summed over its strips
    run_offset
        For each strip from the south, where its runs begin in the arrays that follow, and a last entry where they end.
    run_start, run_end : west and east end of each run, in metres from ``x0``
    run_piece
        The piece in which each run begins. Pieces of a village in one row of cells follow each other from
        west to east, so the run's further pieces are the next ones.
    """

    crs: pyproj.CRS
    x0: float
    y0: float
    cell_m: float
    row_m: float
    village_codes: tuple[str, ...]
    polygons: NDArray[Any]
    edges: Edges
    cells: pd.DataFrame
    length_m: Floats
    run_offset: Integers
    run_start: Floats
    run_end: Floats
    run_piece: Integers

    @property
    def rows_per_cell(self) -> int:
        """Strips per row of cells."""
        return round(self.cell_m / self.row_m)

    @property
    def centres(self) -> tuple[Floats, Floats]:
        """Centre of each piece's cell, in metres of ``crs``."""
        return self.centres_of(slice(None))

    def centres_of(self, pieces: Integers | slice) -> tuple[Floats, Floats]:
        """Centre of the cell of some pieces, in metres of ``crs``."""
        return (
            self.x0 + (self.cells["column"].to_numpy()[pieces] + 0.5) * self.cell_m,
            self.y0 + (self.cells["row"].to_numpy()[pieces] + 0.5) * self.cell_m,
        )

    @property
    def rows(self) -> int:
        """Rows of cells."""
        return (len(self.run_offset) - 1) // self.rows_per_cell

    @cached_property
    def extents(self) -> tuple[Floats, Floats]:
        """West and east end of the cells of each row, in metres from ``x0``; of an empty row, east of west."""
        west, east = np.full(self.rows, np.inf), np.full(self.rows, -np.inf)
        row, column = (self.cells[name].to_numpy() for name in ("row", "column"))
        lowest_and_highest(row, column, west, east)
        return west * self.cell_m, (east + 1) * self.cell_m

    def project(self, frame: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[Any]:
        """Geometries in metres from ``(x0, y0)``."""
        return moved(frame.to_crs(self.crs).geometry.to_numpy(), self.x0, self.y0)


def moved(geometries: NDArray[Any], x0: float, y0: float) -> NDArray[Any]:
    """Geometries with ``(x0, y0)`` as origin."""
    return np.asarray(shapely.transform(geometries, lambda points: points - (x0, y0)))


def make_land(villages: gpd.GeoDataFrame, cell_m: float = 100.0, row_m: float = 2.5) -> Land:
    """Cut the villages' land into cells and strips.

    The area of each piece is exact. Strips follow the outline along their mid-lines, so a piece's outline is
    known to half a strip; see :func:`coverage.reach.radius.reach_by_radius` for what that does to shares.

    Parameters
    ----------
    villages : Table VILLAGES: polygons in EPSG:4326 (or any other CRS that they carry)
    cell_m : side of a cell in metres
    row_m : height of a strip in metres; ``cell_m`` is a multiple of it

    Raises
    ------
    ParameterError
        If ``cell_m`` is not a multiple of ``row_m``.
    SchemaError
        If a village has no area.
    """
    if not (row_m > 0 and cell_m >= row_m and abs(cell_m / row_m - round(cell_m / row_m)) < 1e-9):
        raise ParameterError("cells.not_a_multiple", cell_m=cell_m, row_m=row_m)
    crs = utm_crs(villages)
    polygons = villages.to_crs(crs).geometry.to_numpy()
    codes = tuple(villages["village_code_bps"])
    area = shapely.area(polygons)
    if not (area > 0).all():
        nowhere = [codes[k] for k in np.flatnonzero(~(area > 0))[:5]]
        raise SchemaError("cells.village_without_area", villages=nowhere)
    west, south, _, north = shapely.total_bounds(polygons)
    x0, y0 = (float(np.floor(value / cell_m) * cell_m) for value in (west, south))
    rows, rows_per_cell = int(np.floor((north - y0) / cell_m)) + 1, round(cell_m / row_m)

    edges = edges_of(polygons, x0, y0)
    runs = _Runs(crossings_of(edges, row_m) // 2 + len(polygons))
    columns: list[tuple[NDArray[Any], ...]] = []
    pieces = 0
    for first in range(0, len(polygons), AT_A_TIME):
        last = min(first + AT_A_TIME, len(polygons))
        owner, *of_pieces, of_runs = _cut(edges.of(first, last), polygons[first:last], (x0, y0), cell_m, row_m)
        columns.append((owner + first, *of_pieces))
        runs.add(of_runs, pieces)
        pieces += len(owner)
    together = map(np.concatenate, zip(*columns, strict=True)) if len(columns) > 1 else columns[0]
    owner, row, column, piece_area, length = together
    del columns
    piece_area = _add_up(piece_area, owner, area)
    cells = {
        "village_position": owner,
        "row": row,
        "column": column,
        "area_m2": piece_area,
        "people_share": piece_area / area[owner],
    }
    run_offset, run_start, run_end, run_piece = runs.in_order(rows * rows_per_cell)
    return Land(
        crs=crs,
        x0=x0,
        y0=y0,
        cell_m=float(cell_m),
        row_m=float(row_m),
        village_codes=codes,
        polygons=polygons,
        edges=edges,
        cells=pd.DataFrame(cells, copy=False),
        length_m=length,
        run_offset=run_offset,
        run_start=run_start,
        run_end=run_end,
        run_piece=run_piece,
    )


class _Runs:
    """Runs in preallocated arrays: of all that a province needs, they take the most memory."""

    def __init__(self, most: int) -> None:
        self.count = 0
        self.columns: dict[str, NDArray[Any]] = {
            "strip": np.empty(most, np.int32),
            "start": np.empty(most),
            "end": np.empty(most),
            "piece": np.empty(most, np.int32),
        }

    def add(self, found: tuple[Any, ...], pieces: int) -> None:
        """Append strip, start, end and piece; ``pieces`` is their offset."""
        strip, start, end, piece = found
        here = slice(self.count, self.count + len(strip))
        for name, values in (("strip", strip), ("start", start), ("end", end), ("piece", piece + pieces)):
            self.columns[name][here] = values
        self.count = here.stop

    def in_order(self, strips: int) -> tuple[Integers, Floats, Floats, Integers]:
        """``run_offset, run_start, run_end, run_piece`` of :class:`Land`; frees what was collected."""
        strip, start = self._taken("strip"), self._taken("start")
        offset, order = by_strip(strip, start, strips)
        del strip
        start = start[order]
        return offset, start, self._taken("end")[order], self._taken("piece")[order].astype(np.int64)

    def _taken(self, name: str) -> NDArray[Any]:
        values: NDArray[Any] = self.columns.pop(name)[: self.count]
        return values


def _cut(
    edges: Edges, polygons: NDArray[Any], origin: tuple[float, float], cell_m: float, row_m: float
) -> tuple[Any, ...]:
    """Cut some villages: village, row, column, area and length of each piece; strip, start, end and first piece of each
    run.
    """
    windows = windows_of(edges, len(polygons), cell_m, cell_m)
    village, strip, start, end = _runs(edges, polygons, origin, cell_m, row_m)
    base = (strip // round(cell_m / row_m) - windows.row[village]) * windows.columns[village]
    base += windows.offset[village] - windows.column[village]
    length = np.zeros(windows.size)
    add_lengths(start, end, base, cell_m, length)
    slots = np.flatnonzero(length > 0)
    piece = np.searchsorted(slots, base + np.floor(start / cell_m).astype(np.int64))
    area = covered_areas(edges, windows, cell_m, cell_m)[slots]
    return *windows.cells(slots), area, length[slots], (strip, start, end, piece)


def _runs(
    edges: Edges, polygons: NDArray[Any], origin: tuple[float, float], cell_m: float, row_m: float
) -> tuple[Integers, Integers, Floats, Floats]:
    """Village, strip, start and end of every run; a village between two mid-lines gets one."""
    runs = scan_runs(edges, len(polygons), row_m)
    tiny = np.flatnonzero(np.bincount(runs[0], minlength=len(polygons)) == 0)
    if not tiny.size:
        return runs
    strip, start, end = _runs_of_tiny(moved(polygons[tiny], *origin), cell_m, row_m)
    return (
        np.concatenate([runs[0], tiny]),
        np.concatenate([runs[1], strip]),
        np.concatenate([runs[2], start]),
        np.concatenate([runs[3], end]),
    )


def _add_up(piece_area: Floats, owner: Integers, area: Floats) -> Floats:
    """Areas of pieces, summing to those of the villages; slivers that no strip crosses go to the other pieces."""
    found = sums_of(owner, piece_area, len(area))
    whole = piece_area * (area / np.where(found == 0, 1, found))[owner]
    return whole if found.all() else np.where((found == 0)[owner], area[owner], whole)


def _runs_of_tiny(polygons: NDArray[Any], cell_m: float, row_m: float) -> tuple[Integers, Floats, Floats]:
    """Strip, start and end of one run each, with the polygon's area, inside one cell."""
    points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    strip = np.floor(points[:, 1] / row_m).astype(np.int64)
    west = np.floor(points[:, 0] / cell_m) * cell_m
    half = np.minimum(shapely.area(polygons) / row_m, cell_m) / 2
    start = np.clip(points[:, 0] - half, west, west + cell_m - 2 * half)
    return strip, start, start + 2 * half


def villages_of_points(villages: gpd.GeoDataFrame, points: gpd.GeoSeries) -> Integers:
    """Position of the village of each point, -1 for none; the first of several.

    Parameters
    ----------
    points : points with a CRS; compared in that of ``villages``
    """
    geometries = points.to_crs(villages.crs).to_numpy()
    point, village = shapely.STRtree(villages.geometry.to_numpy()).query(geometries, predicate="intersects")
    position = np.full(len(geometries), len(villages), dtype=np.int64)
    np.minimum.at(position, point, village)
    position[position == len(villages)] = -1
    return position
