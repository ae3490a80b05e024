"""Re-rank a run under other criteria, weights or method, without recomputing the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coverage.base.parameters import PriorityParameters
from coverage.ranking.priority import Decision, decide, ranking
from coverage.run.analysis import criterion_columns, run_id
from coverage.run.inputs import Inputs
from coverage.run.pockets import with_pockets
from coverage.run.result import Analysis


@dataclass(frozen=True)
class Order:
    """A re-ranked run and its decision matrix."""

    analysis: Analysis
    decision: Decision


def ordered(analysis: Analysis, inputs: Inputs, priority: PriorityParameters, rule: str | None = None) -> Order:
    """The run as it would be with other priority parameters, or under another rule, run id included.

    Parameters
    ----------
    inputs
        Inputs of the run, with figures for the planner's own criteria.
    rule
        The rule that decides states and order; that of the run unless named.

    Raises
    ------
    InputError
        If a criterion cannot be used, naming it.
    """
    update = {"priority": priority, "default_rule": rule or analysis.parameters.default_rule}
    parameters = analysis.parameters.model_copy(update=update)
    extra = criterion_columns(inputs, parameters, analysis.village_signal)
    decision = decide(
        analysis.villages,
        analysis.village_service,
        analysis.blank_spots,
        priority,
        parameters.default_rule,
        analysis.evidence,
        extra,
    )
    if parameters == analysis.parameters and inputs.criteria is None:
        return Order(analysis, decision)
    run = {
        **analysis.run,
        "run_id": run_id(inputs, parameters),
        "parameters": parameters.model_dump(mode="json"),
        "inputs": dict(sorted(inputs.files.items())),
    }
    ranked = replace(analysis, priority=ranking(decision), parameters=parameters, run=run)
    same_rule = parameters.default_rule == analysis.parameters.default_rule
    return Order(with_pockets(ranked, extra, analysis.found_pockets if same_rule else None), decision)
