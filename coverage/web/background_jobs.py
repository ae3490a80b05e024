"""Background jobs that visitors start, in a queue: plans, searches for sites, papers."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, Generic, TypeVar

from streamlit.runtime import exists, get_instance

from coverage.base.errors import StoreError
from coverage.base.log import background_failure
from coverage.rollout.milp import Progress
from coverage.web.fair_queue import Visit, current_visit, next_turn, stepping_aside
from coverage.web.places import WorkPlaces
from coverage.web.work_process import MOST_S

R = TypeVar("R")
_log = logging.getLogger(__name__)

AT_ONCE = max(2, (os.cpu_count() or 1) // 2)
"""Jobs at work at once; later ones queue. Long ones (plans, searches) leave one place to papers, and quick ones (what
follows a pointer on the map) have one of their own."""
OF_A_VISIT = 2
"""Jobs of one visitor in the queue and at work; one of them at work."""
MOST_OF_SOURCE, MOST_WAITING = 20, 40
"""Jobs that may queue before one, of the same account or address and of all: more would not come to an end."""
LEFT_S = 30
"""Seconds after which a visitor whose connection ended does not come back to it."""
_LOOK_S = 1.0

_waiting: list[Job[Any]] = []
_at_work: set[Job[Any]] = set()
_changed = threading.Condition()
_places, _long_places = WorkPlaces(), WorkPlaces()


def share_places(file: int, processes: int) -> None:
    """Have as many at work in all processes together as in one, and as many wait, in equal parts."""
    global MOST_OF_SOURCE, MOST_WAITING, _LOOK_S, _places, _long_places
    _places, _long_places = WorkPlaces(file), WorkPlaces(file, AT_ONCE)
    MOST_OF_SOURCE, MOST_WAITING, _LOOK_S = -(-MOST_OF_SOURCE // processes), -(-MOST_WAITING // processes), 0.2


def quick_place_is_free() -> bool:
    """Whether no quick job is at work or waits."""
    with _changed:
        return not any(job._is_quick for job in (*_waiting, *_at_work))


class Job(Generic[R]):
    """One job; ``work`` takes it, has it computed (:func:`coverage.web.workers.compute`), and returns the result.

    Refused where too many are waiting (``jobs.too_many``), or are this visitor's (``jobs.too_many_of_yours``).
    A visitor who leaves ends it. Whoever is signed in comes before all others, then sources take turns (start-time
    fair queueing), then first come, first served: all within one process of the app.
    """

    def __init__(
        self, work: Callable[[Job[R]], R], *, is_long: bool = False, is_quick: bool = False, visit: Visit | None = None
    ) -> None:
        self.result: Future[R] = Future()
        self._is_long, self._is_quick = is_long, is_quick
        self._visit, self._seen = visit or current_visit(), time.monotonic()
        self._begun, self._stop = float("inf"), threading.Event()
        self._place: int | None = None
        self._long_place: int | None = None
        self.progress: Progress | None = None
        with _changed:
            wanted = [job for job in (*_waiting, *_at_work) if not job.stopping]
            if not is_quick and sum(self._is_of_the_same(job) for job in wanted) >= OF_A_VISIT:
                raise StoreError("jobs.too_many_of_yours", count=OF_A_VISIT)
            before = [job for job in _waiting if job._visit.signed_in or not self._visit.signed_in]
            same = sum(job._visit.source == self._visit.source for job in before)
            if same >= MOST_OF_SOURCE or len(before) >= MOST_WAITING:
                raise StoreError("jobs.too_many", count=len(before))
            self.source, signed_in = self._visit.source, self._visit.signed_in
            alike = ([job for job in jobs if job._visit.signed_in == signed_in] for jobs in (_waiting, _at_work))
            self.turn = next_turn(self.source, *alike)
            _waiting.append(self)
            _waiting.sort(key=lambda job: (not job._visit.signed_in, job.turn))  # stable: first come, first served
        self.done = 0.0
        """Fraction done, where the work tells it."""
        self.step = "waiting"
        """``waiting`` in the queue, then as the work says."""
        self._work = work
        self.started = time.monotonic()
        threading.Thread(target=self._run, name="jangkau-job", daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether it is not done yet."""
        return not self.result.done()

    @property
    def place(self) -> int:
        """Place in the queue, from 1; 0 for one that does not wait."""
        with _changed:
            return _waiting.index(self) + 1 if self in _waiting else 0

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Seconds since the request."""
        return time.monotonic() - self.started

    def is_over(self) -> bool:
        """Whether its time is up, or nobody wants it any more."""
        return self._stop.is_set() or self._left() or time.monotonic() - self._begun > MOST_S

    def stop(self) -> None:
        """Stop with the best result so far."""
        with _changed:
            self._stop.set()
            _changed.notify_all()

    def _left(self) -> bool:
        """Whether the visitor who asked for it has gone for good."""
        session = self._visit.session
        if session is None or not exists() or get_instance().is_active_session(session):
            self._seen = time.monotonic()
        return time.monotonic() - self._seen > LEFT_S

    def followed(self, tell: Callable[[Job[R]], None]) -> R:
        """Wait for the result on a page, telling how far it is; ends with a page that is left or rendered anew."""
        try:
            with stepping_aside():
                while self.running:
                    tell(self)
                    wait([self.result], 0.1)
        except BaseException:
            self.stop()
            raise
        return self.result.result()

    def awaited(self) -> R:
        """The result, once it is there."""
        with stepping_aside():
            return self.result.result()

    def _run(self) -> None:
        if not self._takes_turn():
            self.result.set_exception(StoreError("jobs.stopped"))
            return
        try:
            self._begun = time.monotonic()
            self.result.set_result(self._work(self))
        except BaseException as error:  # re-raised for whoever waits
            background_failure(_log, "job", error)
            self.result.set_exception(error)
        finally:
            with _changed:
                _at_work.discard(self)
                self._leaves_place()
                _places.pause(2 * _LOOK_S)
                _changed.notify_all()

    def _takes_turn(self) -> bool:
        """Wait for a turn, first come first served; False if it is not wanted any more."""
        with _changed:
            wanted = True
            while wanted and (first := next((job for job in _waiting if job._takes_place()), None)) is not self:
                if first is not None:
                    first._leaves_place()
                _changed.wait(_LOOK_S)
                wanted = not self.stopping and not self._left()
            _waiting.remove(self)
            if wanted:
                _at_work.add(self)
            _changed.notify_all()
            return wanted

    def _takes_place(self) -> bool:
        """Take a place to work in, unless its visitor has one."""
        beside = [job for job in _at_work if job._is_quick == self._is_quick]
        if self._is_quick or any(self._is_of_the_same(job) for job in beside):
            return not beside
        self._place = _places.take(AT_ONCE)
        if self._is_long and self._place is not None:
            self._long_place = _long_places.take(AT_ONCE - 1)
            if self._long_place is None:
                self._leaves_place()
        return self._place is not None

    def _leaves_place(self) -> None:
        _places.leave(self._place)
        _long_places.leave(self._long_place)
        self._place = self._long_place = None

    def _is_of_the_same(self, job: Job[Any]) -> bool:
        """Whether another job is of the same session."""
        return self._visit.session is not None and job._visit.session == self._visit.session
