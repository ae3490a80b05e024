"""Computations that a process apart is given in tests."""

from __future__ import annotations

import os
import time
from typing import Any

from coverage.rollout.milp import Progress
from coverage.web.work_process import Task


def who(task: Task) -> tuple[int, int, int]:
    """Process, its niceness, and which run it looks at."""
    return os.getpid(), os.nice(0), id(task.analysis.cells)


def order_of(task: Task) -> list[str]:
    return list(task.analysis.priority["village_code_bps"])


def dies(_: Task) -> None:
    os._exit(9)


def fails(_: Task) -> None:
    raise ZeroDivisionError


def hungry(_: Task) -> int:
    return len(bytearray(64 * 2**30))


def prints(_: Task) -> int:
    os.write(1, b"bukan jawaban")
    return 1


def search(task: Task, deaf: bool = False) -> int:
    for step in range(2000):
        if task.watch(Progress(step, step, 0.0, 0.0)) and not deaf:
            return step
        time.sleep(0.02)
    return -1


def sites(task: Task) -> Any:
    while True:
        task.go_on()
        time.sleep(0.02)
