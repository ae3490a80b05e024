"""``villages.gpkg``: villages, blank spots and assets as styled layers for QGIS.

Layers ``villages``, ``blank_spots`` and ``pockets`` (of the default rule), ``landmarks`` (hamlets, service points),
``assets`` (points), ``asset_routes`` and ``asset_areas`` (lines and areas, if any) and the table ``run_information``.
Time stamps are the date of the run: equal runs give equal bytes on a day.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio

from coverage.base.kinds import GEOMETRY_TYPES, Geometry
from coverage.exports.geojson import assets_frame, villages_frame
from coverage.exports.landmarks import landmarks_frame
from coverage.exports.pockets import pockets_frame
from coverage.exports.provenance import provenance, run_date
from coverage.exports.qgis_styles import area_style, asset_style, blank_spot_style, route_style, village_style
from coverage.exports.tables import default_rule
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

_ONE_AT_A_TIME = threading.Lock()
_GPKG_VERSION = "1.3"
"""Known to QGIS 3.22 and later."""
_ASSETS: dict[str, Geometry] = {"asset_areas": "area", "asset_routes": "line", "assets": "point"}
_STYLES_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""


def write_geopackage(analysis: RunTables, words: Words) -> bytes:
    """Return ``villages.gpkg``."""
    moment = f"{run_date(analysis)}T00:00:00.000Z"
    layers = _layers(analysis, words)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder, _gdal_options(moment):
        path = Path(folder) / "villages.gpkg"
        for name, table in layers.items():
            is_first = not path.exists()
            pyogrio.write_dataframe(
                table,
                path,
                layer=name,
                driver="GPKG",
                append=not is_first,
                geometry_type=_geometry_type(table),
                dataset_options={"VERSION": _GPKG_VERSION} if is_first else None,
            )
        about = provenance(analysis, words)
        pyogrio.write_dataframe(
            pd.DataFrame(about.lines(words), columns=["item", "value"]),
            path,
            layer="run_information",
            driver="GPKG",
            append=True,
        )
        kinds = {name: sorted(set(layers[name]["kind"])) for name in _ASSETS if name in layers}
        styles = {
            "villages": village_style(state_words(words, default_rule(analysis)), words("core.certainty.possible")),
            "blank_spots": blank_spot_style(),
            "pockets": blank_spot_style(),
            "landmarks": asset_style(words, sorted(set(layers["landmarks"]["kind"]))) if "landmarks" in layers else "",
            "assets": asset_style(words, kinds.get("assets", ())),
            "asset_routes": route_style(words, kinds.get("asset_routes", ())),
            "asset_areas": area_style(words, kinds.get("asset_areas", ())),
        }
        _add_styles(path, {name: styles[name] for name in layers}, moment)
        return path.read_bytes()


def _layers(analysis: RunTables, words: Words) -> dict[str, Any]:
    """Layers bottom first; empty ones are left out, but never ``villages``."""
    villages = villages_frame(analysis, words)
    layers: dict[str, Any] = {"villages": villages}
    blank = villages[villages["state"] == "blank"]
    if len(blank):
        layers["blank_spots"] = blank.reset_index(drop=True)
    pockets = pockets_frame(analysis, words)
    if pockets is not None:
        layers["pockets"] = pockets
    landmarks = landmarks_frame(analysis, words)
    if landmarks is not None:
        layers["landmarks"] = landmarks
    assets = assets_frame(analysis)
    for name, geometry in _ASSETS.items():
        of_it = assets.geometry.geom_type.isin(GEOMETRY_TYPES[geometry])
        if of_it.any():
            layers[name] = assets[of_it].reset_index(drop=True)
    return layers


def _geometry_type(table: Any) -> str:
    kinds = set(table.geometry.geom_type)
    if kinds <= {"Point"}:
        return "Point"
    return "MultiLineString" if kinds <= {"LineString", "MultiLineString"} else "MultiPolygon"


@contextmanager
def _gdal_options(moment: str) -> Iterator[None]:
    """Let GDAL write ``moment`` in place of the current time, and not wait for the disk: the file is read and gone."""
    options = {"OGR_CURRENT_DATE": moment, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    with _ONE_AT_A_TIME:  # the options are those of the whole program
        before = {name: pyogrio.get_gdal_config_option(name) for name in options}
        pyogrio.set_gdal_config_options(options)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


def _add_styles(path: Path, styles: dict[str, str], moment: str) -> None:
    """Write QGIS' table of layer styles."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous = OFF")
        column = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        database.execute(_STYLES_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS', ?)",
            (moment,),
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, '', 1, 'Jangkau', '', '', ?)",
            [(name, column[name], name, qml, moment) for name, qml in styles.items()],
        )
