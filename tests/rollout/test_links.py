"""A radio link over made ground: what stands between, and the mast that sees over it, worked by hand."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from coverage.reach.terrain import Terrain
from coverage.readers.costs import read_costs
from coverage.readers.parameters import read_parameters
from coverage.rollout.links import LOWEST_M, checked_links
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.run.planning import survey_of
from tests.made_valley import LEMBAH, write_elevation, write_towers, write_villages

CRS = "EPSG:32749"
X0, Y0 = 600_000.0, 9_100_000.0


def ground(hill_m: float) -> Terrain:
    """Flat land of 12 km by 2 km with a hill across the middle of the way from x = 1 km to x = 11 km."""
    height = np.zeros((20, 120), dtype=np.float32)
    height[:, 59:61] = hill_m
    return Terrain(height, X0, Y0, 100.0, CRS)


def check(terrain: Terrain, height_m: float | None = 42.0, feed_x: float = 1050.0) -> pd.DataFrame:
    def place(x: float) -> gpd.GeoSeries:
        return gpd.GeoSeries(gpd.points_from_xy([X0 + x], [Y0 + 1050]), crs=CRS).to_crs("EPSG:4326")

    village = place(11_050.0).iloc[0]
    villages = gpd.GeoDataFrame(
        {"village_code_bps": ["3505010001"], "centre_lon": [village.x], "centre_lat": [village.y]},
        geometry=[village.buffer(0.01)],
        crs="EPSG:4326",
    )
    assets = gpd.GeoDataFrame(
        {"asset_id": ["TWR-1"], "kind": ["tower"], "height_m": [height_m]},
        geometry=place(feed_x).to_numpy(),
        crs="EPSG:4326",
    )
    wanted = pd.DataFrame({"village_code_bps": ["3505010001"], "asset_id": ["TWR-1"], "distance_m": [10_000.0]})
    return checked_links(terrain, villages, assets, read_parameters().kinds, wanted, read_costs())


def test_over_flat_land_a_roof_is_nearly_enough() -> None:
    row = check(ground(0)).iloc[0]
    assert row["clear"]
    assert LOWEST_M <= row["mast_m"] < 10


def test_a_hill_in_the_middle_asks_for_a_mast() -> None:
    """Half of 42 m and the mast must clear 30 m of hill, 1.5 m of bulging earth and 6.8 m of Fresnel zone: 34.6 m."""
    row = check(ground(30)).iloc[0]
    assert row["mast_m"] == pytest.approx(34.6, abs=1.0)
    assert row["clear"]


def test_a_hill_that_no_mast_sees_over_blocks_the_link() -> None:
    row = check(ground(100)).iloc[0]
    assert row["mast_m"] > 72
    assert not row["clear"]


def test_a_feed_without_a_height_takes_that_of_its_kind() -> None:
    usual = read_parameters().kinds["tower"].height_m
    assert check(ground(30), None)["mast_m"].iloc[0] == pytest.approx(check(ground(30), usual)["mast_m"].iloc[0])


def test_where_the_ground_ends_nothing_is_said() -> None:
    assert check(ground(0), feed_x=-5_000.0).empty


@pytest.mark.slow
def test_in_a_run_with_elevation_the_ridge_blocks_the_link_to_the_village_behind_it(tmp_path: Path) -> None:
    write_villages(tmp_path / "desa.geojson")
    write_towers(tmp_path / "menara.csv", ("M1", 5.0, 0.0, "Satu"))
    write_elevation(tmp_path / "dem.tif")
    inputs = load_inputs(tmp_path / "desa.geojson", [tmp_path / "menara.csv"], elevation=[tmp_path / "dem.tif"])
    parameters = read_parameters().model_copy(update={"default_rule": "no_cellular"})
    ground_ = prepare(inputs, parameters)
    found = survey_of(analyze(inputs, parameters, ground_), ground_, read_costs()).measures
    links = found[(found["village_code_bps"] == LEMBAH) & found["measure"].isin(["radio_link", "small_tower"])]
    assert links["reason"].tolist() == ["no_clear_line", "no_clear_line"]
    assert not links["possible"].any()
