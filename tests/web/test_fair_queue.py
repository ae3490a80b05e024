"""What is made ahead stands back for pages, and only that; pages are drawn in the turn of their visitors."""

import threading
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.web import fair_queue, responsiveness
from coverage.web.fair_queue import FairQueue, Turn


def took(name: str, monkeypatch: pytest.MonkeyPatch) -> float:
    """How long a thread of this name stands back when somebody has just asked for a page."""
    monkeypatch.setattr(responsiveness, "QUIET_S", 0.3)
    monkeypatch.setattr(responsiveness, "_stood_back", [0.0])
    responsiveness.somebody_waits()
    begun = time.monotonic()
    thread = threading.Thread(target=responsiveness.stand_back, name=name)
    thread.start()
    thread.join()
    return time.monotonic() - begun


def test_work_ahead_waits_until_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert took(responsiveness.AHEAD, monkeypatch) >= 0.29


def test_a_page_never_waits_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("a page stood back"))
    took("ScriptRunner.scriptThread", monkeypatch)


def test_work_ahead_comes_to_its_end_however_busy_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responsiveness, "LONGEST_S", 0.1)
    monkeypatch.setattr(responsiveness, "_asked", [time.monotonic() + 3600])
    monkeypatch.setattr(responsiveness, "somebody_waits", lambda: None)
    assert took(responsiveness.AHEAD, monkeypatch) < 60


def test_a_run_that_nobody_waits_for_lets_others_first_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responsiveness, "QUIET_S", 0.3)
    responsiveness.somebody_waits()
    begun = time.monotonic()
    responsiveness.let_others_first(60)
    assert time.monotonic() - begun >= 0.29
    monkeypatch.setattr(responsiveness, "_asked", [time.monotonic() + 3600])
    responsiveness.let_others_first(0.1)
    assert time.monotonic() - begun < 60


def drawn_in_order(turns: FairQueue, sources: list[str], order: list[str]) -> list[threading.Thread]:
    """Threads of pages that wait for their turn in this order."""

    def draw(source: str, mine: Turn) -> None:
        turns.take(mine)
        order.append(source)
        turns.leave(mine)

    threads = []
    for at, source in enumerate(sources):
        threads.append(threading.Thread(target=draw, args=(source, Turn(source))))
        threads[-1].start()
        while turns.taken() < at + 2:
            time.sleep(0.001)
    return threads


@pytest.mark.parametrize("fair", [True, False])
def test_who_opens_many_pages_keeps_only_themselves_waiting(monkeypatch: pytest.MonkeyPatch, fair: bool) -> None:
    if not fair:
        monkeypatch.setattr(fair_queue, "next_turn", lambda *_: 0)
    those, order = FairQueue(longest_s=60), []
    first = Turn("@budi")
    those.take(first)
    threads = drawn_in_order(those, [*["@budi"] * 19, "203.0.113.9", "203.0.113.9", "@ani"], order)
    those.leave(first)
    for thread in threads:
        thread.join(60)
    places = [order.index("203.0.113.9"), order.index("@ani")]
    assert places == ([0, 1] if fair else [19, 21])
    assert (len(order), those.taken()) == (22, 0)


def test_a_page_that_takes_too_long_keeps_nobody_waiting_any_more() -> None:
    those, order = FairQueue(longest_s=0.2), []
    slow = Turn("@budi")
    those.take(slow)
    for thread in drawn_in_order(those, ["@ani"], order):
        thread.join(60)
    assert order == ["@ani"]
    those.leave(slow)
    assert those.taken() == 0


def page() -> None:
    """A page with everything by which a script of Streamlit ends."""
    import streamlit as st

    from coverage.base.errors import StoreError
    from coverage.web.fair_queue import QUEUE, drawing, fragment, stepping_aside

    def part() -> None:
        assert QUEUE.taken() == 1
        if st.button("part"):
            raise StoreError("jobs.died")

    with drawing():
        st.text(f"taken {QUEUE.taken()}")
        with drawing(), stepping_aside():
            st.text(f"aside {QUEUE.taken()}")
        fragment(part)()
        what = st.radio("ends", ["well", "stop", "error", "rerun", "error aside"])
        if what == "stop":
            st.stop()
        if what == "error":
            raise StoreError("jobs.died")
        if what == "error aside":
            with stepping_aside():
                st.stop()
        if what == "rerun" and "again" not in st.session_state:
            st.session_state["again"] = True
            st.rerun()
        dialog = st.dialog("dialog")(lambda: st.text(f"dialog {QUEUE.taken()}"))
        dialog()


@pytest.mark.parametrize("ends", ["well", "stop", "error", "rerun", "error aside"])
def test_however_a_page_ends_its_turn_is_given_up(ends: str) -> None:
    run = AppTest.from_function(page, default_timeout=60).run()
    assert {"taken 1", "aside 0", "dialog 1"} <= {text.value for text in run.text}
    assert fair_queue.QUEUE.taken() == 0
    run.radio[0].set_value(ends).run()
    assert fair_queue.QUEUE.taken() == 0
    assert bool(run.exception) == (ends == "error")
    run.button[0].click().run()
    assert fair_queue.QUEUE.taken() == 0


def test_parts_that_are_drawn_alone_and_dialogs_take_turns() -> None:
    """Streamlit runs them without the page around them."""
    found = [
        file.name
        for file in Path(fair_queue.__file__).parent.rglob("*.py")
        if "st.fragment(" in (said := file.read_text("utf-8")) or "@st.fragment" in said or "st.dialog" in said
    ]
    assert found == ["fair_queue.py"]
