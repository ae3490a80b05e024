"""Tables of assets from rows of the store or lines of history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from coverage.base.schema import ASSETS
from coverage.store.models import DERIVED, EXTRA, FIELDS
from coverage.store.records import Row, from_jsons
from coverage.store.villages import VillageLocator

MARKS = ("struck_out", "version", "updated_at", "updated_by")
COLUMNS = [*ASSETS.names[:-1], *(column.name for column in EXTRA), *DERIVED, *MARKS, "geometry"]
"""Columns of a table of assets: schema, inventory, computed, marks."""

_NUMBERS = {column.name for column in FIELDS if column.kind == "number"}
_BOOLEANS = {"needs_check", "struck_out"}


def frame_of(rows: Sequence[Sequence[Any]]) -> gpd.GeoDataFrame:
    """Table of assets (EPSG:4326) from rows of :data:`COLUMNS`, geometry as WKB."""
    values = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(COLUMNS, ())
    geometry = shapely.from_wkb(list(values.pop("geometry")))
    return gpd.GeoDataFrame(
        {name: _series(column, name) for name, column in values.items()}, geometry=gpd.GeoSeries(geometry, crs=4326)
    )


def frame_of_lines(lines: Sequence[Row]) -> gpd.GeoDataFrame:
    """Table of assets from lines of history; not located."""
    records = from_jsons([line["after"] for line in lines])
    places = shapely.to_wkb([record["geometry"] for record in records])
    marks = [
        {
            "version": line["version"],
            "updated_at": line["at"],
            "updated_by": line["who"],
            "geometry": place,
            **dict.fromkeys(DERIVED),
        }
        for line, place in zip(lines, places, strict=True)
    ]
    rows = [record | mark for record, mark in zip(records, marks, strict=True)]
    return frame_of([[row[name] for name in COLUMNS] for row in rows])


def _series(column: Sequence[Any], name: str) -> pd.Series:
    values = list(column)
    if name in _NUMBERS:
        return pd.Series(values, dtype="float64")
    if name in _BOOLEANS:
        return pd.Series(values, dtype=bool)
    if name == "version":
        return pd.Series(values, dtype="int64")
    if name == "on_fiber":
        return pd.Series(values, dtype=object)
    return pd.Series(values, dtype="str")


def located(frame: gpd.GeoDataFrame, locator: VillageLocator | None) -> gpd.GeoDataFrame:
    """The table with the computed columns filled; unchanged where no villages are known."""
    if locator is None or frame.empty:
        return frame
    places = locator(frame)
    return frame.assign(
        **{name: pd.Series(places[name].to_numpy(), index=frame.index, dtype="str") for name in DERIVED}
    )
