"""The state of the signal that a report claims: in words, or as codes of an edition of Podes, the village census."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coverage.imports.raw import Note
from coverage.imports.spellings import known_word
from coverage.readers.vocabulary import spellings

CODES = frozenset("1234")
FOUR_CLASSES = 2018
"""From this edition on there are four classes of signal, before there were three."""


def are_codes(values: Sequence[str]) -> bool:
    """Whether a column of signals holds nothing but the codes of the village census."""
    return bool(values) and {_bare(value) for value in values} <= CODES


def read_claims(values: Sequence[str], said: str) -> tuple[list[str | None], list[Note]]:
    """Read the claims of a column.

    Parameters
    ----------
    said
        Header, title and file name: codes are read where these name the year of the edition, or a fourth class occurs.

    Returns
    -------
    list of str or None
        ``blank``, ``weak`` or ``served``; None where a cell says none of them.
    list of Note
        Which edition the codes were read by.
    """
    filled = [value for value in values if value]
    if not are_codes(filled):
        return [known_word("claim", value) if value else None for value in values], []
    edition = _edition({_bare(value) for value in filled}, said)
    if edition is None:
        return [None] * len(values), []
    codes = spellings(f"podes_{edition}")
    return [codes.get(_bare(value)) for value in values], [(f"imports.note.podes_{edition}", {"count": len(filled)})]


def _edition(codes: set[str], said: str) -> str | None:
    years = {int(year) for year in re.findall(r"(?<!\d)20[0-3]\d(?!\d)", said)}
    if "4" in codes or (years and min(years) >= FOUR_CLASSES):
        return "since_2018"
    return "until_2014" if years and max(years) < FOUR_CLASSES else None


def _bare(value: str) -> str:
    return re.sub(r"\.0$", "", value.strip())
