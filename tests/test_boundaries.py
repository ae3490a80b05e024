"""Outlines drawn from centres: what can be worked out by hand, and what must always hold."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.places.boundaries import draw_boundaries
from coverage.places.mosaic import one_piece_each
from tests.examples import examples

ROOT = Path(__file__).parents[1]
UTM = "EPSG:32749"
EAST, NORTH = 640_000.0, 9_100_000.0


def place(points):
    """Points given in kilometres from a corner near Blitar."""
    xy = np.asarray(points, dtype=float).reshape(-1, 2) * 1000 + [EAST, NORTH]
    return gpd.GeoSeries(list(shapely.points(xy)), crs=UTM).to_crs("EPSG:4326")


def rectangle(west, south, east, north):
    corners = shapely.box(EAST + west * 1000, NORTH + south * 1000, EAST + east * 1000, NORTH + north * 1000)
    return gpd.GeoSeries([shapely.segmentize(corners, 500)], crs=UTM).to_crs("EPSG:4326")


def draw(centres, areas, outline, neighbours=()):
    drawn = draw_boundaries(place(centres), np.asarray(areas, dtype=float), outline, place(neighbours))
    return drawn.to_crs(UTM)


def likeness(shape, box):
    wanted = shapely.box(*(np.array(box) * 1000 + [EAST, NORTH, EAST, NORTH]))
    return shape.intersection(wanted).area / shape.union(wanted).area


def test_four_villages_of_one_size_share_a_square_in_quarters():
    drawn = draw([(1, 1), (3, 1), (1, 3), (3, 3)], [4, 4, 4, 4], rectangle(0, 0, 4, 4))
    boxes = [(0, 0, 2, 2), (2, 0, 4, 2), (0, 2, 2, 4), (2, 2, 4, 4)]
    assert min(likeness(shape, box) for shape, box in zip(drawn, boxes, strict=True)) > 0.97


def test_the_larger_of_two_villages_gets_its_area_where_thiessen_would_cut_halfway():
    # Centres at 0.5 and 2.5 km: halfway is 1.5 km, but areas of 1 and 3 km² put the border at 1 km.
    drawn = draw([(0.5, 0.5), (2.5, 0.5)], [1, 3], rectangle(0, 0, 4, 1))
    assert drawn.area.to_numpy() / 1e6 == pytest.approx([1, 3], rel=0.04)
    assert likeness(drawn[0], (0, 0, 1, 1)) > 0.93


def test_without_areas_the_villages_share_the_land_like_thiessen_polygons():
    drawn = draw([(1, 1), (3, 1)], [np.nan, np.nan], rectangle(0, 0, 4, 2))
    assert likeness(drawn[0], (0, 0, 2, 2)) > 0.97


def test_a_neighbour_inside_the_outline_takes_land_and_one_outside_takes_none():
    drawn = draw([(1, 1), (5, 1)], [4, 4], rectangle(0, 0, 6, 2), neighbours=[(3, 1), (7, 1)])
    assert likeness(drawn[0], (0, 0, 2, 2)) > 0.93
    assert likeness(drawn[1], (4, 0, 6, 2)) > 0.93


def test_land_that_no_village_claims_stays_nobodys():
    # Two villages of 2 km² in 8 km²: neither grows to fill the outline.
    drawn = draw([(1, 1), (5, 1)], [2, 2], rectangle(0, 0, 6, 2))
    assert drawn.area.to_numpy() / 1e6 == pytest.approx([2, 2], rel=0.1)


def test_areas_that_exceed_the_outline_shrink_alike():
    drawn = draw([(1, 1), (3, 1)], [8, 8], rectangle(0, 0, 4, 2))
    assert drawn.area.to_numpy() / 1e6 == pytest.approx([4, 4], rel=0.02)


def test_a_single_village_fills_its_outline():
    drawn = draw([(1, 1)], [4], rectangle(0, 0, 2, 2))
    assert likeness(drawn[0], (0, 0, 2, 2)) > 0.97


def test_a_village_keeps_its_largest_piece_and_the_rest_goes_to_its_surroundings():
    label = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    row, column = np.indices(label.shape).reshape(2, -1)
    xy = np.column_stack([column, row]).astype(float)
    edges = np.argwhere(np.triu(np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) <= 1, k=1))
    whole = one_piece_each(label.ravel(), edges, xy, np.ones(label.size, dtype=bool), 2)
    assert whole.reshape(label.shape).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]


def islands(*boxes):
    shapes = [shapely.box(*(np.array(box) * 1000 + [EAST, NORTH, EAST, NORTH])) for box in boxes]
    return gpd.GeoSeries([shapely.union_all(shapes)], crs=UTM).to_crs("EPSG:4326")


def test_an_island_with_villages_is_shared_by_them_alone_and_one_without_goes_to_the_nearest():
    # By area the village across the water would reach over; the empty island lies nearest to the second village.
    outline = islands((0, 0, 4, 2), (5, 0, 7, 2), (8, 0, 9, 1))
    drawn = draw_boundaries(place([(1, 1), (3, 1), (6, 1)]), np.array([4.0, 9.0, 4.0]), outline, fill=True).to_crs(UTM)
    assert drawn[0].union(drawn[1]).area / 1e6 == pytest.approx(8, rel=0.01)
    assert drawn[2].area / 1e6 == pytest.approx(5, rel=0.01)
    assert drawn.union_all().symmetric_difference(outline.to_crs(UTM).iloc[0]).area < 1000


def test_where_villages_fill_the_land_no_hole_is_left():
    drawn = draw_boundaries(
        place([(1, 1), (5, 1), (3, 3)]), np.array([1.0, 2.0, 1.5]), rectangle(0, 0, 6, 4), fill=True
    ).to_crs(UTM)
    assert drawn.area.sum() / 1e6 == pytest.approx(24, rel=1e-4)
    assert drawn.area[1] / drawn.area[0] == pytest.approx(2, rel=0.1)


def test_a_village_off_the_outline_has_an_island_of_its_own():
    drawn = draw([(1, 1), (8, 1)], [4, 0.5], rectangle(0, 0, 2, 2))
    assert drawn.area[1] / 1e6 == pytest.approx(0.5, rel=0.02)
    assert drawn[1].centroid.distance(place([(8, 1)]).to_crs(UTM).iloc[0]) < 20


def test_two_villages_at_one_point_and_a_village_of_a_few_metres_all_have_land():
    areas = np.array([4.0, 4.0, 8.0, 0.0005])
    drawn = draw_boundaries(
        place([(1, 1), (1, 1), (3, 1), (2.2, 1.1)]), areas, rectangle(0, 0, 4, 4), fill=True
    ).to_crs(UTM)
    assert (drawn.area > 0).all()
    assert drawn.area[3] < 10_000
    assert drawn.area.sum() / 1e6 == pytest.approx(16, rel=1e-4)


@pytest.mark.slow
@settings(max_examples=examples(15))
@given(
    st.lists(st.tuples(st.integers(1, 39), st.integers(1, 39)), min_size=2, max_size=9, unique=True),
    st.integers(0, 1000),
)
def test_drawn_boundaries_are_valid_and_neighbours_share_them(places, seed):
    areas = np.random.default_rng(seed).uniform(0.3, 3.0, len(places))
    drawn = draw_boundaries(place(np.array(places) / 10), areas, rectangle(0, 0, 4, 4), place([]))
    shapes = drawn.to_numpy()
    assert shapely.is_valid(shapes).all()
    # Rounding to 0.1 m moves a vertex on the outline alone; between villages nothing may overlap by more.
    flat = drawn.to_crs(UTM)
    assert flat.area.sum() - shapely.union_all(flat.to_numpy()).area < 20
    assert flat.union_all().difference(rectangle(0, 0, 4, 4).to_crs(UTM).iloc[0].buffer(1)).area < 1
    assert np.array_equal(shapely.get_coordinates(shapes), np.round(shapely.get_coordinates(shapes), 6))


def test_the_order_of_the_villages_does_not_matter():
    centres, areas = [(1, 1), (3, 1), (1, 3), (3, 3), (2, 2)], [3, 4, 2, 3, 4]
    straight = draw(centres, areas, rectangle(0, 0, 4, 4))
    turned = draw(centres[::-1], areas[::-1], rectangle(0, 0, 4, 4))[::-1]
    for one, other in zip(straight, turned, strict=True):
        assert one.intersection(other).area / one.union(other).area > 0.97


@pytest.mark.slow
def test_a_drawing_does_not_hang_on_the_number_of_processors() -> None:
    program = "import sys; from coverage.store.drawn import not_village_file as f; sys.stdout.buffer.write(f('3505').read_bytes())"
    drawn = []
    for threads in ("1", "2"):
        with tempfile.TemporaryDirectory() as folder:
            own = {"OPENBLAS_NUM_THREADS": threads, "JANGKAU_DATA_DIR": folder}
            drawn.append(subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **own}))
    assert drawn[0] == drawn[1]
