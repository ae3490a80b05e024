"""Villages: from the features of any official boundary file to the table of the flow.

Official sources name their columns differently, write codes with prefixes, dots or as floats, and mix in forest
polygons. Here those become one table, :data:`coverage.schema.VILLAGES`; opening files is :mod:`coverage.readers.villages`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.errors import ColumnError, FileRefusedError, Place, RowError
from coverage.schema import VILLAGES, check

Note = tuple[str, dict[str, object]]
"""Something to know about an input that was accepted: the key of a sentence, and the values it names."""

ALIASES: dict[str, tuple[str, ...]] = {
    # Most telling first. In HDX and COD-AB files "district" (ADM3) is the kecamatan.
    "bps": ("village_code_bps", "kdebps", "bps_code", "kode_bps", "iddesa", "id_desa", "adm4_pcode", "village_code"),
    "kemendagri": ("village_code_kemendagri", "kdepum", "kemendagri_code", "kode_kemendagri", "dagri_code",
                   "kode_dagri"),
    "code": ("kode_desa", "kodedesa", "kode_kelurahan", "kode_desa_kelurahan", "kd_desa", "kode_wilayah", "kode", "code",
             "id", "pcode"),
    "village": ("village", "nmdesa", "nm_desa", "adm4_en", "adm4_id", "wadmkd", "nama_desa", "namadesa",
                "desa_kelurahan", "nama_kelurahan", "namobj", "desa", "kelurahan", "nama", "name"),
    "subdistrict": ("subdistrict", "nmkec", "nm_kec", "adm3_en", "adm3_id", "wadmkc", "nama_kecamatan", "kecamatan",
                    "district"),
    "regency": ("regency", "nmkab", "nm_kab", "adm2_en", "adm2_id", "wadmkk", "nama_kabupaten", "kabupaten",
                "kabupaten_kota", "kab_kota"),
    "population": ("population",),
    "population_basis": ("population_basis",),
    "boundary_quality": ("boundary_quality",),
}
"""Column names of official sources, by what they hold: HDX COD-AB, BPS, BIG (KDEPUM, WADMKD, ...), Kemendagri."""

OVERLAP_LIMIT_M2 = 10_000.0
"""Two villages that share more land than this make the file unusable: 1 hectare."""
MAX_VERTICES = 1_000_000
FOREST_SUFFIX = "999"
CENTRE_RULE = "centroid, or a point on the surface where the centroid falls outside"
INDONESIA = (94.0, -12.0, 142.0, 7.0)


def find_columns(names: Sequence[str]) -> dict[str, str]:
    """Tell which column holds what, by the names that official sources use.

    Parameters
    ----------
    names
        Column names as written in the file; case, spaces and hyphens do not matter.

    Returns
    -------
    dict
        From the keys of :data:`ALIASES` to the column's name as written; keys without a column are left out.
    """
    plain = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in reversed(names)}
    return {what: next(plain[alias] for alias in aliases if alias in plain)
            for what, aliases in ALIASES.items() if any(alias in plain for alias in aliases)}


def make_villages(features: gpd.GeoDataFrame, crosswalk: pd.DataFrame | None = None,
                  file: str | None = None) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Make the table of villages from the features of a boundary file.

    Parameters
    ----------
    features
        One polygon a row, EPSG:4326, with the columns of the source.
    crosswalk
        ``village_code_bps``, ``village_code_kemendagri`` and, where known, ``subdistrict`` and ``regency``; needed
        where the file has Kemendagri codes only, else used to fill in the Kemendagri code.
    file
        Name of the file, for messages.

    Returns
    -------
    GeoDataFrame
        Per :data:`coverage.schema.VILLAGES`, sorted by BPS code. The centre is the polygon's centroid, or a point on
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
        Kemendagri codes without a crosswalk, or overlaps above 1 ha.
    """
    columns = find_columns([str(name) for name in features.columns if name != features.geometry.name])
    if "village" not in columns:
        raise ColumnError("villages.no_name_column", Place(file=file), columns=_plain_columns(features),
                          offered=list(ALIASES["village"]))
    notes: list[Note] = []
    bps, kemendagri = read_codes(features, columns, crosswalk, file, notes)
    forest = bps.str.endswith(FOREST_SUFFIX).to_numpy(dtype=bool)
    if forest.any():
        notes.append(("villages.note.forest_dropped", {"file": file, "count": int(forest.sum())}))
    kept = features[~forest]
    if kept.empty:
        raise FileRefusedError("villages.none", Place(file=file))
    table = _attributes(kept, columns, bps[~forest], kemendagri[~forest], crosswalk)
    _refuse_duplicates(table, file)
    table["geometry"], repairs = clean_polygons(kept.geometry.to_numpy(), table["village"].tolist(), kept.index, file)
    notes += repairs
    villages = gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326").sort_values("village_code_bps",
                                                                                         ignore_index=True)
    villages = _measured(villages, file)
    return check(villages[[*VILLAGES.names]], VILLAGES), notes


def read_codes(features: pd.DataFrame, columns: dict[str, str], crosswalk: pd.DataFrame | None, file: str | None,
               notes: list[Note]) -> tuple[pd.Series, pd.Series]:
    """Read both codes of every feature.

    Returns
    -------
    tuple of Series
        BPS codes (10 digits), and Kemendagri codes (dotted, or None where not known), indexed like ``features``.
    """
    bps = _parsed(features, columns.get("bps"), parse_bps)
    kemendagri = _parsed(features, columns.get("kemendagri"), parse_kemendagri)
    if bps is None and kemendagri is None:
        bps, kemendagri = _undeclared_codes(features, columns, file)
    if bps is None and kemendagri is not None:
        _refuse_empty(kemendagri, features, columns.get("kemendagri", columns.get("code")), file)
        bps = _through_crosswalk(kemendagri, crosswalk, file)
        notes.append(("villages.note.crosswalk_used", {"file": file, "count": len(bps)}))
    assert bps is not None
    _refuse_empty(bps, features, columns.get("bps", columns.get("code")), file)
    if kemendagri is None:
        known = {} if crosswalk is None else dict(zip(crosswalk["village_code_bps"],
                                                      crosswalk["village_code_kemendagri"], strict=True))
        kemendagri = bps.map(known.get).astype(object)
    return bps, kemendagri


def _parsed(features: pd.DataFrame, column: str | None, parse: Any) -> pd.Series | None:
    """Codes of a column; None where there is no such column or nothing in it can be read."""
    if column is None:
        return None
    codes = features[column].map(parse).astype(object)
    codes = codes.where(codes.notna(), None)
    return None if codes.isna().all() else codes


def _undeclared_codes(features: pd.DataFrame, columns: dict[str, str],
                      file: str | None) -> tuple[pd.Series | None, pd.Series | None]:
    """Codes of a column that does not say which system it is in: dots tell."""
    column = columns.get("code") or columns.get("bps") or columns.get("kemendagri")
    if column is None:
        raise ColumnError("villages.no_code_column", Place(file=file), columns=_plain_columns(features),
                          offered=[*ALIASES["bps"], *ALIASES["kemendagri"], *ALIASES["code"]])
    dotted = features[column].astype(str).str.contains(r"^\D*\d+\.\d+\.\d+\.\d+$", regex=True)
    if dotted.mean() > 0.5:
        return None, _parsed(features, column, parse_kemendagri)
    codes = _parsed(features, column, parse_bps)
    if codes is None:
        first = features.iloc[0]
        raise RowError("villages.bad_code", Place(file=file, row=int(features.index[0]) + 1, column=column,
                                                  value=first[column]))
    if codes.dropna().str[6].isin(["1", "2"]).mean() > 0.9:
        # In Kemendagri codes the village part starts with 1 (kelurahan) or 2 (desa); BPS subdistricts mostly end in 0.
        raise FileRefusedError("villages.undotted_kemendagri", Place(file=file, column=column, value=codes.iloc[0]))
    return codes, None


def _through_crosswalk(kemendagri: pd.Series, crosswalk: pd.DataFrame | None, file: str | None) -> pd.Series:
    if crosswalk is None:
        raise FileRefusedError("villages.crosswalk_needed", Place(file=file, value=kemendagri.iloc[0]))
    known = crosswalk.dropna(subset=["village_code_kemendagri", "village_code_bps"])
    table = dict(zip(known["village_code_kemendagri"], known["village_code_bps"], strict=True))
    missing = sorted(set(kemendagri) - set(table))
    if missing:
        raise FileRefusedError("villages.crosswalk_incomplete", Place(file=file), codes=missing[:10],
                               count=len(missing))
    return kemendagri.map(table).astype(object)


def _refuse_empty(codes: pd.Series, features: pd.DataFrame, column: str | None, file: str | None) -> None:
    if codes.isna().any():
        row = codes.index[codes.isna()][0]
        value = features.loc[row, column] if column else None
        raise RowError("villages.bad_code", Place(file=file, row=int(row) + 1, column=column, value=value))


def _refuse_duplicates(table: pd.DataFrame, file: str | None) -> None:
    twice = table["village_code_bps"].duplicated(keep=False)
    if twice.any():
        code = table.loc[twice, "village_code_bps"].iloc[0]
        rows = [int(row) + 1 for row in table.index[table["village_code_bps"] == code]]
        raise RowError("villages.duplicate_code", Place(file=file, row=rows[1], value=code), rows=rows)


def _attributes(kept: pd.DataFrame, columns: dict[str, str], bps: pd.Series, kemendagri: pd.Series,
                crosswalk: pd.DataFrame | None) -> pd.DataFrame:
    """Everything of the table that is no geometry; what the file lacks comes from the crosswalk, else the code."""
    table = pd.DataFrame({"village_code_bps": bps, "village_code_kemendagri": kemendagri}, index=kept.index)
    table["village"] = _text(kept[columns["village"]]).fillna(bps)
    for name, digits in (("subdistrict", 7), ("regency", 4)):
        known: dict[str, Any] = {}
        if crosswalk is not None and name in crosswalk.columns:
            known = dict(zip(crosswalk["village_code_bps"], crosswalk[name], strict=True))
        given = _text(kept[columns[name]]) if name in columns else pd.Series(None, index=kept.index, dtype=object)
        table[name] = given.fillna(bps.map(known.get)).fillna(bps.str[:digits])
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


def _plain_columns(features: pd.DataFrame) -> list[str]:
    return [str(name) for name in features.columns if name != "geometry"][:30]


def clean_polygons(shapes: NDArray[np.object_], names: Sequence[str], rows: pd.Index,
                   file: str | None = None) -> tuple[NDArray[np.object_], list[Note]]:
    """Return polygons in two dimensions, repaired where they cross themselves.

    Parameters
    ----------
    shapes
        Geometries in EPSG:4326.
    names
        Village names, for messages.
    rows
        Labels of the rows, from zero.
    file
        Name of the file, for messages.
    """
    for bad, code in ((shapely.is_missing(shapes) | shapely.is_empty(shapes), "villages.no_geometry"),
                      (~np.isin(shapely.get_type_id(shapes), (3, 6, 7)), "villages.not_polygon")):
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
        shapes[invalid] = [_polygonal(shape) for shape in shapely.make_valid(shapes[invalid])]
        after = shapely.area(shapes[invalid])
        for at, was, now in zip(np.flatnonzero(invalid), before, after, strict=True):
            if now == 0:
                raise RowError("villages.no_geometry", Place(file=file, row=int(rows[at]) + 1, value=names[at]))
            change = abs(now - was) / now
            notes.append(("villages.note.repaired", {"file": file, "row": int(rows[at]) + 1, "village": names[at],
                                                     "change": float(change)}))
    return shapes, notes


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry, without the lines and points that a repair may leave."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _refuse_bad_coordinates(shapes: NDArray[np.object_], names: Sequence[str], rows: pd.Index,
                            file: str | None) -> None:
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    with np.errstate(invalid="ignore"):
        bad = ~(np.isfinite(xy).all(axis=1) & (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))
    if bad.any():
        at = int(of[bad][0])
        x, y = xy[bad][0]
        raise RowError("villages.coordinates_out_of_range", Place(file=file, row=int(rows[at]) + 1, value=f"{x:g}, {y:g}"),
                       village=names[at])
    west, south, east, north = INDONESIA
    x, y = xy.mean(axis=0)
    if not (west <= x <= east and south <= y <= north):
        raise FileRefusedError("villages.outside_indonesia", Place(file=file, value=f"{x:.4f}, {y:.4f}"))


def _measured(villages: gpd.GeoDataFrame, file: str | None) -> gpd.GeoDataFrame:
    """Add areas and centres, and refuse overlaps; both in the region's UTM zone."""
    flat = villages.geometry.to_crs(villages.estimate_utm_crs())
    shapes = flat.to_numpy()
    pairs, areas = overlaps(shapes)
    if len(pairs):
        names = villages["village"].to_numpy()
        found = [f"{names[a]} – {names[b]}: {area / 10_000:.2f} ha" for (a, b), area in zip(pairs, areas, strict=True)]
        raise FileRefusedError("villages.overlap", Place(file=file), pairs=found[:10], count=len(found))
    villages["area_km2"] = shapely.area(shapes) / 1e6
    centres = shapely.centroid(shapes)
    outside = ~shapely.contains_properly(shapes, centres)
    centres[outside] = shapely.point_on_surface(shapes[outside])
    points = gpd.GeoSeries(centres, crs=flat.crs).to_crs("EPSG:4326")
    villages["centre_lon"] = points.x.round(6).to_numpy()
    villages["centre_lat"] = points.y.round(6).to_numpy()
    return villages


def overlaps(shapes: NDArray[np.object_], limit_m2: float = OVERLAP_LIMIT_M2
             ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the pairs of polygons that share more land than a limit.

    Parameters
    ----------
    shapes
        Valid polygons in metres.
    limit_m2
        Overlaps up to this area are tolerated.

    Returns
    -------
    pairs : (n, 2) array
        Positions, the lower one first, sorted.
    areas : (n,) array
        Shared area in m².
    """
    none = np.empty((0, 2), dtype=np.intp), np.empty(0)
    if shapely.coverage_is_valid(shapes):
        return none
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    pairs = np.column_stack([left[once], right[once]])
    areas = shapely.area(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    over = areas > limit_m2
    order = np.lexsort(pairs[over].T[::-1])
    return pairs[over][order], areas[over][order]


def parse_bps(value: Any) -> str | None:
    text = re.sub(r"\.0$", "", str(value).strip())
    text = re.sub(r"^(id)", "", text, flags=re.I)
    return text if re.fullmatch(r"\d{10}", text) else None


def parse_kemendagri(value: Any) -> str | None:
    return str(value).strip() if re.fullmatch(r"\d\d\.\d\d\.\d\d\.\d{4}", str(value).strip()) else None
