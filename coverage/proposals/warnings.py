"""What somebody should look at in the register: asked twice, served by now, still blank, late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from coverage.base.projection import WGS84
from coverage.proposals.proposal import Proposal
from coverage.proposals.rules import ProposalRules


@dataclass(frozen=True)
class PointFacts:
    """What a run and the field know of a proposal's point.

    Attributes
    ----------
    served : whether the rule surely counts it as served, or surely as blank (False); None where neither is sure
    pocket : number of the blank pocket that it lies in; None outside of any, and where the point is not known
    silent : ISO dates of measurements around it that found no signal
    elsewhere : name of the village that it lies in, where that is another one
    """

    served: bool | None = None
    pocket: int | None = None
    silent: tuple[str, ...] = ()
    elsewhere: str | None = None


class ProposalWarning(NamedTuple):
    """A sentence of the locale (``proposals.warning.<code>``) with its values; ``about`` is another proposal."""

    code: str
    values: Mapping[str, Any]
    about: str | None = None


def warnings_of(
    proposals: Sequence[Proposal],
    rules: ProposalRules,
    today: str,
    deadlines: Mapping[str, str],
    facts: Mapping[str, PointFacts],
) -> dict[str, list[ProposalWarning]]:
    """Warnings by proposal.

    Parameters
    ----------
    proposals : of one region
    today : ISO date
    deadlines : ISO date by channel, where an office sets one
    facts : by proposal; without any, nothing is said of service and pockets

    Returns
    -------
    dict
        In the order of ``proposals``; those without a warning are left out.
    """
    found = {}
    for one in proposals:
        own = facts.get(one.proposal_id, PointFacts())
        told = [
            *_asked_before(one, proposals, rules),
            *_of_point(one, rules, own),
            *_deadline(one, rules, today, deadlines.get(one.channel)),
            *_same_pocket(one, own, proposals, rules, facts),
        ]
        if own.elsewhere is not None:
            told.append(ProposalWarning("elsewhere", {"village": own.elsewhere}))
        if not one.has_place and rules.stages[one.stage].open:
            told.append(ProposalWarning("no_place", {}))
        if told:
            found[one.proposal_id] = told
    return found


def same_point(one: Proposal, other: Proposal, rules: ProposalRules) -> bool:
    """Whether two proposals are of one point: near each other, or the same hamlet where a point is not known."""
    if one.village_code_bps != other.village_code_bps and not (one.has_place and other.has_place):
        return False
    if one.has_place and other.has_place:
        return WGS84.inv(one.lon, one.lat, other.lon, other.lat)[2] <= rules.same_place_m  # type: ignore[no-any-return]
    return (one.hamlet or "").casefold() == (other.hamlet or "").casefold()


def _asked_before(one: Proposal, others: Sequence[Proposal], rules: ProposalRules) -> Iterator[ProposalWarning]:
    if not rules.stages[one.stage].open:
        return
    for other in others:
        if other.year < one.year and rules.stages[other.stage].open and same_point(one, other, rules):
            values = {"year": str(other.year), "channel": other.channel, "stage": other.stage}
            yield ProposalWarning("asked_before", {**values, "other": other.proposal_id}, other.proposal_id)


def _of_point(one: Proposal, rules: ProposalRules, own: PointFacts) -> Iterator[ProposalWarning]:
    stage = rules.stages[one.stage]
    if not stage.built:
        if stage.open and one.has_place and own.served:
            yield ProposalWarning("served", {})
        return
    since = {"stage": one.stage, "since": one.stage_on}
    after = [date for date in own.silent if date >= one.stage_on]
    if after:
        yield ProposalWarning("still_blank", {**since, "count": len(after), "last": max(after)})
    elif one.has_place and own.served is False:
        yield ProposalWarning("still_blank_on_map", since)


def _deadline(one: Proposal, rules: ProposalRules, today: str, until: str | None) -> Iterator[ProposalWarning]:
    if until is None or not rules.stages[one.stage].ours:
        return
    days = (dt.date.fromisoformat(until) - dt.date.fromisoformat(today)).days
    values = {"channel": one.channel, "date": until, "days": abs(days), "stage": one.stage}
    if days < 0:
        yield ProposalWarning("deadline_past", values)
    elif days <= rules.near_days:
        yield ProposalWarning("deadline", values)


def _same_pocket(
    one: Proposal, own: PointFacts, others: Sequence[Proposal], rules: ProposalRules, facts: Mapping[str, PointFacts]
) -> Iterator[ProposalWarning]:
    if not own.pocket or not rules.stages[one.stage].open:
        return
    for other in others:
        there = facts.get(other.proposal_id, PointFacts()).pocket
        same = other.village_code_bps == one.village_code_bps and there == own.pocket
        again = other.year != one.year and same_point(one, other, rules)
        if same and not again and other.proposal_id != one.proposal_id and rules.stages[other.stage].open:
            yield ProposalWarning("same_pocket", {"other": other.proposal_id, "name": other.name}, other.proposal_id)
