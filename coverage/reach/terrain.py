"""Terrain: elevation on a grid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyproj
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.base.errors import InputError

Heights = NDArray[np.float32]
GROUND_KINDS = ("open", "trees", "houses")
"""What stands around a place, by number."""
TILE = 256
"""Side of the tiles, in cells, that are hashed separately."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """Heights of the ground on a grid in the region's UTM zone.

    Attributes
    ----------
    height_m : shape (rows, columns), above sea level; row 0 is the southernmost, column 0 the westernmost. No gaps
    x0, y0 : south-west corner of the grid in metres of ``crs``; the centre of a cell is half a cell further
    cell_m : side of a cell in metres
    clutter_m
        Height of trees and buildings above ``height_m``, of the same shape; None where heights are those of a
        surface model, or nothing is known.
    known
        Where heights are known, of the same shape; None where they are everywhere. Elsewhere ``height_m`` is a
        guess, that nothing may stand on.
    built_up : where ``clutter_m`` is that of houses among which a phone stands, of the same shape; None where unsaid
    clutter_known
        Where it is known what stands on the ground, of the same shape; None where it is everywhere, or where
        ``clutter_m`` is None. Elsewhere ``clutter_m`` is 0: signal there may be weaker.

    Raises
    ------
    InputError
        If a height is missing, or the grids differ in shape.
    """

    height_m: Heights
    x0: float
    y0: float
    cell_m: float
    crs: pyproj.CRS
    clutter_m: Heights | None = None
    known: NDArray[np.bool_] | None = None
    built_up: NDArray[np.bool_] | None = None
    clutter_known: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        for grid in (self.height_m, self.clutter_m):
            if grid is None:
                continue
            if grid.ndim != 2 or min(grid.shape) < 2 or grid.shape != self.height_m.shape:
                raise InputError("terrain.shape", shape=list(grid.shape))
            if not np.isfinite(grid).all():
                raise InputError("terrain.voids", cells=int((~np.isfinite(grid)).sum()))
        object.__setattr__(self, "height_m", np.ascontiguousarray(self.height_m, dtype=np.float32))
        if self.clutter_m is not None:
            object.__setattr__(self, "clutter_m", np.ascontiguousarray(self.clutter_m, dtype=np.float32))
        if self.built_up is not None:
            object.__setattr__(self, "built_up", np.ascontiguousarray(self.built_up))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height_m.shape[0], self.height_m.shape[1]

    def indices(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of the cells that hold points given in metres of ``crs``; outside the grid they are too."""
        return (
            np.floor((y - self.y0) / self.cell_m).astype(np.int64),
            np.floor((x - self.x0) / self.cell_m).astype(np.int64),
        )

    def holds(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether cells lie in the grid, where heights are known."""
        rows, columns = self.shape
        # As unsigned, negatives are beyond every edge.
        inside = (row.view(np.uint64) < rows) & (column.view(np.uint64) < columns)
        if self.known is None:
            return inside
        return inside & self.known[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]

    def unseen(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether it is not known what stands on cells of the grid."""
        return np.zeros(row.shape, bool) if self.clutter_known is None else ~self.clutter_known[row, column]

    def is_built_up(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether houses stand around points of the grid, given in metres of ``crs``."""
        return np.zeros(len(x), bool) if self.built_up is None else self.built_up[self.indices(x, y)]

    def ground_kind(self, above_m: float) -> NDArray[np.int8]:
        """Number of :data:`GROUND_KINDS` of each cell: what stands there higher than ``above_m``."""
        if self.clutter_m is None:
            return np.zeros(self.shape, np.int8)
        return ground_kind(self.clutter_m, False if self.built_up is None else self.built_up, above_m)

    def digest(self, row: int, column: int, cells: int) -> bytes:
        """Hash of the ground within ``cells`` cells of one, so that a result can be kept until its ground changes.

        Tiles of the grid are hashed once; a window's hash is that of the tiles it touches.
        """
        tiles = self._tile_digests
        top, left = max(row - cells, 0) // TILE, max(column - cells, 0) // TILE
        bottom, right = max(row + cells, 0) // TILE, max(column + cells, 0) // TILE
        place = repr((self.x0, self.y0, self.cell_m, self.shape, row, column, cells))
        digest = hashlib.blake2b(place.encode(), digest_size=16)
        for tile_row in tiles[top : bottom + 1]:
            for tile in tile_row[left : right + 1]:
                digest.update(tile)
        return digest.digest()

    @cached_property
    def _tile_digests(self) -> list[list[bytes]]:
        rows, columns = self.shape
        return [[self._tile_digest(row, column) for column in range(0, columns, TILE)] for row in range(0, rows, TILE)]

    def _tile_digest(self, row: int, column: int) -> bytes:
        part = (slice(row, row + TILE), slice(column, column + TILE))
        digest = hashlib.blake2b(self.height_m[part].tobytes(), digest_size=16)
        if self.clutter_m is not None:
            digest.update(self.clutter_m[part].tobytes())
        if self.built_up is not None:
            digest.update(self.built_up[part].tobytes())
        return digest.digest()

    def profile(
        self, start: tuple[float, float], end: tuple[float, float], spacing_m: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Sample the ground along a straight line.

        Parameters
        ----------
        start, end : points (x, y) in metres of ``crs``
        spacing_m : greatest distance between samples; one cell where not given

        Returns
        -------
        tuple
            Distances in km from ``start``, heights in m interpolated between the centres of cells, clutter in
            m of the nearest cell; all of equal length, evenly spaced, at least five.

        Raises
        ------
        InputError
            If an end lies outside the grid.
        """
        ends = np.array([start, end], dtype=np.float64)
        if not self.holds(*self.indices(ends[:, 0], ends[:, 1])).all():
            raise InputError("terrain.outside", points=ends.tolist())
        length = float(np.hypot(*(ends[1] - ends[0])))
        count = max(int(np.ceil(length / (spacing_m or self.cell_m))) + 1, 5)
        share = np.linspace(0.0, 1.0, count)
        points = ends[0] + share[:, None] * (ends[1] - ends[0])
        column, row = ((points - (self.x0, self.y0)) / self.cell_m - 0.5).T
        heights = sample_line(self.height_m, np.ascontiguousarray(row), np.ascontiguousarray(column))
        clutter = np.zeros(count)
        if self.clutter_m is not None:
            clutter = self.clutter_m[self.indices(points[:, 0], points[:, 1])].astype(np.float64)
        return share * length / 1000.0, heights, clutter


def ground_kind(
    clutter_m: NDArray[np.floating], built_up: NDArray[np.bool_] | bool, above_m: float
) -> NDArray[np.int8]:
    """Number of :data:`GROUND_KINDS` by what stands at places."""
    return ((clutter_m > above_m) * (np.int8(1) + np.asarray(built_up, np.int8))).astype(np.int8)


@compiled()
def interpolated(height_m: Heights, row: float, column: float) -> float:
    """Bilinear height; ``row`` and ``column`` are whole at centres. Flat beyond the edge."""
    row = min(max(row, 0.0), height_m.shape[0] - 1.0)
    column = min(max(column, 0.0), height_m.shape[1] - 1.0)
    r, c = min(int(row), height_m.shape[0] - 2), min(int(column), height_m.shape[1] - 2)
    v, u = row - r, column - c
    south = height_m[r, c] + u * (height_m[r, c + 1] - height_m[r, c])
    north = height_m[r + 1, c] + u * (height_m[r + 1, c + 1] - height_m[r + 1, c])
    return float(south + v * (north - south))


@compiled()
def nearest(grid: Heights, row: float, column: float) -> float:
    """Value of the nearest cell, clamped at the edge."""
    r = min(max(int(row + 0.5), 0), grid.shape[0] - 1)
    c = min(max(int(column + 0.5), 0), grid.shape[1] - 1)
    return float(grid[r, c])


@compiled()
def sample_line(height_m: Heights, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights at the places of a profile."""
    heights = np.empty(row.size)
    for k in range(row.size):
        heights[k] = interpolated(height_m, row[k], column[k])
    return heights


def fractal_terrain(
    rows: int, columns: int, cell_m: float, relief_m: float, seed: int, roughness: float = 2.2, crs: str = "EPSG:32749"
) -> Terrain:
    """Synthetic terrain with a natural spectrum, for tests and benchmarks.

    Parameters
    ----------
    rows, columns : shape of the grid
    cell_m : side of a cell in metres
    relief_m : height between the lowest and the highest cell
    roughness : power by which amplitudes fall with frequency: 1.8 is rugged, 2.6 smooth
    """
    size = int(2 ** np.ceil(np.log2(max(rows, columns))))
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = np.inf
    spectrum = frequency**-roughness * np.exp(2j * np.pi * random.random(frequency.shape))
    ground = np.fft.irfft2(spectrum, s=(size, size))[:rows, :columns]
    ground = (ground - ground.min()) / (ground.max() - ground.min()) * relief_m
    return Terrain(ground.astype(np.float32), 0.0, 0.0, cell_m, pyproj.CRS(crs))


def with_woods(terrain: Terrain, seed: int, height_m: float = 15.0) -> Terrain:
    """Stand woods on half of a terrain, and houses in place of those in its east, for tests and benchmarks."""
    random = fractal_terrain(*terrain.shape, terrain.cell_m, 1.0, seed, roughness=1.5).height_m
    clutter = np.where(random > np.median(random), height_m, 0.0).astype(np.float32)
    east = np.arange(terrain.shape[1]) > terrain.shape[1] // 2
    return replace(terrain, clutter_m=clutter, built_up=(clutter > 0) & east)
