"""Circles on the land: areas by hand, against polygon arithmetic, and what must always hold."""

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import SchemaError
from coverage.base.schema import CONNECTION, SERVICES
from coverage.land.cells import Land, make_land
from coverage.reach.radius import reach_by_radius
from tests.examples import examples
from tests.made_land import EAST, NORTH, UTM, make_assets, make_villages, square


def share_of_area(land: Land, reach: pd.DataFrame, service: str = "cellular") -> np.ndarray:
    """Share of each village's area in reach."""
    area = land.cells["area_m2"]
    village = land.cells["village_position"]
    return ((area * reach[service]).groupby(village).sum() / area.groupby(village).sum()).to_numpy()


def exact_shares(villages: gpd.GeoDataFrame, assets: gpd.GeoDataFrame, reach_m: np.ndarray) -> np.ndarray:
    """The same by polygon arithmetic: circles of 1,024 corners, united and intersected."""
    discs = shapely.buffer(assets.to_crs(villages.crs).geometry.to_numpy(), reach_m, quad_segs=256)
    polygons = villages.geometry.to_numpy()
    return shapely.area(shapely.intersection(polygons, shapely.union_all(discs))) / shapely.area(polygons)


def test_a_wifi_point_of_60_metres_reaches_0_09_percent_of_12_square_kilometres() -> None:
    villages = make_villages(square(0, 0, 4000, 3000))
    land = make_land(villages)
    reach = reach_by_radius(land, *make_assets([(1234.5, 987.6)], "public_wifi", 60))
    share = share_of_area(land, reach, "public_wifi")
    assert share[0] == pytest.approx(math.pi * 60**2 / 12e6, rel=1e-9)
    assert round(100 * share[0], 2) == 0.09


def test_a_circle_as_small_as_a_metre_is_not_lost() -> None:
    land = make_land(make_villages(square(0, 0, 1000)))
    share = share_of_area(land, reach_by_radius(land, *make_assets([(333.3, 421.7)], reach_m=1.0)))
    assert share[0] == pytest.approx(math.pi / 1e6, rel=1e-6)


def test_half_a_circle_on_a_border_goes_to_each_side() -> None:
    land = make_land(make_villages(square(0, 0, 1000), square(1000, 0, 1000)))
    share = share_of_area(land, reach_by_radius(land, *make_assets([(1000, 500)], reach_m=100)))
    assert share == pytest.approx(np.full(2, math.pi * 100**2 / 2 / 1e6), rel=1e-6)


def test_two_assets_at_one_place_reach_no_more_than_one() -> None:
    land = make_land(make_villages(square(0, 0, 1000)))
    one = reach_by_radius(land, *make_assets([(500, 500)], reach_m=100))
    two = reach_by_radius(land, *make_assets([(500, 500), (500, 500)], reach_m=100))
    pd.testing.assert_frame_equal(one, two)


def test_circles_that_overlap_count_their_lens_once() -> None:
    # Two circles of radius r, r apart: each covers 2r²(π/3 - √3/4) of the other.
    land = make_land(make_villages(square(0, 0, 1000)))
    r = 200.0
    share = share_of_area(land, reach_by_radius(land, *make_assets([(400, 500), (600, 500)], reach_m=r)))
    lens = 2 * r**2 * (math.pi / 3 - math.sqrt(3) / 4)
    assert share[0] == pytest.approx((2 * math.pi * r**2 - lens) / 1e6, rel=1e-4)


def test_an_asset_outside_the_region_still_reaches_into_it() -> None:
    land = make_land(make_villages(square(0, 0, 1000)))
    share = share_of_area(land, reach_by_radius(land, *make_assets([(-50, 500)], reach_m=100)))
    beyond = 100**2 * math.acos(0.5) - 50 * math.sqrt(100**2 - 50**2)
    assert share[0] == pytest.approx(beyond / 1e6, rel=1e-3)


def test_assets_beyond_the_land_of_their_rows_change_no_bit() -> None:
    # An L of land, and a circle in its corner that stays clear of it; others to the west, the east and the north.
    land = make_land(make_villages(square(0, 0, 3000, 1000), square(0, 1000, 1000, 2000)))
    near = [(700, 400), (2600, 900), (500, 2500)]
    far = [(2200, 2200), (-1500, 500), (4500, 500), (500, 4500)]
    alone = reach_by_radius(land, *make_assets(near, reach_m=450))
    pd.testing.assert_frame_equal(
        reach_by_radius(land, *make_assets([*near, *far], reach_m=450)), alone, check_exact=True
    )


def test_connection_is_the_union_of_cellular_wifi_and_backhaul_and_not_of_cameras() -> None:
    land = make_land(make_villages(square(0, 0, 1000)))
    assets, service_reach = make_assets([(200, 200), (600, 200), (200, 600), (600, 600)], reach_m=100)
    service_reach["service"] = ["cellular", "public_wifi", "backhaul", "surveillance"]
    reach = reach_by_radius(land, assets, service_reach)
    assert list(reach.columns) == [*SERVICES, CONNECTION]
    one = math.pi * 100**2 / 1e6
    shares = [share_of_area(land, reach, name)[0] for name in reach.columns]
    assert shares == pytest.approx([one] * 4 + [3 * one])


def test_without_assets_nothing_is_in_reach() -> None:
    land = make_land(make_villages(square(0, 0, 1000)))
    reach = reach_by_radius(land, *make_assets([]))
    assert len(reach) == len(land.cells)
    assert not reach.to_numpy().any()


def test_a_line_is_no_circle() -> None:
    land = make_land(make_villages(square(0, 0, 1000)))
    assets, service_reach = make_assets([(200, 200)])
    line = shapely.LineString([(EAST, NORTH), (EAST + 100, NORTH)])
    assets = assets.set_geometry(gpd.GeoSeries([line], crs=UTM).to_crs(4326))
    with pytest.raises(SchemaError, match=r"reach\.not_a_point"):
        reach_by_radius(land, assets, service_reach)


def test_a_village_thinner_than_a_strip_is_in_reach_when_it_is() -> None:
    villages = make_villages(square(0, 0, 1000), square(1500, 500, 0.5))
    land = make_land(villages)
    at_hand, away = (reach_by_radius(land, *make_assets([(x, 500)], reach_m=50)) for x in (1500, 1600))
    assert share_of_area(land, at_hand)[1] == pytest.approx(1)
    assert share_of_area(land, away)[1] == 0


place = st.tuples(st.floats(-300, 1800), st.floats(-300, 1300), st.floats(1, 700))
places = st.lists(place, min_size=1, max_size=8)
THREE = make_villages(
    square(0, 0, 700, 1000),
    square(700, 0, 800, 450).difference(square(900, 100, 200)),
    shapely.Polygon([(700, 450), (1500, 450), (1100, 1000), (700, 1000)]),
)
THREE_LAND = make_land(THREE)


@given(places)
@settings(max_examples=examples(30))
def test_shares_are_right_against_polygon_arithmetic(found: list[tuple[float, float, float]]) -> None:
    assets, service_reach = make_assets([p[:2] for p in found], reach_m=[p[2] for p in found])
    share = share_of_area(THREE_LAND, reach_by_radius(THREE_LAND, assets, service_reach))
    exact = exact_shares(THREE, assets, service_reach["reach_m"].to_numpy())
    assert ((share >= 0) & (share <= 1 + 1e-12)).all()
    assert np.abs(share - exact).max() < 0.001


@given(places, place)
@settings(max_examples=examples(20))
def test_one_more_asset_never_lowers_a_share(found, more) -> None:
    before, after = (
        reach_by_radius(THREE_LAND, *make_assets([p[:2] for p in some], reach_m=[p[2] for p in some]))
        for some in (found, [*found, more])
    )
    assert (after["cellular"] - before["cellular"]).min() >= -1e-12
    assert (after["connection"] - before["connection"]).min() >= -1e-12


@given(places, st.randoms(use_true_random=False))
@settings(max_examples=examples(20))
def test_the_order_of_the_assets_changes_nothing(found, random) -> None:
    shuffled = random.sample(found, len(found))
    one, other = (
        reach_by_radius(THREE_LAND, *make_assets([p[:2] for p in some], reach_m=[p[2] for p in some]))
        for some in (found, shuffled)
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@given(places)
@settings(max_examples=examples(20))
def test_villages_add_up_to_the_region(found) -> None:
    assets, service_reach = make_assets([p[:2] for p in found], reach_m=[p[2] for p in found])
    reach = reach_by_radius(THREE_LAND, assets, service_reach)
    in_reach = (reach["cellular"] * THREE_LAND.cells["area_m2"]).sum()
    region = gpd.GeoDataFrame(geometry=[shapely.union_all(THREE.geometry)], crs=THREE.crs)
    exact = exact_shares(region, assets, service_reach["reach_m"].to_numpy())[0] * region.area[0]
    assert in_reach == pytest.approx(exact, rel=1e-3, abs=1e-3 * region.area[0])


@pytest.mark.slow
@pytest.mark.parametrize("reach_m", [60.0, 300.0, 3000.0])
def test_blitar_against_polygon_arithmetic(shared: Path, reach_m: float) -> None:
    villages = gpd.read_file(shared / "blitar" / "villages_bps_2020.geojson")
    villages = villages[~villages["village_code"].str.endswith("999")].reset_index(drop=True)
    villages["village_code_bps"] = villages["village_code"].str[2:]
    villages = villages.to_crs(villages.estimate_utm_crs())
    random = np.random.default_rng(7)
    west, south, east, north = villages.total_bounds
    count = 400 if reach_m < 1000 else 40
    x, y = random.uniform(west, east, count), random.uniform(south, north, count)
    points = gpd.points_from_xy(x, y, crs=villages.crs)
    assets = gpd.GeoDataFrame({"asset_id": [f"A{k}" for k in range(count)]}, geometry=points)
    land = make_land(villages)
    service_reach = pd.DataFrame({"asset_position": np.arange(count), "service": "cellular", "reach_m": reach_m})
    share = share_of_area(land, reach_by_radius(land, assets, service_reach))
    exact = exact_shares(villages, assets, np.full(count, reach_m))
    error = np.abs(share - exact)
    assert error.max() < 1e-4
    assert (error < 0.01 * exact + 2e-6).all()
