"""Raster overlays: signal classes and hillshade as PNG in Web Mercator, with bounds.

A browser stretches a picture linearly in Web Mercator, so the UTM grid is warped to it first, accurate to half a cell.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyproj
import rasterio
from numpy.typing import NDArray
from PIL import Image, ImageColor
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject, transform_bounds

from coverage.land.cells import Land
from coverage.reach.terrain import Terrain

Colours = Sequence[tuple[int, int, int, int]]
Bounds = tuple[tuple[float, float], tuple[float, float]]
Window = tuple[float, float, float, float]

COLOURS = {"none": (213, 94, 0, 70), "weak": (230, 159, 0, 150), "strong": (0, 158, 115, 150)}
"""Red, green, blue and opacity, as the states of villages: blank, weak, served."""
SERVER_COLOURS = tuple(
    (*colour, 160)
    for colour in (
        *((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (213, 94, 0)),
        *((240, 228, 66), (51, 34, 136), (136, 136, 136), (102, 51, 0)),
    )
)
"""Of neighbouring towers, told apart by colour-blind people as far as so many can be: those of Okabe and Ito, and three
more."""
COUNT_COLOURS = ((213, 94, 0, 70), (254, 217, 142, 170), (120, 178, 205, 170), (8, 81, 156, 170))
"""None, one, two, three or more."""
DISTURBED_COLOURS = (COUNT_COLOURS[0], COUNT_COLOURS[2], COUNT_COLOURS[1], (142, 1, 82, 170))
"""No operator heard; without interference, with it of some operators, of all."""
REACH_COLOURS = {"reached": (0, 114, 178, 70), "new": (204, 51, 139, 170)}
"""Where proposals reach: with service already, and newly."""
MOST_PIXELS, MOST_REACH_PIXELS = 1600, 640
"""Longest side; that of a picture that follows the pointer."""
EXAGGERATION = 2.0
"""Of heights, for a whole regency."""
LIGHT_FROM_DEG, LIGHT_ABOVE_DEG = 315.0, 45.0
"""Light from the north-west at 45°, as on printed maps."""
_FLAT = np.float32(np.sin(np.radians(LIGHT_ABOVE_DEG)))


class _Part(NamedTuple):
    """Where a part of a grid lies."""

    crs: pyproj.CRS
    x0: float
    y0: float
    cell_m: float


@dataclass(frozen=True)
class Overlay:
    """A picture and its bounds ``((south, west), (north, east))`` in degrees, as Leaflet takes them."""

    png: bytes
    bounds: Bounds


def coloured_overlay(
    grid: Terrain | Land | _Part, numbers: NDArray[np.integer[Any]], colours: Colours, most: int = MOST_PIXELS
) -> Overlay:
    """Colour a grid of numbers by a table of red, green, blue and opacity; -1 is transparent."""
    found, bounds = _on_the_web(grid, numbers.astype(np.float32), Resampling.nearest, most)
    table = np.array([(0, 0, 0, 0), *colours], np.uint8)
    return Overlay(_png((np.nan_to_num(found, nan=-1.0) + 1).astype(np.uint8), table), bounds)


def signal_overlay(terrain: Terrain, classes: NDArray[np.int8]) -> Overlay:
    """Colour signal classes on the terrain's grid (:func:`coverage.reach.signal_views.classes`)."""
    return coloured_overlay(terrain, classes, [COLOURS[name] for name in ("none", "weak", "strong")])


def reach_overlay(terrain: Terrain, corner: tuple[int, int], step: int, reached: NDArray[np.int8]) -> Overlay:
    """Colour where proposals reach (:func:`coverage.reach.signal_views.reached_by`)."""
    (row, column), cell_m = corner, terrain.cell_m
    off = (step - 1) / 2  # the cell that is asked is in the middle of those that it stands for
    x0, y0 = (start + (at - off) * cell_m for start, at in ((terrain.x0, column), (terrain.y0, row)))
    part = _Part(terrain.crs, x0, y0, cell_m * step)
    return coloured_overlay(part, reached, [(0, 0, 0, 0), *REACH_COLOURS.values()], MOST_REACH_PIXELS)


def hillshade_overlay(terrain: Terrain, most: int = MOST_PIXELS) -> Overlay:
    """Hillshade in transparent black: flat ground is clear, so that the map stays readable."""
    shades, bounds = _on_the_web(terrain, hillshade(terrain, EXAGGERATION) - _FLAT, Resampling.average, most)
    return Overlay(_png(_in_black(shades)), bounds)


def hillshade_within(terrain: Terrain, window: Window) -> tuple[NDArray[np.uint8], Window] | None:
    """Hillshade in transparent black, rows from the south, and its bounds; None where there is none.

    Parameters
    ----------
    window : west, east, south, north in metres of the terrain's CRS; as fine as :data:`MOST_PIXELS` allow
    """
    west, east, south, north = window
    cell, (rows, columns) = terrain.cell_m, terrain.shape
    bottom, top = (int(np.clip((y - terrain.y0) // cell, 0, rows)) for y in (south, north + 2 * cell))
    left, right = (int(np.clip((x - terrain.x0) // cell, 0, columns)) for x in (west, east + 2 * cell))
    step = max(1, max(top - bottom, right - left) // MOST_PIXELS)
    heights = terrain.height_m[bottom:top:step, left:right:step]
    if min(heights.shape) < 2:
        return None
    x, y, wide = terrain.x0 + left * cell, terrain.y0 + bottom * cell, cell * step
    shades = _shade(heights, wide, EXAGGERATION) - _FLAT
    return _in_black(shades), (x, x + heights.shape[1] * wide, y, y + heights.shape[0] * wide)


def _in_black(shades: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Differences from flat ground as transparent black and white."""
    dark = np.clip(-np.nan_to_num(shades) / _FLAT, 0, 1)
    light = np.clip(np.nan_to_num(shades) / (1 - _FLAT), 0, 1)
    picture = np.zeros((*shades.shape, 4), np.uint8)
    picture[..., :3] = np.where(shades >= 0, 255, 40)[..., None]
    picture[..., 3] = np.rint(220 * np.maximum(dark, 0.6 * light))
    return picture


PEOPLE_COLOURS = (None, "#DADAEB", "#9E9AC8", "#6A51A3", "#3F007D")
"""ColorBrewer Purples, told apart without colour vision; nothing where hardly anybody lives."""
PEOPLE_BREAKS = (50.0, 250.0, 1000.0, 5000.0)
"""People per km² from which a class begins: farmland with hamlets, villages, towns, city quarters."""
PEOPLE_TINTS = tuple((*ImageColor.getrgb(one), 200) if one else (0, 0, 0, 0) for one in PEOPLE_COLOURS)
PEOPLE_LEGEND = tuple(
    (least, colour) for least, colour in zip((0, *PEOPLE_BREAKS), PEOPLE_COLOURS, strict=True) if colour
)
"""Least people per km² and colour of each class that has one."""


def people_classes(cells: pd.DataFrame, population: NDArray[np.float64]) -> NDArray[np.int8]:
    """Class of people per km² (:data:`PEOPLE_BREAKS`) in each of the land's cells, rows from the south.

    ``population`` is of each village, NaN where not known: the lowest class there, which has no colour.
    """
    people = cells["people_share"].to_numpy() * population[cells["village_position"].to_numpy()]
    row, column = cells["row"].to_numpy(), cells["column"].to_numpy()
    shape = int(row.max()) + 1, int(column.max()) + 1
    at = row * shape[1] + column
    total, area = (np.bincount(at, one, shape[0] * shape[1]) for one in (people, cells["area_m2"].to_numpy()))
    with np.errstate(invalid="ignore", divide="ignore"):
        density = np.nan_to_num((total / (area / 1e6)).reshape(shape))
    return np.digitize(density, PEOPLE_BREAKS).astype(np.int8)


def people_overlay(land: Land, cells: pd.DataFrame, population: NDArray[np.float64]) -> Overlay:
    """Colour people per km² in the land's cells, as :func:`people_classes`."""
    return coloured_overlay(land, people_classes(cells, population), PEOPLE_TINTS)


def hillshade(terrain: Terrain, exaggeration: float = 1.0) -> NDArray[np.float32]:
    """Cosine of the angle between light and surface normal, 0 to 1, on the terrain's grid (0.71 where flat)."""
    return _shade(terrain.height_m, terrain.cell_m, exaggeration)


def _shade(height_m: NDArray[np.float32], cell_m: float, exaggeration: float) -> NDArray[np.float32]:
    to_north, to_east = np.gradient(height_m * np.float32(exaggeration / cell_m))
    above, azimuth = np.radians(LIGHT_ABOVE_DEG), np.radians(LIGHT_FROM_DEG)
    toward = to_east * np.float32(np.sin(azimuth)) + to_north * np.float32(np.cos(azimuth))
    steep = np.sqrt(1 + to_east**2 + to_north**2)
    lit = (np.float32(np.sin(above)) - np.float32(np.cos(above)) * toward) / steep
    return np.asarray(np.clip(lit, 0, 1), dtype=np.float32)


def _on_the_web(
    terrain: Terrain | Land | _Part, grid: NDArray[np.float32], how: Resampling, most: int = MOST_PIXELS
) -> tuple[NDArray[np.float32], Bounds]:
    """Warp a grid to Web Mercator, rows from the north; with its bounds in degrees."""
    rows, columns = grid.shape
    place = Affine(terrain.cell_m, 0, terrain.x0, 0, -terrain.cell_m, terrain.y0 + rows * terrain.cell_m)
    source = rasterio.crs.CRS.from_wkt(terrain.crs.to_wkt())
    shrink = max(1.0, max(rows, columns) / most)
    bounds = (terrain.x0, terrain.y0, terrain.x0 + columns * terrain.cell_m, place.f)
    left, bottom, right, top = transform_bounds(source, "EPSG:3857", *bounds)
    width, height = round(columns / shrink), round(rows / shrink)
    to = Affine((right - left) / width, 0, left, 0, -(top - bottom) / height, top)
    into = np.full((height, width), np.nan, np.float32)
    reproject(
        np.ascontiguousarray(grid[::-1]),
        into,
        src_transform=place,
        src_crs=source,
        dst_transform=to,
        dst_crs="EPSG:3857",
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=how,
    )
    west, south, east, north = transform_bounds("EPSG:3857", "EPSG:4326", left, bottom, right, top)
    return into, ((south, west), (north, east))


def _png(picture: NDArray[np.uint8], colours: NDArray[np.uint8] | None = None) -> bytes:
    """PNG of red, green, blue and opacity; of numbers into a table of them where one is given."""
    image, content = Image.fromarray(picture), io.BytesIO()
    if colours is None:
        image.save(content, "PNG")
    else:
        image.putpalette(colours[:, :3].tobytes())
        image.save(content, "PNG", transparency=colours[:, 3].tobytes())
    return content.getvalue()
