"""Loops of :mod:`coverage.reach.radials`: rays through the terrain, and loss along them.

Arrays are handled here and in :mod:`coverage.reach.hull`, numbers in :mod:`coverage.reach.ray_loss`: a compiled
function that takes arrays and may divide by zero counts references on every call, a fifth of the time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.reach.hull import Point, highest, least_clearance, push, tangent
from coverage.reach.p2108 import MOST_KM
from coverage.reach.profile import Floats
from coverage.reach.ray_loss import (
    FITTED,
    ROUGH,
    ROWS,
    Horizons,
    Link,
    Receiver,
    advance,
    blocked_edge,
    ducted_loss,
    fitted_surface,
    higher,
    horizons,
    median_losses,
    near_loss,
    set_out,
    sight_of,
    surface_heights,
    terminal_loss,
)
from coverage.reach.terrain import Heights, nearest

NEAR_POINTS = 8
"""Points before a cell examined one by one: near a low receiver the hull alone would miss some."""
NEAR = 2.5
"""Distance in cells below which free space counts."""
D, GROUND, TOP, ADDED, DOOR, COVER = range(6)
"""Rows of what is looked up of a cell: its distance, ground, the top above it, what is added to its loss; ground one
step before it, and what stands there."""


@compiled(fused=True)
def trace_rays(
    height_m: Heights,
    clutter_m: Heights,
    built_up: NDArray[np.bool_],
    row: int,
    column: int,
    link: Link,
    offset: NDArray[np.int64],
    rows: NDArray[np.int16],
    columns: NDArray[np.int16],
    distance: NDArray[np.float32],
    pattern_db: Floats,
    begin: int,
    end: int,
    loss: NDArray[np.int16],
) -> None:
    """Fill ``loss`` for the cells of the rays from ``begin`` to before ``end``; no two rays share a cell."""
    centre, steps = loss.shape[0] // 2, loss.shape[0] // 2 + 2
    most = max(np.diff(offset[begin : end + 1]).max(), steps)
    hull, whole, work = np.empty((4, steps)), np.arange(steps) * 1.0, np.empty((3, most))
    samples, noted, cells = np.empty((3, steps)), np.empty((COVER + 1, most)), np.empty((ROWS, most))
    numbers, at = np.empty(most, np.int64), np.empty(most)
    for ray in range(begin, end):
        azimuth, count, near = 2.0 * math.pi * ray / (offset.size - 1), 0, 0
        east, north = math.sin(azimuth), math.cos(azimuth)
        top = down = before = 0.0
        for n in range(offset[ray], offset[ray + 1]):
            r, c = row + rows[n], column + columns[n]
            if r < 0 or c < 0 or r >= height_m.shape[0] or c >= height_m.shape[1]:
                continue
            d = max(distance[n] * link.step, 1e-3)
            noted[D, count], noted[GROUND, count], noted[TOP, count] = d, height_m[r, c], link.receiver
            numbers[count], at[count], noted[ADDED, count] = n, distance[n] - 1.0, pattern_db[ray]
            if clutter_m.size and clutter_m[r, c] > link.receiver:
                houses = built_up.size > 0 and built_up[r, c]
                standing = float(-clutter_m[r, c] if houses else clutter_m[r, c])
                if standing != top or (houses and before < MOST_KM):
                    top, down, before = standing, terminal_loss(link, d, abs(standing), houses), d
                noted[TOP, count], noted[ADDED, count] = abs(top), down + pattern_db[ray]
            near += int(distance[n] < NEAR)
            count += 1
        if count > near:
            size = int(at[count - 1] - 0.5) + 1
            heights_along(height_m, row, column, north, east, whole[:size], work, samples[0])
            heights_along(height_m, row, column, north, east, at[:count], work, noted[DOOR])
            tops_along(link, clutter_m, row, column, north, east, whole[:size], samples)
            for k in range(count):
                noted[COVER, k] = 0.0
                if clutter_m.size:
                    noted[COVER, k] = nearest(clutter_m, row + at[k] * north, column + at[k] * east)
            walk(link, clutter_m.size > 0, samples, at, noted, near, count, hull, cells)
            if median_losses(link, cells, count - near):
                add_ducts(link, noted, near, count, samples[0], cells)
        for k in range(count):
            n = numbers[k]
            value = near_loss(link, noted_sight(link, noted, k)) if k < near else cells[3, k - near]
            loss[centre + rows[n], centre + columns[n]] = hundredths(value + noted[ADDED, k])


@compiled(checked=False, fused=True)
def heights_along(
    height_m: Heights, row: int, column: int, north: float, east: float, at: Floats, work: Floats, into: Floats
) -> None:
    """Heights between the centres of cells, ``at`` cells from the tower in one direction, flat beyond the edge: as
    :func:`coverage.reach.terrain.interpolated`, the arithmetic first, through vector units."""
    last_row, last_column, width = height_m.shape[0] - 1.0, height_m.shape[1] - 1.0, height_m.shape[1]
    for k in range(at.size):
        r = min(max(row + at[k] * north, 0.0), last_row)
        c = min(max(column + at[k] * east, 0.0), last_column)
        i, j = min(math.floor(r), last_row - 1.0), min(math.floor(c), last_column - 1.0)
        work[0, k], work[1, k], work[2, k] = i * width + j, r - i, c - j
    grid, one, up = height_m.ravel(), np.uint64(1), np.uint64(width)
    for k in range(at.size):
        n, u = np.uint64(np.int64(work[0, k])), work[2, k]
        south = grid[n] + u * (grid[n + one] - grid[n])
        farther = grid[n + up] + u * (grid[n + up + one] - grid[n + up])
        into[k] = south + work[1, k] * (farther - south)


@compiled(checked=False, fused=True)
def tops_along(
    link: Link, clutter_m: Heights, row: int, column: int, north: float, east: float, at: Floats, samples: Floats
) -> None:
    """Lower a ray's heights by the earth's curvature, for the second row; with what stands there, for the third."""
    for s in range(at.size):
        x = at[s] * link.step
        samples[1, s] = samples[0, s] - link.bulge * x * x
    if clutter_m.size:
        for s in range(at.size):
            samples[2, s] = samples[1, s] + nearest(clutter_m, row + at[s] * north, column + at[s] * east)


@compiled(checked=False, fused=True)
def walk(
    link: Link,
    covered: bool,
    samples: Floats,
    at: Floats,
    noted: Floats,
    near: int,
    count: int,
    hulls: Floats,
    cells: Floats,
) -> None:
    """Note down the geometry of each cell's path, from the nearest cell to the farthest."""
    passed, size, ground_size, step = set_out(link), 0, 0, 0
    ground, hull, tops = hulls[:2], hulls[2:] if covered else hulls[:2], samples[2] if covered else samples[1]
    for k in range(near, count):
        # The ray's points end 1.5 steps before a cell; a point of its own follows one step before it.
        while step < int(at[k] - 0.5):
            step += 1
            x = step * link.step
            ground_size = push(ground, ground_size, x, samples[1, step])
            size = push(hull, size, x, tops[step]) if covered else ground_size
            passed = advance(link, passed, x, samples[0, step], tops[step])
        i, sight = k - near, noted_sight(link, noted, k)
        x = sight.d - link.step
        seen = peak = door = Point(x, noted[DOOR, k] - link.bulge * x * x)
        last = Point(x, door.u + noted[COVER, k])
        here = advance(link, passed, x, noted[DOOR, k], last.u)
        if here.steepest < sight.slope:
            clear, zone = least_clearance(
                hull, size, last, tops, link.step, max(step - NEAR_POINTS, 1), step, link.hts, sight.slope, sight.d
            )
            edge = -clear, zone
        else:
            seen = tangent(ground, ground_size, sight.d, sight.end)
            in_sight = tangent(hull, size, sight.d, sight.end) if covered else seen
            seen, edge = higher(sight, seen, door), blocked_edge(here, sight, higher(sight, in_sight, last))
        if here.rise > sight.level:
            peak = highest(ground, ground_size, sight.level, link.bulge)
        cells[0, i], cells[1, i], cells[3, i], cells[4, i] = sight.d, sight.hrs, edge[0], edge[1]
        cells[5, i], cells[6, i] = surface_heights(link, here, sight, seen, peak)
        cells[7, i], cells[8, i], cells[9, i], cells[10, i] = horizons(link, here, sight, seen)
        cells[FITTED, i], cells[FITTED + 1, i] = fitted_surface(here, sight)
        cells[ROUGH, i], cells[ROUGH + 1, i] = here.horizon_x, seen.x


@compiled(checked=False, fused=True)
def noted_sight(link: Link, noted: Floats, k: int) -> Receiver:
    """A cell as a receiver."""
    return sight_of(link, noted[D, k], noted[GROUND, k], noted[TOP, k])


@compiled(fused=True)
def add_ducts(link: Link, noted: Floats, near: int, count: int, height_m: Floats, cells: Floats) -> None:
    """Look into ducting where :func:`coverage.reach.ray_loss.median_losses` found that it might carry more."""
    for i in range(count - near):
        if cells[2, i] == 0.0:
            continue
        sight = noted_sight(link, noted, near + i)
        hst, hsr = min(cells[FITTED, i], link.first), min(cells[FITTED + 1, i], sight.ground)
        far = Horizons(cells[7, i], cells[8, i], cells[9, i], cells[10, i])
        hm = roughness(link, sight.d, hst, hsr, cells[ROUGH, i], cells[ROUGH + 1, i], height_m)
        cells[3, i] = ducted_loss(link, sight, hst, hsr, far, hm, cells[3, i])


@compiled(fused=True)
def hundredths(loss_db: float) -> int:
    """Loss as it is stored."""
    return int(min(max(loss_db * 100.0, 1.0), 32766.0) + 0.5)


@compiled(fused=True)
def roughness(link: Link, d: float, hst: float, hsr: float, first: float, last: float, height_m: Floats) -> float:
    """Terrain roughness between the horizons, eqs (93) and (95)."""
    top, slope = -1e30, (hsr - hst) / d * link.step
    last = min(last, d - 1.5 * link.step)
    for s in range(math.ceil(first / link.step - 1e-6), int(last / link.step + 1e-6) + 1):
        top = max(top, height_m[s] - slope * s)
    return top - hst
