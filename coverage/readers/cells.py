"""Cells that phones heard (OpenCelliD, Mozilla Location Service), by village."""

from __future__ import annotations

import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.land.cells import villages_of_points
from coverage.places.villages import Note
from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml

COLUMNS = (
    "radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples", "changeable", "created", "updated",
    "averageSignal",
)  # fmt: skip
"""Those of both exports, in order [1]_; exports of one country come without a header.

References
----------
.. [1] Mozilla Ichnaea documentation, "Import and export": cell export format.
"""
_NEEDED = ("mcc", "net", "lon", "lat", "samples", "updated")
_ROWS = 200_000
MARGIN_DEG = 0.01
_READ = {
    "lat": (-90, 90),
    "lon": (-180, 180),
    "samples": (1, 1e12),
    "updated": (0, 4.1e9),
    "mcc": (0, 999),
    "net": (0, 999),
}
"""Between which numbers a cell can be read."""


def read_cells(path: str | Path, villages: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Read where cells were heard, for :func:`coverage.readers.hints.read_hints`.

    A cell lies where the mean of its observations does.

    Parameters
    ----------
    path : CSV, also compressed (``.csv.gz``); read in pieces, outside the villages nothing is kept
    villages : Table VILLAGES

    Returns
    -------
    tuple
        By BPS code ``count`` (samples), ``date`` (the newest), ``operator`` and the place with most samples; and notes.

    Raises
    ------
    ColumnError
        A file with a header that lacks a column.
    FileRefusedError
        Not readable, or without a cell that can be read.
    """
    path = Path(path)
    west, south, east, north = villages.to_crs(4326).total_bounds + np.array([-1, -1, 1, 1]) * MARGIN_DEG
    parts, bad, first, count = [], 0, 0, 0
    try:
        head = pd.read_csv(path, nrows=1, header=None, dtype=str).iloc[0].tolist()
        named = "lat" in head
        missing = [name for name in _NEEDED if name not in head] if named else []
        if missing or (not named and len(head) != len(COLUMNS)):
            raise ColumnError("cells.columns", Place(file=path.name), missing=missing or list(COLUMNS), columns=head)
        pieces = pd.read_csv(
            path,
            header=0 if named else None,
            names=None if named else list(COLUMNS),
            usecols=list(_NEEDED),
            dtype=str,
            chunksize=_ROWS,
        )
        for piece in pieces:
            numbers = piece.apply(pd.to_numeric, errors="coerce")
            unread = ~np.all([numbers[name].between(*limits) for name, limits in _READ.items()], axis=0)
            if unread.any() and not bad:
                first = count + int(np.argmax(unread)) + 1 + named
            bad, count = bad + int(unread.sum()), count + len(piece)
            near = numbers["lon"].between(west, east) & numbers["lat"].between(south, north)
            parts.append(numbers[~unread & near.to_numpy()])
    except (
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
        UnicodeDecodeError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise FileRefusedError("file.unreadable", Place(file=path.name), problem=str(error)[:200]) from error
    if bad == count:
        raise FileRefusedError("cells.nothing", Place(file=path.name, row=first or None))
    cells = pd.concat(parts, ignore_index=True)
    found = villages_of_points(villages, gpd.GeoSeries(gpd.points_from_xy(cells["lon"], cells["lat"]), crs=4326))
    inside = cells[found >= 0].assign(code=villages["village_code_bps"].to_numpy()[found[found >= 0]])
    table = _by_village(inside)
    told = {"file": path.name, "count": len(inside), "villages": len(table)}
    notes: list[Note] = [("cells.note.read", told)]
    if bad:
        notes.append(("cells.note.unread", {"file": path.name, "count": bad, "row": first}))
    return table, notes


def _by_village(cells: pd.DataFrame) -> pd.DataFrame:
    """What was heard in each village, of cells with the ``code`` of theirs."""
    names = {tuple(map(int, code.split("-"))): name for code, name in _operators().items()}
    codes = zip(cells["mcc"].astype(int), cells["net"].astype(int), strict=True)
    cells = cells.assign(operator=[names.get(code, f"{code[0]}-{code[1]:02d}") for code in codes])
    of_each = cells.groupby("code", sort=True)
    most = cells.sort_values(["samples", "lon", "lat"]).drop_duplicates("code", keep="last").set_index("code")
    return pd.DataFrame(
        {
            "count": of_each["samples"].sum().astype(int),
            "date": pd.to_datetime(of_each["updated"].max(), unit="s").dt.strftime("%Y-%m-%d"),
            "operator": of_each["operator"].agg(lambda own: ", ".join(sorted(set(own)))),
            "lon": most["lon"],
            "lat": most["lat"],
        }
    )


def _operators() -> dict[str, str]:
    return dict(load_toml(data_dir() / "mobile_networks.toml")["operators"])
