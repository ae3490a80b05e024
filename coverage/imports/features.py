"""Features and JSON records as rows of text, with geometry or textual coordinates."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import FileRefusedError, Place
from coverage.imports.blocks import make_raw
from coverage.imports.columns import field_of
from coverage.imports.descriptions import with_fields
from coverage.imports.ofds import features_of_ofds, is_ofds
from coverage.imports.raw import Raw
from coverage.readers.child import clean
from coverage.readers.geofiles import read_geofile
from coverage.readers.limits import columns_of
from coverage.readers.tables import Rows

LAT, LON = "latitude", "longitude"
WGS84 = 4326
MAX_DEPTH, LOOKED_AT = 4, 100


def raw_of_features(features: gpd.GeoDataFrame, file: str, sheet: str | None = None) -> Raw:
    """Features (EPSG:4326) as rows, counted from 1."""
    if features.empty:
        raise FileRefusedError("table.no_rows", Place(file=file, sheet=sheet))
    table = pd.DataFrame(features.drop(columns=features.geometry.name))
    nested = [name for name in table.columns if table[name].map(lambda value: isinstance(value, dict)).any()]
    plain = {str(name): [text_of(value) for value in table[name]] for name in table.columns if name not in nested}
    frame = pd.DataFrame(plain, index=pd.RangeIndex(1, len(table) + 1, name="row"), dtype=object)
    for name in nested:
        records = [flat({str(name): value} if isinstance(value, dict) else {}) for value in table[name]]
        columns_of(records, len(records), file)
        parts = pd.DataFrame(records)
        frame = frame.assign(**{column: parts[column].fillna("").to_numpy() for column in parts.columns})
    frame = with_fields(frame)
    faults = np.full(len(table), "", dtype=object)
    faults[features.attrs.get("bad_rows", [])] = "import.bad_geometry"
    declared, long = features.attrs.get("declared"), features.attrs.get("long_positions", 0)
    return Raw(
        frame,
        file,
        sheet,
        faults=faults,
        shapes=np.asarray(features.geometry.to_numpy(), dtype=object),
        declared=declared,
        authority=features.attrs.get("authority"),
        notes=[
            *([("imports.note.crs", {"crs": declared})] if declared else []),
            *([("imports.note.encoding", {"file": file})] if features.attrs.get("guessed_encoding") else []),
            *([("imports.note.long_positions", {"count": long})] if long else []),
        ],
    )


def raw_of_json(data: bytes, file: str, sheet: str | None = None, crs: str | None = None) -> Raw:
    """Rows of a JSON file: GeoJSON, an Open Fibre Data Standard package, or a list of records.

    Raises
    ------
    FileRefusedError
        Invalid JSON, or no list of records.
    """
    content = _parsed(data, file)
    if is_ofds(content):
        return replace(raw_of_features(features_of_ofds(content, file), file, sheet), standard=True)
    if isinstance(content, dict) and content.get("type") in ("FeatureCollection", "Feature"):
        return _geojson(content, data, file, sheet, crs)
    if isinstance(content, dict) and crs is None:
        crs = _esri_crs(content)
    if isinstance(content, dict) and (drawn := _esri_shapes(content)) is not None:
        return raw_of_features(drawn.set_crs(crs or "EPSG:4326").to_crs("EPSG:4326"), file, sheet)
    if table := _list_of_lists(content):
        return replace(make_raw(table, file, ragged=True), given_crs=crs)
    records = _records(content)
    if not records:
        raise FileRefusedError("geofile.unknown_format", Place(file=file))
    rows = [flat(record) for record in records]
    columns_of(rows, len(rows), file)
    frame = pd.DataFrame(rows).fillna("")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    if frame.columns.empty:
        raise FileRefusedError("table.no_rows", Place(file=file))
    return Raw(frame.astype(object), file, sheet, given_crs=crs)


def _parsed(data: bytes, file: str) -> Any:
    """A JSON document; also a document a line, and one that a page of the web keeps in a variable."""
    try:
        text = data.decode("utf-8-sig").strip().replace("\x1e", "")
    except ValueError as error:
        raise FileRefusedError("file.unreadable", Place(file=file), problem=str(error)[:200]) from error
    text = re.sub(r"^(?:var|let|const)\s+\w+\s*=\s*", "", text).rstrip("; \n")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        try:
            lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise FileRefusedError("file.unreadable", Place(file=file), problem=str(error)[:200]) from error
    if all(isinstance(one, dict) and one.get("type") == "Feature" for one in lines):
        return {"type": "FeatureCollection", "features": lines}
    return lines


def _list_of_lists(content: Any) -> Rows:
    """The rows of a table kept as lists within a list, the first of which may be its header."""
    lists = [content] if isinstance(content, list) else list(content.values()) if isinstance(content, dict) else []
    heads = [one for one in lists if isinstance(one, list) and one and all(isinstance(name, str) for name in one)]
    for rows in lists:
        if isinstance(rows, list) and len(rows) > 1 and all(isinstance(row, list) for row in rows):
            head = [one for one in heads if len(one) == len(rows[0])][:1]  # beside the rows, as pandas writes it
            return [(at, [text_of(cell) for cell in row]) for at, row in enumerate([*head, *rows], start=1)]
    return []


def _esri_crs(content: dict[str, Any]) -> str | None:
    """What the coordinates of an ArcGIS feature set are; None for degrees."""
    system = content.get("spatialReference")
    code = (system.get("latestWkid") or system.get("wkid")) if isinstance(system, dict) else None
    return f"EPSG:{ {102100: 3857}.get(code, code) }" if isinstance(code, int) and code != WGS84 else None


def _esri_shapes(content: dict[str, Any]) -> gpd.GeoDataFrame | None:
    """Lines and outlines of an ArcGIS feature set, without a reference system; None where there are none."""
    found = content.get("features")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return None
    shapes: list[dict[str, Any]] = [one["geometry"] if isinstance(one.get("geometry"), dict) else {} for one in found]
    if not any("paths" in shape or "rings" in shape for shape in shapes):
        return None
    kinds = {"paths": "MultiLineString", "rings": "Polygon"}
    texts = [
        next((json.dumps({"type": kinds[k], "coordinates": shape[k]}) for k in kinds if k in shape), None)
        for shape in shapes
    ]
    rows = pd.DataFrame([one.get("attributes") or {} for one in found])
    return gpd.GeoDataFrame(rows, geometry=shapely.from_geojson(texts, on_invalid="ignore"))


def _geojson(content: dict[str, Any], data: bytes, file: str, sheet: str | None, crs: str | None) -> Raw:
    """GeoJSON; textual coordinates become two columns, parsed as those of a table."""
    features = content.get("features") if content["type"] == "FeatureCollection" else [content]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise FileRefusedError("geofile.unknown_format", Place(file=file))
    pairs = [_text_pair(feature.get("geometry")) for feature in features]
    read = [{**feature, "geometry": _in_numbers(feature.get("geometry"))} for feature in features]
    as_text = [one["geometry"] != feature.get("geometry") for one, feature in zip(read, features, strict=True)]
    note = [("imports.note.text_coordinates", {"file": file})]
    if not any(as_text) and not any(pair and any(isinstance(number, str) for number in pair) for pair in pairs):
        return _in_a_copy(content, file, sheet, crs)
    if any(pair is None and feature.get("geometry") for pair, feature in zip(pairs, features, strict=True)):
        raw = _in_a_copy({"type": "FeatureCollection", **content, "features": read}, file, sheet, crs)
        return replace(raw, notes=[*raw.notes, *note])
    rows = [flat(feature.get("properties") or {}) | _place(pair) for feature, pair in zip(features, pairs, strict=True)]
    columns_of(rows, len(rows), file)
    frame = pd.DataFrame(rows, dtype=object).fillna("")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    return Raw(frame, file, sheet, notes=note)


def _in_a_copy(content: dict[str, Any], file: str, sheet: str | None, crs: str | None) -> Raw:
    """Read GeoJSON from a copy, so that what is read is what was checked."""
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        copy = Path(folder) / "features.geojson"
        copy.write_text(json.dumps(content), "utf-8")
        return raw_of_features(read_geofile(copy, crs=crs, loose=True, name=file), file, sheet)


def _in_numbers(shape: Any) -> Any:
    """A geometry with coordinates that are numbers as text as numbers; another text stays."""
    if isinstance(shape, list):
        return [_in_numbers(one) for one in shape]
    if isinstance(shape, dict):
        return {name: _in_numbers(one) if name in ("coordinates", "geometries") else one for name, one in shape.items()}
    try:
        return float(shape.replace(",", ".")) if isinstance(shape, str) else shape
    except ValueError:
        return shape


def _text_pair(geometry: Any) -> tuple[Any, Any] | None:
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    found = geometry.get("coordinates")
    return (found[0], found[1]) if isinstance(found, list) and len(found) >= 2 else None


def _place(pair: tuple[Any, Any] | None) -> dict[str, str]:
    return {LON: "", LAT: ""} if pair is None else {LON: text_of(pair[0]), LAT: text_of(pair[1])}


def _records(content: Any) -> list[dict[str, Any]]:
    """The records of a JSON document: the list with places in it, else the longest, with what its parents say."""

    def worth(rows: list[dict[str, Any]]) -> tuple[bool, int]:
        seen = rows[:LOOKED_AT]
        return sum(map(_has_place, seen)) * 2 > len(seen), len(rows)

    return max(_lists(content, {}, 0), key=worth, default=[])


def _lists(content: Any, above: dict[str, Any], depth: int) -> Iterator[list[dict[str, Any]]]:
    """Every list of records, those inside the records of a list as one list; records by name count as a list."""
    if isinstance(content, dict):
        inner = list(content.values())
        if len(inner) > 1 and all(isinstance(one, dict) for one in inner) and _alike(inner):
            content = [{"id": name, **one} for name, one in content.items()]
        elif depth < MAX_DEPTH:
            for value in inner:
                yield from _lists(value, above, depth + 1)
    if not isinstance(content, list) or not content or not all(isinstance(item, dict) for item in content):
        return
    yield [above | item for item in content]
    if depth >= MAX_DEPTH:
        return
    for name in dict.fromkeys(name for item in content for name in item):
        inside = [
            child
            for item in content
            for rows in _lists(
                item.get(name), above | {key: one for key, one in item.items() if _is_plain(one)}, depth + 1
            )
            for child in rows
        ]
        if inside:
            yield inside


def _alike(records: list[dict[str, Any]]) -> bool:
    shared = set(records[0]).intersection(*records[1:LOOKED_AT])
    return bool(shared) and any(_is_plain(records[0][name]) for name in shared)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _has_place(record: dict[str, Any]) -> bool:
    return {"lat", "lon"} <= (told := {field_of(name) for name in flat(record)}) or "coordinates" in told


def flat(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """Flatten a record to texts by dotted name; two numbers become a pair."""
    row: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < MAX_DEPTH:
            row |= flat(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value):
            row[f"{prefix}{name}"] = f"{value[0]!r}, {value[1]!r}"
        else:
            row[f"{prefix}{name}"] = text_of(value)
    return row


def text_of(value: Any) -> str:
    """An attribute as text, empty for null; dates in ISO format."""
    if isinstance(value, str):
        return clean(value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        return repr(int(value)) if float(value).is_integer() and abs(float(value)) < 2**53 else repr(float(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() and value.tzinfo is None else value.isoformat(" ")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, BaseGeometry):
        return str(value.wkt)
    return clean(str(value))
