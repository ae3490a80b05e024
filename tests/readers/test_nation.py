"""All of Indonesia as it ships: whole, quick to make again, and true to the polygons it was measured on."""

import gzip
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.places.regencies import find_regencies, is_bps, regencies_at
from coverage.readers import nation

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import make_nation


def regency(text):
    (found,) = find_regencies(text, nation.regencies())
    return found


def test_every_village_of_the_facts_is_there_once(shared):
    facts = pd.read_csv(shared / "nation" / "villages.csv.gz", dtype=make_nation.CODES)
    found = nation.all_villages()
    assert len(found) == len(facts) == 83_253
    assert found["village_code_bps"].is_unique
    both = facts.merge(found, on="village_code_kemendagri", suffixes=("", "_found"))
    assert len(both) == len(facts)
    for column in ("village", "subdistrict", "regency", "province", "lon", "lat", "area_km2"):
        written = both[column].str.strip() if column == "regency" else both[column]
        assert (written == both[column + "_found"]).all(), column
    coded = both["village_code_bps"].notna()
    assert (both["village_code_bps"] == both["village_code_bps_found"])[coded].all()
    assert (both["village_code_kemendagri"] == both["village_code_bps_found"])[~coded].all()


@pytest.mark.slow
def test_the_files_are_made_again_byte_for_byte_and_stay_small(shared):
    made = make_nation.make_files(shared / "nation")
    again = make_nation.make_files(shared / "nation")
    assert made == again
    assert sum(map(len, made.values())) <= make_nation.LIMIT_BYTES
    for name, content in made.items():
        shipped = (nation.nation_dir() / name).read_bytes()
        # Compressed bytes hang on the machine's zlib, what is in them does not.
        plain = gzip.decompress if name.endswith(".gz") else bytes
        assert plain(content) == plain(shipped), name


def test_a_key_without_bps_code_cannot_be_taken_for_one():
    villages = nation.villages_of(regency("merauke"))
    assert len(villages) == 190
    assert not is_bps(villages["village_code_bps"]).any()
    assert (villages["village_code_bps"] == villages["village_code_kemendagri"]).all()
    mixed = nation.villages_of(regency("padang lawas"))
    assert is_bps(mixed["village_code_bps"]).sum() == 187
    assert len(mixed) == 304


def test_the_villages_of_blitar_are_those_of_its_own_folder():
    own = pd.read_csv(nation.data_dir() / "blitar" / "villages.csv", dtype=str)
    found = nation.villages_of(regency("35.05")).set_index("village_code_kemendagri")
    found = found.loc[own["village_code_kemendagri"]]
    assert (found["village_code_bps"].to_numpy() == own["village_code_bps"].to_numpy()).all()


def test_outlines_are_valid_and_hold_the_land_of_their_villages():
    outlines = nation.outlines()
    assert len(outlines) == 513
    assert outlines.is_valid.all()
    land = (outlines.to_crs("EPSG:6933").area / 1e6).rename("land")
    joined = nation.regencies().set_index("regency_code_kemendagri").join(land)
    assert (joined["area_km2"] / joined["land"]).median() == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_which_regency_a_point_is_in_agrees_with_the_polygons(shared, record_property):
    polygons = gpd.read_parquet(shared / "nation" / "boundaries_simplified.parquet")
    rng = np.random.default_rng(7)
    chosen = rng.choice(len(polygons), 6_000)
    west, south, east, north = polygons.bounds.to_numpy()[chosen].T
    points = shapely.points(rng.uniform(west, east), rng.uniform(south, north))
    inside = shapely.contains(polygons.geometry.to_numpy()[chosen], points)
    truth = polygons["village_code_kemendagri"].str[:5].to_numpy()[chosen][inside]
    found = regencies_at(gpd.GeoSeries(points[inside], crs="EPSG:4326"), nation.outlines())
    right = found["regency"].to_numpy() == truth
    sure = found["sure"].to_numpy(dtype=bool)
    record_property("share_right", round(float(right.mean()), 4))
    record_property("share_right_where_sure", round(float(right[sure].mean()), 4))
    assert right.mean() > 0.985
    assert right[sure].mean() > 0.998
    assert sure.mean() > 0.9


def test_a_point_at_sea_is_in_no_regency():
    found = regencies_at(gpd.GeoSeries.from_xy([100.0], [-15.0], crs="EPSG:4326"), nation.outlines())
    assert found["regency"].tolist() == [None]
    assert not found["sure"].any()
