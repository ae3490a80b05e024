"""A run is computed once, however many wait for it."""

import gc
import os
import threading
import time
import weakref
from pathlib import Path

import pytest

from coverage.base.errors import FileRefusedError, StoreError
from coverage.run.analysis import RunProgress
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.web import run_cache as runs_module
from coverage.web import store_access
from coverage.web.run_cache import KEPT, MOST_WAITING, ComputedRun, Runs, cached_per_run


class Counting:
    """Stands in for the flow: counts how often it was asked, and can fail."""

    def __init__(self, fail: bool = False) -> None:
        self.calls = 0
        self.fail = fail
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, sources: Sources, progress: RunProgress) -> ComputedRun:
        self.calls += 1
        progress("reach", 0.5)
        assert self.may_end.wait(5)
        if self.fail:
            raise FileRefusedError("file.not_found")
        return ComputedRun(None, None, None, None)  # type: ignore[arg-type]


def test_thirty_visitors_at_once_wait_for_one_computation_and_see_how_far_it_is() -> None:
    flow = Counting()
    flow.may_end.clear()
    runs = Runs(flow)
    found = []
    visitors = [threading.Thread(target=lambda: found.append(runs.of(Sources()))) for _ in range(30)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    deadline = time.monotonic() + 5
    while found[0].step != "reach" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len({id(run) for run in found}) == 1
    assert (found[0].step, found[0].done, found[0].result.done()) == ("reach", 0.5, False)
    flow.may_end.set()
    found[0].result.result(5)
    assert flow.calls == 1


def test_a_run_that_was_refused_is_tried_again_at_the_next_visit() -> None:
    flow = Counting(fail=True)
    runs = Runs(flow)
    with pytest.raises(FileRefusedError):
        runs.of(Sources()).result.result(5)
    flow.fail = False
    assert runs.of(Sources()).result.result(5)
    assert flow.calls == 2


def test_a_file_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    flow, file = Counting(), tmp_path / "menara.csv"
    file.write_text("a")
    runs, chosen = Runs(flow), Sources(assets=(file,))
    runs.of(chosen).result.result(5)
    runs.of(chosen).result.result(5)
    assert flow.calls == 1
    file.write_text("b")
    os.utime(file, ns=(1, 1))
    runs.of(chosen).result.result(5)
    assert flow.calls == 2


def test_only_the_latest_runs_are_kept() -> None:
    flow = Counting()
    runs = Runs(flow)
    for number in range(KEPT + 1):
        runs.of(Sources(region=str(number))).result.result(5)
    runs.of(Sources(region=str(KEPT))).result.result(5)
    assert flow.calls == KEPT + 1
    runs.of(Sources(region="0")).result.result(5)
    assert flow.calls == KEPT + 2


def test_whoever_looks_at_many_regions_neither_pushes_out_the_first_nor_keeps_it_waiting() -> None:
    flow = Counting()
    runs = Runs(flow)
    first = runs.of(Sources())
    first.result.result(5)
    for number in range(3 * KEPT):
        runs.of(Sources(region=str(number))).result.result(5)
    assert runs.of(Sources()) is first


def test_so_many_other_regions_may_be_awaited_and_the_first_is_computed_beside_them() -> None:
    ends = threading.Event()

    def flow(sources: Sources, progress: RunProgress) -> ComputedRun:
        assert sources == Sources() or ends.wait(10)
        return ComputedRun(None, None, None, None)  # type: ignore[arg-type]

    runs = Runs(flow)
    others = [runs.of(Sources(region=str(number))) for number in range(MOST_WAITING)]
    with pytest.raises(StoreError, match=r"jobs\.too_many"):
        runs.of(Sources(region="9999"))
    assert runs.of(Sources(region="0")) is others[0]
    assert runs.of(Sources()).result.result(5)
    ends.set()
    for run in others:
        run.result.result(5)
    assert runs.of(Sources(region="9999")).result.result(5)


def test_runs_of_regions_that_were_looked_at_do_not_pile_up() -> None:
    runs, seen = Runs(Counting()), []
    for number in range(3 * KEPT):
        run = runs.of(Sources(region=str(number)))
        run.result.result(5)
        seen.append(weakref.ref(run))
        del run
    gc.collect()
    assert sum(one() is not None for one in seen) <= KEPT + 1  # one may be in its thread yet


def test_after_a_change_of_the_inventory_the_run_before_is_shown_and_said_to_be_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flow, revision = Counting(), [1]
    monkeypatch.setattr(store_access, "revision", lambda _: revision[0])
    runs = Runs(flow)
    first, older = runs.shown(Sources())
    assert not older  # the very first is waited for
    first.result.result(5)
    revision[0], _ = 2, flow.may_end.clear()
    assert runs.shown(Sources()) == (first, True)
    flow.may_end.set()
    new = runs.of(Sources())
    new.result.result(5)
    assert new is not first
    assert runs.shown(Sources()) == (new, False)


@pytest.mark.slow
def test_after_a_change_of_the_inventory_the_files_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(store_access, "_kept", [])
    fresh = Runs()
    monkeypatch.setattr(runs_module, "RUNS", fresh)
    first = fresh.of(Sources()).result.result(120)
    monkeypatch.setattr(runs_module, "read_inputs", lambda *_, **__: pytest.fail("the files were read again"))
    again = runs_module._compute(Sources(), lambda *_: None)
    assert again.read is first.read
    assert again.ground is first.ground


def test_while_one_change_follows_the_other_the_run_before_is_shown_all_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that are waited for push none out that is there: else pages wait, and every file is read again."""
    flow, revision = Counting(), [0]
    monkeypatch.setattr(store_access, "revision", lambda _: revision[0])
    runs = Runs(flow)
    first, _ = runs.shown(Sources())
    first.result.result(5)
    flow.may_end.clear()
    for _ in range(2 * KEPT):
        revision[0] += 1
        assert runs.shown(Sources()) == (first, True)
    assert runs.latest(Sources()) is first.result.result()
    flow.may_end.set()
    runs.of(Sources()).result.result(5)


def test_of_many_changes_in_a_row_only_the_last_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    flow, revision = Counting(), [1]
    monkeypatch.setattr(store_access, "revision", lambda _: revision[0])
    runs = Runs(flow)
    flow.may_end.clear()
    waiting = [runs.of(Sources())]
    while flow.calls == 0:
        time.sleep(0.01)
    for revision[0] in (2, 3, 4):
        waiting.append(runs.of(Sources()))
    flow.may_end.set()
    found = [run.result.result(5) for run in waiting]
    assert flow.calls == 2
    assert found[1] is found[2] is found[3]


def test_what_is_kept_per_run_is_made_once_for_each_run_and_argument() -> None:
    made = []

    @cached_per_run
    def layer(analysis: Analysis, rule: str) -> str:
        made.append(rule)
        return analysis.run["run_id"] + rule

    class Fake:
        def __init__(self, run_id: str) -> None:
            self.run = {"run_id": run_id}

    one, other = Fake("1"), Fake("2")
    results = [layer(one, "a"), layer(one, "a"), layer(one, "b"), layer(other, "a")]  # type: ignore[arg-type]
    assert results == ["1a", "1a", "1b", "2a"]
    assert made == ["a", "b", "a"]
