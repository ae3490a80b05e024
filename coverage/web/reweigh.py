"""The same run under other weights of the priority: the order follows at once, nothing else is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from coverage.analysis import Analysis, run_id
from coverage.inputs import Inputs
from coverage.parameters import PriorityParameters
from coverage.priority import rank_villages


def with_weights(priority: PriorityParameters, weights: Mapping[str, float]) -> PriorityParameters:
    """The parameters with other weights; a criterion that is not named keeps its own."""
    criteria = tuple(criterion.model_copy(update={"weight": weights.get(criterion.name, criterion.weight)})
                     for criterion in priority.criteria)
    return priority.model_copy(update={"criteria": criteria})


def reweighed(analysis: Analysis, inputs: Inputs, weights: Mapping[str, float]) -> Analysis:
    """Return the run as it would have come out with these weights, run id and all.

    Parameters
    ----------
    inputs
        What the run was made from.
    weights
        Weight by name of the criterion.
    """
    priority = with_weights(analysis.parameters.priority, weights)
    if priority == analysis.parameters.priority:
        return analysis
    parameters = analysis.parameters.model_copy(update={"priority": priority})
    ranked = rank_villages(analysis.villages, analysis.village_service, analysis.blank_spots, priority,
                           parameters.default_rule)
    run = {**analysis.run, "run_id": run_id(inputs, parameters), "parameters": parameters.model_dump(mode="json")}
    return replace(analysis, priority=ranked, parameters=parameters, run=run)
