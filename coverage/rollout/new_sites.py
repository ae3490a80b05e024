"""New sites for Wi-Fi or towers that serve the most people not yet served."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.land.cells import Land
from coverage.rollout.cover import within_reach
from coverage.rollout.milp import Watch
from coverage.rollout.sites import Sites, place_sites

Floats = npt.NDArray[np.float64]


def unserved_points(
    land: Land, villages: gpd.GeoDataFrame, cells: pd.DataFrame, reach: pd.DataFrame, service: str
) -> tuple[Floats, Floats]:
    """People out of reach of a service, at cell centres.

    Parameters
    ----------
    land, villages, cells, reach : as for :func:`coverage.rollout.gained_people.unserved_within`
    service : column of ``reach``

    Returns
    -------
    tuple of numpy.ndarray
        Points in the land's plane, shape (n, 2), and their people, rounded to whole persons so that optimality can be
        proven; empty cells are left out.
    """
    owner = cells["village_position"].to_numpy()
    population = villages["population"].astype("Float64").to_numpy(dtype=np.float64, na_value=0.0)
    people = cells["people_share"].to_numpy() * population[owner] * (1 - reach[service].to_numpy(dtype=float))
    square = pd.DataFrame({"row": cells["row"].to_numpy(), "column": cells["column"].to_numpy(), "people": people})
    square = square.groupby(["row", "column"])[["people"]].sum().reset_index()
    square = square[square["people"].round() > 0]
    xy = (square[["column", "row"]].to_numpy(dtype=np.float64) + 0.5) * land.cell_m
    return xy, np.rint(square["people"].to_numpy(dtype=np.float64))


def grid_candidates(land: Land, step_m: float) -> gpd.GeoDataFrame:
    """Candidates on a square grid over the villages, EPSG:4326."""
    every = max(1, round(step_m / land.cell_m))
    cells = land.cells[["row", "column"]].drop_duplicates()
    cells = cells[(cells["row"] % every == every // 2) & (cells["column"] % every == every // 2)]
    xy = (cells[["column", "row"]].to_numpy(dtype=np.float64) + 0.5) * land.cell_m + (land.x0, land.y0)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=land.crs).to_crs("EPSG:4326")


def new_sites(
    land: Land,
    villages: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    reach: pd.DataFrame,
    service: str,
    candidates: gpd.GeoDataFrame,
    reach_m: float,
    count: int,
    seconds: float = 30.0,
    watch: Watch | None = None,
) -> tuple[gpd.GeoDataFrame, Sites]:
    """Choose sites among candidates (public buildings, high points, a grid) for the most people not yet served.

    Parameters
    ----------
    land, villages, cells, reach, service : as for :func:`unserved_points`
    candidates : points in any CRS; further columns are kept
    reach_m : reach of one site in metres
    count : sites to place
    seconds, watch : as for :func:`coverage.rollout.sites.place_sites`

    Returns
    -------
    tuple
        The chosen candidates in EPSG:4326, the one that adds most first, with ``people_added`` (on top of the ones
        before), ``people_in_reach`` and ``village_code_bps`` (None outside the region); and the whole result with its
        bound.
    """
    xy, people = unserved_points(land, villages, cells, reach, service)
    cover = within_reach(shapely.get_coordinates(land.project(candidates)), xy, reach_m)
    sites = place_sites(cover, people, count, seconds, watch=watch)
    columns = cover.tocsc()
    left, order, added = people.copy(), [], []
    remaining = sites.chosen.tolist()
    rows = {c: columns.indices[columns.indptr[c] : columns.indptr[c + 1]] for c in remaining}
    while remaining:
        best = max(remaining, key=lambda c: (left[rows[c]].sum(), -c))
        order.append(best)
        added.append(float(left[rows[best]].sum()))
        left[rows[best]] = 0.0
        remaining.remove(best)
    chosen = candidates.iloc[order].to_crs("EPSG:4326").reset_index(drop=True)
    chosen["people_added"] = added
    chosen["people_in_reach"] = [float(people[rows[c]].sum()) for c in order]
    inside = chosen[["geometry"]].sjoin(villages[["village_code_bps", "geometry"]], how="left", predicate="within")
    inside = inside[~inside.index.duplicated()]
    codes = inside["village_code_bps"].astype(object)
    chosen["village_code_bps"] = codes.where(codes.notna(), None)
    return chosen, sites
