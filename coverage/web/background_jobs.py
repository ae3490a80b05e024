"""Work in the background that can be watched and stopped: a plan, or places for new sites."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from coverage.rollout.milp import Progress

R = TypeVar("R")

AT_ONCE = threading.Semaphore(2)
"""Searches at once in this process; whoever comes later waits, and sees that it does."""


class Job(Generic[R]):
    """One piece of work in a thread of its own.

    Parameters
    ----------
    work
        Gets the job, hands it :meth:`watch`, and returns what it found.
    """

    def __init__(self, work: Callable[[Job[R]], R]) -> None:
        self.result: Future[R] = Future()
        self.progress: Progress | None = None
        self.step = "waiting"
        """What it is at: ``waiting`` (for others), then whatever the work says."""
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
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self.started

    def watch(self, progress: Progress) -> bool:
        """Note how far the search is; True stops it."""
        self.progress = progress
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop with the best found so far."""
        self._stop.set()

    def _run(self) -> None:
        with AT_ONCE:
            try:
                self.result.set_result(self._work(self))
            except BaseException as error:  # whatever happened belongs to whoever waits for it
                self.result.set_exception(error)
