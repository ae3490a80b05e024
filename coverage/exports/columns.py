"""Columns of lists, in workbooks and on paper: what they hold and how they are headed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Literal

from coverage.base.schema import STATES, STATUSES
from coverage.language.words import Words

CellKind = Literal[
    "text", "wrapped", "integer", "decimal", "score", "share", "metres", "degrees", "money", "state", "yes_no", "year"
]
_NAMES: dict[CellKind, tuple[str, ...]] = {
    "integer": (
        "rank", "rank_best", "rank_worst", "population", "population_served", "population_unserved", "villages",
        "people_newly_served", "people_least", "pocket", "people", "people_near", "people_left",
        "people_total", "total", "regencies", "pockets", "population_unserved", "population_unknown",
        "villages_planned", "common_villages", "common_people", *STATES, *STATUSES,
    ),
    "decimal": ("height_m", "area_km2"),
    "score": ("score",),
    "share": ("lean_share", "share_served", "share_of_village", "share_before", "share_after"),
    "metres": ("from_centre_m", "nearest_asset_m"),
    "degrees": ("longitude", "latitude"),
    "money": ("cost_idr", "running_idr", "alone_idr", "budget_idr", "capital_idr", "unspent_idr", "spent_idr"),
    "state": ("state", "state_before", "state_after"),
    "wrapped": ("reason", "because", "note", "problem"),
    "year": ("year",),
}  # fmt: skip
"""Columns that are no plain text, by kind of cell."""
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names}


def kind_of(name: str) -> CellKind:
    """What a column holds."""
    return _KINDS.get(name, "text")


def heading_of(name: str, words: Words, called: Mapping[str, str] = {}) -> str:
    """How a column is headed; one of counts by state by what that is ``called``, one by status by that."""
    if name in STATES:
        return sentence_case(called[name])
    if name in STATUSES:
        return sentence_case(words(f"core.status.{name}"))
    return words(f"exports.column.{name}")


_FAMILIES = {
    r"share_(\w+)": ("core.service", "share_of", "service"),
    r"nearest_(\w+)_m": ("core.service", "nearest_m", "service"),
    r"road_(\w+)_m": ("core.service", "road_m", "service"),
    r"state_(\w+)": ("core.rule", "state_of", "name"),
    r"reason_(\w+)": ("core.rule", "reason_of", "name"),
    r"part_(\w+)": ("priority.criterion", "part_of", "name"),
    r"value_(\w+)": ("priority.criterion", "value_of", "name"),
    r"said_(\w+)": ("core.evidence", "said_by", "source"),
}
"""Columns of which there is one for each service, rule or criterion: where those have their names, and the heading."""


def spoken(name: str, words: Words) -> str:
    """Heading of any column of a table as CSV; its own name where there are no words for it."""
    for group in ("exports.column", "inventory.field"):
        if words.has(f"{group}.{name}"):
            return words(f"{group}.{name}")
    for pattern, (group, key, value) in _FAMILIES.items():
        found = re.fullmatch(pattern, name)
        if found:
            return sentence_case(words(f"exports.column.{key}", **{value: words.label(group, found[1])}))
    return name


def captioned(content: bytes, words: Words) -> bytes:
    """A CSV headed in the reader's language, not by names of columns; marked as UTF-8 for Excel."""
    head, line, rows = content.partition(b"\n")
    names = next(csv.reader([head.decode()]))
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow([spoken(name, words) for name in names])
    return written.getvalue().encode("utf-8-sig") + line + rows


def sentence_case(text: str) -> str:
    """Capitalise the first letter."""
    return text[:1].upper() + text[1:]
