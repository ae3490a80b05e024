"""The region that ships, computed once for all tests of the screen."""

import pytest

from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return load_inputs()


@pytest.fixture(scope="session")
def analysis(inputs: Inputs) -> Analysis:
    return analyze(inputs, read_parameters())


@pytest.fixture(scope="session")
def words() -> Words:
    return Words("id")
