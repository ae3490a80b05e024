"""A rollout problem: villages, what could be built in each, the trunk that routes share, money and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coverage.base.errors import ParameterError, Place

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
    fixed, fixed_measure
        Villages by code that must be served in a given year, and by which measure where that is fixed too.
    excluded : villages in which nothing is built
    minimum : least number of villages newly served by the end, by subdistrict
    running_in_budget : whether running cost is paid from the budget
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
    fixed: Mapping[str, int] = field(default_factory=dict)
    fixed_measure: Mapping[str, str] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    minimum: Mapping[str, int] = field(default_factory=dict)
    running_in_budget: bool = True

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

    Raises ParameterError ``rollout.fixed_year``, ``rollout.fixed_impossible`` or ``rollout.minimum_impossible``.
    """
    possible = {problem.villages[v] for v in problem.village} - problem.excluded
    for code, year in problem.fixed.items():
        if year not in problem.years:
            raise ParameterError("rollout.fixed_year", Place(value=year), village=code, offered=list(problem.years))
        measure = problem.fixed_measure.get(code)
        fits = [name for v, name in zip(problem.village, problem.measure, strict=True) if problem.villages[v] == code]
        if code not in possible or (measure is not None and measure not in fits):
            raise ParameterError("rollout.fixed_impossible", Place(value=code), measure=measure or "", offered=fits)
    for subdistrict, least in problem.minimum.items():
        most = len({problem.villages[v] for v in problem.village if problem.subdistricts[v] == subdistrict} & possible)
        if least > most:
            raise ParameterError("rollout.minimum_impossible", Place(value=least), subdistrict=subdistrict, most=most)
