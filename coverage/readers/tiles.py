"""Raster tiles of an office, from MBTiles or PMTiles: checked and rewritten apart, then read by tile.

Formats: github.com/mapbox/mbtiles-spec (1.3) and github.com/protomaps/PMTiles (3).
"""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from pathlib import Path
from threading import Condition
from typing import Any

import numpy as np
import pandas as pd
from cachetools import LRUCache, cached
from pmtiles.tile import deserialize_directory, deserialize_header, zxy_to_tileid

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.apart import EXTRACT, read_within
from coverage.readers.confined import rewrite_tiles
from coverage.readers.geofiles import DAMAGE

SUFFIXES = (".mbtiles", ".pmtiles")
MAX_BYTES = 500 * 2**20
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
"""Media types by the first bytes; nothing else is kept, or sent."""
_DEPTH = 4


def take_in_tiles(path: Path, credit: str, target: Path) -> dict[str, Any]:
    """Check a file of raster tiles and write the one that the region keeps; returns what is said of it.

    Parameters
    ----------
    credit : who is named where the file names nobody

    Raises
    ------
    FileRefusedError
        No raster tiles, damaged, or too large.
    """
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    if path.stat().st_size > MAX_BYTES:
        raise FileRefusedError("geofile.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name:
        copy = Path(name) / "given"
        shutil.copyfile(path, copy)
        try:
            about = rewrite_tiles(copy, Path(name))
            shutil.move(Path(name) / "tiles.pmtiles", target)
        except DAMAGE as error:
            raise FileRefusedError("tiles.unreadable", Place(file=path.name), problem=str(error)[:200]) from error
    said = html.unescape(re.sub(r"<[^>]*>", "", str(about["attribution"])))[:200].strip()
    return {
        "credits": [said or credit] if said or credit else [],
        "counts": {"tiles": int(about["count"]), "least_zoom": int(about["least"]), "most_zoom": int(about["most"])},
    }


def read_index(path: Path) -> pd.DataFrame:
    """Number, offset and length of each tile of a kept file, sorted by number."""
    with path.open("rb") as stream:

        def part(offset: int, length: int) -> bytes:
            stream.seek(offset)
            return stream.read(length)

        header = deserialize_header(part(0, 127))
        todo, entries = [(header["root_offset"], header["root_length"], 0)], []
        while todo:
            offset, length, depth = todo.pop()
            if depth > _DEPTH:
                raise ValueError("depth")
            for entry in deserialize_directory(part(offset, length)):
                if entry.run_length:
                    entries.append(
                        (entry.tile_id, entry.run_length, header["tile_data_offset"] + entry.offset, entry.length)
                    )
                else:
                    todo.append((header["leaf_directory_offset"] + entry.offset, entry.length, depth + 1))
    return pd.DataFrame(sorted(entries), columns=["tile", "run", "offset", "length"], dtype=np.int64)


@cached(LRUCache(4), condition=Condition())  # read once, however many tiles are asked for at once
def _index(path: Path) -> pd.DataFrame:
    return read_within(EXTRACT, read_index, path)


def tile_of(path: Path, zoom: int, x: int, y: int) -> tuple[bytes, str] | None:
    """A tile of a kept file and its media type; None where there is none."""
    if not 0 <= zoom <= 24 or not (0 <= x < 2**zoom and 0 <= y < 2**zoom):
        return None
    index, number = _index(path), zxy_to_tileid(zoom, x, y)
    at = int(np.searchsorted(index["tile"].to_numpy(), number, side="right")) - 1
    if at < 0 or number >= int(index["tile"].iloc[at] + index["run"].iloc[at]):
        return None
    with path.open("rb") as stream:
        stream.seek(int(index["offset"].iloc[at]))
        content = stream.read(min(int(index["length"].iloc[at]), 2**22))
    kind = next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), None)
    return (content, kind) if kind else None
