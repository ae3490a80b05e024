"""The planner's own criteria: figures by village code, and points of public facilities."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, Place, RowError
from coverage.places.codes import parse_bps, parse_kemendagri
from coverage.places.villages import ALIASES
from coverage.readers.angles import read_angle
from coverage.readers.geofiles import GEOMETRY_FORMATS, read_geofile, sniff
from coverage.readers.people import EMPTY
from coverage.readers.tables import TextTable, plain, read_table
from coverage.readers.vocabulary import column_ranks

CODE_COLUMNS = (*ALIASES["bps"], *ALIASES["kemendagri"], *ALIASES["code"])
NOT_FIGURES = (*ALIASES["village"], *ALIASES["subdistrict"], *ALIASES["regency"], "no", "nomor", "lat", "lon")
"""Columns that are never a criterion."""


def read_criteria(path: str | Path, villages: pd.DataFrame, sheet: str | None = None) -> pd.DataFrame:
    """Read figures by village: every column of numbers may become a criterion.

    Parameters
    ----------
    path
        CSV or Excel with a column of village codes (BPS or Kemendagri) and columns of numbers; a decimal comma is
        understood, an empty cell is unknown.
    villages
        Table VILLAGES, for the codes; rows of villages elsewhere are passed over.
    sheet
        Of an Excel file that holds several tables.

    Returns
    -------
    DataFrame
        Numbers, NaN where unknown, indexed by ``village_code_bps``, sorted.

    Raises
    ------
    FileRefusedError
        Not there, or not a table.
    ColumnError
        No column of codes, or none of numbers.
    RowError
        A code that is doubled, or no village of the region at all.
    """
    known = set(CODE_COLUMNS)
    table = read_table(path, lambda cell: plain(cell) in known, sheet)
    raw, place = table.frame, Place(file=table.file, sheet=table.sheet)
    column = _code_column(table, place)
    codes = _codes(raw[column], villages)
    inside = codes.notna()
    if not inside.any():
        raise RowError(
            "criteria.no_village", Place(place.file, place.sheet, int(raw.index[0]), column, str(raw[column].iloc[0]))
        )
    twice = inside & codes.duplicated(keep="first")
    if twice.any():
        at = int(np.flatnonzero(twice)[0])
        raise RowError(
            "criteria.village_twice",
            Place(place.file, place.sheet, int(raw.index[at]), column, str(raw[column].iloc[at])),
        )
    found = {
        name: numbers[inside].to_numpy()
        for name in raw.columns
        if name != column and plain(name) not in (*NOT_FIGURES, *known) and (numbers := _numbers(raw[name])) is not None
    }
    if not found:
        raise ColumnError("criteria.no_numbers", place, columns=list(raw.columns)[:30])
    index = pd.Index(codes[inside], name="village_code_bps")
    return pd.DataFrame(found, index=index, dtype=float).sort_index()


def _code_column(table: TextTable, place: Place) -> str:
    columns = {plain(name): str(name) for name in reversed(list(table.frame.columns))}
    for name in CODE_COLUMNS:
        if name in columns:
            return columns[name]
    raise ColumnError(
        "criteria.no_code",
        place,
        offered=["village_code_bps", "kode_bps", "kode_kemendagri"],
        columns=list(columns.values())[:30],
    )


def _codes(given: pd.Series, villages: pd.DataFrame) -> pd.Series:
    """BPS codes of this region's villages; None for others."""
    known = set(villages["village_code_bps"])
    dotted = dict(zip(villages["village_code_kemendagri"], villages["village_code_bps"], strict=True))

    def code(text: str) -> str | None:
        bps = parse_bps(text)
        return bps if bps in known else dotted.get(parse_kemendagri(text))

    return given.map(code).astype(object)


def _numbers(column: pd.Series) -> pd.Series | None:
    """The column as numbers; None where it holds anything else, or nothing."""
    text = column.astype(str).str.strip()
    filled = ~text.isin(EMPTY)
    numbers = text.where(filled).map(_number, na_action="ignore").astype(float)
    return numbers if filled.any() and bool(numbers[filled].notna().all()) else None


def _number(text: str) -> float:
    """A number with decimal point or comma; NaN where it is none.

    With both, the last is the decimal sign; two or more of one kind are thousands separators.
    """
    text = text.replace(" ", "").removesuffix("%")
    if not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?", text, re.IGNORECASE):
        return float("nan")
    last = max(text.rfind("."), text.rfind(","))
    if last >= 0 and text.count(text[last]) == 1:
        text = re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :]
    else:
        text = re.sub(r"[.,]", "", text)
    return float(text)


def read_points(path: str | Path) -> gpd.GeoDataFrame:
    """Read points: public facilities, or places where something could be built.

    Parameters
    ----------
    path
        A file of geometry (:func:`coverage.readers.geofiles.read_geofile`; of an area its middle is taken), or CSV or
        Excel with columns of longitude and latitude.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4326; rows without a place are left out.

    Raises
    ------
    FileRefusedError, ColumnError, RowError
        If it is no such file, naming what is wrong.
    """
    path = Path(path)
    if path.is_file() and sniff(path) in GEOMETRY_FORMATS:
        found = read_geofile(path)
        found = found[found.geometry.notna() & ~found.geometry.is_empty]
        middle = found.geometry.representative_point()
        return gpd.GeoDataFrame(geometry=middle.to_numpy(), crs="EPSG:4326")
    lon_names, lat_names = (set(column_ranks()[name]) for name in ("lon", "lat"))
    table = read_table(path, lambda cell: plain(cell) in lon_names | lat_names)
    columns = {plain(name): str(name) for name in reversed(list(table.frame.columns))}
    lon, lat = (next((columns[name] for name in columns if name in names), None) for names in (lon_names, lat_names))
    place = Place(file=table.file, sheet=table.sheet)
    if lon is None or lat is None:
        raise ColumnError("criteria.no_coordinates", place, offered=["lon", "lat"], columns=list(columns.values())[:30])
    rows = table.frame[(table.frame[lon] != "") & (table.frame[lat] != "")]
    xy = [
        _place(x, y, Place(place.file, place.sheet, int(row), lon))
        for row, x, y in zip(rows.index, rows[lon].astype(str), rows[lat].astype(str), strict=True)
    ]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.array(xy).reshape(-1, 2).T), crs="EPSG:4326")


def _place(lon: str, lat: str, place: Place) -> tuple[float, float]:
    x, y = read_angle(lon).value, read_angle(lat).value
    if np.isnan(x) or np.isnan(y):
        raise RowError("coordinates.not_an_angle", replace(place, value=f"{lon}, {lat}"))
    if abs(x) > 180 or abs(y) > 90:
        raise RowError("criteria.outside_earth", replace(place, value=f"{lon}, {lat}"))
    return x, y
