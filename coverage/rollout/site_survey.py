"""Everything that a plan chooses from, from the tables of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.kinds import AssetKind
from coverage.base.parameters import Rule
from coverage.base.projection import utm_crs
from coverage.base.schema import SERVICES
from coverage.land.cells import Land
from coverage.rollout.gained_people import unserved_within
from coverage.rollout.measures import Costs
from coverage.rollout.options import possible_measures
from coverage.rollout.routes import Routes, fiber_routes

STATES = ("blank", "weak")
"""States of villages to plan for, unless villages are named."""


@dataclass(frozen=True)
class SiteSurvey:
    """Table MEASURES (with ``piece``) and its fibre tree, None without a node."""

    measures: pd.DataFrame
    routes: Routes | None


def survey(
    villages: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame | None,
    land: Land,
    cells: pd.DataFrame,
    reach: pd.DataFrame,
    village_service: pd.DataFrame,
    nearest: pd.DataFrame,
    blank_spots: pd.DataFrame,
    kinds: Mapping[str, AssetKind],
    costs: Costs,
    rule: Rule,
    codes: Collection[str] | None = None,
    roads: gpd.GeoDataFrame | None = None,
    links: pd.DataFrame | None = None,
    allow_sea: bool = False,
) -> SiteSurvey:
    """Possible measures.

    Parameters
    ----------
    villages, assets, cells, reach, village_service, nearest, blank_spots
        Tables of the flow; ``assets`` None where no list was given.
    kinds : where fibre and radio links may start
    costs : measures and their costs
    rule : who counts as served; one without services (an official list) counts every connecting service
    codes : villages to plan for; by default those in :data:`STATES` under the rule
    roads : lines for fibre to follow, in any CRS; None for straight lines
    links : checked links (:func:`coverage.rollout.options.possible_measures`)
    allow_sea : whether fibre may cross the sea
    """
    if codes is None:
        rows = blank_spots[(blank_spots["rule"] == rule.name) & blank_spots["state"].isin(STATES)]
        codes = set(rows["village_code_bps"])
    services = rule.services or tuple(service for service in SERVICES if service != "surveillance")
    decisive = rule.service
    reaches = [measure.reach_m.value for measure in costs.measures]
    unserved = unserved_within(land, villages, cells, reach, decisive, reaches)
    routes = None if assets is None else fiber_routes(villages, assets, kinds, costs, set(codes), roads, allow_sea)
    measures = possible_measures(codes, village_service, nearest, unserved, routes, kinds, costs, services, links)
    return SiteSurvey(measures, routes)


def feeds_in_reach(
    villages: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    kinds: Mapping[str, AssetKind],
    codes: Collection[str],
    longest_m: float,
    most: int = 5,
) -> pd.DataFrame:
    """Feeds from which a radio link to a village could start: what a check of the terrain has to look at.

    Parameters
    ----------
    kinds : which of them a radio link may start from
    codes : villages asked about
    longest_m : longest link in metres
    most : at most this many a village, the nearest first

    Returns
    -------
    pandas.DataFrame
        ``village_code_bps``, ``asset_id``, ``distance_m`` (in the region's UTM zone), by village and distance.
    """
    crs = utm_crs(villages)
    starts = [name for name, kind in kinds.items() if kind.feeds]
    feeds = assets[assets["kind"].isin(starts) & (assets["status"] == "operational")].sort_values("asset_id")
    asked = villages[villages["village_code_bps"].isin(set(codes))].sort_values("village_code_bps")
    columns = ["village_code_bps", "asset_id", "distance_m"]
    if feeds.empty or asked.empty:
        return pd.DataFrame({name: [] for name in columns})
    centres = gpd.GeoSeries(gpd.points_from_xy(asked["centre_lon"], asked["centre_lat"]), crs="EPSG:4326").to_crs(crs)
    tree = shapely.STRtree(feeds.geometry.to_crs(crs).to_numpy())
    village, feed = tree.query(centres.to_numpy(), predicate="dwithin", distance=longest_m)
    distance = shapely.distance(centres.to_numpy()[village], tree.geometries[feed])
    table = pd.DataFrame(
        {
            "village_code_bps": asked["village_code_bps"].to_numpy()[village],
            "asset_id": feeds["asset_id"].to_numpy()[feed],
            "distance_m": np.asarray(distance),
        }
    )
    table = table.sort_values(["village_code_bps", "distance_m", "asset_id"], ignore_index=True)
    return pd.DataFrame(table.groupby("village_code_bps").head(most).reset_index(drop=True)[columns])
