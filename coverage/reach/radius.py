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
from coverage.base.projection import in_plane
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
    mine, earlier = _of_members(service), {} if before is None else _of_members(before.service)
    for name in MEMBERS:
        own, same, rows = discs[mine[name]], 0, None
        if before is not None:
            old = before.discs[earlier[name]]
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


def _of_members(service: pd.Series) -> dict[str, NDArray[np.bool_]]:
    """Which discs are of each service or of its members."""
    code, names = pd.factorize(service)
    return {name: np.isin(names, members)[code] for name, members in MEMBERS.items()}


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
    points = in_plane(assets, land.crs)[used] if len(used) else np.array([], dtype=object)
    not_points = shapely.get_type_id(points) != 0
    if not_points.any():
        raise SchemaError("reach.not_a_point", rows=[int(k) for k in used[not_points][:5]])
    r = service_reach["reach_m"].to_numpy(dtype=np.float64)
    return np.column_stack([shapely.get_x(points)[back] - land.x0, shapely.get_y(points)[back] - land.y0, r])


def _share_covered(land: Land, x: Floats, y: Floats, r: Floats, rows: NDArray[np.bool_] | None = None) -> Floats:
    """Share of each piece within any of the discs; 0 in other rows of cells than ``rows``."""
    if not len(x):
        return np.zeros(len(land.cells))
    order = np.argsort(x)  # intervals of a strip nearly in order are sorted sooner
    x, y, r = x[order], y[order], r[order]
    asked = np.ones(land.rows, np.bool_) if rows is None else rows
    disc, offset = _by_row(*_rows_under(land, y, r), x - r, x + r, *land.extents, asked)
    return _covered_shares(
        x,
        y,
        r,
        disc,
        offset,
        land.run_offset,
        land.run_start,
        land.run_end,
        land.run_piece,
        land.cell_m,
        land.row_m,
        land.rows_per_cell,
        land.length_m,
        land.cells["row"].to_numpy(),
        land.cells["column"].to_numpy(),
    )


@compiled()
def _by_row(
    first: Integers, last: Integers, start: Floats, end: Floats, west: Floats, east: Floats, rows: NDArray[np.bool_]
) -> tuple[Integers, Integers]:
    """Discs over the land in each of the ``rows`` that are asked for, and where those of each row begin."""
    offset = np.zeros(rows.size + 1, np.int64)
    for d in range(first.size):
        for row in range(first[d], last[d] + 1):
            offset[row + 1] += rows[row] and start[d] <= east[row] and end[d] >= west[row]
    offset = np.cumsum(offset)
    disc, filled = np.empty(offset[-1], np.int64), offset[:-1].copy()
    for d in range(first.size):
        for row in range(first[d], last[d] + 1):
            if rows[row] and start[d] <= east[row] and end[d] >= west[row]:
                disc[filled[row]] = d
                filled[row] += 1
    return disc, offset


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
    piece_row: Integers,
    piece_column: Integers,
) -> Floats:
    """Share of the strips of each piece that the discs' union covers.

    Strips are looked at in the gaps between cells that are covered wholly alone.

    Single-threaded: numba's fallback thread pool aborts the process on concurrent calls, and a regency takes 0.1 s.
    """
    into = np.zeros(length_m.size)
    crossed = np.zeros(length_m.size + 1, np.int32)
    rows = disc_offset.size - 1
    gap_offset = np.zeros(rows + 1, np.int64)
    gaps = np.empty((disc.size + rows, 2))
    for row in range(rows):
        near = disc[disc_offset[row] : disc_offset[row + 1]]
        first = gap_offset[row]
        if not near.size:
            gaps[first, 0], gaps[first, 1] = -np.inf, np.inf
            gap_offset[row + 1] = first + 1
            continue
        west, east = np.empty(2 * near.size), np.empty(2 * near.size)
        whole = _covered_all_along(x[near], y[near], r[near], row * cell_m, cell_m, west, east)
        gap_offset[row + 1] = first + _gaps(west[:whole], east[:whole], cell_m, gaps[first:])
        own = gaps[first : gap_offset[row + 1]]
        lowest, beyond = row * rows_per_cell, (row + 1) * rows_per_cell
        begin, end = run_offset[lowest], run_offset[beyond]
        if begin == end or not _any_in_gaps(own, run_start[begin:end], run_end[begin:end]):
            continue
        edge = near[_reaching_into(own, x[near], y[near], r[near], row * cell_m, cell_m)]
        x_edge, y_edge, r_edge, below = x[edge], y[edge], r[edge], np.empty(edge.size)
        for k in range(edge.size):
            below[k] = _under_chord(lowest * row_m - y_edge[k], r_edge[k])
        order, starts, ends = np.arange(whole + edge.size), np.empty(whole + edge.size), np.empty(whole + edge.size)
        solid_west, solid_east = west[:whole].copy(), east[:whole].copy()
        for strip in range(lowest, beyond):
            for at in range(order.size):  # in the order of the strip before, which is nearly that of this one
                k = order[at] - whole
                if k < 0:
                    starts[at], ends[at] = solid_west[order[at]], solid_east[order[at]]
                else:
                    above = _under_chord((strip + 1) * row_m - y_edge[k], r_edge[k])
                    half = (above - below[k]) / row_m
                    starts[at], ends[at], below[k] = x_edge[k] - half, x_edge[k] + half, above
            segments = _merged(order, starts, ends, west, east)
            if segments:
                _add_overlaps(
                    west[:segments],
                    east[:segments],
                    own,
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
    _with_whole_cells(into, length_m, gaps, gap_offset, piece_row, piece_column, cell_m)
    return into


@compiled()
def _with_whole_cells(
    into: Floats,
    length_m: Floats,
    gaps: Floats,
    gap_offset: Integers,
    piece_row: Integers,
    piece_column: Integers,
    cell_m: float,
) -> None:
    """Make shares of the lengths covered in each piece: 1 beyond the gaps of its row of cells."""
    row, gap = -1, 0
    for piece in range(into.size):
        into[piece] = min(max(into[piece] / length_m[piece], 0.0), 1.0)
        west_m = piece_column[piece] * cell_m
        if piece_row[piece] != row or piece_column[piece] <= piece_column[piece - 1]:
            row = piece_row[piece]
            gap = gap_offset[row]
        while gap < gap_offset[row + 1] and gaps[gap, 1] <= west_m:
            gap += 1
        if gap == gap_offset[row + 1] or gaps[gap, 0] > west_m:
            into[piece] = 1.0


@compiled()
def _gaps(west: Floats, east: Floats, cell_m: float, gaps: Floats) -> int:
    """Fill ``gaps`` with what lies between the cells that disjoint intervals cover wholly; returns their number."""
    n, begin = 0, -np.inf
    for k in range(west.size):
        first, last = np.ceil(west[k] / cell_m) * cell_m, np.floor(east[k] / cell_m) * cell_m
        if last > first:
            gaps[n, 0], gaps[n, 1] = begin, first
            n, begin = n + 1, last
    gaps[n, 0], gaps[n, 1] = begin, np.inf
    return n + 1


@compiled()
def _any_in_gaps(gaps: Floats, start: Floats, end: Floats) -> bool:
    """Whether any run reaches into a gap; runs follow each other from the west, strip by strip."""
    gap = 0
    for k in range(start.size):
        if k and start[k] < start[k - 1]:
            gap = 0
        while gap < len(gaps) and gaps[gap, 1] <= start[k]:
            gap += 1
        if gap < len(gaps) and gaps[gap, 0] < end[k]:
            return True
    return False


@compiled()
def _reaching_into(gaps: Floats, x: Floats, y: Floats, r: Floats, low: float, height: float) -> NDArray[np.bool_]:
    """Which discs reach into a gap of a row of cells."""
    found = np.zeros(x.size, np.bool_)
    for d in range(x.size):
        off = max(low - y[d], y[d] - low - height, 0.0)
        widest = np.sqrt(max(r[d] * r[d] - off * off, 0.0))
        at = np.searchsorted(gaps[:, 1], x[d] - widest, side="right")
        found[d] = at < len(gaps) and gaps[at, 0] < x[d] + widest
    return found


@compiled()
def _covered_all_along(x: Floats, y: Floats, r: Floats, low: float, height: float, west: Floats, east: Floats) -> int:
    """Fill ``west`` and ``east`` with the disjoint intervals that discs cover over the whole height of a row of cells.

    Returns their number.
    """
    n = 0
    for d in range(x.size):
        farthest = max(abs(low - y[d]), abs(low + height - y[d]))
        narrowest = np.sqrt(max(r[d] * r[d] - farthest * farthest, 0.0))
        if narrowest > 0:
            west[n], east[n] = x[d] - narrowest, x[d] + narrowest
            n += 1
    return _merge(west[:n], east[:n]) if n else 0


@compiled(checked=False)
def _under_chord(t: float, r: float) -> float:
    """Integral of sqrt(r² - t²), zero outside the disc, from the centre to ``t``."""
    if t >= r or t <= -r:
        return (0.25 if t > 0 else -0.25) * np.pi * r * r
    return float(0.5 * (t * np.sqrt(r * r - t * t) + r * r * np.arcsin(t / r)))


@compiled()
def _sort(values: Floats) -> None:
    """Sort in place; most strips have a few intervals, for which numba's own takes ten times as long."""
    if values.size > 40:
        values.sort()
        return
    for k in range(1, values.size):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@compiled()
def _merge(west: Floats, east: Floats) -> int:
    """Merge intervals in place and return how many are left, disjoint and from west to east.

    Starts and ends may be sorted apart from each other: a gap lies before the i-th start exactly where it is
    beyond the end before it in order, for then as many intervals have ended as have begun.
    """
    _sort(west)
    _sort(east)
    n = 0
    for k in range(1, west.size):
        if west[k] > east[k - 1]:
            east[n] = east[k - 1]
            n += 1
            west[n] = west[k]
    east[n] = east[-1]
    return n + 1


@compiled()
def _merged(order: Integers, starts: Floats, ends: Floats, west: Floats, east: Floats) -> int:
    """Fill ``west`` and ``east`` with the union of intervals, disjoint and from west to east; returns their number.

    Those without length are left out. ``order``, ``starts`` and ``ends`` are sorted by start, in place.
    """
    n = 0
    for k in range(order.size):
        start, end, which, at = starts[k], ends[k], order[k], k
        while at > 0 and starts[at - 1] > start:
            starts[at], ends[at], order[at] = starts[at - 1], ends[at - 1], order[at - 1]
            at -= 1
        starts[at], ends[at], order[at] = start, end, which
    for k in range(order.size):
        if ends[k] <= starts[k]:
            continue
        if n and starts[k] <= east[n - 1]:
            east[n - 1] = max(east[n - 1], ends[k])
        else:
            west[n], east[n] = starts[k], ends[k]
            n += 1
    return n


@compiled()
def _add_overlaps(
    west: Floats,
    east: Floats,
    gaps: Floats,
    begin: int,
    end: int,
    run_start: Floats,
    run_end: Floats,
    run_piece: Integers,
    cell_m: float,
    into: Floats,
    crossed: NDArray[np.int32],
) -> None:
    """Add to each piece the overlap of disjoint intervals with runs ``begin`` to ``end`` of a strip, within gaps.

    Pieces that are covered from side to side are counted in ``crossed`` (:func:`coverage.land.scanlines.add_whole`).
    """
    gap, beyond = 0, east[-1]
    for k in range(begin, end):
        if run_end[k] <= west[0]:
            continue
        if run_start[k] >= beyond:
            break  # runs follow each other from the west
        while gap < len(gaps) and gaps[gap, 1] <= run_start[k]:
            gap += 1
        at, base = gap, run_piece[k] - int(np.floor(run_start[k] / cell_m))
        while at < len(gaps) and gaps[at, 0] < run_end[k]:
            start, stop = max(gaps[at, 0], run_start[k]), min(gaps[at, 1], run_end[k])
            at += 1
            low, high = 0, east.size
            while low < high:
                middle = (low + high) // 2
                if east[middle] <= start:
                    low = middle + 1
                else:
                    high = middle
            while low < west.size and west[low] < stop:
                a, b = max(west[low], start), min(east[low], stop)
                first, last = int(np.floor(a / cell_m)), int(np.ceil(b / cell_m)) - 1
                into[base + first] += min(b, (first + 1) * cell_m) - a
                if last > first:
                    into[base + last] += b - last * cell_m
                    crossed[base + first + 1] += 1
                    crossed[base + last] -= 1
                low += 1
