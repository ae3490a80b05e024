"""What partial and missing inputs do: nothing becomes a negative, and what is missing is named (docs/missing-data.md)."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from coverage.base.errors import RowError
from coverage.base.parameters import Parameters
from coverage.exports.drawing import map_data
from coverage.exports.map_furniture import asset_handles
from coverage.exports.plan import budget_sentence
from coverage.language.notes import lacking_of
from coverage.language.words import Words
from coverage.readers.costs import read_costs
from coverage.readers.parameters import read_parameters
from coverage.rollout.plan import PlanRequest
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.run.missing import answerable
from coverage.run.planning import default_request, make_plan, survey_of
from coverage.run.result import people_unserved
from coverage.run.what_if import is_listed
from coverage.web.maps.layers import Viewer, asset_layer


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return read_parameters()


def one_tower(folder: Path) -> Path:
    path = folder / "menara.csv"
    path.write_text("kind,name,lat,lon,status\ntower,A,-8.15610,112.20838,operational\n", "utf-8")
    return path


@pytest.mark.slow
def test_with_towers_alone_the_strictest_rule_that_can_be_answered_ranks_and_plans(
    tmp_path: Path, parameters: Parameters
) -> None:
    inputs = load_inputs(assets=[one_tower(tmp_path)])
    ground = prepare(inputs, parameters)
    found = analyze(inputs, parameters, ground)
    assert found.parameters.default_rule == "weak_cellular"
    assert found.states().value_counts().to_dict() == {"blank": 235, "weak": 7, "served": 6}
    assert len(found.priority) == 242
    costs = read_costs()
    # Under a rule about phones only a tower helps, which no year of the assumed budget pays for.
    plan = make_plan(found, survey_of(found, ground, costs), costs, PlanRequest({2027: 4_000_000_000}), seconds=5).plan
    assert plan.rollout["measure"].tolist() == ["small_tower"]
    # With less money the plan is empty: it used not to say why.
    assumed = make_plan(found, survey_of(found, ground, costs), costs, default_request(costs), seconds=5).plan
    said = budget_sentence(found, assumed, Words("id"))
    assert "cara termurah yang mungkin, menara kecil" in said
    assert "melebihi anggaran terbesar satu tahun, Rp 1 miliar" in said
    assert "radio link (layanannya tidak dihitung oleh aturan ini)" in said
    told = lacking_of(found.run, Words("id"))
    assert any("titik koneksi belum ada" in text and "Sinyal seluler lemah" in text for text in told)
    # New sites are searched for a listed service only: of others nobody is known to be without.
    assert is_listed(found, "cellular")
    assert not is_listed(found, "public_wifi")
    overlay = found.blank_spots[found.blank_spots["rule"] == "overlay"]
    assert overlay["missing"].unique().tolist() == ["backhaul"]


@pytest.mark.parametrize(
    ("known", "has_list", "rule"),
    [
        ({"cellular", "backhaul"}, True, "overlay"),
        ({"cellular"}, True, "weak_cellular"),
        ({"backhaul", "public_wifi"}, True, "no_backhaul"),
        ({"public_wifi"}, True, "official"),
        ({"public_wifi"}, False, "no_public_wifi"),
        ({"surveillance"}, True, "official"),
        (set(), False, "overlay"),
    ],
)
def test_which_rule_decides_where_lists_are_missing(
    parameters: Parameters, known: set[str], has_list: bool, rule: str
) -> None:
    assert answerable(parameters, known, has_list).default_rule == rule


@pytest.mark.slow
def test_people_of_whom_nothing_is_known_are_not_people_without_service(tmp_path: Path, parameters: Parameters) -> None:
    found = analyze(load_inputs(assets=[one_tower(tmp_path)]), parameters)
    rules = {rule.name: rule for rule in parameters.rules}
    assert people_unserved(found, rules["overlay"]).sum() == pytest.approx(0, abs=len(found.villages))
    people = pd.to_numeric(found.villages["population"]).sum()
    assert 0.9 * people < people_unserved(found, rules["no_cellular"]).sum() < people


def moved(assets: gpd.GeoDataFrame, east: float) -> gpd.GeoDataFrame:
    """The same assets so many degrees to the east."""
    return assets.set_geometry(assets.geometry.translate(east, 0.0))


def test_assets_of_another_region_are_no_list(parameters: Parameters) -> None:
    """Kota Bogor with the inventory of Blitar was 68 of 68 blank, and its legend counted 251 towers."""
    inputs = load_inputs()
    assert inputs.assets is not None
    far = analyze(replace(inputs, assets=moved(inputs.assets, 5.0)), parameters)
    assert far.states("no_cellular").value_counts().to_dict() == {"unknown": len(far.villages)}
    assert far.assets is not None
    assert far.assets.empty
    assert (far.run["counts"]["assets"], far.run["counts"]["assets_neighbours"]) == ({}, {})
    assert any("528 aset" in text for text in lacking_of(far.run, Words("id")))
    assert far.parameters.default_rule == "official"


@pytest.mark.slow
def test_assets_beyond_the_border_are_neighbours_and_no_list_but_they_reach_in(parameters: Parameters) -> None:
    inputs = load_inputs()
    assert inputs.assets is not None
    towers = inputs.assets[inputs.assets["kind"] == "tower"]
    west = inputs.villages.total_bounds[0]
    at = inputs.villages.loc[inputs.villages["centre_lon"].idxmin()]
    beside = towers.head(1).set_geometry([shapely.Point(west - 0.02, at["centre_lat"])], crs=4326)
    strong = beside.assign(reach_m=9000.0)
    found = analyze(replace(inputs, assets=strong), parameters)
    states = found.states("no_cellular").value_counts().to_dict()
    assert set(states) == {"served", "unknown"}
    assert found.run["counts"]["assets_neighbours"] == {"tower": 1}
    assert any("di luar batas" in text for text in lacking_of(found.run, Words("id")))
    legend = asset_handles(Words("id"), map_data(found, Words("id")).assets, 5)
    assert legend[0].get_label() == "menara (0 + 1 di luar wilayah)"
    layer = asset_layer(found, Viewer())
    assert layer is not None
    assert [feature["properties"]["outside"] for feature in layer["features"]] == [True]


def test_people_of_another_region_are_refused_and_codes_that_are_not_here_are_told(tmp_path: Path) -> None:
    path = tmp_path / "penduduk.csv"
    path.write_text("kode_bps,penduduk\n3271010001,900\n3271010002,800\n", "utf-8")
    with pytest.raises(RowError, match=r"villages\.unknown_codes") as refused:
        load_inputs(people=path)
    assert "3271010001" in Words("id").error(refused.value)
    path.write_text("kode_bps,penduduk\n3271010001,900\n3505010001,800\n", "utf-8")
    inputs = load_inputs(people=path)
    assert inputs.villages["population"].dropna().tolist() == [800]
    said = [Words(language)(code, **values) for language in ("id", "en") for code, values in inputs.notes]
    assert sum("penduduk.csv" in text and "3271010001" in text for text in said) == 2
