"""``scripts/start.py test``: every test is run once, and the fast half leaves out what takes long."""

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", ROOT / "scripts" / "start.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def commands(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    given: list[list[str]] = []

    def note(*command: str, **_: bool) -> int:
        given.append(list(command))
        return 0

    class Beside:
        def __init__(self, command: list[str], **_: Any) -> None:
            note(*command)

        def wait(self) -> int:
            return 1

        def kill(self) -> None:
            pass

    monkeypatch.setattr(start, "_run", note)
    monkeypatch.setattr(subprocess, "Popen", Beside)
    return given


def chosen(command: list[str]) -> str:
    return command[command.index("-m", 2) + 1]


def test_all_tests_are_run_once_and_a_failure_of_any_part_counts(start: ModuleType, commands: list[list[str]]) -> None:
    assert start.test(["-q"]) == 1
    browser, compiling, *others = commands
    assert [chosen(command) for command in (browser, *others)] == ["browser", "not (browser or alone)", "alone"]
    assert all("-q" in command for command in (browser, *others))
    assert ["-n" in command for command in (browser, *others)] == [False, True, True]
    assert compiling == [str(start.PYTHON), "-m", "tests.compiled_ahead"]
    tests = ROOT / "tests"
    marked = {path for path in tests.rglob("*.py") if "mark.alone" in path.read_text("utf-8")}
    assert [path for path in marked if tests / "faults" not in path.parents and path.name != "test_start.py"] == []


def test_what_needs_a_browser_lies_where_it_is_looked_for(start: ModuleType) -> None:
    tests = ROOT / "tests"
    asks = re.compile(r"\bbrowser: (Browser|Any)|mark\.browser")
    asking = {
        path for path in tests.rglob("test_*.py") if path != Path(__file__) and asks.search(path.read_text("utf-8"))
    }
    places = [ROOT / place for place in start.IN_BROWSER[: start.IN_BROWSER.index("-m")]]
    assert asking
    assert [path for path in asking if not any(path.is_relative_to(place) for place in places)] == []


def test_the_fast_half_leaves_out_what_takes_long(start: ModuleType, commands: list[list[str]]) -> None:
    start.test(["--fast", "-x"])
    (command,) = commands
    assert chosen(command) == "not (browser or postgis or alone or slow)"
    assert "-x" in command
    assert "--fast" not in command


def test_certain_tests_are_run_as_they_are_asked_for(start: ModuleType, commands: list[list[str]]) -> None:
    start.test(["tests/test_words.py"])
    assert commands == [[str(start.PYTHON), "-m", "pytest", "tests/test_words.py"]]


def test_the_marks_that_choose_are_declared(start: ModuleType) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["markers"]
    names = {mark.split(":")[0] for mark in declared}
    assert set(re.findall(r"browser|postgis|alone|slow", start.FAST[-1])) == names
