"""Numbers as offices write them: decimal point or comma, grouped thousands, units."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coverage.places.codes import EMPTY_WORDS

Thousands = Literal["column", "cell", "never"]
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_SPACED = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_UNIT = re.compile(
    r"(?<=\d)\s*(?:%|persen|jiwa|orang|kk|rt|unit|buah|km2|km|ha|m|dbm|mbps|mbit/?s|mb/s)\.?$", re.IGNORECASE
)


class Numbers(NamedTuple):
    """The numbers of a column.

    Attributes
    ----------
    value : NaN where empty or unreadable
    grouped : whether thousands separators were found
    """

    value: NDArray[np.float64]
    unread: NDArray[np.bool_]
    grouped: bool


def read_numbers(values: Sequence[str], thousands: Thousands = "column") -> Numbers:
    """Parse the cells of a column.

    Parameters
    ----------
    thousands
        How a single point or comma before three digits reads: as a separator where every cell of the ``column`` that
        has one reads so; as a separator in each ``cell`` (counts); ``never`` (physical quantities).
    """
    texts = [_bare(value) for value in values]
    if thousands == "column":
        separators = [_separator([text for text in texts if "." in text or "," in text])] * len(texts)
    else:
        separators = [_separator([text], thousands == "cell") for text in texts]
    numbers = np.array([_number(text, sign) for text, sign in zip(texts, separators, strict=True)], dtype=float)
    given = np.array([text != "" for text in texts], dtype=bool)
    return Numbers(numbers, given & np.isnan(numbers), any(separators))


def read_number(text: str) -> float:
    """Parse a physical quantity without unit; NaN where it is none."""
    bare = _bare(text)
    return _number(bare, _separator([bare], single=False))


def _separator(texts: Sequence[str], single: bool = True) -> str:
    """Thousands separator of cells, or empty; with ``single`` also where each has but one sign."""
    for text in texts:
        written = re.sub(r"[^.,]", "", text)
        if len(written) > 1:
            return written[0]
    signs = {str(found[1]) if (found := _GROUPED.fullmatch(text)) else "" for text in texts}
    return signs.pop() if single and len(signs) == 1 else ""


def _bare(value: str) -> str:
    """A cell without unit and spaces; empty for "nothing"."""
    text = value if value.isascii() else unicodedata.normalize("NFKC", value).replace("−", "-")
    text = re.sub(r"(?<=\d)\.0$", "", _UNIT.sub("", text.strip().lstrip("'")).strip())
    if text.casefold() in EMPTY_WORDS or not text.strip("-–—._ "):
        return ""
    text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    return re.sub(r"(?<!\d) +| +(?!\d)", "", text)


def _number(text: str, thousands: str) -> float:
    whole = (text.replace(thousands, "") if thousands else text).replace(",", ".")
    if not _NUMBER.fullmatch(whole):
        return math.nan
    groups = rf"[+-]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?!\d).*"
    if thousands and thousands in text and not re.fullmatch(groups, text):
        return math.nan
    number = float(whole)
    return number if math.isfinite(number) else math.nan
