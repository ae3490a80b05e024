"""Files by path or URL: whatever is not here is copied here once."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from coverage.base.errors import Place, UnavailableError

TIMEOUT_S = 60


def local_copy(source: str) -> Path:
    """The file or folder itself where it is a path; a copy of it, under its own name, where it is a URL.

    A copy is made once a process, and removed at its end.

    Raises
    ------
    UnavailableError
        If it cannot be fetched, or what reads such URLs is not installed.
    """
    scheme, _, rest = source.partition(":/")  # a Path has swallowed slashes
    if not rest or len(scheme) < 2:  # a drive of Windows
        return Path(source)
    return _fetched(f"{scheme}://{'/' if scheme == 'file' else ''}{rest.lstrip('/')}")


@cache
def _fetched(url: str) -> Path:
    place = _folder() / hashlib.sha256(url.encode()).hexdigest()[:16] / url.rstrip("/").rpartition("/")[2]
    place.parent.mkdir(exist_ok=True)
    try:
        if url.startswith(("http://", "https://")):
            _download(url, place)
        else:
            import fsspec  # only where such a URL is given

            files, path = fsspec.core.url_to_fs(url)
            files.get(path, str(place), recursive=files.isdir(path))
    except Exception as error:  # whatever the systems behind it raise
        raise UnavailableError("nation.not_fetched", Place(file=url), problem=str(error)[:200]) from error
    return place


def _download(url: str, place: Path) -> None:
    import requests

    with requests.get(url, stream=True, timeout=TIMEOUT_S) as answer, place.open("wb") as file:
        answer.raise_for_status()
        for part in answer.iter_content(2**20):
            file.write(part)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="jangkau-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
