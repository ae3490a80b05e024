"""KML placemarks with attributes, read without GDAL, so that nothing outside the file is opened.

defusedxml refuses external entities and entity bombs; network links are not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import geopandas as gpd
from shapely import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.documents import parse_document
from coverage.readers.limits import columns_of


def read_kml(content: bytes, file: str, loose: bool = False) -> gpd.GeoDataFrame:
    """Read every placemark of a KML document.

    Parameters
    ----------
    loose : whether a placemark whose geometry cannot be read is a row without geometry, listed in ``attrs["bad_rows"]``

    Returns
    -------
    GeoDataFrame
        One placemark a row, EPSG:4326: ``name``, ``description``, ``address``, ``folder`` (outermost first),
        the fields of its extended data, and its geometry in two dimensions.

    Raises
    ------
    FileRefusedError
        Not well-formed, or with entities.
    """
    root = parse_document(content, file)
    rows: list[dict[str, Any]] = []
    shapes: list[BaseGeometry | None] = []
    bad: list[int] = []
    for folder, placemark in _placemarks(root):
        fields = _fields(placemark)
        rows.append({**fields, "folder": folder} if folder and "folder" not in fields else fields)
        try:
            shapes.append(_geometry(placemark))
        except (ValueError, ShapelyError):
            if not loose:
                raise
            bad.append(len(shapes))
            shapes.append(None)
    if not rows:
        raise FileRefusedError("geofile.no_layer", Place(file=file))
    names = [name for name in columns_of(rows, len(rows), file) if name != "geometry"]
    made = gpd.GeoDataFrame({name: [row.get(name) for row in rows] for name in names}, geometry=shapes, crs="EPSG:4326")
    made.attrs["bad_rows"] = bad
    return made


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Element, tag: str) -> list[Element]:
    return [found for found in element.iter() if _tag(found) == tag]


def _placemarks(element: Element, folder: str | None = None) -> Iterator[tuple[str | None, Element]]:
    """Placemarks with the names of the folders they are in."""
    if _tag(element) == "Folder":
        named = next(((child.text or "").strip() for child in element if _tag(child) == "name"), "")
        folder = " / ".join(filter(None, (folder, named))) or None
    for child in element:
        if _tag(child) == "Placemark":
            yield folder, child
        elif _tag(child) in ("Folder", "Document", "kml"):
            yield from _placemarks(child, folder)


def _fields(placemark: Element) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for child in placemark:
        if _tag(child) in ("name", "description", "address"):
            fields[_tag(child)] = fields.get(_tag(child)) or (child.text or "").strip() or None
    for data in _all(placemark, "SimpleData"):
        fields[data.get("name", "")] = (data.text or "").strip() or None
    for data in _all(placemark, "Data"):
        values = _all(data, "value")
        fields[data.get("name", "")] = (values[0].text or "").strip() or None if values else None
    fields.pop("", None)
    return fields


def _geometry(element: Element) -> BaseGeometry | None:
    """Geometry under an element; parts of a MultiGeometry are joined."""
    parts = [part for child in element for part in _parts(child)]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else _joined(parts)


def _parts(element: Element) -> list[BaseGeometry]:
    tag = _tag(element)
    if tag in ("MultiGeometry", "MultiTrack"):
        return [part for child in element for part in _parts(child)]
    if tag == "Track":
        return [_track(element)]
    if tag == "Point":
        return [Point(_coordinates(element)[0])]
    if tag == "LineString":
        return [LineString(_coordinates(element))]
    if tag == "Polygon":
        outer = [ring for border in _all(element, "outerBoundaryIs") for ring in _all(border, "LinearRing")]
        inner = [ring for border in _all(element, "innerBoundaryIs") for ring in _all(border, "LinearRing")]
        return [Polygon(_coordinates(outer[0]), [_coordinates(ring) for ring in inner])] if outer else []
    return []


def _track(element: Element) -> BaseGeometry:
    """A track as a line, or a point for a single moment; coordinates are ``lon lat altitude``."""
    texts = [(found.text or "").split() for found in _all(element, "coord")]
    places = list(dict.fromkeys((float(text[0]), float(text[1])) for text in texts if text))
    if not places:
        raise ValueError("coord")
    return LineString(places) if len(places) > 1 else Point(places[0])


def _joined(parts: list[BaseGeometry]) -> BaseGeometry:
    """Join geometries into a multi-geometry, or a collection of mixed kinds."""
    kinds = {part.geom_type for part in parts}
    wholes: dict[str, Any] = {"Polygon": MultiPolygon, "LineString": MultiLineString, "Point": MultiPoint}
    whole = wholes.get(parts[0].geom_type, GeometryCollection) if len(kinds) == 1 else GeometryCollection
    joined: BaseGeometry = whole(parts)
    return joined


def _coordinates(element: Element) -> list[tuple[float, ...]]:
    """Longitude and latitude of a ``coordinates`` element: ``lon,lat[,altitude]`` separated by blanks."""
    text = re.sub(r"\s*,\s*", ",", next((found.text or "" for found in _all(element, "coordinates")), ""))
    tuples = [tuple(float(number) for number in part.split(",")[:2]) for part in text.split()]
    if not tuples or any(len(pair) != 2 for pair in tuples):
        raise ValueError("coordinates")
    return tuples
