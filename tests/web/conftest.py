"""The region that ships, computed once for all tests of the screen."""

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from coverage.language.words import Words
from coverage.readers import apart, worker
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis
from coverage.store import Store, open_store
from coverage.web import store_access
from coverage.web.start_token import start_token


@pytest.fixture(autouse=True)
def at_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at a page came by the address with the start token."""
    monkeypatch.setattr(store_access, "_cookie", start_token)


class Here:
    """In place of a process apart: its answer, pickled as there, without what starting it takes."""

    returncode = 0

    def communicate(self, call: bytes, timeout: float) -> None:
        made, _, _, *reader = pickle.loads(call)
        worker._write(Path(made), worker._answer(*reader))

    def kill(self) -> None: ...

    def wait(self) -> None: ...


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process: that strangers' are read in another is for tests/security and the browser."""
    monkeypatch.setattr(apart, "_take", Here)
    monkeypatch.setattr(apart, "ready_ahead", lambda: None)


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A data folder and an inventory of their own, open to the person at this computer."""
    shutil.copy(sqlite_template, tmp_path)
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    opened = open_store()
    monkeypatch.setattr(store_access, "_kept", [store_access.OpenedStore(opened)])
    monkeypatch.setattr(store_access, "_others", [])
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return load_inputs()


@pytest.fixture(scope="session")
def analysis(inputs: Inputs) -> Analysis:
    return analyze(inputs, read_parameters())


@pytest.fixture(scope="session")
def words() -> Words:
    return Words("id")
