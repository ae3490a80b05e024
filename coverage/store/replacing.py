"""Make a file or folder beside its place, and put it there by one rename, also while somebody reads the old one.

Windows refuses to replace a file that another program has open, if only for the moment of a virus scan or a read.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coverage.base.errors import Place, StoreError, UnavailableError

_HELD = frozenset({5, 32, 33})
"""Windows: access denied, sharing violation, lock violation."""
WAITS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)


def put_in_place(made: Path | str, place: Path | str) -> None:
    """Rename ``made`` to ``place``, replacing what is there; tried again for two seconds while that is held.

    Raises
    ------
    OSError
        As :func:`os.replace`.
    """
    for wait in WAITS_S:
        try:
            os.replace(made, place)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _HELD:
                raise
            time.sleep(wait)
        else:
            return
    os.replace(made, place)


_SCRATCH = re.compile(r"\.jangkau-[0-9a-f]{32}")
_KILLED_H = 24


def _forget_killed(home: Path) -> None:
    """Remove folders that a killed backup or restore left more than a day ago."""
    with suppress(OSError):
        for path in home.glob(".jangkau-*/"):
            if _SCRATCH.fullmatch(path.name) and time.time() - path.stat().st_mtime > _KILLED_H * 3600:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """Temporary folder on the disk of ``beside``.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    home = beside.absolute().parent
    _forget_killed(home)
    folder = home / f".jangkau-{uuid.uuid4().hex}"
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StoreError("store.cannot_write_there", Place(file=str(beside))) from error
    try:
        yield folder
    except OSError as error:
        code = "store.full" if error.errno == 28 else "store.input_output"
        raise StoreError(code, Place(file=str(beside))) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def not_written(folder: Path, error: OSError) -> UnavailableError:
    """The error for a folder of the regions' files that cannot be written to."""
    return UnavailableError("region_files.not_written", Place(file=str(folder)), problem=error.strerror or str(error))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
