"""Table of villages from the features of any official boundary file.

Sources differ in column names, write codes with prefixes, dots or as floats, and mix in forests. Here they become
:data:`coverage.base.schema.VILLAGES`; :mod:`coverage.readers.villages` opens files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, FileRefusedError, Place, RowError
from coverage.base.projection import utm_crs
from coverage.base.schema import VILLAGES, check
from coverage.places.codes import FOREST_SUFFIX, WATER_SUFFIX, dotted, parse_bps, parse_kemendagri, read_code
from coverage.places.overlaps import polygons_of, without_overlaps
from coverage.places.regencies import is_bps, regency_code, subdistrict_code

Note = tuple[str, dict[str, object]]
"""Locale key and values of a remark on an accepted input."""

ALIASES: dict[str, tuple[str, ...]] = {
    "bps": (
        "village_code_bps", "kdebps", "bps_code", "kode_bps", "iddesa", "id_desa", "adm4_pcode", "village_code",
    ),
    "kemendagri": (
        "village_code_kemendagri", "kdepum", "kemendagri_code", "kode_kemendagri", "dagri_code", "kode_dagri",
    ),
    "code": (
        "kode_desa", "kodedesa", "kode_kelurahan", "kode_desa_kelurahan", "kd_desa", "kode_wilayah", "kode", "code",
        "id", "pcode",
    ),
    "village": (
        "village", "nmdesa", "nm_desa", "adm4_en", "adm4_id", "wadmkd", "name_4", "nama_desa", "namadesa",
        "desa_kelurahan", "nama_kelurahan", "namobj", "desa", "kelurahan", "nama", "name",
    ),
    "subdistrict": (
        "subdistrict", "nmkec", "nm_kec", "adm3_en", "adm3_id", "wadmkc", "name_3", "nama_kecamatan", "kecamatan",
        "district",
    ),
    "regency": (
        "regency", "nmkab", "nm_kab", "adm2_en", "adm2_id", "wadmkk", "name_2", "nama_kabupaten", "kabupaten",
        "kabupaten_kota", "kab_kota",
    ),
    "population": ("population",),
    "population_basis": ("population_basis",),
    "boundary_quality": ("boundary_quality",),
}  # fmt: skip
"""Column names of HDX COD-AB, BPS, BIG (KDEPUM, WADMKD, ...) and Kemendagri, by content."""

MAX_VERTICES = 1_000_000
DECLARED_BPS = ("village_code_bps", "kdebps", "bps_code", "kode_bps", "iddesa")
"""Columns that hold BPS codes whatever they look like."""
INDONESIA = (94.0, -12.0, 142.0, 7.0)


def find_columns(names: Sequence[str], what: str) -> list[str]:
    """Columns that may hold something, as written, the most telling first.

    Told by the names of official sources (:data:`ALIASES`); case, spaces and punctuation do not matter.
    """
    plain = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in reversed(names)}
    return [plain[alias] for alias in ALIASES[what] if alias in plain]


def make_villages(
    features: gpd.GeoDataFrame, crosswalk: pd.DataFrame | None = None, file: str | None = None
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Make the table of villages from the features of a boundary file.

    Parameters
    ----------
    features : one polygon a row, EPSG:4326, with the columns of the source
    crosswalk
        ``village_code_bps``, ``village_code_kemendagri`` and, where known, ``subdistrict`` and ``regency``; needed
        where the file has Kemendagri codes only, else used to fill in the Kemendagri code.

    Returns
    -------
    GeoDataFrame
        Per :data:`base.schema.VILLAGES`, sorted by BPS code. The centre is the polygon's centroid, or a point on
        its surface where the centroid falls outside.
    list of Note
        Forest polygons left out, geometry repaired, how the codes were joined.

    Raises
    ------
    ColumnError
        No column with a code or a name.
    RowError
        A code that cannot be read or is doubled, a feature without a polygon, coordinates out of range.
    FileRefusedError
        No column with codes, Kemendagri codes without a crosswalk, or more than a tenth of the land overlaps.
    """
    names = [str(name) for name in features.columns if name != features.geometry.name]
    columns = {what: found[0] for what in ALIASES if (found := find_columns(names, what))}
    if "village" not in columns:
        raise ColumnError(
            "villages.no_name_column", Place(file=file), columns=names[:30], offered=list(ALIASES["village"])
        )
    notes: list[Note] = []
    codes = read_codes(features, crosswalk, file, notes)
    land = _lands(codes)
    empty = land.notna().to_numpy()
    for what, count in land.value_counts(sort=False).items():
        notes.append((f"villages.note.{what}_dropped", {"file": file, "count": int(count)}))
    kept = features[~empty]
    if kept.empty:
        raise FileRefusedError("villages.none", Place(file=file))
    table = _attributes(kept, columns, codes[~empty], crosswalk)
    _refuse_duplicates(table, file)
    table["geometry"], repairs = clean_polygons(kept.geometry.to_numpy(), table["village"].tolist(), kept.index, file)
    villages = gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326").sort_values(
        "village_code_bps", ignore_index=True
    )
    villages, slivers = _measured(villages, file)
    return check(villages[VILLAGES.names], VILLAGES), [*notes, *repairs, *slivers]


def make_other_land(
    features: gpd.GeoDataFrame, crosswalk: pd.DataFrame | None = None, file: str | None = None
) -> gpd.GeoDataFrame:
    """Forests and waters among the features of a boundary file, which are no villages.

    Parameters
    ----------
    features, crosswalk, file : as for :func:`make_villages`

    Returns
    -------
    GeoDataFrame
        ``name`` (may be empty) and ``land`` (``forest`` or ``water``), EPSG:4326.
    """
    land = _lands(read_codes(features, crosswalk, file, []))
    told = find_columns([str(name) for name in features.columns if name != features.geometry.name], "village")
    names = features[told[0]].fillna("").astype(str) if told else pd.Series("", features.index)
    found = land.notna() & features.geometry.geom_type.isin(("Polygon", "MultiPolygon"))
    table = {"name": names[found].to_numpy(), "land": land[found].to_numpy()}
    shapes = shapely.buffer(features.geometry[found].to_numpy(), 0)
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def _lands(codes: pd.DataFrame) -> pd.Series:
    """What the land of each code is where it is no village: ``forest`` or ``water``."""
    land = pd.Series(None, index=codes.index, dtype=object)
    for what, suffix in (("forest", FOREST_SUFFIX), ("water", WATER_SUFFIX)):
        land[codes["bps"].str.endswith(suffix).fillna(False).to_numpy(dtype=bool)] = what
    return land


def read_codes(
    features: pd.DataFrame, crosswalk: pd.DataFrame | None, file: str | None, notes: list[Note]
) -> pd.DataFrame:
    """Read both codes of every feature.

    Returns
    -------
    DataFrame
        ``bps`` (ten digits) and ``kemendagri`` (dotted, or None where not known), indexed like ``features``.
    """
    names = [str(name) for name in features.columns if name != "geometry"]
    bps, bps_column = _first_readable(features, find_columns(names, "bps"), parse_bps)
    kemendagri, column = _first_readable(features, find_columns(names, "kemendagri"), _parse_declared_kemendagri)
    if bps is None and kemendagri is None:
        bps, kemendagri, column = _undeclared_codes(features, names, file)
    elif bps is not None and bps_column not in DECLARED_BPS:
        _refuse_undotted(bps, bps_column, file)
    bps = pd.Series(None, index=features.index, dtype=object) if bps is None else bps
    if kemendagri is None:
        _refuse_empty(bps, features, bps_column or column, file)
    elif bps.isna().any():
        through = _through_crosswalk(kemendagri[bps.isna()], features, column, crosswalk, file)
        for code, found in (("crosswalk_used", is_bps(through)), ("no_bps_code", ~is_bps(through))):
            if found.any():
                notes.append((f"villages.note.{code}", {"file": file, "count": int(found.sum())}))
        bps = bps.where(bps.notna(), through)
    if kemendagri is None:
        kemendagri = pd.Series(None, index=features.index, dtype=object)
    known = (
        {}
        if crosswalk is None
        else dict(zip(crosswalk["village_code_bps"], crosswalk["village_code_kemendagri"], strict=True))
    )
    filled = kemendagri.where(kemendagri.notna(), bps.map(known.get))
    return pd.DataFrame({"bps": bps, "kemendagri": filled.astype(object).where(filled.notna(), None)})


def _first_readable(
    features: pd.DataFrame, columns: Sequence[str], parse: Callable[[object], str | None]
) -> tuple[pd.Series | None, str | None]:
    """Codes and name of the first column in which most cells are readable; else of the best; else None."""
    best: tuple[float, pd.Series | None, str | None] = (0.0, None, None)
    for column in columns:
        codes = features[column].map(parse).astype(object)
        codes = codes.where(codes.notna(), None)
        readable = float(codes.notna().mean())
        if readable > max(best[0], 0.0):
            best = (readable, codes, column)
        if readable > 0.5:
            break
    return best[1], best[2]


def _parse_declared_kemendagri(value: object) -> str | None:
    """Code of a declared Kemendagri column, where ten bare digits are one too."""
    code = read_code(value)
    return dotted(code.digits) if code.system in ("kemendagri", "bps", "forest", "water") else None


def _undeclared_codes(
    features: pd.DataFrame, names: Sequence[str], file: str | None
) -> tuple[pd.Series | None, pd.Series | None, str | None]:
    """Codes of a column of undeclared system: dots tell."""
    columns = [column for what in ("code", "bps", "kemendagri") for column in find_columns(names, what)]
    if not columns:
        raise ColumnError(
            "villages.no_code_column",
            Place(file=file),
            columns=list(names)[:30],
            offered=[*ALIASES["bps"], *ALIASES["kemendagri"], *ALIASES["code"]],
        )
    dots, dots_column = _first_readable(features, columns, parse_kemendagri)
    codes, column = _first_readable(features, columns, parse_bps)
    if dots is not None and (codes is None or dots.notna().sum() >= codes.notna().sum()):
        return None, dots, dots_column
    if codes is None and set(columns) <= set(find_columns(names, "code")):
        raise FileRefusedError("villages.no_codes", Place(file=file), columns=list(names)[:30])
    if codes is None:
        _refuse_empty(None, features, columns[0], file)
        return None, None, None
    _refuse_undotted(codes, column, file)
    _refuse_empty(codes, features, column, file)
    return codes, None, column


def _refuse_undotted(codes: pd.Series, column: str | None, file: str | None) -> None:
    """Refuse codes that look like Kemendagri's without their dots: 3,843 of those equal another village's BPS code.

    In Kemendagri codes the village part starts with 1 (kelurahan) or 2 (desa); most BPS subdistricts end in 0.
    """
    if codes.dropna().str[6].isin(["1", "2"]).mean() > 0.9:
        raise FileRefusedError(
            "villages.undotted_kemendagri", Place(file=file, column=column, value=codes.dropna().iloc[0])
        )


def _through_crosswalk(
    kemendagri: pd.Series, features: pd.DataFrame, column: str | None, crosswalk: pd.DataFrame | None, file: str | None
) -> pd.Series:
    """BPS codes of Kemendagri codes."""
    _refuse_empty(kemendagri, features, column, file)
    if crosswalk is None:
        raise FileRefusedError("villages.crosswalk_needed", Place(file=file, value=kemendagri.iloc[0]))
    known = crosswalk.dropna(subset=["village_code_kemendagri", "village_code_bps"])
    table = dict(zip(known["village_code_kemendagri"], known["village_code_bps"], strict=True))
    missing = sorted(set(kemendagri) - set(table))
    if missing:
        code = "villages.crosswalk_needed" if len(missing) == len(kemendagri) else "villages.crosswalk_incomplete"
        raise FileRefusedError(code, Place(file=file, value=missing[0]), codes=missing[:10], count=len(missing))
    return kemendagri.map(table).astype(object)


def _refuse_empty(codes: pd.Series | None, features: pd.DataFrame, column: str | None, file: str | None) -> None:
    """Refuse the first unreadable code."""
    bad = features.index if codes is None else codes.index[codes.isna()]
    if len(bad):
        value = features.loc[bad[0], column] if column else None
        raise RowError("villages.bad_code", Place(file=file, row=int(bad[0]) + 1, column=column, value=str(value)))


def _refuse_duplicates(table: pd.DataFrame, file: str | None) -> None:
    twice = table["village_code_bps"].duplicated(keep=False)
    if twice.any():
        code = table.loc[twice, "village_code_bps"].iloc[0]
        rows = [int(row) + 1 for row in table.index[table["village_code_bps"] == code]]
        raise RowError("villages.duplicate_code", Place(file=file, row=rows[1], value=code), rows=rows)


def _attributes(
    kept: pd.DataFrame, columns: dict[str, str], codes: pd.DataFrame, crosswalk: pd.DataFrame | None
) -> pd.DataFrame:
    """Attributes; gaps are filled from the crosswalk, else the code."""
    bps = codes["bps"]
    table = pd.DataFrame({"village_code_bps": bps, "village_code_kemendagri": codes["kemendagri"]})
    table["village"] = _text(kept[columns["village"]]).fillna(bps)
    for name, code_of in (("subdistrict", subdistrict_code), ("regency", regency_code)):
        known: dict[str, Any] = {}
        if crosswalk is not None and name in crosswalk.columns:
            known = dict(zip(crosswalk["village_code_bps"], crosswalk[name], strict=True))
        given = _text(kept[columns[name]]) if name in columns else pd.Series(None, index=kept.index, dtype=object)
        table[name] = given.fillna(bps.map(known.get)).fillna(code_of(bps))
    people = kept[columns["population"]] if "population" in columns else pd.Series(np.nan, index=kept.index)
    table["population"] = pd.to_numeric(people, errors="coerce").astype(float)
    basis = kept[columns["population_basis"]] if "population_basis" in columns else pd.Series(None, index=kept.index)
    table["population_basis"] = _text(basis).where(table["population"].notna(), None)
    quality = kept[columns["boundary_quality"]] if "boundary_quality" in columns else pd.Series("", index=kept.index)
    table["boundary_quality"] = np.where(quality == "approximate", "approximate", "official")
    return table


def _text(values: pd.Series) -> pd.Series:
    texts = values.map(lambda value: str(value).strip() or None if pd.notna(value) else None)
    return texts.astype(object).where(texts.notna(), None)


def clean_polygons(
    shapes: NDArray[np.object_], names: Sequence[str], rows: pd.Index, file: str | None = None
) -> tuple[NDArray[np.object_], list[Note]]:
    """Return polygons in two dimensions, repaired where they cross themselves.

    Parameters
    ----------
    shapes : geometries in EPSG:4326
    rows : labels of the rows, from zero
    """
    for bad, code in (
        (shapely.is_missing(shapes) | shapely.is_empty(shapes), "villages.no_geometry"),
        (~np.isin(shapely.get_type_id(shapes), (3, 6, 7)), "villages.not_polygon"),
    ):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise RowError(code, Place(file=file, row=int(rows[at]) + 1, value=names[at]))
    if shapely.get_num_coordinates(shapes).sum() > MAX_VERTICES:
        raise FileRefusedError("villages.too_many_vertices", Place(file=file), limit=MAX_VERTICES)
    _refuse_bad_coordinates(shapes, names, rows, file)
    shapes = shapely.force_2d(shapes)
    invalid = ~shapely.is_valid(shapes) | (shapely.get_type_id(shapes) == 7)
    notes: list[Note] = []
    if invalid.any():
        before = shapely.area(shapes[invalid])
        shapes[invalid] = [polygons_of(shape) for shape in shapely.make_valid(shapes[invalid])]
        after = shapely.area(shapes[invalid])
        for at, was, now in zip(np.flatnonzero(invalid).tolist(), before, after, strict=True):
            if now == 0:
                raise RowError("villages.no_geometry", Place(file=file, row=int(rows[at]) + 1, value=names[at]))
            change = abs(now - was) / now
            notes.append(
                (
                    "villages.note.repaired",
                    {
                        "file": file,
                        "row": int(rows[at]) + 1,
                        "village": names[at],
                        "change_percent": round(100 * float(change), 4),
                    },
                )
            )
    return shapes, notes


def _refuse_bad_coordinates(
    shapes: NDArray[np.object_], names: Sequence[str], rows: pd.Index, file: str | None
) -> None:
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    with np.errstate(invalid="ignore"):
        bad = ~(np.isfinite(xy).all(axis=1) & (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))
    if bad.any():
        at = int(of[bad][0])
        x, y = xy[bad][0]
        raise RowError(
            "villages.coordinates_out_of_range",
            Place(file=file, row=int(rows[at]) + 1, value=f"{x:g}, {y:g}"),
            village=names[at],
        )
    west, south, east, north = INDONESIA
    x, y = xy.mean(axis=0)
    if not (west <= x <= east and south <= y <= north):
        raise FileRefusedError("villages.outside_indonesia", Place(file=file, value=f"{x:.4f}, {y:.4f}"))


def _measured(villages: gpd.GeoDataFrame, file: str | None) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Add areas and centres in the region's UTM zone."""
    flat = villages.geometry.to_crs(utm_crs(villages))
    shapes = flat.to_numpy()
    shapes, notes = without_overlaps(shapes, villages["village"].tolist(), file)
    if notes:
        flat = gpd.GeoSeries(shapes, index=flat.index, crs=flat.crs)
        if any(code == "villages.note.overlap_given" for code, _ in notes):
            villages = villages.set_geometry(flat.to_crs("EPSG:4326"))
    centres = shapely.centroid(shapes)
    outside = ~shapely.contains_properly(shapes, centres)
    centres[outside] = shapely.point_on_surface(shapes[outside])
    points = gpd.GeoSeries(centres, crs=flat.crs).to_crs("EPSG:4326")
    return villages.assign(
        area_km2=shapely.area(shapes) / 1e6,
        centre_lon=points.x.round(6).to_numpy(),
        centre_lat=points.y.round(6).to_numpy(),
    ), notes
