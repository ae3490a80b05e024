"""Which villages a route passes through."""

import geopandas as gpd
import shapely

from coverage.reach.asset_counts import villages_along

VILLAGES = gpd.GeoDataFrame(
    {"village": ["Timur", "Tengah", "Barat", "Utara"]},
    geometry=[shapely.box(112 + east / 100, -8.01 + north, 112.01 + east / 100, -8 + north) for east, north in
              ((2, 0), (1, 0), (0, 0), (0, 0.01))],
    crs=4326,
)  # fmt: skip


def test_villages_are_named_in_the_order_of_the_route() -> None:
    route = shapely.LineString([(112.002, -8.005), (112.025, -8.005)])
    assert villages_along(route, VILLAGES) == ["Barat", "Tengah", "Timur"]
    assert villages_along(route.reverse(), VILLAGES) == ["Timur", "Tengah", "Barat"]


def test_a_village_that_is_only_touched_is_not_passed() -> None:
    route = shapely.LineString([(112.002, -8.005), (112.005, -8.0), (112.008, -8.005)])
    assert villages_along(route, VILLAGES) == ["Barat"]


def test_parts_of_a_route_count_in_their_order() -> None:
    route = shapely.MultiLineString([[(112.025, -8.005), (112.028, -8.005)], [(112.002, -8.005), (112.005, -8.005)]])
    assert villages_along(route, VILLAGES) == ["Timur", "Barat"]
    west, middle = ([(112.002, -8.005), (112.01, -8.005)], [(112.01, -8.005), (112.018, -8.005)])
    assert villages_along(shapely.MultiLineString([middle, west]), VILLAGES) == ["Tengah", "Barat"]


def test_a_route_along_a_border_passes_the_villages_on_both_sides() -> None:
    route = shapely.LineString([(112.002, -8.0), (112.008, -8.0)])
    assert set(villages_along(route, VILLAGES)) == {"Barat", "Utara"}
