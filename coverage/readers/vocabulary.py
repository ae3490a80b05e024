"""Words that offices use: names of columns, and spellings of kinds, states and companies; from the data that ships."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from typing import Any

from coverage.readers.shipped import data_dir
from coverage.readers.tables import plain

FIELDS = (
    "asset_id",
    "kind",
    "name",
    "status",
    "owner",
    "operator",
    "lat",
    "lon",
    "coordinates",
    "geometry",
    "height_m",
    "band_mhz",
    "reach_m",
    "azimuth_deg",
    "on_fiber",
    "installed_on",
    "source",
    "note",
    "address",
    "village",
    "subdistrict",
    "regency",
    "village_code",
)
"""What a column of a list of assets may hold."""
_LEGAL = re.compile(r"\b(?:pt|tbk|persero|cv|perseroan terbatas)\b")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((data_dir() / name).read_text("utf-8"))


@cache
def column_words() -> dict[str, str]:
    """Every column name that is known, with the field it stands for; ``skip`` for columns that are never taken."""
    found: dict[str, str] = {}
    ranks = column_ranks()
    for what, names in ranks.items():
        for name in names:
            found.setdefault(name, what)
    return found


@cache
def column_ranks() -> dict[str, dict[str, int]]:
    """For each field its column names, with their order: the most telling one is 0."""
    return {what: {name: at for at, name in enumerate(entry["names"])} for what, entry in _load("columns.toml").items()}


@cache
def spellings(of: str) -> dict[str, str]:
    """Spellings of ``kind``, ``status``, ``yes_no`` or ``company``, by key, with the name they stand for."""
    key = company_key if of == "company" else plain
    return {key(text): name for name, texts in _load("spellings.toml")[of].items() for text in (*texts, name)}


@lru_cache(maxsize=100_000)
def company_key(text: str) -> str:
    """A company's name for comparing: lower case, letters and digits, without PT, Tbk and the like."""
    text = re.sub(r"[^\w+]+", " ", text.casefold().replace(".", " ").replace("_", " "))
    return " ".join(_LEGAL.sub(" ", text).split())
