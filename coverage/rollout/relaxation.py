"""Relaxation: what no plan can exceed, and which options are worth looking at first.

All yearly budgets are put together into one, each year's rupiah at its own price (the surrogate constraint of
Glover, 1975), priced by the linear relaxation. What is left is one knapsack over a tree, which is solved
exactly in a fraction of a second and whose value is at least that of every plan. It is a tighter bound than
the linear relaxation, because trunk is whole again; and what it selects, with what the linear relaxation
touches, is a good kernel to search first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.rollout.milp import Programme, linear, solve
from coverage.rollout.problem import Problem
from coverage.rollout.programme import MONEY, programme_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Relaxation:
    """No plan serves more than ``bound`` weighted people; ``kernel`` marks the options that promise most."""

    bound: float
    kernel: npt.NDArray[np.bool_]
    seconds: float


def relax(problem: Problem, programme: Programme, gap: float, seconds: float) -> Relaxation | None:
    """Bound a problem by its surrogate relaxation.

    Parameters
    ----------
    problem
        Villages, options, trunk, money and wishes.
    programme
        The problem as a programme, budget rows first.
    gap
        Relative gap to which the relaxation itself is solved.
    seconds
        Time limit.

    Returns
    -------
    Relaxation or None
        None where the relaxation has no solution, so that the problem has none either, or time ran out.
    """
    years, options = len(problem.years), len(problem.village)
    values, prices, spent = linear(programme, seconds)
    if values is None:
        return None
    single = _priced(problem, prices[:years])
    found = solve(single, gap, max(seconds - spent, 0.1))
    if found.values is None:
        return None
    touched = values[:options * years].reshape(options, years)[:, -1] > 1e-6
    return Relaxation(found.bound, touched | (found.values[:options] > 0.5), spent + found.seconds)


def _priced(problem: Problem, prices: Floats) -> Programme:
    """One year, one budget: every option and piece at the cheapest price of any year to build it in."""
    later = np.cumsum(prices[::-1])[::-1] * problem.running_in_budget

    def price(capital: npt.NDArray[np.int64], running: npt.NDArray[np.int64]) -> Floats:
        by_year = capital[:, None] * prices + running[:, None] * later
        return np.asarray(by_year.min(axis=1) / MONEY)

    at_once = replace(problem, years=(0,), budgets=np.zeros(1, dtype=np.int64),
                      fixed=dict.fromkeys(problem.fixed, 0))
    programme = programme_of(at_once)
    cost = np.concatenate([price(problem.capital, problem.running),
                           price(problem.piece_capital, problem.piece_running)])
    rows, upper = programme.rows.copy(), programme.row_upper.copy()
    first = slice(rows.indptr[0], rows.indptr[1])
    rows.data[first] = cost[rows.indices[first]]
    upper[0] = float(prices @ problem.budgets) / MONEY
    return replace(programme, rows=rows, row_upper=upper)


def kernel_of(problem: Problem, programme: Programme, kernel: npt.NDArray[np.bool_]) -> Programme:
    """The programme with only the options of a kernel, and those of villages with a fixed year."""
    fixed = np.array([problem.villages[v] in problem.fixed for v in problem.village], dtype=bool)
    upper = programme.upper.copy()
    count = len(problem.village) * len(problem.years)
    upper[:count][np.repeat(~(kernel | fixed), len(problem.years))] = 0
    return replace(programme, upper=upper)


def window_of(problem: Problem, programme: Programme, values: Floats, free: npt.NDArray[np.bool_]) -> Programme:
    """The programme with every option but the free ones left as it is in ``values``."""
    count = len(problem.village) * len(problem.years)
    held = np.repeat(~free, len(problem.years))
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:count][held] = values[:count][held]
    upper[:count][held] = values[:count][held]
    return replace(programme, lower=lower, upper=upper)
