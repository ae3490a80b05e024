"""``villages.geojson`` and ``assets.geojson`` (RFC 7946)."""

from __future__ import annotations

import io
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from coverage.exports.provenance import provenance
from coverage.exports.tables import shown_assets, villages_table
from coverage.language.words import Words
from coverage.run.result import RunTables


def villages_frame(analysis: RunTables, words: Words) -> Any:
    """Table of ``villages.csv`` with the original outlines, EPSG:4326."""
    table = villages_table(analysis, words)
    outlines = analysis.villages.set_index("village_code_bps")["geometry"]
    return gpd.GeoDataFrame(table, geometry=outlines.reindex(table["village_code_bps"]).to_numpy(), crs="EPSG:4326")


def assets_frame(analysis: RunTables) -> Any:
    """Assets with the run id, EPSG:4326."""
    assets = shown_assets(analysis)
    assets["on_fiber"] = assets["on_fiber"].astype("boolean")
    assets["run_id"] = str(analysis.run["run_id"])
    return assets


def write_villages_geojson(analysis: RunTables, words: Words) -> bytes:
    """Return ``villages.geojson``."""
    return _geojson(villages_frame(analysis, words), analysis, words)


def write_assets_geojson(analysis: RunTables, words: Words) -> bytes:
    """Return ``assets.geojson``."""
    return _geojson(assets_frame(analysis), analysis, words)


def _geojson(frame: Any, analysis: RunTables, words: Words) -> bytes:
    about = provenance(analysis, words)
    buffer = io.BytesIO()
    pyogrio.write_dataframe(
        _without_missing_text(frame),
        buffer,
        driver="GeoJSON",
        layer="jangkau",
        layer_options={
            "RFC7946": "YES",
            "COORDINATE_PRECISION": "6",
            "DESCRIPTION": " ".join([about.footer(words) + ".", *about.approximations]),
        },
    )
    return buffer.getvalue()


def _without_missing_text(frame: Any) -> Any:
    """Replace missing text by None, also in empty columns."""
    made = frame.copy()
    for name in made.columns:
        if made[name].dtype == object and name != "geometry":
            made[name] = made[name].where(made[name].notna(), None)
        elif isinstance(made[name].dtype, pd.StringDtype):
            made[name] = made[name].astype(object).where(made[name].notna(), None)
    return made
