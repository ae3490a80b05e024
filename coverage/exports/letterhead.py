"""Letterhead and signature of an office on its papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Letterhead:
    """What the papers of an office begin and end with; empty where it was not said.

    Attributes
    ----------
    government, office, address : lines of the head
    place, position, signatory, number : where it is signed, by whom in which position, and their employee number (NIP)
    """

    government: str = ""
    office: str = ""
    address: str = ""
    place: str = ""
    position: str = ""
    signatory: str = ""
    number: str = ""


FIELDS = tuple(field.name for field in fields(Letterhead))


def letterhead_of(kept: Any) -> Letterhead:
    """The letterhead that an office decided; an empty one where it decided none."""
    if isinstance(kept, Letterhead):
        return kept
    found = kept if isinstance(kept, Mapping) else {}
    return Letterhead(**{name: str(found.get(name, "")) for name in FIELDS})
