"""Land that is built over, from footprints of buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from coverage.land.scanlines import covered_areas, edges_of, windows_of

Grid = NDArray[np.float32]
Sums = NDArray[np.float64]
"""Of many buildings: rounded to single precision each time, they would depend on the order of rows."""


@dataclass(frozen=True, eq=False)
class BuiltLand:
    """Built area per cell of a grid, row 0 the southernmost; filled part by part.

    Attributes
    ----------
    x0, y0, cell_m : south-west corner and side of a cell, in metres of the plane
    area_m2, told_m2 : of all footprints in each cell, and of those whose height is told
    volume_m3 : of the latter
    """

    x0: float
    y0: float
    cell_m: float
    area_m2: Sums
    told_m2: Sums
    volume_m3: Sums

    @classmethod
    def empty(cls, x0: float, y0: float, cell_m: float, shape: tuple[int, int]) -> BuiltLand:
        """A grid without a building."""
        return cls(x0, y0, cell_m, *(np.zeros(shape) for _ in range(3)))

    def add(self, shapes: NDArray[Any], height_m: NDArray[np.float64]) -> None:
        """Add polygons of the plane, by their exact area in each cell; NaN is a height that is not told."""
        if not len(shapes):
            return
        edges = edges_of(shapes, self.x0, self.y0)
        windows = windows_of(edges, len(shapes), self.cell_m, self.cell_m)
        area = covered_areas(edges, windows, self.cell_m, self.cell_m)
        touched = np.flatnonzero(area > 0)
        polygon, row, column = windows.cells(touched)
        rows, columns = self.area_m2.shape
        held = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        place, height = (row[held], column[held]), height_m[polygon[held]]
        own = area[touched][held]
        told = np.isfinite(height)
        np.add.at(self.area_m2, place, own)
        np.add.at(self.told_m2, place, np.where(told, own, 0))
        np.add.at(self.volume_m3, place, np.where(told, own * height, 0))

    def cover_m(self, share_m: float, by_share: tuple[tuple[float, float], ...]) -> tuple[Grid, NDArray[np.bool_]]:
        """Height of what is built, by the share of built ground in the square of ``share_m`` around each cell.

        A cell is built over as a whole at most, also where files overlap.

        Parameters
        ----------
        by_share : ascending pairs of a least share and the height there in m; with less, nothing is built

        Returns
        -------
        tuple
            Heights, those that are told (their mean by area) where they are of at least half of the built area; and
            where that is.
        """
        side = 2 * round((share_m / self.cell_m - 1) / 2) + 1
        fits = self.cell_m**2 / np.maximum(self.area_m2, self.cell_m**2)
        area, told, volume = (
            uniform_filter(grid * fits, side, output=np.float32, mode="constant")
            for grid in (self.area_m2, self.told_m2, self.volume_m3)
        )
        least, height = (np.array(column, dtype=np.float32) for column in zip(*by_share, strict=True))
        found = np.append(np.float32(0), height)[np.searchsorted(least, area / self.cell_m**2, side="right")]
        own = (found > 0) & (told >= area / 2)
        found[own] = volume[own] / told[own]
        return found, own
