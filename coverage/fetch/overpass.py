"""Extract of OpenStreetMap for a region from an Overpass server, in pieces.

The query is of Overpass QL (wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL): ways and areas of a bounding box
with all their nodes, as OpenStreetMap XML. A server out of time or memory says so in a ``remark`` of an answer that
looks good; the piece is then asked for in quarters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from coverage.base.errors import FileRefusedError, Place
from coverage.base.projection import Bounds
from coverage.fetch.client import Client
from coverage.fetch.windows import Progress
from coverage.store.replacing import put_in_place

PIECE_DEG = 0.2
"""Width and height of a piece: some twenty kilometres."""
MOST_SPLITS = 3
SERVER_S = 180
"""Seconds that the server may work on a piece, and that we wait for its first byte."""
_QUERY = """[out:xml][timeout:{seconds}][bbox:{south:.5f},{west:.5f},{north:.5f},{east:.5f}];
(way["highway"];way["railway"~"^(rail|light_rail|narrow_gauge|tram)$"];way["waterway"];node["place"];
way["natural"="water"];relation["natural"="water"];way["landuse"~"^(reservoir|basin)$"];);(._;>;);out body;"""


def fetch_extract(client: Client, bounds: Bounds, cache: Path, progress: Progress) -> list[Path]:
    """Fetch roads, railways, waters and place names as files of OpenStreetMap XML.

    Parameters
    ----------
    client : for a source of form ``overpass``
    bounds : of the region, margin included
    cache : where the pieces stay, so that a retry resumes

    Raises
    ------
    UnavailableError
        If the server does not answer.
    FileRefusedError
        If the answer is no OpenStreetMap XML, or even the smallest piece is too much for the server.
    """
    pieces = list(_pieces(bounds))
    found: list[Path] = []
    for number, piece in enumerate(pieces):
        progress("pieces", number / len(pieces))
        found += _fetched(client, piece, cache, MOST_SPLITS)
    return found


def _pieces(bounds: Bounds) -> Iterator[Bounds]:
    west, south, east, north = bounds
    across, along = (max(1, round((high - low) / PIECE_DEG)) for low, high in ((west, east), (south, north)))
    wide, high = (east - west) / across, (north - south) / along
    for row in range(along):
        for column in range(across):
            left, below = west + column * wide, south + row * high
            yield left, below, left + wide, below + high


def _fetched(client: Client, piece: Bounds, cache: Path, splits: int) -> list[Path]:
    west, south, east, north = piece
    query = _QUERY.format(seconds=SERVER_S, west=west, south=south, east=east, north=north)
    url = f"{client.source.url}?{urlencode({'data': query})}"
    kept = cache / "overpass" / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.osm"
    if kept.is_file():
        return [kept]
    body = client.get(url).body
    if not body.rstrip().endswith(b"</osm>"):  # an error page, or broken off
        raise FileRefusedError("fetch.wrong_reply", Place(value=client.source.url))
    if remark := re.search(rb"<remark>\s*(.{0,200})", body, re.DOTALL):
        if not splits:
            raise FileRefusedError(
                "fetch.service_error",
                Place(value=client.source.url),
                problem=remark[1].partition(b"<")[0].decode("utf-8", "replace").strip(),
            )
        lon, lat = (west + east) / 2, (south + north) / 2
        quarters = [(west, south, lon, lat), (lon, south, east, lat), (west, lat, lon, north), (lon, lat, east, north)]
        return [path for quarter in quarters for path in _fetched(client, quarter, cache, splits - 1)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    making = kept.with_suffix(".part")
    making.write_bytes(body)
    put_in_place(making, kept)
    return [kept]
