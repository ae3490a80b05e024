"""Elevation (GLO-30, SRTM, DEMNAS, ...) as GeoTIFF, COG or HGT; tiles mosaicked into one grid.

Tiles are read by window and warped to the region's UTM zone. Small voids are filled with a note; missing tiles and
large voids stay unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.fill import fillnodata
from rasterio.transform import Affine
from rasterio.warp import reproject
from scipy import ndimage

from coverage.base.errors import CrsError, FileRefusedError, Place
from coverage.land.cells import Land
from coverage.reach.link_budget import Clutter
from coverage.reach.terrain import Terrain
from coverage.readers.rasters import MAX_WINDOW_CELLS, Note, _opened, _percent, _refuse_unusable

Grid = NDArray[np.float32]

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Valid range of heights on earth."""
HIGHEST_HERE_M = 4900.0
"""Puncak Jaya is 4,884 m: beyond, heights are likely in feet."""
CLIFF_M = 10.0
"""Zeros with a rim this much higher all round are no sea."""
TALLEST_M = 100.0
"""Most height of clutter; beyond, surface and ground are of different places."""
SMALL_VOID_M = 500.0
"""Most that a void filled from around it may measure across; none is filled where a cell is wider than half of it."""
COARSE_M = 100.0
"""Larger cells hide decisive ridges."""
HGT_SIDES = (1201, 3601)
HGT_VOID = -32768
_HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)


@dataclass(frozen=True)
class _Frame:
    """Target grid: north-western corner, cells and CRS."""

    west: float
    north: float
    cell_m: float
    rows: int
    columns: int
    crs: pyproj.CRS

    @property
    def transform(self) -> Affine:
        return Affine(self.cell_m, 0.0, self.west, 0.0, -self.cell_m, self.north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return (self.west, self.north - self.rows * self.cell_m, self.west + self.columns * self.cell_m, self.north)


@dataclass(frozen=True)
class _Header:
    """Metadata of a file."""

    path: Path
    crs: pyproj.CRS
    bounds: tuple[float, float, float, float]
    cell_m: float
    has_nodata: bool
    bands: int


def read_terrain(
    land: Land,
    files: Sequence[Path],
    reach_m: float,
    least_cell_m: float,
    clutter: Path | None = None,
    heights: Clutter | None = None,
) -> tuple[Terrain, list[Note]]:
    """Read the ground of a region and of the towers around it.

    Parameters
    ----------
    files
        Tiles, GeoTIFF (``.tif``) or SRTM (``.hgt``, named by its south-west corner such as ``S09E112.hgt``), in any
        reference system; where they overlap, the finest counts.
    reach_m : how far beyond the region towers and paths may lie
    least_cell_m : side of a cell, unless all tiles are coarser: finer tiles are averaged
    clutter : a surface model (heights of tree tops and roofs above sea level), or ESA WorldCover land cover
    heights : height of each class of land cover, and what to assume without a file

    Returns
    -------
    tuple
        The terrain, and notes ``(code, values)`` of what was filled, left unknown or averaged.

    Raises
    ------
    FileRefusedError, CrsError
        A file that is no raster, damaged, too large, rotated, without a reference system, or with heights that no
        ground has; or none of the files covers any of the region.
    """
    headers = sorted((_header(Path(file)) for file in files), key=lambda one: (one.cell_m, one.path.name))
    frame = _frame(land, reach_m, max(least_cell_m, min(one.cell_m for one in headers)), headers[0].path.name)
    height = np.full((frame.rows, frame.columns), np.nan, np.float32)
    notes: list[Note] = []
    for header in headers:
        if not _overlaps(header, frame):
            notes.append(("elevation.note.elsewhere", {"file": header.path.name}))
            continue
        part = _heights(header, frame)
        height = np.where(np.isnan(height), part, height)
        notes += _notes(header, frame)
    zeros = _zeros(height, land, frame)
    known, filled = _without_small_voids(height, frame.cell_m)
    terrain = _terrain(frame, height, known, None)
    notes += [*_coverage(land, terrain, filled, [header.path.name for header in headers]), *zeros]
    if clutter is not None:
        above, told = _clutter(Path(clutter), frame, height, heights or Clutter(source=""))
        terrain, notes = _terrain(frame, height, known, above), [*notes, *told]
    elif heights is not None and heights.default_m > 0:
        terrain = _terrain(frame, height, known, np.full_like(height, heights.default_m))
    return terrain, notes


def _frame(land: Land, reach_m: float, cell_m: float, file: str) -> _Frame:
    west, south, east, north = shapely.total_bounds(land.polygons)
    west, south = (np.floor((value - reach_m) / cell_m) * cell_m for value in (west, south))
    columns = int(np.ceil((east + reach_m - west) / cell_m))
    rows = int(np.ceil((north + reach_m - south) / cell_m))
    if rows * columns > MAX_WINDOW_CELLS:
        raise FileRefusedError("raster.too_many_cells", Place(file=file), cells=rows * columns, limit=MAX_WINDOW_CELLS)
    return _Frame(float(west), float(south + rows * cell_m), cell_m, rows, columns, land.crs)


def _terrain(frame: _Frame, height: Grid, known: NDArray[np.bool_], clutter: Grid | None) -> Terrain:
    """Terrain (rows from the south) from rows from the north."""
    return Terrain(
        height[::-1],
        frame.west,
        frame.north - frame.rows * frame.cell_m,
        frame.cell_m,
        frame.crs,
        None if clutter is None else clutter[::-1],
        None if known.all() else known[::-1],
    )


def _header(path: Path) -> _Header:
    if path.suffix.lower() == ".hgt":
        west, south, side = _hgt_place(path)
        half = 0.5 / (side - 1)
        bounds = (west - half, south - half, west + 1 + half, south + 1 + half)
        crs, cell, has_nodata, bands = pyproj.CRS.from_epsg(4326), 1.0 / (side - 1), True, 1
    else:
        with _opened(path) as source:
            crs = _refuse_unusable(source, path.name, needs_nodata=False).to_2d()
            bounds, cell = tuple(source.bounds), max(source.transform.a, abs(source.transform.e))
            has_nodata, bands = source.nodata is not None, source.count
    if crs.is_geographic and (max(map(abs, bounds[::2])) > 360 + cell or max(map(abs, bounds[1::2])) > 90 + cell):
        raise CrsError("geofile.metres_as_degrees", Place(file=path.name, value=round(max(map(abs, bounds)))))
    metres = cell * (111_320.0 if crs.is_geographic else crs.axis_info[0].unit_conversion_factor)
    left, right = sorted((bounds[0], bounds[2]))
    bottom, top = sorted((bounds[1], bounds[3]))
    return _Header(path, crs, (left, bottom, right, top), round(float(metres), 1), has_nodata, bands)


def _hgt_place(path: Path) -> tuple[float, float, int]:
    """South-west corner in degrees and samples per side, from file name and size."""
    named = _HGT_NAME.match(path.name)
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    side = {2 * side * side: side for side in HGT_SIDES}.get(path.stat().st_size)
    if named is None or side is None:
        raise FileRefusedError("elevation.bad_hgt", Place(file=path.name))
    south = int(named[2]) * (1 if named[1].upper() == "N" else -1)
    west = int(named[4]) * (1 if named[3].upper() == "E" else -1)
    return float(west), float(south), side


def _overlaps(header: _Header, frame: _Frame) -> bool:
    to_file = pyproj.Transformer.from_crs(frame.crs, header.crs, always_xy=True)
    west, south, east, north = to_file.transform_bounds(*frame.bounds)
    left, bottom, right, top = header.bounds
    return bool(west < right and east > left and south < top and north > bottom)


def _heights(header: _Header, frame: _Frame) -> Grid:
    """Heights of one file on the frame, NaN elsewhere."""
    if header.path.suffix.lower() == ".hgt":
        west, south, side = _hgt_place(header.path)
        values = np.fromfile(header.path, ">i2").reshape(side, side).astype(np.float32)
        values[values == HGT_VOID] = np.nan
        step = 1.0 / (side - 1)
        place = Affine(step, 0.0, west - step / 2, 0.0, -step, south + 1 + step / 2)
        found = _warped(values, frame, header.cell_m, src_transform=place, src_crs=header.crs, src_nodata=np.nan)
    else:
        with _opened(header.path) as source:
            unsaid = np.nan if np.dtype(source.dtypes[0]).kind == "f" else None
            found = _warped(
                rasterio.band(source, 1),
                frame,
                header.cell_m,
                src_crs=header.crs,
                src_nodata=unsaid if source.nodata is None else source.nodata,
            )
            found = found * np.float32(source.scales[0]) + np.float32(source.offsets[0])
    if np.isinf(found).any() or np.nanmin(found, initial=0) < LOWEST_M or np.nanmax(found, initial=0) > HIGHEST_HERE_M:
        _refuse_implausible(header, frame, found)
    return found


def _refuse_implausible(header: _Header, frame: _Frame, found: Grid) -> None:
    """Refuse invalid heights, on the unresampled values."""
    if header.path.suffix.lower() == ".hgt":
        raw, factor, offset = np.fromfile(header.path, ">i2"), 1.0, 0.0
        raw = raw[raw != HGT_VOID]
    else:
        with _opened(header.path) as source:
            box = pyproj.Transformer.from_crs(frame.crs, header.crs, always_xy=True).transform_bounds(*frame.bounds)
            window = rasterio.windows.from_bounds(*box, source.transform) if source.transform.e < 0 else None
            # All void values count: a mask would hide wrongly declared ones.
            raw = source.read(1, window=window, boundless=False).ravel()
            raw = raw if source.nodata is None else raw[raw != source.nodata]
            factor, offset = float(source.scales[0]), float(source.offsets[0])
    with np.errstate(all="ignore"):
        metres = raw.astype(np.float64) * factor + offset
        wrong = (metres < LOWEST_M) | (metres > HIGHEST_M) | np.isinf(metres)
    if wrong.any():
        values, counts = np.unique(raw[wrong], return_counts=True)
        most = values[counts.argmax()].item()
        value = int(most) if abs(most) < 1e9 and most == int(most) else most
        raise FileRefusedError(
            "elevation.implausible", Place(file=header.path.name, value=value), count=int(wrong.sum())
        )
    highest = float(np.nanmax(metres, initial=0.0))
    if highest > HIGHEST_HERE_M:
        raise FileRefusedError("elevation.feet", Place(file=header.path.name, value=round(highest)))


def _zeros(height: Grid, land: Land, frame: _Frame) -> list[Note]:
    """Note land at exactly 0 m in one piece far below its rim: likely voids filled with zeros."""
    labels, count = ndimage.label(height == 0)
    if not count:
        return []
    x, y = land.centres
    row = np.floor((frame.north - y) / frame.cell_m).astype(np.int64)
    column = np.floor((x - frame.west) / frame.cell_m).astype(np.int64)
    here = labels[row, column]
    large = np.unique(labels[ndimage.minimum_filter(labels > 0, size=2 * max(_small_cells(frame.cell_m), 1) + 1)])
    suspect = []
    for label in np.intersect1d(large[large > 0], here):
        plateau = labels == label
        rim = height[ndimage.binary_dilation(plateau) & ~plateau]
        if rim.size and np.nanmedian(rim) > CLIFF_M:
            suspect.append(label)
    concerned = np.isin(here, suspect)
    if not concerned.any():
        return []
    villages = np.unique(land.cells["village_position"].to_numpy()[concerned]).size
    return [("elevation.note.zeros", {"cells": int(concerned.sum()), "villages": int(villages)})]


def _warped(source: Any, frame: _Frame, cell_m: float, resampling: Resampling | None = None, **how: Any) -> Grid:
    """Warp a raster to the frame: average where finer, interpolate where coarser."""
    into = np.full((frame.rows, frame.columns), np.nan, np.float32)
    finer = cell_m < 0.75 * frame.cell_m
    how["src_crs"] = rasterio.crs.CRS.from_wkt(how["src_crs"].to_wkt())
    reproject(
        source,
        into,
        dst_transform=frame.transform,
        dst_crs=rasterio.crs.CRS.from_wkt(frame.crs.to_wkt()),
        dst_nodata=np.nan,
        init_dest_nodata=True,
        warp_mem_limit=64,
        resampling=resampling or (Resampling.average if finer else Resampling.bilinear),
        **how,
    )
    return into


def _small_cells(cell_m: float) -> int:
    """Cells to each side of the middle of a small void."""
    return int(SMALL_VOID_M / 2 / cell_m)


def _without_small_voids(height: Grid, cell_m: float) -> tuple[NDArray[np.bool_], int]:
    """Fill small voids in place, set others to sea level; returns known cells and the number filled."""
    void = np.isnan(height)
    if not void.any():
        return ~void, 0
    reach = _small_cells(cell_m)
    core = ndimage.minimum_filter(void, size=2 * reach + 1, mode="constant", cval=True)
    labels, count = ndimage.label(void)
    large = np.zeros(count + 1, bool)
    large[np.unique(labels[core])] = True
    small = void & ~large[labels]
    filled = int(small.sum())
    if filled:
        height[:] = fillnodata(np.where(void, 0, height).astype(np.float32), mask=~void, max_search_distance=4 * reach)
    known = ~void | small
    height[~known] = 0.0
    return known, filled


def _notes(header: _Header, frame: _Frame) -> list[Note]:
    notes: list[Note] = []
    if header.bands > 1:
        notes.append(("people.note.first_band", {"file": header.path.name, "count": header.bands}))
    if not header.has_nodata:
        notes.append(("elevation.note.no_nodata", {"file": header.path.name}))
    if header.cell_m > COARSE_M:
        notes.append(("elevation.note.coarse", {"file": header.path.name, "metres": round(header.cell_m)}))
    return notes


def _coverage(land: Land, terrain: Terrain, filled: int, files: list[str]) -> list[Note]:
    """Share of land with heights; refuses none."""
    held = terrain.holds(*terrain.indices(*land.centres))
    if not held.any():
        raise FileRefusedError("raster.elsewhere", Place(file=", ".join(files)))
    area = land.cells["area_m2"].to_numpy()
    notes: list[Note] = []
    if not held.all():
        share = float(area[~held].sum() / area.sum())
        notes.append(("elevation.note.partly_covered", {"percent": _percent(share)}))
    if filled:
        notes.append(("elevation.note.filled", {"count": filled, "metres": round(terrain.cell_m)}))
    return notes


def _clutter(path: Path, frame: _Frame, height: Grid, heights: Clutter) -> tuple[Grid, list[Note]]:
    """Clutter height from a surface model or land cover."""
    header = _header(path)
    if not _overlaps(header, frame):
        raise FileRefusedError("raster.elsewhere", Place(file=path.name))
    with _opened(path) as source:
        is_cover = np.dtype(source.dtypes[0]) == np.uint8
        if is_cover:
            found = _warped(
                rasterio.band(source, 1),
                frame,
                header.cell_m,
                Resampling.mode,
                src_crs=header.crs,
                src_nodata=source.nodata,
            )
    if not is_cover:
        above = np.nan_to_num(_heights(header, frame) - height, nan=heights.default_m)
        if float(np.median(np.abs(above))) > TALLEST_M:
            raise FileRefusedError("clutter.other_ground", Place(file=path.name))
        return np.clip(above, 0, TALLEST_M).astype(np.float32), [("elevation.note.surface_model", {"file": path.name})]
    by_class = {0: heights.default_m, **dict(heights.by_class)}
    classes = np.unique(found[~np.isnan(found)]).astype(int)
    strange = sorted(set(classes.tolist()) - set(by_class))
    if strange:
        raise FileRefusedError(
            "clutter.unknown_class", Place(file=path.name, value=strange[0]), offered=sorted(by_class)
        )
    table = np.zeros(256, np.float32)
    for code, metres in by_class.items():
        table[code] = metres
    return table[np.nan_to_num(found).astype(np.uint8)], [("elevation.note.land_cover", {"file": path.name})]
