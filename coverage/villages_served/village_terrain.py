"""Terrain per village: height, slope, ruggedness."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.base.schema import VILLAGE_TERRAIN, check
from coverage.land.cells import Land
from coverage.land.scanlines import Floats
from coverage.reach.terrain import Terrain

APART_M = 100.0
"""Distance over which ruggedness is measured."""


def village_terrain(land: Land, terrain: Terrain) -> pd.DataFrame:
    """Area-weighted terrain of each village.

    Slope is by Horn's differences over the eight neighbours [1]_, ruggedness the mean absolute difference in height to
    the four places 100 m (at least one cell) to the north, east, south and west: what makes roads long and lines of
    sight short.

    Parameters
    ----------
    terrain : the ground, in the same UTM zone

    Returns
    -------
    pandas.DataFrame
        Table VILLAGE_TERRAIN, in the order of the villages; empty where no height is known.

    References
    ----------
    .. [1] Horn, B. K. P. (1981). Hill shading and the reflectance map. Proceedings of the IEEE 69(1), 14-47.
    """
    x, y = land.centres
    row, column = terrain.indices(x, y)
    known = terrain.holds(row, column)
    rows, columns = terrain.shape
    row, column = np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)

    def at(north: int, east: int) -> Floats:
        place = np.clip(row + north, 0, rows - 1), np.clip(column + east, 0, columns - 1)
        return np.asarray(terrain.height_m[place], dtype=np.float64)

    to_east = (at(1, 1) + 2 * at(0, 1) + at(-1, 1)) - (at(1, -1) + 2 * at(0, -1) + at(-1, -1))
    to_north = (at(1, 1) + 2 * at(1, 0) + at(1, -1)) - (at(-1, 1) + 2 * at(-1, 0) + at(-1, -1))
    slope = np.degrees(np.arctan(np.hypot(to_east, to_north) / (8 * terrain.cell_m)))
    step = max(round(APART_M / terrain.cell_m), 1)
    here = at(0, 0)
    around = [np.abs(at(north, east) - here) for north, east in ((step, 0), (-step, 0), (0, step), (0, -step))]
    village, weight = land.cells["village_position"].to_numpy(), land.cells["area_m2"].to_numpy() * known
    total = np.bincount(village, weight, len(land.village_codes))
    total[total == 0] = np.nan

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(village, weight * values, len(total)) / total)

    table = pd.DataFrame(
        {
            "village_code_bps": list(land.village_codes),
            "elevation_m": mean(here),
            "slope_deg": mean(slope),
            "ruggedness_m": mean(np.mean(around, axis=0)),
        }
    )
    return check(table, VILLAGE_TERRAIN)
