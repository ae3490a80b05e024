"""People not yet served near a village centre."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.land.cells import Land

Floats = npt.NDArray[np.float64]

PARTS = 10
"""Subdivision of a cell on the edge of a disc: 10 m parts of a 100 m cell."""


def unserved_within(
    land: Land,
    villages: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    reach: pd.DataFrame,
    service: str,
    reaches_m: Sequence[float],
) -> pd.DataFrame:
    """People of a village without a service within a distance of its centre.

    Only the village's own people count: gains of neighbours are not counted twice. Within a cell, people in and out of
    reach are mixed evenly.

    Parameters
    ----------
    villages : Table VILLAGES, in the order of ``land``
    cells : Table CELLS with people
    reach : Table REACH, rows as ``cells``
    service : column of ``reach``
    reaches_m : distances in metres

    Returns
    -------
    pandas.DataFrame
        People, a column per distance, indexed by ``village_code_bps``; NaN where the population is not known.
    """
    centres = gpd.GeoSeries(gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"]), crs="EPSG:4326")
    xy = shapely.get_coordinates(land.project(centres))
    owner = cells["village_position"].to_numpy()
    population = villages["population"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    unserved = cells["people_share"].to_numpy() * population[owner] * (1 - reach[service].to_numpy(dtype=float))
    some = np.flatnonzero(unserved != 0)  # in the other cells nobody is left to count
    owner, unserved = owner[some], unserved[some]
    corner = np.column_stack([cells[name].to_numpy()[some] for name in ("column", "row")]) * land.cell_m - xy[owner]
    columns = {
        distance: np.bincount(owner, unserved * _share_within(corner, land.cell_m, distance), len(villages))
        for distance in dict.fromkeys(float(distance) for distance in reaches_m)
    }
    return pd.DataFrame(columns, index=pd.Index(villages["village_code_bps"], name="village_code_bps"))


def _share_within(corner: Floats, cell_m: float, distance: float) -> Floats:
    """Share of each square cell within a distance of the origin; ``corner`` is its south-west corner."""
    middle = np.hypot(*(corner + cell_m / 2).T)
    half_diagonal = cell_m * np.sqrt(0.5)
    share: Floats = (middle <= distance).astype(np.float64)
    edge = np.flatnonzero(np.abs(middle - distance) < half_diagonal)
    step = (np.arange(PARTS) + 0.5) / PARTS * cell_m
    x = corner[edge, 0, None, None] + step[None, :, None]
    y = corner[edge, 1, None, None] + step[None, None, :]
    share[edge] = (x**2 + y**2 <= distance**2).mean(axis=(1, 2))
    return share
