"""UTM zone for measuring in metres, and bounds in degrees."""

from __future__ import annotations

import math
import weakref
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326)."""
WGS84 = pyproj.Geod(ellps="WGS84")


def utm_crs(places: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """UTM zone (WGS 84) of the centre of some places, as geopandas estimates it, without its database search.

    Parameters
    ----------
    places : geometries with a CRS, at least one not empty
    """
    west, south, east, north = places.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if not places.crs.is_geographic:
        lon, lat = pyproj.Transformer.from_crs(places.crs, 4326, always_xy=True).transform(lon, lat)
    zone = int(np.floor((lon + 180) / 6)) % 60 + 1
    return _utm(32600 + zone if lat >= 0 else 32700 + zone)


def on_earth(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earth-centred coordinates in metres, shape (n, 3), of degrees on the ellipsoid."""
    a, e2 = WGS84.a, WGS84.es
    lon, lat = np.radians(lon), np.radians(lat)
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    from_axis = n * np.cos(lat)
    return np.column_stack([from_axis * np.cos(lon), from_axis * np.sin(lon), n * (1 - e2) * np.sin(lat)])


@cache
def _utm(epsg: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(epsg)


_projected: dict[str, tuple[Any, pyproj.CRS, NDArray[Any]]] = {}


def in_plane(places: gpd.GeoDataFrame, crs: pyproj.CRS) -> NDArray[Any]:
    """Geometries of a table in ``crs``; those asked for last are kept, for a run asks for its assets six times."""
    table, its_crs, found = _projected.get("last", (None, None, None))
    if table is None or found is None or table() is not places or its_crs != crs:
        found = _in_plane(places.geometry, crs)
        keep_in_plane(places, crs, found)
    return found


def keep_in_plane(places: gpd.GeoDataFrame, crs: pyproj.CRS, geometries: NDArray[Any]) -> None:
    """Keep the geometries of a table in ``crs``, which are known from the table that it was taken from."""
    _projected["last"] = (weakref.ref(places), crs, geometries)


def _in_plane(places: gpd.GeoSeries, crs: pyproj.CRS) -> NDArray[Any]:
    """As ``to_crs``, which takes points as slowly as outlines."""
    shapes = places.to_numpy()
    if (shapely.get_type_id(shapes) != 0).any() or shapely.has_z(shapes).any() or shapely.is_empty(shapes).any():
        return np.asarray(places.to_crs(crs).to_numpy())
    x, y = shapely.get_coordinates(shapes).T
    return np.asarray(shapely.points(*pyproj.Transformer.from_crs(places.crs, crs, always_xy=True).transform(x, y)))


def widened(bounds: Bounds, margin_km: float) -> Bounds:
    """Bounds with a margin."""
    west, south, east, north = bounds
    up = margin_km / 110.574
    aside = margin_km / (111.320 * math.cos(math.radians(max(abs(south), abs(north)))))
    return west - aside, south - up, east + aside, north + up
