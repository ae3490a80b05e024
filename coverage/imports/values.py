"""Parse heights, dates, booleans, identifiers, names. What cannot be parsed is kept as a remark."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.schema import ASSETS
from coverage.places.codes import text_of
from coverage.readers.numbers import read_number
from coverage.readers.tables import plain
from coverage.readers.vocabulary import spellings

LIMITS = {
    column.name: (
        column.minimum if column.minimum is not None else -math.inf,
        column.maximum if column.maximum is not None else math.inf,
    )
    for column in ASSETS.columns
    if column.kind == "number"
}
LONGEST = 2000
SERIAL_DAY = dt.date(1899, 12, 30)
"""The day from which spreadsheets count."""
BAND_MHZ = {
    1: 2100, 2: 1900, 3: 1800, 4: 2100, 5: 850, 7: 2600, 8: 900, 20: 800, 28: 700, 31: 450, 38: 2600, 40: 2300,
    41: 2500, 77: 3700, 78: 3500,
}  # fmt: skip
"""Carrier frequency by the number of an operating band (3GPP TS 36.101 and 38.101-1), as operators call them."""
_BAND = re.compile(r"(?<![a-z0-9])(?:b|n|band)[ -]?(\d{1,2})(?!\d|[.,]\d)", re.IGNORECASE)
_FREQUENCY = re.compile(r"(\d+(?:[.,]\d+)?)\s*(ghz|mhz)?(?![a-z0-9])", re.IGNORECASE)
_GENERATION = re.compile(r"(?<![a-z0-9])[2-5]g(?![a-z])|wi-?fi ?\d?|802\.11\w*", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?:±|\+/-|\+-|~|ca\.?|sekitar)?\s*([+-]?\d+(?:[.,]\d+)?)\s*"
    r"(m|mtr|mtrs|meter|metre|meters|km|mhz|ghz|ft|feet|foot|kaki|cm|°|derajat|dbm)?\.?",
    re.IGNORECASE,
)
_UNITS = {
    "m": "m mtr mtrs meter metre meters km ft feet foot kaki cm",
    "MHz": "mhz ghz",
    "degree": "° derajat",
    "dBm": "dbm",
}
_FACTOR = {"km": 1000.0, "ghz": 1000.0, "ft": 0.3048, "feet": 0.3048, "foot": 0.3048, "kaki": 0.3048, "cm": 0.01}
_DAMAGED = re.compile(r"[+-]?\d(?:[.,]\d+)?e\+?\d+|\d{16,}\.0", re.IGNORECASE)
_MONTHS = {
    name: at
    for at, names in enumerate(
        (
            ("jan", "januari", "january"),
            ("feb", "februari", "february", "pebruari"),
            ("mar", "maret", "march"),
            ("apr", "april"),
            ("mei", "may"),
            ("jun", "juni", "june"),
            ("jul", "juli", "july"),
            ("agu", "agt", "ags", "agustus", "aug", "august"),
            ("sep", "sept", "september"),
            ("okt", "oktober", "oct", "october"),
            ("nov", "november", "nop", "nopember"),
            ("des", "desember", "dec", "december"),
        ),
        start=1,
    )
    for name in names
}


def cleaned(values: Sequence[str]) -> NDArray[np.object_]:
    """One line of text without control characters; None for "nothing" (``-``, ``n/a``)."""
    found = [_cleaned(value) for value in values]
    made = np.empty(len(found), dtype=object)
    made[:] = found
    return made


@lru_cache(maxsize=200_000)
def _cleaned(value: str) -> str | None:
    text = text_of(value.encode("utf-8", "replace").decode("utf-8"))[:LONGEST]
    if text.startswith("'") and "'" not in text[1:]:
        text = text[1:].strip()  # text prefix of spreadsheets
    return text or None


def amounts(field: str, values: Sequence[str | None]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Parse quantities such as ``31m`` or ``42,5`` into the unit of the schema; also returns which failed.

    ``3.000`` may be three or three thousand: parsed only where one is impossible.
    """
    units = _UNITS[next(column.unit for column in ASSETS.columns if column.name == field)]
    low, high = LIMITS[field]
    numbers = np.array([math.nan if value is None else _amount(value, low, high, units) for value in values], float)
    given = np.array([value is not None for value in values], dtype=bool)
    return numbers, given & np.isnan(numbers)


@lru_cache(maxsize=100_000)
def _amount(text: str, low: float, high: float, units: str) -> float:
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or (found[2] and found[2].casefold() not in units.split()):
        return math.nan
    number = read_number(found[1]) * _FACTOR.get((found[2] or "").casefold(), 1.0)
    if found[1].endswith("000") and re.fullmatch(r"[1-9]\d{0,2}[.,]000", found[1]) and found[2] is None:
        fitting = [one for one in (number, number * 1000) if low <= one <= high]
        return fitting[0] if len(fitting) == 1 else math.nan
    return number if low <= number <= high else math.nan


def bands(values: Sequence[str | None]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Carrier frequencies in MHz: ``900/1800/2100``, ``2.1 GHz``, ``B3, B8``, ``1.800``.

    Returns
    -------
    lowest : array
        The lowest band of each cell, which carries farthest; NaN where none can be read.
    several : array of bool
        Which cells name more than one.
    unread : array of bool
        Which cells say something that is no band.
    """
    found = [() if value is None else read_bands(value) for value in values]
    lowest = np.array([min(one, default=math.nan) for one in found], dtype=float)
    given = np.array([value is not None for value in values], dtype=bool)
    return lowest, np.array([len(one) > 1 for one in found], dtype=bool), given & np.isnan(lowest)


@lru_cache(maxsize=10_000)
def read_bands(text: str) -> tuple[float, ...]:
    """Every band that a cell names, in MHz, in order; none where it names none."""
    low, high = LIMITS["band_mhz"]
    named = [float(BAND_MHZ[int(number)]) for number in _BAND.findall(text) if int(number) in BAND_MHZ]
    rest = _GENERATION.sub(" ", _BAND.sub(" ", text))
    in_ghz = "ghz" in rest.casefold()
    for number, unit in _FREQUENCY.findall(rest):
        value = read_number(number)
        parted = "." in number or "," in number
        small = value < 100 and (unit.casefold() == "ghz" or (not unit and (in_ghz or (value < low and parted))))
        grouped = not unit and re.fullmatch(r"[1-9][.,]\d{3}", number) is not None
        value *= 1000 if grouped or small else 1
        if low <= value <= high and (value != int(value) or value >= 100):
            named.append(value)
    return tuple(sorted(dict.fromkeys(named)))


def yes_no(values: Sequence[str | None]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """True, False or None; also returns which failed."""
    known = spellings("yes_no")
    made = np.empty(len(values), dtype=object)
    unread = np.zeros(len(values), dtype=bool)
    for at, value in enumerate(values):
        word = None if value is None else known.get(plain(re.sub(r"\.0$", "", value)))
        made[at] = None if word is None else word == "ya"
        unread[at] = value is not None and word is None
    return made, unread


def identifiers(values: Sequence[str | None]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Identifiers as text, ``12.0`` of a spreadsheet as ``12``; also returns those that lost digits in Excel."""
    made = np.empty(len(values), dtype=object)
    made[:] = [
        value[:-2] if value is not None and value.endswith(".0") and value[:-2].isdecimal() else value
        for value in values
    ]
    damaged = np.array([value is not None and _DAMAGED.fullmatch(value) is not None for value in values], dtype=bool)
    return made, damaged


def date_order(values: Sequence[str | None]) -> Literal["dmy", "mdy"] | None:
    """Order of day and month implied by a column's unambiguous dates, or None."""
    firsts, seconds = 0, 0
    for value in values:
        found = re.match(r"\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2,4})", value or "")
        if found:
            firsts += int(found[1]) > 12
            seconds += int(found[2]) > 12
    return "dmy" if firsts and not seconds else "mdy" if seconds and not firsts else None


def are_ahead(dates: Iterable[str | None]) -> NDArray[np.bool_]:
    """Whether dates (ISO, or bare years) lie in the future."""
    today = dt.date.today().isoformat()
    return np.array([isinstance(date, str) and date > today[: len(date)] for date in dates], dtype=bool)


def read_date(text: str, order: Literal["dmy", "mdy"] | None) -> tuple[str | None, tuple[str, ...]]:
    """Parse a date.

    Returns
    -------
    str or None
        ISO date, or a bare year; None where unreadable.
    tuple of str
        Both readings, where the order of day and month is ambiguous.
    """
    plain_text = re.sub(r"\.0$", "", text.strip())
    if re.fullmatch(r"(?:19|20)\d{2}", plain_text):
        return plain_text, ()
    if is_serial(plain_text):
        return (SERIAL_DAY + dt.timedelta(days=int(float(plain_text)))).isoformat(), ()
    if iso := re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$|((?:19|20)\d\d)(\d\d)(\d\d)$", plain_text):
        year, month, day = (int(part) for part in iso.groups() if part)
        return _iso(year, month, day), ()
    if year_first := re.fullmatch(r"(\d{4})[-/.]\d{1,2}|\d{1,2}[-/.](\d{4})", plain_text):
        return year_first[1] or year_first[2], ()
    if numbers := re.match(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:\s.*)?$", plain_text):
        first, second, year = (int(part) for part in numbers.groups())
        year += (2000 if year < 70 else 1900) if year < 100 else 0
        both = _iso(year, second, first), _iso(year, first, second)
        if both[0] and both[1] and both[0] != both[1]:
            return (None, (both[0], both[1])) if order is None else (both[0] if order == "dmy" else both[1], ())
        return both[0] or both[1], ()
    spaced = re.sub(r"(?<=[a-z0-9])[/.](?=[a-z0-9]+[/. ]|\d{2,4}\b)", " ", plain_text.casefold())  # 17/Agu/2019
    return _named_month(re.sub(r"^[a-z']+,\s*", "", spaced)), ()


def is_serial(text: str) -> bool:
    """Whether a text is the number of a day as spreadsheets count them, of 1954 to 2064."""
    return re.fullmatch(r"[2-5]\d{4}(?:\.\d+)?", text.strip()) is not None


def _named_month(text: str) -> str | None:
    """A date with the name of its month (``5 Januari 2018``, ``31-Jul-19``, ``Mar 5, 2020``), else its year."""
    time = r"(?:[ ,]+(?:pukul )?\d{1,2}[:.]\d\d.*)?"
    named = re.fullmatch(rf"(?:(\d{{1,2}})[ -])?([a-z]+)\.?[ ,-]*(\d{{4}}|\d\d){time}", text)
    if named and (month := _MONTHS.get(named[2])):
        year = int(named[3]) + ((2000 if int(named[3]) < 70 else 1900) if len(named[3]) == 2 else 0)
        return _iso(year, month, int(named[1])) if named[1] else str(year)
    turned = re.fullmatch(rf"([a-z]+)\.? (\d{{1,2}}),? (\d{{4}}){time}", text)
    month = _MONTHS.get(turned[1]) if turned else None
    return _iso(int(turned[3]), month, int(turned[2])) if turned and month else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def remarks(parts: Sequence[tuple[str, Sequence[str | None] | NDArray[np.object_]]], count: int) -> pd.Series:
    """Values joined under their column names, kept with the asset."""
    lines: list[list[str]] = [[] for _ in range(count)]
    for label, values in parts:
        for at, value in enumerate(values):
            if value:
                lines[at].append(f"{label}: {value}" if label else value)
    return pd.Series(["; ".join(line)[:LONGEST] or None for line in lines], dtype=object)
