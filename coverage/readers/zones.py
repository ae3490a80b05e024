"""Convert metres to degrees row by row, by the stated UTM zone or CRS."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError

from coverage.base.errors import CrsError, Place

_ZONE = re.compile(
    r"(?:epsg:?)?\s*(?P<epsg>32[67](?:4[6-9]|5[0-4]))"
    r"|(?:utm|zona|zone|wgs\s?84|[/ ,_:-])*(?P<zone>4[6-9]|5[0-4])\s*(?P<half>[a-z]*)",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?:utm|zona|zone)[^0-9a-z]*(?:utm|zona|zone)?[^0-9a-z]*(4[6-9]|5[0-4])\s*([a-z]*)", re.IGNORECASE
)
_SOUTH = frozenset({"s", "ls", "south", "selatan", "j", "k", "l", "m"})
_NORTH = frozenset({"n", "lu", "north", "utara", "u", "p"})
_WITH_ZONE = re.compile(
    r"\s*(?:utm\s*)?(?P<zone>(?:4[6-9]|5[0-4])\s*[a-z]?)[\s,;:]+(?P<east>\d{6}(?:[.,]\d+)?)\s*(?:m\s*)?(?:e|t)?[\s,;]+"
    r"(?P<north>\d{1,8}(?:[.,]\d+)?)\s*(?:m\s*)?(?:n|u|s)?\s*",
    re.IGNORECASE,
)
FALSE_NORTHING = 5_000_000.0
"""Northings above this are southern: Indonesia lies within 12 degrees of the equator."""


def known_crs(text: str, file: str) -> CRS:
    """Parse a CRS name; CrsError (``geofile.unknown_crs``) if there is none of that name."""
    try:
        return CRS.from_user_input(text)
    except ProjError as error:
        raise CrsError("geofile.unknown_crs", Place(file=file, value=text[:80])) from error


@lru_cache(maxsize=10_000)
def read_zone(text: str, northing: float) -> str | None:
    """UTM zone in a cell, as EPSG code: ``49S``, ``UTM 49 M``, ``49``, ``32749``; None for none.

    S is south, as offices write it, not the latitude band; without a letter the northing tells.
    """
    found = _ZONE.fullmatch(text.strip())
    if found is None:
        return None
    if found["epsg"]:
        return f"EPSG:{found['epsg']}"
    half = found["half"].casefold()
    if half and half not in _SOUTH | _NORTH:
        return None
    south = half in _SOUTH if half else northing > FALSE_NORTHING
    return f"EPSG:{(32700 if south else 32600) + int(found['zone'])}"


def zone_in(header: str) -> str:
    """Zone in a column name (``X (UTM 49S)``), as text; empty for none."""
    found = _INSIDE.search(header)
    return f"{found[1]}{found[2]}" if found else ""


def split_zone(text: str) -> tuple[str, str, str] | None:
    """Split zone, easting and northing in one cell, ``49 M 633121 9098245``; None where they are not there."""
    found = _WITH_ZONE.fullmatch(" ".join(text.split()))  # runs of blanks could be parted in too many ways
    return (found["zone"], found["east"], found["north"]) if found else None


def to_degrees(
    x: NDArray[np.float64], y: NDArray[np.float64], systems: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Longitude and latitude, with a CRS per row.

    Parameters
    ----------
    x, y : easting and northing, in the unit of the CRS
    systems : name or :class:`pyproj.CRS` of each row, None to leave it

    Returns
    -------
    lon, lat : array
        Degrees, EPSG:4326; unchanged where left.
    done : array of bool
        Converted rows.
    """
    lon, lat, done = x.copy(), y.copy(), np.zeros(len(x), dtype=bool)
    for system in dict.fromkeys(one for one in systems if one is not None):
        crs = CRS.from_user_input(system)
        degrees = (np.abs(x) <= 180) & (np.abs(y) <= 90)
        rows = np.array([one == system for one in systems], dtype=bool) & np.isfinite(x) & np.isfinite(y)
        rows &= degrees if crs.is_geographic else ~degrees
        if rows.any():
            east, north = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x[rows], y[rows])
            lon[rows], lat[rows] = east, north
            done |= rows
    good = np.isfinite(lon) & np.isfinite(lat)
    lon[~good], lat[~good] = x[~good], y[~good]
    return lon, lat, done & good
