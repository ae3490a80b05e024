"""Merge spellings of a name by rule; each can be undone."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from coverage.readers.tables import plain
from coverage.readers.vocabulary import company_key, spellings

_OF_ELSE = frozenset({"bongkar", "reserved", "removed", "staged", "staging", "pengajuan"})


@dataclass(frozen=True)
class MergedSpelling:
    """A spelling merged into a name.

    Attributes
    ----------
    field : ``kind``, ``status``, ``owner`` or ``operator``
    rule
        ``listed``: by the table of spellings; ``same_letters``: differs from a more frequent spelling only in case,
        punctuation, PT and the like.
    """

    field: str
    written: str
    name: str
    rows: int
    rule: str


_SHORT = {"tdk": "tidak", "tak": "tidak", "blm": "belum", "dlm": "dalam", "sdh": "sudah", "sdg": "sedang"}
"""Short forms that offices write."""


def known_word(of: str, text: str) -> str | None:
    """Schema term of a kind or status, or None."""
    key = plain(re.sub(r"^(-?\d+)\.0$", r"\1", text))
    key = "_".join(_SHORT.get(word, word) for word in key.split("_"))
    known = spellings(of)
    whole = known.get(key) or known.get(key.replace("_", "")) or known.get(re.sub(r"_?\d+$", "", key))
    if whole:
        return whole
    # "Baik / Berfungsi", "Aktif (normal)": each part says the same.
    parts = {known.get(plain(part)) for part in re.split(r"[/,;()|–]| - ", text) if plain(part)}
    if len(parts) == 1 and None not in parts:
        return parts.pop()
    return _kind_in(key) if of == "kind" else None


@lru_cache(maxsize=10_000)
def _kind_in(key: str) -> str | None:
    """The one kind that a longer text names: ``cctv_ptz``, ``tower_4_kaki``; None where it names two."""
    named = {kind for word, kind in spellings("kind").items() if len(word) >= 3 and f"_{word}_" in f"_{key}_"}
    return named.pop() if len(named) == 1 else None


@lru_cache(maxsize=10_000)
def status_in(text: str, alone: bool = False) -> str | None:
    """Status that a name or note tells beside other words, of what does not serve: ``Menara A (rencana)``.

    Only words that can mean nothing else count: ``rusak`` may be the road, ``dibangun`` is built. Where the word stands
    ``alone``, as in a column of remarks, any does.
    """
    if alone and any(c.isalpha() for c in text) and (whole := known_word("status", text)):
        return whole if whole != "operational" else None
    inside = f"_{plain(text)}_"
    for word, status in spellings("status").items():
        telling = status in ("planned", "decommissioned") and len(word) >= 6 and word not in _OF_ELSE
        telling |= status != "operational" and word.startswith(("tidak_", "belum_", "akan_"))
        if telling and f"_{word}_" in inside:
            return status
    return None


def gather_words(field: str, values: pd.Series) -> tuple[pd.Series, list[MergedSpelling]]:
    """Kinds or statuses as schema terms; None where unknown."""
    counts = values[values != ""].value_counts()
    names = {text: known_word(field, str(text)) for text in counts.index}
    told = [
        MergedSpelling(field, str(text), name, int(counts[text]), "listed")
        for text, name in names.items()
        if name is not None and name != text
    ]
    return values.map(names).astype(object).where(values.isin([t for t, name in names.items() if name]), None), told


def gather_companies(
    field: str, values: pd.Series, keep: Collection[tuple[str, str]] = ()
) -> tuple[pd.Series, list[MergedSpelling]]:
    """Merge spellings of companies.

    Parameters
    ----------
    field : ``owner`` or ``operator``
    values : as written, empty for none; several in one cell stay one text
    keep : ``(field, spelling)`` pairs that stay as written
    """
    counts = values[values != ""].value_counts()
    known = spellings("company")
    by_key: dict[str, list[str]] = {}
    for text in counts.index:
        by_key.setdefault(company_key(str(text)), []).append(str(text))
    names: dict[str, str] = {}
    told: list[MergedSpelling] = []
    for key, texts in by_key.items():
        name = known.get(key) or max(texts, key=lambda text: (int(counts[text]), text))
        for text in texts:
            if (field, text) in keep or not key:
                names[text] = text
                continue
            names[text] = name
            if name != text:
                told.append(
                    MergedSpelling(field, text, name, int(counts[text]), "listed" if key in known else "same_letters")
                )
    return values.map(names).astype(object).where(values != "", None), told
