"""Columns of lists, in workbooks and on paper: what they hold and how they are headed."""

from __future__ import annotations

from typing import Literal

from coverage.base.schema import STATES, STATUSES
from coverage.language.words import Words

CellKind = Literal[
    "text", "wrapped", "integer", "decimal", "score", "share", "metres", "degrees", "money", "state", "yes_no", "year"
]
_NAMES: dict[CellKind, tuple[str, ...]] = {
    "integer": (
        "rank", "rank_best", "rank_worst", "population", "population_served", "population_unserved", "villages",
        "people_newly_served", "people_left", "people_total", "total", *STATES, *STATUSES,
    ),
    "decimal": ("height_m", "area_km2"),
    "score": ("score",),
    "share": ("share_served", "share_before", "share_after"),
    "degrees": ("longitude", "latitude"),
    "money": ("cost_idr", "running_idr", "alone_idr", "budget_idr", "capital_idr", "unspent_idr"),
    "state": ("state", "state_before", "state_after"),
    "wrapped": ("reason", "because", "note"),
    "year": ("year",),
}  # fmt: skip
"""Columns that are no plain text, by kind of cell."""
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names}


def kind_of(name: str) -> CellKind:
    """What a column holds."""
    return _KINDS.get(name, "text")


def heading_of(name: str, words: Words) -> str:
    """How a column is headed; one of counts by state or status by that."""
    for field, values in (("state", STATES), ("status", STATUSES)):
        if name in values:
            return sentence_case(words(f"core.{field}.{name}"))
    return words(f"exports.column.{name}")


def sentence_case(text: str) -> str:
    """Capitalise the first letter."""
    return text[:1].upper() + text[1:]
