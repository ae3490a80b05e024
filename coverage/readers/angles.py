"""Parse single coordinates as people write them.

Numbers are only parsed; corrections (a lost decimal point or minus) are offered by :mod:`coverage.imports.repairs`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coverage.places.codes import EMPTY_WORDS

_NAN = frozenset({"nan", "-nan", "+nan", "#num!", "-nan(ind)"})
_INFINITE = re.compile(r"[+-]?(?:inf|infinity|∞)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_LOOSE = re.compile(r"[+-]? ?\d+ ?[.,] ?\d*(?: \d+)*|[+-] ?\d+")
_COMMA = re.compile(r"[+-]?\d{1,3},\d+")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?: [\d:.]+)?|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}|\d{1,2}[- ](?:jan|feb|mar|apr|mei|may|jun"
    r"|jul|agu|agt|aug|sep|okt|oct|nov|des|dec)[a-z]*(?:[- ]\d{2,4})?|\d{1,2}:\d{2}(?::\d{2})?",
    re.IGNORECASE,
)
_POINTS = re.compile(r"[+-]?\d+(?:\.\d+){2,}")
_COMMAS = re.compile(r"[+-]?\d+(?:,\d+){2,}")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_SIDE = re.compile(
    r"lintang\s*selatan|lintang\s*utara|bujur\s*timur|bujur\s*barat|south|north|east|west"
    r"|(?<![a-z])(?:ls|lu|bt|bb|[snewub])(?![a-z])",
    re.IGNORECASE,
)
_SIDES = {
    "lintangselatan": "S", "lintangutara": "N", "bujurtimur": "E", "bujurbarat": "W", "south": "S", "north": "N",
    "east": "E", "west": "W", "ls": "S", "lu": "N", "bt": "E", "bb": "W", "s": "S", "n": "N", "e": "E", "w": "W",
    "u": "N", "b": "W",
}  # fmt: skip
_PARTS = re.compile(r"\d+(?:\.\d+)?")
_DOTTED_PARTS = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:[.,]\d+)?)(?![\d.])")
_WORDS = tuple(
    (re.compile(rf"\b{word}\b", re.IGNORECASE), mark)
    for word, mark in (("der(?:ajat)?", "°"), ("men(?:it)?", "'"), ("det(?:ik)?", '"'))
)
_LETTERED = re.compile(r"\d\s*d\s*\d+\s*m", re.IGNORECASE)
_SECONDS = re.compile(r"(\d)\s*s", re.IGNORECASE)
_MARKS = re.compile(r"[\s°º˚⁰'′’‘`´\"″”“:d*~m-]+", re.IGNORECASE)


class Angle(NamedTuple):
    """A parsed cell.

    Attributes
    ----------
    value : degrees, or metres where the cell holds metres; NaN where unreadable
    fault : fault code, or empty
    note : notation other than a plain number: ``comma``, ``dms``, ``spaces``
    side : ``S``, ``N``, ``E`` or ``W`` where given
    decimals : number of decimals; 9 for degrees, minutes and seconds
    """

    value: float
    fault: str = ""
    note: str = ""
    side: str = ""
    decimals: int = 9


class Angles(NamedTuple):
    """Arrays of the fields of :class:`Angle`."""

    value: NDArray[np.float64]
    fault: NDArray[np.object_]
    note: NDArray[np.object_]
    side: NDArray[np.object_]
    decimals: NDArray[np.int64]


def read_angles(texts: Sequence[str]) -> Angles:
    """Parse many cells, see :func:`read_angle`."""
    found = [read_angle(text) for text in texts]
    parts = list(zip(*found, strict=True)) if found else [(), (), (), (), ()]
    return Angles(
        np.array(parts[0], dtype=float),
        np.array(parts[1], dtype=object),
        np.array(parts[2], dtype=object),
        np.array(parts[3], dtype=object),
        np.array(parts[4], dtype=np.int64),
    )


@lru_cache(maxsize=400_000)
def read_angle(text: str) -> Angle:
    """Parse one coordinate: decimal point or comma, or degrees, minutes and seconds, with or without LS and BT.

    Returns
    -------
    Angle
        With ``fault`` one of ``import.no_coordinates``, ``import.nan``, ``import.infinite``, ``import.excel_date``,
        ``import.several_points``, ``import.thousands``, ``import.not_an_angle``, or none.
    """
    plain = _tidy(text)
    if not plain or plain.casefold() in EMPTY_WORDS - _NAN or not plain.strip("-–—._ "):
        return Angle(math.nan, "import.no_coordinates")
    if plain.casefold() in _NAN:
        return Angle(math.nan, "import.nan")
    if _INFINITE.fullmatch(plain):
        return Angle(math.nan, "import.infinite")
    if _DATE.fullmatch(plain):
        return Angle(math.nan, "import.excel_date")
    return _number(plain) or _sided(plain)


def _tidy(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.replace("º", "°").replace("´", "'"))
        text = text.replace("−", "-").replace("–", "-").replace("\u200b", "").replace("\ufeff", "")
        text = "".join("°" if c in "˚⁰" else c for c in text)
    return (
        " ".join(text.strip("\"'=;, \t\r\n").split())
        if not text.strip().endswith(("'", '"'))
        else " ".join(text.strip("=;, \t\r\n").split())
    )


def _number(text: str) -> Angle | None:
    """A cell that holds a number, or what should have been one."""
    dense = text.replace(" ", "") if " " in text and _LOOSE.fullmatch(text) else text
    note = "spaces" if dense != text else ""
    if _NUMBER.fullmatch(dense):
        value = float(dense)
        if not math.isfinite(value):
            return Angle(math.nan, "import.infinite")
        return Angle(value, "", note, "", len(dense.partition(".")[2]))
    if _COMMA.fullmatch(dense):
        return Angle(float(dense.replace(",", ".")), "", note or "comma", "", len(dense.partition(",")[2]))
    if _THOUSANDS.fullmatch(dense):
        return Angle(math.nan, "import.thousands")
    if _POINTS.fullmatch(dense) or _COMMAS.fullmatch(dense):
        return Angle(math.nan, "import.several_points")
    return None


def _sided(text: str) -> Angle:
    """Degrees, minutes and seconds, or a number with a hemisphere."""
    for word, mark in _WORDS:
        text = word.sub(mark, text)
    if _SIDE.search(text):
        text = _DOTTED_PARTS.sub(r"\1 \2 \3", text)  # 08.14.44,8 LS: without the letters it may be anything
    if _LETTERED.search(text):
        text = _SECONDS.sub(r"\1", text)
    sides = [_SIDES[re.sub(r"\s", "", found.group().casefold())] for found in _SIDE.finditer(text)]
    bare = _SIDE.sub(" ", text).replace(",", ".").strip(" .:")
    if len(sides) > 1:
        return Angle(math.nan, "import.not_an_angle")
    side = sides[0] if sides else ""
    negative = bare.startswith("-")
    parts = _PARTS.findall(bare)
    rest = _MARKS.sub("", _PARTS.sub("", bare)).replace("+", "").replace(".", "")
    if not 1 <= len(parts) <= 3 or rest or any("." in part for part in parts[:-1]):
        return Angle(math.nan, "import.not_an_angle")
    numbers = [float(part) for part in parts]
    if any(number >= 60 for number in numbers[1:]):
        return Angle(math.nan, "import.not_an_angle")
    value = sum(number / 60**at for at, number in enumerate(numbers))
    if side in ("S", "W") or negative:
        value = -value
    decimals = len(parts[0].partition(".")[2]) if len(parts) == 1 else 9
    return Angle(value, "", "dms" if len(parts) > 1 else "side", side, decimals)
