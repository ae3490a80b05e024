"""Coordinates as people write them: decimal, with a decimal comma, or degrees, minutes and seconds with LS and BT."""

from __future__ import annotations

import re

import lat_lon_parser

from coverage.base.errors import Place, RowError

_LETTERS = {"LS": "S", "LU": "N", "BT": "E", "BB": "W"}
_HEMISPHERE = re.compile(r"\b(LS|LU|BT|BB)\b|(?<=[\d\s'\"°″′])(LS|LU|BT|BB)\b", re.IGNORECASE)
_SPLIT = re.compile(r"\s*[;/|]\s*|,\s+|(?<=[SNsn])[\s,]+(?=\d)|(?<=\d)\s+(?=-?\d+[.,]\d+\s*$)")


def read_pair(text: str) -> tuple[float, float]:
    """Read a place written in one go, latitude first as maps show it.

    Parameters
    ----------
    text
        Such as ``-8.1234, 112.3456``; ``-8,1234; 112,3456``; ``8°7'24" LS 112°20'44" BT``.

    Returns
    -------
    tuple of float
        Longitude and latitude in degrees, EPSG:4326.

    Raises
    ------
    RowError
        If it cannot be read as two numbers, or lies outside ±90 or ±180.
    """
    plain = _HEMISPHERE.sub(lambda found: _LETTERS[found.group(0).upper()], text.strip())
    parts = [part for part in _SPLIT.split(plain) if part]
    if len(parts) != 2:
        parts = plain.split(",") if plain.count(",") == 1 else parts
    if len(parts) != 2:
        raise RowError("coordinates.not_a_pair", Place(value=text))
    latitude, longitude = (read_angle(part) for part in parts)
    if plain.upper().rstrip().endswith(("S", "N")):
        latitude, longitude = longitude, latitude
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise RowError("coordinates.out_of_range", Place(value=text))
    return longitude, latitude


def read_angle(text: str) -> float:
    """Read one angle in degrees.

    Raises
    ------
    RowError
        If it is no angle.
    """
    plain = re.sub(r"(?<=\d),(?=\d)", ".", text.strip())
    try:
        return float(lat_lon_parser.parse(plain))
    except (ValueError, TypeError) as error:
        raise RowError("coordinates.not_an_angle", Place(value=text)) from error
