"""Decisions by hand about a plan: what is pinned to a village or year, and what is forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from coverage.base.errors import ParameterError, Place


@dataclass(frozen=True)
class PlanEdit:
    """One decision by hand.

    Attributes
    ----------
    action : ``pin``: is built; ``forbid``: is not
    village : BPS code; None for every village (``forbid`` alone)
    measure : name; None for any
    year : budget year of a pin; None for any
    who, at : by whom of the office, and when (ISO date); None in a trial or on the command line
    paid_by : who pays in place of the district, so that a pin of a measure costs it nothing; None for the district
    """

    action: Literal["pin", "forbid"]
    village: str | None = None
    measure: str | None = None
    year: int | None = None
    who: str | None = None
    at: str | None = None
    paid_by: str | None = None


def with_edit(edits: Iterable[PlanEdit], new: PlanEdit) -> tuple[PlanEdit, ...]:
    """Add a decision; a pin takes the place of the one before in its village."""
    return (*(one for one in edits if not _replaced(one, new)), new)


def _replaced(one: PlanEdit, new: PlanEdit) -> bool:
    same = one.action == new.action and one.village == new.village
    return same and (new.action == "pin" or one.measure == new.measure)


def edits_from(wishes: Mapping[str, Any]) -> tuple[PlanEdit, ...]:
    """Read the decisions of a kept plan's request; plans of before had ``fixed``, ``fixed_measure``, ``excluded``."""
    if "edits" in wishes:
        return tuple(PlanEdit(**one) for one in wishes["edits"])
    pins = (
        PlanEdit("pin", str(code), wishes["fixed_measure"].get(code), int(at)) for code, at in wishes["fixed"].items()
    )
    return (*pins, *(PlanEdit("forbid", str(code)) for code in wishes["excluded"]))


def allowed(edits: Iterable[PlanEdit], codes: npt.NDArray[Any], measures: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Mark the options that no decision rules out.

    Parameters
    ----------
    codes, measures : village and measure of each option, shape (n,)
    """
    free = np.ones(len(codes), dtype=bool)
    for edit in edits:
        there = np.full(len(codes), True) if edit.village is None else codes == edit.village
        by_it = np.full(len(codes), True) if edit.measure is None else measures == edit.measure
        free &= ~(there & by_it) if edit.action == "forbid" else ~there | by_it
    return free


def paid_elsewhere(
    edits: Iterable[PlanEdit], codes: npt.NDArray[Any], measures: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Mark the options that somebody else pays.

    Parameters
    ----------
    codes, measures : village and measure of each option, shape (n,)
    """
    paid = np.zeros(len(codes), dtype=bool)
    for edit in edits:
        if edit.action == "pin" and edit.paid_by is not None:
            paid |= (codes == edit.village) & (measures == edit.measure)
    return paid


def check_edits(
    edits: Sequence[PlanEdit], years: Sequence[int], possible: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> None:
    """Refuse decisions that contradict each other or cannot be met, one by one.

    Parameters
    ----------
    years : the budget years
    possible : measures that are possible, by village
    names : names of villages by code

    Raises
    ------
    ParameterError
        ``rollout.fixed_year``, ``rollout.fixed_impossible`` or ``rollout.pin_forbidden``.
    """
    for pin in (edit for edit in edits if edit.action == "pin"):
        code = pin.village or ""
        village, offered = names.get(code, code), list(possible.get(code, ()))
        if pin.year is not None and pin.year not in years:
            raise ParameterError("rollout.fixed_year", Place(value=pin.year), village=village, offered=list(years))
        wanted = np.array([one for one in offered if pin.measure in (None, one)], dtype=str)
        if not len(wanted):
            raise ParameterError("rollout.fixed_impossible", Place(value=code), village=village, offered=offered)
        forbidden = [edit for edit in edits if edit.action == "forbid"]
        if not allowed(forbidden, np.full(len(wanted), code), wanted).any():
            raise ParameterError("rollout.pin_forbidden", Place(value=code), village=village)
