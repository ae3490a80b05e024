"""What visitors have computed in the background: so many at a time, so many that wait, and none for who has left."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from coverage.base.errors import StoreError
from coverage.web import background_jobs
from coverage.web.background_jobs import Job
from coverage.web.fair_queue import Visit


@pytest.fixture
def busy() -> Iterator[threading.Event]:
    """Two jobs at work until told to end."""
    end = threading.Event()
    jobs = [Job(lambda _: end.wait(60)) for _ in range(background_jobs.AT_ONCE)]
    while any(job in background_jobs._waiting for job in jobs):
        end.wait(0.01)
    yield end
    end.set()
    for job in jobs:
        job.result.result(10)


def test_more_than_may_wait_are_refused(busy: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_jobs, "MOST_WAITING", 3)
    waiting = [Job(lambda _: 1) for _ in range(3)]
    with pytest.raises(StoreError, match=r"jobs\.too_many"):
        Job(lambda _: 1)
    busy.set()
    assert [job.result.result(10) for job in waiting] == [1, 1, 1]
    assert Job(lambda _: 1).result.result(10) == 1


def test_what_waits_for_who_has_left_is_not_computed(busy: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_jobs, "LEFT_S", 0)
    monkeypatch.setattr(background_jobs, "current_visit", lambda: Visit("pergi"))
    monkeypatch.setattr(background_jobs, "exists", lambda: True)
    monkeypatch.setattr(background_jobs, "get_instance", lambda: SimpleNamespace(is_active_session=lambda _: False))
    done: list[Any] = []
    left = Job(done.append)
    with pytest.raises(StoreError, match=r"jobs\.stopped"):
        left.result.result(10)
    assert done == []
    assert left.is_over()


def test_a_job_that_fails_makes_room_for_the_next() -> None:
    def fails(_: Any) -> None:
        raise ValueError("rusak")

    for _ in range(4):
        with pytest.raises(ValueError, match="rusak"):
            Job(fails).result.result(10)
    assert Job(lambda _: 1).result.result(10) == 1


def test_whoever_came_first_is_first_and_sees_the_place_in_the_queue(busy: threading.Event) -> None:
    order: list[int] = []
    jobs = [Job(lambda _, at=at: order.append(at)) for at in range(4)]  # type: ignore[misc]
    assert [job.place for job in jobs] == [1, 2, 3, 4]
    jobs[1].stop()
    with pytest.raises(StoreError, match=r"jobs\.stopped"):
        jobs[1].result.result(10)
    assert [job.place for job in jobs] == [1, 0, 2, 3]
    busy.set()
    for job in (jobs[0], *jobs[2:]):
        job.result.result(10)
    assert sorted(order) == [0, 2, 3]
    assert order[0] == 0


def test_one_visitor_cannot_fill_the_queue(busy: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_jobs, "current_visit", lambda: Visit("rakus"))
    own = [Job(lambda _: 1) for _ in range(2)]
    with pytest.raises(StoreError, match=r"jobs\.too_many_of_yours"):
        Job(lambda _: 1)
    monkeypatch.setattr(background_jobs, "current_visit", lambda: Visit("lain"))
    other = Job(lambda _: 1)
    busy.set()
    assert [job.result.result(10) for job in (*own, other)] == [1, 1, 1]


def test_one_visitor_has_one_place_at_work_and_long_jobs_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_jobs, "AT_ONCE", 2)
    end = threading.Event()
    one, other = Visit("satu"), Visit("dua")
    first = Job(lambda _: end.wait(60), is_long=True, visit=one)
    while first.place:
        end.wait(0.01)
    order: list[str] = []
    second = Job(lambda _: order.append("second"), visit=one)
    long = Job(lambda _: order.append("long"), is_long=True, visit=other)
    Job(lambda _: order.append("paper"), visit=Visit("tiga")).result.result(10)  # a place is left, and it is not theirs
    assert order == ["paper"]
    assert [second.place, long.place] == [1, 2]
    end.set()
    for job in (first, second, long):
        job.result.result(10)
    assert sorted(order[1:]) == ["long", "second"]


def test_who_is_signed_in_comes_first_and_is_not_kept_out_by_who_is_not(
    busy: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_jobs, "MOST_WAITING", 2)
    strangers = [Job(lambda _: 1, visit=Visit(f"orang-{at}")) for at in range(2)]
    with pytest.raises(StoreError, match=r"jobs\.too_many"):
        Job(lambda _: 1, visit=Visit("orang-3"))
    editor = Job(lambda _: 1, visit=Visit("budi", signed_in=True))
    assert [editor.place, *(job.place for job in strangers)] == [1, 2, 3]
    busy.set()
    assert [job.result.result(10) for job in (editor, *strangers)] == [1, 1, 1]


@pytest.mark.parametrize("fair", [True, False])
def test_many_sessions_of_one_address_take_turns_with_others_as_one_visitor_would(
    busy: threading.Event, monkeypatch: pytest.MonkeyPatch, fair: bool
) -> None:
    """Without looking at where they come from, one with many windows has all others wait behind them."""
    if not fair:
        monkeypatch.setattr(background_jobs, "next_turn", lambda *_: 0)
    greedy = [Job(lambda _: 1, visit=Visit(f"jendela-{at}", source="203.0.113.9")) for at in range(9)]
    others = [Job(lambda _: 1, visit=Visit(f"lain-{at}", source=f"203.0.113.{at}")) for at in range(2)]
    assert [job.place for job in others] == ([2, 3] if fair else [10, 11])
    monkeypatch.setattr(background_jobs, "MOST_OF_SOURCE", 9)
    if fair:
        with pytest.raises(StoreError, match=r"jobs\.too_many"):
            Job(lambda _: 1, visit=Visit("jendela-9", source="203.0.113.9"))
        others.append(Job(lambda _: 1, visit=Visit("lain-3", source="203.0.113.3")))
    busy.set()
    assert {job.result.result(10) for job in (*greedy, *others)} == {1}


def test_nobody_is_passed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes later takes the turn that is on, not one before those who wait."""
    monkeypatch.setattr(background_jobs, "AT_ONCE", 2)
    end = [threading.Event() for _ in range(8)]
    jobs = [Job(lambda _, at=at: end[at].wait(60), is_long=True, visit=Visit(source="satu")) for at in range(4)]  # type: ignore[misc]
    for at in range(2):
        end[at].set()
        jobs[at].result.result(10)
    while jobs[2].place:
        end[7].wait(0.01)
    late = Job(lambda _: end[4].wait(60), is_long=True, visit=Visit(source="dua"))
    later = [Job(lambda _: end[5].wait(60), is_long=True, visit=Visit(source="dua")) for _ in range(2)]
    assert [job.place for job in (late, jobs[3], *later)] == [1, 2, 3, 4]
    for each in end:
        each.set()
    for job in (*jobs, late, *later):
        job.result.result(10)


def test_one_that_was_stopped_counts_no_more_for_its_visitor(busy: threading.Event) -> None:
    """Whoever turns to something else while it is computed may have that computed."""
    visit = Visit("cepat")
    stopped = []
    for _ in range(5):
        stopped.append(Job(lambda _: 1, visit=visit))
        stopped[-1].stop()
    last = Job(lambda _: 1, visit=visit)
    busy.set()
    assert last.result.result(10) == 1
    for job in stopped:
        with pytest.raises(StoreError, match=r"jobs\.stopped"):
            job.result.result(10)


def no_jobs() -> None:
    """Wait for jobs of pages of other tests, too: a place is left where it was taken."""
    left = time.monotonic() + 60
    while True:
        with background_jobs._changed:  # a job leaves the list and its place in one
            if not background_jobs._at_work and not background_jobs._waiting:
                return
        assert time.monotonic() < left
        threading.Event().wait(0.01)


def test_the_places_at_work_are_those_of_all_processes_and_come_back_from_one_that_dies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_jobs()
    for name in ("MOST_OF_SOURCE", "MOST_WAITING", "_LOOK_S", "_places", "_long_places"):
        monkeypatch.setattr(background_jobs, name, getattr(background_jobs, name))
    monkeypatch.setattr(background_jobs, "AT_ONCE", 2)
    with tempfile.TemporaryFile() as file:
        background_jobs.share_places(file.fileno(), 2)
        assert (background_jobs.MOST_OF_SOURCE, background_jobs.MOST_WAITING) == (10, 20)
        program = "import sys; from coverage.web.places import WorkPlaces; places = WorkPlaces(int(sys.argv[1]))"
        program += "; print(places.take(2), places.take(2), places.take(2), flush=True); input()"
        command = [sys.executable, "-c", program, str(file.fileno())]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, pass_fds=[file.fileno()], **pipes) as other:  # type: ignore[call-overload]
            assert other.stdout.readline() == "0 1 None\n"
            waiting = Job(lambda _: 1)
            with pytest.raises(TimeoutError):
                waiting.result.result(0.3)
            assert waiting.place == 1
            other.kill()
            assert waiting.result.result(10) == 1
        end = threading.Event()
        long = [Job(lambda _: end.wait(10), is_long=True) for _ in range(2)]
        assert Job(lambda _: 1).result.result(10) == 1  # one place is left to papers
        end.set()
        assert all(job.result.result(10) for job in long)
        no_jobs()
