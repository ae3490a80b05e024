"""Window of a region from remote rasters: one file, or tiles of one degree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.windows import Window

from coverage.base.errors import CrsError, FileRefusedError, Place
from coverage.base.projection import Bounds
from coverage.fetch.client import Client
from coverage.fetch.ranged import NotThereError, RangedFile

Progress = Callable[[str, float], None]
"""Called with a step (a key of ``data.fetch.step``) and the part done, 0 to 1."""

MOST_CELLS = 5 * 10**7
MOST_BLOCK_CELLS = 10**8
ROWS = 64
"""Rows read per progress step."""
VOID = -32767.0
"""Nodata value of a source of elevation that names none."""
_ALONE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
}


def fetch_window(client: Client, bounds: Bounds, cache: Path, target: Path, progress: Progress) -> dict[str, Any]:
    """Fetch the window of one raster into a GeoTIFF.

    Parameters
    ----------
    client : for a source of form ``cog``
    bounds : of the window, margin included
    cache : for pieces, so that a retry resumes

    Returns
    -------
    dict
        ``url, etag``.

    Raises
    ------
    UnavailableError, FileRefusedError, CrsError
        See :class:`coverage.fetch.ranged.RangedFile`; also where the file is no GeoTIFF or lies elsewhere.
    """
    url = client.source.url
    remote = _there(client, url, cache)
    with _opened(remote, url) as source:
        window = _window(source, bounds, url)
        values = _read(source, window, remote, lambda part: progress("cells", part))
        _write(target, values, source, window)
    remote.forget()
    return {"url": url, "etag": remote.etag}


def _there(client: Client, url: str, cache: Path) -> RangedFile:
    try:
        return RangedFile(client, url, cache)
    except NotThereError as error:
        raise FileRefusedError("fetch.not_there", Place(value=url)) from error


def fetch_tiles(client: Client, bounds: Bounds, cache: Path, target: Path, progress: Progress) -> dict[str, Any]:
    """Fetch the windows of all one-degree tiles that a region touches into one GeoTIFF in metres.

    Absent tiles (404) are sea: 0 m, and named in the result.

    Returns
    -------
    dict
        ``urls, absent`` (corners of absent tiles).

    Raises
    ------
    UnavailableError, FileRefusedError, CrsError
        As :func:`fetch_window`; also where no tile exists, or tiles do not share a grid.
    """
    corners = [
        (lon, lat)
        for lat in range(math.floor(bounds[1]), math.floor(bounds[3]) + 1)
        for lon in range(math.floor(bounds[0]), math.floor(bounds[2]) + 1)
    ]
    joined: _Joined | None = None
    absent, urls, done = [], [], []
    for number, (lon, lat) in enumerate(corners):
        corner = {
            "ns": "S" if lat < 0 else "N",
            "lat": f"{abs(lat):02d}",
            "ew": "W" if lon < 0 else "E",
            "lon": f"{abs(lon):03d}",
        }
        url = client.source.url.format(**corner)
        try:
            remote = RangedFile(client, url, cache)
        except NotThereError:
            absent.append("{ns}{lat}{ew}{lon}".format(**corner))
            continue
        with _opened(remote, url) as source:
            joined = joined or _Joined(source, bounds, url)
            window = _window(source, bounds, url)
            part_of = partial(_part, progress, number, len(corners))
            joined.take(source, window, url, _read(source, window, remote, part_of))
        urls.append(url)
        done.append(remote)
    if joined is None:
        raise FileRefusedError("fetch.not_there", Place(value=client.source.url))
    joined.write(target)
    for remote in done:
        remote.forget()
    return {"urls": urls, "absent": absent}


def _part(progress: Progress, number: int, count: int, part: float) -> None:
    progress("tiles", (number + part) / count)


class _Joined:
    """Mosaic of tile windows; the rest is sea."""

    def __init__(self, source: Any, bounds: Bounds, url: str) -> None:
        self.crs, self.place = source.crs, source.transform
        self.nodata = VOID if source.nodata is None else float(source.nodata)
        west, south, east, north = bounds
        self.left = math.floor((west - self.place.c) / self.place.a)
        self.top = math.floor((north - self.place.f) / self.place.e)
        columns = math.ceil((east - self.place.c) / self.place.a) - self.left
        rows = math.ceil((south - self.place.f) / self.place.e) - self.top
        if rows * columns > MOST_CELLS:
            raise FileRefusedError("raster.too_many_cells", Place(file=url), cells=rows * columns, limit=MOST_CELLS)
        self.values = np.zeros((rows, columns), dtype=np.float32)

    def take(self, source: Any, window: Window, url: str, values: NDArray[Any]) -> None:
        """Add a window."""
        turn = source.transform
        column = (turn.c - self.place.c) / self.place.a + window.col_off - self.left
        row = (turn.f - self.place.f) / self.place.e + window.row_off - self.top
        if (
            source.crs != self.crs
            or abs(turn.a / self.place.a - 1) > 1e-9
            or abs(column - round(column)) > 0.01
            or abs(row - round(row)) > 0.01
        ):
            raise FileRefusedError("fetch.other_grid", Place(value=url))
        there = self.values[max(round(row), 0) :, max(round(column), 0) :]
        cut = values[max(-round(row), 0) :, max(-round(column), 0) :]
        cut = np.where(
            np.isnan(cut) | (cut == (source.nodata if source.nodata is not None else VOID)), self.nodata, cut
        )[: there.shape[0], : there.shape[1]]
        there[: cut.shape[0], : cut.shape[1]] = cut

    def write(self, target: Path) -> None:
        """Write the GeoTIFF."""
        place = self.place @ Affine.translation(self.left, self.top)
        _write_tiff(target, self.values, self.crs, place, self.nodata, {})


@contextmanager
def _opened(remote: RangedFile, url: str) -> Iterator[Any]:
    """The remote file opened as GeoTIFF only, with our errors."""

    def opener(path: str, mode: str = "rb") -> RangedFile:
        if path != "sumber.tif":
            raise FileNotFoundError(path)
        remote.seek(0)
        return _Retry(remote)  # type: ignore[return-value]

    remote.seek(0)
    if remote.read(4) not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        raise FileRefusedError("fetch.not_a_geotiff", Place(value=url))
    try:
        with rasterio.Env(**_ALONE), rasterio.open("sumber.tif", opener=opener, driver="GTiff") as source:
            _require_usable(source, url)
            yield source
    except (RasterioError, ValueError, OverflowError, MemoryError) as error:
        if remote.error is not None:
            raise remote.error from error
        if isinstance(error, FileRefusedError | CrsError):
            raise
        raise FileRefusedError("fetch.not_a_geotiff", Place(value=url)) from error


class _Retry:
    """The same remote file under a handle that GDAL may close."""

    def __init__(self, remote: RangedFile) -> None:
        self.read, self.seek, self.tell = remote.read, remote.seek, remote.tell

    def __enter__(self) -> _Retry:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        """No-op."""


def _require_usable(source: Any, url: str) -> None:
    turn = source.transform
    if source.crs is None:
        raise CrsError("raster.no_crs", Place(file=url))
    if turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
        raise FileRefusedError("raster.rotated", Place(file=url))
    if max(rows * columns for rows, columns in source.block_shapes) > MOST_BLOCK_CELLS:
        raise FileRefusedError(
            "raster.too_many_cells", Place(file=url), cells=source.width * source.height, limit=MOST_BLOCK_CELLS
        )
    if np.dtype(source.dtypes[0]).kind not in "iuf":
        raise FileRefusedError("raster.not_numbers", Place(file=url, value=source.dtypes[0]))


def _window(source: Any, bounds: Bounds, url: str) -> Window:
    """Cells within the bounds, clipped to the raster."""
    crs = pyproj.CRS.from_wkt(source.crs.to_wkt())
    west, south, east, north = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform_bounds(*bounds)
    turn = source.transform
    first_c = max(math.floor((west - turn.c) / turn.a), 0)
    last_c = min(math.ceil((east - turn.c) / turn.a), source.width)
    first_r = max(math.floor((north - turn.f) / turn.e), 0)
    last_r = min(math.ceil((south - turn.f) / turn.e), source.height)
    if last_c <= first_c or last_r <= first_r:
        raise FileRefusedError("raster.elsewhere", Place(file=url))
    cells = (last_c - first_c) * (last_r - first_r)
    if cells > MOST_CELLS:
        raise FileRefusedError("raster.too_many_cells", Place(file=url), cells=cells, limit=MOST_CELLS)
    return Window(first_c, first_r, last_c - first_c, last_r - first_r)


def _read(source: Any, window: Window, remote: RangedFile, progress: Callable[[float], None]) -> NDArray[Any]:
    values = np.empty((window.height, window.width), dtype=source.dtypes[0])
    for row in range(0, window.height, ROWS):
        rows = min(ROWS, window.height - row)
        source.read(
            1, window=Window(window.col_off, window.row_off + row, window.width, rows), out=values[row : row + rows]
        )
        if remote.error is not None:
            raise remote.error
        progress((row + rows) / window.height)
    return values


def _write(target: Path, values: NDArray[Any], source: Any, window: Window) -> None:
    place = source.transform @ Affine.translation(window.col_off, window.row_off)
    _write_tiff(
        target, values, source.crs, place, source.nodata, {"scales": source.scales[:1], "offsets": source.offsets[:1]}
    )


def _write_tiff(
    target: Path, values: NDArray[Any], crs: Any, place: Affine, nodata: float | None, more: dict[str, Any]
) -> None:
    with rasterio.open(
        target,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=place,
        nodata=nodata,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
    ) as file:
        file.write(values, 1)
        for name, value in more.items():
            setattr(file, name, value)
