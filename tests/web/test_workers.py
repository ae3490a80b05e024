"""Long computations in processes of their own: the same answer, with next to nothing of the server's own time."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coverage.base.errors import StoreError
from coverage.reach.added_asset import people_gained
from coverage.readers.costs import read_costs
from coverage.readers.kinds import asset_kinds
from coverage.run.analysis import analyze
from coverage.run.planning import default_request, make_plan, survey_of
from coverage.run.pockets import pocket_choices, pockets_of
from coverage.run.sources import Sources
from coverage.run.what_if import TrialAsset, what_if
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


@pytest.mark.slow
def test_one_that_nobody_calls_ends_and_one_that_is_called_stays(
    run: ComputedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "IDLE_S", 2.0)
    began = time.monotonic()
    called = ask(run, visitor_tasks.who)[0]
    while time.monotonic() < began + 4:
        assert ask(run, visitor_tasks.who)[0] == called
        time.sleep(0.2)
    (idle,) = [worker for worker in workers._all if worker.process.pid == called]
    idle.process.wait(10)
    assert ask(run, visitor_tasks.who)[0] != called
    assert idle not in workers._all


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


@pytest.mark.slow
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
    # Each point is sought for seconds only: on a busy machine one may stay a little below the best.
    assert curve["people"].tolist() == pytest.approx(curve_here["people"].tolist(), rel=0.01)
    assert apart < without / 4, f"{apart:.2f} s of the server's processor, {without:.2f} s without"


@pytest.mark.slow
def test_what_pages_wait_for_is_the_same_as_computed_here(run: ComputedRun) -> None:
    """A tower tried out, measures, a plan opened again, a run of other assets, people lost by what is broken."""
    tower = (TrialAsset(112.2, -8.2, height_m=42.0, band_mhz=900.0),)
    found = ask(run, visitor_work.what_if, tower, "official")
    here = what_if(run.analysis, run.ground, tower, "official")
    pd.testing.assert_frame_equal(found.villages, here.villages)
    pd.testing.assert_frame_equal(found.pockets, here.pockets)
    assert found.circles == {0: 3000}
    assert (found.people, found.people_unknown) == (here.people_newly_served, here.people_unknown)
    assert found.people > 1000
    assert sum(found.before.values()) == sum(found.after.values()) == len(run.analysis.villages)
    costs = read_costs()
    survey, survey_here = ask(run, visitor_work.survey, costs, None, False), survey_of(run.analysis, run.ground, costs)
    pd.testing.assert_frame_equal(survey.measures, survey_here.measures)
    request = default_request(costs)
    made = make_plan(run.analysis, survey_here, costs, request, seconds=20)
    rows = made.plan.rollout[["village_code_bps", "measure", "year"]].values.tolist()
    kept = {"run_id": "lain", "rows": rows, "bound": None, "status": made.plan.status, "wishes": {}}
    again, curve = ask(run, visitor_work.plan_again, costs, (None, None), False, request, kept, True)
    assert (again.plan.people, again.plan.remarks) == (made.plan.people, (("planning.scenario.other_run", {}),))
    assert len(curve) > 3
    assets = run.inputs.assets
    assert assets is not None
    inputs = replace(run.inputs, assets=assets.assign(status="operational"))
    after = replace(run.analysis, **ask(run, visitor_work.run_with, inputs))
    after_here = analyze(inputs, run.analysis.parameters, run.ground)
    assert after.run["run_id"] == after_here.run["run_id"] != run.analysis.run["run_id"]
    pd.testing.assert_series_equal(after.states(), after_here.states())
    broken = list(assets.loc[assets["status"] == "damaged", "asset_id"])[:2]
    lost = people_gained(run.ground.land, run.ground.cells, run.analysis.villages, assets, asset_kinds(), broken)
    assert ask(run, visitor_work.people_lost, assets, broken) == pytest.approx(lost)
    operator = pocket_choices(run.analysis)["operator"][0]
    table, _ = ask(run, visitor_work.own_pockets, "operator", operator, "id")
    own = pockets_of(replace(run.analysis, land=run.ground.land, cells=run.ground.cells), "operator", operator)[0]
    assert run.analysis.pockets is not None
    assert own.pockets is not None
    assert table["population_unserved"].sum() == pytest.approx(own.pockets["people"].sum(), abs=len(table))
    assert table["population_unserved"].sum() > run.analysis.pockets["people"].sum()


HEAVY_ROOMS = ("coverage.run.", "coverage.rollout.", "coverage.reach.", "coverage.exports.bundle")
"""Where what takes long is; of the rest of exports, pages write small tables."""
LIGHT = {"coverage.reach.model.radio_of", "coverage.reach.signal_views.classes", "coverage.run.privacy.for_outsiders"}
"""Looked up at once."""
HERE = {"visitor_work.py", "run_cache.py", "on_demand.py"}
"""Visitors' work, the runs themselves (of which so many are awaited), and layers of a run (made once, one at a time)."""


def imported(file: Path) -> set[str]:
    """What a module imports, by its full name."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {f"{node.module}.{one.name}" for node in nodes for one in node.names}


def computations() -> set[str]:
    """Every function that :mod:`coverage.web.visitor_work` calls for visitors."""
    names = {name for name in imported(Path(visitor_work.__file__)) if name.startswith(HEAVY_ROOMS)}
    found = {name: getattr(sys.modules[name.rpartition(".")[0]], name.rpartition(".")[2]) for name in names}
    return {name for name, one in found.items() if inspect.isfunction(one)} - LIGHT


def computing_in_a_page(names: set[str], files: Iterable[Path]) -> set[tuple[str, str]]:
    return {(file.name, name) for file in files if file.name not in HERE for name in imported(file) & names}


def test_no_page_computes_what_visitors_may_have_computed() -> None:
    names, web = computations() | {"coverage.run.analysis.analyze"}, ROOT / "coverage" / "web"
    assert {
        "coverage.run.what_if.what_if",
        "coverage.run.planning.survey_of",
        "coverage.run.planning.plan_again",
    } < names
    assert computing_in_a_page(names, web.rglob("*.py")) == set()


def test_one_that_would_is_found(tmp_path: Path) -> None:
    """As pages Sinyal, Rencana and Inventaris did until 2026-11-29."""
    page = tmp_path / "page.py"
    page.write_text("def show():\n    from coverage.run.planning import plan_again\n", "utf-8")
    assert computing_in_a_page(computations(), [page]) == {("page.py", "coverage.run.planning.plan_again")}


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
