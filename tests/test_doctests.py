"""Examples in docstrings give what they say."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "coverage").rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


def test_formulas_have_examples() -> None:
    assert {"coverage.reach.p1411", "coverage.reach.link_budget", "coverage.ranking.weights"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_say(name: str) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(import_module(name)):
        runner.run(test, out=said.append)
    assert not said, "".join(said)
    assert runner.tries
