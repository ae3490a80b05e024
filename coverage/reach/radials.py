"""Path loss from a tower to every cell around it, along rays that share their work.

The method of :mod:`coverage.reach.p1812` for half of the time, over land, without a profile per cell, and that of
:mod:`coverage.reach.p2108` where a phone stands among higher things: the path then ends at their top. A ray runs
outwards from the tower, and for each cell near it, from the nearest to the farthest,

- the steepest slope seen from the tower is a running maximum;
- the steepest slope seen from the cell is a tangent to the upper hull of the points passed;
- the point that cuts deepest into the Fresnel zone is sought on that hull and among the last points;
- the sums behind the smooth earth are running sums.

docs/decisions/0010-radials.md says where this differs from a profile per cell, and by how much.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice, repeat
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.base.errors import InputError
from coverage.reach.antenna import Antenna, antenna_loss_db, down_deg, horizontal_loss_db
from coverage.reach.diffraction import LAND_CONDUCTIVITY, LAND_PERMITTIVITY, admittance
from coverage.reach.p1812 import (
    duct_variability,
    ducting_coupling,
    ducting_percent,
    free_space,
    median_radius,
    troposcatter,
)
from coverage.reach.p2108 import cover_terms
from coverage.reach.profile import SPEED_OF_LIGHT, Floats
from coverage.reach.ray_loss import Link
from coverage.reach.ray_trace import trace_rays
from coverage.reach.terrain import Terrain

METHOD = "p1812-6 p2108-1 radials 2"
"""Part of the cache keys: change it whenever a number changes."""
RIM_SPACING = 0.75
"""Distance between neighbouring rays at the rim, in cells."""
LEAST_DB, STEP_DB = 40.0, 0.5
"""Quantisation of cached losses: offset and step, one byte a cell."""
CHUNK = 64
"""Rays per task of a thread."""
AHEAD = 4
"""Windows prefetched from the cache."""


@dataclass(frozen=True)
class Transmitter:
    """One antenna.

    Attributes
    ----------
    x, y : place in metres of the terrain's CRS; taken to the centre of its cell
    height_m : antenna above ground
    frequency_ghz : 0.03 to 6
    azimuth_deg, beamwidth_deg
        Direction of a sector, from north by east, and the width within which it loses at most 3 dB; without
        an azimuth the antenna sends equally in all directions.
    front_to_back_db : the most that a sector loses in any direction
    antenna : how it loses by elevation; where not known it loses nothing
    """

    x: float
    y: float
    height_m: float
    frequency_ghz: float
    azimuth_deg: float | None = None
    beamwidth_deg: float = 65.0
    front_to_back_db: float = 20.0
    antenna: Antenna | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Medium:
    """What lies between, beside the terrain.

    Attributes
    ----------
    reach_m : how far from a tower losses are computed
    receiver_m : height of the receiver above ground
    latitude : of the region, degrees
    delta_n, n0 : refractivity lapse rate in N-units/km and refractivity at sea level
    gap_m : how far before a receiver stands what it stands among
    ground_db
        Measured offset of the signal where each of :data:`coverage.reach.terrain.GROUND_KINDS` is; no part of the
        cache keys, as kept windows are shifted when read.
    """

    reach_m: float = 20_000.0
    receiver_m: float = 1.5
    latitude: float = -8.0
    delta_n: float = 45.0
    n0: float = 360.0
    gap_m: float = 27.0
    ground_db: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, eq=False)
class Window:
    """Losses in a square of cells around a tower, and what the antenna's pattern adds to them.

    Attributes
    ----------
    row, column : of the square's south-west cell in the terrain's grid
    loss
        As computed: hundredths of a dB in 16 bits. As kept: steps of half a dB in 8 bits, 1 for 40 dB or
        less, 255 for 167 dB or more, which no phone can use. 0 beyond the reach.
    """

    row: int
    column: int
    loss: NDArray[np.int16] | NDArray[np.uint8]

    @property
    def loss_db(self) -> NDArray[np.float32]:
        """Losses in dB, NaN beyond the reach."""
        if self.loss.dtype == np.uint8:
            return kept_levels()[self.loss]
        return np.where(self.loss > 0, self.loss * np.float32(0.01), np.float32(np.nan))

    def within(self, shape: tuple[int, int]) -> tuple[slice, slice]:
        """Rows and columns of a grid of some shape on which it lies."""
        row, column = max(self.row, 0), max(self.column, 0)
        north, east = self.row + self.loss.shape[0], self.column + self.loss.shape[1]
        return slice(row, max(min(north, shape[0]), row)), slice(column, max(min(east, shape[1]), column))

    def part(self, shape: tuple[int, int]) -> NDArray[Any]:
        """Its losses on a grid of some shape, to be read or changed."""
        rows, columns = self.within(shape)
        return self.loss[
            rows.start - self.row : rows.stop - self.row, columns.start - self.column : columns.stop - self.column
        ]

    @property
    def steps(self) -> NDArray[np.uint8]:
        """Losses quantised as in the cache."""
        return self.kept().loss.astype(np.uint8, copy=False)

    def kept(self) -> Window:
        """The window quantised for the cache."""
        if self.loss.dtype == np.uint8:
            return self
        steps = np.empty(self.loss.shape, np.uint8)
        quantise(self.loss.astype(np.int16, copy=False).ravel(), steps.ravel())
        return Window(self.row, self.column, steps)


@compiled(checked=False)
def quantise(loss: NDArray[np.int16], steps: NDArray[np.uint8]) -> None:
    """Put hundredths of a dB into steps as they are kept; 0 stays."""
    least, step = np.uint16(100 * LEAST_DB - 50 * STEP_DB), np.uint16(100 * STEP_DB)
    for k in range(loss.size):
        over = max(np.uint16(loss[k]), least) - least
        steps[k] = np.uint8(min(int(over // step) + 1, 255)) if loss[k] > 0 else np.uint8(0)


def kept_levels() -> NDArray[np.float32]:
    """Loss in dB of each of the 256 cached levels; NaN for the first."""
    levels = np.arange(256, dtype=np.float32) * np.float32(STEP_DB) + np.float32(LEAST_DB - STEP_DB)
    levels[0] = np.nan
    return levels


class LossStore(Protocol):
    """Cache of windows."""

    def get(self, key: str) -> Window | None:
        """Return a window, or None."""

    def put(self, key: str, window: Window) -> None:
        """Store a window."""


@dataclass(frozen=True, eq=False)
class Rays:
    """Cells of a circle, each assigned to the nearest ray; the same for every tower.

    Attributes
    ----------
    offset : start of each ray's cells, clockwise from north, and the end of the last
    row, column : cell relative to the tower's
    distance : of its centre, in cells; ascending along a ray
    """

    offset: NDArray[np.int64]
    row: NDArray[np.int16]
    column: NDArray[np.int16]
    distance: NDArray[np.float32]


@cache
def rays_of(cells: int) -> Rays:
    """Assign the cells within ``cells`` of a tower to rays."""
    side = np.arange(-cells, cells + 1)
    rows, columns = (part.ravel() for part in np.meshgrid(side, side, indexing="ij"))
    distance = np.hypot(rows, columns)
    within = distance <= cells
    rows, columns, distance = rows[within], columns[within], distance[within]
    count = max(math.ceil(2.0 * math.pi * cells / RIM_SPACING), 8)
    ray = np.rint(np.arctan2(columns, rows) * (count / (2.0 * math.pi))).astype(np.int64) % count
    order = np.lexsort((distance, ray))
    return Rays(
        np.searchsorted(ray[order], np.arange(count + 1)).astype(np.int64),
        rows[order].astype(np.int16),
        columns[order].astype(np.int16),
        distance[order].astype(np.float32),
    )


def loss_window(terrain: Terrain, transmitter: Transmitter, medium: Medium, threads: int | None = None) -> Window:
    """Loss from a tower to every cell within reach.

    Parameters
    ----------
    threads : number of threads; all available by default

    Raises
    ------
    InputError
        If the tower stands outside the terrain.
    """
    with ThreadPoolExecutor(threads or thread_count()) as pool:
        return _traced(terrain, transmitter, medium, pool)


def loss_windows(
    terrain: Terrain,
    transmitters: Sequence[Transmitter],
    medium: Medium,
    store: LossStore | None = None,
    threads: int | None = None,
) -> Iterator[Window]:
    """Windows of several towers, in order, quantised as in the cache.

    Raises InputError if a tower stands outside the terrain.
    """
    ground = terrain.ground_kind(medium.receiver_m) if any(medium.ground_db) else None
    with ThreadPoolExecutor(threads or thread_count()) as pool:
        keys = [loss_key(terrain, transmitter, medium) for transmitter in transmitters] if store else []
        found = _kept_ahead(store, keys, pool) if store else repeat(None, len(transmitters))
        for number, (transmitter, kept) in enumerate(zip(transmitters, found, strict=True)):
            window = kept
            if window is None:
                window = _traced(terrain, transmitter, medium, pool).kept()
                if store:
                    store.put(keys[number], window)
            yield window if ground is None else _stronger(window, ground, medium.ground_db)


def _stronger(window: Window, ground: NDArray[np.int8], ground_db: Sequence[float]) -> Window:
    """A kept window with the loss lessened by what stands at each cell, to the nearest half dB."""
    steps = np.rint(np.array(ground_db) / STEP_DB).astype(np.int16)
    stronger = replace(window, loss=window.loss.copy())
    part = stronger.part(ground.shape)
    part[:] = np.where(part > 0, np.clip(part - steps[ground[window.within(ground.shape)]], 1, 255), 0)
    return stronger


def _kept_ahead(store: LossStore, keys: Sequence[str], pool: ThreadPoolExecutor) -> Iterator[Window | None]:
    """Prefetch from the cache."""
    rest = iter(keys)
    waiting = deque(pool.submit(store.get, key) for key in islice(rest, AHEAD))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(store.get, key) for key in islice(rest, 1))


def loss_key(terrain: Terrain, transmitter: Transmitter, medium: Medium) -> str:
    """Cache key: hash of tower, surrounding terrain and parameters."""
    row, column = cell_of(terrain, transmitter.x, transmitter.y)
    antenna = "" if transmitter.antenna is None else f" {transmitter.antenna!r}"
    place = f"{METHOD} {row} {column} {transmitter!r} {medium!r}{antenna}".encode()
    ground = terrain.digest(row, column, _cells(terrain, medium))
    return hashlib.blake2b(place + ground, digest_size=16).hexdigest()


def pattern_loss_db(transmitter: Transmitter, azimuth_deg: Floats, below_deg: Floats | None = None) -> Floats:
    """Loss of the antenna's pattern in directions from north by east, ``below_deg`` below the horizon.

    Without an elevation, or of an antenna without one, by direction alone.
    """
    width, most = transmitter.beamwidth_deg, transmitter.front_to_back_db
    off = None
    if transmitter.azimuth_deg is not None:
        off = (azimuth_deg - transmitter.azimuth_deg + 180.0) % 360.0 - 180.0
    if transmitter.antenna is not None and below_deg is not None:
        return antenna_loss_db(transmitter.antenna, off, below_deg, width, most)
    return np.zeros(len(azimuth_deg)) if off is None else horizontal_loss_db(off, width, most)


def thread_count() -> int:
    """Threads available to the process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cells(terrain: Terrain, medium: Medium) -> int:
    return max(int(medium.reach_m / terrain.cell_m), 1)


def cell_of(terrain: Terrain, x: float, y: float) -> tuple[int, int]:
    """Row and column of the terrain's cell at a place; InputError if it lies outside the terrain."""
    row, column = terrain.indices(np.array([x]), np.array([y]))
    if not terrain.holds(row, column)[0]:
        raise InputError("terrain.outside", points=[[x, y]])
    return int(row[0]), int(column[0])


def _traced(terrain: Terrain, transmitter: Transmitter, medium: Medium, pool: ThreadPoolExecutor) -> Window:
    """Trace all rays of a tower, chunked over the pool's threads."""
    row, column = cell_of(terrain, transmitter.x, transmitter.y)
    cells = _cells(terrain, medium)
    rays = rays_of(cells)
    link = link_of(transmitter, medium, float(terrain.height_m[row, column]), terrain.cell_m)
    clutter = np.zeros((0, 0), np.float32) if terrain.clutter_m is None else terrain.clutter_m
    built_up = np.zeros((0, 0), bool) if terrain.built_up is None else terrain.built_up
    count = len(rays.offset) - 1
    pattern = np.zeros(count)
    if transmitter.antenna is None:
        pattern = pattern_loss_db(transmitter, np.linspace(0.0, 360.0, count, endpoint=False))
    loss = np.zeros((2 * cells + 1, 2 * cells + 1), np.int16)
    tasks = [
        pool.submit(
            trace_rays,
            terrain.height_m,
            clutter,
            built_up,
            row,
            column,
            link,
            rays.offset,
            rays.row,
            rays.column,
            rays.distance,
            pattern,
            begin,
            min(begin + CHUNK, count),
            loss,
        )
        for begin in range(0, count, CHUNK)
    ]
    for task in tasks:
        task.result()
    window = Window(row - cells, column - cells, loss)
    if transmitter.antenna is not None:
        _add_pattern(window, terrain, transmitter, medium)
    return window


def _add_pattern(window: Window, terrain: Terrain, transmitter: Transmitter, medium: Medium) -> None:
    """Add what an antenna loses towards each cell, in the straight line to it."""
    rows, columns = window.within(terrain.shape)
    centre = len(window.loss) // 2
    north = np.arange(rows.start, rows.stop)[:, None] - (window.row + centre)
    east = np.arange(columns.start, columns.stop)[None, :] - (window.column + centre)
    top = float(terrain.height_m[window.row + centre, window.column + centre]) + transmitter.height_m
    distance: Floats = np.maximum(np.hypot(north, east), 0.5) * terrain.cell_m
    above: Floats = top - medium.receiver_m - terrain.height_m[rows, columns].astype(np.float64)
    below = down_deg(above, distance, 1000.0 * median_radius(medium.delta_n))
    extra = pattern_loss_db(transmitter, np.degrees(np.arctan2(east, north)), below)
    part = window.part(terrain.shape)
    part[:] = np.where(part > 0, np.clip(part + np.rint(100.0 * extra), 1, 32766), 0)


def link_of(transmitter: Transmitter, medium: Medium, ground_m: float, cell_m: float) -> Link:
    """Constants of all rays of a tower standing at ``ground_m`` above sea level."""
    f, ae = transmitter.frequency_ghz, median_radius(medium.delta_n)
    # On a path of no length all corrections that lessen ducting vanish.
    most_ducting = ducting_percent(medium.latitude, 0.0, 0.0)
    return Link(
        hts=ground_m + transmitter.height_m,
        first=ground_m,
        receiver=medium.receiver_m,
        step=cell_m / 1000.0,
        frequency=f,
        wavelength=SPEED_OF_LIGHT / f,
        radius=ae,
        bulge=500.0 / ae,
        latitude=medium.latitude,
        free=free_space(1.0, 0.0, f),
        duct=ducting_coupling(0.5, 0.5, 0.0, 0.0, f),
        duct_floor=duct_variability(50.0, most_ducting, 1e-3) - 0.5,
        duct_slope=5e-5 * ae * f ** (1.0 / 3.0),
        third=f ** (1.0 / 3.0),
        admittance=admittance(LAND_PERMITTIVITY, LAND_CONDUCTIVITY, f, False),
        scatter=troposcatter(1.0, 0.0, f, 50.0, medium.n0),
        gap=medium.gap_m,
        cover_far=cover_terms(f)[0],
        cover_near=cover_terms(f)[1],
    )
