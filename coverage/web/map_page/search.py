"""Search on the map: villages, hamlets, service points, assets, places of the base map, and coordinates.

The page hands the map an address, ``/cari/<name>?kata=...``; what is asked there is matched on the server, so that no
list of names is sent. The index is made when somebody first asks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cachedmethod

from coverage.base.errors import FileRefusedError, RowError
from coverage.base.projection import utm_crs
from coverage.exports.columns import sentence_case
from coverage.exports.landmarks import HAMLETS
from coverage.language.words import Words
from coverage.places.named_places import CLOSE, NamedPlaces
from coverage.readers.basemap import Basemap, kept_features
from coverage.readers.kinds import landmark_kinds
from coverage.readers.pairs import is_link, of_zone, read_pair, split_metres
from coverage.readers.zones import FALSE_NORTHING
from coverage.run.result import Analysis
from coverage.web.maps.layers import DIGITS, Viewer, visible

GROUPS = ("villages", "hamlets", "service_points", "assets", "places")
"""In the order of the list, after coordinates."""
MOST, LONGEST = 5, 300
"""Rows of a group that are told; characters of a question."""
_COLUMNS = ["group", "id", "name", "said", "beside", "subdistrict", "village", "lon", "lat"]
_CALLED = {"road": "road", "rail": "rail", "water": "lake", "building": "building"}
"""Layers of the base map beside its places, and what their names are of."""
_APART = 0.05
"""Degrees within which pieces of one name are one road; of rivers and railways all are."""
_INDEXING = Condition()


@dataclass(eq=False)
class Searched:
    """What one kind of viewer may find in a run, in one language."""

    villages: gpd.GeoDataFrame
    landmarks: pd.DataFrame | None
    assets: gpd.GeoDataFrame | None
    basemap: Basemap | None
    words: Words
    for_signed_in: bool

    def __post_init__(self) -> None:
        self._made: LRUCache[Any, NamedPlaces] = LRUCache(1)

    @cachedmethod(lambda self: self._made, condition=lambda _: _INDEXING)
    def index(self) -> NamedPlaces:
        """The index, made once."""
        parts = [self._villages(), self._landmarks(), self._assets(), self._places()]
        return NamedPlaces(pd.concat([part for part in parts if part is not None], ignore_index=True)[_COLUMNS])

    def answer(self, text: str) -> dict[str, Any]:
        """Groups of rows with ``name, said``, place, village and asset; ``note`` where there is something to say."""
        text = text[:LONGEST].strip()
        found = self.index().find(text)
        groups = [group for name in GROUPS if (group := self._group(name, found[found["group"] == name]))]
        place, note = self._read(text)
        if place is not None:
            groups.insert(0, self._coordinates(*place))
        close = len(found) and (found["fit"] == CLOSE).all()
        return {"groups": groups, "note": note or (self.words("web.find.close") if close else None)}

    def _read(self, text: str) -> tuple[tuple[float, float] | None, str | None]:
        """The place that coordinates say, and what there is to say of how they were read."""
        metres = split_metres(text)
        try:
            if metres and not metres[2]:
                south = float(metres[1].replace(",", ".")) > FALSE_NORTHING  # a region may lie on both sides
                zone = str(utm_crs(self.villages).utm_zone)[:-1] + ("S" if south else "N")
                return of_zone(text, zone, *metres[:2]), self.words("web.find.zone", zone=zone)
            return read_pair(text, self._middle()), None
        except RowError:
            return None, self.words("web.find.link") if is_link(text) else None

    def _group(self, name: str, found: pd.DataFrame) -> dict[str, Any] | None:
        if found.empty:
            return None
        rows = found.head(MOST)
        of_places = rows["village"].isna() & rows["lon"].notna()
        rows.loc[of_places, "village"] = self._villages_at(rows.loc[of_places, "lon"], rows.loc[of_places, "lat"])
        told = [
            {
                "name": row["name"],
                "said": row["said"],
                "at": None if pd.isna(row["lon"]) else [round(row["lat"], DIGITS), round(row["lon"], DIGITS)],
                "village": None if pd.isna(row["village"]) else row["village"],
                "asset": row["id"] if name == "assets" else None,
            }
            for row in rows.to_dict("records")
        ]
        title = self.words(f"web.find.{name}", count=len(found))
        return {"name": name, "title": title, "rows": told}

    def _coordinates(self, lon: float, lat: float) -> dict[str, Any]:
        village = self._villages_at([lon], [lat])[0]
        names = self.villages.set_index("village_code_bps")["village"]
        said = self.words("web.find.outside") if village is None else names[village]
        row = {"name": f"{lat:.5f}, {lon:.5f}", "said": said, "at": [lat, lon], "village": village, "asset": None}
        return {"name": "coordinates", "title": self.words("web.find.coordinates"), "rows": [row]}

    def _middle(self) -> tuple[float, float]:
        west, south, east, north = map(float, self.villages.total_bounds)
        return (west + east) / 2, (south + north) / 2

    def _villages_at(self, lon: Any, lat: Any) -> list[str | None]:
        """Code of the village at each place; None outside the region."""
        at, village = self.villages.sindex.query(gpd.points_from_xy(lon, lat), predicate="intersects")
        found: list[str | None] = [None] * len(lon)
        for place, code in zip(at, self.villages["village_code_bps"].iloc[village], strict=True):
            found[place] = code
        return found

    def _table(self, group: str, rows: pd.DataFrame, lon: Any, lat: Any, **columns: Any) -> pd.DataFrame:
        return pd.DataFrame({"group": group, "lon": lon, "lat": lat, **columns}, index=rows.index)

    def _villages(self) -> pd.DataFrame:
        rows, words = self.villages, self.words
        code = rows["village_code_bps"]
        beside = "desa kelurahan kecamatan kec " + code + " " + rows["village_code_kemendagri"].fillna("")
        beside += " " + rows["village_code_kemendagri"].fillna("").str.replace(".", "")
        named: dict[str, Any] = {"id": code, "name": rows["village"], "subdistrict": rows["subdistrict"]}
        said = words("web.find.subdistrict") + " " + rows["subdistrict"]
        return self._table(
            "villages", rows, rows["centre_lon"], rows["centre_lat"], said=said, beside=beside, village=code, **named
        )

    def _landmarks(self) -> pd.DataFrame | None:
        rows = self.landmarks
        if rows is None:
            return None
        kinds = self._kinds(rows["kind"])
        hamlets = {kind for role in HAMLETS for kind in landmark_kinds(role)}
        group = np.where(rows["kind"].isin(hamlets), "hamlets", "service_points")
        named: dict[str, Any] = {"id": rows["landmark_id"], "name": rows["name"], "village": rows["village_code_bps"]}
        said = kinds + " · " + rows["village"].fillna("") + ", " + rows["subdistrict"].fillna("")
        named |= {"said": said, "beside": said, "subdistrict": rows["subdistrict"].fillna("")}
        return self._table("", rows, rows["lon"], rows["lat"], **named).assign(group=group)

    def _assets(self) -> pd.DataFrame | None:
        rows = self.assets
        if rows is None:
            return None
        kinds, at = self._kinds(rows["kind"]), rows.geometry.representative_point()
        name, owner = rows["name"].fillna(rows["asset_id"]), rows["owner"].fillna("")
        beside = kinds + " " + rows["asset_id"] + " " + owner
        named: dict[str, Any] = {"id": rows["asset_id"], "name": name, "said": kinds, "beside": beside}
        return self._table("assets", rows, at.x, at.y, subdistrict="", village=None, **named)

    def _places(self) -> pd.DataFrame | None:
        if self.basemap is None:
            return None
        try:
            rows = kept_features(self.basemap.path)
        except FileRefusedError:  # damaged or gone: all else is found without it
            return None
        rows = rows[rows["name"].notna() & rows["layer"].isin(("place", *_CALLED))].reset_index(drop=True)
        at = rows.geometry.representative_point()
        kind = rows["class"].where(rows["layer"] == "place", rows["layer"].map(_CALLED))
        kind = kind.mask((rows["layer"] == "water") & (rows["class"] != "lake"), "river")
        said = kind.map({one: self.words(f"web.find.class.{one}") for one in kind.unique()})
        named: dict[str, Any] = {"id": "", "name": rows["name"], "said": said, "beside": said}
        table = self._table("places", rows, at.x, at.y, subdistrict="", village=None, **named)
        long = shapely.length(rows.geometry.to_numpy())
        apart = np.where((kind == "river") | (kind == "rail"), np.inf, _APART)
        cell = {"row": np.round(at.y / apart), "column": np.round(at.x / apart), "long": long}
        longest = table.assign(**cell).sort_values("long", ascending=False, kind="stable")
        return longest.drop_duplicates(["name", "said", "row", "column"])[list(table)].sort_index()

    def _kinds(self, kinds: pd.Series) -> pd.Series:
        return kinds.map({kind: sentence_case(self.words.kind(kind)) for kind in kinds.unique()})


_LOCK = Lock()
_KEPT: LRUCache[str, Searched] = LRUCache(4)


def search_name(analysis: Analysis, words: Words, viewer: Viewer) -> str:
    """Name in the address under which this viewer may search the run."""
    told = f"{analysis.run['run_id']} {words.language} {viewer.sees_cctv}"
    name = hashlib.sha256(told.encode()).hexdigest()[:32]
    seen = visible(analysis, viewer)
    with _LOCK:
        if name not in _KEPT:
            tables = (analysis.villages, seen.landmarks, seen.assets, analysis.basemap)
            _KEPT[name] = Searched(*tables, words, viewer.sees_cctv)
    return name


def searched(name: str) -> Searched | None:
    """What is searched under a name; None where it is not known, or no more."""
    with _LOCK:
        return _KEPT.get(name)
