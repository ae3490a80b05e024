"""Lists of a run on paper: rows of a table, each cell written by what its column holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from reportlab.platypus import Flowable

from coverage.exports.columns import heading_of, kind_of
from coverage.exports.pdf import fixed, paragraph, table
from coverage.exports.tables import records
from coverage.language.words import Words

MOST_ROWS = 400
"""Rows of a list on paper; the data files are complete."""
_NUMBERS = ("integer", "decimal", "score", "share", "money")


def listing(
    rows: pd.DataFrame,
    names: str,
    widths: Sequence[float],
    words: Words,
    headings: Mapping[str, str] = {},
    most: int = MOST_ROWS,
    called: Mapping[str, str] = {},
) -> list[Flowable]:
    """A table of the first rows, and a remark where there are none, or more.

    Parameters
    ----------
    names : columns, separated by spaces; the cell of ``state`` is tinted
    widths : relative widths
    headings : locale keys of columns headed otherwise than :func:`coverage.exports.columns.heading_of` has it
    called : what states are called (:func:`coverage.language.reasons.state_words`), where columns show any
    """
    if rows.empty:
        return [paragraph(words("exports.report.nothing"))]
    columns, shown = names.split(), rows.head(most)
    made: list[Flowable] = [
        table(
            [words(headings[name]) if name in headings else heading_of(name, words, called) for name in columns],
            [[_written(name, row[name], called, words) for name in columns] for row in records(shown)],
            widths,
            numbers=[at for at, name in enumerate(columns) if kind_of(name) in _NUMBERS],
            states=shown["state"].tolist() if "state" in columns else None,
            state_column=columns.index("state") if "state" in columns else 0,
        )
    ]
    if len(rows) > most:
        cut = words("exports.report.cut", shown=most, count=len(rows))
        made.append(paragraph(cut, "small"))
    return made


def _written(name: str, value: Any, called: Mapping[str, str], words: Words) -> str:
    """A cell in words."""
    kind = kind_of(name)
    if kind == "score":
        return fixed(words, value, 3)
    if kind == "share":
        return words.share(value)
    if kind == "money":
        return words.money(value)
    if kind in ("integer", "decimal"):
        return words.number(value, 1 if kind == "decimal" else 0)
    if kind == "state":
        return called.get(str(value), str(value))
    return "–" if value in (None, "") else str(value)
