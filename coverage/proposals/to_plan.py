"""Approved proposals in the plan: what somebody else pays is built there at no cost to the district."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import pandas as pd

from coverage.proposals.proposal import Proposal
from coverage.proposals.rules import Channel, ProposalRules
from coverage.rollout.edits import PlanEdit


def paid_pins(
    proposals: Iterable[Proposal],
    rules: ProposalRules,
    years: Collection[int],
    name_of: Callable[[Channel], str],
    measures: pd.DataFrame | None = None,
) -> tuple[PlanEdit, ...]:
    """Pins of proposals that are approved, and paid by others than the district; one a village, the earliest.

    Parameters
    ----------
    years : the budget years; what was to come earlier comes in the first of them, what comes later is left out
    name_of : what a channel is called
    measures : Table MEASURES, where it is known: what is not possible is left out
    """
    possible = None if measures is None else measures[measures["possible"].astype(bool)]
    known = None if possible is None else set(zip(possible["village_code_bps"], possible["measure"], strict=True))
    pins: dict[str, PlanEdit] = {}
    for one in sorted(proposals, key=lambda one: (one.year, one.proposal_id)):
        channel = rules.channels[one.channel]
        if channel.costs_district or not rules.stages[one.stage].funded or one.year > max(years):
            continue
        if known is None or (one.village_code_bps, one.asked) in known:
            year = max(one.year, min(years))
            pin = PlanEdit("pin", one.village_code_bps, one.asked, year, paid_by=name_of(channel))
            pins.setdefault(one.village_code_bps, pin)
    return tuple(pins.values())
