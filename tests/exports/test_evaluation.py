"""Two runs side by side, and the indicators by year, on villages in a row that can be checked by eye."""

import io
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from python_calamine import CalamineWorkbook

from coverage.exports.comparison import compare
from coverage.exports.evaluation import write_comparison, write_comparison_csv, write_indicators
from coverage.exports.indicators import indicators
from coverage.language.words import Words
from tests.exports.conftest import CODES, HOSTILE, Small, hostile_run, make_small


def later(run: Small, **changes: Any) -> Small:
    """A year later: Barat, a blank spot before, is served; Timur, served before, is weak."""
    spots, service = run.blank_spots.copy(), run.village_service.copy()
    overlay = spots["rule"] == "overlay"
    spots.loc[overlay & (spots["village_code_bps"] == CODES[2]), ["state", "reason"]] = ["served", "in_reach"]
    spots.loc[overlay & (spots["village_code_bps"] == CODES[0]), ["state", "reason"]] = ["weak", "few_in_reach"]
    connection = service["service"] == "connection"
    service.loc[connection & (service["village_code_bps"] == CODES[2]), ["share_served", "population_served"]] = [
        1.0,
        500.0,
    ]
    service.loc[connection & (service["village_code_bps"] == CODES[0]), ["share_served", "population_served"]] = [
        0.3,
        300.0,
    ]
    assets = run.assets.copy()
    assets.loc[assets["asset_id"] == "M-1", "status"] = "damaged"
    assets.loc[assets["asset_id"] == "W-1", "status"] = "operational"
    new = assets[assets["asset_id"] == "M-2"].assign(asset_id="M-3", status="operational")
    new = gpd.GeoDataFrame(new.drop(columns="geometry"), geometry=[shapely.Point(112.05, -8.09)], crs=4326)
    changed = {
        "assets": pd.concat([assets, new], ignore_index=True),
        "blank_spots": spots,
        "village_service": service,
        "run": {**run.run, "run_id": "fedcba654321", "date": "2027-11-20", "inputs": {"aset.csv": "22" * 32}},
    }
    return replace(run, **{**changed, **changes})


@pytest.fixture(scope="module")
def pair() -> tuple[Small, Small]:
    first = make_small()
    return first, later(first)


def test_who_is_better_who_is_worse_and_because_of_which_asset(pair: tuple[Small, Small], words: Words) -> None:
    found = compare(*pair, words).villages.set_index("village")
    assert found["change"].to_dict() == {"Timur": "worse", "Tengah": "same", "Barat": "better", "Utara": "same"}
    assert found.loc["Barat", "because"] == "M-3"
    assert found.loc["Timur", "because"] == "M-1"
    assert found.loc["Tengah", "because"] == ""
    assert found.loc["Barat", ["state_before", "state_after"]].tolist() == ["blank", "served"]


def test_only_assets_inputs_and_parameters_that_changed(pair: tuple[Small, Small], words: Words) -> None:
    found = compare(*pair, words)
    assert found.assets[["asset_id", "change", "status_before", "status_after"]].values.tolist() == [
        ["M-1", "status", "operational", "damaged"],
        ["M-3", "added", None, "operational"],
        ["W-1", "status", "damaged", "operational"],
    ]
    assert found.inputs["name"].tolist() == ["/home/orang/desa.geojson", "aset.csv"]
    assert found.parameters.empty


def test_a_changed_parameter_is_named(words: Words) -> None:
    first = make_small()
    other = make_small()
    other.run["parameters"]["rules"][0]["blank_below"] = 0.2
    assert compare(first, other, words).parameters.values.tolist() == [["rules.overlay.blank_below", "0.1", "0.2"]]


def test_a_run_against_itself_shows_no_change(small: Small, words: Words) -> None:
    found = compare(small, small, words)
    assert set(found.villages["change"]) == {"same"}
    assert found.assets.empty
    assert found.inputs.empty
    assert found.parameters.empty


def test_an_asset_that_moved_or_reaches_farther_is_a_change(small: Small, words: Words) -> None:
    moved = small.assets.copy()
    moved.loc[moved["asset_id"] == "M-1", "reach_m"] = 5000.0
    assert compare(small, replace(small, assets=moved), words).assets[["asset_id", "change"]].values.tolist() == [
        ["M-1", "moved"]
    ]


def test_villages_that_come_and_go_are_told_apart_from_better_and_worse(small: Small, words: Words) -> None:
    fewer = replace(small, villages=small.villages[small.villages["village_code_bps"] != CODES[3]])
    assert compare(small, fewer, words).villages["change"].tolist() == ["same", "same", "same", "removed"]
    assert compare(fewer, small, words).villages["change"].tolist() == ["same", "same", "same", "added"]


def test_from_unknown_is_not_better(small: Small, words: Words) -> None:
    spots = small.blank_spots.copy()
    spots.loc[spots["village_code_bps"] == CODES[0], ["state", "reason"]] = ["unknown", "no_asset_list"]
    changed = compare(replace(small, blank_spots=spots), small, words).villages
    assert changed["change"].tolist() == ["told", "same", "same", "same"]


def test_indicators_by_year(pair: tuple[Small, Small]) -> None:
    table = indicators({2026: pair[0], 2027: pair[1]}).set_index(["indicator", "detail"])
    assert list(table.columns) == ["2026", "2027"]
    assert table.loc[("villages_in_state", "blank")].tolist() == [2, 1]
    assert table.loc[("villages_with_service", "public_wifi")].tolist() == [1, 1]
    assert table.loc[("people_in_reach", "public_wifi")].tolist() == [100, 100]
    assert table.loc[("assets", "tower")].tolist() == [2, 3]
    assert table.loc[("assets_of_owner", "Diskominfo")].tolist() == [2, 2]
    assert table.loc[("cctv_in_subdistrict", "Satu")].tolist() == [1, 1]
    assert table.loc[("cctv_in_subdistrict", "Dua")].tolist() == [0, 0]
    assert pd.isna(table.loc[("repaired", "wifi"), "2026"])
    assert table.loc[("repaired", "wifi"), "2027"] == 1
    assert table.loc[("repaired", "tower"), "2027"] == 0


def test_indicators_of_a_run_without_assets_are_empty_not_zero(small: Small) -> None:
    service = small.village_service.assign(known=False, share_served=float("nan"), population_served=float("nan"))
    table = indicators({2026: replace(small, assets=None, village_service=service)}).set_index(["indicator", "detail"])
    assert pd.isna(table.loc[("people_in_reach", "cellular"), "2026"])
    assert "assets" not in {name for name, _ in table.index}


@pytest.mark.parametrize("names", [HOSTILE[:4], HOSTILE[-4:]], ids=["formulas", "marks"])
def test_the_files_open_again_and_hold_no_formula(names: list[str], words: Words) -> None:
    first = hostile_run(names)
    for content in (
        write_comparison(first, later(first), words),
        write_indicators({2026: first, 2027: later(first)}, words),
    ):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for sheet in book.sheet_names:
            cells = [cell for row in book.get_sheet_by_name(sheet).to_python() for cell in row if isinstance(cell, str)]
            assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    table = pd.read_csv(io.BytesIO(write_comparison_csv(first, later(first), words)), dtype=str)
    assert table["run_id_after"].tolist() == ["fedcba654321"] * 4
