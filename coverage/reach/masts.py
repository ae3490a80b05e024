"""Masts: which antennas of a list stand together."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from coverage.base.kinds import AssetKind, giving
from coverage.base.projection import on_earth
from coverage.reach.assets import OF_SECTOR

SAME_M, SITE_M = 5.0, 100.0
"""How near antennas of one mast stand, and those of one site; farther apart, a site's code was given twice."""


def mast_of(assets: pd.DataFrame, kinds: Mapping[str, AssetKind], counted: bool = True) -> NDArray[np.int64]:
    """Tell on which mast each asset stands.

    Cellular points of a kind share one by :data:`SAME_M` and :data:`SITE_M`; all else stands alone. Where they are
    ``counted``, those alone that tell a sector or service (direction, tilt, power, technology, pattern or site): other
    lists go on counting their rows.

    Returns
    -------
    numpy.ndarray
        Position of the first asset there.
    """
    mast = np.arange(len(assets))
    sector = np.isin(assets["kind"].to_numpy(dtype=object), giving(kinds, "cellular"))
    if counted:
        told = [assets[name].notna().to_numpy() for name in OF_SECTOR if name in assets]
        sector &= np.logical_or.reduce(told) if told else False
    at = np.flatnonzero(sector)
    if len(at) < 2:
        return mast
    shapes = gpd.GeoSeries(assets["geometry"].iloc[at], crs=getattr(assets, "crs", None) or 4326).to_crs(4326)
    points = (shapely.get_type_id(shapes.to_numpy()) == 0) & ~shapely.is_empty(shapes.to_numpy())
    at, lonlat = at[points], shapely.get_coordinates(shapes.to_numpy()[points])
    if len(at) < 2:
        return mast
    tree = cKDTree(on_earth(*lonlat.T))
    site = (
        assets["site_id"].iloc[at].to_numpy(dtype=object, na_value=None)
        if "site_id" in assets
        else np.full(len(at), None)
    )
    near, wide = (tree.query_pairs(metres, output_type="ndarray") for metres in (SAME_M, SITE_M if any(site) else 0.0))
    wide = wide[[one is not None and one == other for one, other in site[wide]]]
    first, second = np.concatenate([near, wide]).T
    kind = assets["kind"].iloc[at].to_numpy(dtype=object)
    alike = kind[first] == kind[second]
    pairs = coo_array((np.ones(alike.sum(), bool), (first[alike], second[alike])), (len(at), len(at)))
    _, group = connected_components(pairs, directed=False)
    mast[at] = at[np.unique(group, return_index=True)[1]][group]
    return mast


def beside_first(assets: pd.DataFrame, kinds: Mapping[str, AssetKind]) -> NDArray[np.bool_]:
    """Which assets are no mast of their own: further antennas of one, not to be counted again."""
    return np.asarray(mast_of(assets, kinds) != np.arange(len(assets)))


def statuses_of_masts(assets: pd.DataFrame, kinds: Mapping[str, AssetKind]) -> pd.DataFrame:
    """Make one row of each mast and status: a mast with antennas of two statuses counts in both."""
    keys = pd.DataFrame({"mast": mast_of(assets, kinds), "status": assets["status"].to_numpy()})
    return assets[~keys.duplicated().to_numpy()]


def of_masts(assets: pd.DataFrame, kinds: Mapping[str, AssetKind]) -> pd.DataFrame:
    """Make one row of each mast: its first, with ``sectors``, how many assets stand there."""
    rows, counts = np.unique(mast_of(assets, kinds), return_counts=True)
    return assets.iloc[rows].assign(sectors=counts)
