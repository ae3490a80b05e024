"""Read with GDAL, Arrow or calamine in a sandboxed process.

A hostile file can do harm only in a process without network (on Linux, where the system allows), with two gigabytes of
memory, less than a minute, and a folder with a copy of the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

Driver = Literal["GPKG", "ESRI Shapefile", "Parquet", "OSM"]
TIMEOUT_S = 60
EXTRACT_TIMEOUT_S = 600
"""For an OpenStreetMap extract, which is read through as a whole."""
_CHILD = Path(__file__).with_name("child.py")
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "LANG")
_CLOSED = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "GDAL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
    "PYTHONIOENCODING": "utf-8",
}


class SeveralLayersError(ValueError):
    """A file holds several layers, or none; ``layers`` names them."""

    def __init__(self, layers: list[str]) -> None:
        super().__init__("layers")
        self.layers = layers


def read_confined(
    path: Path, driver: Driver, folder: Path, layer: str | None = None, only: dict[str, Any] | None = None
) -> gpd.GeoDataFrame:
    """Read a layer of a file with one driver.

    Parameters
    ----------
    path : a copy of ours in ``folder``
    driver : the only driver that may open it
    layer : the layer that is wanted, where there are several; one that is not there is as good as none
    only : of an OpenStreetMap extract, ``bbox`` and by layer a condition and the wanted columns

    Returns
    -------
    GeoDataFrame
        Columns of the source, in its reference system (none where it has none); of an extract without the geometries
        that are none, counted in ``attrs["unreadable"]``.

    Raises
    ------
    SeveralLayersError
        With the layers to choose from.
    ValueError, OSError, RuntimeError
        Damaged, beyond the limits, or not what the driver reads.
    """
    _run(path, driver, folder, layer, only)
    if (folder / "layers.json").is_file():
        raise SeveralLayersError(json.loads((folder / "layers.json").read_text("utf-8")))
    try:
        return _frame(folder)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def read_quadkeys(path: Path, columns: Sequence[str], within: Sequence[str], most: int) -> pd.DataFrame:
    """Read those rows of a Parquet file whose ``quadkey`` begins with one of ``within`` (all of one length).

    Returns
    -------
    DataFrame
        Those of ``columns`` that are there, ``quadkey`` as text, the others as numbers; without rows where ``quadkey``
        is not.

    Raises
    ------
    ValueError
        Damaged, beyond the limits, or with more than ``most`` such rows.
    """
    only = {"columns": list(columns), "within": list(within), "most": most}
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name:
        _run(path.resolve(), "Quadkeys", Path(name), None, only)
        try:
            with pa.OSFile(str(Path(name) / "features.arrow")) as source:
                table = pa.ipc.open_file(source).read_all()
            table.validate(full=True)
        except pa.ArrowException as error:
            raise ValueError(str(error)) from error
    found: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    return found


def read_workbook_confined(data: bytes, sheet: str | None = None) -> dict[str, Any]:
    """Read the sheets of a workbook as rows of text.

    Returns
    -------
    dict
        ``names`` and ``shown`` (sheets), ``tables`` (by sheet, rows of number and cells); ``protected`` where it is,
        ``too_many`` the sheet with too many cells.

    Raises
    ------
    ValueError
        Damaged, or beyond the limits.
    """
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name:
        folder = Path(name)
        (folder / "book").write_bytes(data)
        _run(folder / "book", "Workbook", folder, sheet)
        made: dict[str, Any] = json.loads((folder / "rows.json").read_bytes().decode("utf-8", "surrogatepass"))
    return made


def rewrite_tiles(path: Path, folder: Path) -> dict[str, Any]:
    """Write the pictures of a copy of an MBTiles or PMTiles file into ``tiles.pmtiles`` of ``folder``.

    Returns
    -------
    dict
        ``attribution, count, least, most`` (zooms).

    Raises
    ------
    ValueError
        Damaged, beyond the limits, or no pictures.
    """
    _run(path, "Tiles", folder, None)
    about: dict[str, Any] = json.loads((folder / "about.json").read_text("utf-8"))
    return about


def environment() -> dict[str, str]:
    """Variables of a process that reads files of strangers: none that hold a secret, one thread, no network."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _CLOSED


def _run(path: Path, driver: str, folder: Path, layer: str | None, only: dict[str, Any] | None = None) -> None:
    """Run the sandboxed process on the folder."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_CHILD), str(path), layer or "", driver, str(folder), json.dumps(only or {})],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXTRACT_TIMEOUT_S if driver == "OSM" else TIMEOUT_S,
            check=False,
        )
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise ValueError("time") from error
    if any((folder / name).is_file() for name in ("about.json", "rows.json", "layers.json")) and not done.returncode:
        return
    problem = folder / "problem.txt"
    raise ValueError(problem.read_text("utf-8") if problem.is_file() else f"exit {done.returncode}")


def _frame(folder: Path) -> gpd.GeoDataFrame:
    about = json.loads((folder / "about.json").read_text("utf-8"))
    with pa.OSFile(str(folder / "features.arrow")) as source:
        table = pa.ipc.open_file(source).read_all()
    table.validate(full=True)  # check text now: damage surfaces late otherwise
    frame = table.to_pandas(ignore_metadata=True)
    blobs, loose = frame.pop(about["geometry"]).to_numpy(dtype=object), bool(about.get("loose"))
    shapes = np.asarray(shapely.from_wkb(blobs, on_invalid="ignore" if loose else "raise"), dtype=object)
    if loose:
        read = ~shapely.is_missing(shapes)
        frame, shapes = frame[read].reset_index(drop=True), shapes[read]
    fids = frame.pop(about["fid"]).to_numpy() if "fid" in about else np.arange(len(frame))
    _compare(fids, shapes, about.get("bounds") or {})
    crs: Any = about["crs"]
    features = gpd.GeoDataFrame(pd.DataFrame(frame), geometry=shapes, crs=crs or None)
    features.attrs["unreadable"] = len(blobs) - len(features)
    features.attrs["guessed_encoding"] = about.get("encoding") == "cp1252"
    return features


def _compare(fids: Any, shapes: Any, bounds: dict[str, list[float]]) -> None:
    """Refuse features that are not where their spatial index says: the file is damaged."""
    if not bounds:
        return
    known = np.array([bounds.get(str(fid), [np.nan] * 4) for fid in fids.tolist()], dtype=float).reshape(-1, 4)
    found = shapely.bounds(shapes)
    # The index keeps 32 bits, rounded outwards: a box lies within its entry, and fills it but for rounding.
    room = np.abs(known) * 3e-7 + 1e-9
    with np.errstate(invalid="ignore"):
        inwards = (found - known) * [1, 1, -1, -1]
        off = ((inwards < 0) | (inwards > room)).any(axis=1) & np.isfinite(known).all(axis=1)
    missing = np.isfinite(known).all(axis=1) & ~np.isfinite(found).all(axis=1)
    if (off | missing).any():
        raise ValueError("a geometry is not where the spatial index says")
