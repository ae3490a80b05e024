"""Fibre routes: the shared tree of a region, and each village's route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from coverage.base.kinds import AssetKind, fiber_nodes
from coverage.base.projection import utm_crs
from coverage.rollout.measures import Costs
from coverage.rollout.network import Network, filled_land, road_network, straight_network
from coverage.rollout.trees import NO_ROUTE, Tree, shared_tree

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Routes:
    """The shared tree towards some villages.

    Attributes
    ----------
    codes : villages, in the order of ``tree.terminal_piece``
    tree : pieces of route
    node_ids : ``asset_id`` of the existing nodes, in the order of ``network.node_points``
    crs : of the coordinates
    """

    codes: tuple[str, ...]
    tree: Tree
    network: Network
    node_ids: tuple[str, ...]
    crs: pyproj.CRS

    def of_villages(self) -> pd.DataFrame:
        """Each village's route.

        Returns
        -------
        pandas.DataFrame
            Indexed by village code: ``piece`` (last piece of the route; -1 on a node, -2 where there is none),
            ``route_m`` (from the existing node; NaN where there is none), ``node_id`` (the existing node).
        """
        piece = self.tree.terminal_piece
        reached = piece >= 0
        route = np.where(piece == NO_ROUTE, np.nan, 0.0)
        route[reached] = self.tree.route_m()[piece[reached]]
        by_point = dict(zip(self.network.node_points.tolist(), self.node_ids, strict=True))
        root = self.network.village_points.copy()
        root[reached] = self.tree.root[piece[reached]]
        nodes = [by_point.get(int(point)) for point in root]
        return pd.DataFrame(
            {"piece": piece, "route_m": route, "node_id": nodes}, index=pd.Index(self.codes, name="village_code_bps")
        )

    def lines(self) -> gpd.GeoDataFrame:
        """Pieces as lines in EPSG:4326: ``piece``, ``parent``, ``length_m``, ``villages`` (codes at its end)."""
        ends: dict[int, list[str]] = {}
        for code, piece in zip(self.codes, self.tree.terminal_piece.tolist(), strict=True):
            ends.setdefault(piece, []).append(code)
        pieces = range(len(self.tree.paths))
        frame = pd.DataFrame(
            {
                "piece": list(pieces),
                "parent": self.tree.parent,
                "length_m": self.tree.length_m,
                "villages": [",".join(ends.get(piece, [])) for piece in pieces],
            }
        )
        geometry = [shapely.linestrings(self.network.xy[path]) for path in self.tree.paths]
        return gpd.GeoDataFrame(frame, geometry=geometry, crs=self.crs).to_crs("EPSG:4326")


def fiber_routes(
    villages: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    kinds: Mapping[str, AssetKind],
    costs: Costs,
    codes: set[str],
    roads: gpd.GeoDataFrame | None = None,
    allow_sea: bool = False,
) -> Routes | None:
    """The shared fibre tree from every operational node to the villages asked for.

    Parameters
    ----------
    villages
        Table VILLAGES of the region (with neighbours where routes may pass through them): their union is the land.
    kinds : routes start at operational assets of :func:`coverage.base.kinds.fiber_nodes`
    costs : for the detour factor and how much water a straight line may cross
    codes : villages to be joined
    allow_sea : whether routes may cross the sea

    Returns
    -------
    Routes or None
        None where there is no operational node.
    """
    crs = utm_crs(villages)
    nodes = assets[assets["kind"].isin(fiber_nodes(kinds)) & (assets["status"] == "operational")].sort_values(
        "asset_id"
    )
    wanted = villages[villages["village_code_bps"].isin(codes)].sort_values("village_code_bps")
    if nodes.empty or wanted.empty:
        return None
    centres = gpd.GeoSeries(gpd.points_from_xy(wanted["centre_lon"], wanted["centre_lat"]), crs="EPSG:4326")
    village_xy, node_xy = (shapely.get_coordinates(place.to_crs(crs)) for place in (centres, nodes.geometry))
    land = None if allow_sea else filled_land(villages.to_crs(crs).geometry.to_numpy())
    factor, water_m = costs.detour_factor.value, costs.water_m.value
    if roads is None:
        network = straight_network(village_xy, node_xy, factor, land, water_m)
    else:
        lines = roads.to_crs(crs).geometry.to_numpy()
        network = road_network(lines, village_xy, node_xy, factor, land, water_m)
    tree = shared_tree(network.lengths, network.node_points, network.village_points)
    return Routes(tuple(wanted["village_code_bps"]), tree, network, tuple(nodes["asset_id"]), crs)
