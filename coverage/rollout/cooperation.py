"""Cooperation: villages better served by an asset of a neighbouring regency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd

from coverage.base.kinds import AssetKind, giving_alone
from coverage.villages_served.village_service import nearest_assets

DECISIVE = 0.8
"""Largest ratio of the distances to a neighbour's asset and to one's own."""


def better_from_neighbours(
    villages: gpd.GeoDataFrame,
    own: gpd.GeoDataFrame | None,
    neighbours: gpd.GeoDataFrame,
    kinds: Mapping[str, AssetKind],
    codes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Villages nearer to a neighbouring regency's asset than to any of the same kind of their own.

    Parameters
    ----------
    own : Table ASSETS of this regency, or None
    neighbours : Table ASSETS of neighbouring regencies, with a column ``regency`` where known
    kinds
        Asset kinds; only those for ``cellular`` or ``backhaul`` count, but repeaters: public Wi-Fi and cameras serve no
        neighbour.
    codes : villages to check; all by default

    Returns
    -------
    pandas.DataFrame
        A row per village and kind: ``village_code_bps``, ``village``, ``subdistrict``, ``kind``, ``asset_id``,
        ``regency`` (None where not known), ``distance_m``, ``own_asset_id``, ``own_distance_m`` (empty where there is
        none), ``in_reach`` (whether the village centre is in the kind's usual reach of it). Distances are from the
        village centre, on the ellipsoid; the nearest first.
    """
    columns = [
        "village_code_bps", "village", "subdistrict", "kind", "asset_id", "regency", "distance_m", "own_asset_id",
        "own_distance_m", "in_reach",
    ]  # fmt: skip
    useful = {
        name: max(g.reach_m for g in kinds[name].gives if g.service in ("cellular", "backhaul"))
        for service in ("cellular", "backhaul")
        for name in giving_alone(kinds, service)
    }
    asked = villages if codes is None else villages[villages["village_code_bps"].isin(set(codes))]
    theirs = nearest_assets(asked, neighbours)
    theirs = theirs[theirs["kind"].isin(list(useful))]
    if theirs.empty:
        return pd.DataFrame(columns=columns)
    ours = nearest_assets(asked, own).rename(columns={"asset_id": "own_asset_id", "distance_m": "own_distance_m"})
    table = theirs.merge(ours, on=["village_code_bps", "kind"], how="left")
    better = table["own_distance_m"].isna() | (table["distance_m"] <= DECISIVE * table["own_distance_m"])
    table = table[better].merge(villages[["village_code_bps", "village", "subdistrict"]], on="village_code_bps")
    names = dict(zip(neighbours["asset_id"], neighbours["regency"], strict=True)) if "regency" in neighbours else {}
    regency = pd.Series([names.get(asset) for asset in table["asset_id"]], index=table.index, dtype=object)
    table = table.assign(regency=regency, in_reach=table["distance_m"] <= table["kind"].map(useful))
    return pd.DataFrame(table[columns].sort_values(["distance_m", "village_code_bps", "kind"], ignore_index=True))
