"""Shipped data of all Indonesia: regencies, villages, outlines, forests and waters.

Made by ``scripts/make_nation.py``; sources in ``data/indonesia/SOURCES.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from coverage.base.errors import FileRefusedError, Place
from coverage.places.regencies import (
    Regency,
    find_regencies,
    regencies_at,
    regency_code,
    regency_key,
    search_regencies,
    with_keys,
)
from coverage.readers.shipped import data_dir

_TEXT = ("village_code_kemendagri", "village_code_bps", "regency_code_kemendagri", "regency_code_bps")


PAPUA = "91"
"""The first of the provinces of Papua."""
NEAR_DEG = 0.2
OFFERED = 8
"""How many regencies an error offers at most."""
PROVINCES = 38
"""How many provinces' villages are kept: all of them, for a village looked for by name is looked for in all."""


def nation_dir() -> Path:
    """Their folder."""
    return data_dir() / "indonesia"


@cache
def regencies() -> pd.DataFrame:
    """Every regency and city, by Kemendagri code.

    Returns
    -------
    DataFrame
        ``regency_code_kemendagri`` (dotted), ``regency_code_bps`` (four digits, empty where not known), ``regency``,
        ``province``, ``villages`` (how many ship; 0 where none is known), ``area_km2``, ``other_names`` (former and
        common ones, joined by ``;``) and ``key`` (:func:`coverage.places.regencies.regency_key`). Shared: not to be
        changed.
    """
    table = _read(nation_dir() / "regencies.csv")
    other = _read(nation_dir() / "other_names.csv").groupby("regency_code_kemendagri")["name"].agg(";".join)
    table["other_names"] = table["regency_code_kemendagri"].map(other).fillna("")
    table["key"] = table["regency"].map(regency_key)
    return table.sort_values("regency_code_kemendagri", ignore_index=True)


def find_region(text: str) -> Regency:
    """The one regency that a code or a name means.

    Raises
    ------
    FileRefusedError
        ``region.unknown`` where nothing is called so, ``region.ambiguous`` where several are; both offer what is near.
    """
    found = find_regencies(text, regencies())
    if len(found) == 1:
        return found[0]
    near = found or search_regencies(text, regencies())
    code = "region.ambiguous" if found else "region.near" if near else "region.unknown"
    offered = [f"{one.code} {one.name}" for one in near[:OFFERED]] + ["…"] * (len(near) > OFFERED)
    raise FileRefusedError(code, Place(value=text), offered=offered)


def region_that_ships(text: str) -> Regency:
    """As :func:`find_region`, for a regency whose villages ship; ``region.no_villages`` for any other."""
    found = find_region(text)
    if not found.villages:
        raise without_villages(found)
    return found


def without_villages(regency: Regency) -> FileRefusedError:
    """Why a regency that is known by name cannot be shown."""
    return FileRefusedError("region.no_villages", Place(value=f"{regency.name} ({regency.kemendagri})"))


@cached(LRUCache(1000), lock=Lock())
def region_code(text: str) -> str | None:
    """The code that a region's files go by, for a code or a name that means one regency; None for anything else."""
    found = find_regencies(text, regencies())
    return found[0].code if len(found) == 1 else None


def regency_at(lon: float, lat: float) -> tuple[Regency | None, bool]:
    """The regency that a place (EPSG:4326) lies in, and whether that is sure; see :func:`regencies_at` for many."""
    found = regencies_at(gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326"), outlines()).iloc[0]
    return (find_region(found["regency"]) if found["regency"] else None), bool(found["sure"])


def villages_of(regency: Regency) -> pd.DataFrame:
    """The villages of one regency: as :func:`all_villages`."""
    table = _villages(regency.kemendagri[:2])
    mine = table["village_code_kemendagri"].str.startswith(regency.kemendagri + ".")
    return table[mine].reset_index(drop=True)


def all_villages() -> pd.DataFrame:
    """Every village of the country, by Kemendagri code.

    Returns
    -------
    DataFrame
        ``village_code_bps`` (the key, see :func:`coverage.places.regencies.with_keys`), ``village_code_kemendagri``,
        ``village``, ``subdistrict``, ``regency``, ``province``, a point inside (``lon``, ``lat``, EPSG:4326) and
        ``area_km2``.
    """
    provinces = sorted(set(regencies()["regency_code_kemendagri"].str[:2]))
    return pd.concat([_villages(province) for province in provinces], ignore_index=True)


def villages_in(provinces: Collection[str]) -> pd.DataFrame:
    """The villages of some provinces, by the two digits that their codes begin with in either system.

    BPS and Kemendagri number the provinces of Papua differently: one of them brings all.
    """
    known = sorted(set(regencies()["regency_code_kemendagri"].str[:2]))
    wanted = [one for one in known if one in provinces or (one >= PAPUA and any(other >= PAPUA for other in provinces))]
    parts = [_villages(one) for one in wanted or known[:1]]
    return parts[0].copy(deep=False) if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def villages_among_regencies(codes: Collection[str]) -> pd.DataFrame:
    """The villages of some regencies, by the four digits that their codes begin with in either system.

    Of their provinces (:func:`villages_in`) where none is known.
    """
    provinces = tuple(sorted({code[:2] for code in codes}))
    known, rows = villages_in(provinces), _rows_by_regency(provinces)
    mine = [rows[code] for code in codes if code in rows]
    return known.iloc[np.unique(np.concatenate(mine))].reset_index(drop=True) if mine else known


@cached(LRUCache(PROVINCES), lock=Lock())
def _rows_by_regency(provinces: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
    """Rows of table :func:`villages_in` by the digits of their regency, of BPS and of Kemendagri."""
    known = villages_in(provinces)
    codes = pd.concat([known["village_code_bps"], known["village_code_kemendagri"]], ignore_index=True).astype(str)
    found = codes.groupby(codes.str.replace(".", "").str[:4]).indices
    return {str(code): np.asarray(at, np.int64) % len(known) for code, at in found.items()}


def neighbours_of(villages: pd.DataFrame) -> pd.DataFrame:
    """The villages around those of a region, so that what lies beyond its border can be told.

    Parameters
    ----------
    villages : per :data:`coverage.base.schema.VILLAGES`

    Returns
    -------
    DataFrame
        As :func:`all_villages`, the point as ``centre_lon, centre_lat``; none of the regencies of the region itself.
    """
    table = all_villages().rename(columns={"lon": "centre_lon", "lat": "centre_lat"})
    near = np.ones(len(table), dtype=bool)
    for axis in ("centre_lon", "centre_lat"):
        near &= table[axis].between(villages[axis].min() - NEAR_DEG, villages[axis].max() + NEAR_DEG).to_numpy()
    table = table[near]
    mine = set(regency_code(villages["village_code_bps"].astype(str)))
    own = table.loc[regency_code(table["village_code_bps"]).isin(mine), "village_code_kemendagri"].str[:5]
    return table[~table["village_code_kemendagri"].str[:5].isin(set(own))].reset_index(drop=True)


def not_villages_of(regency: Regency) -> pd.DataFrame:
    """Forests and waters of a regency: ``village_code_bps, village, subdistrict, lon, lat, area_km2``."""
    table = _read(nation_dir() / "not_villages.csv")
    mine = table["village_code_bps"].str[:4] == (regency.bps or "-")
    return table[mine].reset_index(drop=True)


def outline_of(regency: Regency) -> gpd.GeoSeries:
    """The outline of a regency: one polygon or multipolygon, EPSG:4326."""
    return outlines([regency.kemendagri])


def outlines(codes: list[str] | None = None) -> gpd.GeoSeries:
    """Outlines by Kemendagri code of the regency, valid, EPSG:4326; of all regencies where none is named."""
    table = _read(nation_dir() / "outlines.csv.gz")
    if codes is not None:
        table = table[table["regency_code_kemendagri"].isin(codes)]
    code, (part, ring) = table["regency_code_kemendagri"].to_numpy(dtype=object), table[["part", "ring"]].to_numpy().T
    new_code = np.append(True, code[1:] != code[:-1])
    new_part = new_code | np.append(True, part[1:] != part[:-1])
    new_ring = new_part | np.append(True, ring[1:] != ring[:-1])
    rings = np.asarray(shapely.linearrings(table[["lon", "lat"]].to_numpy(), indices=np.cumsum(new_ring) - 1))
    of_ring = (np.cumsum(new_part) - 1)[new_ring]
    parts = np.array(
        [shapely.Polygon(own[0], list(own[1:])) for own in np.split(rings, np.flatnonzero(np.diff(of_ring)) + 1)],
        dtype=object,
    )
    of_part = (np.cumsum(new_code) - 1)[new_part]
    shapes = np.asarray(shapely.multipolygons(parts, indices=of_part))
    shapes[~shapely.is_valid(shapes)] = [_polygonal(shape) for shape in shapes[~shapely.is_valid(shapes)]]
    return gpd.GeoSeries(shapes, index=code[new_code], crs="EPSG:4326")


def _polygonal(shape: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Valid polygons of a self-crossing outline."""
    whole = shapely.union_all(shapely.make_valid(np.array(shapely.get_parts(shape))))
    parts = shapely.get_parts(shapely.get_parts(whole))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


@cached(LRUCache(PROVINCES), lock=Lock())
def _villages(province: str) -> pd.DataFrame:
    table = with_keys(_read(nation_dir() / "villages" / f"{province}.csv.gz"))
    names = regencies().set_index("regency_code_kemendagri")
    of = table["village_code_kemendagri"].str[:5]
    for at, column in ((4, "regency"), (5, "province")):
        table.insert(at, column, of.map(names[column]))
    return table


def _read(path: Path) -> pd.DataFrame:
    """Read a file as text, fast; empty for none."""
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(_TEXT, pa.string()), strings_can_be_null=False)
    table: pd.DataFrame = pyarrow.csv.read_csv(path, convert_options=options).to_pandas()
    return table
