"""The same run under another way to put villages in order: it follows at once, nothing else is computed again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coverage.base.parameters import PriorityParameters
from coverage.ranking.priority import Decision, decide, ranking
from coverage.run.analysis import criterion_columns, run_id
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis


@dataclass(frozen=True)
class Order:
    """A run under a way to put villages in order, and the figures that the order rests on."""

    analysis: Analysis
    decision: Decision


def ordered(analysis: Analysis, inputs: Inputs, priority: PriorityParameters) -> Order:
    """Return the run as it would have come out with these criteria, weights and method, run id and all.

    Parameters
    ----------
    inputs
        What the run was made from, with the figures that criteria of the planner's own need.
    priority
        The way to put villages in order.

    Raises
    ------
    InputError
        If a criterion cannot be used, naming it.
    """
    parameters = analysis.parameters.model_copy(update={"priority": priority})
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
    if priority == analysis.parameters.priority and inputs.criteria is None:
        return Order(analysis, decision)
    run = {
        **analysis.run,
        "run_id": run_id(inputs, parameters),
        "parameters": parameters.model_dump(mode="json"),
        "inputs": dict(sorted(inputs.files.items())),
    }
    return Order(replace(analysis, priority=ranking(decision), parameters=parameters, run=run), decision)
