"""Write a set of files into a folder, all or none.

The set is written and flushed to a hidden folder on the same disk. A new output folder appears by one rename. In an
existing one, our old files are moved aside and the new ones in, ``run.json`` going first and coming last: a folder with
a ``run.json`` holds one whole set, and a failure half-way (a workbook locked by Excel) rolls back. Files of the
previous set that the new one lacks are removed unless edited; files of others are never touched. See
``docs/decisions/0030-output-folder.md``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from coverage.base.errors import Place, UnavailableError
from coverage.store.replacing import put_in_place

MARKER = "run.json"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_PREFIX = ".jangkau-"


def write_outputs(out_dir: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` into ``out_dir``; on failure the folder is unchanged.

    Parameters
    ----------
    out_dir : the folder; created with its parents where absent

    Raises
    ------
    ValueError
        If a name is not a plain file name.
    UnavailableError
        ``output.not_written`` with the folder and the system's message; ``output.locked`` with the file that another
        program holds.
    """
    for name in files:
        if not _PLAIN_NAME.match(name):
            raise ValueError(f"not a plain file name: {name!r}")
    out_dir = Path(os.path.abspath(out_dir))
    is_new = not out_dir.exists()
    home = out_dir.parent if is_new else out_dir
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not is_new:
            _recover(out_dir)
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
    except OSError as error:
        raise _not_written(out_dir, error) from error
    try:
        new = staging / "new"
        new.mkdir()
        for name, content in files.items():
            _write_flushed(new / name, content)
        _flush_folder(new)
        if is_new:
            new.rename(out_dir)
        else:
            _swap(staging, out_dir, sorted(files, key=_marker_last), _left_over(out_dir, files))
        _flush_folder(home)
    except OSError as error:
        raise _not_written(out_dir, error) from error
    finally:
        _discard(staging)


def _recover(out_dir: Path) -> None:
    """Roll a killed write back, or forward if its set was complete."""
    for staging in out_dir.glob(f"{_PREFIX}*/"):
        old = staging / "old"
        if not (out_dir / MARKER).exists() and (old / MARKER).exists():
            for path in sorted(old.iterdir(), key=lambda path: (path.name == MARKER, path.name)):
                put_in_place(path, out_dir / path.name)
        shutil.rmtree(staging, ignore_errors=True)


def _discard(staging: Path) -> None:
    """Remove staged files, but never an old file that could not be restored."""
    old = staging / "old"
    shutil.rmtree(staging / "new", ignore_errors=True)
    if not old.exists() or not any(old.iterdir()):
        shutil.rmtree(staging, ignore_errors=True)


def _marker_last(name: str) -> tuple[bool, str]:
    return name == MARKER, name


def _left_over(out_dir: Path, files: Mapping[str, bytes]) -> list[str]:
    """Unedited files of the previous set, by its ``run.json``, that the new set lacks."""
    if MARKER not in files:
        return []
    try:
        named = json.loads((out_dir / MARKER).read_text("utf-8"))["outputs"]
        digests = {name: entry["sha256"] for name, entry in named.items() if _PLAIN_NAME.match(name)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    paths = [out_dir / name for name in sorted(set(digests) - set(files))]
    return [
        path.name
        for path in paths
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digests[path.name]
    ]


def _swap(staging: Path, out_dir: Path, names: list[str], left_over: list[str]) -> None:
    """Swap old files for new ones; roll back if a step fails."""
    new, old = staging / "new", staging / "old"
    old.mkdir()
    moved_out: list[str] = []
    moved_in: list[str] = []
    name = ""
    try:
        for name in [*reversed(names), *left_over]:
            if os.path.lexists(out_dir / name):
                put_in_place(out_dir / name, old / name)
                moved_out.append(name)
        for name in names:
            put_in_place(new / name, out_dir / name)
            moved_in.append(name)
        _flush_folder(out_dir)
    except OSError as error:
        for done in moved_in:
            put_in_place(out_dir / done, new / done)
        for done in reversed(moved_out):
            put_in_place(old / done, out_dir / done)
        if isinstance(error, PermissionError):
            raise UnavailableError(
                "output.locked", Place(file=str(out_dir / name)), problem=_system_message(error)
            ) from error
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_flushed(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Flush folder entries (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_written(out_dir: Path, error: OSError) -> UnavailableError:
    return UnavailableError("output.not_written", Place(file=str(out_dir)), problem=_system_message(error))


def _system_message(error: OSError) -> str:
    return error.strerror or str(error)
