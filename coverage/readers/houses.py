"""Houses on the ground, from footprints of buildings, where no land cover tells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray

from coverage.base.errors import FileRefusedError, Place
from coverage.land.buildings import BuiltLand
from coverage.reach.link_budget import Clutter
from coverage.readers.footprints import Bounds, on_plane, read_footprints

Note = tuple[str, dict[str, object]]


def read_houses(
    files: Sequence[Path], bounds: Bounds, shape: tuple[int, ...], crs: pyproj.CRS, heights: Clutter
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Note]:
    """Read the heights of what is built on a grid.

    Parameters
    ----------
    bounds, shape, crs : of the grid of square cells, rows from the north
    heights : how high much built land is, where the file does not tell

    Returns
    -------
    tuple
        Heights in m; where that is houses; cells beyond the files, of which nothing is known (0 m); and what is to be
        said of it. A file tells of the box around all of its buildings, in which there are no others, and of no woods.

    Raises
    ------
    FileRefusedError
        Without a building on the grid.
    """
    to_plane = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    around = to_plane.transform_bounds(*bounds, direction="INVERSE")
    cell_m = (bounds[2] - bounds[0]) / shape[1]
    built = BuiltLand.empty(bounds[0], bounds[1], cell_m, (shape[0], shape[1]))
    beyond, count = np.ones(shape, bool), 0
    for path in files:
        boxes, read = [], 0
        for part in read_footprints(path, around):
            boxes.append(part.bounds)
            count, read = count + len(part.shapes), read + part.read
            built.add(on_plane(part.shapes, to_plane), part.height_m)
        if read:
            beyond[_rows_and_columns(np.array(boxes), to_plane, bounds, cell_m)] = False
    if not count:
        raise FileRefusedError("people.places_elsewhere", Place(file=files[0].name))
    ours = heights.footprints
    above, own = built.cover_m(ours.share_m, ours.by_share)
    above, own = above[::-1], own[::-1]
    houses = (above > 0) & ~beyond
    told = {
        "files": ", ".join(path.name for path in files),
        "count": count,
        "metres": round(ours.share_m),
        "percent": round(100 * ours.by_share[0][0]),
        "told": round(100 * float((own & houses).sum()) / max(int(houses.sum()), 1)),
    }
    above = np.where(beyond, np.float32(0), np.where(houses, above, np.float32(heights.default_m)))
    return above, houses, beyond, ("elevation.note.footprints", told)


def _rows_and_columns(
    boxes: NDArray[np.float64], to_plane: pyproj.Transformer, bounds: Bounds, cell_m: float
) -> tuple[slice, slice]:
    """Cells within the box around boxes in degrees, none that it holds in part."""
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    x, y = to_plane.transform([west, east, east, west], [south, south, north, north])
    first = np.ceil((max(x[0], x[3]) - bounds[0]) / cell_m), np.ceil((bounds[3] - min(y[2:])) / cell_m)
    last = (min(x[1:3]) - bounds[0]) // cell_m, (bounds[3] - max(y[:2])) // cell_m
    (left, top), (right, bottom) = (np.clip(place, 0, None).astype(int) for place in (first, last))
    return slice(top, bottom), slice(left, right)
