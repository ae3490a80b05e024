"""Background jobs that can be watched and cancelled: a plan, or a search for new sites."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from coverage.base.errors import StoreError
from coverage.base.log import background_failure
from coverage.rollout.milp import Progress

R = TypeVar("R")
_log = logging.getLogger(__name__)

AT_ONCE = 2
"""Jobs at once in this process; later ones queue."""
OF_A_VISIT = 2
"""Jobs of one visitor, queued and at work."""
MOST_S = 240
"""Seconds that a job may work: it ends then with the best so far, or with an error where there is none."""
MOST_WAITING = 20
"""Jobs that may queue: more would not come to an end while anybody waits."""
LEFT_S = 30
"""Seconds after which a visitor whose connection ended does not come back to it."""
_waiting: list[Job[Any]] = []
_at_work: set[Job[Any]] = set()
_changed = threading.Condition()


class Job(Generic[R]):
    """One job in a thread of its own; ``work`` takes it, passes it :meth:`watch`, and returns the result.

    Refused where too many are waiting (``jobs.too_many``), or are this visitor's (``jobs.too_many_of_yours``).
    """

    def __init__(self, work: Callable[[Job[R]], R]) -> None:
        self.result: Future[R] = Future()
        self._visit, self._seen = _visit(), time.monotonic()
        self._begun = float("inf")
        with _changed:
            ours = [job for job in (*_waiting, *_at_work) if self._visit is not None and job._visit == self._visit]
            if len(ours) >= OF_A_VISIT:
                raise StoreError("jobs.too_many_of_yours", count=OF_A_VISIT)
            if len(_waiting) >= MOST_WAITING:
                raise StoreError("jobs.too_many", count=MOST_WAITING)
            _waiting.append(self)
        self.progress: Progress | None = None
        self.step = "waiting"
        """``waiting`` in the queue, then as the work says."""
        self._stop = threading.Event()
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

    def watch(self, progress: Progress) -> bool:
        """Record progress; True cancels the search."""
        self.progress = progress
        return self._over()

    def go_on(self) -> None:
        """Refuse (``jobs.too_long``) to go on with work that has no best result so far."""
        if self._over():
            raise StoreError("jobs.too_long", seconds=MOST_S)

    def _over(self) -> bool:
        """Whether its time is up, or nobody wants it any more."""
        return self._stop.is_set() or self._left() or time.monotonic() - self._begun > MOST_S

    def stop(self) -> None:
        """Stop with the best result so far."""
        self._stop.set()

    def _left(self) -> bool:
        """Whether the visitor who asked for it has gone for good."""
        if self._visit is None or not exists() or get_instance().is_active_session(self._visit):
            self._seen = time.monotonic()
        return time.monotonic() - self._seen > LEFT_S

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
                _changed.notify_all()

    def _takes_turn(self) -> bool:
        """Wait for a turn, first come first served; False if it is not wanted any more."""
        with _changed:
            wanted = True
            while wanted and (_waiting[0] is not self or len(_at_work) >= AT_ONCE):
                _changed.wait(1)
                wanted = not self.stopping and not self._left()
            _waiting.remove(self)
            if wanted:
                _at_work.add(self)
            _changed.notify_all()
            return wanted


def _visit() -> str | None:
    """The session that a page is being made for; None without one."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.session_id
