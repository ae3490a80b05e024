"""Loops of :mod:`coverage.reach.radials`: rays through the terrain, and loss along them.

Arrays are handled here and in :mod:`coverage.reach.hull`, numbers in :mod:`coverage.reach.ray_loss`: a compiled
function that takes arrays and may divide by zero counts references on every call, a fifth of the time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.reach.hull import Point, highest, highest_between, least_clearance, push, tangent
from coverage.reach.profile import Floats
from coverage.reach.ray_loss import (
    ROWS,
    Link,
    RayState,
    Receiver,
    advance,
    blocked_edge,
    ducted_loss,
    fitted_surface,
    higher,
    horizons,
    median_losses,
    near_loss,
    put_cell,
    set_out,
    sight_of,
    surface_heights,
    terminal_loss,
)
from coverage.reach.terrain import Heights, interpolated, nearest

NEAR_POINTS = 8
"""Points before a cell examined one by one: near a low receiver the hull alone would miss some."""


@compiled()
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
    steps = loss.shape[0] // 2 + 2
    hull = np.empty((2, steps))
    ground = np.empty((2, steps)) if clutter_m.size else hull
    most = np.diff(offset[begin : end + 1]).max()
    tops, cells, numbers = np.empty(steps), np.empty((ROWS, most)), np.empty(most, np.int64)
    for ray in range(begin, end):
        for at_once in (True, False):
            first, last = offset[ray], offset[ray + 1]
            done = trace_ray(
                height_m,
                clutter_m,
                built_up,
                row,
                column,
                link,
                2.0 * math.pi * ray / (offset.size - 1),
                rows[first:last],
                columns[first:last],
                distance[first:last],
                pattern_db[ray],
                hull,
                ground,
                tops,
                cells,
                numbers,
                at_once,
                loss,
            )
            if done:
                break


@compiled()
def trace_ray(
    height_m: Heights,
    clutter_m: Heights,
    built_up: NDArray[np.bool_],
    row: int,
    column: int,
    link: Link,
    azimuth: float,
    rows: NDArray[np.int16],
    columns: NDArray[np.int16],
    distance: NDArray[np.float32],
    pattern_db: float,
    hull: Floats,
    ground: Floats,
    tops: Floats,
    cells: Floats,
    numbers: NDArray[np.int64],
    at_once: bool,
    loss: NDArray[np.int16],
) -> bool:
    """Fill ``loss`` for the cells of one ray, from the nearest to the farthest.

    Returns
    -------
    bool
        False where ducting might count, which cannot be told of all cells ``at_once``: it takes the hull at each.
    """
    east, north, centre = math.sin(azimuth), math.cos(azimuth), loss.shape[0] // 2
    passed, size, ground_size, step, count = set_out(link), 0, 0, 0, 0
    for n in range(rows.size):
        r, c = row + rows[n], column + columns[n]
        if r < 0 or c < 0 or r >= height_m.shape[0] or c >= height_m.shape[1]:
            continue
        # The ray's points end 1.5 steps before a cell; a point of its own follows one step before it.
        while step + 2.5 <= distance[n]:
            step += 1
            x = step * link.step
            h = interpolated(height_m, row + step * north, column + step * east)
            top = h - link.bulge * x * x
            ground_size = push(ground, ground_size, x, top)
            if not clutter_m.size:
                size = ground_size
            else:
                top += nearest(clutter_m, row + step * north, column + step * east)
                size = push(hull, size, x, top)
            tops[step] = top
            passed = advance(link, passed, x, h, top)
        d = max(distance[n] * link.step, 1e-3)
        top_m, down = path_end(link, clutter_m, built_up, r, c, d)
        sight = sight_of(link, d, float(height_m[r, c]), top_m)
        if step == 0:
            loss[centre + rows[n], centre + columns[n]] = hundredths(near_loss(link, sight) + down + pattern_db)
            continue
        x, at = d - link.step, distance[n] - 1.0
        h = interpolated(height_m, row + at * north, column + at * east)
        door = last = Point(x, h - link.bulge * x * x)
        if clutter_m.size:
            last = Point(x, door.u + nearest(clutter_m, row + at * north, column + at * east))
        here = advance(link, passed, x, h, last.u)
        seen = peak = higher(sight, tangent(ground, ground_size, d, sight.end), door)
        if here.steepest >= sight.slope:
            in_sight = higher(sight, tangent(hull, size, d, sight.end), last) if clutter_m.size else seen
            edge = blocked_edge(here, sight, in_sight)
        else:
            clear, zone = least_clearance(
                hull, size, last, tops, link.step, max(step - NEAR_POINTS, 1), step, link.hts, sight.slope, d
            )
            edge = -clear, zone
        if here.rise > sight.level:
            peak = highest(ground, ground_size, sight.level, link.bulge)
        heights = surface_heights(link, here, sight, seen, peak)
        put_cell(cells, count, sight, edge, heights, horizons(link, here, sight, seen), down + pattern_db)
        numbers[count] = n
        if at_once:
            count += 1
            continue
        ducted, value = median_losses(link, cells, 1), cells[3, 0]
        if ducted:
            hm = roughness(link, here, sight, ground, ground_size, seen)
            value = ducted_loss(link, here, sight, seen, hm, value)
        loss[centre + rows[n], centre + columns[n]] = hundredths(value + down + pattern_db)
    ducted = median_losses(link, cells, count)
    for k in range(count):
        n = numbers[k]
        loss[centre + rows[n], centre + columns[n]] = hundredths(cells[3, k] + cells[2, k])
    return ducted == 0


@compiled(checked=False)
def path_end(
    link: Link, clutter_m: Heights, built_up: NDArray[np.bool_], r: int, c: int, d: float
) -> tuple[float, float]:
    """Height of the path's end, the top of what the phone stands among, and the loss from there down."""
    if clutter_m.size and clutter_m[r, c] > link.receiver:
        top_m = float(clutter_m[r, c])
        return top_m, terminal_loss(link, d, top_m, built_up.size > 0 and built_up[r, c])
    return link.receiver, 0.0


@compiled()
def hundredths(loss_db: float) -> int:
    """Loss as it is stored."""
    return int(min(max(loss_db * 100.0, 1.0), 32766.0) + 0.5)


@compiled()
def roughness(link: Link, passed: RayState, sight: Receiver, ground: Floats, size: int, seen: Point) -> float:
    """Terrain roughness between the horizons, eqs (93) and (95)."""
    hst, hsr = fitted_surface(passed, sight)
    hst, hsr = min(hst, link.first), min(hsr, sight.ground)
    return (
        highest_between(ground, size, (hsr - hst) / sight.d, link.bulge, passed.horizon_x - 1e-9, seen.x + 1e-9) - hst
    )
