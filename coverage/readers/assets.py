"""Asset lists: clean CSV, Excel, GeoJSON and GeoPackage, made into the table of assets."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, FileRefusedError, Place, RowError
from coverage.base.schema import ASSETS, STATUSES, check
from coverage.places.villages import Note
from coverage.readers.geofiles import read_geofile, sniff
from coverage.readers.kinds import asset_kinds
from coverage.readers.tables import plain, read_table
from coverage.readers.vocabulary import column_ranks, spellings

FIELDS = (*(name for name in ASSETS.names if name != "geometry"), "lon", "lat", "geometry")
COLUMNS: dict[str, tuple[str, ...]] = {what: tuple(column_ranks()[what]) for what in FIELDS}
"""Column names that offices use, by what they hold, the most telling one first."""
YES_NO = {word: answer == "ya" for word, answer in spellings("yes_no").items()}
OFFERED = 6
"""So many names are offered for a column that is missing."""
EMPTY = {"", "-", "–", "nan", "none", "null", "n/a"}
GEOMETRY_FORMATS = ("geojson", "gpkg", "kml", "parquet", "shp")


def read_assets(path: str | Path, sheet: str | None = None) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Read a clean list of assets.

    Parameters
    ----------
    path
        CSV or Excel with the columns of :data:`COLUMNS` (``kind`` and ``lon``, ``lat`` at least; lines as WKT in
        ``geometry``), or a file of geometry with ``kind``.
    sheet
        Of an Excel file that holds several lists.

    Returns
    -------
    assets : GeoDataFrame
        Per :data:`coverage.base.schema.ASSETS`, sorted by ``asset_id``.
    notes : list of (code, values)
        What was assumed: the key of a sentence and the values it names.

    Raises
    ------
    FileRefusedError
        Not there, not a list, damaged.
    ColumnError
        No column for the kind or the coordinates.
    RowError
        A row that cannot be used; names the row, the column, the value and what is allowed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    if sniff(path) in GEOMETRY_FORMATS:
        features = read_geofile(path, prefer="assets")
        features.index = features.index + 1
        return make_assets(features, path.name)
    known = {alias for aliases in COLUMNS.values() for alias in aliases}
    table = read_table(path, lambda cell: plain(cell) in known, sheet)
    assets, notes = make_assets(table.frame, table.file, table.sheet)
    return assets, [*table.notes, *notes]


def make_assets(raw: pd.DataFrame, file: str, sheet: str | None = None) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Make the table of assets from a table of text, or from features.

    Parameters
    ----------
    raw
        As read, indexed by the row numbers of the file; a GeoDataFrame in EPSG:4326 brings its geometry.
    file, sheet
        Where it came from, for messages.
    """
    rows = _Rows(raw, file, sheet)
    table = pd.DataFrame({name: rows.text(name) for name in ("name", "owner", "operator", "source", "note")})
    table["kind"] = rows.words("kind", spellings("kind"), tuple(asset_kinds()), "asset.unknown_kind")
    notes: list[Note] = []
    if "status" in rows.columns:
        table["status"] = rows.words("status", spellings("status"), STATUSES, "asset.unknown_status")
    else:
        table["status"] = "operational"
        notes.append(("assets.note.status_assumed", {"file": file, "count": len(raw)}))
    for name in ("height_m", "band_mhz", "reach_m", "azimuth_deg"):
        table[name] = rows.amounts(name)
    table["on_fiber"] = rows.yes_no("on_fiber")
    table["installed_on"] = rows.dates("installed_on")
    shapes = rows.geometry()
    is_line = np.isin(shapely.get_type_id(shapes), (1, 5))
    rows.refuse(
        np.where(table["kind"].isin(asset_kinds().lines), ~is_line, shapely.get_type_id(shapes) != 0),
        "kind",
        "asset.wrong_geometry",
    )
    table["geometry"] = shapes
    table["asset_id"] = rows.identifiers()
    missing = table["asset_id"].isna().to_numpy()
    if missing.any():
        table.loc[missing, "asset_id"] = _made_ids(table[missing])
        notes.append(("assets.note.id_made", {"file": file, "count": int(missing.sum())}))
    twice = table["asset_id"].duplicated().to_numpy()
    rows.refuse(twice & missing, "name", "asset.doubled")
    rows.refuse(twice, "asset_id", "asset.duplicate_id")
    assets = gpd.GeoDataFrame(table[ASSETS.names], geometry="geometry", crs="EPSG:4326")
    return check(assets.sort_values("asset_id", ignore_index=True), ASSETS), notes


def _made_ids(table: pd.DataFrame) -> list[str]:
    """Identifiers that stay the same whatever the order of the rows: the kind and a hash of place and name."""
    places = shapely.to_wkt(table["geometry"].to_numpy(), rounding_precision=6)
    return [
        f"{kind}-{hashlib.sha256(f'{kind}|{place}|{name or str()}'.encode()).hexdigest()[:10]}"
        for kind, place, name in zip(table["kind"], places, table["name"], strict=True)
    ]


class _Rows:
    """A table of text under names of ours; every refusal names the file, the row, the column and the value."""

    def __init__(self, raw: pd.DataFrame, file: str, sheet: str | None) -> None:
        self.raw, self.file, self.sheet = raw, file, sheet
        self.features = isinstance(raw, gpd.GeoDataFrame)
        known = {plain(str(name)): str(name) for name in reversed(list(raw.columns))}
        self.columns = {
            what: next(known[alias] for alias in aliases if alias in known)
            for what, aliases in COLUMNS.items()
            if any(alias in known for alias in aliases)
        }
        needed = ("kind",) if self.features or "geometry" in self.columns else ("kind", "lon", "lat")
        for what in needed:
            if what not in self.columns:
                raise ColumnError(
                    "asset.no_column",
                    Place(file=file, sheet=sheet),
                    wanted=what,
                    offered=list(COLUMNS[what][:OFFERED]),
                    columns=[str(name) for name in raw.columns][:30],
                )

    def refuse(self, bad: Any, what: str, code: str, **details: Any) -> None:
        """Raise for the first bad row."""
        where = np.flatnonzero(np.asarray(bad, dtype=bool))
        if len(where):
            column = self.columns.get(what, what)
            value = self.raw[column].iloc[where[0]] if column in self.raw.columns else ""
            raise RowError(
                code,
                Place(
                    file=self.file,
                    sheet=self.sheet,
                    row=int(self.raw.index[where[0]]),
                    column=column,
                    value=str(value)[:80],
                ),
                **details,
            )

    def text(self, what: str) -> pd.Series:
        """Text without blanks around it; None where there is none."""
        values = self.raw[self.columns[what]] if what in self.columns else [None] * len(self.raw)
        return pd.Series([_clean(value) for value in values], index=self.raw.index, dtype=object)

    def identifiers(self) -> pd.Series:
        """Text; a whole number that a spreadsheet keeps as 12.0 is 12."""
        return (
            self.text("asset_id")
            .map(lambda text: re.sub(r"^(\d+)\.0$", r"\1", text) if text else None)
            .astype(object)
            .where(lambda ids: ids.notna(), None)
        )

    def words(self, what: str, words: dict[str, str], allowed: tuple[str, ...], code: str) -> pd.Series:
        """Text as one of our own words."""
        found = self.text(what).map(lambda text: words.get(plain(text)) if text else None).astype(object)
        self.refuse(found.isna(), what, code, offered=list(allowed))
        return found

    def numbers(self, what: str) -> pd.Series:
        """Numbers, with a point or a comma before the decimals."""
        given = self.text(what)
        numbers = given.map(lambda text: _number(text) if text else None).astype(float)
        self.refuse(given.notna() & numbers.isna(), what, "asset.not_a_number")
        return numbers

    def amounts(self, what: str) -> pd.Series:
        """Numbers within the limits of the schema; ``3.000`` is refused: it may be three or three thousand."""
        given, numbers = self.text(what), self.numbers(what)
        if not self.features:
            unsure = given.map(lambda text: bool(text) and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) is not None)
            self.refuse(unsure, what, "asset.ambiguous_number")
        column = next(column for column in ASSETS.columns if column.name == what)
        low = -math.inf if column.minimum is None else column.minimum
        high = math.inf if column.maximum is None else column.maximum
        self.refuse(
            (numbers < low) | (numbers > high),
            what,
            "asset.out_of_range",
            low=f"{low:g}",
            high="∞" if high == math.inf else f"{high:g}",
            unit=column.unit,
        )
        return numbers

    def yes_no(self, what: str) -> pd.Series:
        """True, False or None."""
        given = self.text(what)
        found = [YES_NO.get(re.sub(r"\.0$", "", text.lower())) if text else None for text in given]
        answers = pd.Series(found, index=given.index, dtype=object)
        self.refuse(given.notna() & answers.isna(), what, "asset.not_yes_no")
        return answers

    def dates(self, what: str) -> pd.Series:
        """ISO dates, or a bare year."""
        given = self.text(what)
        found = pd.Series([_date(text) if text else None for text in given], index=given.index, dtype=object)
        self.refuse(given.notna() & found.isna(), what, "asset.not_a_date")
        return found

    def geometry(self) -> NDArray[np.object_]:
        """Points and lines in EPSG:4326, in two dimensions."""
        if isinstance(self.raw, gpd.GeoDataFrame):
            shapes = np.asarray(shapely.force_2d(self.raw.geometry.to_numpy()), dtype=object)
        else:
            given = self.text("geometry")
            shapes = np.asarray(shapely.from_wkt(given.to_numpy(), on_invalid="ignore"), dtype=object)
            self.refuse(given.notna().to_numpy() & shapely.is_missing(shapes), "geometry", "asset.bad_geometry")
            self._add_points(shapes)
        empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        self.refuse(empty, "geometry", "asset.no_coordinates")
        xy, of = shapely.get_coordinates(shapes, return_index=True)
        outside = ~((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))
        self.refuse(np.isin(np.arange(len(shapes)), of[outside]), "geometry", "asset.coordinates_out_of_range")
        return shapes

    def _add_points(self, shapes: NDArray[np.object_]) -> None:
        """Put points where a row has longitude and latitude instead of a geometry."""
        needed = shapely.is_missing(shapes)
        if not needed.any() or not {"lon", "lat"} <= set(self.columns):
            return
        lon, lat = self.numbers("lon").to_numpy(), self.numbers("lat").to_numpy()
        for what, values, limit in (("lon", lon, 180), ("lat", lat, 90)):
            self.refuse(needed & np.isnan(values), what, "asset.no_coordinates")
            self.refuse(needed & (np.abs(values) > limit), what, "asset.coordinates_out_of_range")
        shapes[needed] = shapely.points(lon[needed], lat[needed])


def _clean(value: Any) -> str | None:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    text = str(value).strip()
    return None if text.lower() in EMPTY else text


def _number(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def _date(text: str) -> str | None:
    text = re.sub(r"^(\d{4})\.0$", r"\1", text)
    if re.fullmatch(r"(19|20)\d{2}", text):
        return text
    try:
        return dt.date.fromisoformat(text).isoformat() if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
