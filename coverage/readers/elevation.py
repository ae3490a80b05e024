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
from coverage.readers.footprints import holds_footprints
from coverage.readers.houses import read_houses
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
SURFACE_ERROR_M = 3.0
"""Below this a surface above the ground is an error of heights, not something that stands there: an assumption."""
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


@dataclass(frozen=True)
class _Cover:
    """What stands on the ground of a frame: its height, where it is houses, and where it is not known (height 0)."""

    height_m: Grid
    built_up: NDArray[np.bool_] | None = None
    unseen: NDArray[np.bool_] | None = None


def read_terrain(
    land: Land,
    files: Sequence[Path],
    reach_m: float,
    least_cell_m: float,
    clutter: Sequence[Path] = (),
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
    clutter
        A surface model (heights of tree tops and roofs above sea level), or land cover in bytes, in tiles; footprints
        of buildings, alone or for where that tells nothing.
    heights : legends of land cover, heights of houses, and what to assume without a file

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
    if clutter:
        above, told = _clutter(clutter, frame, height, heights or Clutter(source=""))
        return _terrain(frame, height, known, above), [*notes, *told, *_unseen(land, frame, above, clutter[0])]
    if heights is not None and heights.default_m > 0:
        terrain = _terrain(frame, height, known, _Cover(np.full_like(height, heights.default_m)))
    return terrain, notes


def _frame(land: Land, reach_m: float, cell_m: float, file: str) -> _Frame:
    west, south, east, north = shapely.total_bounds(land.polygons)
    west, south = (np.floor((value - reach_m) / cell_m) * cell_m for value in (west, south))
    columns = int(np.ceil((east + reach_m - west) / cell_m))
    rows = int(np.ceil((north + reach_m - south) / cell_m))
    if rows * columns > MAX_WINDOW_CELLS:
        raise FileRefusedError("raster.too_many_cells", Place(file=file), cells=rows * columns, limit=MAX_WINDOW_CELLS)
    return _Frame(float(west), float(south + rows * cell_m), cell_m, rows, columns, land.crs)


def _terrain(frame: _Frame, height: Grid, known: NDArray[np.bool_], cover: _Cover | None) -> Terrain:
    """Terrain (rows from the south) from rows from the north."""
    above, built_up, unseen = (None, None, None) if cover is None else (cover.height_m, cover.built_up, cover.unseen)
    return Terrain(
        height[::-1],
        frame.west,
        frame.north - frame.rows * frame.cell_m,
        frame.cell_m,
        frame.crs,
        None if above is None else above[::-1],
        None if known.all() else known[::-1],
        None if built_up is None else built_up[::-1],
        None if unseen is None or not unseen.any() else ~unseen[::-1],
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


def _large_voids(void: NDArray[np.bool_], cell_m: float) -> NDArray[np.bool_]:
    """Voids too wide to be filled from around them."""
    core = ndimage.minimum_filter(void, size=2 * _small_cells(cell_m) + 1, mode="constant", cval=True)
    labels, count = ndimage.label(void)
    large = np.zeros(count + 1, bool)
    large[np.unique(labels[core])] = True
    large[0] = False
    return np.asarray(large[labels])


def _without_small_voids(height: Grid, cell_m: float) -> tuple[NDArray[np.bool_], int]:
    """Fill small voids in place, set others to sea level; returns known cells and the number filled."""
    void = np.isnan(height)
    if not void.any():
        return ~void, 0
    known = ~_large_voids(void, cell_m)
    filled = int((void & known).sum())
    if filled:
        far = 4 * _small_cells(cell_m)
        height[:] = fillnodata(np.where(void, 0, height).astype(np.float32), mask=~void, max_search_distance=far)
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


def _clutter(files: Sequence[Path], frame: _Frame, height: Grid, heights: Clutter) -> tuple[_Cover, list[Note]]:
    """What stands on the ground: from rasters, and where there is none that tells, from footprints of buildings."""
    houses = [path for path in files if holds_footprints(path)]
    rasters = [path for path in files if path not in houses]
    if not houses:
        cover, told = _of_rasters(rasters, frame, height, heights)
        return cover, [told]
    built, among, beyond, note = read_houses(houses, frame.bounds, height.shape, frame.crs, heights)
    if not rasters:
        return _Cover(built, among, beyond), [note]
    cover, told = _of_rasters(rasters, frame, height, heights)
    here = np.zeros_like(beyond) if cover.unseen is None else cover.unseen
    above = np.where(here, built, cover.height_m)
    built_up = np.where(here, among, False if cover.built_up is None else cover.built_up)
    return _Cover(above, built_up, here & beyond), [told, note]


def _of_rasters(files: Sequence[Path], frame: _Frame, height: Grid, heights: Clutter) -> tuple[_Cover, Note]:
    """What stands on the ground, from a surface model or land cover."""
    with _opened(files[0]) as source:
        is_cover = heights.legend is not None or np.dtype(source.dtypes[0]) == np.uint8
    found = np.full_like(height, np.nan)
    for path in files:
        header = _header(path)
        if _overlaps(header, frame):
            part = _classes(header, frame) if is_cover else _heights(header, frame)
            found = np.where(np.isnan(found), part, found)
    name = files[0].name
    if is_cover:
        return _land_cover(name, frame, found, heights)
    above = found - height
    if not np.isnan(above).all() and float(np.nanmedian(np.abs(above))) > TALLEST_M:
        raise FileRefusedError("clutter.other_ground", Place(file=name))
    unseen = ~_without_small_voids(above, frame.cell_m)[0]
    above = np.where(above < SURFACE_ERROR_M, 0, above)
    cover = _Cover(np.clip(above, 0, TALLEST_M).astype(np.float32), None, unseen)
    return cover, ("elevation.note.surface_model", {"file": name})


def _classes(header: _Header, frame: _Frame) -> Grid:
    """Commonest class in each cell of the frame, NaN where there is none."""
    with _opened(header.path) as source:
        band, empty = rasterio.band(source, 1), source.nodata
        return _warped(band, frame, header.cell_m, Resampling.mode, src_crs=header.crs, src_nodata=empty)


def _land_cover(file: str, frame: _Frame, found: Grid, heights: Clutter) -> tuple[_Cover, Note]:
    """Height by class; small voids hold what stands beside them."""
    codes = np.unique(found[~np.isnan(found)]).astype(int).tolist()
    legend = heights.legend_of(codes)
    strange = sorted(set(codes) - legend.codes)
    if strange:
        offered = sorted({code for one in heights.legends for code, _ in one.by_class})
        raise FileRefusedError("clutter.unknown_class", Place(file=file, value=strange[0]), offered=offered)
    void = np.isnan(found) | np.isin(found, legend.unknown)
    unseen = _large_voids(void, frame.cell_m)
    if void.any() and not void.all():
        found = found[tuple(ndimage.distance_transform_edt(void, return_distances=False, return_indices=True))]
    above = np.zeros_like(found)
    for code, metres in legend.by_class:
        above[found == code] = metres
    above[unseen] = 0.0
    cover = _Cover(above, np.isin(found, legend.built_up) & ~unseen, unseen)
    return cover, ("elevation.note.land_cover", {"file": file, "legend": legend.name})


def _unseen(land: Land, frame: _Frame, cover: _Cover, file: Path) -> list[Note]:
    """Note the share of land of which it is not known what stands there; refuse where that is all of it."""
    if cover.unseen is None:
        return []
    x, y = land.centres
    row = np.floor((frame.north - y) / frame.cell_m).astype(np.int64)
    column = np.floor((x - frame.west) / frame.cell_m).astype(np.int64)
    area, unseen = land.cells["area_m2"].to_numpy(), cover.unseen[row, column]
    share = float(area[unseen].sum() / area.sum())
    if unseen.all():
        raise FileRefusedError("raster.elsewhere", Place(file=file.name))
    return [("elevation.note.cover_partly", {"percent": _percent(share)})] if share > 0 else []
