"""Selection: what to build in which year, so that a budget serves the most people, exactly.

The programme has one 0/1 variable per option and year, "built by the end of that year". A village takes at
most one option; a fibre option needs every piece of trunk between it and the existing node, and a piece is
built in the year of the first village that needs it. Each year's budget carries the capital of what is built
in that year and, unless told otherwise, the running cost of everything built so far; money left over does not
pass to the next year.

Three aims in this order: the most people newly served by the end (weighted where wished), served as early as
possible (people x years), for the least money spent over the years of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from coverage.errors import ParameterError, Place
from coverage.rollout.milp import Programme, Progress, Solution, Watch, solve
from coverage.rollout.problem import Choice, Problem, check_wishes, choice_of
from coverage.rollout.programme import MONEY, choice_from, money, people_years, programme_of, values_of
from coverage.rollout.relaxation import kernel_of, relax, window_of

Floats = npt.NDArray[np.float64]

KERNEL_SHARE = 0.7
"""Share of the time for the options that promise most, all years together."""
ATTEMPTS = 2
"""Searches of these options, each in another order, each from the best plan so far."""
WINDOWS_SHARE = 0.7
"""Share of the time left then for planning every two years anew, before everything is searched."""
PULSE = 0.1
"""Seconds between two looks of a watcher."""
WINDOW_SECONDS = 2.0
"""Time limit of one such step."""


@dataclass(frozen=True)
class Selection:
    """A choice with its proof.

    No plan serves more than ``bound`` weighted people; ``gap`` is how much more that is, as a share of what
    this one serves. ``status``: ``optimal`` (the gap asked for is proven), ``limit`` (out of time) or
    ``stopped``.
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
    problem
        Villages, options, trunk, money and wishes.
    gap
        Relative gap of the first aim at which to be content. With 0 all three aims are met exactly; else the
        second and third only move the selected measures between the years.
    seconds
        Time limit for everything.
    start
        A plan to start from, such as the naive one; one that breaks a wish is passed over.
    watch
        Called during the search; True stops it at the best plan so far.
    refine
        Whether to go on to the second and third aim.

    Raises
    ------
    ParameterError
        If the wishes cannot be met, naming the one that cannot where it is one alone; if nothing was found in
        time.
    """
    check_wishes(problem)
    if not len(problem.village):
        nothing = np.zeros(0, dtype=np.int64)
        return Selection(choice_of(problem, nothing), 0.0, 0.0, "optimal", 0.0)
    search = _Search(problem, programme_of(problem), gap, seconds, watch)
    if start is not None:
        search.begin(values_of(problem, start))
    if gap > 0:
        search.kernel()
    search.everything()
    if search.best is None:
        code = "rollout.infeasible" if search.infeasible else "rollout.nothing_found"
        raise ParameterError(code, Place(value=", ".join(map(str, problem.years))))
    if refine:
        search.refine()
    choice = choice_from(problem, search.best)
    status = "optimal" if search.proven() else "stopped" if search.stopped else "limit"
    return Selection(choice, search.bound, search.gap(), status, search.spent)


class _Search:
    """The steps of a search: the best solution so far, what is proven, and the time spent."""

    def __init__(
        self, problem: Problem, programme: Programme, gap: float, seconds: float, watch: Watch | None
    ) -> None:
        self.problem, self.programme, self.asked, self.seconds, self.watch = problem, programme, gap, seconds, watch
        self.best: Floats | None = None
        self.value, self.bound, self.spent = -np.inf, np.inf, 0.0
        self.stopped = self.infeasible = False

    def begin(self, values: Floats) -> None:
        """Start from values that keep to every row and bound."""
        programme = self.programme
        row = programme.rows @ values
        keeps = (values <= programme.upper).all() and (row <= programme.row_upper + 1e-9).all()
        if keeps and (row >= programme.row_lower - 1e-9).all():
            self.best, self.value = values, float(programme.objective @ values)

    def gap(self) -> float:
        """The gap proven so far."""
        more = max(self.bound - self.value, 0.0)
        return more / self.value if self.value > 0 else (0.0 if more < 1e-6 else np.inf)

    def proven(self) -> bool:
        """Whether the gap asked for is proven."""
        return self.best is not None and self.gap() <= self.asked + 1e-9

    def kernel(self) -> None:
        """Bound the problem by its relaxation, then look for a good plan among the options that promise most."""
        relaxed = relax(self.problem, self.programme, self.asked / 20, self.seconds / 4)
        if relaxed is None:
            return
        self.spent += relaxed.seconds
        self._bound(relaxed.bound)
        kernel = kernel_of(self.problem, self.programme, relaxed.kernel)
        slice_seconds = KERNEL_SHARE * (self.seconds - self.spent) / ATTEMPTS
        for attempt in range(ATTEMPTS):
            # How long it takes hangs on the order of the search; asking the trunk to be whole is another order.
            whole = kernel.whole | (attempt % 2 == 1)
            if not (self.proven() or self.stopped):
                self._run(replace(kernel, whole=whole), slice_seconds, seed=attempt + 1)
        until = self.spent + WINDOWS_SHARE * (self.seconds - self.spent)
        improved = True
        while improved and not (self.proven() or self.stopped) and self.best is not None and self.spent < until:
            before = self.value
            self._windows(relaxed.kernel, until)
            improved = self.value > before

    def _windows(self, kernel: npt.NDArray[np.bool_], until: float) -> None:
        """Plan every two years anew, the other years as they are: small programmes, each quickly solved."""
        for years in combinations(range(len(self.problem.years)), 2):
            if self.proven() or self.stopped or self.best is None or self.spent >= until:
                return
            choice = choice_from(self.problem, self.best)
            free = np.isin(choice.option_year, years) | ((choice.option_year < 0) & kernel)
            self._run(window_of(self.problem, self.programme, self.best, free),
                      min(until - self.spent, WINDOW_SECONDS))

    def everything(self) -> None:
        """Search the whole problem for the time that is left, unless the gap is proven."""
        if not (self.proven() or self.stopped):
            solution = self._run(self.programme, self.seconds - self.spent)
            self.infeasible = solution.status == "infeasible"
            if not np.isnan(solution.bound):
                self._bound(solution.bound)

    def refine(self) -> None:
        """Second and third aim, the ones before held; with a gap above 0 only among the measures selected."""
        assert self.best is not None
        programme = self.programme
        if self.asked > 0:
            chosen = choice_from(self.problem, self.best).option_year >= 0
            programme = kernel_of(self.problem, programme, chosen)
        share = 3.0 if self.asked > 0 else 1.0
        for aim in (people_years(self.problem), -money(self.problem)):
            if self.stopped or self.seconds - self.spent < 0.05:
                return
            programme = _holding(programme, float(programme.objective @ self.best), aim)
            self._run(programme, (self.seconds - self.spent) / share, first=False)

    def _bound(self, bound: float) -> None:
        whole = bool((self.problem.weights == 1).all())
        self.bound = min(self.bound, np.floor(bound + 1e-6) if whole else bound)

    def _run(self, programme: Programme, seconds: float, first: bool = True, seed: int = 1) -> Solution:
        """Solve a programme from the best solution so far, and keep what is found."""
        enough = self.bound / (1 + self.asked) if first and self.asked > 0 else np.inf

        def look(progress: Progress) -> bool:
            if progress.best >= enough:
                return True
            if self.watch is None:
                return False
            # What bounds a part of the options bounds no plan that takes others.
            bound = min(progress.bound, self.bound) if programme is self.programme else self.bound
            best = np.fmax(progress.best, self.value) if first else self.value
            self.stopped = self.stopped or self.watch(
                Progress(best, bound, max(bound - best, 0.0) / best if best > 0 else np.inf,
                         self.spent + progress.seconds))
            return self.stopped

        # Without a watcher the search is asked at every node, so that the same plan comes out on every machine.
        every = PULSE if self.watch else 0.0
        solution = _solve_to_the_rupiah(self.problem, programme, self.asked, max(seconds, 0.1), self.best, look,
                                        seed, every)
        self.spent += solution.seconds
        if solution.values is not None:
            value = float(self.programme.objective @ solution.values)
            if value > self.value or not first:
                self.best, self.value = solution.values, value
        return solution


def _solve_to_the_rupiah(
    problem: Problem, programme: Programme, gap: float, seconds: float, start: Floats | None, watch: Watch, seed: int,
    every: float,
) -> Solution:
    """Solve, and solve again with the missing rupiah taken off the budget should rounding have overspent."""
    solution = solve(programme, gap, seconds, start, watch, seed, every)
    for _ in range(3):
        if solution.values is None:
            return solution
        capital, running = choice_from(problem, solution.values).spending(problem)
        over = capital + running * problem.running_in_budget - problem.budgets
        if (over <= 0).all():
            return solution
        upper = programme.row_upper.copy()
        upper[:len(over)] -= np.maximum(over, 0) / MONEY
        programme = replace(programme, row_upper=upper)
        solution = replace(solve(programme, gap, seconds, None, watch, seed, every), bound=solution.bound)
    return replace(solution, values=None, status="limit")


def _holding(programme: Programme, reached: float, aim: Floats) -> Programme:
    """The same programme with a new aim, the old one held at what was reached."""
    row = csr_array(programme.objective[None, :])
    slack = 1e-9 * max(1.0, abs(reached))
    rows = csr_array(vstack([programme.rows, row]))
    return replace(programme, objective=aim, rows=rows, row_upper=np.append(programme.row_upper, np.inf),
                   row_lower=np.append(programme.row_lower, reached - slack))
