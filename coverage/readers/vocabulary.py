"""Vocabulary of offices: column names, spellings of kinds, statuses and companies."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from coverage.readers.kinds import asset_kinds, landmark_kinds
from coverage.readers.shipped import data_dir
from coverage.readers.tables import plain
from coverage.readers.toml import load_toml

FIELDS = (
    "asset_id", "site_id", "kind", "name", "status", "owner", "operator", "lat", "lon", "coordinates", "geometry",
    "zone", "height_m", "band_mhz", "reach_m", "azimuth_deg", "tilt_deg", "eirp_dbm", "technology", "antenna",
    "on_fiber", "installed_on", "source", "note", "address",
    "broken_since", "village", "subdistrict", "regency", "village_code",
)  # fmt: skip
"""Fields of a list of assets."""
_LEGAL = re.compile(r"\b(?:pt|tbk|persero|cv|perseroan terbatas)\b")


def _load(name: str) -> dict[str, Any]:
    return load_toml(data_dir() / name)


@cache
def column_words() -> dict[str, str]:
    """Known column names and their fields; ``skip`` for ignored ones."""
    found: dict[str, str] = {}
    ranks = column_ranks()
    for what, names in ranks.items():
        for name in names:
            found.setdefault(name, what)
    return found


WORD_LISTS = ("asset_words", "other_words")
"""Tables of ``columns.toml`` that are no field: words for the asset itself, and words that make a column of else."""


@cache
def column_ranks() -> dict[str, dict[str, int]]:
    """Column names by field with their rank: the most telling is 0."""
    return {
        what: {name: at for at, name in enumerate(entry["names"])}
        for what, entry in _load("columns.toml").items()
        if what not in WORD_LISTS
    }


@cache
def word_list(name: str) -> frozenset[str]:
    """One of :data:`WORD_LISTS`."""
    return frozenset(_load("columns.toml")[name]["names"])


class Clue(NamedTuple):
    """How a field is told inside a longer header: by one of ``inside``, with one of ``beside``, without ``never``."""

    what: str
    inside: frozenset[str]
    beside: frozenset[str]
    never: frozenset[str]

    def fits(self, words: Collection[str]) -> bool:
        """Whether the words of a header say this field."""
        return self.allows(words) and not self.inside.isdisjoint(words) and self._is_beside(words)

    def allows(self, words: Collection[str]) -> bool:
        """Whether no word of a header speaks against this field."""
        return self.never.isdisjoint(words)

    def _is_beside(self, words: Collection[str]) -> bool:
        return not self.beside or not self.beside.isdisjoint(words)


@cache
def column_clues() -> dict[str, Clue]:
    """The words by which each field is told inside a longer header, in the order of the file."""
    return {
        what: Clue(what, *(frozenset(entry.get(part, ())) for part in ("inside", "beside", "never")))
        for what, entry in _load("columns.toml").items()
        if what not in WORD_LISTS
    }


def spellings(of: str) -> dict[str, str]:
    """Spellings of ``kind``, ``status``, ``yes_no`` or ``company``, by key, with their name."""
    return _spellings(of, data_dir())


@lru_cache(maxsize=32)
def _spellings(of: str, folder: Path) -> dict[str, str]:
    key = company_key if of == "company" else str if of == "claim_in_text" else plain
    tables = _kind_spellings() if of == "kind" else _load("spellings.toml")[of]
    return {key(text): name for name, texts in tables.items() for text in (*texts, name)}


def _kind_spellings() -> dict[str, list[str]]:
    return {key: [*kind.spelled, *kind.name.values()] for key, kind in asset_kinds().items()}


@lru_cache(maxsize=100_000)
def landmark_kind(text: str) -> str | None:
    """Kind of landmark that a text names first: a word of a list (``Puskesmas``) or a name (``SDN 2 Bakung``)."""
    inside, found = f"_{plain(text)}_", []
    for kind, record in landmark_kinds().items():
        for word in (*record.spelled, kind, *map(plain, record.name.values())):
            at = inside.find(f"_{word}_")
            if at == 0 or (at > 0 and len(word) > 2):
                found.append((at, -len(word), kind))
    return min(found)[2] if found else None


@lru_cache(maxsize=100_000)
def company_key(text: str) -> str:
    """Normalised company name: lower case alphanumerics without PT, Tbk and the like."""
    text = re.sub(r"[^\w+]+", " ", text.casefold().replace(".", " ").replace("_", " "))
    return " ".join(_LEGAL.sub(" ", text).split())
