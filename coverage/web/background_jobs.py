"""Background jobs that can be watched and cancelled: a plan, or a search for new sites."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from coverage.base.log import background_failure
from coverage.rollout.milp import Progress

R = TypeVar("R")
_log = logging.getLogger(__name__)

AT_ONCE = threading.Semaphore(2)
"""Jobs at once in this process; later ones queue."""


class Job(Generic[R]):
    """One job in a thread of its own.

    Parameters
    ----------
    work
        Takes the job, passes it :meth:`watch`, and returns the result.
    """

    def __init__(self, work: Callable[[Job[R]], R]) -> None:
        self.result: Future[R] = Future()
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
        return self._stop.is_set()

    def stop(self) -> None:
        """Stop with the best result so far."""
        self._stop.set()

    def _run(self) -> None:
        with AT_ONCE:
            try:
                self.result.set_result(self._work(self))
            except BaseException as error:  # re-raised for whoever waits
                background_failure(_log, "job", error)
                self.result.set_exception(error)
