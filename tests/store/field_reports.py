"""Reports from the field, for tests and trials."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from coverage.base.field_report import FieldReport, ReportPhoto, read_report

NAMES = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
TOLD = {"operator": "Telkomsel", "signal": "none", "rsrp_dbm": None, "mbit_s": None}


def said(number: int, photos: list[ReportPhoto] | None = None, **more: Any) -> dict[str, Any]:
    """What a phone sends."""
    return {
        "report_id": str(uuid.uuid5(NAMES, f"report {number}")),
        "region": "3505",
        "made_at": "2026-11-20T03:04:05.678Z",
        **{"lon": 112.2, "lat": -8.1, "accuracy_m": 7.5, "fixes": 3, "village_code_bps": "3505060010"},
        **{"hamlet": "Krajan", "note": None, "device": "Chrome di Android", "signals": [TOLD]},
        "photos": [photo.model_dump() for photo in photos or ()],
        **more,
    }


def a_report(number: int, photos: list[ReportPhoto] | None = None, **more: Any) -> FieldReport:
    return read_report(json.dumps(said(number, photos, **more)))


def a_photo(content: bytes, number: int = 1) -> ReportPhoto:
    digest, name = hashlib.sha256(content).hexdigest(), str(uuid.uuid5(NAMES, f"photo {number}"))
    return ReportPhoto(photo_id=name, sha256=digest, original_sha256=digest, bytes=len(content))


def picture(
    lon: float = 112.25, lat: float = -8.125, size: tuple[int, int] = (60, 40), orientation: int = 1, grey: int = 90
) -> bytes:
    """A JPEG whose EXIF tells place and time, as a phone writes it."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "2026:11:20 10:04:05", Base.OffsetTimeOriginal: "+07:00"})
    exif.get_ifd(IFD.GPSInfo).update(
        {
            **{GPS.GPSLatitudeRef: "S" if lat < 0 else "N", GPS.GPSLatitude: _parts(abs(lat))},
            **{GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: _parts(lon)},
        }
    )
    out = io.BytesIO()
    Image.new("RGB", size, (grey, 120, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    return float(int(degrees)), float(int(degrees % 1 * 60)), round(degrees * 60 % 1 * 60, 4)
