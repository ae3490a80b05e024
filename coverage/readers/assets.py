"""Asset lists: clean CSV, Excel, GeoJSON and GeoPackage, made into the table of assets."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.errors import ColumnError, FileRefusedError, Place, RowError
from coverage.villages import Note
from coverage.readers.geofiles import read_geofile, sniff
from coverage.schema import ASSET_KINDS, ASSETS, STATUSES, check

COLUMNS: dict[str, tuple[str, ...]] = {
    "asset_id": ("asset_id", "id", "id_aset", "kode_aset", "nomor_aset"),
    "kind": ("kind", "jenis", "jenis_aset", "tipe", "kategori"),
    "name": ("name", "nama", "nama_aset", "nama_lokasi", "lokasi"),
    "status": ("status", "kondisi", "keadaan"),
    "owner": ("owner", "pemilik"),
    "operator": ("operator", "pengelola", "penyelenggara"),
    "height_m": ("height_m", "tinggi_m", "tinggi", "ketinggian"),
    "band_mhz": ("band_mhz", "frekuensi_mhz", "frekuensi", "pita_mhz"),
    "reach_m": ("reach_m", "jangkauan_m", "jangkauan"),
    "on_fiber": ("on_fiber", "terhubung_fiber", "fiber", "fo"),
    "installed_on": ("installed_on", "tanggal_pasang", "tgl_pasang", "dipasang", "tanggal_instalasi"),
    "source": ("source", "sumber"),
    "note": ("note", "catatan", "keterangan"),
    "lon": ("lon", "longitude", "bujur", "long", "lng", "x"),
    "lat": ("lat", "latitude", "lintang", "y"),
    "geometry": ("geometry", "wkt", "geom"),
}
KIND_WORDS = {
    "wifi": "wifi", "wi_fi": "wifi", "wifi_publik": "wifi", "wi_fi_publik": "wifi", "public_wifi": "wifi",
    "hotspot": "wifi", "titik_wifi": "wifi", "fiber_node": "fiber_node", "simpul_fiber": "fiber_node", "odp": "fiber_node",
    "odc": "fiber_node", "titik_fo": "fiber_node", "titik_fiber": "fiber_node", "fiber_optik": "fiber_node",
    "fiber_route": "fiber_route", "rute_fiber": "fiber_route", "kabel_fiber": "fiber_route", "jalur_fo": "fiber_route",
    "tower": "tower", "menara": "tower", "menara_telekomunikasi": "tower", "bts": "tower", "microcell": "microcell",
    "mikrosel": "microcell", "radio_link": "radio_link", "radio": "radio_link", "radio_wireless": "radio_link",
    "wireless": "radio_link", "cctv": "cctv", "kamera": "cctv", "kamera_cctv": "cctv",
}
STATUS_WORDS = {
    **{status: status for status in STATUSES},
    "aktif": "operational", "beroperasi": "operational", "baik": "operational", "active": "operational",
    "rusak": "damaged", "gangguan": "damaged", "direncanakan": "planned", "rencana": "planned",
    "dibangun": "under_construction", "dalam_pembangunan": "under_construction", "pembangunan": "under_construction",
    "tidak_aktif": "inactive", "nonaktif": "inactive", "mati": "inactive", "dihentikan": "decommissioned",
    "dibongkar": "decommissioned",
}
YES_NO = {"ya": True, "yes": True, "true": True, "1": True, "y": True, "tidak": False, "no": False, "false": False,
          "0": False, "t": False, "n": False}
EMPTY = {"", "-", "–", "nan", "none", "null", "n/a"}


def read_assets(path: str | Path) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Read a clean list of assets.

    Parameters
    ----------
    path
        CSV or Excel with the columns of :data:`COLUMNS` (``kind`` and ``lon``, ``lat`` at least, or ``geometry`` as
        WKT), or GeoJSON or GeoPackage with ``kind``.

    Returns
    -------
    assets : GeoDataFrame
        Per :data:`coverage.schema.ASSETS`, sorted by ``asset_id``.
    notes : list of (code, values)
        Values that were assumed.

    Raises
    ------
    ColumnError
        No column for the kind or the coordinates.
    RowError
        A row that cannot be used; names the row, the column, the value and what is allowed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    if sniff(path) in ("geojson", "gpkg", "kml"):
        raw: pd.DataFrame = read_geofile(path)
        first_row = 1
    else:
        raw, first_row = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig"), 2
    return make_assets(raw, path.name, first_row)


def make_assets(raw: pd.DataFrame, file: str, first_row: int) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Make the table of assets from a table of text, or from features.

    Parameters
    ----------
    raw
        As read; a GeoDataFrame in EPSG:4326 brings its geometry.
    file
        Name of the file, for messages.
    first_row
        Number of the first data row in the file, for messages.
    """
    raw = raw.reset_index(drop=True)
    rows = _Rows(raw, file, first_row)
    table = pd.DataFrame(index=raw.index)
    for name in ("name", "owner", "operator", "source", "note"):
        table[name] = rows.text(name)
    table["kind"] = rows.words("kind", KIND_WORDS, ASSET_KINDS, "asset.unknown_kind")
    notes: list[Note] = []
    if "status" in rows.columns:
        table["status"] = rows.words("status", STATUS_WORDS, STATUSES, "asset.unknown_status")
    else:
        table["status"] = "operational"
        notes.append(("assets.note.status_assumed", {"file": file, "count": len(raw)}))
    for name in ("height_m", "band_mhz", "reach_m"):
        table[name] = rows.numbers(name)
        column = next(column for column in ASSETS.columns if column.name == name)
        low, high = column.minimum, column.maximum
        rows.refuse(table[name].lt(-np.inf if low is None else low) | table[name].gt(np.inf if high is None else high),
                    name, "asset.out_of_range", low=low, high=high)
    table["on_fiber"] = rows.yes_no("on_fiber")
    table["installed_on"] = rows.dates("installed_on")
    table["geometry"] = rows.geometry()
    lines = table["kind"].eq("fiber_route").to_numpy()
    is_line = np.isin(shapely.get_type_id(table["geometry"].to_numpy()), (1, 5))
    rows.refuse(lines != is_line, "geometry" if "geometry" in rows.columns else "lon", "asset.wrong_geometry")
    table["asset_id"] = rows.text("asset_id")
    missing = table["asset_id"].isna()
    if missing.any():
        table.loc[missing, "asset_id"] = _made_ids(table[missing])
        notes.append(("assets.note.id_made", {"file": file, "count": int(missing.sum())}))
    rows.refuse(table["asset_id"].duplicated(), "asset_id", "asset.duplicate_id")
    assets = gpd.GeoDataFrame(table[ASSETS.names], geometry="geometry", crs="EPSG:4326")
    return check(assets.sort_values("asset_id", ignore_index=True), ASSETS), notes


def _made_ids(table: pd.DataFrame) -> list[str]:
    """Identifiers that stay the same whatever the order of the rows: the kind and a hash of place and name."""
    places = shapely.to_wkt(table["geometry"].to_numpy(), rounding_precision=6)
    keys = [f"{kind}|{place}|{name or ''}" for kind, place, name in zip(table["kind"], places, table["name"], strict=True)]
    return [f"{key.split('|')[0]}-{hashlib.sha256(key.encode()).hexdigest()[:10]}" for key in keys]


class _Rows:
    """A table of text under the names of ours; every refusal names the file, the row, the column and the value."""

    def __init__(self, raw: pd.DataFrame, file: str, first_row: int) -> None:
        self.raw, self.file, self.first_row = raw, file, first_row
        plain = {_plain(str(name)): str(name) for name in reversed(list(raw.columns))}
        self.columns = {what: next(plain[alias] for alias in aliases if alias in plain)
                        for what, aliases in COLUMNS.items() if any(alias in plain for alias in aliases)}
        if not isinstance(raw, gpd.GeoDataFrame) and "geometry" not in self.columns:
            for what in ("lon", "lat"):
                self._need(what)
        self._need("kind")

    def _need(self, what: str) -> None:
        if what not in self.columns:
            raise ColumnError("asset.no_column", Place(file=self.file, column=what), offered=list(COLUMNS[what]),
                              columns=[str(name) for name in self.raw.columns][:30])

    def refuse(self, bad: Any, what: str, code: str, **details: Any) -> None:
        """Raise for the first bad row."""
        bad = np.asarray(bad, dtype=bool)
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            column = self.columns.get(what, what)
            value = self.raw[column].iloc[at] if column in self.raw.columns else None
            raise RowError(code, Place(file=self.file, row=at + self.first_row, column=column, value=str(value)), **details)

    def text(self, what: str) -> pd.Series:
        """Text without blanks around it; None where there is none."""
        if what not in self.columns:
            return pd.Series([None] * len(self.raw), index=self.raw.index, dtype=object)
        values = [_clean(value) for value in self.raw[self.columns[what]]]
        return pd.Series(values, index=self.raw.index, dtype=object)

    def words(self, what: str, words: dict[str, str], allowed: tuple[str, ...], code: str) -> pd.Series:
        """Text as one of our own words."""
        given = self.text(what)
        found = given.map(lambda text: words.get(_plain(text)) if text else None)
        self.refuse(found.isna(), what, code, offered=list(allowed))
        return found

    def numbers(self, what: str) -> pd.Series:
        """Numbers, with a point or a comma before the decimals."""
        given = self.text(what)
        numbers = pd.to_numeric(given.map(lambda text: text.replace(",", ".") if text else None), errors="coerce").astype(float)
        self.refuse(given.notna() & ~np.isfinite(numbers), what, "asset.not_a_number")
        return numbers

    def yes_no(self, what: str) -> pd.Series:
        """True, False or None."""
        given = self.text(what)
        found = given.map(lambda text: YES_NO.get(text.lower()) if text else None).astype(object)
        self.refuse(given.notna() & found.isna(), what, "asset.not_yes_no")
        return found.where(found.notna(), None)

    def dates(self, what: str) -> pd.Series:
        """ISO dates, or a bare year."""
        given = self.text(what)
        good = given.map(lambda text: text is None or _is_date(text))
        self.refuse(~good.astype(bool), what, "asset.not_a_date")
        return given

    def geometry(self) -> np.ndarray:
        """Points or lines in EPSG:4326."""
        if isinstance(self.raw, gpd.GeoDataFrame):
            shapes = np.array(shapely.force_2d(self.raw.geometry.to_numpy()), dtype=object)
        else:
            shapes = np.full(len(self.raw), None, dtype=object)
            if "geometry" in self.columns:
                given = self.text("geometry")
                shapes = np.array(shapely.from_wkt(given.to_numpy(), on_invalid="ignore"), dtype=object)
                self.refuse(given.notna() & shapely.is_missing(shapes), "geometry", "asset.bad_geometry")
            points = shapely.is_missing(shapes)
            if points.any() and "lon" in self.columns and "lat" in self.columns:
                lon, lat = self.numbers("lon").to_numpy(), self.numbers("lat").to_numpy()
                for what, values, limit in (("lon", lon, 180), ("lat", lat, 90)):
                    self.refuse(points & np.isnan(values), what, "asset.no_coordinates")
                    self.refuse(points & (np.abs(values) > limit), what, "asset.coordinates_out_of_range", limit=limit)
                shapes[points] = shapely.points(lon[points], lat[points])
        self.refuse(shapely.is_missing(shapes) | shapely.is_empty(shapes), "geometry", "asset.no_coordinates")
        bounds = np.abs(shapely.bounds(shapes))
        inside = (bounds[:, [0, 2]] <= 180).all(axis=1) & (bounds[:, [1, 3]] <= 90).all(axis=1)
        self.refuse(~inside, "geometry", "asset.coordinates_out_of_range", limit=180)
        return shapes


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _clean(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    text = str(value).strip()
    return None if text.lower() in EMPTY else text


def _is_date(text: str) -> bool:
    if re.fullmatch(r"\d{4}", text):
        return True
    try:
        return pd.Timestamp(text).strftime("%Y-%m-%d") == text
    except ValueError:
        return False
