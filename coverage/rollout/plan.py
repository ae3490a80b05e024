"""The plan: measures by year, with money and people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.base.errors import ParameterError, Place
from coverage.base.schema import ROLLOUT, check
from coverage.rollout.alternatives import Alternative, alternatives_of
from coverage.rollout.edits import PlanEdit, paid_elsewhere
from coverage.rollout.measures import Costs
from coverage.rollout.milp import Progress, Watch
from coverage.rollout.naive import naive_choice
from coverage.rollout.problem import Choice, Problem
from coverage.rollout.routes import Routes
from coverage.rollout.selection import Selection, select

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PlanRequest:
    """Money and constraints of a plan.

    Attributes
    ----------
    budgets : rupiah by budget year
    edits : what was decided by hand
    minimum : least number of villages newly served, by subdistrict
    weights : weight of a person by village code, such as :func:`priority_weights`; 1 by default
    running_in_budget : whether running cost is paid from the budget
    assumed : whether nobody gave the budgets
    """

    budgets: Mapping[int, int]
    edits: tuple[PlanEdit, ...] = ()
    minimum: Mapping[str, int] | None = None
    weights: Mapping[str, float] | None = None
    running_in_budget: bool = True
    assumed: bool = False


@dataclass(frozen=True)
class RolloutPlan:
    """A rollout plan and its proof.

    Attributes
    ----------
    rollout : Table ROLLOUT, by year and village
    years
        By budget year: ``year``, ``budget_idr``, ``capital_idr``, ``running_idr`` (of all built so far),
        ``unspent_idr``, ``villages``, ``people_newly_served``, ``people_total`` (up to that year).
    people : people newly served by the end
    gain : the same, weighted
    bound, gap : no plan reaches a weighted sum above ``bound``; ``gap`` as a share of ``gain``
    status : ``optimal`` (to the gap asked for), ``limit``, ``stopped``, or ``naive``
    piece_year : by piece of the fibre tree the budget year in which it is built, 0 for never
    assumed : whether nobody gave the budgets
    remarks : what a reader has to know beside it: keys of sentences with their values
    """

    rollout: pd.DataFrame
    years: pd.DataFrame
    people: int
    gain: float
    bound: float
    gap: float
    status: str
    piece_year: tuple[int, ...]
    assumed: bool = False
    remarks: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def spent_idr(self) -> int:
        """Capital and running cost over the years of the plan."""
        return int(self.years[["capital_idr", "running_idr"]].to_numpy().sum())

    @property
    def people_short(self) -> int | None:
        """So many people another plan may serve more, at most and about; None where nothing is proven."""
        return people_short(self.gap, self.people)


def people_short(gap: float, people: float) -> int | None:
    """People that another plan may serve more, at most and about; None where nothing is proven."""
    return math.ceil(gap * people - 1e-9) if math.isfinite(gap) else None


def priority_weights(priority: pd.DataFrame) -> dict[str, float]:
    """Weights of a person proportional to the village's score, with mean 1."""
    mean = float(priority["score"].mean()) if len(priority) else 0.0
    if mean <= 0:
        return {}
    return dict(zip(priority["village_code_bps"], (priority["score"] / mean).astype(float), strict=True))


def make_problem(
    villages: pd.DataFrame, measures: pd.DataFrame, routes: Routes | None, costs: Costs, request: PlanRequest
) -> Problem:
    """Put measures, trunk, money and constraints together.

    Parameters
    ----------
    measures : Table MEASURES with ``piece`` (:func:`coverage.rollout.options.possible_measures`)
    routes : the fibre tree that ``piece`` refers to
    costs : for the price of trunk

    Raises
    ------
    ParameterError
        If there is no budget year or a budget is negative; if a constraint names a village, measure or subdistrict
        that is unknown.
    """
    _check(villages, costs, request)
    possible = measures[measures["possible"].astype(bool)]
    names = villages.set_index("village_code_bps")["subdistrict"]
    codes = tuple(sorted(possible["village_code_bps"].unique()))
    position = {code: place for place, code in enumerate(codes)}
    piece = possible["piece"].to_numpy(dtype=np.int64)
    hung = piece >= 0
    fiber = next((measure for measure in costs.measures if measure.needs == "route"), None)
    length = np.zeros(0) if routes is None else routes.tree.length_m
    zero = np.zeros_like(length)
    trunk = zero.astype(np.int64) if fiber is None else fiber.route_idr(length)
    trunk_running = trunk if fiber is None else fiber.running_idr(trunk, zero)
    capital, running = (possible[name].to_numpy(dtype=np.int64) for name in ("capital_idr", "running_idr"))
    if fiber is not None:
        none = np.zeros(int(hung.sum()))
        capital[hung] = fiber.capital_idr(none, none)
        running[hung] = fiber.running_idr(capital[hung], none + 1)
    paid = paid_elsewhere(
        request.edits, possible["village_code_bps"].to_numpy(str), possible["measure"].to_numpy(dtype=str)
    )
    capital, running, piece = (np.where(paid, free, cost) for cost, free in ((capital, 0), (running, 0), (piece, -1)))
    years = tuple(sorted(request.budgets))
    weights = request.weights or {}
    return Problem(
        villages=codes,
        subdistricts=tuple(names[code] for code in codes),
        village=np.array([position[code] for code in possible["village_code_bps"]], dtype=np.int64),
        measure=tuple(possible["measure"]),
        people=possible["people_newly_served"].to_numpy(dtype=np.int64),
        capital=capital,
        running=running,
        piece=piece,
        piece_parent=np.zeros(0, dtype=np.int64) if routes is None else routes.tree.parent,
        piece_capital=trunk,
        piece_running=trunk_running,
        years=years,
        budgets=np.array([int(request.budgets[year]) for year in years], dtype=np.int64),
        weights=np.array([float(weights.get(code, 1.0)) for code in codes]),
        edits=request.edits,
        minimum=dict(request.minimum or {}),
        running_in_budget=request.running_in_budget,
        names=dict(zip(villages["village_code_bps"], villages["village"], strict=True)),
    )


def _check(villages: pd.DataFrame, costs: Costs, request: PlanRequest) -> None:
    if not request.budgets:
        raise ParameterError("rollout.no_budget")
    for year, budget in request.budgets.items():
        if budget < 0:
            raise ParameterError("rollout.negative_budget", Place(value=budget), year=year)
    known = set(villages["village_code_bps"])
    for edit in request.edits:
        if edit.village is not None and edit.village not in known:
            raise ParameterError("rollout.unknown_village", Place(value=edit.village))
        offered = [measure.name for measure in costs.measures]
        if edit.measure is not None and edit.measure not in offered:
            raise ParameterError("rollout.unknown_measure", Place(value=edit.measure), offered=offered)
    subdistricts = sorted(set(villages["subdistrict"]))
    for name in request.minimum or {}:
        if name not in subdistricts:
            raise ParameterError("rollout.unknown_subdistrict", Place(value=name), offered=subdistricts)


def best_plan(
    problem: Problem,
    villages: pd.DataFrame,
    measures: pd.DataFrame,
    routes: Routes | None,
    ranking: Sequence[str] = (),
    gap: float = 0.001,
    seconds: float = 60.0,
    watch: Watch | None = None,
) -> RolloutPlan:
    """The plan that serves the most people, with its proof.

    Parameters
    ----------
    problem : from :func:`make_problem`, on the same ``villages``, ``measures`` and ``routes``
    ranking : village codes by priority, for the naive plan to start from
    gap, seconds, watch : as for :func:`coverage.rollout.selection.select`
    """
    selection = select(problem, gap, seconds, naive_choice(problem, ranking), watch)
    return plan_of(problem, selection, villages, measures, routes)


def naive_plan(
    problem: Problem, villages: pd.DataFrame, measures: pd.DataFrame, routes: Routes | None, ranking: Sequence[str]
) -> RolloutPlan:
    """The naive plan (:func:`coverage.rollout.naive.naive_choice`)."""
    choice = naive_choice(problem, ranking)
    return plan_of(problem, Selection(choice, float("nan"), float("nan"), "naive", 0.0), villages, measures, routes)


def plan_of(
    problem: Problem, selection: Selection, villages: pd.DataFrame, measures: pd.DataFrame, routes: Routes | None
) -> RolloutPlan:
    """The tables of a selection, made on the same ``villages``, ``measures`` and ``routes`` as the problem."""
    choice = selection.choice
    rollout = _rollout(problem, choice, villages, measures, routes)
    return RolloutPlan(
        rollout,
        _years(problem, choice),
        choice.people(problem),
        choice.gain(problem),
        selection.bound,
        selection.gap,
        selection.status,
        tuple(problem.years[year] if year >= 0 else 0 for year in choice.piece_year),
    )


def _rollout(
    problem: Problem, choice: Choice, villages: pd.DataFrame, measures: pd.DataFrame, routes: Routes | None
) -> pd.DataFrame:
    """Rows by year and village; rows that need a piece of trunk in its year share its cost."""
    chosen = np.flatnonzero(choice.option_year >= 0)
    chosen = chosen[np.lexsort((problem.village[chosen], choice.option_year[chosen]))]
    codes, *placed = (villages[name].tolist() for name in ("village_code_bps", "village", "subdistrict"))
    names = dict(zip(codes, zip(*placed, strict=True), strict=True))
    *fed, feed = (measures[name].tolist() for name in ("village_code_bps", "measure", "feed"))
    feeds = dict(zip(zip(*fed, strict=True), feed, strict=True))
    at_end = _villages_by_piece(problem, choice)
    chains = problem.needed_pieces(chosen)
    capital, running = _shared(problem, choice, chosen, chains)
    compared = alternatives_of(problem, choice, chosen)
    rows = []
    for row, (option, chain) in enumerate(zip(chosen, chains, strict=True)):
        code, year = problem.villages[problem.village[option]], int(choice.option_year[option])
        above = (at_end[piece] for piece in chain.tolist()[1:] if piece in at_end)
        parent = next((village for built, village in above if built <= year), None)
        cost, people = int(capital[row]), int(problem.people[option])
        reasons: list[tuple[str, Any]] = [("people_newly_served", people), ("idr_per_person", round(cost / people))]
        if code in problem.pins:
            reasons.append(("pinned", {"who": problem.pins[code].who}))
        reasons.append((compared[row].why, _told(problem, compared[row], chosen)))
        rows.append(
            (
                code,
                *names[code],
                problem.measure[option],
                problem.years[year],
                cost,
                int(running[row]),
                people,
                parent or feeds[code, problem.measure[option]],
                json.dumps(reasons),
                compared[row].alone_idr,
            )
        )
    table = pd.DataFrame(rows, columns=ROLLOUT.names)
    return check(table.astype({"parent": object}), ROLLOUT) if rows else table


def _told(problem: Problem, found: Alternative, chosen: Integers) -> dict[str, Any]:
    """Values of a reason why a measure was chosen: money, the measure compared with, codes of villages."""
    told: dict[str, Any] = {"alone_idr": found.alone_idr}
    if found.other is not None:
        told |= {"other": problem.measure[found.other], "other_idr": found.other_idr}
        told["other_people"] = int(problem.people[found.other])
    if found.sharing:
        told["villages"] = [problem.villages[problem.village[chosen[row]]] for row in found.sharing]
    return told


def _shared(problem: Problem, choice: Choice, chosen: Integers, chains: list[Integers]) -> tuple[Integers, Integers]:
    """Capital and running cost of each row with its share of the trunk; odd rupiah go to the first."""
    capital, running = problem.capital[chosen].copy(), problem.running[chosen].copy()
    users: dict[int, list[int]] = {}
    for row, (option, chain) in enumerate(zip(chosen, chains, strict=True)):
        for piece in chain[choice.piece_year[chain] == choice.option_year[option]].tolist():
            users.setdefault(piece, []).append(row)
    for piece, rows in users.items():
        for amount, total in ((capital, problem.piece_capital[piece]), (running, problem.piece_running[piece])):
            amount[rows] += total // len(rows)
            amount[rows[: total % len(rows)]] += 1
    return capital, running


def _villages_by_piece(problem: Problem, choice: Choice) -> dict[int, tuple[int, str]]:
    """Year (position) and code of the first village at the end of each piece."""
    built = np.flatnonzero((choice.option_year >= 0) & (problem.piece >= 0))
    built = built[np.lexsort((problem.village[built], choice.option_year[built]))]
    found: dict[int, tuple[int, str]] = {}
    for option in built:
        village = problem.villages[problem.village[option]]
        found.setdefault(int(problem.piece[option]), (int(choice.option_year[option]), village))
    return found


def _years(problem: Problem, choice: Choice) -> pd.DataFrame:
    capital, running = choice.spending(problem)
    built = choice.option_year >= 0
    count = len(problem.years)
    people = np.bincount(choice.option_year[built], problem.people[built], count).astype(np.int64)
    return pd.DataFrame(
        {
            "year": problem.years,
            "budget_idr": problem.budgets,
            "capital_idr": capital,
            "running_idr": running,
            "unspent_idr": problem.budgets - capital - running * problem.running_in_budget,
            "villages": np.bincount(choice.option_year[built], minlength=count),
            "people_newly_served": people,
            "people_total": np.cumsum(people),
        }
    )


def curve(
    problem: Problem,
    ranking: Sequence[str],
    shares: Sequence[float] = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
    gap: float = 0.01,
    seconds: float = 10.0,
    watch: Watch | None = None,
    known: tuple[Choice, float] | None = None,
) -> pd.DataFrame:
    """People served against money: the exact and the naive plan for shares of the budget.

    Every budget year is multiplied by the same share. Constraints stay; a share with which they cannot be met is
    left out.

    Parameters
    ----------
    ranking : village codes by priority
    shares : shares of the budget, in any order
    gap, seconds : for each point
    watch : called during the search; True stops the curve, and the points so far are returned
    known
        A choice for the whole budget with its gap, such as the plan beside which the curve is shown: it is not
        searched for again.

    Returns
    -------
    pandas.DataFrame
        ``share``, ``budget_idr`` (all years), ``spent_idr``, ``people``, ``people_naive``, ``gap``, by share.
        More money never serves fewer: a plan for less money is where the search for more begins.
    """
    rows = []
    start: Choice | None = None
    stopped: list[bool] = []

    def look(progress: Progress) -> bool:
        if watch is not None and watch(progress):
            stopped.append(True)
        return bool(stopped)

    for share in sorted(shares):
        part = replace(problem, budgets=np.floor(problem.budgets * share).astype(np.int64))
        naive = naive_choice(part, ranking)
        begin = naive if start is None or naive.gain(part) > start.gain(part) else start
        try:
            start, reached = _point(part, begin, known if share == 1 else None, gap, seconds, look)
        except ParameterError:
            continue
        capital, running = start.spending(part)
        rows.append(
            (
                share,
                int(part.budgets.sum()),
                int(capital.sum() + running.sum()),
                start.people(part),
                naive.people(part),
                reached,
            )
        )
        if stopped:
            break
    return pd.DataFrame(rows, columns=["share", "budget_idr", "spent_idr", "people", "people_naive", "gap"])


def _point(
    part: Problem, begin: Choice, known: tuple[Choice, float] | None, gap: float, seconds: float, look: Watch
) -> tuple[Choice, float]:
    """A choice and its gap: the known one if good enough, else a search."""
    if known is not None and known[1] <= gap and known[0].gain(part) >= begin.gain(part):
        return known
    found = select(part, gap, seconds, begin, look, refine=False)
    return found.choice, found.gap
