"""Places at work, which several processes of the app share: a byte each of one file, locked while it is taken.

The system takes a lock back from a process that ends, however it does.
"""

from __future__ import annotations

import time


class WorkPlaces:
    """Some places, from ``first`` on in the file; without a file those of this process alone. Not for two threads."""

    def __init__(self, file: int | None = None, first: int = 0) -> None:
        self._file, self._first = file, first
        self._taken: set[int] = set()
        self._until = 0.0

    def take(self, count: int) -> int | None:
        """Take one of the first ``count`` places; None if no one is free."""
        if time.monotonic() < self._until:
            return None
        for place in set(range(count)) - self._taken:
            if self._locks(place):
                self._taken.add(place)
                return place
        return None

    def leave(self, place: int | None) -> None:
        """Let others have a place."""
        if place is None:
            return
        self._taken.remove(place)
        if self._file is not None:
            from fcntl import LOCK_UN, lockf

            lockf(self._file, LOCK_UN, 1, self._first + place)

    def pause(self, seconds: float) -> None:
        """Take none for a while where others may wait for one."""
        if self._file is not None:
            self._until = time.monotonic() + seconds

    def _locks(self, place: int) -> bool:
        if self._file is None:
            return True
        from fcntl import LOCK_EX, LOCK_NB, lockf  # not on Windows, where one process serves

        try:
            lockf(self._file, LOCK_EX | LOCK_NB, 1, self._first + place)
        except (BlockingIOError, PermissionError):  # another process has it; a file without locks is an error
            return False
        return True
