"""Decisions of the office for a region, merged into parameters and plan of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from coverage.base.errors import ParameterError
from coverage.base.parameters import Parameters, PriorityParameters
from coverage.places.regencies import region_of
from coverage.readers.costs import read_costs
from coverage.rollout.edits import edits_from
from coverage.rollout.measures import with_values
from coverage.rollout.plan import PlanRequest, priority_weights
from coverage.rollout.site_survey import SiteSurvey
from coverage.run.inputs import Inputs, run_parameters
from coverage.run.planning import PlanResult, default_request, make_plan, plan_again, survey_of
from coverage.run.result import Analysis, Ground
from coverage.run.sources import Sources
from coverage.store.existing import open_existing

if TYPE_CHECKING:
    from coverage.store import Store
    from coverage.store.settings import Name, Setting


@dataclass(frozen=True)
class Decisions:
    """Decisions in force, by name; none where files alone count."""

    region: str
    settings: Mapping[Name, Setting]

    @property
    def letterhead(self) -> Any:
        """What the office's papers begin and end with; None where it decided nothing."""
        kept = self.settings.get("letterhead")
        return None if kept is None else kept.value

    @property
    def deadlines(self) -> Any:
        """Deadlines of proposals, ISO date by channel; None where the office set none."""
        kept = self.settings.get("proposals")
        return None if kept is None else kept.value.get("deadlines")

    def plan_request(self, priority: pd.DataFrame) -> PlanRequest | None:
        """Money and constraints of the office's plan; None where there is none, or it makes no sense any more."""
        kept = self.settings.get("plan")
        try:
            return None if kept is None else request_of(kept.value["wishes"], priority)
        except (KeyError, TypeError, ValueError):
            return None


def gather_decisions(sources: Sources, inputs: Inputs) -> Decisions:
    """Read the decisions for the region of a run, without creating a store."""
    store = None if sources.no_settings else open_existing()
    try:
        return decisions_in(store, sources, inputs)
    finally:
        if store is not None:
            store.close()


def decisions_in(store: Store | None, sources: Sources, inputs: Inputs) -> Decisions:
    """Decisions for the region of a run in an open store."""
    region = region_of(inputs.villages)
    return Decisions(region, {} if store is None or sources.no_settings else store.settings.current(region))


def decided_parameters(sources: Sources, inputs: Inputs, decisions: Decisions) -> Parameters:
    """Parameters of a run: what ships, the office's rule and ranking, and over both a file of parameters.

    A decision that no longer fits (a rule that is gone, a criterion without data) is left out.

    Raises
    ------
    ParameterError
        If the file of parameters is refused.
    """
    parameters = run_parameters(sources)
    if sources.parameters is not None:
        return parameters
    rule, ranking = decisions.settings.get("rule"), decisions.settings.get("priority")
    changed: dict[str, Any] = {}
    if rule is not None and rule.value in {one.name for one in parameters.rules if one.enabled}:
        changed["default_rule"] = rule.value
    if ranking is not None and (fits := _ranking(ranking.value, parameters.priority, inputs)) is not None:
        changed["priority"] = fits
    return parameters.model_copy(update=changed) if changed else parameters


def _ranking(value: Any, shipped: PriorityParameters, inputs: Inputs) -> PriorityParameters | None:
    try:
        found = PriorityParameters.model_validate(value)
    except ValidationError:
        return None
    known = {one.name for one in (*shipped.criteria, *shipped.offered)}
    own = set() if inputs.criteria is None else set(inputs.criteria.columns)
    criteria = tuple(one for one in found.criteria if one.name in known or (one.column or one.name) in own)
    return found.model_copy(update={"criteria": criteria, "offered": shipped.offered}) if criteria else None


def office_plan(
    analysis: Analysis, ground: Ground, decisions: Decisions, seconds: float, budgets: Mapping[int, int] | None = None
) -> PlanResult:
    """The plan of a run: under the budgets given, else the office's as it was decided, else under an assumed budget.

    Parameters
    ----------
    seconds
        Time limit where a plan is searched for.
    budgets
        Rupiah by budget year.
    """
    shipped = read_costs()
    kept, request = decisions.settings.get("plan"), decisions.plan_request(analysis.priority)
    if budgets is None and kept is not None and request is not None:
        try:
            costs = with_values(shipped, kept.value["costs"])
            found = survey_of(analysis, ground, costs, allow_sea=bool(kept.value["wishes"].get("allow_sea")))
            request = _still_possible(request, found)
            if "rows" in kept.value:
                return plan_again(analysis, found, costs, request, kept.value)
            return make_plan(analysis, found, costs, request, seconds=seconds)  # decided before plans were kept whole
        except (KeyError, TypeError, ValueError, ParameterError):
            pass  # a decision that makes no sense any more
    asked = default_request(shipped) if budgets is None else PlanRequest(budgets)
    return make_plan(analysis, survey_of(analysis, ground, shipped), shipped, asked, seconds=seconds)


def _still_possible(request: PlanRequest, found: SiteSurvey) -> PlanRequest:
    """The request without pinned villages that lack nothing any more."""
    lacking = set(found.measures.loc[found.measures["possible"], "village_code_bps"])
    edits = (edit for edit in request.edits if edit.action == "forbid" or edit.village in lacking)
    return replace(request, edits=tuple(edits))


def request_of(request: Mapping[str, Any], priority: pd.DataFrame) -> PlanRequest:
    """A plan's request from its JSON (:func:`coverage.web.plan_page.scenarios.document`)."""
    budgets = {int(year): int(money) for year, money in request["budgets"].items()}
    return PlanRequest(
        budgets=budgets,
        edits=edits_from(request),
        minimum={str(name): int(least) for name, least in request["minimum"].items()},
        weights=priority_weights(priority) if request["weighted"] else None,
        running_in_budget=bool(request["running_in_budget"]),
        assumed=budgets == default_request(read_costs()).budgets,
    )
