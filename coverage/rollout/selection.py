"""Selection: what to build in which year, so that a budget serves the most people; exact.

The programme is that of :mod:`coverage.rollout.programme`; money left over does not pass to the next year. Three
objectives in this order: the most people newly served by the end (weighted, if asked), served as early as possible
(people x years), for the least money over the years of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from coverage.base.errors import ParameterError
from coverage.rollout.milp import Programme, Progress, Solution, Watch, solve
from coverage.rollout.naive import fill
from coverage.rollout.problem import Choice, Problem, check_constraints, choice_of, why_infeasible
from coverage.rollout.programme import (
    MONEY,
    Form,
    by_end_of_year,
    choice_from,
    in_own_year,
    money,
    people_years,
    programme_of,
    values_of,
)
from coverage.rollout.relaxation import Relaxation, fitting, limited, relax, window_of

Floats = npt.NDArray[np.float64]

KERNEL_SHARE = 0.35
"""Share of the time for the most promising options, all years together."""
POOL_SHARE = 0.6
"""Share of the time then left for all options of a near-optimal plan."""
WINDOWS_SHARE = 0.7
"""Share of the time then left for re-optimising every two years, before the full search."""
PULSE = 0.1
"""Seconds between progress callbacks."""
WINDOW_SECONDS = 2.0
"""Time limit of one window."""
ALIKE = 1 / 3
"""Counting options of one price is used where it leaves this share of integers or less."""
PARTED = 1e-5
"""Tolerance of integrality of a village."""


@dataclass(frozen=True)
class Selection:
    """A choice with its proof.

    No plan serves more than ``bound`` weighted people; ``gap`` is relative to this one. ``status``: ``optimal`` (within
    the gap asked for), ``limit`` (out of time) or ``stopped``.
    """

    choice: Choice
    bound: float
    gap: float
    status: str
    seconds: float


def select(
    problem: Problem,
    gap: float = 0.001,
    seconds: float = 60.0,
    start: Choice | None = None,
    watch: Watch | None = None,
    refine: bool = True,
) -> Selection:
    """Find the selection that serves the most people, with its proof.

    Parameters
    ----------
    problem : villages, options, trunk, money and constraints
    gap
        Relative gap of the first objective at which to stop. With 0 all three are met exactly; else the second and
        third keep to the selected villages: other years, and other measures that serve as many.
    start : a plan to start from, such as the naive one; ignored if it breaks a constraint
    watch : progress callback; True stops at the best plan so far
    refine : whether to go on to the second and third objective

    Raises
    ------
    ParameterError
        If the constraints cannot be met, naming the one where it is one alone; if nothing was found in time.
    """
    check_constraints(problem)
    if not len(problem.village):
        nothing = np.zeros(0, dtype=np.int64)
        return Selection(choice_of(problem, nothing), 0.0, 0.0, "optimal", 0.0)
    search = _Search(problem, programme_of(problem), gap, seconds, watch)
    if start is not None:
        search.begin(values_of(problem, start))
    if gap > 0:
        search.pool()
    search.everything()
    if search.best is None:
        raise why_infeasible(problem) if search.infeasible else ParameterError("rollout.nothing_found")
    if refine:
        search.refine()
    choice = choice_from(problem, search.best)
    status = "optimal" if search.proven() else "stopped" if search.stopped else "limit"
    return Selection(choice, search.bound, search.gap(), status, search.spent)


class _Search:
    """State of a search: best solution, bound, time."""

    def __init__(self, problem: Problem, programme: Programme, gap: float, seconds: float, watch: Watch | None) -> None:
        self.problem, self.asked, self.seconds, self.watch = problem, gap, seconds, watch
        self.programme = limited(problem, programme, fitting(problem))
        by_price = in_own_year(problem, self.programme).programme
        self.alike = _choices(by_price) <= ALIKE * _choices(self.programme)
        self.relaxed: Relaxation | None = None
        self.best: Floats | None = None
        self.value, self.bound, self.spent = -np.inf, np.inf, 0.0
        self.stopped = self.infeasible = False

    def begin(self, values: Floats) -> None:
        """Start from feasible values."""
        programme = self.programme
        row = programme.rows @ values
        keeps = (values <= programme.upper).all() and (row <= programme.row_upper + 1e-9).all()
        if keeps and (row >= programme.row_lower - 1e-9).all():
            self.best, self.value = values, float(programme.objective @ values)

    def gap(self) -> float:
        """Proven gap."""
        more = max(self.bound - self.value, 0.0)
        return more / self.value if self.value > 0 else (0.0 if more < 1e-6 else np.inf)

    def proven(self) -> bool:
        """Whether the gap asked for is proven."""
        return self.best is not None and self.gap() <= self.asked + 1e-9

    def pool(self) -> None:
        """Bound by the relaxation, then search the options of near-optimal plans."""
        self.relaxed = relax(self.problem, self.programme, self.asked / 20, self.seconds / 4)
        if self.relaxed is None:
            return
        self.spent += self.relaxed.seconds
        self._bound(self.relaxed.bound)
        if self.alike:
            return
        self._begin_with_the_cheapest(self.relaxed)
        floor = self.relaxed.bound / (1 + self.asked)
        options = self.relaxed.pool(floor)
        kernel, pool = (limited(self.problem, self.programme, of) for of in (self.relaxed.kernel, options))
        for part, most, share in ((kernel, np.inf, KERNEL_SHARE), (pool, floor, POOL_SHARE)):
            if not (self.proven() or self.stopped):
                # A start biases the solver: the first search does without.
                self._run(self._put(part), share * (self.seconds - self.spent), most, near=part is pool)
        if self.bound <= floor:  # proven
            return
        self._improve(pool, options)

    def _begin_with_the_cheapest(self, relaxed: Relaxation) -> None:
        """Start from the most promising options, by people per price."""
        promising = np.flatnonzero(relaxed.kernel)
        ratio = self.problem.gain[promising] / np.maximum(relaxed.price[promising], 1e-12)
        plan = fill(self.problem, promising[np.argsort(-ratio, kind="stable")])
        if plan.gain(self.problem) > self.value:
            self.begin(values_of(self.problem, plan))

    def _improve(self, pool: Programme, options: npt.NDArray[np.bool_]) -> None:
        """Re-optimise windows of two years until nothing is gained."""
        until = self.spent + WINDOWS_SHARE * (self.seconds - self.spent)
        improved = True
        while improved and not (self.proven() or self.stopped) and self.best is not None and self.spent < until:
            before = self.value
            self._windows(pool, options, until)
            improved = self.value > before

    def _windows(self, pool: Programme, options: npt.NDArray[np.bool_], until: float) -> None:
        """Re-optimise every two years with the others fixed: small programmes."""
        form = self._put(pool)
        for years in combinations(range(len(self.problem.years)), 2):
            if self.proven() or self.stopped or self.best is None or self.spent >= until:
                return
            choice = choice_from(self.problem, self.best)
            free = np.isin(choice.option_year, years) | ((choice.option_year < 0) & options)
            window = window_of(self.problem, form.programme, form.own(self.best), free)
            self._run(replace(form, programme=window), min(until - self.spent, WINDOW_SECONDS), floor=np.inf)

    def _put(self, programme: Programme) -> Form:
        """Choose the form of the programme."""
        if not self.alike:
            return by_end_of_year(self.problem, programme)
        if self.relaxed is not None:
            programme = self.relaxed.add_knapsack(programme, len(self.problem.years))
        return in_own_year(self.problem, programme)

    def everything(self) -> None:
        """Search all options in the time left, unless the gap is proven."""
        if self.proven() or self.stopped:
            return
        programme, floor = self.programme, -np.inf
        if self.relaxed is not None and self.best is not None:
            floor = self.value * (1 + self.asked)
            programme = limited(self.problem, programme, self.relaxed.pool(floor))
        solution = self._run(self._put(programme), self.seconds - self.spent, floor=floor)
        self.infeasible = solution.status == "infeasible"

    def refine(self) -> None:
        """Second and third objective; with a gap above 0 among measures that serve the selected villages as well."""
        assert self.best is not None
        programme = self.programme
        if self.asked > 0:
            least = np.full(len(self.problem.villages), np.inf)
            chosen = choice_from(self.problem, self.best).option_year >= 0
            least[self.problem.village[chosen]] = self.problem.gain[chosen]
            programme = limited(self.problem, programme, self.problem.gain >= least[self.problem.village])
        share = 3.0 if self.asked > 0 else 1.0
        for aim in (people_years(self.problem), -money(self.problem)):
            if self.stopped or self.seconds - self.spent < 0.05:
                return
            programme = _holding(programme, float(programme.objective @ self.best), aim)
            form = by_end_of_year(self.problem, programme)
            self._run(form, (self.seconds - self.spent) / share, floor=np.inf, first=False)

    def _bound(self, bound: float) -> None:
        whole = bool((self.problem.weights == 1).all())
        self.bound = min(self.bound, np.floor(bound + 1e-6) if whole else bound)

    def _run(self, form: Form, seconds: float, floor: float, first: bool = True, near: bool = True) -> Solution:
        """Solve a programme from the best solution (``near``) or from nothing, and keep an improvement.

        ``floor`` bounds plans outside of the programme; infinite where unknown.
        """
        enough = self.bound / (1 + self.asked) if first and self.asked > 0 else np.inf

        def look(progress: Progress) -> bool:
            if progress.best >= enough or progress.bound <= floor < np.inf:
                return True
            if self.watch is None:
                return False
            bound = min(max(progress.bound, floor), self.bound)
            best = np.fmax(progress.best, self.value) if first else self.value
            self.stopped = self.stopped or self.watch(
                Progress(
                    best, bound, max(bound - best, 0.0) / best if best > 0 else np.inf, self.spent + progress.seconds
                )
            )
            return self.stopped

        # Without a watcher, called at every node: deterministic on every machine.
        every = PULSE if self.watch else 0.0
        start = self.best if near else None
        solution = _solve_to_the_rupiah(self.problem, form, self.asked, max(seconds, 0.1), start, look, every)
        self.spent += solution.seconds
        inside = floor if solution.status == "infeasible" else solution.bound
        if floor < np.inf and max(inside, floor) > -np.inf:
            self._bound(max(inside, floor))
        if solution.values is not None:
            value = float(self.programme.objective @ solution.values)
            if value > self.value or not first:
                self.best, self.value = solution.values, value
        return solution


def _choices(programme: Programme) -> int:
    return int((programme.whole & (programme.upper > 0)).sum())


def _solve_to_the_rupiah(
    problem: Problem, form: Form, gap: float, seconds: float, start: Floats | None, watch: Watch, every: float
) -> Solution:
    """Solve, and again should rounding have overspent (with the missing rupiah taken off) or split a village.

    ``start`` and the values are "built by the end of each year", whatever the form.
    """
    programme = form.programme
    begin = None if start is None else form.own(start)
    solution = solve(programme, gap, seconds, begin, watch, every=every)
    for _ in range(3):
        if solution.values is None:
            return solution
        by_end = form.by_end(solution.values)
        choice = choice_from(problem, by_end)
        whole = values_of(problem, choice)
        capital, running = choice.spending(problem)
        over = capital + running * problem.running_in_budget - problem.budgets
        parted = np.abs(whole - by_end)[: len(problem.village) * len(problem.years)].max() > PARTED
        if (over <= 0).all() and not parted:
            return replace(solution, values=whole)
        upper = programme.row_upper.copy()
        upper[: len(over)] -= np.maximum(over, 0) / MONEY
        programme = replace(programme, row_upper=upper, whole=programme.whole | parted)
        solution = replace(solve(programme, gap, seconds, None, watch, every=every), bound=solution.bound)
    return replace(solution, values=None, status="limit")


def _holding(programme: Programme, reached: float, aim: Floats) -> Programme:
    """The programme with a new objective, the old one held."""
    row = csr_array(programme.objective[None, :])
    slack = 1e-9 * max(1.0, abs(reached))
    rows = csr_array(vstack([programme.rows, row]))
    return replace(
        programme,
        objective=aim,
        rows=rows,
        row_upper=np.append(programme.row_upper, np.inf),
        row_lower=np.append(programme.row_lower, reached - slack),
    )
