"""Files by path or URL: whatever is not here is copied here once."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from coverage.base.errors import Place, UnavailableError


def local_copy(source: str) -> Path:
    """The file or folder itself where it is a path; a copy of it, under its own name, where it is a URL.

    A copy is made once a process, and removed at its end.

    Raises
    ------
    UnavailableError
        If it cannot be fetched, or what reads such URLs is not installed.
    """
    scheme, _, rest = source.replace(":/", "://", 1).replace(":///", "://").partition("://")
    if not rest or len(scheme) < 2:  # a drive of Windows
        return Path(source)
    return _fetched(f"{scheme}://{rest}")


@cache
def _fetched(url: str) -> Path:
    place = _folder() / hashlib.sha256(url.encode()).hexdigest()[:16] / url.rstrip("/").rpartition("/")[2]
    try:
        import fsspec  # only where a URL is given

        files, path = fsspec.core.url_to_fs(url)
        files.get(path, str(place), recursive=files.isdir(path))
    except Exception as error:  # whatever the systems behind it raise
        raise UnavailableError("nation.not_fetched", Place(file=url), problem=str(error)[:200]) from error
    return place


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="jangkau-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
