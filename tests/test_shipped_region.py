"""The region that ships: its facts, its drawn boundaries, its invented assets."""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.imports.asset_lists import read_assets
from coverage.readers.people import read_population
from coverage.readers.shipped import region_dir
from coverage.readers.villages import read_villages

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import make_region
import make_sample

FOLDER = region_dir()


@pytest.fixture(scope="module")
def drawn():
    return read_villages(FOLDER / "villages.geojson")[0]


@pytest.fixture(scope="module")
def official(shared):
    return read_villages(shared / "blitar" / "villages_bps_2020.geojson")[0]


def test_every_village_is_there_once_with_both_codes_and_marked_approximate(drawn):
    assert len(drawn) == 248
    assert drawn["subdistrict"].nunique() == 22
    assert drawn["village_code_kemendagri"].is_unique
    assert set(drawn["boundary_quality"]) == {"approximate"}
    assert drawn["population"].sum() == 1_223_745


def test_no_drawn_villages_overlap_and_no_sliver_lies_between_them(drawn):
    shapes = drawn.to_crs(drawn.estimate_utm_crs()).geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(drawn.geometry.to_numpy())
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(shapely.union_all(shapes)) for ring in part.interiors]
    assert not [hole for hole in holes if hole.area < 10_000], "nobody's land is forest, never a sliver"


def test_drawn_boundaries_lie_inside_the_outline_and_share_their_vertices(drawn):
    _, _, outline = make_region.read_facts()
    crs = drawn.estimate_utm_crs()
    outside = drawn.to_crs(crs).union_all().difference(outline.to_crs(crs).iloc[0].buffer(1))
    assert outside.area < 1
    xy = shapely.get_coordinates(drawn.geometry.to_numpy())
    assert np.array_equal(xy, np.round(xy, 6))


def test_areas_are_within_reason_of_the_official_ones(drawn):
    villages, _, _ = make_region.read_facts()
    errors = make_region.area_errors(villages, drawn.geometry)
    assert errors.median() < 0.015
    assert errors.quantile(0.95) < 0.06
    assert errors.max() < 0.10


def test_every_centre_lies_near_the_centre_that_is_known(drawn):
    villages, _, _ = make_region.read_facts()
    crs = drawn.estimate_utm_crs()
    known = make_region.points(villages).to_crs(crs)
    found = gpd.GeoSeries.from_xy(drawn["centre_lon"], drawn["centre_lat"], crs="EPSG:4326").to_crs(crs)
    apart = known.distance(found) / np.sqrt(villages["area_km2"].to_numpy() * 1e6)
    assert apart.median() < 0.05
    assert apart.quantile(0.95) < 0.25


def test_drawn_boundaries_fit_the_official_ones_better_than_thiessen_polygons(drawn, official, record_property):
    shares = make_region.overlap_shares(drawn.geometry, official.geometry)
    record_property("median_iou", round(float(shares.median()), 4))
    assert shares.median() > 0.67  # Thiessen polygons: 0.56
    assert (shares < 0.5).sum() <= 35


@pytest.mark.slow
def test_drawing_again_fits_the_official_boundaries_as_well_as_what_ships(drawn, official):
    """What ships was drawn by the model before; the present one draws any regency."""
    villages, neighbours, outline = make_region.read_facts()
    areas = villages["area_km2"].to_numpy(dtype=float)
    again = make_region.draw_boundaries(make_region.points(villages), areas, outline, make_region.points(neighbours))
    fits = [np.median(make_region.overlap_shares(shapes, official.geometry)) for shapes in (again, drawn.geometry)]
    assert fits[0] > fits[1] - 0.01


def test_the_sample_is_what_its_script_makes_byte_for_byte(drawn):
    text = make_sample.as_csv(make_sample.make_rows(make_sample.SEED, drawn))
    assert text.encode() == (FOLDER / "assets_sample.csv").read_bytes()


def test_every_sample_asset_says_that_it_is_invented():
    assets, _ = read_assets(FOLDER / "assets_sample.csv")
    assert set(assets["source"]) == {"contoh"}
    assert assets["kind"].value_counts().to_dict() == {
        "tower": 250,
        "fiber_node": 120,
        "wifi": 70,
        "cctv": 70,
        "radio_link": 12,
        "fiber_route": 6,
    }
    assert set(assets["status"]) >= {"operational", "damaged", "planned", "under_construction"}
    assert (assets["status"] == "operational").mean() > 0.85


def blank_and_weak(villages):
    assets, _ = read_assets(FOLDER / "assets_sample.csv")
    shares = make_sample.shares_in_reach(villages, assets)
    return shares[list(make_sample.LISTED)], int((shares < 0.1).sum()), int(shares.between(0.1, 0.5, "left").sum())


def test_the_seven_listed_villages_are_out_of_reach_and_most_others_served(drawn):
    listed, blank, weak = blank_and_weak(drawn)
    assert listed.max() < 0.05
    assert 7 < blank < 20
    assert 7 < weak < 25


def test_the_same_holds_inside_the_official_boundaries(official):
    listed, blank, weak = blank_and_weak(official)
    assert listed.max() < 0.05
    assert 7 < blank < 20
    assert 7 < weak < 25


def test_people_of_the_region_that_ships_add_up_to_the_census():
    people = read_population(FOLDER / "villages.csv")
    assert (len(people), people["population"].sum()) == (248, 1_223_745)


def test_the_facts_are_those_beside_the_checkout(shared):
    facts = pd.read_csv(shared / "blitar" / "facts" / "villages.csv", dtype=str)
    ours = pd.read_csv(FOLDER / "villages.csv", dtype=str)
    for theirs, mine in {
        "bps_code": "village_code_bps",
        "kemendagri_code": "village_code_kemendagri",
        "name": "village",
        "kecamatan": "subdistrict",
        "lon": "centre_lon",
        "lat": "centre_lat",
        "area_km2": "area_km2",
        "population": "population",
    }.items():
        assert facts[theirs].tolist() == ours[mine].tolist()
    for name in ("outline.csv", "neighbours.csv"):
        theirs = pd.read_csv(shared / "blitar" / "facts" / name, dtype=str)
        assert theirs.to_numpy().tolist() == pd.read_csv(FOLDER / name, dtype=str).to_numpy().tolist()
    assert (FOLDER / "official_blankspots_2023.csv").read_bytes() == (
        shared / "blitar" / "official_blankspots_2023.csv"
    ).read_bytes()
