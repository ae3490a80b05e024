"""Positions of a list, from geometry or from one or two columns, with their faults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.imports.columns import cells, field_of
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.repairs import looks_metric, parted_metres
from coverage.readers.angles import Angles, read_angles
from coverage.readers.pairs import is_link, is_short_code, split_pair, split_trace
from coverage.readers.tables import plain
from coverage.readers.zones import known_crs, read_zone, split_zone, to_degrees, zone_in

_SAID = ("import.nan", "import.infinite", "import.excel_date")
_SAYS_SOUTH = ("ls", "s", "lintang_selatan", "selatan", "latitude_ls", "lintang_ls", "koordinat_ls", "koordinat_s")


ENOUGH = 10
METRES = 9
"""Decimals of a place that was given in metres: as good as any."""
NEARLY_ALL = 0.8
"""Decimals are compared in lists of ten rows or more, four in five of which agree."""


@dataclass
class Places:
    """Position of each row.

    Attributes
    ----------
    shapes : geometry in EPSG:4326, or None
    lon, lat : of points, as read; metres where metres were written; NaN where unreadable
    lon_text, lat_text : as written, empty for geometry
    notes : notations understood, with the number of rows
    odd : rows with other decimals than nearly all: a digit may be lost or added
    """

    shapes: NDArray[np.object_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    lon_text: NDArray[np.object_]
    lat_text: NDArray[np.object_]
    fault: NDArray[np.object_]
    notes: list[Note]
    odd: NDArray[np.bool_]


def says_place(raw: Raw, columns: Mapping[str, str]) -> bool:
    """Whether a list has positions, as geometry or in columns."""
    return raw.shapes is not None or bool({"geometry", "coordinates"} & set(columns)) or {"lat", "lon"} <= set(columns)


def read_places(raw: Raw, columns: Mapping[str, str], also: Mapping[str, Sequence[str]] | None = None) -> Places:
    """Read the position of every row; doubtful ones become faults."""
    if raw.shapes is None:
        return _from_columns(raw, columns, also or {})
    drawn = _from_shapes(raw.shapes, [])
    lost = shapely.is_missing(drawn.shapes) | shapely.is_empty(drawn.shapes)
    if not {"geometry", "coordinates"} & set(columns) and not {"lat", "lon"} <= set(columns):
        return drawn
    written = _from_columns(raw, columns, also or {})
    if not lost.any():
        return written  # the geometry is whole: whoever names columns means them
    said = lost & (written.fault != "import.no_coordinates")
    for name in ("shapes", "lon", "lat", "lon_text", "lat_text", "fault", "odd"):
        getattr(drawn, name)[said] = getattr(written, name)[said]
    drawn.notes.extend(written.notes)
    return drawn


def _from_columns(raw: Raw, columns: Mapping[str, str], also: Mapping[str, Sequence[str]]) -> Places:
    """Places written in columns: two, one with both, or one with WKT; the pair stands in where the two are empty."""
    lon_text, lat_text, zones = _texts(raw, columns, also)
    places = _from_texts(lon_text, lat_text, _south(columns), zones, raw)
    if "coordinates" in columns:
        _draw_traces(places, raw.frame[columns["coordinates"]].to_numpy(dtype=object))
        _name_what_is_none(places)
    if "geometry" in columns:
        _add_wkt(places, raw.frame[columns["geometry"]].to_numpy(dtype=object))
    return places


def _texts(
    raw: Raw, columns: Mapping[str, str], also: Mapping[str, Sequence[str]]
) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]:
    """Longitude, latitude and UTM zone as written; of pairs in one cell, in the order that most of the column has."""
    count = len(raw.frame)
    headers = " ".join(columns[what] for what in ("lat", "lon", "coordinates") if what in columns)
    zones = np.full(count, zone_in(headers), dtype=object)
    if "zone" in columns:
        said = raw.frame[columns["zone"]].to_numpy(dtype=object)
        zones = np.where(said != "", said, zones)
    empty = np.full(count, "", dtype=object)
    lon, lat = (
        np.array(cells(raw, columns, also, what), dtype=object) if what in columns else empty for what in ("lon", "lat")
    )
    if "coordinates" not in columns:
        return lon, lat, zones
    written = raw.frame[columns["coordinates"]].to_numpy(dtype=object)
    with_zone = [split_zone(text) for text in written]
    zones = np.array([part[0] if part else zone for part, zone in zip(with_zone, zones, strict=True)], dtype=object)
    first, second = _pairs([split_pair(text) or (text, text) for text in written])
    for at, part in enumerate(with_zone):
        if part:
            first[at], second[at] = part[1], part[2]
    alone = (lon == "") | (lat == "")
    return np.where(alone, first, lon), np.where(alone, second, lat), zones


def _pairs(pairs: Sequence[tuple[str, ...]]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Longitude and latitude of pairs, told by their letters, else by what most of the column has."""
    first = np.array([pair[0] for pair in pairs], dtype=object)
    second = np.array([pair[1] for pair in pairs], dtype=object)
    one, two = read_angles(first.tolist()), read_angles(second.tolist())
    sided = np.isin(one.side, ("E", "W")) | np.isin(two.side, ("S", "N"))
    turned = np.isin(one.side, ("S", "N")) | np.isin(two.side, ("E", "W"))
    with np.errstate(invalid="ignore"):
        lon_first = np.nansum(np.abs(one.value) > 90) > np.nansum(np.abs(two.value) > 90)
    swap = sided | (~turned & lon_first)
    return np.where(swap, first, second), np.where(swap, second, first)


def _draw_traces(places: Places, texts: NDArray[np.object_]) -> None:
    """Make lines of cells that hold a trace, several points of a survey tool one after the other."""
    for at, text in enumerate(texts):
        if trace := split_trace(text):
            places.shapes[at], places.fault[at] = shapely.LineString(trace), ""
            places.lon_text[at] = places.lat_text[at] = ""


def _name_what_is_none(places: Places) -> None:
    """Tell links and codes without a position, and single numbers, from the unreadable."""
    alone = (places.lon_text == places.lat_text) & (places.lat_text != "")
    for at in np.flatnonzero(alone):
        text = str(places.lat_text[at])
        if is_link(text):
            places.fault[at] = "import.link_without_place"
        elif is_short_code(text):
            places.fault[at] = "import.short_code"
        elif not places.fault[at] or places.fault[at] not in ("import.no_coordinates", *_SAID):
            places.fault[at] = "import.not_a_pair"
        places.shapes[at] = None


def _south(columns: Mapping[str, str]) -> bool:
    if "lat" not in columns or field_of(columns["lat"]) != "lat":
        return False
    name = plain(columns["lat"])
    return name in _SAYS_SOUTH or bool({"ls", "selatan"} & set(name.split("_")))


def _from_texts(
    lon_text: NDArray[np.object_], lat_text: NDArray[np.object_], south: bool, zones: NDArray[np.object_], raw: Raw
) -> Places:
    lon, lat = read_angles(list(lon_text)), read_angles(list(lat_text))
    x, y = lon.value.copy(), lat.value.copy()
    notes: list[Note] = []
    if south:
        # The column name says degrees south.
        turned = (y > 0) & (y <= 12) & (lat.side == "")
        y[turned] = -y[turned]
        note_count(notes, "imports.note.south_by_header", turned)
    told = np.flatnonzero((zones != "") | (raw.given_crs is not None))
    x, y, done = _projected(
        parted_metres(lon_text.tolist(), x, told), parted_metres(lat_text.tolist(), y, told), zones, raw, notes
    )
    lon_text, lat_text = lon_text.copy(), lat_text.copy()
    lon_text[done], lat_text[done] = [[f"{value:.6f}" for value in axis[done]] for axis in (x, y)]
    lon.decimals[done], lat.decimals[done] = METRES, METRES
    fault = np.where(lat.fault != "", lat.fault, lon.fault).astype(object)
    both_missing = (lon.fault == "import.no_coordinates") | (lat.fault == "import.no_coordinates")
    fault[both_missing & (fault != "")] = "import.no_coordinates"
    for code in ("import.nan", "import.infinite", "import.excel_date", "import.thousands", "import.several_points"):
        fault[((lon.fault == code) | (lat.fault == code)) & (fault != "")] = code
    fault[done] = ""
    crossed = np.isin(lon.side, ("S", "N")) & np.isin(lat.side, ("E", "W"))
    _judge(x, y, lon_text, lat_text, fault)
    fault[crossed & (fault == "")] = "import.swapped"
    _note(notes, lon, lat, fault)
    shapes = np.full(len(x), None, dtype=object)
    good = fault == ""
    shapes[good] = shapely.points(x[good], y[good])
    odd = good & (_odd(lon, good) | _odd(lat, good))
    note_count(notes, "imports.note.odd_decimals", odd)
    return Places(shapes, x, y, lon_text, lat_text, fault, notes, odd)


def _projected(
    x: NDArray[np.float64], y: NDArray[np.float64], zones: NDArray[np.object_], raw: Raw, notes: list[Note]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Degrees, and which rows were changed: those of a given reference system, or each by the zone it says."""
    if raw.given_crs is not None:
        systems = np.full(len(x), known_crs(raw.given_crs, raw.file), dtype=object)
        lon, lat, done = to_degrees(x, y, systems)
        if done.any():
            notes.append(("imports.note.given_crs", {"count": int(done.sum()), "crs": raw.given_crs}))
        return lon, lat, done
    said = [read_zone(text, north) if text else None for text, north in zip(zones.tolist(), y.tolist(), strict=True)]
    lon, lat, done = to_degrees(x, y, np.array(said, dtype=object))
    if done.any():
        named = ", ".join(sorted({str(zone) for zone, ok in zip(said, done, strict=True) if ok}))
        notes.append(("imports.note.zones", {"count": int(done.sum()), "zones": named}))
    return lon, lat, done


def _judge(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    lon_text: NDArray[np.object_],
    lat_text: NDArray[np.object_],
    fault: NDArray[np.object_],
) -> None:
    """Flag coordinates out of range."""
    with np.errstate(invalid="ignore"):
        metric = looks_metric(x, y) | looks_metric(y, x)
        zero = (x == 0) & (y == 0)
        far = (np.abs(x) > 180) | (np.abs(y) > 90)
        whole = np.array(
            [
                far[at]
                and not any(
                    "." in text.removesuffix(".0") or "," in text
                    for text in (lon_text[at], lat_text[at])
                    if _digits(text) > 4
                )
                for at in range(len(x))
            ],
            dtype=bool,
        )
        swapped = far & (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
    for code, where in (
        ("import.zero", zero),
        ("import.metres", metric),
        ("import.swapped", swapped),
        ("import.lost_point", whole & far),
        ("import.out_of_range", far),
    ):
        fault[where & (fault == "")] = code


def _odd(angles: Angles, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Numbers with more decimals than nearly all others, or three fewer; a trailing zero is often left out."""
    plain_ones = good & np.isin(angles.note, ("", "comma"))
    usual = np.bincount(angles.decimals[plain_ones], minlength=1)
    if plain_ones.sum() < ENOUGH or usual.max() < NEARLY_ALL * plain_ones.sum():
        return np.zeros(len(good), dtype=bool)
    decimals = int(usual.argmax())
    found: NDArray[np.bool_] = plain_ones & ((angles.decimals > decimals) | (angles.decimals <= decimals - 3))
    return found


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _note(notes: list[Note], lon: Angles, lat: Angles, fault: NDArray[np.object_]) -> None:
    good = fault == ""
    for note in ("comma", "dms", "spaces", "side"):
        note_count(notes, f"imports.note.{note}", good & ((lon.note == note) | (lat.note == note)))
    note_count(notes, "imports.note.few_decimals", good & ((lon.decimals < 3) | (lat.decimals < 3)))


_SRID = re.compile(r"\s*SRID=4326;", re.IGNORECASE)
"""How PostGIS writes that a shape is in degrees; another system has to be converted first."""


def _add_wkt(places: Places, texts: NDArray[np.object_]) -> None:
    """Add geometry written as WKT."""
    given = np.array([bool(text) for text in texts], dtype=bool)
    if not given.any():
        return
    parsed: NDArray[np.object_] = shapely.from_wkt(
        [_SRID.sub("", text) or None for text in texts.tolist()], on_invalid="ignore"
    )
    found = _from_shapes(parsed[given], [])
    found.fault[shapely.is_missing(parsed[given])] = "import.bad_geometry"
    at = np.flatnonzero(given)
    places.shapes[at], places.fault[at], places.odd[at] = found.shapes, found.fault, found.odd
    places.lon[at], places.lat[at] = found.lon, found.lat
    places.notes.extend(found.notes)


def _from_shapes(shapes: NDArray[np.object_], notes: list[Note]) -> Places:
    count = len(shapes)
    made = np.array(shapes, dtype=object)
    fault = np.full(count, "", dtype=object)
    fault[shapely.is_missing(made)] = "import.no_geometry"
    fault[shapely.is_empty(made)] = "import.empty_geometry"
    flat = shapely.has_z(made) | shapely.has_m(made)
    note_count(notes, "imports.note.third_dimension", flat)
    made = np.asarray(shapely.force_2d(made), dtype=object)
    single = (fault == "") & (shapely.get_num_geometries(made) == 1) & np.isin(shapely.get_type_id(made), (4, 5, 7))
    made[single] = shapely.get_geometry(made[single], 0)
    note_count(notes, "imports.note.collection", single)
    bounds = shapely.bounds(made)
    coordinates, of = shapely.get_coordinates(made, return_index=True)
    unfinished = pd.Series(~np.isfinite(coordinates).all(axis=1)).groupby(of).any()
    fault[unfinished.index[unfinished].to_numpy(dtype=int)] = "import.nan"
    broken = (fault == "") & np.isin(shapely.get_type_id(made), (3, 6, 7)) & ~shapely.is_valid(made)
    made[broken] = [_mended(shape) for shape in made[broken]]
    fault[broken & shapely.is_empty(made)] = "import.empty_geometry"
    note_count(notes, "imports.note.mended_areas", broken & (fault == ""))
    point = (shapely.get_type_id(made) == 0) & (fault == "")
    lon, lat = np.full(count, np.nan), np.full(count, np.nan)
    lon[point], lat[point] = shapely.get_x(made[point]), shapely.get_y(made[point])
    empty = np.full(count, "", dtype=object)
    texts = [np.where(point, [f"{value!r}" for value in values.tolist()], "").astype(object) for values in (lon, lat)]
    _judge(lon, lat, texts[0], texts[1], fault)
    with np.errstate(invalid="ignore"):
        wide = (np.abs(bounds[:, [0, 2]]).max(axis=1) > 180) | (np.abs(bounds[:, [1, 3]]).max(axis=1) > 90)
    fault[wide & (fault == "")] = "import.out_of_range"
    written = texts if point.any() else [empty, empty]
    return Places(made, lon, lat, written[0], written[1], fault, notes, broken)


def _mended(shape: Any) -> Any:
    """A valid area of one that is none, or a collection with such areas."""
    if shape.geom_type == "GeometryCollection":
        return shapely.GeometryCollection([part if part.is_valid else _mended(part) for part in shape.geoms])
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)
