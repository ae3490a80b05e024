"""A new method of a blank-spot rule, and a new decision method, are one module each."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from coverage.base.errors import ParameterError
from coverage.exports.excel import rule_meaning
from coverage.language.words import Words
from coverage.ranking import scoring
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.villages_served import rule_methods

CENTRE = '''"""By whether the village centre is in reach."""

import numpy as np
import pandas as pd

from coverage.base.parameters import Rule
from coverage.villages_served.rule_methods import RuleInputs, rule_method


@rule_method("centre")
def by_centre(rule: Rule, inputs: RuleInputs) -> pd.DataFrame:
    rows = inputs.service[inputs.service["service"] == rule.service].set_index("village_code_bps").reindex(inputs.codes)
    served = rows["centre_served"].to_numpy(dtype=bool, na_value=False)
    return pd.DataFrame(
        {
            "village_code_bps": inputs.codes.to_numpy(),
            "rule": rule.name,
            "state": np.where(served, "served", "blank"),
            "reason": np.where(served, "in_reach", "none_in_reach_no_asset"),
            "share": np.nan,
            "reach_m": np.nan,
            "nearest_kind": None,
            "nearest_m": np.nan,
        }
    )
'''
WORST = '''"""By the most urgent criterion alone."""

from coverage.ranking.scoring import Floats, Scorer, decision_method


@decision_method("worst")
def prepare(scaled: Floats) -> Scorer:
    return lambda weights: scaled.max(axis=1) + 0 * weights.sum(axis=-1, keepdims=True)
'''
OWN = """
[[rule]]
name = "centre"
method = "centre"
services = ["cellular"]
needs = ["cellular"]
source = "made for a test"

[priority]
method = "worst"
"""
Add = Callable[[str, str], None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Add]:
    """Put a module into a package for the time of a test."""
    scoring.decision_methods(), rule_methods.rule_methods()
    added: list[str] = []

    def put(package: str, text: str) -> None:
        folder = tmp_path / package
        folder.mkdir()
        name = f"made_{len(added)}"
        (folder / f"{name}.py").write_text(text, "utf-8")
        home = importlib.import_module(package)
        monkeypatch.setattr(home, "__path__", [*home.__path__, str(folder)])
        added.append(f"{package}.{name}")
        scoring.decision_methods.cache_clear()
        rule_methods.rule_methods.cache_clear()

    monkeypatch.setattr(scoring, "_FOUND", dict(scoring._FOUND))
    monkeypatch.setattr(rule_methods, "_FOUND", dict(rule_methods._FOUND))
    yield put
    scoring.decision_methods.cache_clear()
    rule_methods.rule_methods.cache_clear()
    for name in added:
        sys.modules.pop(name, None)


@pytest.mark.slow
def test_a_run_takes_both(add: Add, tmp_path: Path) -> None:
    add("coverage.villages_served.methods", CENTRE)
    add("coverage.ranking.methods", WORST)
    own = tmp_path / "sendiri.toml"
    own.write_text(OWN, "utf-8")
    parameters = read_parameters(own)
    run = analyze(load_inputs(), parameters)
    cellular = run.village_service[run.village_service["service"] == "cellular"].set_index("village_code_bps")
    assert ((run.states("centre") == "served") == cellular["centre_served"].astype(bool)).all()
    assert run.priority["score"].is_monotonic_decreasing
    assert len(run.priority)
    assert rule_meaning(parameters.rules[-1], Words("id"))


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ('[priority]\nmethod = "tebak"', "priority.method"),
        ('[[rule]]\nname = "overlay"\nmethod = "tebak"', "rule.overlay.method"),
    ],
)
def test_a_method_that_there_is_not_is_refused_with_those_there_are(tmp_path: Path, own: str, field: str) -> None:
    file = tmp_path / "sendiri.toml"
    file.write_text(own, "utf-8")
    with pytest.raises(ParameterError) as refused:
        read_parameters(file)
    assert (refused.value.code, refused.value.details["field"]) == ("parameters.invalid", field)
    with pytest.raises(ParameterError):
        scoring.scorer(np.zeros((2, 1)), "tebak")


def test_every_method_has_its_words() -> None:
    for words in (Words("id"), Words("en")):
        assert all(words.has(f"priority.method.{name}") for name in scoring.decision_methods())
