"""Relaxation: a bound on every plan, and the options that a near-optimal plan can hold.

All yearly budgets are combined into one surrogate constraint [1]_, each year's rupiah at its own price from the linear
relaxation. What is left is one knapsack over a tree, solved exactly in a fraction of a second. Its bound is tighter
than the linear relaxation's, because trunk is integral. By its reduced costs, options that cannot be in a plan within
the gap are eliminated.

References
----------
.. [1] Glover, F. (1975). Surrogate constraint duality in mathematical programming. Operations Research 23(3), 434-451.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from coverage.rollout.milp import Programme, linear, solve
from coverage.rollout.problem import Problem
from coverage.rollout.programme import MONEY, programme_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Relaxation:
    """Result of the relaxation.

    Attributes
    ----------
    bound : no plan serves more weighted people
    most : per option: bound on plans that hold it; minus infinity for options ruled out beforehand
    kernel : most promising options: those that one of the relaxations takes
    price, money : per option and piece of trunk at least what it takes of all the money, at the years' prices
    """

    bound: float
    most: Floats
    kernel: npt.NDArray[np.bool_]
    price: Floats
    money: float
    seconds: float

    def pool(self, floor: float) -> npt.NDArray[np.bool_]:
        """The options of all plans that serve more than ``floor``; every other plan serves at most that."""
        return self.most > floor - 1e-6

    def add_knapsack(self, programme: Programme, years: int) -> Programme:
        """Add the knapsack to a programme, as a cut."""
        row = np.zeros((len(self.price), years))
        row[:, -1] = self.price
        rows = csr_array(vstack([programme.rows, csr_array(row.reshape(1, -1))]))
        return replace(
            programme,
            rows=rows,
            row_lower=np.append(programme.row_lower, -np.inf),
            row_upper=np.append(programme.row_upper, self.money),
        )


def fitting(problem: Problem) -> npt.NDArray[np.bool_]:
    """Mark the options that the largest yearly budget can pay.

    A piece of trunk is built in the year of the first option behind it, so that one year pays at least the piece, the
    cheapest way from it to an option, and that option.
    """
    once, budget = problem.running_in_budget, problem.budgets.max(initial=0)
    own = problem.capital + problem.running * once
    least = np.full(len(problem.piece_parent), np.inf)
    hung = problem.piece >= 0
    np.minimum.at(least, problem.piece[hung], own[hung])
    for piece in range(len(least) - 1, -1, -1):
        least[piece] += problem.piece_capital[piece] + problem.piece_running[piece] * once
        parent = problem.piece_parent[piece]
        if parent >= 0:
            least[parent] = min(least[parent], least[piece])
    fits = own <= budget
    for option, chain in zip(np.flatnonzero(hung), problem.needed_pieces(np.flatnonzero(hung)), strict=True):
        fits[option] &= bool((least[chain] <= budget).all())
    return np.asarray(fits)


def relax(problem: Problem, programme: Programme, gap: float, seconds: float) -> Relaxation | None:
    """Bound a problem by its surrogate relaxation.

    Parameters
    ----------
    problem : villages, options, trunk, money and constraints
    gap : relative gap to which the relaxation itself is solved

    Returns
    -------
    Relaxation or None
        None where the relaxation has no solution, so that the problem has none either, or time ran out.
    """
    years, options = len(problem.years), len(problem.village)
    full = linear(programme, seconds)
    if full is None:
        return None
    out = programme.upper[: options * years].reshape(options, years).max(axis=1) == 0
    price, money = _prices(problem, full.prices[:years])
    single = _priced(problem, price, money, out)
    flat = linear(single, seconds)
    found = solve(single, gap, max(seconds - full.seconds, 0.1))
    if found.values is None or flat is None:
        return None
    chains = problem.needed_pieces(np.arange(options))
    trunk = np.array([flat.losses[options + chain].sum() for chain in chains])
    most = np.where(out, -np.inf, np.minimum(flat.value - flat.losses[:options] - trunk, found.bound))
    touched = full.values[: options * years].reshape(options, years)[:, -1] > 1e-6
    kernel = touched | (found.values[:options] > 0.5)
    seconds = full.seconds + flat.seconds + found.seconds
    return Relaxation(found.bound, most, kernel, price, money, seconds)


def _prices(problem: Problem, prices: Floats) -> tuple[Floats, float]:
    """Every option and piece at the cheapest price of any year to build it in, and the money at the same prices."""
    later = np.cumsum(prices[::-1])[::-1] * problem.running_in_budget
    capital = np.concatenate([problem.capital, problem.piece_capital])
    running = np.concatenate([problem.running, problem.piece_running])
    by_year = capital[:, None] * prices + running[:, None] * later
    scale = max(float(prices.max(initial=0.0)), 1e-9) * MONEY
    return by_year.min(axis=1) / scale, float(prices @ problem.budgets) / scale


def _priced(problem: Problem, price: Floats, money: float, out: npt.NDArray[np.bool_]) -> Programme:
    """One year, one budget, all options but those ``out``."""
    edits = tuple(replace(edit, year=None) for edit in problem.edits)
    at_once = replace(problem, years=(0,), budgets=np.zeros(1, dtype=np.int64), edits=edits)
    programme = programme_of(at_once)
    rows, upper = programme.rows.copy(), programme.row_upper.copy()
    first = slice(rows.indptr[0], rows.indptr[1])
    rows.data[first] = price[rows.indices[first]]
    upper[0] = money
    return limited(at_once, replace(programme, rows=rows, row_upper=upper), ~out)


def limited(problem: Problem, programme: Programme, options: npt.NDArray[np.bool_]) -> Programme:
    """The programme with only the options marked, and those of pinned villages."""
    pinned = np.isin(problem.codes, list(problem.pins))
    upper = programme.upper.copy()
    count = len(problem.village) * len(problem.years)
    upper[:count][np.repeat(~(options | pinned), len(problem.years))] = 0
    return replace(programme, upper=upper)


def window_of(problem: Problem, programme: Programme, values: Floats, free: npt.NDArray[np.bool_]) -> Programme:
    """The programme with every option but the free ones left as it is in ``values``."""
    count = len(problem.village) * len(problem.years)
    held = np.repeat(~free, len(problem.years))
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:count][held] = values[:count][held]
    upper[:count][held] = values[:count][held]
    return replace(programme, lower=lower, upper=upper)
