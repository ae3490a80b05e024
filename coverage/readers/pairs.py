"""Split two coordinates in one cell, and read them as a position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

import numpy as np
from openlocationcode import openlocationcode

from coverage.base.errors import Place, RowError
from coverage.readers.angles import read_angle
from coverage.readers.zones import read_zone, split_zone, to_degrees

LONGEST = 20_000
LAT_RANGE, LON_RANGE = (-12.0, 7.0), (94.0, 142.0)
"""Degrees within which Indonesia lies; no number of the one is one of the other."""
_SIDED = re.compile(
    r"lintang\s*(?:selatan|utara)|bujur\s*(?:timur|barat)|(?<![a-z])(?:ls|lu|bt|bb|[snew])(?![a-z])", re.IGNORECASE
)
_LABEL = re.compile(r"\b(?:lat(?:itude)?|long?(?:itude)?|lng|lintang|bujur|x|y)\b\s*[:=]\s*", re.IGNORECASE)
_NAME = re.compile(r"\b(?:lat(?:itude)?|long?(?:itude)?|lng|lintang|bujur)\b[\s:=]*", re.IGNORECASE)
_REMARK = re.compile(r"\([^()\d]*\)\s*$")
_TOLD_SIDE = re.compile(
    r"(?<![a-z])(?:l[su]|b[tb]|[snewutb]|selatan|utara|timur|barat|south|north|east|west)(?![a-z])", re.IGNORECASE
)
_LETTERED = re.compile(r"(\d+)\s*[dD]\s*(\d+(?:[.,]\d+)?)\s*[mM](?:\s*(\d+(?:[.,]\d+)?)\s*s(?![a-z]))?")
_METRES = re.compile(
    r"\s*(?:(?:x|e|easting|timur)\b\s*[:=]?\s*)?(\d{6}(?:[.,]\d+)?)\s*(?:mE?|E)?[\s,;]+"
    r"(?:(?:y|n|northing|utara)\b\s*[:=]?\s*)?(\d{5,8}(?:[.,]\d+)?)\s*(?:mN?|N)?"
    r"(?:[\s,;]+(?:(?:utm|zona|zone)\s*)*((?:4[6-9]|5[0-4])\s*[a-z]?))?\s*",
    re.IGNORECASE,
)
_POINT = re.compile(r"\s*point\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)
_PIN = re.compile(r"!3d(-?\d{1,2}\.\d{3,})!4d(-?\d{2,3}\.\d{3,})")
_URL = re.compile(r"(?<![\d.])(-?\d{1,2}\.\d{3,}),[\s+]*(-?\d{2,3}\.\d{3,})")
_VIEW = re.compile(r"[@]-?\d{1,2}\.\d+,-?\d{2,3}\.\d+")
_GEOPOINT = re.compile(r"\s*(-?\d{1,2}\.\d+)[ ,]+(-?\d{2,3}\.\d+)(?:[ ,]+-?\d+(?:\.\d+)?){1,2}\s*")
"""Latitude, longitude, altitude and accuracy, as ODK and KoboToolbox keep a point."""
_OSM = re.compile(r"#map=\d{1,2}(?:\.\d+)?/(-?\d{1,2}\.\d{3,})/(-?\d{2,3}\.\d{3,})")
_NAMED = re.compile(r"\bm?lat(?:itude)?=(-?\d{1,2}\.\d{3,}).*?\bm?(?:lon|lng|long|longitude)=(-?\d{2,3}\.\d{3,})")
_LINK = re.compile(r"https?://|\bgeo:|\b(?:goo\.gl|maps\.app)/", re.IGNORECASE)
_CODE = re.compile(r"\b([2-9CFGHJMPQRVWX]{8}\+[2-9CFGHJMPQRVWX]{2,3})\b")
_SHORT_CODE = re.compile(r"\s*[2-9CFGHJMPQRVWX]{2,6}\+[2-9CFGHJMPQRVWX]{2,3}(?:[ ,].*)?")


def split_pair(text: str) -> tuple[str, str] | None:
    """Split a cell such as ``-7.1216, 110.4087`` into two coordinates, in the order written.

    Returns
    -------
    tuple of str or None
        None where there are not two. ``POINT (x y)``, map links (their pin, not the view) and full plus codes give
        latitude first.
    """
    if point := _POINT.fullmatch(text):
        return point[2], point[1]
    if geopoint := _GEOPOINT.fullmatch(text):
        return geopoint[1], geopoint[2]
    if is_link(text):
        plain = unquote(text)
        url = (
            _PIN.search(plain)
            or _NAMED.search(plain)
            or _URL.search(_VIEW.sub("", plain))
            or _URL.search(plain)
            or _OSM.search(plain)
        )
        return (url[1], url[2]) if url else None
    if code := _CODE.search(text.upper()) if "+" in text else None:
        if not openlocationcode.isFull(code[1]):
            return None
        cell = openlocationcode.decode(code[1])
        return f"{cell.latitudeCenter:.6f}", f"{cell.longitudeCenter:.6f}"
    plain = _LABEL.sub(" ", text).strip(" ()[]{}")
    if read_angle(plain).fault in ("", "import.thousands"):
        return None  # one coordinate, with a decimal comma or with its thousands parted
    for parts in _cuts(plain):
        if len(parts) == 2 and all(_reads(part) for part in parts):
            return parts[0], parts[1]
    return None


def read_pair(text: str, near: tuple[float, float] | None = None) -> tuple[float, float]:
    """Read a place written in one go, latitude first as maps show it.

    Parameters
    ----------
    text
        What :func:`split_pair` takes apart: ``-8.1234, 112.3456``; ``-8,1234; 112,3456``;
        ``8°7'24" LS 112°20'44" BT``; a link to a map; or UTM with its zone, ``49 M 633121 9098245``. Longitude may be
        first where it is named, or where the two can only be read so (:data:`LON_RANGE`).
    near : longitude and latitude near which a short plus code (``VR5P+2X``) lies

    Returns
    -------
    tuple of float
        Longitude and latitude in degrees, EPSG:4326.

    Raises
    ------
    RowError
        If it is no two coordinates, or lies outside ±90 or ±180.
    """
    if zoned := split_zone(text):
        return of_zone(text, *zoned)
    metres = split_metres(text)
    if metres and metres[2]:
        return of_zone(text, metres[2], *metres[:2])
    text = _LETTERED.sub(_signs, _without_remark(text))
    if near and is_short_code(text):
        code = re.split(r"[ ,]", text.strip().upper())[0]
        text = openlocationcode.recoverNearest(code, near[1], near[0])
    parts = _labelled(text) or split_pair(text)
    if parts is None:
        raise RowError("coordinates.not_a_pair", Place(value=text))
    lat, lon = map(read_angle, parts)
    if lat.fault or lon.fault:
        raise RowError("coordinates.not_an_angle", Place(value=text))
    longitude_first = not (lat.side or lon.side) and _within(lat.value, LON_RANGE) and _within(lon.value, LAT_RANGE)
    if longitude_first or lat.side in ("E", "W") or lon.side in ("S", "N"):
        lat, lon = lon, lat
    if abs(lat.value) > 90 or abs(lon.value) > 180:
        raise RowError("coordinates.out_of_range", Place(value=text))
    return lon.value, lat.value


def _within(value: float, ends: tuple[float, float]) -> bool:
    return ends[0] <= value <= ends[1]


def _signs(found: re.Match[str]) -> str:
    """Degrees, minutes and seconds by signs, of ``8d7m24s``."""
    return f"{found[1]}°{found[2]}'" + (f'{found[3]}"' if found[3] else "")


def _without_remark(text: str) -> str:
    """The text without ``(rumah)`` at its end; a remark that tells a side, ``(LS, BT)``, stays, and so is refused."""
    found = _REMARK.search(text)
    return text if found is None or _TOLD_SIDE.search(found[0]) else text[: found.start()]


def _labelled(text: str) -> tuple[str, str] | None:
    """Latitude and longitude that are named, in whichever order: ``lat -8.1 lon 112.2``, ``lat 8.1 S, lon 112.2 E``."""
    named = list(_NAME.finditer(text))
    if len(named) != 2 or text[: named[0].start()].strip():
        return None
    parts = text[named[0].end() : named[1].start()].strip(" ,;"), text[named[1].end() :].strip()
    first, second = (one[0].casefold().startswith(("lat", "lin")) for one in named)
    if first == second or not all(map(_reads, parts)):
        return None
    return parts if first else parts[::-1]


def split_metres(text: str) -> tuple[str, str, str] | None:
    """Easting, northing, and the zone or nothing, of ``X=633121 Y=9098245 zona 49S``; None where it is none."""
    found = _METRES.fullmatch(" ".join(text.split()))  # runs of blanks could be parted in too many ways
    return (found[1], found[2], found[3] or "") if found else None


def of_zone(text: str, zone: str, east: str, north: str) -> tuple[float, float]:
    """Longitude and latitude of metres in a UTM zone; raises as :func:`read_pair`, naming ``text``."""
    x, y = (float(part.replace(",", ".")) for part in (east, north))
    system = np.array([read_zone(zone, y)], dtype=object)
    lon, lat, done = to_degrees(np.array([x]), np.array([y]), system)
    if not done[0]:
        raise RowError("coordinates.not_a_pair", Place(value=text))
    if not _within(lat[0], LAT_RANGE):  # such as 49 N for a place in the south
        raise RowError("coordinates.other_zone", Place(value=text))
    return float(lon[0]), float(lat[0])


def split_trace(text: str) -> list[tuple[float, float]] | None:
    """Longitude and latitude of every point of a trace (``lat lon altitude accuracy; ...``); None where it is none."""
    points = [_GEOPOINT.fullmatch(part) for part in text.split(";") if part.strip()]
    if len(points) < 2 or not all(points):
        return None
    return [(float(point[2]), float(point[1])) for point in points if point]


def is_link(text: str) -> bool:
    """Whether a cell holds a URL."""
    return _LINK.search(text) is not None


def is_short_code(text: str) -> bool:
    """Whether a cell holds a plus code without its first four characters, which is not a position by itself."""
    return _SHORT_CODE.fullmatch(text.upper()) is not None


def _cuts(text: str) -> Sequence[list[str]]:
    cuts = [
        [part.strip() for part in re.split(separator, text) if part.strip()]
        for separator in (r"[;|/\n]", r",\s+|\s+,", r"\s+-\s+(?=\d)")
    ]
    sides = list(_SIDED.finditer(text))
    if len(sides) == 2:
        first, second = sides
        at = second.start() if not text[: first.start()].strip() else first.end()
        cuts.append([text[:at].strip(" ,"), text[at:].strip(" ,")])
    commas = [found.start() for found in re.finditer(",", text)]
    if len(commas) in (1, 3):
        middle = commas[len(commas) // 2]
        cuts.append([text[:middle].strip(), text[middle + 1 :].strip()])
    cuts.append(text.split() if text.count(" ") == 1 or len(text.split()) == 2 else [])
    return cuts


def _reads(part: str) -> bool:
    return not read_angle(part).fault


def is_pair(text: str) -> bool:
    """Whether a cell holds two coordinates, or something that stands for them: a link to a map, a plus code."""
    if not text or len(text) >= LONGEST:
        return False
    to_map = is_link(text) and ("map" in text.casefold() or "geo:" in text)
    return (
        to_map or is_short_code(text) or any(split(text) is not None for split in (split_pair, split_zone, split_trace))
    )
