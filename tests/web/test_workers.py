"""Long computations in processes of their own: the same answer, with next to nothing of the server's own time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coverage.base.errors import StoreError
from coverage.readers.costs import read_costs
from coverage.run.planning import default_request
from coverage.run.sources import Sources
from coverage.web import background_jobs, visitor_work, workers
from coverage.web.background_jobs import Job
from coverage.web.run_cache import RUNS, ComputedRun
from coverage.web.work_process import Task
from coverage.web.workers import compute
from tests.web import visitor_tasks

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run() -> ComputedRun:
    return RUNS.of(Sources()).result.result()


def ask(run: ComputedRun, make: Callable[..., Any], *given: Any, seconds: float = 60.0) -> Any:
    return begun(run, make, *given).result.result(seconds)


def begun(run: ComputedRun, make: Callable[..., Any], *given: Any) -> Job[Any]:
    return Job(lambda job: compute(job, make, run.analysis, run.ground, *given))


@pytest.mark.slow
def test_it_runs_elsewhere_at_lower_priority_and_keeps_the_run(run: ComputedRun) -> None:
    first, second = (ask(run, visitor_tasks.who) for _ in range(2))
    assert first[0] != os.getpid()
    assert first == second  # the same process, which was given the run once
    if sys.platform == "linux":
        assert first[1] >= os.nice(0) + 5


def test_what_differs_from_the_run_goes_along(run: ComputedRun) -> None:
    priority = run.analysis.priority.iloc[::-1].reset_index(drop=True)
    own = replace(run.analysis, priority=priority)
    found = Job(lambda job: compute(job, visitor_tasks.order_of, own, run.ground)).result.result(60)
    assert found == list(priority["village_code_bps"])
    assert ask(run, visitor_tasks.order_of) == found[::-1]


def test_a_run_that_is_kept_no_more_is_handed_over_whole(run: ComputedRun) -> None:
    other = replace(run.analysis, cells=run.analysis.cells.copy(), priority=run.analysis.priority.head(3))
    found = Job(lambda job: compute(job, visitor_tasks.order_of, other, None)).result.result(60)
    assert found == list(run.analysis.priority["village_code_bps"].head(3))


@pytest.mark.slow
def test_one_that_dies_is_told_and_replaced(run: ComputedRun) -> None:
    before = ask(run, visitor_tasks.who)[0]
    with pytest.raises(StoreError, match=r"jobs\.died"):
        ask(run, visitor_tasks.dies)
    assert ask(run, visitor_tasks.who)[0] != before


def test_a_fault_and_what_is_printed_leave_it_as_it_is(run: ComputedRun) -> None:
    with pytest.raises(ZeroDivisionError):
        ask(run, visitor_tasks.fails)
    assert ask(run, visitor_tasks.prints) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the system")
def test_one_that_wants_all_memory_is_refused_in_words(run: ComputedRun) -> None:
    with pytest.raises(StoreError, match=r"jobs\.died"):
        ask(run, visitor_tasks.hungry)


def test_a_search_ends_with_the_best_so_far_when_its_time_is_over(
    run: ComputedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_jobs, "MOST_S", 0.5)
    job = begun(run, visitor_tasks.search)
    assert 0 < job.result.result(60) < 2000
    assert job.progress is not None


def test_a_search_that_has_no_best_so_far_ends_with_a_sentence(run: ComputedRun) -> None:
    job = begun(run, visitor_tasks.sites)
    job.stop()
    with pytest.raises(StoreError, match=r"jobs\.(too_long|stopped)"):
        job.result.result(60)


def test_one_that_does_not_listen_is_ended(run: ComputedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_jobs, "MOST_S", 0.5)
    monkeypatch.setattr(workers, "GRACE_S", 0.5)
    with pytest.raises(StoreError, match=r"jobs\.too_long"):
        ask(run, visitor_tasks.search, True)


@pytest.mark.slow
def test_a_plan_is_the_same_and_takes_next_to_nothing_of_the_server(run: ComputedRun) -> None:
    costs = read_costs()
    given = (costs, None, False, default_request(costs))
    ask(run, visitor_tasks.who)
    begins = time.process_time()
    planned, curve = ask(run, visitor_work.plan, *given, seconds=200.0)
    apart = time.process_time() - begins
    begins = time.process_time()
    here, curve_here = visitor_work.plan(Task(run.analysis, run.ground, lambda *_: None), *given)
    without = time.process_time() - begins
    assert planned.plan.people == here.plan.people
    assert curve["people"].tolist() == curve_here["people"].tolist()
    assert apart < without / 4, f"{apart:.2f} s of the server's processor, {without:.2f} s without"


@pytest.mark.slow
def test_it_ends_with_the_server() -> None:
    code = (
        "from coverage.web.workers import Worker; import os; worker = Worker();"
        "print(worker.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    pid, until = int(done.stdout), time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, FileNotFoundError):
            return
        if state == "Z":
            return
        time.sleep(0.1)
    raise AssertionError("it goes on without the server")
