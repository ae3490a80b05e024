"""Neutralise user text for the program that opens the file.

Spreadsheets run text beginning with ``=``, ``+``, ``-`` or ``@`` as a formula when read from CSV, or when a cell is
edited. XML cannot hold most control characters.
"""

from __future__ import annotations

import re

import pandas as pd

_TRIGGERS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_INVISIBLE = re.compile(r"^[\s\x00-\x1f\x7f\u00a0\u200b-\u200f\u2028-\u202f\u2060\ufeff]+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def neutral(text: str) -> str:
    """Prefix text that a spreadsheet could take for a formula with an apostrophe.

    Blanks and invisible characters before the sign do not hide it; a leading tab or line end is a trigger itself.
    """
    bare = _INVISIBLE.sub("", text)
    if text[:1] in ("\t", "\r", "\n") or bare[:1] in _TRIGGERS:
        return "'" + text
    return text


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy of ``frame`` with neutralised text; numbers are untouched."""
    made = frame.copy()
    for name in made.columns:
        if not (pd.api.types.is_numeric_dtype(made[name]) or pd.api.types.is_bool_dtype(made[name])):
            made[name] = made[name].map(_neutral_cell)
    return made


def _neutral_cell(value: object) -> object:
    return neutral(value) if isinstance(value, str) else value


def xml_safe(text: str) -> str:
    """Text without characters that XML cannot hold; not escaped."""
    return _NOT_XML.sub("", text)
