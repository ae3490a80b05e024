"""Repairs of refused coordinates: offered where the result lies in the area, never applied unasked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from coverage.readers.numbers import read_numbers

Contains = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]
ZONES = tuple(f"EPSG:{base + zone}" for base in (32700, 32600) for zone in range(46, 55))
"""UTM zones of Indonesia, southern hemisphere first."""
ENOUGH = 0.95
"""Share of concerned rows that must lie inside for a swap or zone to be offered."""


@dataclass(frozen=True)
class Offer:
    """A repair of a row.

    Attributes
    ----------
    code : ``swap``, ``minus``, ``point``, ``utm`` or two of them joined by ``+``
    lon, lat : repaired position, EPSG:4326
    detail : UTM zone
    """

    code: str
    lon: float
    lat: float
    detail: str = ""


def offers(
    lon_text: Sequence[str],
    lat_text: Sequence[str],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    rows: NDArray[np.intp],
    contains: Contains,
) -> dict[int, Offer]:
    """Find repairs.

    Parameters
    ----------
    lon_text, lat_text : as written; empty for geometry
    lon, lat : as read, NaN where unreadable
    rows : positions of the rows to repair
    contains : predicate for valid positions (degrees)

    Returns
    -------
    dict
        Offers by position. A swap is offered only if 95 % of the rows that look swapped then lie inside. Metres are
        offered row by row, in the zone in which the row lies inside; else in that of most others, if there is one: the
        row is then told where it lies.
    """
    lon, lat = parted_metres(lon_text, lon, rows), parted_metres(lat_text, lat, rows)
    found = _metres(lon, lat, rows, contains)
    left = [row for row in rows.tolist() if row not in found]
    tried: list[tuple[int, str, float, float]] = []
    for row in left:
        tried += [(row, *one) for one in _candidates(lon_text[row], lat_text[row], float(lon[row]), float(lat[row]))]
    if not tried:
        return found
    places = np.array([one[2:] for one in tried], dtype=float)
    fits = contains(places[:, 0], places[:, 1])
    looks = {one[0] for one in tried if one[1] == "swap"}
    lands = {one[0] for one, inside in zip(tried, fits, strict=True) if inside and one[1] == "swap"}
    swaps = len(lands) >= ENOUGH * len(looks)
    for (row, code, x, y), inside in zip(tried, fits, strict=True):
        if inside and row not in found and (swaps or "swap" not in code):
            found[row] = Offer(code, round(x, 8), round(y, 8))
    return found


def parted_metres(texts: Sequence[str], numbers: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Numbers, with grouped metres (``9.102.333,2``) where unreadable."""
    made, lost = numbers.copy(), rows[np.isnan(numbers[rows])]
    made[lost] = read_numbers([texts[row] for row in lost], "cell").value
    return made


def _candidates(lon_text: str, lat_text: str, lon: float, lat: float) -> Iterator[tuple[str, float, float]]:
    """Alternative readings of a row, simplest first."""
    if np.isfinite(lon) and np.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 180:
        yield "swap", lat, lon
        if lat > 0:
            yield "minus", lon, -lat
        if lon < 0:
            yield "minus", -lon, lat
            yield "minus", -lon, -abs(lat)
        yield "swap+minus", lat, -abs(lon)
    lons = _with_point(lon_text, lon, (2, 3))
    lats = _with_point(lat_text, lat, (1, 2))
    for x in lons:
        for y in lats:
            if (x, y) != (lon, lat):
                yield "point", x, y
                yield "point+minus", x, -abs(y)
    for x in _with_point(lat_text, lat, (2, 3)):
        for y in _with_point(lon_text, lon, (1, 2)):
            if (x, y) != (lat, lon):
                yield "point+swap", x, y


def _with_point(text: str, value: float, before: tuple[int, int]) -> list[float]:
    """The number as it is, if possible, and with a decimal point after each digit."""
    if np.isfinite(value) and abs(value) <= 180:
        return [value]
    plain = text.strip()
    whole = re.fullmatch(r"([+-]?)[\d.,' ]+", plain)
    if whole is None:
        return []
    sign = -1.0 if plain.startswith("-") else 1.0
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+\.0*", plain):
        plain = plain.partition(".")[0]
    elif re.fullmatch(r"[+-]?\d+\.0", plain):
        plain = plain[:-2]
    digits = re.sub(r"\D", "", plain)
    return [sign * float(f"{digits[:at]}.{digits[at:]}") for at in before if len(digits) > at + 1]


def _metres(
    lon: NDArray[np.float64], lat: NDArray[np.float64], rows: NDArray[np.intp], contains: Contains
) -> dict[int, Offer]:
    """Offers for rows that hold metres of a UTM zone, each by itself."""
    with np.errstate(invalid="ignore"):
        straight = rows[looks_metric(lon[rows], lat[rows])]
        swapped = rows[looks_metric(lat[rows], lon[rows])]
    best: dict[int, Offer] = {}
    for part, east, north in ((straight, lon, lat), (swapped, lat, lon)):
        if not len(part):
            continue
        code = "utm" if east is lon else "utm+swap"
        tried = []
        for zone in ZONES:
            x, y = Transformer.from_crs(zone, "EPSG:4326", always_xy=True).transform(east[part], north[part])
            tried.append((zone, x, y, contains(np.asarray(x), np.asarray(y))))
        tried.sort(key=lambda one: -int(one[3].sum()))
        usual = tried[0][3].sum() * 2 > len(part)
        for at, row in enumerate(part.tolist()):
            fitting = [one for one in tried if one[3][at]] or (tried[:1] if usual else [])
            if fitting and row not in best:
                zone, x, y, _ = fitting[0]
                best[row] = Offer(code, round(float(x[at]), 8), round(float(y[at]), 8), zone)
    return best


def looks_metric(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether pairs may be UTM metres in Indonesia."""
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = (
            (east > 100_000)
            & (east < 900_000)
            & ((north > 8_700_000) & (north < 10_000_000) | (north > 1_000) & (north < 800_000))
        )
    return found
