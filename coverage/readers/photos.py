"""Photos: that a file is one, and the place and time that its EXIF tells."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import GPS, IFD, Base

from coverage.base.errors import FileRefusedError, Place

MOST_PIXELS = 40_000_000


def read_photo(path: Path) -> dict[str, str | float | None]:
    """What the EXIF of a photo tells: ``taken_at`` (ISO; in UTC or with offset where it tells), ``lon, lat``.

    Raises
    ------
    FileRefusedError
        ``field.no_photo``: not a whole JPEG of at most 40 megapixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("JPEG",)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise FileRefusedError("field.no_photo", Place(file=path.name))
                image.load()  # a torn file ends here
                exif = image.getexif()
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefusedError("field.no_photo", Place(file=path.name)) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise FileRefusedError("field.no_photo", Place(file=path.name)) from error
    return told_by(exif)


def told_by(exif: Image.Exif) -> dict[str, str | float | None]:
    """The same from EXIF that was read; a photo without any is a photo still."""
    try:
        lon, lat = _place(exif.get_ifd(IFD.GPSInfo))
        return {"taken_at": _time(exif.get_ifd(IFD.Exif)), "lon": lon, "lat": lat}
    except Exception:  # EXIF of any maker
        return {"taken_at": None, "lon": None, "lat": None}


def _time(told: Mapping[int, Any]) -> str | None:
    found = re.fullmatch(
        r"(\d{4})[:-](\d\d)[:-](\d\d) (\d\d:\d\d:\d\d)\s*", str(told.get(Base.DateTimeOriginal, "")).strip("\0")
    )
    offset = str(told.get(Base.OffsetTimeOriginal, "")).strip("\0 ")
    if found is None or found[1] == "0000":
        return None
    return "{}-{}-{}T{}".format(*found.groups()) + (offset if re.fullmatch(r"[+-]\d\d:\d\d", offset) else "")


def _place(told: Mapping[int, Any]) -> tuple[float | None, float | None]:
    lon = _degrees(told.get(GPS.GPSLongitude), str(told.get(GPS.GPSLongitudeRef, "E")))
    lat = _degrees(told.get(GPS.GPSLatitude), str(told.get(GPS.GPSLatitudeRef, "N")))
    if lon is None or lat is None or (lon == 0 and lat == 0) or abs(lon) > 180 or abs(lat) > 90:
        return None, None
    return lon, lat


def _degrees(parts: Any, half: str) -> float | None:
    if parts is None:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = round(degrees + minutes / 60 + seconds / 3600, 7)
    return None if value != value else -value if half[:1] in "WS" else value
