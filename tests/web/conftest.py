"""The region that ships, computed once for all tests of the screen."""

import pytest

from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis
from coverage.web import store_access
from coverage.web.start_token import start_token


@pytest.fixture(autouse=True)
def at_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at a page came by the address with the start token."""
    monkeypatch.setattr(store_access, "_cookie", start_token)


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return load_inputs()


@pytest.fixture(scope="session")
def analysis(inputs: Inputs) -> Analysis:
    return analyze(inputs, read_parameters())


@pytest.fixture(scope="session")
def words() -> Words:
    return Words("id")
