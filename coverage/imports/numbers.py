"""Figures of villages: find their columns and parse Indonesian number formats."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from coverage.imports.columns import field_of
from coverage.imports.raw import Raw
from coverage.places.codes import EMPTY_WORDS
from coverage.readers.tables import plain
from coverage.readers.village_lists import role_of

LOOKED_AT = 300
LONGEST = 80
_NO_FIGURE = {
    "kode",
    "kd",
    "id",
    "no",
    "nomor",
    "nr",
    "tahun",
    "tgl",
    "tanggal",
    "pos",
    "telp",
    "telepon",
    "hp",
    "nik",
    "lat",
    "lon",
    "latitude",
    "longitude",
    "lintang",
    "bujur",
    "x",
    "y",
    "rt",
    "rw",
    "zona",
    "urut",
    "fid",
    "npsn",
    "nip",
    "nib",
    "nisn",
    "npwp",
}
"""Words in names of numeric columns that hold no figures."""
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_UNIT = re.compile(r"(?<=\d)\s*(?:%|jiwa|orang|kk|rt|unit|buah|km2|km²|km|ha|m|persen)\.?", re.IGNORECASE)


def guess_figures(raw: Raw, taken: Collection[str]) -> tuple[str, ...]:
    """Columns of figures in file order, without those ``taken``."""
    return tuple(name for name in raw.columns if name not in taken and _is_figure(raw, name))


def _is_figure(raw: Raw, name: str) -> bool:
    words = set(plain(name).split("_"))
    counts = words & {"jumlah", "jml", "total", "banyak", "banyaknya"}
    if not words - {""} or (words & _NO_FIGURE and not counts) or field_of(name) == "skip" or role_of(name):
        return False
    told = [value for value in raw.samples(name, LOOKED_AT) if _bare(value)]
    return bool(told) and np.isfinite(read_figures(told)[0]).mean() >= 0.8


def read_figures(values: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_], bool]:
    """Parse the cells of a column.

    A point or comma before three digits is a thousands separator only where every cell that has one reads so.

    Parameters
    ----------
    values
        Cells as text.

    Returns
    -------
    numbers : array
        NaN where empty or unreadable.
    unread : array of bool
        Unreadable cells.
    grouped : bool
        Whether thousands separators were found.
    """
    texts = [_bare(value) for value in values]
    thousands = _thousands([text for text in texts if "." in text or "," in text])
    numbers = np.array([_number(text, thousands) for text in texts], dtype=float)
    given = np.array([text != "" for text in texts], dtype=bool)
    return numbers, given & ~np.isfinite(numbers), bool(thousands)


def _thousands(parted: Sequence[str]) -> str:
    """Thousands separator of a column, or empty."""
    for text in parted:
        written = re.sub(r"[^.,]", "", text)
        if len(written) > 1:
            return written[0]
    signs = {str(found[1]) if (found := _GROUPED.fullmatch(text)) else "" for text in parted}
    return signs.pop() if len(signs) == 1 else ""


def _bare(value: str) -> str:
    text = re.sub(r"(?<=\d)\.0$", "", _UNIT.sub("", value.strip().lstrip("'")).strip())
    return "" if text.casefold() in EMPTY_WORDS or not text.strip("-–—._ ") else text.replace(" ", "")


def _number(text: str, thousands: str) -> float:
    whole = text.replace(thousands, "") if thousands else text
    whole = whole.replace(",", ".")
    if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", whole, re.IGNORECASE):
        return math.nan
    groups = rf"[+-]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?!\d).*"
    if thousands and thousands in text and not re.fullmatch(groups, text):
        return math.nan
    number = float(whole)
    return number if math.isfinite(number) else math.nan
