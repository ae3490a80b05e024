"""Layers of the screen's map that go on paper when they are asked for: people, tiles, coverage areas, points."""

from __future__ import annotations

import io
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray
from PIL import Image, ImageColor
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from coverage.exports.drawing import path_of, seen
from coverage.exports.map_choice import DrawnArea, DrawnPoints
from coverage.exports.overlays import PEOPLE_LEGEND, PEOPLE_TINTS, people_classes
from coverage.language.words import Words
from coverage.readers.tiles import tile_of
from coverage.run.result import RunTables

AREA_COLOURS = ("#332288", "#117733", "#882255", "#44AA99", "#AA4499", "#999933", "#88CCEE", "#CC6677")
"""Tol's muted colours, in the order in which ``areas.js`` takes them."""
AREA_DASHES: tuple[Any, ...] = ("solid", (0, (6, 3)), (0, (2, 3)), (0, (7, 3, 2, 3)))
MOST_TILES = 300
"""Tiles of a picture."""
MOST_PIXELS = 6000
"""Longest side of a picture."""
MOST_TILE_PIXELS = 1024
MOST_NAMES = 160
"""Names of points."""
_WORLD_M = 20_037_508.342789244
"""Half the width of Web Mercator."""


def draw_people(axes: Axes, analysis: RunTables, alpha: float = 1.0) -> None:
    """Colour people per km², where the run has its land."""
    land, cells = getattr(analysis, "land", None), getattr(analysis, "cells", None)
    if land is None or cells is None:
        return
    population = analysis.villages["population"].to_numpy(dtype=float, na_value=np.nan)
    classes = people_classes(cells, population)
    rows, columns = classes.shape
    extent = (land.x0, land.x0 + columns * land.cell_m, land.y0, land.y0 + rows * land.cell_m)
    _show(
        axes,
        np.array(PEOPLE_TINTS, np.uint8)[classes],
        extent,
        alpha,
        origin="lower",
        interpolation="nearest",
        zorder=2.2,
    )


def draw_tiles(axes: Axes, analysis: RunTables, crs: Any, pixels: int, alpha: float = 1.0) -> bool:
    """Draw the office's raster tiles, as fine as ``pixels`` across can show; whether there are any of this window."""
    window = _degrees(seen(axes), crs)
    found = None if analysis.tiles is None or not np.isfinite(window).all() else _mosaic(analysis, window, pixels)
    if found is None:
        return False
    picture, place = found
    west, south, east, north = seen(axes)
    size = pixels, max(1, round(pixels * (north - south) / (east - west)))
    into = np.zeros((4, size[1], size[0]), np.uint8)
    to = Affine((east - west) / size[0], 0, west, 0, (south - north) / size[1], north)
    how: dict[str, Any] = {"src_crs": "EPSG:3857", "dst_crs": CRS(crs).to_wkt(), "resampling": Resampling.bilinear}
    reproject(np.moveaxis(picture, 2, 0), into, src_transform=place, dst_transform=to, **how)
    _show(axes, np.moveaxis(into, 0, 2), (west, east, south, north), alpha, origin="upper", zorder=1.0)
    return True


def _show(axes: Axes, picture: NDArray[np.uint8], extent: Any, alpha: float, **look: Any) -> None:
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(picture, extent=extent, alpha=alpha, **look)
    axes.set(xlim=limits[0], ylim=limits[1])


def _degrees(bounds: tuple[float, float, float, float], crs: Any) -> tuple[float, float, float, float]:
    west, south, east, north = Transformer.from_crs(crs, 4326, always_xy=True).transform_bounds(*bounds)
    return west, max(south, -85.0), east, min(north, 85.0)


def _mosaic(
    analysis: RunTables, window: tuple[float, float, float, float], pixels: int
) -> tuple[NDArray[np.uint8], Affine] | None:
    """Tiles over a window in degrees as one picture in Web Mercator, and its place; None where there are none."""
    assert analysis.tiles is not None
    counts = analysis.tiles.counts
    west, south, east, north = Transformer.from_crs(4326, 3857, always_xy=True).transform_bounds(*window)
    for zoom in range(min(counts.get("most_zoom", 18), 22), counts.get("least_zoom", 0) - 1, -1):
        wide = 2 * _WORLD_M / 2**zoom
        left, right = (int((x + _WORLD_M) // wide) for x in (west, east))
        top, bottom = (int((_WORLD_M - y) // wide) for y in (north, south))
        across, down = right - left + 1, bottom - top + 1
        if across * down <= MOST_TILES and across * 256 <= 2 * pixels + 512:
            break
    else:
        return None
    picture, side = None, 0
    for row, column in np.ndindex(down, across):
        one = _tile(analysis.tiles.path, zoom, left + column, top + row)
        if one is None:
            continue
        if picture is None:
            side = min(one.width, MOST_PIXELS // max(across, down))
            picture = np.zeros((down * side, across * side, 4), np.uint8)
        fits = np.asarray(one if one.width == side else one.resize((side, side)))
        picture[row * side : (row + 1) * side, column * side : (column + 1) * side] = fits
    if picture is None:
        return None
    x, y = left * wide - _WORLD_M, _WORLD_M - top * wide
    return picture, Affine(wide / side, 0, x, 0, -wide / side, y)


def _tile(path: Any, zoom: int, x: int, y: int) -> Image.Image | None:
    """A square picture with its opacity; None where there is none, or where it is damaged."""
    found = tile_of(path, zoom, x, y)
    if found is None:
        return None
    try:
        with Image.open(io.BytesIO(found[0]), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width != image.height or image.width > MOST_TILE_PIXELS:
                return None
            return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def draw_coverage(axes: Axes, areas: tuple[DrawnArea, ...], crs: Any, line: float, alpha: float = 1.0) -> None:
    """Draw coverage areas, tinted, each with an outline of its own colour and dashes."""
    for at, area in enumerate(areas):
        shape = gpd.GeoSeries([area.outline], crs=4326).to_crs(crs).iloc[0]
        paths = [path_of(part) for part in shapely.get_parts(shapely.orient_polygons(shape))]
        colour, dash = _area_look(at)
        tint: dict[str, Any] = {"facecolors": colour, "edgecolors": "none", "alpha": 0.18 * alpha, "zorder": 2.25}
        edge: dict[str, Any] = {"facecolors": "none", "edgecolors": colour, "linestyles": [dash], "zorder": 2.26}
        axes.add_collection(PathCollection(paths, **tint))
        axes.add_collection(PathCollection(paths, linewidths=line, alpha=alpha, **edge))


def _area_look(at: int) -> tuple[str, Any]:
    return AREA_COLOURS[at % len(AREA_COLOURS)], AREA_DASHES[at % len(AREA_DASHES)]


def draw_points(axes: Axes, points: DrawnPoints, crs: Any, size: float, alpha: float = 1.0) -> None:
    """Draw the points of one colour."""
    at = _placed(points, crs)
    axes.plot(at[:, 0], at[:, 1], linestyle="none", zorder=6.5, alpha=alpha, **_mark(points, size))


def names_of(points: DrawnPoints, crs: Any) -> list[tuple[str, float, float]]:
    """Names with their places, to be written where there is room."""
    return [(name, x, y) for name, (x, y) in zip(points.names, _placed(points, crs).tolist(), strict=False)]


def _placed(points: DrawnPoints, crs: Any) -> NDArray[np.float64]:
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(*points.at.T))


def _mark(points: DrawnPoints, size: float) -> dict[str, Any]:
    rim = {"markeredgecolor": points.edge, "markeredgewidth": 0.16 * size}
    return {"marker": "o", "markersize": size, "markerfacecolor": points.colour, **rim}


def layer_handles(
    words: Words, people: bool, areas: tuple[DrawnArea, ...], points: tuple[DrawnPoints, ...], size: float
) -> list[Any]:
    """Legend of what is drawn, points with counts."""
    handles: list[Any] = []
    for at, area in enumerate(areas):
        colour, dash = _area_look(at)
        tint = (*np.array(ImageColor.getrgb(colour)) / 255, 0.18)
        handles.append(Patch(facecolor=tint, edgecolor=colour, linestyle=dash, linewidth=1, label=area.title))
    if people:
        title = words("web.map.peopleTitle")
        handles += [
            Patch(facecolor=colour, label=f"{title} ≥ {words.number(least)}") for least, colour in PEOPLE_LEGEND
        ]
    for one in points:
        text = f"{one.title} ({words.number(len(one.at))})"
        handles.append(Line2D([], [], linestyle="none", label=text, **_mark(one, size)))
    return handles
