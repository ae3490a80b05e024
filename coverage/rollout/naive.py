"""Naive plan: down the ranking until the money is gone, for comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from coverage.rollout.problem import Choice, Problem, check_constraints, choice_of

Integers = npt.NDArray[np.int64]


def naive_choice(problem: Problem, ranking: Sequence[str]) -> Choice:
    """Go down the ranking; each village takes the measure that serves most, in the first year with money for it.

    Of measures that serve the same the cheaper comes first, with the trunk that it would need beside what is built;
    one that fits in no year gives way to the next, and a village of which none fits is passed over. So more money may
    serve fewer: an expensive village early in the ranking then takes the place of several later ones. Pinned villages
    come first, in their year; what is forbidden stays out. A minimum per subdistrict is not seen to.

    Parameters
    ----------
    problem : villages, options, trunk, money and constraints
    ranking : village codes, first to be served first; villages left out of it come last, by code

    Raises
    ------
    ParameterError
        If a constraint cannot be met by any plan (:func:`coverage.rollout.problem.check_constraints`).
    """
    check_constraints(problem)
    position = {code: place for place, code in enumerate(problem.villages)}
    listed = [code for code in dict.fromkeys(ranking) if code in position]
    rest = sorted(set(problem.villages) - set(listed))
    order = [*sorted(problem.pins), *(code for code in [*listed, *rest] if code not in problem.pins)]
    when = np.full(len(problem.village), -1, dtype=np.int64)
    for code in order:
        own = np.flatnonzero((problem.village == position[code]) & problem.allowed)
        year = problem.pins[code].year if code in problem.pins else None
        years = range(len(problem.years)) if year is None else [problem.years.index(year)]
        for option in own[np.lexsort((own, _lifetime(problem, when, own), -problem.people[own]))]:
            if _built(problem, when, int(option), years):
                break
    return choice_of(problem, when)


def _lifetime(problem: Problem, when: Integers, options: Integers) -> Integers:
    """Cost of each option over the plan's years, with the trunk that nothing built so far has brought."""
    cost, trunk = (
        capital + running * len(problem.years)
        for capital, running in ((problem.capital, problem.running), (problem.piece_capital, problem.piece_running))
    )
    missing = np.where(choice_of(problem, when).piece_year < 0, trunk, 0)
    chains = problem.needed_pieces(options)
    return np.array([cost[option] + missing[chain].sum() for option, chain in zip(options, chains, strict=True)])


def fill(problem: Problem, order: Integers) -> Choice:
    """Build options in order, each in the first affordable year, one a village.

    Pinned villages are left to :func:`naive_choice`.
    """
    when = np.full(len(problem.village), -1, dtype=np.int64)
    closed = {place for place, code in enumerate(problem.villages) if code in problem.pins}
    for option in order[problem.allowed[order]].tolist():
        village = int(problem.village[option])
        if village not in closed and _built(problem, when, option, range(len(problem.years))):
            closed.add(village)
    return choice_of(problem, when)


def _built(problem: Problem, when: Integers, option: int, years: Sequence[int]) -> bool:
    """Build an option in the first year with money for it and its trunk, then and in all later years."""
    for year in years:
        when[option] = year
        if choice_of(problem, when).within_budget(problem):
            return True
    when[option] = -1
    return False
