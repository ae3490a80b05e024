"""The land cut into pieces: areas that can be worked out by hand, and on the real villages of Blitar."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import ParameterError, SchemaError
from coverage.base.projection import utm_crs
from coverage.base.schema import CELLS, check
from coverage.land.cells import make_land, villages_of_points
from coverage.land.scanlines import covered_areas, edges_of, windows_of
from tests.examples import examples
from tests.made_land import EAST, NORTH, UTM, make_villages, square


def areas(land):
    return land.cells.groupby("village_position")["area_m2"].sum().to_numpy()


def test_a_village_of_250_by_100_metres_is_two_cells_and_a_half() -> None:
    land = make_land(make_villages(square(0, 0, 250, 100)))
    assert check(land.cells, CELLS)[["row", "column", "area_m2"]].values.tolist() == [
        [0, 0, pytest.approx(10_000)],
        [0, 1, pytest.approx(10_000)],
        [0, 2, pytest.approx(5_000)],
    ]
    assert land.cells["people_share"].tolist() == pytest.approx([0.4, 0.4, 0.2])


def test_a_border_through_a_cell_gives_each_village_its_piece() -> None:
    land = make_land(make_villages(square(0, 0, 130, 100), square(130, 0, 70, 100)))
    assert land.cells[["village_position", "column", "area_m2"]].values.tolist() == [
        [0, 0, pytest.approx(10_000)],
        [0, 1, pytest.approx(3_000)],
        [1, 1, pytest.approx(7_000)],
    ]


def test_a_slanted_border_cuts_cells_exactly() -> None:
    # The diagonal of a square of two by two cells: whole cells below it, half cells on it.
    land = make_land(make_villages(shapely.Polygon([(0, 0), (200, 0), (200, 200)])))
    assert land.cells[["row", "column", "area_m2"]].values.tolist() == [
        [0, 0, pytest.approx(5_000)],
        [0, 1, pytest.approx(10_000)],
        [1, 1, pytest.approx(5_000)],
    ]


def test_a_hole_is_no_land_and_the_enclave_in_it_is_its_own() -> None:
    city = square(100, 100, 100)
    land = make_land(make_villages(square(0, 0, 300).difference(city), city))
    assert areas(land).tolist() == pytest.approx([80_000, 10_000])
    inside = land.cells.query("row == 1 and column == 1")
    assert inside["village_position"].tolist() == [1]


def test_a_village_of_two_islands_has_pieces_on_both() -> None:
    islands = shapely.MultiPolygon([square(0, 0, 100), square(1000, 500, 100)])
    land = make_land(make_villages(islands))
    assert land.cells[["row", "column"]].values.tolist() == [[0, 0], [5, 10]]


def test_villages_cut_a_few_at_a_time_make_the_same_land(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [square(130 * k, 40 * k, 170, 310) for k in range(7)] + [square(5000, 51.5, 0.5)]
    whole = make_land(make_villages(*shapes))
    monkeypatch.setattr("coverage.land.cells.AT_A_TIME", 2)
    parts = make_land(make_villages(*shapes))
    pd.testing.assert_frame_equal(parts.cells, whole.cells)
    for name in ("length_m", "run_offset", "run_start", "run_end", "run_piece"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name)), name
    assert len(whole.run_piece) == 7 * 124 + 1


def test_a_village_smaller_than_a_strip_still_has_its_piece() -> None:
    land = make_land(make_villages(square(0, 0, 300), square(301, 51.5, 0.5)))
    assert areas(land).tolist() == pytest.approx([90_000, 0.25])
    assert land.cells.query("village_position == 1")["people_share"].tolist() == [1.0]


def test_the_grid_does_not_depend_on_where_the_region_begins() -> None:
    land = make_land(make_villages(square(30, 70, 100)))
    assert (land.x0, land.y0) == (EAST, NORTH)
    assert len(land.cells) == 4


def test_row_height_must_divide_the_cell() -> None:
    with pytest.raises(ParameterError, match=r"cells\.not_a_multiple"):
        make_land(make_villages(square(0, 0, 300)), cell_m=100, row_m=30)


def test_a_village_without_area_is_named() -> None:
    with pytest.raises(SchemaError, match="3505030002"):
        make_land(make_villages(square(0, 0, 300), shapely.Polygon()))


@given(st.lists(st.tuples(st.floats(0, 2000), st.floats(0, 2000)), min_size=3, max_size=12))
@settings(max_examples=examples(30))
def test_pieces_add_up_to_the_polygon_whatever_its_shape(corners: list[tuple[float, float]]) -> None:
    polygon = shapely.make_valid(shapely.Polygon(corners))
    parts = [part for part in shapely.get_parts(polygon) if part.geom_type in ("Polygon", "MultiPolygon")]
    shape = shapely.union_all(parts)
    if shape.area < 1e-3:
        return
    land = make_land(make_villages(shape))
    assert areas(land)[0] == pytest.approx(shape.area, rel=1e-9, abs=1e-9 * shape.length)
    assert (land.cells["area_m2"] >= 0).all()


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.0, 3.1), st.floats(100, 900))
@settings(max_examples=examples(20))
def test_pieces_are_the_intersections_that_polygon_arithmetic_gives(x, y, angle, side) -> None:
    shape = shapely.affinity.rotate(square(500 + x, 500 + y, side, side / 2), angle, use_radians=True)
    land = make_land(make_villages(shape))
    placed = shapely.transform(shape, lambda p: p + np.array([EAST - land.x0, NORTH - land.y0]))
    cells = shapely.box(
        land.cells["column"] * 100,
        land.cells["row"] * 100,
        (land.cells["column"] + 1) * 100,
        (land.cells["row"] + 1) * 100,
    )
    exact = shapely.area(shapely.intersection(cells, placed))
    # Slivers thinner than a strip may be no pieces of their own: the village's other pieces take their area.
    slivers = shape.area - exact.sum()
    assert slivers < 2.5 * shape.length
    assert np.abs(land.cells["area_m2"] - exact).max() < slivers + 1e-6


def test_blitar_has_its_area_and_each_village_its_own(shared: Path) -> None:
    villages = gpd.read_file(shared / "blitar" / "villages_bps_2020.geojson")
    villages = villages[~villages["village_code"].str.endswith("999")].reset_index(drop=True)
    villages["village_code_bps"] = villages["village_code"].str[2:]
    land = make_land(villages)
    exact = villages.to_crs(land.crs).area.to_numpy()
    assert areas(land) == pytest.approx(exact, rel=1e-9)
    assert land.cells["area_m2"].sum() / 1e6 == pytest.approx(1616.0, rel=1e-3)
    assert not land.cells.duplicated(["village_position", "row", "column"]).any()


def test_points_find_their_village_and_a_border_belongs_to_the_first() -> None:
    villages = make_villages(square(0, 0, 100), square(100, 0, 100))
    points = gpd.GeoSeries(shapely.points([[EAST + x, NORTH + 50] for x in (50, 150, 100, 250)]), crs=UTM)
    assert villages_of_points(villages, points).tolist() == [0, 1, 0, -1]
    assert villages_of_points(villages, points.to_crs(4326))[[0, 1, 3]].tolist() == [0, 1, -1]


def test_an_edge_that_rounding_makes_level_adds_nothing() -> None:
    # A rise of 1e-18 is lost once rows are counted from the southern one.
    corners = [(0, -1), (1, -1), (1, 0), (0.5, 1e-18), (0, 0)]
    edges = edges_of(np.array([shapely.Polygon(corners)]), 0.0, 0.0)
    assert covered_areas(edges, windows_of(edges, 1, 1.0, 1.0), 1.0, 1.0).sum() == pytest.approx(1)


@given(st.floats(95, 141), st.floats(-11, 6))
@settings(max_examples=examples(15))
def test_the_zone_is_the_one_that_geopandas_estimates(lon, lat) -> None:
    if abs(lon % 6) < 0.01 or abs(lat) < 0.01:
        return  # on the seam between two zones either will do
    places = gpd.GeoSeries([shapely.box(lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3)], crs=4326)
    assert utm_crs(places).to_epsg() == places.estimate_utm_crs().to_epsg()
    assert utm_crs(places.to_crs(3857)).to_epsg() == utm_crs(places).to_epsg()
