"""Reach as circles.

Without terrain, and as exact for the 60 m of a Wi-Fi point as for the 5 km of a fibre node.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.base.errors import SchemaError
from coverage.land.cells import Land
from coverage.land.scanlines import Floats, Integers, add_whole
from coverage.reach import MEMBERS


@dataclass(frozen=True, eq=False)
class Circles:
    """Discs of the services of assets, and what they come to.

    Attributes
    ----------
    service : of each disc
    discs : centre and radius in metres of the land's plane, shape (n, 3)
    table : Table REACH
    """

    service: pd.Series
    discs: Floats
    table: pd.DataFrame

    def gained(self, land: Land, service: str, disc: tuple[float, float, float]) -> Floats:
        """Share of each piece that one more disc of a service newly covers: its place and radius in metres."""
        own = self.discs[self.service.isin(MEMBERS[service]).to_numpy()]
        more = np.array([(disc[0] - land.x0, disc[1] - land.y0, disc[2])])
        rows = _touched(land, more)
        x, y, r = np.ascontiguousarray(np.concatenate([own[own[:, 2] > 0], more]).T)
        before = self.table[service].to_numpy()
        anew = _share_covered(land, x, y, r, rows)
        return np.where(rows[land.cells["row"]], np.maximum(anew - before, 0), 0.0)


def reach_by_radius(
    land: Land, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame, before: Circles | None = None
) -> pd.DataFrame:
    """Share of every piece within the radius of an asset, by service (:func:`circles`).

    Returns
    -------
    pandas.DataFrame
        Table REACH (see :mod:`coverage.reach`), shares of each piece's area from 0 to 1.
    """
    return circles(land, assets, service_reach, before).table


def circles(
    land: Land, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame, before: Circles | None = None
) -> Circles:
    """Discs of assets and the share of every piece within them, by service.

    Each circle becomes one interval per strip of the land, as long as its mean chord there, so that its area is exact;
    overlapping intervals are merged, and their length in each piece is summed.

    Accuracy on strips of 2.5 m against polygon arithmetic on the 248 villages of Blitar, with circles of 50 m to 5 km:
    a village's share of area within 0.003 percentage points, shares above 0.005 % within 0.5 % of their value (strips
    of 10 m: 0.03 points, and 4 %). A circle inside one village has its area to 0.1 %.

    Parameters
    ----------
    land : the land, in its UTM zone
    assets : Table ASSETS; only points named by ``service_reach`` count
    service_reach
        Columns ``asset_position`` (row number in ``assets``), ``service``, ``reach_m``: operational assets only.
    before
        Others on this land: of a service that has the same discs, or the same and some after them, only the rows of
        cells under those are computed.
    """
    discs, service, columns = _discs(land, assets, service_reach), service_reach["service"], {}
    for name, members in MEMBERS.items():
        own, same, rows = discs[service.isin(members).to_numpy()], 0, None
        if before is not None:
            old = before.discs[before.service.isin(members).to_numpy()]
            same = len(old) if np.array_equal(own[: len(old)], old) else 0
        if before is not None and same:
            columns[name] = before.table[name].to_numpy()
            rows = _touched(land, own[same:])
        if rows is None or rows.any():
            x, y, r = np.ascontiguousarray(own[own[:, 2] > 0].T)
            anew = _share_covered(land, x, y, r, rows)
            columns[name] = anew if rows is None else np.where(rows[land.cells["row"]], anew, columns[name])
    # Without a copy: a province has six million rows.
    return Circles(service, discs, pd.DataFrame(columns, index=land.cells.index, copy=False))


def _touched(land: Land, discs: Floats) -> NDArray[np.bool_]:
    """Which rows of cells lie under any of some discs."""
    first, last = _rows_under(land, discs[:, 1], discs[:, 2])
    row = np.arange(land.rows)[:, None]
    return np.asarray(((row >= first) & (row <= last)).any(axis=1))


def _rows_under(land: Land, y: Floats, r: Floats) -> tuple[Integers, Integers]:
    """First and last row of cells under each disc; none where the last is before the first."""
    first = np.maximum(np.floor((y - r) / land.cell_m), 0).astype(np.int64)
    last = np.minimum(np.floor((y + r) / land.cell_m), land.rows - 1).astype(np.int64)
    return first, last


def _discs(land: Land, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame) -> Floats:
    """Centre and radius of every disc, metres in the land's plane, shape (n, 3)."""
    position = service_reach["asset_position"].to_numpy(dtype=np.int64)
    used, back = np.unique(position, return_inverse=True)
    points = assets.geometry.iloc[used].to_crs(land.crs).to_numpy() if len(used) else np.array([], dtype=object)
    not_points = shapely.get_type_id(points) != 0
    if not_points.any():
        raise SchemaError("reach.not_a_point", rows=[int(k) for k in used[not_points][:5]])
    r = service_reach["reach_m"].to_numpy(dtype=np.float64)
    return np.column_stack([shapely.get_x(points)[back] - land.x0, shapely.get_y(points)[back] - land.y0, r])


def _share_covered(land: Land, x: Floats, y: Floats, r: Floats, rows: NDArray[np.bool_] | None = None) -> Floats:
    """Share of each piece within any of the discs; 0 in other rows of cells than ``rows``."""
    if not len(x):
        return np.zeros(len(land.cells))
    first, last = _rows_under(land, y, r)
    count = np.maximum(last - first + 1, 0)
    disc = np.repeat(np.arange(len(x)), count)
    row = np.arange(len(disc)) - np.repeat(np.cumsum(count) - count, count) + first[disc]
    if rows is not None:
        disc, row = disc[rows[row]], row[rows[row]]
    order = np.argsort(row, kind="stable")
    offset = np.searchsorted(row[order], np.arange(land.rows + 1)).astype(np.int64)
    return _covered_shares(
        x,
        y,
        r,
        disc[order],
        offset,
        land.run_offset,
        land.run_start,
        land.run_end,
        land.run_piece,
        land.cell_m,
        land.row_m,
        land.rows_per_cell,
        land.length_m,
    )


@compiled()
def _covered_shares(
    x: Floats,
    y: Floats,
    r: Floats,
    disc: Integers,
    disc_offset: Integers,
    run_offset: Integers,
    run_start: Floats,
    run_end: Floats,
    run_piece: Integers,
    cell_m: float,
    row_m: float,
    rows_per_cell: int,
    length_m: Floats,
) -> Floats:
    """Share of the strips of each piece that the discs' union covers.

    Single-threaded: numba's fallback thread pool aborts the process on concurrent calls, and a regency takes 0.1 s.
    """
    into = np.zeros(length_m.size)
    crossed = np.zeros(length_m.size + 1, np.int32)
    for row in range(disc_offset.size - 1):
        near = disc[disc_offset[row] : disc_offset[row + 1]]
        if not near.size:
            continue
        west, east = np.empty(2 * near.size), np.empty(2 * near.size)
        whole, left = _covered_all_along(x[near], y[near], r[near], row * cell_m, cell_m, west, east)
        solid_west, solid_east, edge = west[:whole].copy(), east[:whole].copy(), near[left]
        for strip in range(row * rows_per_cell, (row + 1) * rows_per_cell):
            west[:whole], east[:whole] = solid_west, solid_east
            n = whole
            for d in edge:
                half = _mean_half_chord(strip * row_m - y[d], row_m, r[d])
                if half > 0:
                    west[n], east[n] = x[d] - half, x[d] + half
                    n += 1
            if n:
                segments = _merge(west[:n], east[:n])
                _add_overlaps(
                    west[:segments],
                    east[:segments],
                    run_offset[strip],
                    run_offset[strip + 1],
                    run_start,
                    run_end,
                    run_piece,
                    cell_m,
                    into,
                    crossed,
                )
    add_whole(crossed, cell_m, into)
    for piece in range(into.size):
        into[piece] = min(max(into[piece] / length_m[piece], 0.0), 1.0)
    return into


@compiled()
def _covered_all_along(
    x: Floats, y: Floats, r: Floats, low: float, height: float, west: Floats, east: Floats
) -> tuple[int, NDArray[np.bool_]]:
    """Intervals that discs cover over the whole height of a row of cells, to skip its strips.

    Fills ``west`` and ``east`` with disjoint intervals; returns their number, and which discs reach beyond them.
    """
    n = 0
    widest = np.empty(x.size)
    for d in range(x.size):
        a, b = abs(low - y[d]), abs(low + height - y[d])
        middle = 0.0 if low <= y[d] <= low + height else min(a, b)
        widest[d] = np.sqrt(max(r[d] * r[d] - middle * middle, 0.0))
        narrowest = np.sqrt(max(r[d] * r[d] - max(a, b) ** 2, 0.0))
        if narrowest > 0:
            west[n], east[n] = x[d] - narrowest, x[d] + narrowest
            n += 1
    whole = _merge(west[:n], east[:n]) if n else 0
    beyond = np.ones(x.size, np.bool_)
    for d in range(x.size):
        k = np.searchsorted(east[:whole], x[d] + widest[d])
        beyond[d] = k == whole or west[k] > x[d] - widest[d]
    return whole, beyond


@compiled()
def _mean_half_chord(low: float, height: float, r: float) -> float:
    """Mean of sqrt(r² - t²), zero outside the disc, over t from ``low`` to ``low + height``."""
    a, b = max(low, -r), min(low + height, r)
    if b <= a:
        return 0.0
    over = b * np.sqrt(max(r * r - b * b, 0.0)) + r * r * np.arcsin(b / r)
    under = a * np.sqrt(max(r * r - a * a, 0.0)) + r * r * np.arcsin(a / r)
    return float(0.5 * (over - under) / height)


@compiled()
def _merge(west: Floats, east: Floats) -> int:
    """Merge intervals in place and return how many are left, disjoint and from west to east.

    Starts and ends may be sorted apart from each other: a gap lies before the i-th start exactly where it is
    beyond the end before it in order, for then as many intervals have ended as have begun.
    """
    west.sort()
    east.sort()
    n = 0
    for k in range(1, west.size):
        if west[k] > east[k - 1]:
            east[n] = east[k - 1]
            n += 1
            west[n] = west[k]
    east[n] = east[-1]
    return n + 1


@compiled()
def _add_overlaps(
    west: Floats,
    east: Floats,
    begin: int,
    end: int,
    run_start: Floats,
    run_end: Floats,
    run_piece: Integers,
    cell_m: float,
    into: Floats,
    crossed: NDArray[np.int32],
) -> None:
    """Add to each piece the overlap of disjoint intervals with runs ``begin`` to ``end`` of a strip.

    Pieces that are covered from side to side are counted in ``crossed`` (:func:`coverage.land.scanlines.add_whole`).
    """
    for k in range(begin, end):
        low, high = 0, east.size
        while low < high:
            middle = (low + high) // 2
            if east[middle] <= run_start[k]:
                low = middle + 1
            else:
                high = middle
        base = run_piece[k] - int(np.floor(run_start[k] / cell_m))
        while low < west.size and west[low] < run_end[k]:
            a, b = max(west[low], run_start[k]), min(east[low], run_end[k])
            first, last = int(np.floor(a / cell_m)), int(np.ceil(b / cell_m)) - 1
            into[base + first] += min(b, (first + 1) * cell_m) - a
            if last > first:
                into[base + last] += b - last * cell_m
                crossed[base + first + 1] += 1
                crossed[base + last] -= 1
            low += 1
