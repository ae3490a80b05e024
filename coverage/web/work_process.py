"""Run as a process of its own by :mod:`coverage.web.workers`: computes for visitors, one call at a time.

It reads messages on its standard input (a run to keep, a call, a wish to stop), and says steps, progress and the answer
on its standard output. It ends when the server does.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import pickle
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from coverage.base.errors import StoreError
from coverage.base.log import background_failure, configure
from coverage.readers.child import MEMORY, give_up

if TYPE_CHECKING:
    from coverage.rollout.milp import Progress
    from coverage.run.result import Analysis, Ground

KEPT_RUNS = 2
"""Runs that a process keeps; the one that came in first goes first."""
MOST_S = 240
"""Seconds that a job may work: it ends then with the best so far, or with an error where there is none."""
_CPU_S = 400_000  # a limit has to be named; calls have their own
_log = logging.getLogger(__name__)


class Task:
    """What a computation is given: the run, a way to say how far it is, and whether to stop."""

    def __init__(self, analysis: Analysis, ground: Ground | None, say: Callable[[str, Any], None]) -> None:
        self.analysis = analysis
        self._ground = ground
        self._say = say
        self.stop = threading.Event()

    @property
    def ground(self) -> Ground:
        """The land and the people on it."""
        assert self._ground is not None
        return self._ground

    def begin(self, step: str, done: float = 0.0) -> None:
        """Tell the step that begins, and the part done, 0 to 1."""
        self._say("step", (step, done))

    def watch(self, progress: Progress) -> bool:
        """Tell the progress of a search; True stops it at the best so far."""
        self._say("progress", progress)
        return self.stop.is_set()

    def go_on(self) -> None:
        """Refuse (``jobs.too_long``) to go on with work that has no best result so far."""
        if self.stop.is_set():
            raise StoreError("jobs.too_long", seconds=MOST_S)


def main() -> None:
    """Answer calls until the server is gone."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)  # pages go first, and still it goes on where much else runs
    give_up(2 * MEMORY, _CPU_S)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    calls: SimpleQueue[tuple[Callable[..., Any], Task, tuple[Any, ...]]] = SimpleQueue()

    def say(kind: str, what: Any) -> None:
        answers.write(pickle.dumps((kind, what), protocol=5))  # whole, or not at all
        answers.flush()

    configure()
    importlib.import_module("coverage.web.visitor_work")  # before runs are read: numba cannot be imported beside ours
    threading.Thread(target=_listen, args=(calls, say), daemon=True).start()
    while True:
        make, task, given = calls.get()
        try:
            say("done", make(task, *given))
        except Exception as error:
            background_failure(_log, "job", error)
            say("failed", StoreError("jobs.died") if isinstance(error, MemoryError) else error)


def _listen(calls: SimpleQueue[Any], say: Callable[[str, Any], None]) -> None:
    """Take messages in; end the process with the server, whatever is being computed."""
    kept: dict[int, tuple[Analysis, Ground | None]] = {}
    try:
        while True:
            kind, *said = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the server
            if kind == "keep":
                number, analysis, ground = said
                kept[number] = (analysis, ground)
                for old in list(kept)[:-KEPT_RUNS]:
                    del kept[old]
            elif kind == "call":
                make, number, changed, given = said
                analysis, ground = kept[number]
                task = Task(replace(analysis, **changed), ground, say)
                calls.put((make, task, given))
            else:
                task.stop.set()
    except EOFError:
        os._exit(0)
    except BaseException as error:
        background_failure(_log, "message", error)
        os._exit(3)
