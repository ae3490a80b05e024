"""The plane in metres in which places are measured: the UTM zone of where they are."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pyproj


def utm_crs(places: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """The UTM zone (WGS 84) of the middle of some places: what geopandas estimates, without its search of a database.

    Parameters
    ----------
    places
        Geometries with a CRS, one at least that is not empty.
    """
    west, south, east, north = places.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if not places.crs.is_geographic:
        lon, lat = pyproj.Transformer.from_crs(places.crs, 4326, always_xy=True).transform(lon, lat)
    zone = int(np.floor((lon + 180) / 6)) % 60 + 1
    return _utm(32600 + zone if lat >= 0 else 32700 + zone)


@cache
def _utm(epsg: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(epsg)
