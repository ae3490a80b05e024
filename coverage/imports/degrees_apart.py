"""Join degrees, minutes and seconds in three columns (``Lintang D``, ``Lintang M``, ``Lintang S``)."""

from __future__ import annotations

import re
from itertools import pairwise

import pandas as pd

from coverage.readers.tables import is_number

PARTS = (
    ("d", "derajat", "degree", "degrees", "deg", "°", "(°)", "der"),
    ("m", "menit", "minute", "minutes", "min", "'", "(')", "′"),
    ("s", "detik", "second", "seconds", "sec", '"', '(")', "″", "dt"),
)
_MARKS = ("°", "'", '"')
LETTERS = ("N", "S", "E", "W", "LS", "LU", "BT", "BB")
"""Sides of the globe, as a column of their own may say them."""


def part_of(name: str) -> int | None:
    """Whether a name is of degrees (0), minutes (1) or seconds (2)."""
    word = name.strip().casefold()
    return next((at for at, names in enumerate(PARTS) if word in names), None)


def is_parts(cells: list[str]) -> bool:
    """Whether a row names degrees, minutes and seconds only."""
    filled = [part_of(cell) for cell in cells if cell]
    return len(filled) in (3, 6) and filled == [0, 1, 2] * (len(filled) // 3)


def joined(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with such columns joined under their common name."""
    names = [str(name) for name in frame.columns]
    ends = [_split(name) for name in names]
    at = 0
    while at + 2 < len(names):
        three = ends[at : at + 3]
        shared = {stem for stem, _ in three}
        if (
            [part for _, part in three] == [0, 1, 2]
            and len(shared) == 1
            and (stem := shared.pop())
            and (stem not in frame.columns)
        ):
            frame = frame.assign(**{names[at]: _one(frame[names[at : at + 3]])}).drop(columns=names[at + 1 : at + 3])
            frame = frame.rename(columns={names[at]: stem})
            at += 2
        at += 1
    return _with_letters(frame)


def _with_letters(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with a column of nothing but ``S``, ``LS``, ``E``, ``BT`` ... joined to the angles before it."""
    sides = [*LETTERS, ""]
    for angle, letter in pairwise([str(name) for name in frame.columns]):
        if angle not in frame or not frame[letter].head(20).str.strip().str.upper().isin(sides).all():
            continue
        said = frame[letter].str.strip().str.upper()
        if said.isin(sides).all() and said.any() and frame[angle].str.contains(r"^[\d\s.,°'\"]+$").all():
            frame = frame.assign(**{angle: frame[angle] + " " + said}).drop(columns=letter)
    return frame


def _split(name: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(.+?)[\s_(]+(\S+?)\)?", name.strip())
    return (found[1].strip(), part_of(found[2])) if found else (name, None)


def _one(three: pd.DataFrame) -> pd.Series:
    """Three cells as one angle; unchanged where one is no number."""
    rows = []
    for cells in three.itertuples(index=False, name=None):
        parts = [re.sub(r"\.0$", "", cell) for cell in cells]
        given = [part for part in parts if part]
        if given and all(is_number(part) for part in given) and parts[0]:
            rows.append(" ".join(f"{part}{mark}" for part, mark in zip(parts, _MARKS, strict=True) if part))
        else:
            rows.append(" ".join(given))
    return pd.Series(rows, index=three.index, dtype=object)
