"""A second Python beside the first, so that a second core does what the libraries for drawing take long for."""

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
    """Does work in a process of its own; where there is one core only, or the process is lost, here.

    What it does is given by name, so that this process need not import what only the other one uses.

    Parameters
    ----------
    first
        ``module:function``, called there at once, while this process goes on.
    shared
        A module that both need. Where a process can be forked it is imported before, once for both; elsewhere the
        other process begins from nothing, and imports it while this one does.
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
            theirs.close()  # so that whichever of the two ends first is noticed by the other

    def begin(self, make: str, *given: Any, **named: Any) -> Future[Any]:
        """Call ``make``, a ``module:function``, there; what it is given must be what :mod:`pickle` can carry.

        Returns
        -------
        concurrent.futures.Future
            What ``make`` returns, or raises. Calls are answered one after the other.
        """
        return self._talk.submit(self._asked, make, given, named)

    def end(self) -> None:
        """End the process, whatever it is doing; what it had not answered raises."""
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
                    raise  # nobody waits for it any more: it is not to be done here after all
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
    """The function behind ``module:function``."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _can_fork() -> bool:
    """Whether a copy of this process can go on by itself: not where another thread may hold a lock just then."""
    return sys.platform == "linux" and threading.active_count() == 1


def _work(line: Connection, other_end: Connection | None, shared: str, first: str) -> None:
    """Answer calls until the first process is gone."""
    if other_end is not None:  # a copy that came with the fork: held open here, the first one's end would go unnoticed
        other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears it too, and ends this one
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
