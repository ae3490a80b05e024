"""Text of others made harmless for the program that opens the file.

A spreadsheet runs a text cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula when it is read from CSV, and
may do so when a cell of a workbook is edited. XML has no way to write most control characters.
"""

from __future__ import annotations

import re

import pandas as pd

_TRIGGERS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_INVISIBLE = re.compile(r"^[\s\x00-\x1f\x7f\u00a0\u200b-\u200f\u2028-\u202f\u2060\ufeff]+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def neutral(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet could take for a formula; other text stays as it is.

    Blanks, line ends and invisible characters before the sign do not hide it, and a leading tab or line end is
    itself a trigger.
    """
    bare = _INVISIBLE.sub("", text)
    if text[:1] in ("\t", "\r", "\n") or bare[:1] in _TRIGGERS:
        return "'" + text
    return text


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of ``frame`` whose text cells went through :func:`neutral`; numbers are untouched."""
    made = frame.copy()
    for name in made.columns:
        if not (pd.api.types.is_numeric_dtype(made[name]) or pd.api.types.is_bool_dtype(made[name])):
            made[name] = made[name].map(_neutral_cell)
    return made


def _neutral_cell(value: object) -> object:
    return neutral(value) if isinstance(value, str) else value


def xml_safe(text: str) -> str:
    """Text without the characters that XML cannot hold; markup is still to be escaped by the writer."""
    return _NOT_XML.sub("", text)
