"""Population rasters (GeoTIFF, COG) in any CRS, read by window."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from coverage.base.errors import CrsError, FileRefusedError, ParameterError, Place
from coverage.base.model_options import Measure
from coverage.land.cells import Land
from coverage.land.people import PeopleOnLand, PeopleRaster, counts_of_density, from_raster

Note = tuple[str, dict[str, object]]

MAX_DECLARED_CELLS = 10**9
MAX_WINDOW_CELLS = 5 * 10**7
"""210 km by 210 km of 30 m cells: more than any regency, and below a gigabyte of memory."""
MAX_BLOCK_BYTES = 200 * 2**20
"""A block is decompressed whole, however small the window and the file."""
FAR_OFF = 3.0
"""Factor of the official total beyond which the unit is asked for."""
AREA_OF_MEASURE = {"per_km2": 1e6, "per_hectare": 1e4}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_AREA = r"(sq|square|km|km2|ha|hectare|hektare?)(?![a-z])"
_DENSITY = re.compile(rf"densit|dens(?![a-z])|kepadatan|per[_ ]?{_AREA}|/ ?{_AREA}|km-2|km\^?2|km²|_pph|_pd_")
_NOTHING_BESIDE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
}
"""GDAL reads no sidecar files and writes no statistics."""


def raster_on_land(
    land: Land, path: str | Path, measure: Measure | None = None, official: float | None = None
) -> tuple[PeopleOnLand, list[Note]]:
    """Read a population raster and put its people on the land.

    Parameters
    ----------
    path : a GeoTIFF of people per cell, or per area
    measure : what its values are; told from its name and tags where they are plain, and asked for where they are not
    official
        The region's official number of people where known: a raster far off it is taken for another measure,
        and asked about, unless ``measure`` is given.

    Returns
    -------
    tuple
        People on the land, and notes ``(code, values)``.

    Raises
    ------
    FileRefusedError, CrsError, ParameterError
        See :func:`read_people_raster`.
    """
    path = Path(path)
    raster, notes = read_people_raster(path, land, measure)
    people = from_raster(land, raster)
    found = float(people.population.sum())
    if measure is None and official and not 1 / FAR_OFF < found / official < FAR_OFF:
        raise FileRefusedError(
            "raster.far_from_official",
            Place(file=path.name),
            found=round(found),
            official=round(official),
            offered=list(get_args(Measure)),
        )
    uncovered = np.flatnonzero(people.not_covered > 1e-3)
    if len(uncovered):
        area = shapely.area(land.polygons)
        notes.append(
            (
                "people.note.partly_covered",
                {
                    "file": path.name,
                    "count": len(uncovered),
                    "percent": _percent(float((people.not_covered * area).sum() / area.sum())),
                },
            )
        )
    if len(people.evenly):
        notes.append(("people.note.nobody_in_raster", {"file": path.name, "count": len(people.evenly)}))
    return people, notes


def read_people_raster(path: str | Path, land: Land, measure: Measure | None = None) -> tuple[PeopleRaster, list[Note]]:
    """Read the window of a population raster that covers the land.

    Parameters
    ----------
    path : GeoTIFF, north up, with a reference system and a nodata value; the first band counts
    land : the land whose villages are to be covered
    measure : ``count``, ``per_km2`` or ``per_hectare``; None where name and tags are to tell

    Returns
    -------
    tuple
        The raster as people per cell, and notes ``(code, values)``.

    Raises
    ------
    FileRefusedError
        Not a GeoTIFF, damaged, more than 10⁹ declared cells, without a nodata value, rotated, with negative
        people, beside the land, or of a measure that cannot be told.
    CrsError
        Without a reference system.
    ParameterError
        If ``measure`` is none of the three.
    """
    path = Path(path)
    if measure is not None and measure not in get_args(Measure):
        raise ParameterError(
            "raster.unknown_measure", Place(file=path.name, value=measure), offered=list(get_args(Measure))
        )
    with _opened(path) as source:
        crs = _refuse_unusable(source, path.name)
        told = measure or _guess_measure(source, path.name)
        window = _window(source, land, crs, path.name)
        values = _people(source, window, path.name)
        notes = _notes(source, crs, land, path.name)
        west, south = _south_west(source, window)
        width, height = source.transform.a, abs(source.transform.e)
    if told != "count":
        values = counts_of_density(values, crs, west, south, width, height, AREA_OF_MEASURE[told])
    return PeopleRaster(crs, west, south, width, height, values), notes


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file opened as GeoTIFF only, with our errors."""
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    with path.open("rb") as stream:
        if stream.read(4) not in _TIFF:
            raise FileRefusedError("raster.not_a_geotiff", Place(file=path.name))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below
            with rasterio.Env(**_NOTHING_BESIDE), rasterio.open(path, driver="GTiff") as source:
                yield source
    except (RasterioError, ProjError, ValueError, OverflowError, OSError, MemoryError) as error:
        if isinstance(error, FileRefusedError | CrsError):
            raise
        problem = str(error).splitlines()[0].replace(str(path), path.name)[:200] if str(error) else "?"
        raise FileRefusedError("file.unreadable", Place(file=path.name), problem=problem) from error


def refuse_large(path: Path) -> None:
    """Refuse a raster whose cells or blocks are too many to be read; FileRefusedError, also for what is no raster."""
    with _opened(path) as source:
        _refuse_large(source, path.name)


def _refuse_large(source: Any, file: str) -> None:
    cells, block = source.width * source.height, _largest_block(source)
    if cells > MAX_DECLARED_CELLS:
        raise FileRefusedError("raster.too_many_cells", Place(file=file), cells=cells, limit=MAX_DECLARED_CELLS)
    if block > MAX_BLOCK_BYTES:
        sizes = {"size": block // 2**20, "limit": MAX_BLOCK_BYTES // 2**20}
        raise FileRefusedError("raster.large_blocks", Place(file=file), **sizes)


def _refuse_unusable(source: Any, file: str, needs_nodata: bool = True) -> pyproj.CRS:
    """Refuse by header; returns the CRS."""
    place = Place(file=file)
    _refuse_large(source, file)
    if source.crs is None:
        raise CrsError("raster.no_crs", place)
    turn = source.transform
    if turn.b or turn.d or turn.a <= 0 or turn.e == 0:
        raise FileRefusedError("raster.rotated", place)
    if needs_nodata and source.nodata is None:
        raise FileRefusedError("raster.no_nodata", place)
    if np.dtype(source.dtypes[0]).kind not in "iuf":
        raise FileRefusedError("raster.not_numbers", place, value=source.dtypes[0])
    try:
        crs = pyproj.CRS.from_wkt(source.crs.to_wkt())
        pyproj.Transformer.from_crs(crs, 4326)
    except ProjError as error:  # a local system, or a damaged one
        raise CrsError("geofile.unknown_crs", Place(file=file, value=source.crs.to_wkt()[:80])) from error
    return crs


def _largest_block(source: Any) -> int:
    """Bytes of the largest block once it is decompressed, with all bands that are kept together."""
    cells = max(rows * columns for rows, columns in source.block_shapes)
    width = max(np.dtype(kind).itemsize for kind in source.dtypes)
    return int(cells * width * (source.count if source.interleaving.value.upper() == "PIXEL" else 1))


def _guess_measure(source: Any, file: str) -> Measure:
    """People per cell, unless name, tags or units suggest a density: then the planner is asked."""
    told = [
        file,
        *(source.descriptions or ()),
        *(source.units or ()),
        *source.tags().values(),
        *source.tags(1).values(),
    ]
    hint = next((str(text) for text in told if text and speaks_of_density(str(text))), None)
    if hint is not None:
        raise FileRefusedError(
            "raster.measure_unclear", Place(file=file, value=hint[:80]), offered=list(get_args(Measure))
        )
    return "count"


def speaks_of_density(text: str) -> bool:
    """Whether a name or tag suggests people per area."""
    return bool(_DENSITY.search(text.lower()))


def _window(source: Any, land: Land, crs: pyproj.CRS, file: str) -> Window:
    """Cells around the land, clipped to the raster."""
    west, south, east, north = pyproj.Transformer.from_crs(land.crs, crs, always_xy=True).transform_bounds(
        *shapely.total_bounds(land.polygons)
    )
    columns = np.array([west, east]) - source.transform.c
    rows = np.array([south, north]) - source.transform.f
    with np.errstate(all="ignore"):  # a damaged cell size overflows
        left, right = np.sort(columns / source.transform.a)
        top, bottom = np.sort(rows / source.transform.e)
    first_c, last_c = max(int(np.floor(left)) - 1, 0), min(int(np.ceil(right)) + 1, source.width)
    first_r, last_r = max(int(np.floor(top)) - 1, 0), min(int(np.ceil(bottom)) + 1, source.height)
    if right <= 0 or bottom <= 0 or left >= source.width or top >= source.height:
        raise FileRefusedError("raster.elsewhere", Place(file=file))
    cells = (last_c - first_c) * (last_r - first_r)
    if cells > MAX_WINDOW_CELLS:
        raise FileRefusedError("raster.too_many_cells", Place(file=file), cells=cells, limit=MAX_WINDOW_CELLS)
    return Window(first_c, first_r, last_c - first_c, last_r - first_r)


def _people(source: Any, window: Window, file: str) -> NDArray[np.float32]:
    """Values of the window from the south, zero for none."""
    read = source.read(1, window=window, masked=True)
    missing = np.ma.getmaskarray(read) | np.isnan(read.data)
    with np.errstate(all="ignore"):  # what is not finite afterwards is refused
        values = read.data.astype(np.float32) * np.float32(source.scales[0]) + np.float32(source.offsets[0])
    values[missing] = 0
    if not np.isfinite(values).all():
        raise FileRefusedError("raster.not_finite", Place(file=file), count=int((~np.isfinite(values)).sum()))
    negative = values < 0
    if negative.any():
        raise FileRefusedError(
            "raster.negative_people",
            Place(file=file, value=float(values.min())),
            count=int(negative.sum()),
            nodata=source.nodata,
        )
    return np.ascontiguousarray(values[::-1] if source.transform.e < 0 else values)


def _south_west(source: Any, window: Window) -> tuple[float, float]:
    """South-west corner of the window."""
    row = window.row_off + (window.height if source.transform.e < 0 else 0)
    return (
        float(source.transform.c + window.col_off * source.transform.a),
        float(source.transform.f + row * source.transform.e),
    )


def _notes(source: Any, crs: pyproj.CRS, land: Land, file: str) -> list[Note]:
    notes: list[Note] = []
    if source.count > 1:
        notes.append(("people.note.first_band", {"file": file, "count": source.count}))
    if not crs.equals(land.crs):
        notes.append(("people.note.reprojected", {"file": file, "crs": crs.name}))
    return notes


def _percent(share: float) -> float:
    """A percentage that never rounds a part to zero."""
    return round(100 * share, 1) if share >= 0.001 else round(100 * share, 3)
