"""The base map of a region as tiles for ``map.js``: cut, simplified and thinned out for each zoom, on demand.

A tile (``/lapis/<name>/<zoom>/<x>/<y>.json``) holds lines and areas in 4,096 steps of its width, in the order of
drawing, and points with names. The browser draws it on a canvas once and moves the picture: 30,000 roads pan as one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import Any

import numpy as np
import shapely
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from coverage.readers.basemap import CLASSES, Basemap, kept_features
from coverage.readers.tiles import tile_of

STEPS = 4096
"""Steps of a coordinate across a tile."""
MOST_ZOOM = 18
FROM_ZOOM = {
    "lake": 8, "river": 9, "canal": 13, "stream": 12, "building": 15, "rail": 10,
    "path": 15, "track": 14, "service": 14, "local": 13, "tertiary": 11, "secondary": 9, "primary": 8, "trunk": 7,
    "motorway": 7,
    "city": 7, "town": 9, "village": 12, "suburb": 12, "hamlet": 13, "locality": 15,
}  # fmt: skip
"""The zoom of the map from which a class is drawn: tiles are 512 pixels wide, those of the zoom before."""
ORDER = tuple(name for names in CLASSES.values() for name in names)
"""Classes in the order of drawing; a tile names them by their number."""
_EDGE = 0.03
"""Part of a tile that is cut beyond its edge, so that wide lines meet."""
_LOCK = threading.Lock()
_PATHS: dict[str, Path] = {}
_CUT: LRUCache[tuple[str, int, int, int], bytes] = LRUCache(64 * 2**20, getsizeof=len)


@dataclass(frozen=True)
class _Drawn:
    """Features in world coordinates: 0 to 1 across Web Mercator, from the north-west."""

    shapes: NDArray[np.object_]
    order: NDArray[np.int64]
    zoom: NDArray[np.int64]
    names: NDArray[np.object_]
    tree: shapely.STRtree


def tiles_name(basemap: Basemap | None) -> str | None:
    """Name of a base map, or of raster tiles, in the addresses of its tiles; None without one."""
    if basemap is None:
        return None
    name = hashlib.sha256(str(basemap.path).encode()).hexdigest()[:32]  # a version of a file never changes
    with _LOCK:
        _PATHS[name] = basemap.path
    return name


def raster_tile(name: str, zoom: int, x: int, y: int) -> tuple[bytes, str] | None:
    """A picture of the office's tiles and its media type; None where there is none."""
    with _LOCK:
        path = _PATHS.get(name)
    return None if path is None else tile_of(path, zoom, x, y)


def basemap_tile(name: str, zoom: int, x: int, y: int) -> bytes | None:
    """A tile as gzipped JSON: ``f`` rows of class, name and parts, ``p`` points; None where there is none so named."""
    with _LOCK:
        path, cut = _PATHS.get(name), _CUT.get((name, zoom, x, y))
    if cut is not None or path is None or not 0 <= zoom <= MOST_ZOOM or not (0 <= x < 2**zoom and 0 <= y < 2**zoom):
        return cut
    text = json.dumps(_tile(_drawn(path), zoom, x, y), ensure_ascii=False, separators=(",", ":"))
    cut = gzip.compress(text.encode(), 5, mtime=0)
    with _LOCK:
        if len(cut) < _CUT.maxsize:
            _CUT[name, zoom, x, y] = cut
    return cut


@cached(LRUCache(4), condition=Condition())  # read once, however many tiles are asked for at once
def _drawn(path: Path) -> _Drawn:
    found = kept_features(path)
    order = found["class"].map({name: number for number, name in enumerate(ORDER)}).to_numpy(dtype=np.int64)
    shapes = shapely.transform(found.geometry.to_numpy(), _to_world)
    zoom = np.array([FROM_ZOOM[name] for name in ORDER])[order]
    names = found["name"].astype(object).where(found["name"].notna(), None).to_numpy(dtype=object)
    return _Drawn(shapes, order, zoom, names, shapely.STRtree(shapes))


def _to_world(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Web Mercator (EPSG:3857) from degrees, 0 to 1 from the north-west corner of the world."""
    lon, lat = degrees[:, 0], np.radians(np.clip(degrees[:, 1], -85.05, 85.05))
    return np.column_stack([lon / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)])


def _tile(drawn: _Drawn, zoom: int, x: int, y: int) -> dict[str, list[Any]]:
    size = 2.0**-zoom
    box = shapely.box((x - _EDGE) * size, (y - _EDGE) * size, (x + 1 + _EDGE) * size, (y + 1 + _EDGE) * size)
    there = drawn.tree.query(box)
    there = there[drawn.zoom[there] <= zoom + 1]
    there = there[np.argsort(drawn.order[there], kind="stable")]
    points = shapely.get_type_id(drawn.shapes[there]) == 0
    rows: list[Any] = []
    cut = shapely.clip_by_rect(drawn.shapes[there[~points]], *box.bounds)
    cut = shapely.simplify(cut, size / 1024, preserve_topology=False)
    for number, parts in zip(there[~points].tolist(), _parts(cut, size, x, y), strict=True):
        if parts:
            rows.append([int(drawn.order[number]), drawn.names[number], parts])
    at = _steps(shapely.get_coordinates(drawn.shapes[there[points]]), size, x, y).tolist()
    inside = [[int(drawn.order[n]), drawn.names[n], *xy] for n, xy in zip(there[points], at, strict=True)]
    return {"f": rows, "p": [one for one in inside if 0 <= one[2] < STEPS and 0 <= one[3] < STEPS]}


def _parts(shapes: NDArray[np.object_], size: float, x: int, y: int) -> list[list[list[int]]]:
    """Lines and rings of each shape as flat lists of steps."""
    lines, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_line = shapely.get_rings(lines, return_index=True)
    flat = shapely.get_dimensions(lines) == 1
    pieces = np.concatenate([lines[flat], rings])
    owner = np.concatenate([of_shape[flat], of_shape[of_line]])
    steps = _steps(shapely.get_coordinates(pieces), size, x, y)
    ends = np.cumsum(shapely.get_num_coordinates(pieces))[:-1]
    found: list[list[list[int]]] = [[] for _ in shapes]
    for number, piece in zip(owner.tolist(), np.split(steps, ends) if len(pieces) else [], strict=True):
        found[number].append(piece.ravel().tolist())
    return found


def _steps(world: NDArray[np.float64], size: float, x: int, y: int) -> NDArray[np.int64]:
    return np.rint((world / size - (x, y)) * STEPS).astype(np.int64)
