"""What a damaged asset costs: people out of reach now who would be in reach if it worked."""

import geopandas as gpd
import pytest
import shapely

from coverage.base.kinds import AssetKind, ServiceReach
from coverage.base.schema import ASSETS
from coverage.land.cells import make_land
from coverage.land.people import spread_evenly
from coverage.reach.added_asset import people_gained

KINDS = {"tower": AssetKind(gives=(ServiceReach(service="cellular", reach_m=1000, source="t"),)), "cctv": AssetKind()}


@pytest.fixture
def village() -> gpd.GeoDataFrame:
    """One village of 10 by 10 km with 10,000 people: 100 people per km²."""
    square = gpd.GeoSeries([shapely.box(640_000, 9_100_000, 650_000, 9_110_000)], crs="EPSG:32749").to_crs(4326)
    return gpd.GeoDataFrame({"village_code_bps": ["3505010001"], "population": [10_000.0]}, geometry=square)


def asset(name: str, x: float, y: float, status: str, kind: str = "tower") -> dict[str, object]:
    point = gpd.GeoSeries([shapely.Point(640_000 + x, 9_100_000 + y)], crs="EPSG:32749").to_crs(4326).iloc[0]
    return dict.fromkeys(ASSETS.names) | {"asset_id": name, "kind": kind, "status": status, "geometry": point}


def gained(village: gpd.GeoDataFrame, *rows: dict[str, object]) -> dict[str, float]:
    assets = gpd.GeoDataFrame(list(rows), geometry="geometry", crs="EPSG:4326")
    for name in ("height_m", "band_mhz", "reach_m"):
        assets[name] = assets[name].astype(float)
    land = make_land(village)
    damaged = list(assets.loc[assets["status"] == "damaged", "asset_id"])
    return people_gained(land, spread_evenly(land), village, assets, KINDS, damaged)


def test_a_lone_damaged_tower_costs_the_people_of_its_circle(village: gpd.GeoDataFrame) -> None:
    assert gained(village, asset("a", 5000, 5000, "damaged")) == {"a": pytest.approx(314.16, rel=1e-3)}


def test_a_damaged_tower_beside_a_working_one_costs_nobody(village: gpd.GeoDataFrame) -> None:
    assert gained(village, asset("a", 5000, 5000, "damaged"), asset("b", 5000, 5000, "operational"))["a"] == (
        pytest.approx(0, abs=1e-6)
    )


def test_two_damaged_towers_at_one_place_each_cost_all(village: gpd.GeoDataFrame) -> None:
    found = gained(village, asset("a", 5000, 5000, "damaged"), asset("b", 5000, 5000, "damaged"))
    assert found["a"] == found["b"] == pytest.approx(314.16, rel=1e-3)


def test_an_asset_that_gives_no_connection_costs_nobody(village: gpd.GeoDataFrame) -> None:
    assert gained(village, asset("a", 5000, 5000, "damaged", "cctv")) == {"a": 0}
