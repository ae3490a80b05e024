"""The plan of the region that ships, from the command line to the files."""

import json
from pathlib import Path

import pandas as pd
import pytest

from coverage.cli.app import run

BUDGET = [word for year in (2027, 2028, 2029) for word in ("--budget", f"{year}=1000000000")]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rollout") / "out"
    theirs = folder.parent / "tetangga.csv"
    theirs.write_text(
        "asset_id,kind,name,status,lon,lat\nTLG-1,tower,Menara tetangga,operational,112.226,-8.302\n", "utf-8"
    )
    assert (
        run(
            [
                "rollout",
                *BUDGET,
                "--fix",
                "3505030001=2028",
                "--exclude",
                "3505060010",
                "--minimum",
                "Wates=2",
                "--neighbours",
                str(theirs),
                "--out",
                str(folder),
            ]
        )
        == 0
    )
    return folder


@pytest.mark.slow
def test_the_plan_keeps_to_money_and_wishes(out: Path) -> None:
    plan = pd.read_csv(out / "rollout.csv", dtype={"village_code_bps": str})
    years = pd.read_csv(out / "rollout_years.csv")
    assert (years["capital_idr"] + years["running_idr"] <= years["budget_idr"]).all()
    assert plan.groupby("year")["cost_idr"].sum().tolist() == years["capital_idr"].tolist()
    assert plan["people_newly_served"].sum() == years["people_total"].iloc[-1]
    assert plan.set_index("village_code_bps").loc["3505030001", "year"] == 2028
    assert "3505060010" not in set(plan["village_code_bps"])
    assert (plan["subdistrict"] == "Wates").sum() >= 2
    assert set(plan["cost_basis"]) == {"indicative"}


@pytest.mark.slow
def test_every_village_that_lacks_something_is_told_what_is_possible_and_why_not(out: Path) -> None:
    measures = pd.read_csv(out / "measures.csv", dtype={"village_code_bps": str})
    assert measures.groupby("village_code_bps").size().unique().tolist() == [5]
    assert measures["why"].notna().all()
    assert not measures["why"].str.contains("rollout").any()
    possible = measures["possible"]
    assert measures.loc[possible, ["capital_idr", "running_idr", "present_value_idr"]].notna().all(axis=None)


@pytest.mark.slow
def test_more_money_serves_more_and_the_exact_plan_beats_the_ranking(out: Path) -> None:
    curve = pd.read_csv(out / "rollout_curve.csv")
    assert len(curve) >= 4
    assert curve["people"].is_monotonic_increasing
    assert (curve["people"] >= curve["people_naive"]).all()
    assert (curve["people"] > curve["people_naive"]).any()


@pytest.mark.slow
def test_villages_better_served_from_the_neighbours_are_named_with_the_asset(out: Path) -> None:
    named = pd.read_csv(out / "cooperation.csv", dtype={"village_code_bps": str})
    assert set(named["asset_id"]) == {"TLG-1"}
    assert (named["distance_m"] <= 0.8 * named["own_distance_m"]).all()
    assert named["distance_m"].is_monotonic_increasing


@pytest.mark.slow
def test_routes_are_lines_with_their_year(out: Path) -> None:
    routes = json.loads((out / "rollout_routes.geojson").read_text("utf-8"))
    assert routes["type"] == "FeatureCollection"
    assert all(feature["properties"]["year"] in (2027, 2028, 2029) for feature in routes["features"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--budget", "2027"],
        ["--budget", "2027=-5"],
        ["--budget", "2027=5", "--fix", "3505030001=2031"],
        pytest.param(["--budget", "2027=5", "--minimum", "Atlantis=1"], marks=pytest.mark.slow),
        pytest.param(["--budget", "2027=5", "--exclude", "1"], marks=pytest.mark.slow),
    ],
)
def test_what_cannot_be_done_is_told_without_a_file(
    tmp_path: Path, arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["rollout", *arguments, "--out", str(tmp_path / "out")]) == 1
    told = capfd.readouterr().err
    assert "rollout." not in told
    assert told.strip()
    assert not (tmp_path / "out").exists()
