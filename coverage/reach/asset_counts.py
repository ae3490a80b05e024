"""Asset counts, repair list, and the village of each asset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from coverage.base.kinds import AssetKind
from coverage.base.projection import utm_crs
from coverage.base.schema import NEEDS_REPAIR, STATUSES
from coverage.reach.masts import of_masts, statuses_of_masts

PLACE = ("village_code_bps", "village", "subdistrict")


@dataclass(frozen=True)
class AssetCounts:
    """Counts of an inventory.

    Attributes
    ----------
    by_kind_and_owner
        ``kind, owner, count``; kinds in the order of the schema, the largest owner first; unknown owners are empty.
    by_kind
        ``kind, parts, count, sectors``; ``parts`` holds the owners' counts, which add up; ``sectors`` as for
        :func:`sectors_by_kind`.
    by_status : ``status, count`` in the order of the schema, without zeros
    by_subdistrict : ``subdistrict, kind, count`` by name; assets outside every village last, with an empty name
    """

    by_kind_and_owner: pd.DataFrame
    by_kind: pd.DataFrame
    by_status: pd.DataFrame
    by_subdistrict: pd.DataFrame


def summary(assets: pd.DataFrame, kinds: Mapping[str, AssetKind]) -> AssetCounts:
    """Count an inventory by kind and owner, by status, and by subdistrict.

    Parameters
    ----------
    assets : columns ``kind, owner, status`` and, where known, ``subdistrict``; sectors are counted by their mast
    kinds : in their order; unknown ones come last
    """
    by_status = statuses_of_masts(assets, kinds)["status"]
    assets = of_masts(assets, kinds)
    owners = assets.assign(owner=assets["owner"].fillna("")).groupby(["kind", "owner"], observed=True).size()
    pairs = owners.rename("count").reset_index()
    pairs = (
        pairs.assign(order=pairs["kind"].map({kind: at for at, kind in enumerate(kinds)}).fillna(len(kinds)))
        .sort_values(["order", "count", "owner"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="order")
    )
    counts = pairs.groupby("kind", sort=False)["count"]
    by_kind = pd.DataFrame({"parts": counts.agg(tuple), "count": counts.sum()}).reset_index()
    by_kind["sectors"] = by_kind["kind"].map(sectors_by_kind(assets)).fillna(0).astype(int)
    statuses = by_status.value_counts().reindex(STATUSES).dropna().astype("int64")
    return AssetCounts(
        pairs, by_kind, statuses.rename_axis("status").rename("count").reset_index(), _by_subdistrict(assets)
    )


def sectors_by_kind(masts: pd.DataFrame) -> dict[str, int]:
    """How many sectors the masts of each kind hold (:func:`coverage.reach.masts.of_masts`), where they are more."""
    found = masts.groupby("kind", observed=True)["sectors"].agg(["sum", "size"])
    return {str(kind): int(row["sum"]) for kind, row in found[found["sum"] > found["size"]].iterrows()}


def _by_subdistrict(assets: pd.DataFrame) -> pd.DataFrame:
    named = assets["subdistrict"].fillna("").astype("str") if "subdistrict" in assets.columns else ""
    counts = assets.assign(subdistrict=named).groupby(["subdistrict", "kind"], observed=True).size()
    outside = counts.index.get_level_values("subdistrict") == ""
    return pd.concat([counts[~outside], counts[outside]]).rename("count").reset_index()


def village_of(assets: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Village of each asset; a line belongs where most of its length is, an area where most of it is.

    Parameters
    ----------
    assets : points, lines and areas with a CRS
    villages : per :data:`coverage.base.schema.VILLAGES`

    Returns
    -------
    DataFrame
        ``village_code_bps, village, subdistrict`` on the index of ``assets``; empty outside every village. On a common
        border the first village counts.
    """
    shapes = assets.geometry.to_crs(villages.crs).to_numpy()
    polygons = villages.geometry.to_numpy()
    asset, village = shapely.STRtree(polygons).query(shapes, predicate="intersects")
    pairs = pd.DataFrame(
        {"asset": asset, "village": village, "size": _size(shapes, polygons, asset, village, villages)}
    )
    chosen = pairs.sort_values(["asset", "size", "village"], ascending=[True, False, True]).drop_duplicates("asset")
    position = np.full(len(assets), -1)
    position[chosen["asset"].to_numpy()] = chosen["village"].to_numpy()
    table = pd.DataFrame(villages[list(PLACE)]).reset_index(drop=True).reindex(position)
    return table.set_axis(assets.index)


def villages_along(route: BaseGeometry, villages: gpd.GeoDataFrame) -> list[str]:
    """Names of the villages that a route in EPSG:4326 passes through, from its first point on; along a common border
    both.
    """
    (shape,) = gpd.GeoSeries([route], crs=4326).to_crs(villages.crs)
    near = villages.iloc[villages.sindex.query(shape, predicate="intersects")]
    pieces, village = shapely.get_parts(near.intersection(shape).to_numpy(), return_index=True)
    long = shapely.length(pieces) > 0  # a corner that is touched is not passed
    line = shapely.LineString(shapely.get_coordinates(shape))  # its parts one after another
    middles = shapely.line_interpolate_point(pieces[long], 0.5, normalized=True)
    first = pd.Series(shapely.line_locate_point(line, middles)).groupby(village[long]).min()
    return [str(name) for name in near["village"].iloc[first.sort_values(kind="stable").index]]


def _size(
    shapes: NDArray[np.object_],
    polygons: NDArray[np.object_],
    asset: NDArray[np.int64],
    village: NDArray[np.int64],
    villages: gpd.GeoDataFrame,
) -> NDArray[np.float64]:
    """Metres, or square metres, of each asset in each village that it touches; zero for a point."""
    size, dimension = np.zeros(len(asset)), shapely.get_dimensions(shapes)[asset]
    wide = np.flatnonzero(dimension > 0)
    if len(wide):
        parts = shapely.intersection(shapes[asset[wide]], polygons[village[wide]])
        in_metres = gpd.GeoSeries(parts, crs=villages.crs).to_crs(utm_crs(villages))
        size[wide] = np.where(dimension[wide] == 1, in_metres.length, in_metres.area)
    return size


def repair_list(
    assets: gpd.GeoDataFrame | None,
    since: Mapping[str, str] | None = None,
    people_losing: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Assets in place but not working, by people affected, then by waiting time.

    Parameters
    ----------
    assets : the inventory, with ``village`` and ``subdistrict`` where known, EPSG:4326; None where there is no list
    since : ISO moment at which each asset was noted to have stopped working, where known
    people_losing : people without service who would have it if the asset worked; missing is empty, not zero

    Returns
    -------
    DataFrame
        ``asset_id, kind, name, status, village, subdistrict, owner, installed_on, note, since, people_losing, lon,
        lat``.
    """
    if assets is None:
        assets = gpd.GeoDataFrame({"asset_id": [], "status": []}, geometry=[], crs="EPSG:4326")
    broken = assets[assets["status"].isin(NEEDS_REPAIR)]
    inside = broken.geometry.representative_point()
    shown = ("asset_id", "kind", "name", "status", "village", "subdistrict", "owner", "installed_on", "note")
    table = pd.DataFrame({name: broken[name] if name in broken.columns else None for name in shown}, index=broken.index)
    table["since"] = broken["asset_id"].map(dict(since or {})).astype("str")
    table["people_losing"] = broken["asset_id"].map(dict(people_losing or {})).astype("float64")
    table["lon"], table["lat"] = inside.x, inside.y
    order = ["people_losing", "since", "kind", "status", "asset_id"]
    return table.sort_values(order, ascending=[False, True, True, True, True], ignore_index=True)
