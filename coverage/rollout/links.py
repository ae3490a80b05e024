"""Radio links: line of sight from a feed to a village centre, and the mast needed."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.errors import InputError
from coverage.base.kinds import AssetKind
from coverage.reach.line_of_sight import sight_line
from coverage.reach.terrain import Terrain
from coverage.rollout.measures import Costs

LOWEST_M = 5.0
"""The lowest mast at the village: an antenna on a roof (ITU planning platform: building 5 m)."""
FEED_M = 25.0
"""Height of a feed where neither the record nor its kind has one (ITU planning platform: cell site 25 m)."""


def checked_links(
    terrain: Terrain,
    villages: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    kinds: Mapping[str, AssetKind],
    candidates: pd.DataFrame,
    costs: Costs,
) -> pd.DataFrame:
    """Check candidate links: 0.6 of the first Fresnel zone clear of terrain and clutter.

    Parameters
    ----------
    terrain : the ground, in the region's UTM zone
    candidates
        ``village_code_bps``, ``asset_id``, ``distance_m`` (:func:`coverage.rollout.site_survey.feeds_in_reach`).
    costs : for the band of the link and the tallest mast

    Returns
    -------
    pandas.DataFrame
        The candidates with ``clear`` and ``mast_m``, the lowest mast at the village that sees the feed; candidates with
        an end outside the terrain are left out and count as not checked.
    """
    centres = gpd.GeoSeries(gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"]), crs="EPSG:4326")
    ends = dict(zip(villages["village_code_bps"], shapely.get_coordinates(centres.to_crs(terrain.crs)), strict=True))
    used = assets[assets["asset_id"].isin(candidates["asset_id"])]
    # A line feeds from its middle.
    starts = dict(
        zip(
            used["asset_id"],
            shapely.get_coordinates(shapely.point_on_surface(used.geometry.to_crs(terrain.crs).to_numpy())),
            strict=True,
        )
    )
    known = used["height_m"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    usual = np.array([kinds[kind].height_m or FEED_M if kind in kinds else FEED_M for kind in used["kind"]])
    heights = dict(zip(used["asset_id"], np.where(np.isnan(known), usual, known), strict=True))
    rows = []
    for code, asset, metres in zip(
        candidates["village_code_bps"], candidates["asset_id"], candidates["distance_m"], strict=True
    ):
        mast = _mast(terrain, starts[asset], ends[code], float(heights[asset]), costs.link_ghz.value)
        if mast is not None:
            rows.append((code, asset, metres, mast <= costs.tallest_mast_m.value, mast))
    return pd.DataFrame(rows, columns=["village_code_bps", "asset_id", "distance_m", "clear", "mast_m"])


def _mast(terrain: Terrain, start: np.ndarray, end: np.ndarray, height_m: float, ghz: float) -> float | None:
    """Lowest mast at ``end`` in metres; None where the ground is not known."""
    if np.hypot(*(end - start)) < terrain.cell_m:
        return LOWEST_M
    try:
        profile = terrain.profile((float(start[0]), float(start[1])), (float(end[0]), float(end[1])))
    except InputError:
        return None
    return LOWEST_M + sight_line(*profile, height_m, LOWEST_M, ghz).raise_second_m
