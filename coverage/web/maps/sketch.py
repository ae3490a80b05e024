"""What is drawn on the map: a point, a route or an area, as text with a place a line and as a geometry.

The text is what is kept while somebody draws: the map and the keyboard change the same one. A browser is not trusted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import RowError
from coverage.readers.pairs import read_pair

Form = Literal["point", "line", "area"]
Parts = list[list[tuple[float, float]]]
"""Parts of places as (latitude, longitude)."""
MOST_POINTS = 2000
"""Points that are drawn at once; a longer route comes by import."""
_LEAST = {"point": 1, "line": 2, "area": 3}
_PLAIN = re.compile(r"\s*(-?\d{1,2}\.\d+)\s*,\s+(-?\d{1,3}\.\d+)\s*")


@dataclass(frozen=True)
class Sketch:
    """What the map is to draw with.

    Parameters
    ----------
    parts : what is drawn by now; None leaves the map as it is
    turn : grows when the page, and not the map, changed it
    fresh : whether it is another drawing than before, with nothing to undo
    kept : whether it is an asset that is there: its points are moved, and a click elsewhere adds none
    lit : the asset that was saved last
    changed : whether it is not saved
    """

    form: Form
    parts: Parts | None
    turn: int = 0
    fresh: bool = False
    kept: bool = False
    lit: Parts | None = None
    changed: bool = False


@dataclass(frozen=True)
class Drawn:
    """A drawing told by the map: its text, the turn it belongs to, and the point (from 1) at which to split it."""

    text: str
    turn: int
    split_at: int | None = None


def read_drawn(value: object) -> Drawn | None:
    """Parse a drawing of the browser; None unless every number is finite, on Earth, and there are not too many."""
    given, turn = (value.get("parts"), value.get("turn")) if isinstance(value, dict) else (None, None)
    if not isinstance(value, dict) or not isinstance(given, list) or not isinstance(turn, int):
        return None
    parts: Parts = []
    for part in given:
        if not isinstance(part, list) or not all(map(_is_place, part)):
            return None
        parts.append([(float(lat), float(lon)) for lat, lon in part])
    count, at = sum(map(len, parts)), value.get("split")
    if count > MOST_POINTS:
        return None
    return Drawn(written(parts), turn, at if isinstance(at, int) and 1 <= at <= count else None)


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(one) in (int, float) and math.isfinite(one) for one in value)
        and abs(value[0]) <= 90
        and abs(value[1]) <= 180
    )


def written(parts: Parts) -> str:
    """Text of parts: ``lat, lon`` a line, an empty line between parts."""
    return "\n\n".join("\n".join(f"{_degrees(lat)}, {_degrees(lon)}" for lat, lon in part) for part in parts if part)


def _degrees(value: float) -> str:
    text = repr(value)
    return text if "." in text and "e" not in text else f"{value:.6f}"


def read_places(text: str) -> Parts:
    """Read the text back: places in any form that :func:`coverage.readers.pairs.read_pair` takes.

    Raises
    ------
    RowError
        Naming the line, or ``drawing.too_many``.
    """
    parts: Parts = [[]]
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            parts.append([])
            continue
        plain = _PLAIN.fullmatch(line)
        if plain and abs(float(plain[1])) <= 90 and abs(float(plain[2])) <= 180:
            parts[-1].append((float(plain[1]), float(plain[2])))
            continue
        try:
            lon, lat = read_pair(line)
        except RowError as error:
            raise RowError(error.code, replace(error.place, row=number), **error.details) from error
        parts[-1].append((lat, lon))
    if sum(map(len, parts)) > MOST_POINTS:
        raise RowError("drawing.too_many", count=sum(map(len, parts)), most=MOST_POINTS)
    return [part for part in parts if part]


def shape_of(parts: Parts, form: Form) -> BaseGeometry | None:
    """The geometry in EPSG:4326; None where nothing is drawn.

    Raises
    ------
    RowError
        A part has too few places (``drawing.too_few``), a point has several, or an area crosses itself.
    """
    if not parts:
        return None
    if any(len(set(part)) < _LEAST[form] for part in parts):
        raise RowError(f"drawing.too_few_{form}")
    lines = [[(lon, lat) for lat, lon in part] for part in parts]
    if form == "line":
        return shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)
    if len(parts) > 1 or (form == "point" and len(parts[0]) > 1):
        raise RowError("drawing.one_only")
    made = shapely.Point(lines[0][0]) if form == "point" else shapely.Polygon(lines[0])
    if not made.is_valid:
        raise RowError("drawing.crosses_itself")
    return made


def parts_of(shape: BaseGeometry) -> Parts:
    """Parts of a point or a line, and of an area its outer edges, without the place where they close."""
    last = -1 if shapely.get_dimensions(shape) == 2 else None
    edges = [part if last is None else part.exterior for part in shapely.get_parts(shape)]
    return [[(lat, lon) for lon, lat in shapely.get_coordinates(one).tolist()][:last] for one in edges]


def corners_of(shape: BaseGeometry) -> NDArray[np.float64]:
    """Latitude and longitude of every place of :func:`parts_of`, shape (n, 2)."""
    return np.array([place for part in parts_of(shape) for place in part])


def can_be_drawn(shape: BaseGeometry) -> bool:
    """Whether the parts tell all of a shape: not of an area in several parts or with holes."""
    parts = shapely.get_parts(shape).tolist()
    return bool(shapely.get_dimensions(shape) < 2) or (len(parts) == 1 and not parts[0].interiors)


def halves(parts: Parts, at: int) -> tuple[Parts, Parts] | None:
    """Parts before and after the point ``at``, counted from 1; None where one would be empty.

    A point inside a part ends the first half and begins the second; at the end of a part they separate there.
    """
    before = 0
    for number, part in enumerate(parts):
        place = at - before - 1
        if place < len(part):
            inside = 0 < place < len(part) - 1
            first = [*parts[:number], part[: place + 1]] if place else parts[:number]
            second = [part[place:], *parts[number + 1 :]] if inside or not place else parts[number + 1 :]
            return (first, second) if first and second else None
        before += len(part)
    return None
