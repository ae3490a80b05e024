"""Parse untrusted files in a separate process, whose cost the server does not pay.

A small file of any format can take gigabytes or minutes. So uploads are parsed in a process with two gigabytes of
memory, less than a minute of CPU and low priority; two at a time, others queue. The result is limited too. C libraries
run in one more process (:mod:`coverage.readers.confined`).
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
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.child import MEMORY, SECONDS
from coverage.readers.confined import environment

P = ParamSpec("P")
R = TypeVar("R")
AT_ONCE = 2
"""Concurrent files."""
MAX_RESULT = 150 * 2**20
"""Bytes of a result; a list of 100,000 rows takes some 30 MB."""
TIMEOUT_S = 90
_ROOT = Path(__file__).parents[2]
_RUN = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from coverage.readers.worker import main; main()"
_turns = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_spare: list[subprocess.Popen[bytes]] = []


def read_apart(reader: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Call a reader in a separate process.

    Parameters
    ----------
    reader
        A module-level function; arguments and result are pickled.

    Raises
    ------
    JangkauError
        As the reader.
    FileRefusedError
        The file exceeds the limits (``file.too_demanding``).
    """
    with _turns, tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        made = Path(folder) / "made"
        worker = _take()
        try:
            worker.communicate(
                pickle.dumps((str(made), reader.__module__, reader.__qualname__, args, options)), timeout=TIMEOUT_S
            )
        except subprocess.TimeoutExpired:
            pass
        finally:
            worker.kill()
            worker.wait()
            ready_ahead()
        if worker.returncode or not made.is_file() or made.stat().st_size > MAX_RESULT:
            raise FileRefusedError("file.too_demanding", _place(args), memory_gb=MEMORY // 2**30, seconds=SECONDS)
        done, answer = pickle.loads(made.read_bytes())  # noqa: S301 - written by a process of ours
    if done:
        found: R = answer
        return found
    raise answer


def _place(args: tuple[Any, ...]) -> Place:
    return Place(file=next((one.name for one in args if isinstance(one, Path)), None))


def ready_ahead() -> None:
    """Start a process for the next file, ahead of its imports."""
    with _lock:
        if not _spare:
            _spare.append(_start())


@atexit.register
def _end() -> None:
    """End the process that waits for a file."""
    with _lock:
        for worker in _spare:
            worker.kill()
            worker.communicate()
        _spare.clear()


def _take() -> subprocess.Popen[bytes]:
    with _lock:
        while _spare:
            worker = _spare.pop()
            if worker.poll() is None:
                return worker
        return _start()


def _start() -> subprocess.Popen[bytes]:
    with contextlib.suppress(OSError):
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-c", _RUN],
            env=environment() | {name: os.environ[name] for name in ("JANGKAU_DATA_DIR",) if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    raise FileRefusedError("file.unreadable", Place(), problem="fork")
