"""Points: public facilities, or places where something could be built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np

from coverage.base.errors import ColumnError, Place, RowError
from coverage.readers.angles import read_angle
from coverage.readers.geofiles import GEOMETRY_FORMATS, read_geofile, sniff
from coverage.readers.tables import plain, read_table
from coverage.readers.vocabulary import column_ranks


def read_points(path: str | Path) -> gpd.GeoDataFrame:
    """Read points: public facilities, or places where something could be built.

    Parameters
    ----------
    path
        A file of geometry (:func:`coverage.readers.geofiles.read_geofile`; of an area its middle is taken), or CSV or
        Excel with columns of longitude and latitude.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4326; rows without a place are left out.

    Raises
    ------
    FileRefusedError, ColumnError, RowError
        If it is no such file, naming what is wrong.
    """
    path = Path(path)
    if path.is_file() and sniff(path) in GEOMETRY_FORMATS:
        found = read_geofile(path)
        found = found[found.geometry.notna() & ~found.geometry.is_empty]
        middle = found.geometry.representative_point()
        return gpd.GeoDataFrame(geometry=middle.to_numpy(), crs="EPSG:4326")
    lon_names, lat_names = (set(column_ranks()[name]) for name in ("lon", "lat"))
    table = read_table(path, lambda cell: plain(cell) in lon_names | lat_names)
    columns = {plain(name): str(name) for name in reversed(list(table.frame.columns))}
    lon, lat = (next((columns[name] for name in columns if name in names), None) for names in (lon_names, lat_names))
    place = Place(file=table.file, sheet=table.sheet)
    if lon is None or lat is None:
        raise ColumnError("criteria.no_coordinates", place, offered=["lon", "lat"], columns=list(columns.values())[:30])
    rows = table.frame[(table.frame[lon] != "") & (table.frame[lat] != "")]
    xy = [
        _place(x, y, Place(place.file, place.sheet, int(row), lon))
        for row, x, y in zip(rows.index, rows[lon].astype(str), rows[lat].astype(str), strict=True)
    ]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.array(xy).reshape(-1, 2).T), crs="EPSG:4326")


def _place(lon: str, lat: str, place: Place) -> tuple[float, float]:
    x, y = read_angle(lon).value, read_angle(lat).value
    if np.isnan(x) or np.isnan(y):
        raise RowError("coordinates.not_an_angle", replace(place, value=f"{lon}, {lat}"))
    if abs(x) > 180 or abs(y) > 90:
        raise RowError("criteria.outside_earth", replace(place, value=f"{lon}, {lat}"))
    return x, y
