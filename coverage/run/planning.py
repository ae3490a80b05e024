"""A rollout plan on the tables of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.readers.basemap import roads_of
from coverage.rollout.empty_plan import Remark, why_empty
from coverage.rollout.links import checked_links
from coverage.rollout.measures import Costs
from coverage.rollout.milp import Watch
from coverage.rollout.plan import PlanRequest, RolloutPlan, best_plan, curve, make_problem, naive_plan, plan_of
from coverage.rollout.problem import Choice, Problem, choice_of
from coverage.rollout.selection import Selection, select
from coverage.rollout.site_survey import STATES, SiteSurvey, feeds_in_reach, survey
from coverage.run.result import Analysis, Ground


@dataclass(frozen=True)
class FreePlan:
    """What the best plan without decisions by hand serves and costs (capital and running cost over its years)."""

    people: int
    money_idr: int


@dataclass(frozen=True)
class PlanResult:
    """A plan and what it was chosen from; ``naive`` follows the ranking until the money is gone.

    ``free`` is there where something was decided by hand.
    """

    survey: SiteSurvey
    costs: Costs
    request: PlanRequest
    problem: Problem
    plan: RolloutPlan
    naive: RolloutPlan
    free: FreePlan | None = None

    @property
    def without_edits(self) -> FreePlan | None:
        """The plan without decisions by hand: this one where there are none."""
        return self.free if self.request.edits else FreePlan(self.plan.people, self.plan.spent_idr)

    def about(self) -> dict[str, Any]:
        """Request, assumptions and proven quality, as in ``run.json``."""
        known = self.plan.gap == self.plan.gap and self.plan.gap != float("inf")
        return {
            "wishes": asdict(self.request),
            "costs": self.costs.model_dump(mode="json"),
            "status": self.plan.status,
            "gap": self.plan.gap if known else None,
            "budget_assumed": self.plan.assumed,
            "remarks": [key for key, _ in self.plan.remarks],
            "people_newly_served": self.plan.people,
            "people_newly_served_naive": self.naive.people,
            "free": None if self.free is None else asdict(self.free),
        }


def survey_of(
    analysis: Analysis, ground: Ground, costs: Costs, roads: gpd.GeoDataFrame | None = None, allow_sea: bool = False
) -> SiteSurvey:
    """Possible measures in the blank and weak villages of a run (:func:`coverage.rollout.site_survey.survey`).

    Radio links are checked against terrain where known. Fibre follows the roads given, else those of the region's base
    map.
    """
    roads = roads_of(analysis.basemap) if roads is None else roads
    links = None
    longest = [m.longest_m.value for m in costs.measures if m.needs == "link" and m.longest_m is not None]
    if ground.terrain is not None and analysis.assets is not None and longest:
        states = analysis.states()
        codes = set(states.index[states.isin(STATES)])
        candidates = feeds_in_reach(analysis.villages, analysis.assets, analysis.parameters.kinds, codes, max(longest))
        links = checked_links(
            ground.terrain, analysis.villages, analysis.assets, analysis.parameters.kinds, candidates, costs
        )
    return survey(
        analysis.villages,
        analysis.assets,
        ground.land,
        analysis.cells,
        analysis.reached.most,
        analysis.village_service,
        analysis.nearest,
        analysis.blank_spots,
        analysis.parameters.kinds,
        costs,
        analysis.parameters.rule(),
        roads=roads,
        links=links,
        allow_sea=allow_sea,
    )


def roads_name(analysis: Analysis) -> str | None:
    """File of the base map whose roads fibre follows where none are given; None without any."""
    basemap = analysis.basemap
    return basemap.path.name if basemap and basemap.counts.get("road") else None


def default_request(costs: Costs) -> PlanRequest:
    """Default budget (``data/costs.toml``)."""
    budget = costs.budget
    years = range(budget.first_year, budget.first_year + budget.years)
    return PlanRequest(dict.fromkeys(years, budget.idr_a_year), assumed=True)


def make_plan(
    analysis: Analysis,
    found: SiteSurvey,
    costs: Costs,
    request: PlanRequest,
    gap: float = 0.001,
    seconds: float = 60.0,
    watch: Watch | None = None,
    free: FreePlan | None = None,
) -> PlanResult:
    """The best plan under a budget, and the naive one.

    Parameters
    ----------
    analysis
        The run; the naive plan follows its priority.
    found
        From :func:`survey_of` of the same run and costs.
    costs, request
        Measures with costs; money and constraints.
    gap, seconds, watch
        As for :func:`coverage.rollout.selection.select`.
    free
        The plan without decisions by hand, where it is known; else it is searched for.

    Raises
    ------
    ParameterError
        If the constraints cannot be met.
    """
    problem = make_problem(analysis.villages, found.measures, found.routes, costs, request)
    ranking = analysis.priority["village_code_bps"].tolist()
    rest = (analysis.villages, found.measures, found.routes, ranking)
    plan = best_plan(problem, *rest, gap=gap, seconds=seconds, watch=watch)
    if request.edits and free is None:
        start, _ = _choice_of_rows(problem, _rows(plan))
        chosen = select(replace(problem, edits=()), gap, seconds, start, watch, refine=False).choice
        free = FreePlan(chosen.people(problem), int(np.sum(chosen.spending(problem))))
    free = free if request.edits else None
    plan = replace(plan, assumed=request.assumed, remarks=_remarks(analysis, found, problem, plan, free))
    return PlanResult(found, costs, request, problem, plan, naive_plan(problem, *rest), free)


def plan_again(
    analysis: Analysis,
    found: SiteSurvey,
    costs: Costs,
    request: PlanRequest,
    kept: Mapping[str, Any],
    roads: str | None = None,
) -> PlanResult:
    """Rebuild a saved plan on today's tables; its ``remarks`` say what is no longer as it was.

    Parameters
    ----------
    kept
        The document of the plan (:func:`coverage.web.plan_page.scenarios.document`).
    roads
        Name of the file of roads that ``found`` rests on, beside :func:`roads_name`.
    """
    rows = [(str(code), str(measure), int(year)) for code, measure, year in kept["rows"]]
    bound = float("nan") if kept["bound"] is None else float(kept["bound"])
    problem = make_problem(analysis.villages, found.measures, found.routes, costs, request)
    choice, lost = _choice_of_rows(problem, rows)
    gain = choice.gain(problem)
    gap = max(bound - gain, 0.0) / gain if gain > 0 else float("nan")
    rest = (analysis.villages, found.measures, found.routes)
    remarks: list[Remark] = []
    if kept["run_id"] != analysis.run["run_id"]:
        remarks.append(("planning.scenario.other_run", {}))
    if lost:
        remarks.append(("planning.scenario.lost", {"count": len(lost)}))
    if kept["wishes"].get("roads") not in (None, roads or roads_name(analysis)):
        remarks.append(("planning.scenario.roads", {"file": kept["wishes"]["roads"]}))
    plan = plan_of(problem, Selection(choice, bound, gap, kept["status"], 0.0), *rest)
    free = FreePlan(**kept["free"]) if kept.get("free") else None
    remarks += _remarks(analysis, found, problem, plan, free)
    plan = replace(plan, assumed=request.assumed, remarks=tuple(remarks))
    ranking = analysis.priority["village_code_bps"].tolist()
    return PlanResult(found, costs, request, problem, plan, naive_plan(problem, *rest, ranking), free)


def _remarks(
    analysis: Analysis, found: SiteSurvey, problem: Problem, plan: RolloutPlan, free: FreePlan | None
) -> tuple[Remark, ...]:
    """What was decided by hand and what it costs; why nothing is built, where that is so."""
    told: list[Remark] = []
    if problem.edits:
        told.append(("rollout.by_hand", {"edits": problem.edits, "names": problem.names}))
    if free is not None:
        people = {"people": plan.people, "free_people": free.people, "difference": plan.people - free.people}
        told.append(("rollout.by_hand_price", {**people, "money": plan.spent_idr, "free_money": free.money_idr}))
    unknown = int((analysis.states() == "unknown").sum())
    return (*told, *(() if len(plan.rollout) else why_empty(found.measures, problem, unknown)))


def _rows(plan: RolloutPlan) -> Iterator[tuple[str, str, int]]:
    built = plan.rollout[["village_code_bps", "measure", "year"]]
    return built.itertuples(index=False, name=None)


def _choice_of_rows(problem: Problem, rows: Iterable[tuple[str, str, int]]) -> tuple[Choice, list[str]]:
    """A choice from village code, measure and year, and the codes that the problem lacks."""
    position = {
        (problem.villages[village], measure): option
        for option, (village, measure) in enumerate(zip(problem.village, problem.measure, strict=True))
    }
    when = np.full(len(problem.village), -1, dtype=np.int64)
    lost = []
    for code, measure, year in rows:
        option = position.get((code, measure))
        if option is None or year not in problem.years:
            lost.append(code)
        else:
            when[option] = problem.years.index(year)
    return choice_of(problem, when), lost


def money_curve(
    analysis: Analysis, planned: PlanResult, seconds: float = 10.0, watch: Watch | None = None
) -> pd.DataFrame:
    """People served against money (:func:`coverage.rollout.plan.curve`), through the plan itself."""
    choice, _ = _choice_of_rows(planned.problem, _rows(planned.plan))
    ranking = analysis.priority["village_code_bps"].tolist()
    return curve(planned.problem, ranking, seconds=seconds, watch=watch, known=(choice, planned.plan.gap))
