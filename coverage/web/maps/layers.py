"""GeoJSON layers of the map (villages, subdistricts, assets) and raster overlays.

Layers are fetched by address (``/lapis/<hash>.json``, ``.png``), cached by the browser for good, and not sent again
on a click. They hold codes, names and numbers, no translated text.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache

from coverage.base.table_form import rows_of
from coverage.exports.outlines import other_land_of, simplified, subdistricts
from coverage.exports.tables import is_neighbour
from coverage.language.reasons import MOST
from coverage.reach.masts import beside_first
from coverage.readers.kinds import asset_kinds, landmark_kinds
from coverage.run.privacy import for_outsiders
from coverage.run.result import Analysis, people_unserved
from coverage.web.responsiveness import stand_back
from coverage.web.run_cache import cached_per_run

MOST_VERTICES = 30_000
"""Vertices of all outlines that a browser draws without delay."""
DIGITS = 5
"""Decimals of a degree: about one metre."""
AT_ONCE = 2000
"""Features serialised without yielding to other threads."""
ROOM = 256 * 2**20
"""Bytes of compressed layers in memory."""
PROMISES = 1024
"""Layers that may be asked for."""


@dataclass(frozen=True)
class Viewer:
    """Who looks at the page; ``name`` is None for an anonymous visitor."""

    name: str | None = None
    role: str = "viewer"
    sees_cctv: bool = True
    """Camera positions: for signed-in users, or the local user where nobody else is served."""


@dataclass(frozen=True)
class Promise:
    """How a layer is made when it is asked for."""

    make: Callable[[], dict[str, Any] | None]
    guarded: bool = False
    fresh: bool = False


class LayerStore:
    """LRU cache of compressed layers and pictures by content hash."""

    def __init__(self, room: int = ROOM) -> None:
        self._layers: LRUCache[str, bytes] = LRUCache(room, getsizeof=lambda content: min(len(content), room))
        self._guarded: set[str] = set()
        self._promised: LRUCache[str, Promise] = LRUCache(PROMISES)
        self._secret = secrets.token_bytes(32)
        self._lock, self._making = threading.Lock(), threading.Lock()

    def put(self, layer: dict[str, Any]) -> str:
        """Store a layer and return its name; one with cameras is guarded."""
        plain = _written(layer)
        name = hashlib.sha256(plain).hexdigest()[:32]
        if any(_is_private(feature["properties"].get("kind")) for feature in layer.get("features", ())):
            with self._lock:
                self._guarded.add(name)
        self._keep(name, gzip.compress(plain, 6, mtime=0))
        return name

    def put_picture(self, png: bytes) -> str:
        """Store a picture and return its name."""
        name = hashlib.sha256(png).hexdigest()[:32]
        self._keep(f"{name}.png", png)
        return name

    def get_picture(self, name: str) -> bytes | None:
        """Return a picture, or None."""
        return self.get(f"{name}.png")

    def _keep(self, name: str, content: bytes) -> None:
        with self._lock:
            self._layers[name] = content

    def is_guarded(self, name: str) -> bool:
        """Whether the layer shows cameras."""
        with self._lock:
            return name in self._guarded

    def get(self, name: str) -> bytes | None:
        """Return a layer as gzipped JSON, or None."""
        with self._lock:
            return self._layers.get(name)

    def promise(self, *key: Any, make: Callable[[], dict[str, Any] | None], **how: bool) -> str:
        """Name of a layer that is made when somebody first asks for it; nobody else can tell the name.

        ``guarded`` where it shows cameras; ``fresh`` where it is made anew for everybody who asks.
        """
        name = hmac.new(self._secret, repr(key).encode(), hashlib.sha256).hexdigest()[:32]
        with self._lock:
            self._promised[name] = Promise(make, **how)
            if how.get("guarded"):
                self._guarded.add(name)
        return name

    def is_fresh(self, name: str) -> bool:
        """Whether the layer may differ at the next request."""
        with self._lock:
            found = self._promised.get(name)
        return found is not None and found.fresh

    def made(self, name: str) -> bytes | None:
        """Return a layer, or make it as promised: one at a time, but for fresh ones."""
        if (kept := self.get(name)) is not None:
            return kept
        with self._lock:
            promised = self._promised.get(name)
        if promised is None:
            return None
        with contextlib.nullcontext() if promised.fresh else self._making:
            kept = self.get(name)
            layer = promised.make() if kept is None else None
            packed = kept if layer is None else gzip.compress(_written(layer), 6, mtime=0)
            if packed is not None and not promised.fresh:
                self._keep(name, packed)
            return packed


def _is_private(kind: str | None) -> bool:
    return kind is not None and asset_kinds().of(kind).private


def _written(layer: dict[str, Any]) -> bytes:
    """Serialise a layer in batches, yielding to pages in between."""
    features = layer.get("features", [])
    if len(features) <= AT_ONCE:
        return _dumps(layer).encode()
    parts = [_dumps(features[at : at + AT_ONCE])[1:-1] for at in range(0, len(features), AT_ONCE)]
    return _dumps({**layer, "features": []}).replace('"features":[]', f'"features":[{",".join(parts)}]', 1).encode()


def _dumps(content: Any) -> str:
    stand_back()
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


STORE = LayerStore()


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    """A feature of GeoJSON."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(lon: float, lat: float) -> dict[str, Any]:
    """A point of GeoJSON, rounded."""
    return {"type": "Point", "coordinates": [round(lon, DIGITS), round(lat, DIGITS)]}


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    """A layer of GeoJSON."""
    return {"type": "FeatureCollection", "features": features}


def layer_name(analysis: Analysis, layer: str, viewer: Viewer) -> str | None:
    """Name of a layer in the store, one of ``map_view.LAYERS``; None if empty. Cached per run."""
    viewer = Viewer(sees_cctv=viewer.sees_cctv)  # shared by all with the same rights
    name = _stored(analysis, layer, viewer)
    if name is not None and STORE.get(name) is None:  # evicted
        made = _made(analysis, layer, viewer)
        return None if made is None else STORE.put(made)
    return name


@cached_per_run
def _stored(analysis: Analysis, layer: str, viewer: Viewer) -> str | None:
    made = _made(analysis, layer, viewer)
    return None if made is None else STORE.put(made)


def _made(analysis: Analysis, layer: str, viewer: Viewer) -> dict[str, Any] | None:
    if layer in _OF_VIEWER:
        return _OF_VIEWER[layer](analysis, viewer)
    return _OF_ALL[layer](analysis)


def visible_assets(analysis: Analysis, viewer: Viewer) -> gpd.GeoDataFrame | None:
    """The assets that this viewer may see on the map; None where no list was given."""
    return visible(analysis, viewer).assets


def visible(analysis: Analysis, viewer: Viewer) -> Analysis:
    """The run as this viewer may see it; what is computed from it is computed from the whole one."""
    return analysis if viewer.sees_cctv else for_outsiders(analysis)


@cached_per_run
def village_layer(analysis: Analysis) -> dict[str, Any]:
    """Villages with ``code, name, subdistrict``, and by rule in the order of ``rules``: ``states``, and whether each is
    only ``possible`` and is one of ``few``, served in a small part.
    """
    villages = analysis.villages
    rules = [rule.name for rule in analysis.parameters.rules if rule.enabled]
    spots = analysis.blank_spots.pivot(index="village_code_bps", columns="rule")
    spots = spots.reindex(villages["village_code_bps"])
    states = spots["state"][rules]
    possible = spots.get("certainty", states)[rules] == "possible"
    few = (states == "served") & (spots["share"][rules] < MOST)
    columns = ("village_code_bps", "village", "subdistrict", "centre_lon", "centre_lat")
    features = [
        feature(
            rounded(shape),
            code=code,
            name=name,
            subdistrict=subdistrict,
            states=list(state),
            possible=[int(one) for one in perhaps],
            few=[int(one) for one in small],
            at=[round(lat, DIGITS), round(lon, DIGITS)],
        )
        for shape, state, perhaps, small, code, name, subdistrict, lon, lat in zip(
            _outlines(analysis).to_crs(4326).geometry,
            states.to_numpy(),
            possible.to_numpy(),
            few.to_numpy(),
            *(villages[c] for c in columns),
            strict=True,
        )
    ]
    return {**collection(features), "rules": rules}


FIGURES = ("share_served", "people_unserved", "rank", "tower_m", "population", "density")
"""Figures that villages are coloured by, beside the criteria of the priority."""


@cached_per_run
def figure_layer(analysis: Analysis) -> dict[str, Any]:
    """Figures of villages under the default rule by name, each a value by ``codes``; None where it is not known."""
    villages, rule = analysis.villages, analysis.parameters.rule()
    codes = pd.Index(villages["village_code_bps"])
    spots = rows_of(analysis.blank_spots, "rule", rule.name, codes)
    ranked = analysis.priority.set_index("village_code_bps").reindex(codes)
    towers = rows_of(analysis.nearest, "kind", "tower", codes)
    population = villages["population"].to_numpy(dtype=float, na_value=np.nan)
    known: dict[str, Any] = {
        "share_served": spots["share"],
        "people_unserved": people_unserved(analysis, rule).reindex(codes),
        "rank": ranked["rank"],
        "tower_m": towers["distance_m"].round(),
        "population": population,
        "density": (population / villages["area_km2"].to_numpy(dtype=float)).round(1),
    }
    columns = [str(column) for column in ranked.columns if str(column).startswith("value_")]
    named = {column.removeprefix("value_"): ranked[column] for column in columns}
    figures = {**{name: values for name, values in named.items() if name not in known}, **known}
    numbers = {name: np.asarray(pd.to_numeric(pd.Series(values)), dtype=float) for name, values in figures.items()}
    there = {name: values for name, values in numbers.items() if len(np.unique(values[np.isfinite(values)])) > 1}
    return {
        "codes": list(codes),
        "figures": {
            name: [None if not np.isfinite(one) else float(f"{one:.6g}") for one in there[name].tolist()]
            for name in sorted(there, key=lambda name: FIGURES.index(name) if name in FIGURES else len(FIGURES))
        },
    }


def year_layer(years: Mapping[str, int]) -> dict[str, Any]:
    """The year in which a plan serves each village, by BPS code, in the form of :func:`figure_layer`."""
    return {"codes": list(years), "figures": {"plan_year": list(years.values())}}


def figure_names(analysis: Analysis) -> list[str]:
    """Figures of :func:`figure_layer` under a plain name, which may stand in a script."""
    return [name for name in figure_layer(analysis)["figures"] if re.fullmatch("[a-z0-9_]+", name)]


@cached_per_run
def pocket_layer(analysis: Analysis) -> dict[str, Any] | None:
    """Pockets of the default rule with ``people`` (None where not known) and ``at``; scattered remainders apart."""
    shapes = analysis.pocket_shapes
    if analysis.pockets is None or shapes is None:
        return None
    named = (analysis.pockets["pocket"] > 0).to_numpy()
    table = analysis.pockets[named]
    features = [
        feature(rounded(shape), people=None if np.isnan(people) else round(people), at=[lat, lon])
        for shape, people, lat, lon in zip(
            shapes[named], table["people"], table["lat"].round(DIGITS), table["lon"].round(DIGITS), strict=True
        )
    ]
    return collection(features) if features else None


@cached_per_run
def landmark_layer(analysis: Analysis, viewer: Viewer) -> dict[str, Any] | None:
    """Visible landmarks that have a place, with ``name, state``, and whether it is a ``hamlet``; None without any.

    Those held against cameras have a ``kind``, so that the layer is guarded.
    """
    found = visible(analysis, viewer).landmarks
    found = None if found is None else found[found["lon"].notna()]
    if found is None or found.empty:
        return None
    hamlets, watched = (set(landmark_kinds(role)) for role in ("hamlet", "watched"))
    shown: dict[str, dict[str, Any]] = {kind: {"kind": kind} if kind in watched else {} for kind in found["kind"]}
    columns = ("name", "state", "kind", "lon", "lat")
    features = [
        feature(point(lon, lat), name=name, state=state, hamlet=kind in hamlets, **shown[kind])
        for name, state, kind, lon, lat in zip(*(found[column] for column in columns), strict=True)
    ]
    return collection(features)


@cached_per_run
def subdistrict_layer(analysis: Analysis) -> dict[str, Any]:
    """Subdistricts with ``name`` and ``at``, the label point as (latitude, longitude)."""
    whole = subdistricts(_outlines(analysis))
    points = whole.representative_point().to_crs(4326)
    features = [
        feature(rounded(shape), name=name, at=[round(point.y, DIGITS), round(point.x, DIGITS)])
        for name, shape, point in zip(whole["subdistrict"], whole.to_crs(4326).geometry, points, strict=True)
    ]
    return collection(features)


@cached_per_run
def other_land_layer(analysis: Analysis) -> dict[str, Any] | None:
    """Forests and waters with ``name`` and ``land`` (:func:`coverage.exports.outlines.other_land_of`); else None."""
    found = other_land_of(analysis)
    # No asset: a kind would be guarded.
    features = [
        feature(rounded(shape), name=name, land=land)
        for name, land, shape in zip(found["name"], found["land"], found.geometry, strict=True)
    ]
    return collection(features) if features else None


@cached_per_run
def asset_layer(analysis: Analysis, viewer: Viewer) -> dict[str, Any] | None:
    """Visible assets with ``id, kind, name, status, owner, sample, outside`` (of the region); None without a list.

    Where any stands on the mast of another, ``beside``.
    """
    assets = visible_assets(analysis, viewer)
    if assets is None or not len(assets):
        return None
    if (beside := beside_first(assets, analysis.parameters.kinds)).any():
        assets = assets.assign(beside=beside)
    parts = (assets.iloc[at : at + AT_ONCE] for at in range(0, len(assets), AT_ONCE))
    return collection([one for part in parts for one in _features(part)])


def _features(assets: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    stand_back()
    precise = shapely.set_precision(assets.geometry.to_numpy(), 10.0 ** -(DIGITS + 1))
    shapes = json.loads(shapely.to_geojson(shapely.geometrycollections(precise)))["geometries"]
    columns = {
        "id": assets["asset_id"],
        "kind": assets["kind"],
        "name": assets["name"],
        "status": assets["status"],
        "owner": assets["owner"],
        "sample": assets["source"] == "contoh",
        "outside": is_neighbour(assets),
    }
    columns |= {"beside": assets["beside"]} if "beside" in assets else {}
    rows = pd.DataFrame(columns).astype(object).where(lambda frame: frame.notna(), None).to_dict("records")
    return [{"type": "Feature", "geometry": shape, "properties": row} for shape, row in zip(shapes, rows, strict=True)]


def bounds(analysis: Analysis) -> list[list[float]]:
    """Bounding box of the region as ((south, west), (north, east)) in degrees."""
    west, south, east, north = analysis.villages.total_bounds
    return [[float(south), float(west)], [float(north), float(east)]]


def _outlines(analysis: Analysis) -> gpd.GeoDataFrame:
    """Simplified outlines in metres, cached while the villages stay the same."""
    villages = analysis.villages
    for known, outlines in list(_LATEST):
        if known is villages:
            return outlines
    made = simplified(villages, MOST_VERTICES)
    _LATEST.append((villages, made))
    return made


_LATEST: deque[tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]] = deque(maxlen=4)


def rounded(shape: shapely.Geometry) -> dict[str, Any]:
    """GeoJSON with coordinates rounded one by one, so that shared borders stay shared."""
    rounded = shapely.transform(shape, lambda xy: np.round(xy, DIGITS))
    made: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return made


_OF_VIEWER = {"assets": asset_layer, "landmarks": landmark_layer}
"""Layers that are not the same for all."""
_OF_ALL = {
    "villages": village_layer,
    "subdistricts": subdistrict_layer,
    "other_land": other_land_layer,
    "pockets": pocket_layer,
    "figures": figure_layer,
}
