"""Run as a process of its own by :mod:`coverage.readers.apart`: calls one reader of ours on a file of a stranger.

It waits for the call on its standard input with the readers already imported, gives up memory, time, file size and
network, and writes what the reader returned, or refused, into a file.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any

from coverage.readers.child import give_up

READY = ("coverage.readers.geofiles", "coverage.readers.tables", "coverage.imports.read")
"""What most files need; a reader of a raster imports the rest when it is called."""


def main() -> None:
    """Answer the one call: where to write, limits, module and name of the reader, its arguments."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # pages go first
    for name in READY:
        importlib.import_module(name)
    call = sys.stdin.buffer.read()
    if not call:
        return  # the server ended without a file to read
    made, memory, seconds, module, name, args, options = pickle.loads(call)  # noqa: S301 - from the server
    give_up(memory, seconds)
    _write(Path(made), _answer(module, name, args, options))


def _answer(module: str, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[bool, Any]:
    try:
        return True, getattr(importlib.import_module(module), name)(*args, **options)
    except MemoryError:
        os._exit(3)  # whatever is left has no room to say it
    except Exception as error:
        return False, error


def _write(path: Path, answer: tuple[bool, Any]) -> None:
    with path.open("wb") as stream:
        pickle.dump(answer, stream, protocol=5)
