"""Photos of reports from the field: files in the folder of their region, by the SHA-256 of their content.

A file is never changed: the same photo is the same file, however often it comes.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from coverage.base.errors import FileRefusedError, Place
from coverage.store.region_files import regions_folder
from coverage.store.replacing import not_written, put_in_place

R = TypeVar("R")
FOLDER = "photos"


def photo_file(region: str, sha256: str, folder: Path | None = None) -> Path:
    """Where a photo of a region lies; of a region of several regencies with the first."""
    return regions_folder(folder) / region.split("+")[0] / FOLDER / f"{sha256}.jpg"


def keep_photo(region: str, content: bytes, sha256: str, look: Callable[[Path], R]) -> R:
    """Put a photo in its place, whole, once ``look`` has found it to be one; returns what that found.

    Raises
    ------
    FileRefusedError
        If the content is not the one announced; and as ``look``.
    UnavailableError
        If it cannot be written.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileRefusedError("field.torn_photo", Place(value=sha256[:12]))
    place = photo_file(region, sha256)
    making = place.with_name(f".{uuid.uuid4().hex}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with making.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            found = look(making)
            put_in_place(making, place)
        finally:
            making.unlink(missing_ok=True)
    except OSError as error:
        raise not_written(place.parent, error) from error
    return found
