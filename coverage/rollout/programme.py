"""The rollout problem as a mixed-integer programme.

One 0/1 variable per option and year, "built by the end of that year". A village takes at most one option; a
fibre option needs every piece of trunk between it and the existing node, and a piece is built in the year of
the first village that needs it, so that it need not be asked to be whole. Each year's budget carries the
capital of what is built in that year and, unless told otherwise, the running cost of everything built so far.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from coverage.rollout.milp import Programme
from coverage.rollout.problem import Choice, Problem, choice_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MONEY = 1e6
"""Rows of money are in millions of rupiah, so that no number in the programme is very large."""


class _Constraints:
    """Constraint rows as triplets."""

    def __init__(self) -> None:
        self._row: list[Integers] = []
        self._column: list[Integers] = []
        self._value: list[Floats] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._count = 0

    def add(self, row: Integers, column: Integers, value: Floats, lower: float | Floats, upper: float | Floats) -> None:
        """Add rows numbered from 0; ``lower`` and ``upper`` are for all of them or for each."""
        count = int(row.max()) + 1 if len(row) else 0
        self._row.append(row + self._count)
        self._column.append(column)
        self._value.append(value)
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (count,)))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (count,)))
        self._count += count

    def at_most(self, smaller: Integers, larger: Integers) -> None:
        """Add x[smaller] <= x[larger]."""
        rows, ones = np.arange(len(smaller)), np.ones(len(smaller))
        self.add(
            np.concatenate([rows, rows]), np.concatenate([smaller, larger]), np.concatenate([ones, -ones]), -np.inf, 0.0
        )

    def matrix(self, columns: int) -> tuple[csr_array, Floats, Floats]:
        """Matrix and bounds."""
        triplets = (np.concatenate(self._value), (np.concatenate(self._row), np.concatenate(self._column)))
        matrix = csr_array(coo_array(triplets, shape=(self._count, columns)))
        return matrix, np.concatenate(self._lower), np.concatenate(self._upper)


def programme_of(problem: Problem) -> Programme:
    """Objective one (people). Columns: options by year, then pieces by year; rows: budgets first."""
    years, options, pieces = len(problem.years), len(problem.village), len(problem.piece_parent)
    option = np.arange(options * years).reshape(options, years)
    piece = options * years + np.arange(pieces * years).reshape(pieces, years)
    rows = _Constraints()
    _budget_rows(rows, problem, np.vstack([option, piece]))
    both = np.vstack([option, piece])
    rows.at_most(both[:, :-1].ravel(), both[:, 1:].ravel())
    rows.add(problem.village, option[:, -1], np.ones(options), -np.inf, 1.0)
    hung = problem.piece >= 0
    rows.at_most(option[hung].ravel(), piece[problem.piece[hung]].ravel())
    behind = problem.piece_parent >= 0
    rows.at_most(piece[behind].ravel(), piece[problem.piece_parent[behind]].ravel())
    _no_idle_trunk(rows, problem, option, piece)
    _constraint_rows(rows, problem, option)
    lower, upper = _bounds(problem, option, options * years + pieces * years)
    objective = np.zeros(len(lower))
    objective[option[:, -1]] = problem.gain
    whole = np.zeros(len(lower), dtype=bool)
    whole[option.ravel()] = True
    matrix, row_lower, row_upper = rows.matrix(len(lower))
    return Programme(objective, lower, upper, whole, matrix, row_lower, row_upper)


def _budget_rows(rows: _Constraints, problem: Problem, both: Integers) -> None:
    capital = np.concatenate([problem.capital, problem.piece_capital]) / MONEY
    running = np.concatenate([problem.running, problem.piece_running]) / MONEY * problem.running_in_budget
    years = len(problem.years)
    year = np.broadcast_to(np.arange(years), both.shape)
    now = np.broadcast_to((capital + running)[:, None], both.shape)
    before = np.broadcast_to(-capital[:, None], both[:, :-1].shape)
    rows.add(
        np.concatenate([year.ravel(), year[:, 1:].ravel()]),
        np.concatenate([both.ravel(), both[:, :-1].ravel()]),
        np.concatenate([now.ravel(), before.ravel()]),
        -np.inf,
        problem.budgets / MONEY,
    )


def _no_idle_trunk(rows: _Constraints, problem: Problem, option: Integers, piece: Integers) -> None:
    """A piece is not built before what hangs on it: piece <= sum of its options and child pieces."""
    pieces, years = piece.shape
    if not pieces:
        return
    hung, behind = np.flatnonzero(problem.piece >= 0), np.flatnonzero(problem.piece_parent >= 0)
    owner = np.concatenate([np.arange(pieces), problem.piece[hung], problem.piece_parent[behind]])
    columns = np.vstack([piece, option[hung], piece[behind]])
    sign = np.concatenate([np.ones(pieces), -np.ones(len(hung) + len(behind))])
    row = owner[:, None] * years + np.arange(years)
    rows.add(row.ravel(), columns.ravel(), np.repeat(sign, years), -np.inf, 0.0)


def _constraint_rows(rows: _Constraints, problem: Problem, option: Integers) -> None:
    """Constraints of pinned villages and minima by subdistrict."""
    of_option = np.array([problem.subdistricts[v] for v in problem.village])
    for code, pin in sorted(problem.pins.items()):
        here = np.flatnonzero(problem.codes == code)
        column = option[here, -1 if pin.year is None else problem.years.index(pin.year)]
        rows.add(np.zeros(len(here), dtype=np.int64), column, np.ones(len(here)), 1.0, 1.0)
    for subdistrict, least in sorted(problem.minimum.items()):
        there = np.flatnonzero(of_option == subdistrict)
        if least > 0:
            column = option[there, -1]
            rows.add(np.zeros(len(there), dtype=np.int64), column, np.ones(len(there)), float(least), np.inf)


def _bounds(problem: Problem, option: Integers, columns: int) -> tuple[Floats, Floats]:
    lower, upper = np.zeros(columns), np.ones(columns)
    upper[option[~problem.allowed]] = 0
    for code, pin in problem.pins.items():
        if pin.year is not None:
            upper[option[problem.codes == code, : problem.years.index(pin.year)]] = 0
    return lower, upper


def people_years(problem: Problem) -> Floats:
    """Objective two: weighted people times years served within the plan."""
    aim = np.zeros((len(problem.village) + len(problem.piece_parent)) * len(problem.years))
    aim[: len(problem.village) * len(problem.years)] = np.repeat(problem.gain, len(problem.years))
    return aim


def money(problem: Problem) -> Floats:
    """Objective three: capital, and running cost from building on, in millions of rupiah."""
    years = len(problem.years)
    capital = np.concatenate([problem.capital, problem.piece_capital]) / MONEY
    running = np.concatenate([problem.running, problem.piece_running]) / MONEY
    by_year = np.repeat(running[:, None], years, axis=1)
    by_year[:, -1] += capital
    return by_year.ravel()


def choice_from(problem: Problem, values: Floats) -> Choice:
    """Decode a solution."""
    years = len(problem.years)
    built = values[: len(problem.village) * years].reshape(-1, years) > 0.5
    return choice_of(problem, np.where(built.any(axis=1), built.argmax(axis=1), -1).astype(np.int64))


def values_of(problem: Problem, choice: Choice) -> Floats:
    """Encode a choice."""
    when = np.concatenate([choice.option_year, choice.piece_year])[:, None]
    return ((when >= 0) & (np.arange(len(problem.years)) >= when)).astype(np.float64).ravel()


@dataclass(frozen=True)
class Form:
    """A programme of the problem, in columns of its own.

    Attributes
    ----------
    programme : the rows and bounds in these columns
    summed : positions (options, years) of the columns that say "built in that year" and not "built by the end of it"
    counts : from all other columns to the columns at the end that only count
    """

    programme: Programme
    summed: Integers
    counts: csr_array

    def by_end(self, values: Floats) -> Floats:
        """Values of these columns as "built by the end of each year"."""
        by_end = values[: self.counts.shape[1]].copy()
        by_end[self.summed] = np.cumsum(by_end[self.summed], axis=1)
        return by_end

    def own(self, by_end: Floats) -> Floats:
        """Values "built by the end of each year" in these columns."""
        own = by_end.copy()
        own[self.summed] = np.diff(by_end[self.summed], axis=1, prepend=0.0)
        return np.concatenate([own, self.counts @ own])


def by_end_of_year(problem: Problem, programme: Programme) -> Form:
    """The programme as it is."""
    return Form(programme, np.zeros((0, len(problem.years)), dtype=np.int64), csr_array((0, len(programme.objective))))


def in_own_year(problem: Problem, programme: Programme) -> Form:
    """The same programme with options that hang on no trunk as "built in that year".

    Each year's money is then a plain knapsack of these options: what does not fit together in one year is ruled out,
    which matters where a year pays for few of them. Options that cost the same are counted, year by year, and the
    counts alone are asked to be whole: which village gets which is then a flow from villages to counts, and flows
    between whole numbers are whole. Few whole numbers stand for many options that only differ in people.
    """
    years, columns = len(problem.years), len(programme.objective)
    alone = np.flatnonzero(problem.piece < 0)
    summed = alone[:, None] * years + np.arange(years)
    later, sooner = np.tril_indices(years)
    other = np.setdiff1d(np.arange(columns), summed.ravel())
    sums = _ones(
        np.concatenate([other, summed[:, later].ravel()]),
        np.concatenate([other, summed[:, sooner].ravel()]),
        (columns, columns),
    )
    rows = csr_array(programme.rows @ sums)
    rows.data[np.abs(rows.data) < 1e-9] = 0.0
    rows.eliminate_zeros()
    upper = programme.upper.copy()
    cost = (problem.capital + problem.running * problem.running_in_budget)[alone]
    upper[summed] = np.where(cost[:, None] > problem.budgets, 0.0, upper[summed])
    turned = replace(programme, objective=sums.T @ programme.objective, rows=rows, upper=upper)
    open_ = programme.upper[summed].max(axis=1, initial=0.0) > 0
    counts = _counts(problem, alone[open_], summed[open_], columns)
    return Form(_counting(turned, counts), summed, counts)


def _counts(problem: Problem, options: Integers, own: Integers, columns: int) -> csr_array:
    """How many options of each price are built in each year: rows by price and year, prices of one option left out."""
    price = np.column_stack([problem.capital[options], problem.running[options]])
    _, of, size = np.unique(price, axis=0, return_inverse=True, return_counts=True)
    number = np.cumsum(size > 1) - 1
    several = (size > 1)[of.ravel()]
    years = own.shape[1]
    row = number[of.ravel()[several], None] * years + np.arange(years)
    return _ones(row.ravel(), own[several].ravel(), (int((size > 1).sum()) * years, columns))


def _counting(programme: Programme, counts: csr_array) -> Programme:
    """Append whole columns equal to the counts."""
    more = counts.shape[0]
    if not more:
        return programme
    none = csr_array((programme.rows.shape[0], more))
    rows = csr_array(vstack([hstack([programme.rows, none]), hstack([counts, -eye_array(more)])]))
    zero = np.zeros(more)
    whole = programme.whole.copy()
    whole[np.unique(counts.indices)] = False
    return Programme(
        np.append(programme.objective, zero),
        np.append(programme.lower, zero),
        np.append(programme.upper, counts.sum(axis=1)),
        np.append(whole, np.ones(more, dtype=bool)),
        rows,
        np.append(programme.row_lower, zero),
        np.append(programme.row_upper, zero),
    )


def _ones(row: Integers, column: Integers, shape: tuple[int, int]) -> csr_array:
    return csr_array(coo_array((np.ones(len(row)), (row, column)), shape=shape))
