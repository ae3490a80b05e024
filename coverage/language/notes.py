"""Notes of a run in words: omissions, assumptions, missing data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coverage.language.words import Words

LACKING = (
    "elevation.note.missing_unknown",
    "elevation.note.missing_radius",
    "elevation.note.zeros",
    "core.note.",
    "imports.note.left_out",
)
"""Prefixes of codes for missing data: shown beside all figures."""
_COUNTS = ("villages", "villages_with_people")


def lacking_of(run: Mapping[str, Any], words: Words) -> list[str]:
    """Sentences on missing data."""
    notes = [note for note in run.get("notes") or () if str(note["code"]).startswith(LACKING)]
    return list(dict.fromkeys(note_sentence(note, words) for note in notes))


def note_sentence(note: Any, words: Words) -> str:
    """Sentence of a note or approximation in ``run.json``: a code, or a mapping with ``code`` and values."""
    if isinstance(note, Mapping):
        code, values = str(note.get("code", "")), {k: v for k, v in note.items() if k != "code"}
    else:
        code, values = str(note), {}
    for key in (f"core.mark.{code}", code):
        if words.has(key):
            return words(key, **{name: words.listed(value, _localised) for name, value in values.items()})
    return code if not values else f"{code}: " + ", ".join(f"{k} {v}" for k, v in values.items())


def mark_sentence(mark: str, run: Mapping[str, Any], words: Words) -> str:
    """Sentence of one of the run's ``approximations``, with the counts that it names."""
    counts = run.get("counts") or {}
    return note_sentence({"code": mark, **{name: counts.get(name) for name in _COUNTS}}, words)


def notes_of(run: Mapping[str, Any], words: Words) -> list[str]:
    """Notes of a run in order, without duplicates."""
    return list(dict.fromkeys(note_sentence(note, words) for note in run.get("notes") or ()))


def _localised(value: Any, words: Words) -> Any:
    """Localised values: numbers, names of rules and services."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return words.number(value, 3)
    for group in ("rule", "service"):
        if isinstance(value, str) and words.has(f"core.{group}.{value}"):
            return words(f"core.{group}.{value}")
    return value
