"""When two people changed the same asset: what each did, field by field, and putting it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from coverage.base.errors import StaleVersionError
from coverage.store.records import STORED, Record, same


@dataclass(frozen=True)
class Difference:
    """One field: what it was when both began, what you made of it, and what the other one made of it."""

    base: Any
    yours: Any
    theirs: Any

    @property
    def clash(self) -> bool:
        """Whether both changed it, and not to the same."""
        return not (same(self.base, self.yours) or same(self.base, self.theirs) or same(self.yours, self.theirs))


@dataclass(frozen=True)
class Conflict:
    """A change that was refused because another one came first.

    Attributes
    ----------
    asset_id, your_version, their_version
        The asset, the version that you saw, and the one that is there.
    who, at
        Who made the one that is there, and when.
    fields
        Every field that either of you changed.
    """

    asset_id: str
    your_version: int
    their_version: int
    who: str
    at: str
    fields: dict[str, Difference]

    @property
    def clashes(self) -> list[str]:
        """The fields that both changed, to different values."""
        return [name for name, difference in self.fields.items() if difference.clash]

    def merged(self, choices: Mapping[str, Literal["yours", "theirs"]] | None = None) -> dict[str, Any]:
        """The changes to send again, with version ``their_version``.

        Fields that only you changed are yours, fields that only the other one changed stay; of the others
        ``choices`` decides.

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
    """Compare three states of an asset.

    ``yours`` holds the fields that you change, ``versions`` your version and theirs.
    """
    fields = {}
    for name in STORED:
        difference = Difference(base[name], yours.get(name, base[name]), theirs[name])
        if not (same(difference.base, difference.yours) and same(difference.base, difference.theirs)):
            fields[name] = difference
    return Conflict(base["asset_id"], *versions, who, at, fields)


def stale(conflicts: list[Conflict]) -> StaleVersionError:
    """The error that carries them, in its detail ``conflicts``."""
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
