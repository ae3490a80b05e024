"""What can be seen from a tower, over the curved earth: the kernels of :mod:`coverage.reach.line_of_sight`.

Heights above sea level in m, distances in cells. Heights are lowered by ``bulge`` x distance², which turns rays over
the curved earth into straight lines. ``start`` is the height of the observer's antenna, ``target`` that of the other
end above its ground; ``zone`` is the square of the clearance asked for over the product of a point's shares of the
path, for a path of one cell: (clearance)² 17.32² cell_km / f, in m². Clutter stands in the way, but not at the ends.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.reach.hull import Point, least_clearance, push
from coverage.reach.profile import Floats
from coverage.reach.terrain import Heights, interpolated, nearest

Seen = NDArray[np.uint8]


@compiled()
def by_wavefront(
    ground: Heights, clutter: Heights, row: int, column: int, start: float, target: float, bulge: float, seen: Seen
) -> None:
    """Mark cells of ``seen``, a square around the observer, that are in sight [1]_.

    Cells are visited ring by ring; the slope that hides a cell is interpolated between the two cells of the previous
    ring through which its ray passed, the greater of their own slope and the slope that hides them.

    References
    ----------
    .. [1] Wang, J., Robinson, G. J. and White, K. (2000). Generating viewsheds without using sightlines.
       Photogrammetric Engineering and Remote Sensing 66(1), 87-90.
    """
    cells = seen.shape[0] // 2
    seen[cells, cells] = 1
    for octant in range(8):
        along_row = octant % 2 == 0
        major = 1 if octant & 2 else -1
        minor = 1 if octant & 4 else -1
        sweep_octant(ground, clutter, row, column, start, target, bulge, cells, along_row, major, minor, seen)


@compiled()
def sweep_octant(
    ground: Heights,
    clutter: Heights,
    row: int,
    column: int,
    start: float,
    target: float,
    bulge: float,
    cells: int,
    along_row: bool,
    major: int,
    minor: int,
    seen: Seen,
) -> None:
    """Sweep one eighth of the square outwards from the observer.

    ``hidden`` holds, for the ring before, the slope per ring below which a cell is hidden.
    """
    hidden, before = np.full(cells + 1, -1e30), np.full(cells + 1, -1e30)
    rows, columns = ground.shape
    for i in range(1, cells + 1):
        hidden, before = before, hidden
        last = min(i, int(math.sqrt(cells * cells - i * i)))
        for j in range(last + 1):
            dr, dc = (minor * j, major * i) if along_row else (major * i, minor * j)
            r, c = row + dr, column + dc
            if r < 0 or c < 0 or r >= rows or c >= columns:
                hidden[j] = -1e30
                continue
            limit = (before[j] * (i - j) + before[j - 1] * j) / i if 0 < j < i else before[0 if j == 0 else j - 1]
            drop = start + bulge * (i * i + j * j)
            z = ground[r, c]
            if (z + target - drop) / i >= limit:
                seen[cells + dr, cells + dc] = 1
            top = (z + clutter[r, c] if clutter.size else z) - drop
            hidden[j] = max(limit, top / i)


@compiled()
def by_rays(
    ground: Heights,
    clutter: Heights,
    row: int,
    column: int,
    start: float,
    target: float,
    bulge: float,
    zone: float,
    offset: NDArray[np.int64],
    rows: NDArray[np.int16],
    columns: NDArray[np.int16],
    distance: NDArray[np.float32],
    begin: int,
    end: int,
    seen: Seen,
) -> None:
    """Mark cells of rays ``begin`` to ``end`` in a clear Fresnel zone, as :func:`coverage.reach.radials.trace_ray`."""
    centre = seen.shape[0] // 2
    hull, tops = np.empty((2, centre + 2)), np.empty(centre + 2)
    for ray in range(begin, end):
        azimuth = 2.0 * math.pi * ray / (offset.size - 1)
        east, north = math.sin(azimuth), math.cos(azimuth)
        size, step = 0, 0
        for n in range(offset[ray], offset[ray + 1]):
            r, c, d = row + rows[n], column + columns[n], float(distance[n])
            if r < 0 or c < 0 or r >= ground.shape[0] or c >= ground.shape[1]:
                continue
            while step + 2.5 <= d:
                step += 1
                tops[step] = top_at(ground, clutter, row + step * north, column + step * east) - bulge * step * step
                size = push(hull, size, float(step), tops[step])
            if step > 0:
                x = d - 1.0
                door = Point(x, top_at(ground, clutter, row + x * north, column + x * east) - bulge * x * x)
                slope = (ground[r, c] + target - bulge * d * d - start) / d
                clear, between = least_clearance(hull, size, door, tops, 1.0, max(step - 8, 1), step, start, slope, d)
                if passes_below(hull, size, door, start, slope) or clear * clear * d < zone * between:
                    continue
            seen[centre + rows[n], centre + columns[n]] = 1


@compiled()
def passes_below(hull: Floats, size: int, door: Point, start: float, slope: float) -> bool:
    """Whether a ray from ``start`` with ``slope`` meets the ground: whether a point of the hull is above it."""
    low, high = 0, size - 1
    while low < high:
        k = (low + high) // 2
        if hull[1, k + 1] - hull[1, k] >= slope * (hull[0, k + 1] - hull[0, k]):
            low = k + 1
        else:
            high = k
    return hull[1, low] > start + slope * hull[0, low] or door.u > start + slope * door.x


@compiled()
def top_at(ground: Heights, clutter: Heights, row: float, column: float) -> float:
    """Interpolated height of ground and clutter."""
    top = interpolated(ground, row, column)
    return top + nearest(clutter, row, column) if clutter.size else top


@compiled()
def by_profiles(
    ground: Heights,
    clutter: Heights,
    row: int,
    column: int,
    start: float,
    target: float,
    bulge: float,
    zone: float,
    first: int,
    last: int,
    seen: Seen,
) -> None:
    """Mark cells in sight in rows ``first`` to ``last`` of ``seen``, exactly: by a profile each.

    The profile has a point at each crossing with a row or column of cell centres, interpolated between two centres.
    """
    cells = seen.shape[0] // 2
    for i in range(first, last):
        for j in range(seen.shape[1]):
            dr, dc = i - cells, j - cells
            r, c = row + dr, column + dc
            if r < 0 or c < 0 or r >= ground.shape[0] or c >= ground.shape[1] or dr * dr + dc * dc > cells * cells:
                continue
            d = max(math.hypot(dr, dc), 1e-9)
            slope = (ground[r, c] + target - bulge * d * d - start) / d
            if clear_profile(ground, clutter, row, column, dr, dc, d, start, slope, bulge, zone):
                seen[i, j] = 1


@compiled()
def clear_profile(
    ground: Heights,
    clutter: Heights,
    row: int,
    column: int,
    dr: int,
    dc: int,
    d: float,
    start: float,
    slope: float,
    bulge: float,
    zone: float,
) -> bool:
    """Whether nothing stands in the Fresnel zone of one ray, looked at wherever it crosses a row or a column."""
    for lines in (abs(dr), abs(dc)):
        for k in range(1, lines):
            share = k / lines
            x = share * d
            top = top_at(ground, clutter, row + share * dr, column + share * dc) - bulge * x * x
            clear = start + slope * x - top
            if clear < 0.0 or clear * clear * d < zone * x * (d - x):
                return False
    return True
