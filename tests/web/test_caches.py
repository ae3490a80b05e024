"""Caches that many visitors share: nothing is made twice at once, and nothing is lost between making and giving it."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df as bytes_to_frame
from streamlit.testing.v1 import AppTest

from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.store import Actor
from coverage.web import frame, tables
from coverage.web.report_page import paper_set, saved_runs
from coverage.web.report_page.saved_runs import SavedRunEntry
from coverage.web.run_cache import ComputedRun

VISITORS = 8
ANI = Actor("ani", "admin")


@pytest.fixture
def many_turns() -> Iterator[None]:
    """Let threads interrupt one another as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Runs:
    """A store whose saved runs say their own key."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.loads: list[str] = []
        self.takes_s = takes_s

    def load(self, key: str, who: Actor) -> Any:
        self.loads.append(key)
        time.sleep(self.takes_s)
        return SimpleNamespace(about={"key": key}, tables={}, parameters={})


def entry(key: str) -> SavedRunEntry:
    return SavedRunEntry(key, key, "", "2026-11-29T08:00:00", "ani")


@pytest.fixture(autouse=True)
def _no_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_runs, "_parameters", lambda kept: kept)


@pytest.mark.usefixtures("many_turns")
def test_each_visitor_gets_the_saved_run_they_asked_for_while_others_push_it_out() -> None:
    store: Any = SimpleNamespace(runs=Runs())

    def visit(number: int) -> None:
        for at in range(400):
            key = f"race-{number}-{at % 5}"
            assert saved_runs.load(store, entry(key), ANI).run["run_id"] == key

    with ThreadPoolExecutor(VISITORS) as pool:
        for visited in [pool.submit(visit, number) for number in range(VISITORS)]:
            visited.result()


def test_a_saved_run_that_several_ask_for_at_once_is_read_once() -> None:
    store: Any = SimpleNamespace(runs=Runs(takes_s=0.2))
    with ThreadPoolExecutor(VISITORS) as pool:
        found = list(pool.map(lambda _: saved_runs.load(store, entry("together"), ANI), range(VISITORS)))
    assert len({id(run) for run in found}) == 1
    assert store.runs.loads == ["together"]


def test_a_plan_that_several_ask_for_at_once_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[threading.Thread] = []

    def search(*_: Any, **__: Any) -> Any:
        searches.append(threading.current_thread())
        time.sleep(0.2)
        return "plan", "curve"

    monkeypatch.setattr(paper_set, "compute", search)
    analysis: Any = SimpleNamespace(run={"run_id": "asked-for-together"}, priority=None)
    decided: Any = SimpleNamespace(settings={})
    with ThreadPoolExecutor(VISITORS) as pool:
        found = list(pool.map(lambda _: paper_set.plan_of(analysis, SimpleNamespace(), decided), range(VISITORS)))  # type: ignore[arg-type]
    assert found == [("plan", "curve")] * VISITORS
    assert len(searches) == 1


def two_tables() -> None:
    """A page with the same styled table twice, and with one of its own."""
    import pandas as pd

    from coverage.web import tables

    if "shown" not in vars(tables):
        vars(tables)["shown"] = tables.styled(pd.DataFrame({"a": [1.5, 2.5]}), {"a": "{:.3f}".format})
    tables.show_table(vars(tables)["shown"], "one", "one")
    tables.show_table(vars(tables)["shown"], "two", "two")
    tables.show_table(pd.DataFrame({"a": [3.5]}), "three", "three", {"a": "{:.2f}".format})


def test_a_table_that_all_see_is_put_into_form_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's function is wrapped under a name of its own: another version may have another one."""
    formed: list[Any] = []
    real = tables.marshall_styler
    monkeypatch.setattr(tables, "marshall_styler", lambda *given: (formed.append(given[1]), real(*given)))
    for _ in range(2):
        run = AppTest.from_function(two_tables).run()
        assert not run.exception
        shown = [bytes_to_frame(one.proto.arrow_data.styler.display_values) for one in run.dataframe]
        assert [list(one["a"]) for one in shown] == [["1.500", "2.500"], ["1.500", "2.500"], ["3.50"]]
    assert len(formed) == 1 + 2
    del vars(tables)["shown"]


def test_what_all_see_is_made_before_the_first_comes(
    analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = ComputedRun(inputs, analysis, None, inputs)  # type: ignore[arg-type]
    frame.make_ahead(run)
    monkeypatch.setattr(tables, "marshall_styler", lambda *_: pytest.fail("a table was put into form again"))
    frame.make_ahead(run)
    assert not caplog.records
