"""What a planner asks of each village: who is in reach, is the centre, and what is nearest."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.schema import CONNECTION, NEAREST, SERVICES, VILLAGE_SERVICE, check
from coverage.land.cells import make_land
from coverage.land.people import spread_evenly
from coverage.reach.radius import reach_by_radius
from coverage.villages_served.village_service import nearest_assets, village_service
from tests.examples import examples
from tests.made_land import EAST, NORTH, UTM, make_assets, make_villages, square

ALL = set(SERVICES)


def served(villages, assets, service_reach, known=frozenset(ALL), service="cellular"):
    """The rows of table VILLAGE_SERVICE for one service, from the whole flow up to there."""
    land = make_land(villages)
    reach = reach_by_radius(land, assets, service_reach)
    table = village_service(villages, spread_evenly(land), reach, assets, service_reach, set(known))
    check(table, VILLAGE_SERVICE)
    return table[table["service"] == service].reset_index(drop=True)


def test_a_village_of_1000_people_with_a_quarter_of_its_land_in_reach_has_250_served() -> None:
    # A quarter circle of radius 500 at the corner of a square: π/16 of the square.
    row = served(make_villages(square(0, 0, 1000)), *make_assets([(0, 0)], reach_m=500)).iloc[0]
    assert row["share_served"] == pytest.approx(math.pi / 16, rel=1e-4)
    assert row["population_served"] == pytest.approx(1000 * math.pi / 16, rel=1e-4)


def test_people_count_where_they_live_and_area_where_it_is() -> None:
    # Everybody lives in the western of two cells, which alone is in reach.
    villages = make_villages(square(0, 0, 200, 100), population=80)
    land = make_land(villages)
    cells = land.cells.assign(people_share=[1.0, 0.0])
    reach = pd.DataFrame({name: [1.0, 0.0] for name in (*SERVICES, CONNECTION)}, index=cells.index)
    row = village_service(villages, cells, reach, *make_assets([(0, 0)]), ALL).iloc[0]
    assert (row["share_served"], row["share_area_served"], row["population_served"]) == (1.0, 0.5, 80.0)


def test_the_centre_is_served_up_to_the_reach_and_no_further() -> None:
    villages = make_villages(square(0, 0, 1000), square(1000, 0, 1000))
    rows = served(villages, *make_assets([(900, 500)], reach_m=400.1))
    assert rows["centre_served"].tolist() == [True, False]
    assert rows["nearest_asset_m"].tolist() == pytest.approx([400, 600], rel=1e-3)
    assert rows["nearest_asset_id"].tolist() == ["A000", "A000"]
    assert rows["nearest_asset_kind"].tolist() == ["tower", "tower"]


def test_a_service_never_listed_is_empty_and_not_zero() -> None:
    rows = served(make_villages(square(0, 0, 1000)), *make_assets([(500, 500)]), {"cellular"}, "backhaul")
    assert not rows["known"].any()
    assert rows.drop(columns=["village_code_bps", "service", "known"]).isna().all().all()


def test_a_service_listed_without_an_operational_asset_serves_nobody() -> None:
    rows = served(make_villages(square(0, 0, 1000)), *make_assets([(500, 500)]), service="backhaul")
    assert rows["known"].all()
    assert rows[["share_served", "share_area_served", "population_served"]].to_numpy().tolist() == [[0, 0, 0]]
    assert rows["centre_served"].tolist() == [False]
    assert rows[["nearest_asset_id", "nearest_asset_m"]].isna().all().all()


def test_a_connection_is_known_with_cellular_and_backhaul_and_else_a_lower_bound() -> None:
    villages, assets = make_villages(square(0, 0, 1000)), make_assets([(500, 500)], reach_m=100)
    partly = served(villages, *assets, {"cellular"}, CONNECTION).iloc[0]
    assert not partly["known"]
    assert partly["share_served"] == pytest.approx(math.pi * 100**2 / 1e6)
    assert partly["centre_served"]
    assert served(villages, *assets, {"cellular", "backhaul"}, CONNECTION).iloc[0]["known"]


def test_without_any_list_everything_is_unknown() -> None:
    villages = make_villages(square(0, 0, 1000))
    land = make_land(villages)
    _, none = make_assets([])
    reach = pd.DataFrame(0.0, index=land.cells.index, columns=[*SERVICES, CONNECTION])
    table = check(village_service(villages, land.cells, reach, None, none, set()), VILLAGE_SERVICE)
    assert len(table) == 5
    assert not table["known"].any()
    assert table["share_served"].isna().all()


def test_people_served_are_empty_where_people_are_not_known() -> None:
    villages = make_villages(square(0, 0, 1000))
    row = served(villages.assign(population=np.nan), *make_assets([(500, 500)])).iloc[0]
    assert row["share_served"] > 0
    assert np.isnan(row["population_served"])


def test_rows_come_by_village_then_service() -> None:
    villages = make_villages(square(0, 0, 500), square(500, 0, 500))
    land = make_land(villages)
    assets, service_reach = make_assets([(100, 100)])
    reach = reach_by_radius(land, assets, service_reach)
    table = village_service(villages, land.cells, reach, assets, service_reach, ALL)
    assert table["service"].tolist() == [*SERVICES, CONNECTION] * 2
    assert table["village_code_bps"].tolist() == ["3505030001"] * 5 + ["3505030002"] * 5


def test_the_nearest_of_each_kind_counts_operational_assets_only() -> None:
    villages = make_villages(square(0, 0, 1000))
    assets, _ = make_assets([(500, 600), (500, 900), (500, 2500)])
    assets["kind"] = ["tower", "tower", "wifi"]
    assets["status"] = ["damaged", "operational", "operational"]
    near = check(nearest_assets(villages, assets), NEAREST)
    assert near[["kind", "asset_id"]].values.tolist() == [["tower", "A001"], ["wifi", "A002"]]  # as in legends
    assert near["distance_m"].tolist() == pytest.approx([400, 2000], rel=1e-3)


def test_a_fibre_route_is_near_where_it_passes_and_not_where_it_ends() -> None:
    villages = make_villages(square(0, 0, 1000))
    line = shapely.LineString([(EAST - 5000, NORTH + 1500), (EAST + 5000, NORTH + 1500)])
    routes = gpd.GeoDataFrame(
        {"asset_id": ["R1"], "kind": "fiber_route", "status": "operational"},
        geometry=gpd.GeoSeries([line], crs=UTM).to_crs(4326),
    )
    near = nearest_assets(villages, routes)
    assert near["distance_m"].tolist() == pytest.approx([1000], rel=1e-3)


def test_of_two_assets_at_one_spot_the_first_by_name_is_named() -> None:
    villages = make_villages(square(0, 0, 1000))
    assets, _ = make_assets([(500, 700)] * 3)
    names = {nearest_assets(villages, assets.sample(frac=1, random_state=k))["asset_id"][0] for k in range(5)}
    assert names == {"A000"}


def test_without_assets_nothing_is_near() -> None:
    assert check(nearest_assets(make_villages(square(0, 0, 100)), None), NEAREST).empty
    assert check(nearest_assets(make_villages(square(0, 0, 100)), make_assets([])[0]), NEAREST).empty


@given(st.floats(95, 141), st.floats(-11, 6), st.floats(0, 360), st.floats(0, 50_000))
@settings(max_examples=examples(40))
def test_distances_agree_with_the_geodesic_to_a_decimetre_below_50_km(lon, lat, azimuth, metres) -> None:
    there = pyproj.Geod(ellps="WGS84").fwd(lon, lat, azimuth, metres)
    villages = gpd.GeoDataFrame(
        {"village_code_bps": ["3505030001"], "centre_lon": [lon], "centre_lat": [lat]},
        geometry=[shapely.box(lon, lat, lon + 0.01, lat + 0.01)],
        crs=4326,
    )
    assets = gpd.GeoDataFrame(
        {"asset_id": ["A"], "kind": ["tower"], "status": ["operational"]}, geometry=[shapely.Point(there[:2])], crs=4326
    )
    assert nearest_assets(villages, assets)["distance_m"][0] == pytest.approx(metres, abs=0.1)


def test_a_camera_on_fibre_reaches_people_but_is_not_the_nearest_connection_point() -> None:
    villages = make_villages(square(0, 0, 1000))
    camera, of_camera = make_assets([(500, 500)], "backhaul", 500, "cctv")
    node, of_node = make_assets([(3000, 500)], "backhaul", 1000, "fiber_node")
    both = gpd.GeoDataFrame(pd.concat([camera, node.assign(asset_id="N1")], ignore_index=True), crs=4326)
    gives = pd.concat([of_camera.assign(main=False), of_node.assign(asset_position=1)], ignore_index=True)
    row = served(villages, both, gives, service="backhaul").iloc[0]
    assert row["share_served"] > 0.7
    assert row["nearest_asset_kind"] == "fiber_node"
    assert row["nearest_asset_m"] == pytest.approx(2500, rel=1e-3)
    alone = served(villages, camera, of_camera.assign(main=False), service="backhaul").iloc[0]
    assert alone[["nearest_asset_kind", "nearest_asset_m"]].isna().all()
