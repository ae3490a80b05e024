"""QGIS's library lists and reads the layers in PostGIS directly."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
import sqlalchemy as sa

from coverage.store import open_store
from tests.store.stores import EDITOR, make_assets


def run_ogrinfo(url: str, *layer: str) -> str:
    program = shutil.which("ogrinfo")
    if program is None:
        pytest.skip("ogrinfo (Debian package gdal-bin) is not installed")
    where = sa.make_url(url)
    parts = {
        "host": where.host or where.query.get("host"),
        "port": where.port,
        "dbname": where.database,
        "user": where.username,
        "password": where.password,
    }
    address = "PG:" + " ".join(f"{name}='{value}'" for name, value in parts.items() if value)
    done = subprocess.run([program, "-ro", address, *layer], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_ogr_lists_a_layer_for_each_kind_with_its_own_geometry_and_reads_it(postgis_url: str) -> None:
    store = open_store(postgis_url)
    store.assets.add(
        make_assets(
            {"name": "Balai Desa", "height_m": 12.5},
            {"asset_id": "r", "kind": "fiber_route"},
            {"asset_id": "c", "kind": "cctv"},
            {"asset_id": "salah"},
        ),
        EDITOR,
    )
    store.assets.strike_out("salah", 1, EDITOR)
    store.close()
    listed = run_ogrinfo(postgis_url)
    for layer in (
        "layer_wifi (Point)",
        "layer_tower (Point)",
        "layer_cctv (Point)",
        "layer_fiber_route (Multi Line String)",
    ):
        assert layer in listed, listed
    wifi = run_ogrinfo(postgis_url, "layer_wifi")
    assert "Feature Count: 1" in wifi
    assert 'ID["EPSG",4326]' in wifi
    assert "POINT (112.11 -8.1)" in wifi
    assert "height_m (Real) = 12.5" in wifi
    assert "Balai Desa" in wifi
    route = run_ogrinfo(postgis_url, "layer_fiber_route")
    assert "MULTILINESTRING ((112.1 -8.1,112.2 -8.15))" in route
    assert "wifi" not in route


def test_the_spatial_index_is_there_and_used(postgis_url: str) -> None:
    store = open_store(postgis_url)
    with store.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(
            "EXPLAIN (FORMAT json) SELECT 1 FROM assets WHERE geometry && ST_MakeEnvelope(112, -9, 113, -8, 4326)"
        ).scalar()
        kind = connection.exec_driver_sql(
            "SELECT type || ' ' || srid FROM geometry_columns WHERE f_table_name = 'assets'"
        ).scalar()
    store.close()
    assert "assets_geometry" in json.dumps(plan)
    assert kind == "GEOMETRY 4326"
