"""Records of assets: validation, JSON for the history, checksums."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import Place, RowError
from coverage.base.kinds import GEOMETRY_TYPES
from coverage.base.schema import Column
from coverage.readers.kinds import asset_kinds
from coverage.store.models import FIELDS

Row = Mapping[Any, Any]
"""Row of a table by column."""
Record = dict[str, Any]
"""An asset: ``asset_id``, every name of :data:`~coverage.store.models.FIELDS`, and ``struck_out``."""

FIELD = {column.name: column for column in FIELDS}
STORED = ("asset_id", *FIELD, "struck_out")
SUMMED = ("asset_id", "version", "at", "who", "action", "before", "after", "note", "import_id", "change_id")
"""Columns under the checksum."""
PROPOSAL_SUMMED = ("proposal_id", "version", "region", "at", "who", "action", "after", "note", "change_id")
"""The same of a line of a proposal."""
TEXT_LIMIT = 2000
PHOTO_LIMIT = 20
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_YEAR = re.compile(r"(?:19|20)\d\d")
_HALF_LETTERS = re.compile("[\ud800-\udfff]")
_OTHER_SHAPE = {"point": "store.not_a_point", "line": "store.not_a_line", "area": "store.not_an_area"}


def checked(record: Mapping[str, Any], row: int | None = None) -> Record:
    """Validate a record and return plain Python values for every field.

    Parameters
    ----------
    record : fields; missing ones become empty. ``geometry`` is a shapely geometry in EPSG:4326.

    Raises
    ------
    RowError
        Naming field, value and, where few, the valid values.
    """
    unknown = set(record) - set(STORED)
    if unknown:
        raise RowError("store.unknown_field", Place(row=row, column=sorted(unknown)[0]), offered=list(FIELD))
    name = _text(record.get("asset_id"), "asset_id", row)
    if name is None:
        raise RowError("store.required", Place(row=row, column="asset_id"))
    result: Record = {"asset_id": name}
    for column in FIELDS:
        result[column.name] = _value(record.get(column.name), column, row)
    result["struck_out"] = bool(record.get("struck_out") or False)
    _check_place(result, row)
    _check_date(result["installed_on"], row)
    _check_photos(result["photos"], row)
    return result


def _empty(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _value(value: Any, column: Column, row: int | None) -> Any:
    if _empty(value) or (isinstance(value, str) and not value.strip()):
        if column.name == "needs_check":
            return False
        if not column.nullable:
            raise RowError("store.required", Place(row=row, column=column.name))
        return None
    if column.kind == "geometry":
        return value
    if column.kind == "text":
        text = _text(value, column.name, row)
        values = list(asset_kinds()) if column.name == "kind" else list(column.values)
        if values and text not in values:
            raise RowError("store.unknown_value", Place(row=row, column=column.name, value=text), offered=values)
        return text
    if column.kind == "boolean":
        if not isinstance(value, bool | np.bool_):
            raise RowError("store.not_yes_or_no", Place(row=row, column=column.name, value=value))
        return bool(value)
    return _number(value, column, row)


def _text(value: Any, field: str, row: int | None) -> str | None:
    if _empty(value):
        return None
    if not isinstance(value, str):
        raise RowError("store.not_text", Place(row=row, column=field, value=value))
    text = value.strip()
    if len(text) > TEXT_LIMIT:
        raise RowError("store.too_long", Place(row=row, column=field), limit=TEXT_LIMIT)
    if "\x00" in text or not (text.isascii() or _HALF_LETTERS.search(text) is None):
        raise RowError("store.bad_text", Place(row=row, column=field))
    return text or None


def _number(value: Any, column: Column, row: int | None) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise RowError("store.not_a_number", Place(row=row, column=column.name, value=value))
    number = float(value)
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    if not math.isfinite(number) or not low <= number <= high:
        raise RowError(
            "store.out_of_range",
            Place(row=row, column=column.name, value=value),
            minimum=column.minimum,
            maximum=column.maximum,
            unit=column.unit,
        )
    return number + 0.0  # no negative zero: the databases differ in it


def _check_place(record: Record, row: int | None) -> None:
    shape = record["geometry"]
    if not isinstance(shape, BaseGeometry):
        raise RowError("store.not_a_geometry", Place(row=row, column="geometry"))
    wanted = asset_kinds().of(record["kind"]).geometry
    if shape.is_empty or shape.geom_type not in GEOMETRY_TYPES[wanted]:
        place = Place(row=row, column="geometry", value=shape.geom_type)
        raise RowError(_OTHER_SHAPE[wanted], place, kind=record["kind"])
    shape = shapely.force_2d(shape)
    west, south, east, north = shape.bounds
    finite = bool(np.isfinite(shapely.get_coordinates(shape)).all())
    if not finite or west < -180 or east > 180 or south < -90 or north > 90:
        raise RowError("store.outside_earth", Place(row=row, column="geometry"), longitude=west, latitude=south)
    if wanted == "area" and not shape.is_valid:
        raise RowError("drawing.crosses_itself", Place(row=row, column="geometry"))
    record["geometry"] = shape


def _check_date(text: str | None, row: int | None) -> None:
    try:
        fits = text is None or _YEAR.fullmatch(text) is not None or dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        fits = False
    if not fits:
        raise RowError("store.not_a_date", Place(row=row, column="installed_on", value=text))


def _check_photos(text: str | None, row: int | None) -> None:
    links = (text or "").split("\n")
    if len(links) > PHOTO_LIMIT:
        raise RowError("store.too_many_photos", Place(row=row, column="photos"), limit=PHOTO_LIMIT)
    for link in links:
        parts = urlsplit(link) if link else None
        if parts and (parts.scheme not in ("http", "https") or not parts.netloc or any(c in link for c in " \"'<>")):
            raise RowError("store.not_a_link", Place(row=row, column="photos", value=link))


def as_json(record: Record) -> str:
    """Canonical JSON of a record, geometry as GeoJSON (GEOS's WKT drops last digits)."""
    return as_jsons([record])[0]


def as_jsons(records: Sequence[Record]) -> list[str]:
    """:func:`as_json` of many records."""
    places = shapely.to_geojson([record["geometry"] for record in records])
    return [json_of([record[name] for name in STORED], place) for record, place in zip(records, places, strict=True)]


def json_of(values: Sequence[Any], place: str) -> str:
    """JSON of a record from values (:data:`STORED` in order) and GeoJSON."""
    plain = dict(zip(STORED, values, strict=True))
    plain["geometry"] = place
    return _ENCODER.encode(plain)


def from_json(text: str) -> Record:
    """Parse :func:`as_json`; fields unknown to an older version are empty."""
    return from_jsons([text])[0]


def from_jsons(texts: Sequence[str]) -> list[Record]:
    """:func:`from_json` of many."""
    records = []
    for text in texts:
        plain = json.loads(text)
        plain["needs_check"] = bool(plain.get("needs_check"))
        records.append({name: plain.get(name) for name in STORED})
    for record, place in zip(records, shapely.from_geojson([record["geometry"] for record in records]), strict=True):
        record["geometry"] = place
    return records


def as_rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Columns of table ``assets``: fields, geometry as WKB, bounds."""
    shapes = [record["geometry"] for record in records]
    bounds = shapely.bounds(shapes).tolist()
    return [
        {**record, "geometry": place, "lon_min": west, "lat_min": south, "lon_max": east, "lat_max": north}
        for record, place, (west, south, east, north) in zip(
            records, shapely.to_wkb(shapes, byte_order=1), bounds, strict=True
        )
    ]


def from_row(row: Row) -> Record:
    """Record of a row of ``assets``."""
    record = {name: row[name] for name in STORED}
    record["geometry"] = shapely.from_wkb(bytes(record["geometry"]))
    return record


def line_digest(line: Row) -> str:
    """Checksum of a line of history."""
    return digest([line[name] for name in SUMMED])


def digest(values: Sequence[Any]) -> str:
    """Short checksum over the values :data:`SUMMED`, against damaged files."""
    return hashlib.blake2b(json.dumps(list(values)).encode("ascii"), digest_size=12).hexdigest()


def same(left: Any, right: Any) -> bool:
    """Equality of field values; geometries coordinate by coordinate."""
    if isinstance(left, BaseGeometry) and isinstance(right, BaseGeometry):
        return shapely.to_wkb(left) == shapely.to_wkb(right)
    return bool(left == right)


def changed_fields(before: Record, after: Record) -> list[str]:
    """Fields in which two records differ."""
    return [name for name in STORED if not same(before[name], after[name])]


def rows_of(frame: pd.DataFrame) -> Sequence[Record]:
    """Rows of a table of assets as dictionaries of the store's columns."""
    known = [name for name in frame.columns if name in STORED]
    columns = [frame[name].tolist() if name != "geometry" else list(frame[name]) for name in known]
    return [dict(zip(known, values, strict=True)) for values in zip(*columns, strict=True)]
