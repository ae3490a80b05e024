"""Fibre by its schema, rasters by rasterio and gdalinfo, and a chosen set as one ZIP."""

import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from coverage.exports.bundle import file_names, output_files, paper_files, write_zip
from coverage.exports.geotiff import write_geotiff
from coverage.exports.ofds import write_ofds
from coverage.exports.provenance import provenance
from coverage.language.words import Words
from tests.exports.conftest import CODES, HOSTILE, Small, make_small
from tests.exports.test_plan import make_plan


def with_fibre(name: str = "Simpul Timur") -> Small:
    """A node at one end of the route, none at the other, and a route in two parts."""
    run = make_small()
    node = run.assets.iloc[[0]].assign(asset_id="F-1", kind="fiber_node", name=name, owner=name, status="damaged")
    node = gpd.GeoDataFrame(node.drop(columns="geometry"), geometry=[shapely.Point(112.0901, -8.0901)], crs=4326)
    split = run.assets[run.assets["asset_id"] == "R-1"].assign(asset_id="R-2", status="under_construction")
    lines = shapely.MultiLineString([[(112.03, -8.09), (112.04, -8.09)], [(112.05, -8.09), (112.06, -8.09)]])
    split = gpd.GeoDataFrame(split.drop(columns="geometry"), geometry=[lines], crs=4326)
    return replace(run, assets=pd.concat([run.assets, node, split], ignore_index=True))


def test_ofds_keeps_its_schema(shared: Path, words: Words) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((shared / "ofds" / "network-schema.json").read_text("utf-8"))
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    example = json.loads((shared / "ofds" / "network-package.json").read_text("utf-8"))["networks"][0]
    assert list(check.iter_errors(example)) == []
    for run in (with_fibre(), make_small(), replace(make_small(), assets=None)):
        network = json.loads(write_ofds(run, words))["networks"][0]
        assert [error.message for error in check.iter_errors(network)] == []
    assert list(check.iter_errors({**network, "links": []}))


def test_ofds_says_what_the_inventory_says(words: Words) -> None:
    network = json.loads(write_ofds(with_fibre(), words))["networks"][0]
    assert [(node["id"], node["status"]) for node in network["nodes"]] == [("F-1", "inactive")]
    spans = {span["id"]: span for span in network["spans"]}
    assert list(spans) == ["R-1", "R-2-1", "R-2-2"]
    assert spans["R-1"]["start"] == "F-1"
    assert "end" not in spans["R-1"]
    assert spans["R-2-1"]["status"] == "underConstruction"
    assert spans["R-2-1"]["route"]["coordinates"] == [[112.03, -8.09], [112.04, -8.09]]
    assert "contoh rekaan" in network["accuracyDetails"]
    assert network["publicationDate"] == "2026-11-20"


@pytest.mark.parametrize("name", HOSTILE[::4])
def test_ofds_keeps_hostile_names(name: str, words: Words) -> None:
    assert json.loads(write_ofds(with_fibre(name), words))["networks"][0]["nodes"][0]["name"] == name


def test_a_grid_comes_back_with_its_place_values_and_marks(small: Small, words: Words, tmp_path: Path) -> None:
    values = np.array([[[-90.5, np.nan], [-110.0, -70.25]]], dtype=np.float32)
    content = write_geotiff(
        values, 500_000, 9_100_000, 30, "EPSG:32749", provenance(small, words), words, names=["RSRP"], unit="dBm"
    )
    (tmp_path / "signal.tif").write_bytes(content)
    with rasterio.open(tmp_path / "signal.tif") as raster:
        assert raster.crs.to_epsg() == 32749
        assert tuple(raster.bounds) == (500_000, 9_100_000 - 60, 500_060, 9_100_000)
        assert raster.read(1, masked=True).filled(0).tolist() == [[-90.5, 0], [-110.0, -70.25]]
        assert (raster.descriptions, raster.units) == (("RSRP",), ("dBm",))
        assert raster.tags()["JANGKAU_RUN"] == "abc123def456"
        assert "contoh rekaan" in raster.tags()["JANGKAU_APPROXIMATE"]
    if shutil.which("gdalinfo"):
        told = subprocess.run(
            ["gdalinfo", str(tmp_path / "signal.tif")], capture_output=True, text=True, check=True
        ).stdout
        assert "NoData Value=-9999" in told


def test_a_grid_that_would_mislead_is_refused(small: Small, words: Words) -> None:
    about = provenance(small, words)
    with pytest.raises(ValueError, match="mark for none"):
        write_geotiff(
            np.full((1, 1, 1), -9999, np.float32), 0, 0, 1, "EPSG:32749", about, words, names=["a"], unit="dBm"
        )
    with pytest.raises(ValueError, match="names"):
        write_geotiff(np.zeros((2, 1, 1), np.float32), 0, 0, 1, "EPSG:32749", about, words, names=["a"], unit="dBm")


def test_a_chosen_set_is_one_zip_whose_run_file_names_it(small: Small, words: Words) -> None:
    told: list[tuple[str, float]] = []
    files = output_files(small, words, ["villages.csv", "map.kmz"], progress=lambda *step: told.append(step))
    assert told == [("villages.csv", 0.0), ("map.kmz", 0.5)]
    content = write_zip(files)
    assert content == write_zip(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["map.kmz", "villages.csv", "run.json"]
        about = json.loads(archive.read("run.json"))
        for name, entry in about["outputs"].items():
            assert entry["sha256"] == sha256(archive.read(name)).hexdigest()


@pytest.mark.slow
def test_every_file_that_is_offered_can_be_made_and_no_other(small: Small, words: Words) -> None:
    plan = make_plan()
    names = [name for name in file_names(plan) if name != "map.png"]
    made = paper_files(small, words, names, plan=plan, villages=CODES[:1])
    assert list(made) == names
    assert all(made.values())
    assert {"report.pdf", "assets.csv", "villages.csv"} < set(file_names())
    assert "signal.tif" not in file_names(plan)
    assert "rollout.csv" not in file_names()
    with pytest.raises(KeyError):
        paper_files(small, words, ["../passwd"])
