"""Tiles of mobile speed tests (Ookla's open data), by village."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.land.cells import villages_of_points
from coverage.places.villages import Note
from coverage.readers.confined import read_quadkeys
from coverage.readers.geofiles import read_geofile, sniff

COLUMNS = ("quadkey", "tests", "devices")
ZOOM = 16
"""Of the tiles, some 610 m wide at the equator [1]_.

References
----------
.. [1] Ookla, Speedtest Global Fixed and Mobile Network Performance Map Tiles, README.
"""
_COARSE = 10
MAX_BYTES = 2**30
_NAMED = re.compile(r"(\d{4}-\d{2}-\d{2})_performance_(mobile|fixed)_tiles", re.IGNORECASE)


def read_speed_tiles(path: str | Path, villages: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Read where phones tested their mobile network, for :func:`coverage.readers.hints.read_hints`.

    A tile counts for the village in which its centre lies.

    Parameters
    ----------
    path
        Parquet as it was downloaded, of which the tiles around the villages alone are kept; or those of a part in any
        format of :func:`coverage.readers.geofiles.read_geofile`.
    villages : Table VILLAGES

    Returns
    -------
    tuple
        By BPS code ``count`` (tests), ``date`` (first day of the quarter, where the name of the file tells it),
        ``operator`` (nobody told) and the centre of the tile with most tests; and notes.

    Raises
    ------
    ColumnError
        A file that lacks a column.
    FileRefusedError
        Not readable, tests over Wi-Fi and cable, or without a tile that can be read.
    """
    path = Path(path)
    dated = quarter_of(path.name)
    if path.stat().st_size > MAX_BYTES:
        raise FileRefusedError("geofile.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
    if sniff(path) == "parquet":
        try:
            around = _around(villages)
            tiles = read_quadkeys(path, COLUMNS, around, 2 * len(around) * 4 ** (ZOOM - _COARSE))
        except (ValueError, OSError, RuntimeError) as error:
            raise FileRefusedError("file.unreadable", Place(file=path.name), problem=str(error)[:200]) from error
    else:
        tiles = pd.DataFrame(read_geofile(path).drop(columns="geometry"))
        if tiles.shape == (0, 0):  # GeoJSON names no column where it has no feature
            tiles = pd.DataFrame(columns=COLUMNS)
    names = [str(name).lower() for name in tiles.columns]
    missing = [name for name in COLUMNS if names.count(name) != 1]
    if missing:
        raise ColumnError("speed_tiles.columns", Place(file=path.name), missing=missing, columns=list(tiles.columns))
    tiles.columns = pd.Index(names)
    keys = tiles["quadkey"].astype(str)
    tests, devices = (pd.to_numeric(tiles[name], errors="coerce").to_numpy(dtype=float) for name in COLUMNS[1:])
    read = keys.str.fullmatch(rf"[0-3]{{{ZOOM}}}").to_numpy(dtype=bool) & (devices >= 1) & (tests >= devices)
    read &= tests < 1e12
    most = pd.DataFrame({"quadkey": keys, "tests": tests})[read].sort_values("tests", ascending=False)
    read[most.index[most.duplicated("quadkey")]] = False
    if len(tiles) and not read.any():
        raise FileRefusedError("speed_tiles.nothing", Place(file=path.name, row=1, value=keys.iloc[0][:40]))
    lon, lat = centres(keys[read].to_numpy(dtype="S16"))
    found = villages_of_points(villages, gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326))
    inside = found >= 0
    codes = villages["village_code_bps"].to_numpy()[found[inside]]
    held = pd.DataFrame({"code": codes, "count": tests[read][inside], "lon": lon[inside], "lat": lat[inside]})
    table = (
        held.sort_values(["count", "lon", "lat"]).drop_duplicates("code", keep="last").set_index("code").sort_index()
    )
    table["count"] = held.groupby("code")["count"].sum().astype(int)
    table["date"], table["operator"] = dated, None
    told = {"file": path.name, "count": int(table["count"].sum()), "tiles": int(inside.sum()), "villages": len(table)}
    notes: list[Note] = [("speed_tiles.note.read", told)]
    if not read.all():
        first = int(np.argmin(read)) + 1
        notes.append(("speed_tiles.note.unread", {"file": path.name, "count": int((~read).sum()), "row": first}))
    return table, notes


def quarter_of(name: str) -> str | None:
    """First day of the quarter, where a file is named as the one that was downloaded.

    Raises
    ------
    FileRefusedError
        Tests over Wi-Fi and cable, which say nothing of mobile service.
    """
    named = _NAMED.search(name)
    if named and named[2].lower() == "fixed":
        raise FileRefusedError("speed_tiles.fixed", Place(file=name))
    return named[1] if named else None


def centres(keys: NDArray[np.bytes_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of the centres of tiles, by their quadkeys (Bing Maps tile system)."""
    digits = keys.view(np.uint8).reshape(len(keys), keys.dtype.itemsize).astype(np.int64) - ord("0")
    place = 1 << np.arange(digits.shape[1])[::-1]
    across, down = (((digits & 1) @ place + 0.5) / (2 * place[0]), ((digits >> 1) @ place + 0.5) / (2 * place[0]))
    return across * 360.0 - 180.0, np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * down))))


def _around(villages: gpd.GeoDataFrame) -> list[str]:
    """Quadkeys of coarse tiles (some 39 km) that hold all villages."""
    west, south, east, north = villages.to_crs(4326).total_bounds
    wide = 1 << _COARSE
    x = [int((lon + 180.0) / 360.0 * wide) for lon in (west, east)]
    y = [int((1.0 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2.0 * wide) for lat in (north, south)]
    return [
        "".join(str((column >> bit & 1) + 2 * (row >> bit & 1)) for bit in reversed(range(_COARSE)))
        for row in range(y[0], y[1] + 1)
        for column in range(x[0], x[1] + 1)
    ]
