"""Location of the shipped data: the chosen folder, the installed package, or a checkout."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from coverage.base.errors import FileRefusedError, Place

_PACKAGE = Path(__file__).parents[1]
REGIONS = {"3505": "blitar"}
"""BPS code of a regency that ships, and its folder."""


def data_dir() -> Path:
    """Return the folder of data (asset kinds, rules, the region): ``JANGKAU_SHIPPED_DATA``, else the one that ships."""
    if chosen := os.environ.get("JANGKAU_SHIPPED_DATA"):
        return Path(chosen)
    return _folder("data", "data")


def manual_dir() -> Path:
    """Return the folder of the manual, by language."""
    return _folder("manual", "docs/manual")


@cache
def _folder(installed: str, in_checkout: str) -> Path:
    inside = _PACKAGE / installed
    return inside if inside.is_dir() else _PACKAGE.parent / in_checkout


def region_dir(code: str = "3505") -> Path:
    """Return the folder of a region that ships; FileRefusedError if no region of that code ships."""
    if code not in REGIONS:
        raise FileRefusedError("region.unknown", Place(value=code), offered=sorted(REGIONS))
    return data_dir() / REGIONS[code]
