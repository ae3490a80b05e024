"""The second process: what it makes, what it refuses, and what becomes of the work when it is lost."""

import os
import signal
import sys
import time
import types
from collections.abc import Iterator

import pytest

from coverage.cli import second_process
from coverage.cli.second_process import SecondProcess
from coverage.errors import Place, RowError

READY = "coverage.cli.second_process:_cores"


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondProcess]:
    # Another test may have left a page of the app as the main module, which the second process would run.
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    made = SecondProcess(READY)
    yield made
    made.end()


def refuse(row: int) -> None:
    raise RowError("geofile.bad_geometry", Place(file="desa.geojson", row=row, value="x"))


def test_work_is_done_in_another_process_and_answered_in_order(beside: SecondProcess) -> None:
    first, second = beside.begin("os:getpid"), beside.begin("builtins:divmod", 7, 2)
    assert first.result(60) != os.getpid()
    assert second.result(60) == (3, 1)


def test_what_is_refused_there_is_refused_here_with_its_place(beside: SecondProcess) -> None:
    with pytest.raises(RowError) as refused:
        beside.begin("tests.test_second_process:refuse", 7).result(60)
    assert (refused.value.code, refused.value.place.row) == ("geofile.bad_geometry", 7)


def test_where_the_process_is_killed_the_work_is_done_here(beside: SecondProcess) -> None:
    there = beside.begin("os:getpid").result(60)
    assert there != os.getpid()
    asked = beside.begin("time:sleep", 0.5)
    os.kill(there, signal.SIGKILL)
    assert asked.result(60) is None
    assert beside.begin("os:getpid").result(60) == os.getpid()


def test_when_it_is_ended_its_work_is_left_and_not_done_here(beside: SecondProcess) -> None:
    assert beside.begin("os:getpid").result(60) != os.getpid()
    left = beside.begin("time:sleep", 60)
    while not left.running():
        time.sleep(0.01)
    started = time.monotonic()
    beside.end()
    assert time.monotonic() - started < 30
    assert left.exception() is not None


def test_on_one_core_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_process, "_cores", lambda: 1)
    alone = SecondProcess(READY)
    assert alone.begin("os:getpid").result(60) == os.getpid()
    alone.end()


def test_it_ends_when_the_first_process_is_gone(beside: SecondProcess) -> None:
    there = beside.begin("os:getpid").result(60)
    beside._line.close()  # what the system does with the line of a process that was killed
    beside._process.join(30)
    assert beside._process.exitcode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(there, 0)
