"""Two coordinates in one cell, taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coverage.imports.angles import read_angle

_SIDED = re.compile(
    r"lintang\s*(?:selatan|utara)|bujur\s*(?:timur|barat)|(?<![a-z])(?:ls|lu|bt|bb|[snew])(?![a-z])", re.IGNORECASE
)
_LABEL = re.compile(r"\b(?:lat(?:itude)?|long?(?:itude)?|lng|lintang|bujur|x|y)\b\s*[:=]\s*", re.IGNORECASE)
_POINT = re.compile(r"\s*point\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)
_URL = re.compile(r"[@=/](-?\d{1,2}\.\d{3,}),\s*(-?\d{2,3}\.\d{3,})")


def split_pair(text: str) -> tuple[str, str] | None:
    """Take a cell such as ``-7.1216, 110.4087`` apart into two coordinates, in the order written.

    Returns
    -------
    tuple of str or None
        None where the cell does not hold two coordinates. ``POINT (x y)`` gives latitude first, as do links to maps.
    """
    if point := _POINT.fullmatch(text):
        return point[2], point[1]
    if url := _URL.search(text) if "://" in text else None:
        return url[1], url[2]
    plain = _LABEL.sub(" ", text).strip(" ()[]{}")
    if _reads(plain):
        return None  # one coordinate with a decimal comma
    for parts in _cuts(plain):
        if len(parts) == 2 and all(_reads(part) for part in parts):
            return parts[0], parts[1]
    return None


def _cuts(text: str) -> Sequence[list[str]]:
    cuts = [
        [part.strip() for part in re.split(separator, text) if part.strip()]
        for separator in (r"[;|/\n]", r",\s+|\s+,", r"\s+-\s+(?=\d)")
    ]
    sides = list(_SIDED.finditer(text))
    if len(sides) == 2:
        first, second = sides
        at = second.start() if not text[: first.start()].strip() else first.end()
        cuts.append([text[:at].strip(" ,"), text[at:].strip(" ,")])
    commas = [found.start() for found in re.finditer(",", text)]
    if len(commas) in (1, 3):
        middle = commas[len(commas) // 2]
        cuts.append([text[:middle].strip(), text[middle + 1 :].strip()])
    cuts.append(text.split() if text.count(" ") == 1 or len(text.split()) == 2 else [])
    return cuts


def _reads(part: str) -> bool:
    return not read_angle(part).fault


def is_pair(text: str) -> bool:
    """Whether a cell holds two coordinates."""
    return bool(text) and len(text) < 300 and split_pair(text) is not None
