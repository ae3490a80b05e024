"""Building footprints as they are published: a GeoJSON feature a line (Microsoft), or a table of WKT (Google)."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.base.errors import FileRefusedError, InputError, Place, RowError
from coverage.readers.geofiles import MAX_BYTES

Bounds = tuple[float, float, float, float]
AREA = "area_in_meters"
"""Column by which a table of Open Buildings is known; it gives each building's centre, too."""
SUFFIXES = (".geojsonl", ".gz")
MOST = 20_000_000
"""Rows of a file; all of Java has some 50 million buildings."""
AT_ONCE = 50_000
PART_BYTES = 64 * 2**20
LONGEST = 2**20
"""Bytes of a line."""
WIDEST_DEG = 0.01
"""No building is some 1 km wide."""
_TALLEST_M = 500.0
_HEIGHT = re.compile(rb'"height"\s*:\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)')


@dataclass(frozen=True, eq=False)
class Footprints:
    """Part of a file.

    Attributes
    ----------
    shapes : polygons within the bounds asked for, EPSG:4326
    height_m : of each; NaN where the file tells none
    read : number of all buildings of the part, near or far
    bounds : of all buildings of the part; west of east where there is none, infinitely
    """

    shapes: NDArray[np.object_]
    height_m: NDArray[np.float64]
    read: int
    bounds: Bounds


def holds_footprints(path: Path) -> bool:
    """Whether a file holds footprints as they are published, plain or packed."""
    try:
        with _opened(path) as stream:
            head = stream.readline(LONGEST)
    except (OSError, EOFError, zlib.error):
        return False
    return _is_feature(head) or {"geometry", AREA} <= set(head.decode("utf-8-sig", "replace").strip().split(","))


def read_footprints(path: Path, bounds: Bounds) -> Iterator[Footprints]:
    """Read footprints part by part, however large the file is.

    Parameters
    ----------
    path : one for which :func:`holds_footprints` is true; a packed one may be several, put one after another
    bounds : west, south, east, north in degrees: beyond, buildings are only counted

    Raises
    ------
    RowError
        A line that holds no building (``footprints.bad_row``).
    FileRefusedError
        Damaged, or too large.
    """
    if path.stat().st_size > MAX_BYTES:
        raise FileRefusedError("geofile.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
    try:
        with _opened(path) as stream:
            lines = _is_feature(stream.readline(LONGEST))
        with _opened(path) as stream:
            for rows, part in (_of_lines if lines else _of_table)(stream, path.name, bounds):
                if rows > MOST:
                    raise FileRefusedError("footprints.too_many", Place(file=path.name), limit=MOST)
                yield part
    except InputError:
        raise
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise FileRefusedError("file.unreadable", Place(file=path.name), problem=str(error)[:200]) from error


def on_plane(shapes: NDArray[np.object_], to_plane: pyproj.Transformer) -> NDArray[np.object_]:
    """Shapes in the metres of a plane."""
    return np.asarray(shapely.transform(shapes, lambda at: np.column_stack(to_plane.transform(at[:, 0], at[:, 1]))))


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def _is_feature(line: bytes) -> bool:
    """Whether a line is the whole feature of a polygon, as the first line of no other GeoJSON is."""
    line = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not line.startswith(b"{") or b'"features"' in line:
        return False
    return int(shapely.get_dimensions(shapely.from_geojson(line, on_invalid="ignore"))) == 2


def _parts(stream: BinaryIO, file: str) -> Iterator[list[bytes]]:
    """Lines in parts of bounded number and size."""
    part: list[bytes] = []
    row = size = 0
    while line := stream.readline(LONGEST):
        row += 1
        if len(line) == LONGEST and not line.endswith(b"\n"):
            raise RowError("footprints.bad_row", Place(file=file, row=row, value=line[:60].decode("utf-8", "replace")))
        part.append(line)
        size += len(line)
        if len(part) == AT_ONCE or size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _of_lines(stream: BinaryIO, file: str, bounds: Bounds) -> Iterator[tuple[int, Footprints]]:
    """Parts, each with the number of rows up to its end."""
    row = 0
    for lines in _parts(stream, file):
        held = np.array([bool(line.strip()) for line in lines])
        texts = np.array(lines, dtype=object)[held]
        shapes = shapely.from_geojson(texts, on_invalid="ignore")
        told = (_HEIGHT.search(text) for text in texts)
        height = np.array([float(found[1]) if found else np.nan for found in told])
        height[~((height > 0) & (height < _TALLEST_M))] = np.nan
        rows, starts = row + 1 + np.flatnonzero(held), [text[:60].decode("utf-8", "replace") for text in texts]
        row += len(lines)
        yield row, _checked(shapes, height, rows, starts, file, bounds)


def _of_table(stream: BinaryIO, file: str, bounds: Bounds) -> Iterator[tuple[int, Footprints]]:
    """Parts, each with the number of rows up to its end."""
    row = 0
    for table in pd.read_csv(stream, usecols=["geometry"], dtype=str, chunksize=AT_ONCE):
        texts = table["geometry"].fillna("")
        shapes = shapely.from_wkt(texts.to_numpy(dtype=object), on_invalid="ignore")
        height = np.full(len(texts), np.nan)
        row += len(table)
        starts = texts.str.slice(0, 60).tolist()
        yield row, _checked(shapes, height, table.index.to_numpy() + 2, starts, file, bounds)


def _checked(
    shapes: NDArray[np.object_],
    height: NDArray[np.float64],
    rows: NDArray[np.int64],
    texts: list[str],
    file: str,
    bounds: Bounds,
) -> Footprints:
    """The part within the bounds, of shapes that all are buildings."""
    box = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        fine = (np.abs(box) <= (180, 90, 180, 90)).all(axis=1) & (box[:, 2:] - box[:, :2] < WIDEST_DEG).all(axis=1)
    fine &= shapely.get_dimensions(shapes) == 2
    if not fine.all():
        at = int(np.argmin(fine))
        raise RowError("footprints.bad_row", Place(file=file, row=int(rows[at]), value=texts[at]))
    west, south, east, north = bounds
    near = (box[:, 2] >= west) & (box[:, 0] <= east) & (box[:, 3] >= south) & (box[:, 1] <= north)
    low, high = box[:, :2].min(axis=0, initial=np.inf), box[:, 2:].max(axis=0, initial=-np.inf)
    return Footprints(shapes[near], height[near], len(shapes), (*map(float, low), *map(float, high)))  # type: ignore[arg-type]
