"""What is made ahead stands back for pages, and only that."""

import threading
import time

import pytest

from coverage.web import responsiveness


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
