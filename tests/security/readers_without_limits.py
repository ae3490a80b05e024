"""Readers that misbehave, to be called in a process apart."""

import time
from pathlib import Path
from typing import Any

from coverage.imports import blocks
from coverage.imports.read import read
from coverage.readers import tables


def unlimited(path: Path) -> Any:
    """The reader without its limits: what is left are those of the process."""
    for module in (tables, blocks):
        module.refuse_too_many = lambda *_: None  # type: ignore[attr-defined]
    tables.MAX_CELLS = tables.MOST_COLUMNS = 10**12
    return read(path)


def asleep(seconds: float) -> None:
    """A reader that waits for something that does not come."""
    time.sleep(seconds)
