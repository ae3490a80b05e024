"""Other weights give the order that a run with them would have given."""

import pytest

from coverage.base.parameters import PriorityParameters
from coverage.exports.tables import write_priority
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, run_id
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.reweigh import ordered

ONLY_LISTED = {
    "people_unserved": 0.0,
    "share_unserved": 0.0,
    "distance_to_connection_m": 0.0,
    "centre_unserved": 0.0,
    "officially_listed": 1.0,
}


def with_weights(priority: PriorityParameters, weights: dict[str, float]) -> PriorityParameters:
    criteria = [one.model_copy(update={"weight": weights.get(one.name, one.weight)}) for one in priority.criteria]
    return priority.model_copy(update={"criteria": tuple(criteria)})


def reweighed(analysis: Analysis, inputs: Inputs, weights: dict[str, float]) -> Analysis:
    return ordered(analysis, inputs, with_weights(analysis.parameters.priority, weights)).analysis


def test_the_weights_of_the_run_leave_it_as_it_is(analysis: Analysis, inputs: Inputs) -> None:
    own = {criterion.name: criterion.weight for criterion in analysis.parameters.priority.criteria}
    assert reweighed(analysis, inputs, own) is analysis
    assert reweighed(analysis, inputs, {}) is analysis


@pytest.mark.slow
def test_other_weights_give_the_same_bytes_as_a_run_with_them(analysis: Analysis, inputs: Inputs, words: Words) -> None:
    weights = {"people_unserved": 0.05, "share_unserved": 0.9}
    parameters = read_parameters()
    parameters = parameters.model_copy(update={"priority": with_weights(parameters.priority, weights)})
    whole = analyze(inputs, parameters)
    quick = reweighed(analysis, inputs, weights)
    assert quick.run["run_id"] == whole.run["run_id"] == run_id(inputs, parameters) != analysis.run["run_id"]
    assert write_priority(quick, words) == write_priority(whole, words) != write_priority(analysis, words)


def test_when_only_the_official_list_counts_its_villages_come_first(analysis: Analysis, inputs: Inputs) -> None:
    first = reweighed(analysis, inputs, ONLY_LISTED).priority
    listed = set(analysis.states("official")[lambda states: states == "blank"].index) & set(first["village_code_bps"])
    assert set(first["village_code_bps"].head(len(listed))) == listed
