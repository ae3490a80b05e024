"""A second Python process, so that a second core runs the drawing libraries."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from coverage.web.responsiveness import raise_gc_threshold


class SecondProcess:
    """Runs calls in another process; in this one where there is one core only, or the other is lost.

    Functions go by name (``module:function``), so that this process need not import them. ``first`` is called at once;
    ``shared`` is a module that both need, imported before a fork, else by each.
    """

    def __init__(self, first: str, shared: str) -> None:
        self._talk = ThreadPoolExecutor(1)
        self._process: Any = None
        self._ended = False
        if _cores() > 1:
            forked = _can_fork()
            if forked:
                import_module(shared)
            context: Any = multiprocessing.get_context("fork" if forked else "spawn")
            self._line, theirs = context.Pipe()
            given = (theirs, self._line if forked else None, shared, first)
            self._process = context.Process(target=_work, args=given, daemon=True)
            self._process.start()
            theirs.close()  # so that each notices the other's end

    def begin(self, make: str, *given: Any, **named: Any) -> Future[Any]:
        """Call ``make``, a ``module:function``, with picklable arguments. Calls run one after the other."""
        return self._talk.submit(self._asked, make, given, named)

    def end(self) -> None:
        """Terminate the process; pending calls raise."""
        self._ended = True
        if self._process is not None:
            self._process.kill()
        self._talk.shutdown(cancel_futures=True)

    def _asked(self, make: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._process is not None:
            try:
                self._line.send((make, given, named))
                made, failed = self._line.recv()
            except (EOFError, OSError):
                if self._ended:
                    raise  # cancelled: not to be done here after all
                self._process.kill()
                self._process = None
            else:
                if failed is not None:
                    raise failed
                return made
        return _named(make)(*given, **named)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _named(name: str) -> Callable[..., Any]:
    """Resolve ``module:function``."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _can_fork() -> bool:
    """Whether a fork is safe: not while another thread may hold a lock."""
    return sys.platform == "linux" and threading.active_count() == 1


def _work(line: Connection, other_end: Connection | None, shared: str, first: str) -> None:
    """Answer calls until the first process is gone."""
    if other_end is not None:  # the fork's copy would hide the first one's end
        other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process gets it too, and ends this one
    raise_gc_threshold()
    import_module(shared)
    _named(first)()
    while True:
        try:
            make, given, named = line.recv()
        except EOFError:
            return
        try:
            answer: tuple[Any, Exception | None] = (_named(make)(*given, **named), None)
        except Exception as error:
            answer = (None, error)
        line.send(answer)
