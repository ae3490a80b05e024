"""Which column holds what: guessed from its name, misspelt or not, and from what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import OSA

from coverage.imports.angles import read_angles
from coverage.imports.pairs import is_pair
from coverage.imports.raw import Raw
from coverage.imports.spellings import known_word
from coverage.readers.tables import plain
from coverage.readers.vocabulary import FIELDS, column_ranks, column_words

ADDRESSES = ("lokasi", "location", "lokasi_pemasangan", "titik_lokasi", "lokasi_titik", "tempat")
"""Names of a column that holds the name of an asset, or its address where another column has the name."""
LOOKED_AT = 300
"""Rows whose values are looked at."""
_UNITS = re.compile(r"_(?:m|mtr|meter|mhz|dd|dms|derajat|desimal|decimal|wgs84|wgs_84|ls|bt|4326|site|degree)$")
_NUMBERED = re.compile(r"(?<=[a-z])_?\d{1,2}$")


@lru_cache(maxsize=10_000)
def field_of(header: str) -> str | None:
    """Tell what a column holds by its name: one of FIELDS, ``skip``, or None where the name says nothing known.

    A name may be misspelt (``LATTITUDE``): one letter from five on, two from nine on.
    """
    name = plain(header)
    known = column_words()
    for text in dict.fromkeys(
        (
            name,
            _UNITS.sub("", name),
            _UNITS.sub("", _UNITS.sub("", name)),
            re.sub(r"^(?:titik|posisi|data|koordinat|kordinat)_", "", name),
            _NUMBERED.sub("", name),
            name.replace("_", ""),
        )
    ):
        if text in known:
            return known[text]
    return _close(name, known) or _inside(name, known)


def _close(name: str, known: dict[str, str]) -> str | None:
    allowed = 0 if len(name) < 5 else 1 if len(name) < 9 else 2
    if not allowed:
        return None
    found = {
        what
        for text, what in known.items()
        if len(text) >= 5 and OSA.distance(name, text, score_cutoff=allowed) <= allowed
    }
    return found.pop() if len(found) == 1 else None


def _inside(name: str, known: dict[str, str]) -> str | None:
    """What a word inside the name says: ``koordinat_site_latitude``, ``tinggi_menara_existing``."""
    words = name.split("_")
    if any(word in ("mdpl", "dpl", "elevasi", "altitude") for word in words):
        return None
    for what, telling in (
        ("lat", ("latitude", "lattitude", "lintang", "lat")),
        ("lon", ("longitude", "longtitude", "bujur", "long", "lng", "lon")),
        ("height_m", ("tinggi", "ketinggian", "height")),
        ("azimuth_deg", ("azimuth", "azimut")),
        ("owner", ("pemilik", "owner")),
        ("operator", ("operator", "provider")),
        ("status", ("status", "kondisi")),
        ("subdistrict", ("kecamatan",)),
        ("village", ("desa", "kelurahan")),
    ):
        if any(word in telling for word in words):
            other = {"lat": ("long", "longitude", "bujur", "lng", "lon"), "village": ("kode", "kepala", "kantor")}
            if not any(word in other.get(what, ()) for word in words):
                return what
            if what == "lat":
                return "coordinates"
    return None


def is_header(cell: str) -> bool:
    """Whether a cell is the name of a column that lists of assets have."""
    return bool(cell) and len(cell) <= 60 and field_of(cell) is not None


def guess_columns(raw: Raw, fields: Sequence[str] = FIELDS) -> dict[str, str]:
    """Guess which column holds what.

    Parameters
    ----------
    raw
        The rows as read.
    fields
        What is looked for.

    Returns
    -------
    dict
        From field to column; a field that no column holds is missing. No column is taken twice.
    """
    ranks = column_ranks()
    wanted: list[tuple[tuple[float, int, int], str, str]] = []
    for at, column in enumerate(raw.columns):
        what = field_of(column)
        if what is None or what == "skip" or what not in fields:
            continue
        fit = _fit(raw, column, what)
        if fit >= 0:
            wanted.append(((-fit, ranks[what].get(plain(column), 99), at), what, column))
    found: dict[str, str] = {}
    for _, what, column in sorted(wanted):
        if what not in found:
            found[what] = column
    _find_place(raw, found, fields)
    if "address" in fields and "address" not in found:
        rest = [column for column in raw.columns if column not in found.values() and plain(column) in ADDRESSES]
        found |= {"address": rest[0]} if rest else {}
    return {what: found[what] for what in fields if what in found}


def _fit(raw: Raw, column: str, what: str) -> float:
    """How well the values fit: 1 if most do, 0 if there are none to tell by, below zero if they contradict the name."""
    values = raw.samples(column, LOOKED_AT)
    if not values:
        return 0.0
    numeric = sum(bool(re.search(r"\d", value)) for value in values) / len(values)
    if what == "coordinates" and any(map(is_pair, values)):
        return 1.0
    if what in ("lat", "lon", "height_m", "coordinates"):
        return 1.0 if numeric >= 0.5 else -1.0 if what == "coordinates" else 0.0
    if what in ("village", "subdistrict", "regency", "owner", "operator", "name"):
        words = sum(any(c.isalpha() for c in value) for value in values) / len(values)
        return 1.0 if words >= 0.5 else 0.0 if what in ("name", "operator") else -1.0
    if what in ("kind", "status"):
        known = sum(known_word(what, value) is not None for value in values) / len(values)
        return known if known >= 0.5 else -1.0
    if what == "on_fiber" and len(values) > 6:
        return -1.0
    return 1.0


def _find_place(raw: Raw, found: dict[str, str], fields: Sequence[str]) -> None:
    """Settle the columns of the place: a pair in one cell, or two columns told by what is in them."""
    if raw.shapes is not None or "lat" not in fields:
        for what in ("lat", "lon", "coordinates"):
            if raw.shapes is not None and not {"lat", "lon"} <= set(found):
                found.pop(what, None)
        return
    rest = [column for column in raw.columns if column not in found.values()]
    if "coordinates" in found and not any(map(is_pair, raw.samples(found["coordinates"], LOOKED_AT))):
        rest.append(found.pop("coordinates"))
    for what in ("lat", "lon"):
        if what in found and is_pair_column(raw, found[what]):
            column = found.pop(what)
            found.setdefault("coordinates", column)
    if {"lat", "lon"} <= set(found) or "coordinates" in found or "geometry" in found:
        return
    pairs = [column for column in rest if is_pair_column(raw, column)]
    if pairs and not {"lat", "lon"} & set(found):
        found["coordinates"] = pairs[0]
        return
    found |= _by_content(raw, found, rest)


def _by_content(raw: Raw, found: dict[str, str], rest: list[str]) -> dict[str, str]:
    """Two columns that hold numbers as latitudes and longitudes of Indonesia are."""
    guessed: dict[str, str] = {}
    for what, low, high in (("lat", -11.5, 6.5), ("lon", 94.0, 142.0)):
        if what not in found:
            fitting = [
                column
                for column in rest
                if field_of(column) in (None, "lat", "lon", "coordinates")
                and _share_between(raw, column, low, high) >= 0.7
            ]
            if fitting:
                guessed[what] = fitting[0]
                rest.remove(fitting[0])
    if {"lat", "lon"} <= set(found) | set(guessed):  # one alone is no place: small numbers may be anything
        return guessed
    return {}


def is_pair_column(raw: Raw, column: str) -> bool:
    """Whether most cells of a column hold two coordinates."""
    values = raw.samples(column, LOOKED_AT)
    return bool(values) and sum(map(is_pair, values)) * 2 > len(values)


def _share_between(raw: Raw, column: str, low: float, high: float) -> float:
    values = raw.samples(column, LOOKED_AT)
    if not values or sum("." in value or "," in value or "°" in value for value in values) * 2 < len(values):
        return 0.0
    numbers = read_angles(values).value
    with np.errstate(invalid="ignore"):
        return float(np.mean((numbers >= low) & (numbers <= high)))
