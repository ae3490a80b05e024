"""Base map of a region: roads, railways, waters, buildings and place names.

Read from an OpenStreetMap extract (``.osm.pbf``, ``.osm``), or from Shapefiles and GeoPackages such as those of Peta
Rupabumi Indonesia (RBI), cut to the region, and kept as one GeoParquet file. OpenStreetMap is told by its tags
(wiki.openstreetmap.org/wiki/Map_features), RBI by the name of a layer and its ``REMARK``.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cached

from coverage.base.errors import FileRefusedError, Place
from coverage.base.projection import Bounds
from coverage.readers.apart import EXTRACT, read_within
from coverage.readers.confined import read_confined
from coverage.readers.geofiles import DAMAGE, read_geofile

OSM_CREDIT = "© OpenStreetMap contributors (openstreetmap.org/copyright)"
COLUMNS = ["layer", "class", "name", "credit", "geometry"]
CLASSES: dict[str, tuple[str, ...]] = {
    "water": ("lake", "river", "canal", "stream"),
    "building": ("building",),
    "rail": ("rail",),
    "road": ("path", "track", "service", "local", "tertiary", "secondary", "primary", "trunk", "motorway"),
    "place": ("city", "town", "village", "suburb", "hamlet", "locality"),
}
"""Classes of each layer, in the order of drawing; place names largest first."""
MAX_BYTES = 2**30
"""Size limit of an OpenStreetMap extract."""
OSM_SUFFIXES = (".pbf", ".osm")
_OSM_LAYERS = {
    "points": ("place IS NOT NULL", ["name", "place"]),
    "lines": (
        "highway IS NOT NULL OR waterway IS NOT NULL OR railway IS NOT NULL",
        ["name", "highway", "waterway", "railway"],
    ),
    "multipolygons": (
        "building IS NOT NULL OR \"natural\" = 'water' OR landuse IN ('reservoir', 'basin')",
        ["name", "building"],
    ),
}
RAILWAYS = ("rail", "light_rail", "narrow_gauge", "tram")
_SAME_ROAD = {
    "unclassified": "local", "residential": "local", "living_street": "local", "pedestrian": "local", "road": "local",
    "footway": "path", "cycleway": "path", "bridleway": "path", "steps": "path",
}  # fmt: skip
_SAME_PLACE = {
    "municipality": "town", "borough": "suburb", "quarter": "suburb", "neighbourhood": "hamlet",
    "isolated_dwelling": "hamlet", "farm": "hamlet", "allotments": "hamlet", "island": "locality",
    "islet": "locality", "square": "locality",
}  # fmt: skip
_SAME_WATER = {"ditch": "canal", "drain": "canal", "brook": "stream", "tidal_channel": "river"}
_LAYER_WORDS = (
    ("rail", r"\brel\b|\brelka|kereta|railway|\brail"),
    ("road", r"jalan|\bjln|\broad|highway"),
    ("water", r"sungai|danau|waduk|perairan|situ\b|water|river|irigasi|saluran|embung"),
    ("building", r"bangunan|gedung|building"),
    ("place", r"toponim|nama|permukiman|pemukiman|\bplace|dusun"),
)
_ROAD_WORDS = (
    ("motorway", r"\btol\b|bebas hambatan"),
    ("primary", r"arteri|nasional"),
    ("secondary", r"kolektor|provinsi"),
    ("tertiary", r"\blokal\b|kabupaten"),
    ("path", r"setapak|pematang"),
)
_NAMES = ("name", "namobj", "nama", "nama_jalan", "toponimi")


@dataclass(frozen=True)
class Basemap:
    """The base map that a region keeps; read it with :func:`kept_features`."""

    path: Path
    credits: tuple[str, ...]
    counts: dict[str, int]
    """Features by layer."""


def read_basemap(paths: Sequence[Path], bounds: Bounds, credit: str) -> gpd.GeoDataFrame:
    """Read the base map of a region from files of others, in the confined process.

    Parameters
    ----------
    paths : OpenStreetMap extracts, or files of features whose name or layer says what they hold
    bounds : of the region, margin included; what lies outside is left out, lines and areas are cut
    credit : who is named for what is not of OpenStreetMap

    Returns
    -------
    GeoDataFrame
        ``layer, class`` (:data:`CLASSES`), ``name, credit``; EPSG:4326. ``attrs["unreadable"]`` counts the geometries
        that could not be read.

    Raises
    ------
    InputError
        A file is damaged, or nothing in it lies in the region (``basemap.nothing``).
    """
    parts = [part for path in paths for part in _parts(path, bounds, credit)]
    unreadable = sum(part.attrs.get("unreadable", 0) for part in parts)
    if not parts or not sum(map(len, parts)):
        raise FileRefusedError("basemap.nothing", Place(file=paths[0].name if paths else None))
    found = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    found = _without_twins(found)[COLUMNS].reset_index(drop=True)
    found.attrs = {"unreadable": unreadable}
    return found


def take_in(paths: Sequence[Path], bounds: Bounds, credit: str, target: Path) -> dict[str, Any]:
    """Read a base map apart and write the file that the region keeps; returns what is said of it."""
    found = read_within(EXTRACT, read_basemap, list(paths), bounds, credit)
    found.to_parquet(target)
    counts = {str(layer): int(count) for layer, count in found["layer"].value_counts().items()}
    return {
        "credits": sorted(set(found["credit"].astype(str))),
        "counts": counts,
        "unreadable": int(found.attrs.get("unreadable", 0)),
    }


def basemap_of(path: Path, about: Any) -> Basemap:
    """The kept base map by its file and what was said of it, which a restored backup may have from anybody."""
    credits, counts = about.get("credits"), about.get("counts")
    texts = [str(one)[:200] for one in credits] if isinstance(credits, list) else []
    numbers = {str(k): v for k, v in counts.items() if isinstance(v, int)} if isinstance(counts, dict) else {}
    return Basemap(path, tuple(texts[:20]), numbers)


@cached(LRUCache(4), condition=Condition())  # read once, however many tiles are asked for at once
def kept_features(path: Path) -> gpd.GeoDataFrame:
    """The features of a kept base map, as of :func:`read_basemap`; a kept file never changes.

    Raises
    ------
    FileRefusedError
        It is no base map (``basemap.damaged``).
    """
    found = read_within(EXTRACT, read_geofile, path)
    known = {(layer, name) for layer, names in CLASSES.items() for name in names}
    if not set(COLUMNS) <= set(found.columns) or not set(zip(found["layer"], found["class"], strict=True)) <= known:
        raise FileRefusedError("basemap.damaged", Place(file=path.name))
    return found[COLUMNS]


def roads_of(basemap: Basemap | None) -> gpd.GeoDataFrame | None:
    """Roads that a vehicle, and so fibre, can follow; None where no road is kept."""
    if basemap is None or not basemap.counts.get("road", 1):
        return None
    found = kept_features(basemap.path)
    roads = found[(found["layer"] == "road") & (found["class"] != "path")].reset_index(drop=True)
    return roads if len(roads) else None


def _parts(path: Path, bounds: Bounds, credit: str) -> Iterator[gpd.GeoDataFrame]:
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    if path.suffix.lower() in OSM_SUFFIXES:
        yield _cut(_of_osm(path, bounds), bounds, OSM_CREDIT)
        return
    for name in _layers(path):
        features = read_geofile(path, prefer=name)
        yield _cut(_of_office(features, f"{path.stem} {name or ''}"), bounds, _credit(features, credit))


def _layers(path: Path) -> list[str | None]:
    """Names of the layers of a file; one that has a single layer needs no name."""
    try:
        read_geofile(path)
    except FileRefusedError as error:
        if error.code != "geofile.several_layers":
            raise
        return list(error.details["layers"])
    return [None]


def _of_osm(path: Path, bounds: Bounds) -> gpd.GeoDataFrame:
    if path.stat().st_size > MAX_BYTES:
        raise FileRefusedError("geofile.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name:
        copy = Path(name) / ("extract.osm.pbf" if path.suffix.lower() == ".pbf" else "extract.osm")
        shutil.copyfile(path, copy)
        try:
            found = read_confined(copy, "OSM", Path(name), only={"bbox": list(bounds), "layers": _OSM_LAYERS})
        except DAMAGE as error:
            raise FileRefusedError("file.unreadable", Place(file=path.name), problem=str(error)[:200]) from error
    tags = [column for column in found.columns if column != "geometry"]
    said = {tag: found[tag].astype(object).where(found[tag].notna(), None) for tag in tags}
    kinds = _classes("place", said["place"].replace(_SAME_PLACE))
    roads = said["highway"].astype(str).str.removesuffix("_link").replace(_SAME_ROAD)
    kinds = kinds.fillna(_classes("road", roads)).fillna(_classes("water", said["waterway"].replace(_SAME_WATER)))
    kinds = kinds.mask(kinds.isna() & said["railway"].isin(RAILWAYS), "rail rail")
    areas = said["osm_layer"] == "multipolygons"
    kinds = kinds.mask(areas, "water lake").mask(areas & said["building"].notna(), "building building")
    return _described(found, kinds, found["name"])


def _of_office(features: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Features of a layer of an office: what they are by the layer's name, else by their geometry."""
    by_name = {str(column).lower(): column for column in features.columns}
    text = re.sub(r"[_\d]+", " ", file.lower())
    layer = next((one for one, pattern in _LAYER_WORDS if re.search(pattern, text)), None)
    flat = shapely.get_dimensions(features.geometry.to_numpy())
    if layer is None and len(flat):
        layer = {0: "place", 1: "road"}.get(int(np.median(flat)))
    if layer is None:
        raise FileRefusedError("basemap.unknown_layer", Place(file=file.strip()))
    said = next((features[by_name[one]] for one in ("highway", "remark", "kelas", "fungsi") if one in by_name), None)
    kinds = pd.Series(f"{layer} {_usual(layer)}", features.index, dtype=object)
    if layer == "road" and said is not None:
        kinds = "road " + said.map(_road_class)
    if layer == "water":
        kinds = kinds.mask(flat == 2, "water lake")
    if layer == "place" and len(features):
        features = features.set_geometry(features.geometry.representative_point())
    name = next((features[by_name[one]] for one in _NAMES if one in by_name), None)
    return _described(features, kinds, name)


def _usual(layer: str) -> str:
    return {"road": "local", "water": "river", "place": "hamlet"}.get(layer, layer)


def _road_class(said: Any) -> str:
    text = str(said).strip().lower()
    known = _SAME_ROAD.get(text, text.removesuffix("_link"))
    if known in CLASSES["road"]:
        return known
    return next((name for name, pattern in _ROAD_WORDS if re.search(pattern, text)), "local")


def _classes(layer: str, said: pd.Series) -> pd.Series:
    """``layer class`` where the class is one of the layer's."""
    return (f"{layer} " + said.astype(str)).where(said.isin(CLASSES[layer])).astype(object)


def _described(features: gpd.GeoDataFrame, kinds: pd.Series, name: Any) -> gpd.GeoDataFrame:
    said = [None] * len(features) if name is None else name.astype(object).where(name.notna(), None).tolist()
    pairs = [one.split() if isinstance(one, str) else (None, None) for one in kinds]
    found = gpd.GeoDataFrame(
        {
            "layer": pd.Series([layer for layer, _ in pairs], dtype=object),
            "class": pd.Series([kind for _, kind in pairs], dtype=object),
            "name": pd.Series([str(one).strip()[:80] or None if one else None for one in said], dtype=object),
        },
        geometry=features.geometry.to_numpy(),
        crs="EPSG:4326",
    )
    found.attrs["unreadable"] = features.attrs.get("unreadable", 0)
    return found[kinds.notna().to_numpy()]


def _cut(found: gpd.GeoDataFrame, bounds: Bounds, credit: str) -> gpd.GeoDataFrame:
    """Features within the bounds; lines and areas cut there."""
    shapes = shapely.force_2d(found.geometry.to_numpy())
    rings = shapely.get_dimensions(shapes) == 2
    shapes[rings] = shapely.make_valid(shapes[rings])
    shapes = shapely.clip_by_rect(shapes, *bounds)
    there = ~(shapely.is_empty(shapes) | shapely.is_missing(shapes))
    there &= shapely.get_dimensions(shapes) == np.select([found["layer"] == "place", rings], [0, 2], 1)
    cut = found.set_geometry(gpd.GeoSeries(shapes, found.index, crs=found.crs))[there].assign(credit=credit)
    return cut[cut["name"].notna() | (cut["layer"] != "place")]


def _without_twins(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Without features that two files, or two pieces of an extract, have alike."""
    alike = pd.DataFrame({"shape": found.geometry.to_wkb(), "class": found["class"], "name": found["name"]})
    return found[~alike.duplicated().to_numpy()]


def _credit(features: gpd.GeoDataFrame, credit: str) -> str:
    """OpenStreetMap's where the columns are its tags, as tools that extract it write them."""
    names = {str(column).lower() for column in features.columns}
    return OSM_CREDIT if names & {"osm_id", "osm_way_id", "full_id"} else credit
