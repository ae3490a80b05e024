"""A rollout problem: villages, what could be built in each, the trunk that routes share, money and constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.base.errors import ParameterError, Place
from coverage.rollout.edits import PlanEdit, allowed, check_edits

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """Villages, options, trunk and money. Amounts are whole rupiah.

    Attributes
    ----------
    villages, subdistricts : code and subdistrict of each village
    village, people, capital, running, piece
        Of each option: position of its village, people newly served, capital, running cost a year, and the
        piece of trunk that it hangs on (-1: none).
    measure : name of each option's measure
    piece_parent, piece_capital, piece_running
        Of each piece of trunk: the piece that it hangs on (-1: an existing node), capital, running cost a
        year; parents stand before their children.
    years, budgets : budget years in order, and the money of each
    weights : weight of a person by village; 1 counts everybody the same
    edits : what was decided by hand
    minimum : least number of villages newly served by the end, by subdistrict
    running_in_budget : whether running cost is paid from the budget
    names : names of the villages by code, for messages
    """

    villages: tuple[str, ...]
    subdistricts: tuple[str, ...]
    village: Integers
    measure: tuple[str, ...]
    people: Integers
    capital: Integers
    running: Integers
    piece: Integers
    piece_parent: Integers
    piece_capital: Integers
    piece_running: Integers
    years: tuple[int, ...]
    budgets: Integers
    weights: Floats
    edits: tuple[PlanEdit, ...] = ()
    minimum: Mapping[str, int] = field(default_factory=dict)
    running_in_budget: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def pins(self) -> dict[str, PlanEdit]:
        """What is pinned, by village."""
        return {edit.village: edit for edit in self.edits if edit.action == "pin" and edit.village is not None}

    @cached_property
    def codes(self) -> npt.NDArray[Any]:
        """Code of each option's village."""
        return np.array(self.villages, dtype=str)[self.village.astype(np.int64)]

    @cached_property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Mark the options that were not ruled out by hand."""
        return allowed(self.edits, self.codes, np.array(self.measure, dtype=str))

    @property
    def gain(self) -> Floats:
        """Weighted people per option."""
        return self.people * self.weights[self.village]

    def needed_pieces(self, options: Integers) -> list[Integers]:
        """Pieces of trunk from each option to the existing node, nearest to the option first."""
        chains = []
        for first in self.piece[options]:
            chain, piece = [], int(first)
            while piece >= 0:
                chain.append(piece)
                piece = int(self.piece_parent[piece])
            chains.append(np.array(chain, dtype=np.int64))
        return chains


def joined(problems: Sequence[Problem], budgets: Mapping[int, int], running_in_budget: bool = True) -> Problem:
    """Problems of several regions as one under a common budget, without decisions by hand and minima."""
    of_villages, of_pieces = (
        np.concatenate([[0], np.cumsum([len(getattr(one, name)) for one in problems])]).astype(np.int64)
        for name in ("villages", "piece_parent")
    )

    def put(name: str, first: Integers | None = None) -> Any:
        parts = [getattr(one, name) for one in problems]
        if first is not None:
            parts = [np.where(part < 0, part, part + start) for part, start in zip(parts, first, strict=False)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)

    years = tuple(sorted(budgets))
    return Problem(
        villages=tuple(code for one in problems for code in one.villages),
        subdistricts=tuple(name for one in problems for name in one.subdistricts),
        village=put("village", of_villages),
        measure=tuple(name for one in problems for name in one.measure),
        people=put("people"),
        capital=put("capital"),
        running=put("running"),
        piece=put("piece", of_pieces),
        piece_parent=put("piece_parent", of_pieces),
        piece_capital=put("piece_capital"),
        piece_running=put("piece_running"),
        years=years,
        budgets=np.array([int(budgets[year]) for year in years], dtype=np.int64),
        weights=np.ones(int(of_villages[-1])),
        running_in_budget=running_in_budget,
    )


@dataclass(frozen=True)
class Choice:
    """Year (position in ``years``) of each option and piece of trunk; -1 for never."""

    option_year: Integers
    piece_year: Integers

    def people(self, problem: Problem) -> int:
        """People newly served by the end."""
        return int(problem.people[self.option_year >= 0].sum())

    def gain(self, problem: Problem) -> float:
        """Weighted people newly served by the end."""
        return float(problem.gain[self.option_year >= 0].sum())

    def spending(self, problem: Problem) -> tuple[Integers, Integers]:
        """Capital and running cost by year in rupiah."""
        capital, running = np.zeros((2, len(problem.years)), dtype=np.int64)
        for when, cost, upkeep in (
            (self.option_year, problem.capital, problem.running),
            (self.piece_year, problem.piece_capital, problem.piece_running),
        ):
            built = when >= 0
            np.add.at(capital, when[built], cost[built])
            np.add.at(running, when[built], upkeep[built])
        return capital, np.cumsum(running)

    def within_budget(self, problem: Problem) -> bool:
        """Whether no year spends more than its budget, to the rupiah."""
        capital, running = self.spending(problem)
        return bool((capital + running * problem.running_in_budget <= problem.budgets).all())


def choice_of(problem: Problem, option_year: Integers) -> Choice:
    """Complete a choice of options: a piece of trunk is built with the first option that needs it."""
    piece_year = np.full(len(problem.piece_parent), -1, dtype=np.int64)
    chosen = np.flatnonzero(option_year >= 0)
    for option, chain in zip(chosen, problem.needed_pieces(chosen), strict=True):
        year = option_year[option]
        earlier = chain[(piece_year[chain] < 0) | (piece_year[chain] > year)]
        piece_year[earlier] = year
    return Choice(option_year, piece_year)


def check_constraints(problem: Problem) -> None:
    """Refuse constraints that no plan can meet, one by one.

    Raises ParameterError ``rollout.minimum_impossible``, or that of :func:`coverage.rollout.edits.check_edits`.
    """
    possible: dict[str, list[str]] = {}
    for code, measure in zip(problem.codes.tolist(), problem.measure, strict=True):
        possible.setdefault(code, []).append(measure)
    check_edits(problem.edits, problem.years, possible, problem.names)
    open_ = set(problem.village[problem.allowed].tolist())
    for subdistrict, least in problem.minimum.items():
        most = sum(problem.subdistricts[village] == subdistrict for village in open_)
        if least > most:
            raise ParameterError("rollout.minimum_impossible", Place(value=least), subdistrict=subdistrict, most=most)


def why_infeasible(problem: Problem) -> ParameterError:
    """Tell which pin the money does not pay for, even alone; else all of them together."""
    told = {"years": ", ".join(map(str, problem.years))}
    for code, pin in problem.pins.items():
        years = range(len(problem.years)) if pin.year is None else [problem.years.index(pin.year)]
        own = np.flatnonzero((problem.codes == code) & problem.allowed)
        trunk = [problem.piece_capital[chain].sum() for chain in problem.needed_pieces(own)]
        alone = (_alone(problem, option, year) for option in own.tolist() for year in years)
        if not any(choice.within_budget(problem) for choice in alone):
            money = problem.budgets[list(years)].max()
            return ParameterError(
                "rollout.pin_too_dear",
                Place(value=code),
                village=problem.names.get(code, code),
                cost=int((problem.capital[own] + trunk).min()),
                budget=int(money),
                year=str(pin.year or told["years"]),
            )
    if problem.pins:
        villages = ", ".join(problem.names.get(code, code) for code in problem.pins)
        return ParameterError("rollout.pins_too_dear", Place(value=villages), **told)
    return ParameterError("rollout.infeasible", Place(value=told["years"]))


def _alone(problem: Problem, option: int, year: int) -> Choice:
    when = np.full(len(problem.village), -1, dtype=np.int64)
    when[option] = year
    return choice_of(problem, when)
