"""The limits of a reading process on Windows, by a job object; emulated, as no Windows was at hand."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest

from coverage.readers import child
from coverage.readers.child import give_up, limit_by_job

JOB, ITSELF = 0x1_2345_6789, 2**64 - 1
"""Handles that an int of 32 bits would cut off."""


class Kernel32:
    """What is used of Windows' kernel32, and how it was called; ``fails`` names the call that fails."""

    def __init__(self, fails: str = "") -> None:
        self.called: list[str] = []
        self.limits: child._JobLimits | None = None
        self.assigned: tuple[Any, ...] = ()

        def create(attributes: None, name: None) -> int | None:
            self.called.append("create")
            return None if fails == "create" else JOB

        def inform(job: int, kind: int, limits: Any, size: int) -> int:
            self.called.append("inform")
            assert (job, kind, size) == (JOB, 9, ctypes.sizeof(child._JobLimits))
            self.limits = limits._obj
            return int(fails != "inform")

        def assign(job: int, process: int) -> int:
            self.called.append("assign")
            self.assigned = (job, process)
            return int(fails != "assign")

        self.CreateJobObjectW, self.SetInformationJobObject = create, inform
        self.AssignProcessToJobObject, self.GetCurrentProcess = assign, lambda: ITSELF


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the layout of 64 bits")
def test_the_structure_is_laid_out_as_windows_has_it() -> None:
    """Offsets of 64 bits, as winnt.h gives them: basic limits 64 bytes, six counters, four sizes."""
    assert ctypes.sizeof(child._JobLimits) == 144
    offsets = {name: getattr(child._JobLimits, name).offset for name in ("flags", "affinity", "io_counters")}
    assert offsets == {"flags": 16, "affinity": 48, "io_counters": 64}
    assert child._JobLimits.process_memory.offset == 112


def test_memory_and_time_of_the_process_are_limited_before_it_reads() -> None:
    windows = Kernel32()
    assert limit_by_job(windows, 2 * 2**30, 50)
    assert windows.called == ["create", "inform", "assign"]
    assert windows.assigned == (JOB, ITSELF)
    assert windows.limits is not None
    assert (windows.limits.process_memory, windows.limits.process_time) == (2 * 2**30, 500_000_000)
    assert windows.limits.flags == 0x2 | 0x100 | 0x400 | 0x2000


@pytest.mark.parametrize(("fails", "called"), [("create", 1), ("inform", 2), ("assign", 3)])
def test_where_windows_refuses_nothing_more_is_asked_of_it(fails: str, called: int) -> None:
    windows = Kernel32(fails)
    assert not limit_by_job(windows, 1, 1)
    assert len(windows.called) == called


def test_a_reading_process_on_windows_gives_up_by_a_job_object(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Kernel32()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)  # no such module there
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: windows if name == "kernel32" else None, raising=False)
    give_up(10, 3)
    assert windows.limits is not None
    assert (windows.limits.process_memory, windows.limits.process_time) == (10, 30_000_000)
