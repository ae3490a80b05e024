"""Cache of each tower's signal: one file a tower, in the data folder.

Damaged or outdated files are recomputed; the least recently used are evicted.
"""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
import threading
import time
import zlib
from pathlib import Path

import numpy as np

from coverage.reach.radials import Window
from coverage.store.folder import data_folder
from coverage.store.replacing import put_in_place

MOST_BYTES = 2_000_000_000
"""About a thousand towers of 20 km with cells of 30 m."""
MOST_CHECKED = 10_000
"""Files of which it is remembered that they are whole."""
USED_S = 60.0
"""A file used so long ago or longer is marked as used."""
_HEAD, _SUM = struct.Struct("<8siiii"), struct.Struct("<I")
_MAGIC = b"jangkau1"


class LossCache:
    """LRU cache of windows in a folder."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None
        self._checked: dict[str, tuple[int, int, int]] = {}

    def __reduce__(self) -> tuple[type[LossCache], tuple[Path, int]]:
        return LossCache, (self._folder, self._most_bytes)

    def get(self, key: str) -> Window | None:
        """Return a window; None where there is none, or a damaged one.

        Its checksum is asked once as long as the file stays as it is.
        """
        path = self._folder / f"{key}.loss"
        try:
            with path.open("rb") as file:
                content, stat = file.read(), os.fstat(file.fileno())
            checksum = _SUM.unpack_from(content)[0]
            magic, row, column, rows, columns = _HEAD.unpack_from(content, _SUM.size)
        except (OSError, struct.error):
            return None
        whole = memoryview(content)[_SUM.size :]
        body = whole[_HEAD.size :]
        if magic != _MAGIC or len(body) != rows * columns:
            return None
        if self._checked.get(key) != _state(stat):
            if zlib.crc32(whole) != checksum:
                return None
            if len(self._checked) >= MOST_CHECKED:
                self._checked.clear()
            self._checked[key] = _state(stat)
        now = time.time_ns()
        if now - stat.st_mtime_ns > 1e9 * USED_S:
            with contextlib.suppress(OSError):
                os.utime(path, ns=(now, now))
                self._checked[key] = *_state(stat)[:2], now
        return Window(row, column, np.frombuffer(body, np.uint8).reshape(rows, columns))

    def put(self, key: str, window: Window) -> None:
        """Store a window, if possible."""
        loss = np.ascontiguousarray(window.steps)
        head = _HEAD.pack(_MAGIC, window.row, window.column, *loss.shape)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_SUM.pack(zlib.crc32(loss.data, zlib.crc32(head))))
                    file.write(head)
                    file.write(loss.data)
                put_in_place(name, self._folder / f"{key}.loss")
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self._make_room(_SUM.size + _HEAD.size + loss.size)

    def _make_room(self, added: int) -> None:
        """Evict the least recently used until a tenth is free."""
        with self._lock:
            if self._bytes is not None and self._bytes + added <= self._most_bytes:
                self._bytes += added
                return
            files = [
                (stat.st_mtime_ns, stat.st_size, path) for path in self._folder.iterdir() for stat in [path.stat()]
            ]
            self._bytes = sum(size for _, size, _ in files)
            if self._bytes <= self._most_bytes:
                return
            for _, size, path in sorted(files):
                if self._bytes <= 0.9 * self._most_bytes:
                    break
                path.unlink(missing_ok=True)
                self._bytes -= size


def _state(stat: os.stat_result) -> tuple[int, int, int]:
    """Another one where a file was changed or replaced."""
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def loss_cache() -> LossCache:
    """The cache in the user's data folder."""
    return LossCache(data_folder() / "signal")
