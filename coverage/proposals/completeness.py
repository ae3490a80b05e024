"""What a channel asks for, how much of it a proposal has, and by whom the rest can be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from coverage.proposals.proposal import Attachment, Proposal
from coverage.proposals.rules import Item, ProposalRules

Origin = Literal["place", "answer", "run", "files"]


@dataclass(frozen=True)
class ItemState:
    """One item of a channel's list.

    Attributes
    ----------
    value : what is said of it; None where nothing is
    origin : where that is from
    files : those of the item
    count : number of its files, with photos from the phone near the point
    done : whether it is whole
    """

    key: str
    item: Item
    value: str | None
    origin: Origin | None
    files: tuple[Attachment, ...]
    count: int
    done: bool


def completeness(
    proposal: Proposal, rules: ProposalRules, known: Mapping[str, str], photos: int = 0
) -> list[ItemState]:
    """State of every item of the proposal's channel, in the order in which it asks.

    Parameters
    ----------
    known : what the run knows of the point, in words, by :attr:`coverage.proposals.rules.Item.filled`
    photos : number of photos that came from the phone near the point
    """
    return [_state(key, rules.items[key], proposal, known, photos) for key in rules.channels[proposal.channel].items]


def missing(states: list[ItemState]) -> list[ItemState]:
    """Items that are not whole."""
    return [state for state in states if not state.done]


def _state(key: str, item: Item, proposal: Proposal, known: Mapping[str, str], photos: int) -> ItemState:
    files = tuple(file for file in proposal.files if file.item == key)
    said = proposal.answers.get(key)
    value, origin = (said, "answer") if said else (known.get(item.filled), "run")
    if item.filled == "place":
        place = f"{proposal.lat:.6f}, {proposal.lon:.6f}" if proposal.has_place else None
        value, origin = place, "place"
    count = len(files) + photos * (item.filled == "photos")
    if item.files:
        return ItemState(key, item, said, "files" if count else None, files, count, count >= item.files)
    return ItemState(key, item, value, origin if value else None, files, count, bool(value))  # type: ignore[arg-type]
