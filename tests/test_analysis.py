"""The whole flow on the region that ships and on real public boundaries."""

from dataclasses import replace
from pathlib import Path

import pytest

from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare, reworded, run_id
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis

OFFICIAL = {"3505030003", "3505030001", "3505030006", "3505060010", "3505040001", "3505020001", "3505020006"}


@pytest.fixture(scope="module")
def shipped() -> Analysis:
    return analyze(load_inputs(), read_parameters())


def blank(analysis: Analysis, rule: str) -> set[str]:
    states = analysis.states(rule)
    return set(states[states == "blank"].index)


@pytest.mark.slow
def test_the_seven_official_villages_are_blank_under_overlay_and_on_the_list(shipped: Analysis) -> None:
    assert blank(shipped, "official") == OFFICIAL
    assert blank(shipped, "overlay") >= OFFICIAL


def test_every_blank_or_weak_village_has_a_rank_and_no_other(shipped: Analysis) -> None:
    states = shipped.states()
    assert set(shipped.priority["village_code_bps"]) == set(states[states.isin(["blank", "weak"])].index)
    assert shipped.priority["rank"].tolist() == list(range(1, len(shipped.priority) + 1))


def test_villages_add_up_to_the_region(shipped: Analysis) -> None:
    assert shipped.run["counts"]["population"] == 1_223_745
    service = shipped.village_service.query("service == 'cellular'")
    assert service["population_served"].sum() <= 1_223_745
    assert shipped.cells["area_m2"].sum() / 1e6 == pytest.approx(shipped.villages["area_km2"].sum(), rel=1e-3)
    assert shipped.cells.groupby("village_position")["people_share"].sum().to_numpy() == pytest.approx(1)


def test_what_is_invented_or_approximate_is_named(shipped: Analysis) -> None:
    assert shipped.run["approximations"] == [
        "approximate_boundaries",
        "estimated_people",
        "even_people",
        "sample_assets",
        "reach_by_radius",
    ]


@pytest.mark.slow
def test_the_order_of_rows_changes_neither_the_result_nor_the_name_of_the_run() -> None:
    inputs, parameters = load_inputs(), read_parameters()
    assert inputs.assets is not None
    assert inputs.evidence is not None
    shuffled = Inputs(
        villages=inputs.villages,
        assets=inputs.assets.sample(frac=1, random_state=1).reset_index(drop=True),
        evidence=inputs.evidence.iloc[::-1].reset_index(drop=True),
        population_estimated=True,
        files=inputs.files,
    )
    assert run_id(shuffled, parameters) == run_id(inputs, parameters)
    one, other = analyze(inputs, parameters), analyze(shuffled, parameters)
    assert one.blank_spots.equals(other.blank_spots)
    assert one.priority.equals(other.priority)


@pytest.mark.slow
def test_real_boundaries_of_blitar_with_the_official_list(shared: Path) -> None:
    inputs = load_inputs(
        shared / "blitar" / "villages_bps_2020.geojson", evidence=[shared / "blitar" / "official_blankspots_2023.csv"]
    )
    found = analyze(inputs, read_parameters())
    counts = found.run["counts"]
    assert (counts["villages"], counts["subdistricts"], counts["population"]) == (248, 22, 1_223_745)
    assert counts["area_km2"] == pytest.approx(1616.0, rel=1e-3)
    assert blank(found, "official") == OFFICIAL
    # Without an asset list nothing is known of them but the list itself: they are ranked all the same.
    assert set(found.priority["village_code_bps"]) == OFFICIAL
    assert found.conflicts[["village_code_bps", "kind", "match"]].values.tolist() == [
        ["3505060010", "match", "code_conflict"]
    ]
    assert "approximate_boundaries" not in found.run["approximations"]


def test_a_city_without_an_asset_list_is_unknown_and_never_blank(shared: Path) -> None:
    found = analyze(load_inputs(shared / "bogor" / "villages_bps_2020.geojson"), read_parameters())
    assert found.run["counts"]["villages"] == 68
    assert set(found.blank_spots["state"]) == {"unknown"}
    assert found.priority.empty
    assert "no_people" in found.run["approximations"]


@pytest.mark.slow
def test_another_name_or_owner_computes_nothing_anew_and_is_another_run(shipped: Analysis) -> None:
    inputs = load_inputs()
    ground = prepare(inputs, shipped.parameters)
    assert inputs.assets is not None
    named = inputs.assets.assign(name="Nama baru", owner="Pemilik baru", note="x")
    again = reworded(shipped, replace(inputs, assets=named), ground)
    assert again is not None
    assert again.reach is shipped.reach
    assert set(again.assets["name"]) == {"Nama baru"}  # type: ignore[index]
    computed = analyze(replace(inputs, assets=named), shipped.parameters, ground)
    assert again.run["run_id"] == computed.run["run_id"] != shipped.run["run_id"]
    assert again.run | {"seconds": 0} == computed.run | {"seconds": 0}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "damaged"),
        ("kind", "tower"),
        ("reach_m", 1.0),
        ("height_m", 1.0),
        ("operator", "lain"),
        ("on_fiber", None),
        ("asset_id", "lain"),
    ],
)
def test_what_is_computed_with_is_computed_anew(shipped: Analysis, column: str, value: object) -> None:
    inputs = load_inputs()
    assert inputs.assets is not None
    changed = inputs.assets.copy()
    changed.loc[0, column] = value
    assert reworded(shipped, replace(inputs, assets=changed), None) is None  # type: ignore[arg-type]
    assert reworded(shipped, replace(inputs, assets=changed.iloc[1:]), None) is None  # type: ignore[arg-type]
    assert reworded(shipped, replace(inputs, assets=None), None) is None  # type: ignore[arg-type]
    assert reworded(shipped, replace(inputs, evidence=None), None) is None  # type: ignore[arg-type]
