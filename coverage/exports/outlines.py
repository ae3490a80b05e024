"""Simplified village outlines with shared borders, for screen and paper."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from coverage.base.errors import UnavailableError
from coverage.base.projection import utm_crs
from coverage.exports.run_memo import cached_per_run
from coverage.places.regencies import regency_code
from coverage.readers.nation import region_code
from coverage.readers.shipped import REGIONS
from coverage.run.result import RunTables
from coverage.store.drawn import not_village_file

MOST_VERTICES = 60_000
VERTICES_A_VILLAGE = 30
_TOLERANCES_M = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
_KEPT = 4
"""Size of the LRU cache of regions."""


@dataclass(frozen=True, eq=False)
class Outlines:
    """Outlines for maps; they depend on the villages' shapes alone.

    Attributes
    ----------
    shapes : simplified outlines by village; see :func:`simplified`
    areas : subdistricts; see :func:`subdistricts`
    """

    shapes: NDArray[Any]
    areas: Any


@cached_per_run
def outlines_of(analysis: RunTables) -> Any:
    """Villages of a run with simplified outlines; see :func:`simplified`."""
    found = _of_run(analysis)
    frame = gpd.GeoDataFrame(analysis.villages)
    return frame.set_geometry(gpd.GeoSeries(found.shapes, index=frame.index, crs=found.areas.crs))


@cached_per_run
def areas_of(analysis: RunTables) -> Any:
    """Subdistricts of a run; see :func:`subdistricts`."""
    return _of_run(analysis).areas


@cached_per_run
def other_land_of(analysis: RunTables) -> gpd.GeoDataFrame:
    """Forests and waters, which are no villages: ``name, land`` (``forest``, ``water``), EPSG:4326.

    Those of the boundary file; of drawn boundaries, drawn ones. Boundaries of a region that ships leave them out: there
    they fill the land of no village.
    """
    if analysis.other_land is not None:
        return gpd.GeoDataFrame(analysis.other_land)
    villages, parts = analysis.villages, [gpd.GeoDataFrame({"name": [], "land": []}, geometry=[], crs="EPSG:4326")]
    if (villages["boundary_quality"] == "approximate").all():
        for code in filter(region_code, regency_code(villages["village_code_bps"]).unique()):
            try:
                file = not_village_file(code)
            except UnavailableError:
                continue
            drawn = gpd.read_file(file).rename(columns={"kind": "land"}) if file else parts[0]
            if code in REGIONS and len(drawn):
                drawn = drawn.set_geometry(drawn.geometry.difference(gpd.GeoDataFrame(villages).geometry.union_all()))
            parts.append(drawn.loc[~drawn.geometry.is_empty, ["name", "land", "geometry"]])
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs="EPSG:4326")


@cached_per_run
def _of_run(analysis: RunTables) -> Outlines:
    """Outlines, cached per run."""
    return made_of(analysis.villages)


def _key(villages: pd.DataFrame) -> bytes:
    """Fingerprint of shapes and subdistricts."""
    digest = hashlib.blake2b(digest_size=16)
    for shape, *names in zip(villages.geometry, villages["subdistrict"], villages["regency"], strict=True):
        digest.update(shapely.to_wkb(shape))
        digest.update(repr(names).encode())
    return digest.digest()


_kept: LRUCache[bytes, Outlines] = LRUCache(_KEPT)
_lock = threading.Lock()


@cached(_kept, key=_key, lock=_lock)
def made_of(villages: pd.DataFrame) -> Outlines:
    """Outlines of villages, cached across runs on the same shapes.

    Parameters
    ----------
    villages : Table VILLAGES, EPSG:4326
    """
    shapes = simplified(villages)
    return Outlines(shapes.geometry.to_numpy(), subdistricts(shapes))


def keep(villages: pd.DataFrame, outlines: Outlines) -> None:
    """Cache outlines made by another process."""
    with _lock:
        _kept[_key(villages)] = outlines


def simplified(villages: pd.DataFrame, most_vertices: int = MOST_VERTICES) -> Any:
    """Return the villages with simplified outlines.

    The tolerance of :func:`shapely.coverage_simplify` (in metres: the square of the tolerance is the largest triangle
    cut off) is doubled from 5 m until at most ``most_vertices``, or 30 a village, are left.

    Parameters
    ----------
    villages : Table VILLAGES, EPSG:4326

    Returns
    -------
    geopandas.GeoDataFrame
        In the region's UTM zone.
    """
    frame = gpd.GeoDataFrame(villages)
    metric = frame.to_crs(utm_crs(frame))
    shapes = metric.geometry.to_numpy()
    made, torn = shapes.copy(), ~shapely.is_valid(shapes)  # as slivers are in metres; GEOS refuses all for one
    made[torn] = shapely.make_valid(shapes[torn], method="structure", keep_collapsed=False)
    enough = max(most_vertices, VERTICES_A_VILLAGE * len(shapes))
    for tolerance in _TOLERANCES_M:
        if shapely.get_num_coordinates(made).sum() <= enough:
            break
        made = _fewer(made, tolerance)
    return metric.set_geometry(gpd.GeoSeries(made, index=metric.index, crs=metric.crs))


def _fewer(shapes: NDArray[Any], tolerance: float) -> NDArray[Any]:
    """Simplify once; what would be lost stays. Where GEOS refuses, each is simplified apart from the others."""
    try:
        made = shapely.coverage_simplify(shapes, tolerance)
    except shapely.errors.GEOSException:
        made = shapely.simplify(shapes, tolerance)
    return np.where(shapely.is_empty(made) | ~shapely.is_valid(made), shapes, made)


def subdistricts(shapes: Any) -> Any:
    """Join the outlines of the villages of each subdistrict.

    Parameters
    ----------
    shapes : from :func:`simplified`

    Returns
    -------
    geopandas.GeoDataFrame
        ``subdistrict``, ``regency``, ``geometry`` without slivers, in the CRS of ``shapes``.
    """
    keys = shapes["regency"].fillna("").astype(str) + "\n" + shapes["subdistrict"].fillna("").astype(str)
    rows = []
    for _, part in shapes.groupby(keys, sort=True):
        joined = shapely.union_all(shapely.buffer(part.geometry.to_numpy(), 2.0, join_style="mitre"))
        rows.append(
            {
                "subdistrict": part["subdistrict"].iloc[0],
                "regency": part["regency"].iloc[0],
                "geometry": shapely.buffer(_without_slivers(joined), -2.0, join_style="mitre"),
            }
        )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=shapes.crs)


def _without_slivers(shape: Any, smallest_m2: float = 50_000.0) -> Any:
    """Drop holes and parts below 5 hectares, from borders that do not quite meet."""
    parts = []
    for part in shapely.get_parts(shape):
        holes = [ring for ring in part.interiors if shapely.Polygon(ring).area >= smallest_m2]
        parts.append(shapely.Polygon(part.exterior, holes))
    kept = [part for part in parts if part.area >= smallest_m2] or parts
    return shapely.multipolygons(kept) if len(kept) > 1 else kept[0]
