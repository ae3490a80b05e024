"""Parse untrusted files in a separate process, whose cost the server does not pay.

A small file of any format can take gigabytes or minutes. So uploads, and files that a region keeps, are parsed in a
process with limits of memory, CPU and result, and low priority (:class:`Limits`). C libraries run in one more process
(:mod:`coverage.readers.confined`).
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.answers import load_answer
from coverage.readers.child import MEMORY, SECONDS
from coverage.readers.confined import environment

P = ParamSpec("P")
R = TypeVar("R")
_TOLD = ("JANGKAU_DATA_DIR", "JANGKAU_SHIPPED_DATA", "NUMBA_CACHE_DIR")
_ROOT = Path(__file__).parents[2]
_RUN = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from {{}} import main; main()"
_lock = threading.Lock()
_spare: list[tuple[dict[str, str], subprocess.Popen[bytes]]] = []


@dataclass(frozen=True)
class Limits:
    """What one reading process may take, and how many may run at once."""

    memory: int
    """Bytes."""
    seconds: int
    """Of CPU."""
    timeout_s: int
    result: int
    """Bytes of what comes back."""
    turns: threading.BoundedSemaphore


_AT_ONCE = max(1, min(2, (os.cpu_count() or 2) - 1))  # leaves a core to pages
UPLOAD = Limits(MEMORY, SECONDS, 90, 150 * 2**20, threading.BoundedSemaphore(_AT_ONCE))
"""A file that somebody hands in; a list of 100,000 rows takes some 30 MB."""
RUN = Limits(2 * MEMORY, 300, 600, 500 * 2**20, threading.BoundedSemaphore(1))
"""The files of a run, the ground of a whole region among them; never queued behind uploads."""
EXTRACT = Limits(MEMORY, 600, 900, 500 * 2**20, threading.BoundedSemaphore(1))
"""An extract of a whole province, of which a region is cut."""


def read_apart(reader: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Call a reader in a separate process.

    Parameters
    ----------
    reader : a module-level function; arguments and result are pickled

    Raises
    ------
    JangkauError
        As the reader.
    FileRefusedError
        The file exceeds the limits (``file.too_demanding``).
    """
    return read_within(UPLOAD, reader, *args, **options)


def read_within(limits: Limits, reader: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Call a reader as :func:`read_apart` does, within other limits."""
    with limits.turns, tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        made = Path(folder) / "made"
        worker = _take()
        try:
            call = (str(made), limits.memory, limits.seconds, reader.__module__, reader.__qualname__, args, options)
            worker.communicate(pickle.dumps(call, protocol=5), timeout=limits.timeout_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            worker.kill()
            worker.wait()
            ready_ahead()
        if worker.returncode or not made.is_file() or made.stat().st_size > limits.result:
            raise FileRefusedError(
                "file.too_demanding", _place(args), memory_gb=limits.memory // 2**30, seconds=limits.seconds
            )
        try:
            done, answer = load_answer(made.read_bytes())
            if not done and not isinstance(answer, Exception):
                raise ValueError(type(answer).__name__)
        except (pickle.UnpicklingError, TypeError, ValueError) as error:
            raise FileRefusedError("file.unreadable", _place(args), problem=f"answer: {error}"[:200]) from None
    if done is True:
        found: R = answer
        return found
    raise (
        answer if isinstance(answer, Exception) else FileRefusedError("file.unreadable", _place(args), problem="answer")
    )


def _place(args: tuple[Any, ...]) -> Place:
    return Place(file=next((one.name for one in args if isinstance(one, Path)), None))


def ready_ahead() -> None:
    """Start a process for the next file, ahead of its imports."""
    with _lock:
        if not _spare:
            _spare.append((_told(), _start()))


@atexit.register
def _end() -> None:
    """End the process that waits for a file."""
    with _lock:
        for _, worker in _spare:
            worker.kill()
            worker.communicate()
        _spare.clear()


def _take() -> subprocess.Popen[bytes]:
    with _lock:
        while _spare:
            told, worker = _spare.pop()
            if worker.poll() is None and told == _told():
                return worker
            worker.kill()
            worker.communicate()
        return _start()


def _start() -> subprocess.Popen[bytes]:
    with contextlib.suppress(OSError):
        return start_python("coverage.readers.worker", subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    raise FileRefusedError("file.unreadable", Place(), problem="fork")


def start_python(module: str, stdout: int, stderr: int | None = None) -> subprocess.Popen[bytes]:
    """Start a Python of lower priority that calls ``main`` of a module of ours, with no secret in its environment.

    Not by :mod:`multiprocessing`, which would run the script of the page anew as its ``__main__``.
    """
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-c", _RUN.format(module)],
        env=_told(),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # elsewhere the process is nice itself
    )


def _told() -> dict[str, str]:
    """Environment of such a process: what it may know of ours."""
    return environment() | {name: os.environ[name] for name in _TOLD if name in os.environ}
