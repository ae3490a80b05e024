"""Distribution of people from a file: population raster, settlement points, or building footprints."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.base.model_options import Measure
from coverage.readers import footprints
from coverage.readers.geofiles import MAX_BYTES, read_geofile
from coverage.readers.numbers import read_numbers
from coverage.readers.people import POPULATION_COLUMNS
from coverage.readers.tables import plain, sniff_separator
from coverage.readers.vocabulary import column_words

if TYPE_CHECKING:
    from coverage.land.cells import Land
    from coverage.land.people import PeopleOnLand

Note = tuple[str, dict[str, object]]
SMALL = 1_000_000
RASTER_SUFFIXES = (".tif", ".tiff", ".vrt")
PLACES_SUFFIXES = (".geojson", ".json", ".gpkg", ".kml", ".kmz", ".zip", ".parquet", *footprints.SUFFIXES)


def tells_where_people_live(path: Path) -> bool:
    """Whether a file is a raster or map of places, not a table of people per village."""
    return path.suffix.lower() in RASTER_SUFFIXES + PLACES_SUFFIXES or _is_table_of_places(path)


def _is_table_of_places(path: Path) -> bool:
    """Whether a CSV holds a place a row, such as building footprints, and names no village."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.readline(10_000).decode("utf-8-sig", "replace")
    if head.startswith("{"):
        return True
    names = {plain(cell) for cell in next(csv.reader([head], delimiter=sniff_separator(head)), [])}
    told = {column_words().get(name) for name in names}
    return ("geometry" in names or {"lat", "lon"} <= told) and not {"village", "village_code"} & told


def people_on_land(
    land: Land, path: str | Path, measure: Measure | None = None, official: float | None = None
) -> tuple[PeopleOnLand, list[Note]]:
    """Distribute people as a file has them: :func:`coverage.readers.rasters.raster_on_land` or
    :func:`places_on_land`.
    """
    if Path(path).suffix.lower() in RASTER_SUFFIXES:
        from coverage.readers.rasters import raster_on_land  # slow import

        return raster_on_land(land, path, measure, official)
    return places_on_land(land, path)


def places_on_land(land: Land, path: str | Path) -> tuple[PeopleOnLand, list[Note]]:
    """Read settlement points or building footprints and put people there.

    Parameters
    ----------
    path
        A file of points or polygons in any format of :func:`coverage.readers.geofiles.read_geofile`, or footprints as
        they are published (:mod:`coverage.readers.footprints`). A column of
        people (``penduduk``, ``population``, ...) makes them the villages' population; without one, points count
        alike and buildings by their area.

    Returns
    -------
    tuple
        People on the land, and notes ``(code, values)``.

    Raises
    ------
    FileRefusedError
        Not readable, with lines, or with no place in the region.
    ColumnError
        If the column of people holds something that is no number, or below zero.
    """
    path = Path(path)
    if path.is_file() and footprints.holds_footprints(path):
        return _footprints_on_land(land, path)
    places = _of_table(path) if path.suffix.lower() == ".csv" else read_geofile(path)
    places = places[~(places.geometry.isna() | places.geometry.is_empty)]
    dimension = shapely.get_dimensions(places.geometry.to_numpy())
    if (dimension == 1).any():
        raise FileRefusedError("people.lines", Place(file=path.name, row=int(np.flatnonzero(dimension == 1)[0]) + 1))
    shapes = places.geometry.to_crs(land.crs)
    people = _people(places, path.name)
    if people is None:
        area = (
            places[footprints.AREA].to_numpy(dtype=float) if footprints.AREA in places.columns else np.ones(len(places))
        )
        weight = np.where(dimension == 2, shapes.area.to_numpy(), area)
    else:
        weight = people
    return _on_land(land, shapes.centroid, weight, len(places), path, people is not None)


def _footprints_on_land(land: Land, path: Path) -> tuple[PeopleOnLand, list[Note]]:
    """Buildings by their area, read part by part."""
    to_plane = pyproj.Transformer.from_crs(4326, land.crs, always_xy=True)
    west, south, east, north = map(float, shapely.total_bounds(land.polygons))
    around = to_plane.transform_bounds(west, south, east, north, direction="INVERSE")
    centres, areas, count = [], [np.zeros(0)], 0
    for part in footprints.read_footprints(path, around):
        shapes = footprints.on_plane(part.shapes, to_plane)
        centres.append(shapely.centroid(shapes))
        areas.append(shapely.area(shapes))
        count += part.read
    points = gpd.GeoSeries(np.concatenate([np.zeros(0, object), *centres]), crs=land.crs)
    return _on_land(land, points, np.concatenate(areas), count, path)


def _on_land(
    land: Land, points: gpd.GeoSeries, weight: NDArray[np.float64], count: int, path: Path, counts_people: bool = False
) -> tuple[PeopleOnLand, list[Note]]:
    """Put places on the land, ``count`` in the file."""
    from coverage.land.people import from_points  # compiled: lists of assets need none of it

    found = from_points(land, points, weight, counts_people)
    return found, _notes(found, count, path)


def _notes(found: PeopleOnLand, count: int, path: Path) -> list[Note]:
    """What is to be said of places, of ``count`` in the file; refused where none lies in the region."""
    outside = count - found.places
    if outside == count:
        raise FileRefusedError("people.places_elsewhere", Place(file=path.name))
    notes: list[Note] = []
    if outside:
        notes.append(("people.note.points_outside", {"file": path.name, "count": outside}))
    if len(found.evenly):
        notes.append(("people.note.nobody_at_points", {"file": path.name, "count": len(found.evenly)}))
    return notes


def _of_table(path: Path) -> gpd.GeoDataFrame:
    """Places of a CSV by latitude and longitude, else WKT; other columns as text or numbers."""
    if path.stat().st_size > MAX_BYTES:
        raise FileRefusedError("geofile.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
    try:
        table = pd.read_csv(path, sep=None, engine="python") if path.stat().st_size < SMALL else pd.read_csv(path)
        table = table.rename(columns={name: plain(str(name)) for name in table.columns})
        columns = {column_words().get(str(name)): str(name) for name in reversed(list(table.columns))}
        if {"lat", "lon"} <= set(columns):
            lat, lon = (pd.to_numeric(table[columns[what]]) for what in ("lat", "lon"))
            shapes = shapely.points(lon.to_numpy(dtype=float), lat.to_numpy(dtype=float))
        else:
            shapes = shapely.from_wkt(table["geometry"].to_numpy(dtype=object))
    except (ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise FileRefusedError("file.unreadable", Place(file=path.name), problem=str(error)[:200]) from error
    return gpd.GeoDataFrame(table.drop(columns="geometry", errors="ignore"), geometry=shapes, crs="EPSG:4326")


def _people(places: pd.DataFrame, file: str) -> np.ndarray | None:
    """Column of people, if any; missing is nobody."""
    column = next((name for name in places.columns if plain(name) in POPULATION_COLUMNS), None)
    if column is None:
        return None
    people, wrong, _ = read_numbers(
        places[column].astype(object).where(places[column].notna(), "").astype(str).tolist(), "cell"
    )
    wrong |= people < 0
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise ColumnError(
            "people.bad_place_number",
            Place(file=file, row=at + 1, column=str(column), value=str(places[column].iloc[at])),
        )
    return np.asarray(np.nan_to_num(people))
