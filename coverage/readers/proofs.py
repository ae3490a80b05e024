"""Photos and papers handed in as proof: what a photo says of its time and place, and a small copy of it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.photos import MOST_PIXELS, told_by

MOST_BYTES = 20 * 2**20
SMALL_PX = 1280
"""Longest side of the small copy."""


@dataclass(frozen=True)
class Proof:
    """A photo or a paper.

    Attributes
    ----------
    small : JPEG without any metadata, upright; empty for a paper
    taken_at : ISO date and time on the camera's clock, where the photo says it
    lon, lat : where the photo says that it was taken, EPSG:4326
    """

    small: bytes = b""
    taken_at: str | None = None
    lon: float | None = None
    lat: float | None = None


def read_proof(path: Path) -> Proof:
    """Read a JPEG, a PNG, or a PDF, which is not opened; to be called in a process apart.

    Raises
    ------
    FileRefusedError
        If it is none of these, damaged, or larger than :data:`MOST_BYTES` or
        :data:`coverage.readers.photos.MOST_PIXELS`.
    """
    if path.stat().st_size > MOST_BYTES:
        raise FileRefusedError("proof.too_large", Place(file=path.name), limit_mb=MOST_BYTES // 2**20)
    if path.suffix.lower() == ".pdf":
        if not path.read_bytes()[:1024].lstrip().startswith(b"%PDF-"):
            raise FileRefusedError("proof.unreadable", Place(file=path.name))
        return Proof()
    told: dict[str, Any] = {}
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise FileRefusedError("proof.too_large", Place(file=path.name), limit_mb=MOST_BYTES // 2**20)
            if photo.format == "JPEG":
                told = told_by(photo.getexif())
            upright = ImageOps.exif_transpose(photo).convert("RGB")
            upright.thumbnail((SMALL_PX, SMALL_PX))
            made = io.BytesIO()
            Image.frombytes("RGB", upright.size, upright.tobytes()).save(made, "JPEG", quality=80)
    except FileRefusedError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FileRefusedError("proof.unreadable", Place(file=path.name)) from error
    return Proof(made.getvalue(), **told)
