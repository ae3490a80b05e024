"""The second process: what it makes, what it refuses, and what becomes of the work when it is lost."""

import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from coverage.base.errors import Place, RowError
from coverage.cli import second_process
from coverage.cli.second_process import SecondProcess

READY, SHARED = "coverage.cli.second_process:_cores", "coverage.language.words"


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondProcess]:
    # Another test may have left a page of the app as the main module, which the second process would run.
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    made = SecondProcess(READY, SHARED)
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


FORKED = """
import os, signal, sys
from coverage.cli.second_process import SecondProcess
sys.setrecursionlimit(4321)
beside = SecondProcess("coverage.cli.second_process:_cores", "coverage.language.words")
print(beside.begin("sys:getrecursionlimit").result(60), beside.begin("os:getpid").result(60), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the second process begins from nothing")
def test_a_fork_has_what_was_imported_and_ends_with_the_first_process(tmp_path: Path) -> None:
    file = tmp_path / "dua.py"
    file.write_text(FORKED, "utf-8")
    with subprocess.Popen(
        [sys.executable, file],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    ) as first:
        said, _ = first.communicate(timeout=60)  # to the end: the fork has the same output, and lets go of it
    assert first.returncode == -signal.SIGKILL
    limit, there = said.split()
    assert limit == "4321"
    deadline = time.monotonic() + 30
    while Path(f"/proc/{there}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{there}").exists()


def test_beside_another_thread_nothing_is_forked() -> None:
    go = threading.Event()
    other = threading.Thread(target=go.wait)
    other.start()
    try:
        assert not second_process._can_fork()
    finally:
        go.set()
        other.join()


def test_on_one_core_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_process, "_cores", lambda: 1)
    alone = SecondProcess(READY, SHARED)
    assert alone.begin("os:getpid").result(60) == os.getpid()
    alone.end()


def test_it_ends_when_the_first_process_is_gone(beside: SecondProcess) -> None:
    there = beside.begin("os:getpid").result(60)
    beside._line.close()  # what the system does with the line of a process that was killed
    beside._process.join(30)
    assert beside._process.exitcode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(there, 0)
