"""Edit conflicts: differences by field, and merging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from coverage.base.errors import StaleVersionError
from coverage.store.records import STORED, Record, same


@dataclass(frozen=True)
class Difference:
    """A field in the common base, in your change, and in theirs."""

    base: Any
    yours: Any
    theirs: Any

    @property
    def clash(self) -> bool:
        """Whether both changed it, to different values."""
        return not (same(self.base, self.yours) or same(self.base, self.theirs) or same(self.yours, self.theirs))


@dataclass(frozen=True)
class Conflict:
    """A change refused because another came first.

    Attributes
    ----------
    who, at : author and time of the current version
    """

    asset_id: str
    your_version: int
    their_version: int
    who: str
    at: str
    fields: dict[str, Difference]

    @property
    def clashes(self) -> list[str]:
        """Fields changed by both to different values."""
        return [name for name, difference in self.fields.items() if difference.clash]

    def merged(self, choices: Mapping[str, Literal["yours", "theirs"]] | None = None) -> dict[str, Any]:
        """Changes to send again with ``their_version``: fields changed by you alone, and clashes as ``choices``
        decides.

        Raises
        ------
        KeyError
            If a clash has no choice.
        """
        chosen = {name: (choices or {})[name] for name in self.clashes}
        return {
            name: difference.yours
            for name, difference in self.fields.items()
            if not same(difference.base, difference.yours)
            and chosen.get(name, "yours") == "yours"
            and not same(difference.yours, difference.theirs)
        }


def conflict_of(
    base: Record, yours: Mapping[str, Any], theirs: Record, versions: tuple[int, int], who: str, at: str
) -> Conflict:
    """Three-way comparison of an asset.

    ``yours`` holds the changed fields, ``versions`` your version and theirs.
    """
    fields = {}
    for name in STORED:
        difference = Difference(base[name], yours.get(name, base[name]), theirs[name])
        if not (same(difference.base, difference.yours) and same(difference.base, difference.theirs)):
            fields[name] = difference
    return Conflict(base["asset_id"], *versions, who, at, fields)


def stale(conflicts: list[Conflict]) -> StaleVersionError:
    """The error with ``conflicts``."""
    first = conflicts[0]
    return StaleVersionError(
        "store.stale",
        asset_id=first.asset_id,
        yours=first.your_version,
        theirs=first.their_version,
        who=first.who,
        at=first.at,
        count=len(conflicts),
        conflicts=conflicts,
    )
