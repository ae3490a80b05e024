"""People on the land, on rasters of 3 by 3 and 10 by 10 cells that can be worked out by hand."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coverage.base.schema import CELLS, check
from coverage.land.cells import make_land
from coverage.land.people import (
    PeopleRaster,
    counts_of_density,
    fill_population,
    from_points,
    from_raster,
    spread_evenly,
    village_sums,
)
from tests.examples import examples
from tests.made_land import EAST, NORTH, UTM, make_villages, square

HERE = pyproj.CRS(UTM)


def raster(counts, cell_m=100.0, x=0.0, y=0.0) -> PeopleRaster:
    """A raster in the villages' own plane; ``counts`` as on a map, the northern row first."""
    return PeopleRaster(HERE, EAST + x, NORTH + y, cell_m, cell_m, np.array(counts, dtype=np.float32)[::-1])


def people(found) -> np.ndarray:
    """People of each piece."""
    return found.cells["people_share"].to_numpy() * found.population[found.cells["village_position"]]


THREE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_a_village_of_nine_whole_cells_has_their_sum() -> None:
    found = from_raster(make_land(make_villages(square(0, 0, 300))), raster(THREE))
    assert found.population.tolist() == pytest.approx([45])
    check(found.cells, CELLS)
    assert people(found).tolist() == pytest.approx([7, 8, 9, 4, 5, 6, 1, 2, 3])


def test_cells_at_the_border_count_by_their_area() -> None:
    # 50 m into the ring of cells on every side: quarters of the corners, halves of the sides, all of the
    # middle.
    found = from_raster(make_land(make_villages(square(50, 50, 200))), raster(THREE))
    assert found.population.tolist() == pytest.approx([(1 + 3 + 7 + 9) / 4 + (2 + 4 + 6 + 8) / 2 + 5])


def test_two_villages_share_the_cells_between_them_and_nobody_is_lost() -> None:
    found = from_raster(make_land(make_villages(square(0, 0, 130, 300), square(130, 0, 170, 300))), raster(THREE))
    west = (1 + 4 + 7) + 0.3 * (2 + 5 + 8)
    assert found.population.tolist() == pytest.approx([west, 45 - west])


def test_ten_by_ten_cells_with_a_hole_and_a_triangle() -> None:
    counts = np.arange(100).reshape(10, 10)
    city = square(200, 200, 300)
    triangle = shapely.Polygon([(1000, 0), (1000, 1000), (0, 0)])
    rest = square(0, 0, 1000).difference(city)
    sums, _ = village_sums(make_land(make_villages(rest, city)), raster(counts))
    in_city = counts[::-1][2:5, 2:5].sum()
    assert sums.tolist() == pytest.approx([4950 - in_city, in_city])
    # Below the diagonal from the south-west corner: whole cells under it and half of each cell on it.
    south_up = counts[::-1]
    below = np.triu(south_up, 1).sum() + np.trace(south_up) / 2
    assert village_sums(make_land(make_villages(triangle)), raster(counts))[0].tolist() == pytest.approx([below])


def test_cells_of_a_kilometre_spread_their_people_over_smaller_ones() -> None:
    found = from_raster(make_land(make_villages(square(0, 0, 2000, 1000))), raster([[900, 100]], cell_m=1000))
    assert found.population.tolist() == pytest.approx([1000])
    assert np.sort(people(found)) == pytest.approx(np.sort([9.0] * 100 + [1.0] * 100))


def test_cells_of_30_metres_gather_in_larger_ones() -> None:
    counts = np.zeros((20, 20))
    counts[-1, 0] = 10  # the south-western 30 m, inside the first cell
    counts[-1, 3] = 6  # 90 to 120 m from the west: a third in the first cell, the rest in the second
    found = from_raster(make_land(make_villages(square(0, 0, 600))), raster(counts, cell_m=30))
    assert found.population.tolist() == pytest.approx([16])
    assert people(found)[:2].tolist() == pytest.approx([12, 4])


def test_within_a_village_people_follow_the_raster_to_the_square_metre() -> None:
    counts = np.random.default_rng(3).integers(0, 100, (6, 6))
    land = make_land(make_villages(square(-20, 30, 700, 500), square(680, 30, 57, 500)))
    found = from_raster(land, raster(counts, cell_m=130, x=-33.3, y=-47.7))
    west, south = (-33.3 + 130 * np.arange(6), -47.7 + 130 * np.arange(6))
    parts = [
        polygon.intersection(shapely.box(x, y, x + 100, y + 100))
        for polygon, x, y in (
            (shapely.affinity.translate(land.polygons[row.village_position], -EAST, -NORTH), x - EAST, y - NORTH)
            for row, x, y in zip(found.cells.itertuples(), *(c - 50 for c in land.centres), strict=True)
        )
    ]
    boxes = np.array([[shapely.box(x, y, x + 130, y + 130) for x in west] for y in south])
    share = shapely.area(shapely.intersection(np.array(parts)[:, None, None], boxes)) / 130**2
    expected = (share * counts[::-1]).sum(axis=(1, 2))
    assert people(found) == pytest.approx(expected, rel=0.02, abs=0.02)  # strips of 2.5 m at borders
    whole = found.cells["area_m2"].to_numpy() > 9_999.9
    assert whole.sum() == 24
    assert people(found)[whole] == pytest.approx(expected[whole], rel=3e-4)


def test_what_a_raster_does_not_cover_is_told() -> None:
    found = from_raster(make_land(make_villages(square(0, 0, 400, 300), square(0, 300, 300))), raster(THREE))
    assert found.not_covered.tolist() == pytest.approx([0.25, 1.0])
    assert found.population.tolist() == pytest.approx([45, 0])
    assert found.evenly.tolist() == [1]
    assert found.cells.groupby("village_position")["people_share"].sum().tolist() == pytest.approx([1, 1])


def test_an_empty_village_is_spread_evenly_and_named() -> None:
    land = make_land(make_villages(square(0, 0, 200, 100), square(200, 0, 200, 100)))
    found = from_raster(land, raster([[3, 1, 0, 0]]))
    assert found.cells["people_share"].tolist() == pytest.approx([0.75, 0.25, 0.5, 0.5])
    assert found.evenly.tolist() == [1]


AROUND = make_land(make_villages(square(0, 0, 2000, 3000), square(2000, 0, 2000, 1500), square(2000, 1500, 2000, 1500)))


@pytest.mark.parametrize("crs", [4326, 3857, "ESRI:54009", 32748])
@given(counts=hnp.arrays(np.float32, (12, 14), elements=st.floats(0, 1000, width=32)))
@settings(max_examples=examples(8))
def test_nobody_is_lost_from_a_raster_in_another_reference_system(counts, crs) -> None:
    # The villages cover the raster wholly, so their people are the raster's.
    land = AROUND
    middle = pyproj.Transformer.from_crs(UTM, crs, always_xy=True).transform(EAST + 2000, NORTH + 1500)
    cell = 100 / 111_000 if crs == 4326 else 100.0
    placed = PeopleRaster(pyproj.CRS(crs), middle[0] - 7 * cell, middle[1] - 6 * cell, cell, cell, counts)
    found = from_raster(land, placed)
    assert found.population.sum() == pytest.approx(counts.sum(dtype=float), rel=1e-5, abs=1e-6)
    assert people(found).sum() == pytest.approx(counts.sum(dtype=float), rel=1e-5, abs=1e-6)


def test_pieces_under_a_raster_in_degrees_have_what_polygon_arithmetic_gives() -> None:
    slanted = shapely.Polygon([(1000, 0), (1900, 200), (1600, 1000), (1000, 1000)])
    land = make_land(make_villages(square(0, 0, 1000), slanted))
    random = np.random.default_rng(3)
    to_degrees = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)
    west, south = to_degrees.transform(EAST - 100, NORTH - 100)
    cell, shape = 1 / 1200, (14, 24)
    placed = PeopleRaster(pyproj.CRS(4326), west, south, cell, cell, random.uniform(0, 50, shape).astype(np.float32))
    found = from_raster(land, placed)
    r, c = np.indices(shape)
    ring = [(west + (c + dx) * cell, south + (r + dy) * cell) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]
    back = pyproj.Transformer.from_crs(4326, UTM, always_xy=True)
    quads = shapely.polygons(np.stack([np.stack(back.transform(x, y), axis=-1) for x, y in ring], axis=-2)).ravel()
    x, y = land.centres
    village = land.cells["village_position"].to_numpy()
    pieces = shapely.intersection(shapely.box(x - 50, y - 50, x + 50, y + 50), land.polygons[village])
    density = placed.counts.ravel() / shapely.area(quads)
    exact = np.array([(shapely.area(shapely.intersection(quads, piece)) * density).sum() for piece in pieces])
    whole = land.cells["area_m2"].to_numpy() > 9_999
    assert people(found)[whole] == pytest.approx(exact[whole], rel=0.02)
    assert np.abs(people(found) - exact).max() < 0.01 * exact.max()
    assert found.population.tolist() == pytest.approx(np.bincount(village, exact).tolist(), rel=1e-3)


def test_density_becomes_counts_by_the_true_area_of_a_cell() -> None:
    # A cell of 0.01 by 0.01 degrees at the equator is 1.1132 km by 1.1057 km.
    counts = counts_of_density(np.full((2, 3), 100.0, np.float32), pyproj.CRS(4326), 100.0, 0.0, 0.01, 0.01, 1e6)
    assert counts == pytest.approx(np.full((2, 3), 100 * 1.11320 * 1.10574), rel=1e-4)
    # At 60 degrees north a degree is 55.80 km by 111.41 km; near Blitar, UTM cells have their nominal area.
    far = counts_of_density(np.full((1, 1), 100.0, np.float32), pyproj.CRS(4326), 100.0, 60.0, 0.01, 0.01, 1e6)
    assert far[0, 0] == pytest.approx(100 * 0.5580 * 1.1141, rel=3e-4)
    near = counts_of_density(np.full((40, 50), 5.0, np.float32), HERE, EAST, NORTH, 100, 100, 1e4)
    assert near == pytest.approx(np.full((40, 50), 5.0), rel=1e-3)


def test_people_live_where_the_settlement_points_are() -> None:
    land = make_land(make_villages(square(0, 0, 200, 100), square(200, 0, 200, 100)))
    points = gpd.GeoSeries(shapely.points([[EAST + x, NORTH + 50] for x in (20, 30, 150, 900)]), crs=UTM)
    found = from_points(land, points)
    assert found.cells["people_share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0.5, 0.5])
    assert found.evenly.tolist() == [1]
    assert np.isnan(found.population).all()


def test_hamlets_with_people_give_the_villages_their_people() -> None:
    land = make_land(make_villages(square(0, 0, 200, 100)))
    points = gpd.GeoSeries(shapely.points([[EAST + x, NORTH + 50] for x in (20, 150)]), crs=UTM).to_crs(4326)
    found = from_points(land, points, np.array([30.0, 10.0]), counts_people=True)
    assert found.population.tolist() == [40]
    assert found.cells["people_share"].tolist() == pytest.approx([0.75, 0.25])


def test_a_point_on_a_sliver_too_thin_for_a_piece_goes_to_its_own_village() -> None:
    # The second village has 1 m in the row of cells above its others: no strip of its own there.
    land = make_land(make_villages(square(0, 0, 300), square(300, 0, 100, 201)))
    points = gpd.GeoSeries([shapely.Point(EAST + 301, NORTH + 200.5)], crs=UTM)
    shares = from_points(land, points).cells.query("village_position == 1")
    assert shares["people_share"].tolist() == [0, 1]


def test_official_figures_stay_unless_the_raster_is_to_replace_them() -> None:
    villages = make_villages(square(0, 0, 100), square(100, 0, 100)).assign(
        population=[500.0, np.nan], population_basis=["sensus", None]
    )
    counted = np.array([40.0, 60.0])
    kept = fill_population(villages, counted)
    assert kept["population"].tolist() == [500, 60]
    assert kept["population_basis"].tolist() == ["sensus", "raster"]
    assert fill_population(villages, counted, replace=True)["population"].tolist() == [40, 60]
    assert villages["population"].isna().tolist() == [False, True]


def test_people_in_reach_to_the_person() -> None:
    # 100 people: 90 in the western cell, 10 in the eastern; everything within the western cell is in reach.
    villages = make_villages(square(0, 0, 200, 100), population=100)
    land = make_land(villages)
    found = from_raster(land, raster([[90, 10]]))
    in_reach = np.array([1.0, 0.0])
    assert (people(found) * in_reach).sum() == pytest.approx(90)
    assert (spread_evenly(land)["people_share"] * 100 * in_reach).sum() == pytest.approx(50)


@given(hnp.arrays(np.float32, (8, 9), elements=st.floats(0, 500, width=32)), st.floats(-200, 200), st.floats(-200, 200))
@settings(max_examples=examples(20))
def test_village_sums_agree_with_exactextract(counts, x, y) -> None:
    import exactextract
    from exactextract.raster import NumPyRasterSource

    slanted = shapely.Polygon([(430, 100), (900, 240), (700, 800), (430, 510)])
    villages = make_villages(square(100, 100, 330, 410), slanted)
    placed = raster(counts, 100.0, x, y)
    source = NumPyRasterSource(placed.counts[::-1].astype(float), EAST + x, NORTH + y, EAST + x + 900, NORTH + y + 800)
    table = exactextract.exact_extract(source, villages, ["sum"], output="pandas")
    sums, _ = village_sums(make_land(villages), placed)
    assert sums.tolist() == pytest.approx(table["sum"].fillna(0).tolist(), rel=1e-4, abs=1e-3)
