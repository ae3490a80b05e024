"""GPX: waypoints as points, tracks and routes as lines."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import geopandas as gpd
from shapely import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.documents import parse_document
from coverage.readers.limits import columns_of


def read_gpx(content: bytes, file: str) -> gpd.GeoDataFrame:
    """Read every waypoint, route and track of a GPX document.

    Returns
    -------
    GeoDataFrame
        EPSG:4326: ``name``, ``desc``, ``cmt``, ``type`` and the fields of extensions as far as they are given. A track
        in several segments is one line in several parts; a route or segment of one point is a row without geometry.

    Raises
    ------
    FileRefusedError
        Not well-formed, with entities, or without anything in it.
    """
    root = parse_document(content, file)
    rows: list[dict[str, Any]] = []
    shapes: list[BaseGeometry | None] = []
    for element in root:
        what = _tag(element)
        if what in ("wpt", "rte", "trk"):
            told = {_tag(child): _text(child) for child in element if _tag(child) in ("name", "desc", "cmt", "type")}
            rows.append(told | {name: text for name, text in _extensions(element).items() if name not in told})
            shapes.append(_shape(element, what))
    if not rows:
        raise FileRefusedError("geofile.no_layer", Place(file=file))
    names = columns_of(rows, len(rows), file)
    return gpd.GeoDataFrame({name: [row.get(name) for row in rows] for name in names}, geometry=shapes, crs="EPSG:4326")


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str | None:
    return (element.text or "").strip() or None


def _extensions(element: Element) -> dict[str, str | None]:
    """What other programs add to a waypoint or track: every element inside ``extensions`` that holds text."""
    inside = [child for found in element if _tag(found) == "extensions" for child in found.iter()]
    return {_tag(child): _text(child) for child in inside if not len(child) and _text(child)}


def _point(element: Element) -> tuple[float, float]:
    return float(element.attrib["lon"]), float(element.attrib["lat"])


def _shape(element: Element, what: str) -> BaseGeometry | None:
    if what == "wpt":
        return Point(_point(element))
    if what == "rte":
        parts = [[_point(child) for child in element if _tag(child) == "rtept"]]
    else:
        parts = [
            [_point(child) for child in segment if _tag(child) == "trkpt"]
            for segment in element
            if _tag(segment) == "trkseg"
        ]
    lines = [LineString(part) for part in parts if len(part) > 1]
    if not lines or len(lines) < sum(map(bool, parts)):
        return None
    return lines[0] if len(lines) == 1 else MultiLineString(lines)
