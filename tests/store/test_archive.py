"""Evidence, runs and scenarios are kept beside the inventory."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from coverage.base.errors import RowError, SchemaError, StaleVersionError, StoreError
from coverage.base.schema import EVIDENCE, check
from coverage.store import Store
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets


def evidence(*ids: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "evidence_id": name,
                "village_code_bps": "3505010001",
                "kind": "official_list",
                "claimed_state": "blank",
                "match": "agreed",
                "given_code": None,
                "given_village": "Ngrejo",
                "given_subdistrict": None,
                "source": "Diskominfo",
                "date": "2023",
            }
            for name in ids
        ],
        columns=EVIDENCE.names,
    )


def test_evidence_is_kept_with_its_date_and_who_brought_it(store: Store) -> None:
    assert store.evidence.add(evidence("a.csv:1", "a.csv:2"), EDITOR) == 2
    kept = check(store.evidence.table(VIEWER), EVIDENCE)
    assert list(kept["evidence_id"]) == ["a.csv:1", "a.csv:2"]
    assert set(kept["date"]) == {"2023"}
    assert set(kept["added_by"]) == {"eko"}
    assert kept["given_code"].isna().all()
    with pytest.raises(RowError, match="store.duplicate_evidence"):
        store.evidence.add(evidence("b.csv:1", "a.csv:2"), EDITOR)
    with pytest.raises(SchemaError):
        store.evidence.add(evidence("c.csv:1").assign(claimed_state="gelap"), EDITOR)
    assert len(store.evidence.table(VIEWER)) == 2


def test_withdrawn_evidence_is_set_aside_not_lost(store: Store) -> None:
    store.evidence.add(evidence("a.csv:1", "a.csv:2"), EDITOR)
    assert store.evidence.withdraw(["a.csv:1", "tidak-ada"], EDITOR) == 1
    assert list(store.evidence.table(VIEWER)["evidence_id"]) == ["a.csv:2"]
    assert list(store.evidence.table(VIEWER, withdrawn=True)["evidence_id"]) == ["a.csv:1"]


def test_a_run_comes_back_with_its_parameters_and_tables(store: Store) -> None:
    villages = pd.DataFrame(
        {"village_code_bps": ["3505010001", "3505010002"], "share_served": [0.25, float("nan")], "rank": [2, 1]}
    )
    map_ = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(112.1, -8.1)], crs=4326)
    run = {"run_id": "abc123", "parameters": {"rules": {"overlay": {"blank_below": 0.1}}}, "counts": {"blank": 7}}
    store.runs.save("3505", run, {"villages": villages, "map": map_}, "Musrenbang 2026", EDITOR)
    kept = store.runs.load("abc123", VIEWER)
    assert (kept.name, kept.saved_by, kept.parameters, kept.about["counts"]) == (
        "Musrenbang 2026",
        "eko",
        run["parameters"],
        {"blank": 7},
    )
    pd.testing.assert_frame_equal(kept.tables["villages"], villages, check_dtype=False)
    back = kept.tables["map"]
    assert isinstance(back, gpd.GeoDataFrame)
    assert (back.crs, back.geometry.iloc[0]) == (4326, Point(112.1, -8.1))


def test_runs_are_listed_newest_first_and_saved_again_under_one_name(store: Store) -> None:
    for run_id, name in (("r1", "tahun lalu"), ("r2", "tahun ini"), ("r1", "tahun lalu, diulang")):
        store.runs.save("3505", {"run_id": run_id}, {"t": pd.DataFrame({"n": [1]})}, name, EDITOR)
    assert [(run["run_id"], run["name"]) for run in store.runs.all("3505", VIEWER)] == [
        ("r1", "tahun lalu, diulang"),
        ("r2", "tahun ini"),
    ]
    with pytest.raises(StoreError, match="store.no_such_run"):
        store.runs.load("r3", VIEWER)


def test_a_scenario_holds_what_might_be_built_and_touches_nothing_real(three: Store) -> None:
    before, revision = three.assets.table(viewer=VIEWER), three.assets.revision()
    plan = make_assets({"asset_id": None, "kind": "tower", "status": "planned", "height_m": 42.0}, {"asset_id": None})
    scenario_id = three.scenarios.save("3505", "Menara Wonotirto", plan, EDITOR, "usulan")
    kept = three.scenarios.load(scenario_id, VIEWER)
    assert list(kept["kind"]) == ["tower", "wifi"]
    assert kept["asset_id"].is_unique
    assert kept["height_m"].iloc[0] == 42
    pd.testing.assert_frame_equal(pd.DataFrame(three.assets.table(viewer=VIEWER)), pd.DataFrame(before))
    assert three.assets.revision() == revision
    (listed,) = three.scenarios.all("3505", VIEWER)
    assert (listed["name"], listed["version"], listed["saved_by"]) == ("Menara Wonotirto", 1, "eko")


def test_a_scenario_that_somebody_saved_meanwhile_is_not_overwritten(store: Store) -> None:
    scenario_id = store.scenarios.save("3505", "A", make_assets({}), EDITOR)
    store.scenarios.save("3505", "A", make_assets({}, {}), ADMIN, scenario_id=scenario_id, version=1)
    with pytest.raises(StaleVersionError, match="store.stale_scenario"):
        store.scenarios.save("3505", "A", make_assets({}), EDITOR, scenario_id=scenario_id, version=1)
    assert len(store.scenarios.load(scenario_id, VIEWER)) == 2
    with pytest.raises(RowError, match="store.unknown_value"):
        store.scenarios.save("3505", "B", make_assets({"kind": "balon"}), EDITOR)


def test_the_moment_since_which_an_asset_is_damaged(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"status": "damaged"}, EDITOR)
    three.assets.change("wifi-1", 2, {"status": "operational"}, EDITOR)
    three.assets.change("wifi-1", 3, {"status": "damaged"}, EDITOR)
    three.assets.change("wifi-1", 4, {"note": "menunggu suku cadang"}, EDITOR)
    since = three.history.broken_since(VIEWER)
    assert since == {"wifi-1": three.history.of("wifi-1", VIEWER)[3].at}


def test_the_day_of_loading_and_of_setting_back_is_not_since_when_an_asset_is_damaged(three: Store) -> None:
    three.imports.add_assets(
        make_assets({"status": "damaged"}, {"asset_id": "w-9", "status": "inactive"}), "a.csv", EDITOR
    )
    three.assets.add(make_assets({"asset_id": "w-10", "status": "damaged"}), EDITOR)
    three.assets.change("wifi-1", 2, {"note": "menunggu suku cadang"}, EDITOR)
    assert three.history.broken_since(VIEWER) == {}
    three.assets.change("wifi-1", 3, {"status": "operational"}, EDITOR)
    three.history.set_back("wifi-1", 4, 3, EDITOR)
    assert three.history.broken_since(VIEWER) == {}
