"""Any regency of Indonesia as a region: islands, Papua without BPS codes, cities, many villages; all of it not known."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coverage import analyze, load_inputs, read_parameters
from coverage.base.errors import FileRefusedError
from coverage.base.projection import utm_crs
from coverage.places.reconcile import reconcile
from coverage.places.regencies import is_bps
from coverage.readers.nation import find_region, outline_of, villages_of
from coverage.readers.villages import read_villages
from coverage.store.drawn import boundary_file, not_village_file
from coverage.store.region_files import files_of

TEN = {
    "kab. brebes": 297,
    "kota bogor": 68,
    "administrasi kepulauan seribu": 6,
    "96.03": 121,  # Raja Ampat: islands of Papua, no BPS code
    "merauke": 190,  # Papua, no BPS code
    "94.06": 79,  # Dogiyai: villages of 1 to 1,086 km²
    "padang lawas": 304,  # 117 of them without a BPS code
    "pidie jaya": 222,  # forests
    "kota tual": 30,  # small islands
    "tolikara": 511,
}


@pytest.fixture(scope="module")
def polygons(shared):
    return gpd.read_parquet(shared / "nation" / "boundaries_simplified.parquet").set_index("village_code_kemendagri")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), TEN.items())
def test_a_regency_is_drawn_whole_and_starts_with_nothing_known(name, count, polygons, record_property):
    inputs = load_inputs(name)
    villages, facts = inputs.villages, villages_of(find_region(name))
    assert len(villages) == len(facts) == count
    assert set(villages["village_code_bps"]) == set(facts["village_code_bps"])
    assert set(villages["boundary_quality"]) == {"approximate"}
    assert inputs.assets is None
    assert inputs.evidence is None
    assert villages["population"].isna().all()
    keyed = dict(inputs.notes).get("villages.note.no_bps_code", {"count": 0})["count"]
    assert keyed == (~is_bps(facts["village_code_bps"])).sum()

    outline = outline_of(find_region(name))
    crs = utm_crs(outline)
    shapes = villages.to_crs(crs).geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    whole = shapely.union_all(shapes)
    assert outline.to_crs(crs).iloc[0].difference(whole).area < 20_000, "no empty holes"
    assert shapely.area(shapes).sum() - whole.area < 20

    official = polygons.geometry.loc[villages["village_code_kemendagri"]].to_crs(crs)
    shared_land = shapely.area(shapely.intersection(shapes, shapely.make_valid(official.to_numpy())))
    shares = shared_land / (shapely.area(shapes) + official.area.to_numpy() - shared_land)
    record_property("median_iou", round(float(np.median(shares)), 3))
    assert np.median(shares) > (0.3 if count < 10 else 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kota tual", "96.03", "kota bogor"])
def test_the_whole_flow_says_not_known(name):
    result = analyze(load_inputs(name), read_parameters())
    assert set(result.blank_spots["state"]) == {"unknown"}
    assert "approximate_boundaries" in result.run["approximations"]


def test_a_drawing_is_kept_and_is_the_same_when_drawn_again(tmp_path):
    first = boundary_file("kota bogor", tmp_path / "a")
    seen = first.stat().st_mtime_ns
    assert boundary_file("32.71", tmp_path / "a").stat().st_mtime_ns == seen
    assert boundary_file("3271", tmp_path / "b").read_bytes() == first.read_bytes()


def test_files_of_a_regency_go_by_one_code_however_it_is_named():
    assert {files_of(name).code for name in ("3329", "33.29", "brebes", "Kab. Brebes")} == {"3329"}
    assert {files_of(name).code for name in ("93.01", "merauke")} == {"93.01"}


@pytest.mark.parametrize(
    ("name", "code"),
    [("bogor", "region.ambiguous"), ("brebs", "region.near"), ("9401", "region.near"), ("atlantis", "region.unknown")],
)
def test_a_name_that_is_not_certain_is_refused_with_what_is_near(name, code):
    with pytest.raises(FileRefusedError) as refused:
        load_inputs(name)
    assert refused.value.code == code
    if code != "region.unknown":
        assert refused.value.details["offered"]


def test_a_file_that_is_not_there_is_no_name_of_a_regency():
    with pytest.raises(FileRefusedError, match=r"file\.not_found"):
        load_inputs("brebes.geojson")


def test_forests_and_waters_are_drawn_as_what_they_are():
    drawn = gpd.read_file(not_village_file("tanggamus"))
    assert {"forest"} <= set(drawn["kind"])
    assert set(drawn["boundary_quality"]) == {"approximate"}
    forest = drawn.to_crs(drawn.estimate_utm_crs()).area.sum() / 1e6
    assert forest == pytest.approx(875.8, rel=0.1)
    assert not_village_file("kota bogor") is None


def test_a_list_of_papua_is_reconciled_without_any_file_and_without_bps_codes():
    villages = villages_of(find_region("merauke"))
    rows = villages[["village_code_kemendagri", "village", "subdistrict"]].rename(
        columns={"village_code_kemendagri": "code"}
    )
    found = reconcile(rows, villages)
    assert (found["status"] == "agreed").mean() > 0.98
    assert (found["village_code_bps"] == villages["village_code_bps"]).mean() > 0.98


def test_a_wrongly_bridged_code_is_a_conflict_and_never_agreed():
    villages = villages_of(find_region("brebes"))
    # The list names the BPS code of another subdistrict's village.
    row = villages.iloc[[0]].assign(code=villages["village_code_bps"].iloc[-1])[["code", "village", "subdistrict"]]
    found = reconcile(row, villages)
    assert found["status"].iloc[0] in ("code_conflict", "name_conflict")


def test_boundaries_whose_codes_belong_far_away_say_so(tmp_path):
    drawn = gpd.read_file(boundary_file("kota tual", tmp_path))
    codes = drawn["village_code_bps"].tolist()
    far = villages_of(find_region("brebes"))["village_code_bps"].iloc[0]
    drawn.loc[0, ["village_code_bps", "village_code_kemendagri"]] = [far, None]
    drawn.to_file(tmp_path / "x.geojson", driver="GeoJSON")
    _, notes = read_villages(tmp_path / "x.geojson")
    told = dict(notes)["villages.note.far_from_list"]
    assert told["count"] == 1
    assert far in str(told["villages"])
    assert far not in codes
