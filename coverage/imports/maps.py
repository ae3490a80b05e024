"""Maps refused as a whole: swapped axes, wrong UTM zone, shapes across the antimeridian."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError

from coverage.base.errors import CrsError, FileRefusedError, Place
from coverage.imports.coordinates import Places
from coverage.imports.places import Region, in_indonesia
from coverage.imports.raw import Raw
from coverage.imports.repairs import ZONES

NEARLY_ALL = 0.95
FEW = 3


def refuse_whole_map(raw: Raw, places: Places, region: Region | None) -> None:
    """Refuse a map whose fault is not that of single features; never a table.

    Raises
    ------
    CrsError
        ``imports.swapped_axes``, ``imports.wrong_zone``: nothing lies inside as it is, nearly everything with swapped
        axes or in another zone.
    FileRefusedError
        ``imports.antimeridian``: a shape spans the world.
    """
    if raw.shapes is None:
        return
    place = Place(file=raw.file, sheet=raw.sheet)
    across = _across(places.shapes)
    if len(across):
        raise FileRefusedError("imports.antimeridian", Place(raw.file, raw.sheet, int(raw.frame.index[across[0]])))
    good = ~(shapely.is_missing(places.shapes) | shapely.is_empty(places.shapes)) & (places.fault != "import.nan")
    if good.sum() < FEW:
        return
    centre = shapely.get_coordinates(shapely.centroid(places.shapes[good]))
    lon, lat = centre[:, 0], centre[:, 1]
    contains = in_indonesia if region is None else region.contains
    if contains(lon, lat).any():
        return
    if contains(lat, lon).mean() >= NEARLY_ALL or (in_indonesia(lat, lon).mean() >= NEARLY_ALL):
        raise CrsError("imports.swapped_axes", place)
    if raw.authority is None:
        return
    for zone in ZONES:
        if zone == raw.authority:
            continue
        try:
            x, y = Transformer.from_crs("EPSG:4326", raw.authority, always_xy=True).transform(lon, lat)
            east, north = Transformer.from_crs(zone, "EPSG:4326", always_xy=True).transform(x, y)
        except ProjError:
            return
        if contains(np.asarray(east), np.asarray(north)).mean() >= NEARLY_ALL:
            raise CrsError("imports.wrong_zone", place, declared=raw.authority, fitting=zone)


def _across(shapes: np.ndarray) -> np.ndarray:
    """Positions of shapes with successive points half the world apart."""
    lines = np.flatnonzero(shapely.get_dimensions(shapes) >= 1)
    xy, of = shapely.get_coordinates(shapes[lines], return_index=True)
    jumps = (np.abs(np.diff(xy[:, 0])) > 180) & (np.diff(of) == 0)
    found: np.ndarray = lines[pd.unique(of[1:][jumps])]
    return found
