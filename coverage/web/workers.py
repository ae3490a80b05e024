"""Processes that compute for visitors, so that pages never wait for the interpreter.

Pages are made by threads that take turns in one interpreter; a plan in one more thread would take every other turn. A
process is started when it is first needed, stays for the next call, and keeps the runs that it was given: with a call
goes only what differs from them, such as the visitor's own order of villages. One that dies is replaced, and one that
nobody calls for a while ends: it holds a quarter of a gigabyte.
"""

from __future__ import annotations

import atexit
import contextlib
import pickle
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

import streamlit as st

from coverage.base.errors import StoreError
from coverage.language.words import Words
from coverage.readers.apart import start_python
from coverage.run.result import Analysis, Ground
from coverage.web.background_jobs import Job
from coverage.web.run_cache import RUNS
from coverage.web.work_process import KEPT_RUNS, MOST_S

GRACE_S = 10.0
"""Seconds in which a computation ends that was told to, before its process is killed."""
IDLE_S = 120.0
"""Seconds that a process waits for the next call."""
_LOOK_S = 0.25
_lock = threading.Lock()
_all: set[Worker] = set()
_idle: list[Worker] = []
_unkept = count(-1, -1)


class Worker:
    """One such process."""

    def __init__(self) -> None:
        self.process = start_python("coverage.web.work_process", subprocess.PIPE)
        self.leaving = threading.Timer(0.0, lambda: None)
        self._kept: list[int] = []
        self._said: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._listening = threading.Thread(target=self._listen, name="jangkau-work", daemon=True)
        self._listening.start()

    def keep(self, number: int, analysis: Analysis, ground: Ground | None) -> None:
        """Hand a run over, unless it is there."""
        if number not in self._kept:
            self._say("keep", number, analysis, ground)
            self._kept = [*self._kept, number][-KEPT_RUNS:]

    def call(self, job: Job[Any], make: Callable[..., Any], number: int, changed: dict[str, Any], given: Any) -> Any:
        """Call ``make`` on the run, and follow it for the job."""
        self._say("call", make, number, changed, given)
        ends = float("inf")
        while True:
            with contextlib.suppress(Empty):
                kind, said = self._said.get(timeout=_LOOK_S)
                if kind == "done":
                    return said
                if kind == "failed":
                    raise said
                if kind == "step":
                    job.step, job.done = said
                elif kind == "progress":
                    job.progress = said
                else:
                    self.end()
                    raise StoreError("jobs.died")
            if ends == float("inf") and job.is_over():
                self._say("stop")
                ends = time.monotonic() + GRACE_S
            if time.monotonic() > ends:
                self.end()
                raise StoreError("jobs.too_long", seconds=MOST_S)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._listening.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _say(self, *message: Any) -> None:
        assert self.process.stdin is not None
        try:
            pickle.dump(message, self.process.stdin, protocol=5)
            self.process.stdin.flush()
        except OSError:
            self.end()
            raise StoreError("jobs.died") from None

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(EOFError, pickle.UnpicklingError, OSError, ValueError):
            while True:
                self._said.put(pickle.load(self.process.stdout))  # noqa: S301 - of a process of ours, on our tables
        self._said.put(("ended", None))


def compute(job: Job[Any], make: Callable[..., Any], analysis: Analysis, ground: Ground | None, *given: Any) -> Any:
    """Call a function of :mod:`coverage.web.visitor_work` on a run, for a job.

    Raises
    ------
    JangkauError
        As the function.
    StoreError
        The process died (``jobs.died``), or did not end when it was told to (``jobs.too_long``).
    """
    under = RUNS.under(analysis)
    number, base = (next(_unkept), analysis) if under is None else (under.number, under.analysis)
    names = [field.name for field in fields(analysis)]
    changed = {name: getattr(analysis, name) for name in names if getattr(analysis, name) is not getattr(base, name)}
    worker = _take()
    try:
        worker.keep(number, base, ground if under is None else under.ground)
        return worker.call(job, make, number, changed, given)
    finally:
        with _lock:
            if worker.process.poll() is None:
                _idle.append(worker)
                worker.leaving = threading.Timer(IDLE_S, _leave, (worker,))
                worker.leaving.daemon = True
                worker.leaving.start()
            else:
                _all.discard(worker)


def computed(
    words: Words,
    working: str,
    make: Callable[..., Any],
    analysis: Analysis,
    ground: Ground,
    *given: Any,
    is_long: bool = False,
    is_quick: bool = False,
) -> Any:
    """Have a function of :mod:`coverage.web.visitor_work` called for a page, which tells the place in the queue.

    It ends with a page that is left or rendered anew.

    Raises
    ------
    JangkauError
        As ``Job`` and :func:`compute`.
    """
    job: Job[Any] = Job(lambda job: compute(job, make, analysis, ground, *given), is_long=is_long, is_quick=is_quick)
    with st.spinner(words(working)):
        line = st.empty()

        def tell(job: Job[Any]) -> None:
            if job.place:
                line.caption(words("planning.progress.waiting", place=job.place))
            else:
                line.empty()

        made = job.followed(tell)
        line.empty()
    return made


def _take() -> Worker:
    """The process that was used last, else a new one."""
    with _lock:
        while _idle:
            worker = _idle.pop()
            worker.leaving.cancel()
            if worker.process.poll() is None:
                return worker
            worker.end()
            _all.discard(worker)
        worker = Worker()
        _all.add(worker)
        return worker


def _leave(worker: Worker) -> None:
    """End one that nobody called."""
    with _lock:
        if worker not in _idle:
            return
        _idle.remove(worker)
        _all.discard(worker)
    worker.end()


@atexit.register
def _end() -> None:
    """End them with the server."""
    for worker in _all:
        worker.end()
