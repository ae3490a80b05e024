"""What can be built where, what it costs and why not: costs with sources, and cases worked by hand."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from shapely import Point, box

from coverage.base.errors import ParameterError
from coverage.base.schema import ASSETS, ROLLOUT, VILLAGES, check
from coverage.land.cells import make_land
from coverage.land.people import spread_evenly
from coverage.language.words import Words
from coverage.readers.costs import read_costs
from coverage.readers.kinds import asset_kinds
from coverage.readers.parameters import read_parameters
from coverage.rollout.cooperation import better_from_neighbours
from coverage.rollout.edits import PlanEdit
from coverage.rollout.gained_people import unserved_within
from coverage.rollout.measures import Costs, present_value
from coverage.rollout.new_sites import grid_candidates, new_sites, unserved_points
from coverage.rollout.options import possible_measures
from coverage.rollout.plan import PlanRequest, best_plan, curve, make_problem, naive_plan, priority_weights
from coverage.rollout.problem import choice_of
from coverage.rollout.routes import fiber_routes
from coverage.rollout.site_survey import feeds_in_reach

KINDS = asset_kinds()
SERVICES = ("cellular", "public_wifi", "backhaul")


@pytest.fixture(scope="module")
def costs() -> Costs:
    return read_costs()


def test_every_cost_that_ships_has_a_year_and_a_source_and_a_name_in_both_languages(costs: Costs) -> None:
    for measure in costs.measures:
        for figure in (*measure.capital, *measure.running, measure.reach_m):
            assert figure.source
            assert 2018 <= figure.year <= 2026
        assert Words("id").has(f"rollout.measure.{measure.name}")
        assert Words("en").has(f"rollout.measure.{measure.name}")
    assert {measure.name for measure in costs.measures} == {
        "public_wifi",
        "fiber",
        "radio_link",
        "small_tower",
        "satellite",
    }


def test_costs_worked_by_hand(costs: Costs) -> None:
    fiber = next(measure for measure in costs.measures if measure.name == "fiber")
    capital = fiber.capital_idr(np.array([2500.0]), np.array([0.0]))
    assert capital.tolist() == [258_000_000]  # 2.5 km at 100 million and a set-up of 8 million
    assert fiber.running_idr(capital, np.ones(1)).tolist() == [12_900_000]  # 5 %
    assert fiber.route_idr(np.array([2500.0])).tolist() == [250_000_000]
    satellite = next(measure for measure in costs.measures if measure.name == "satellite")
    capital = satellite.capital_idr(np.zeros(1), np.zeros(1))
    assert satellite.running_idr(capital, np.ones(1)).tolist() == [26_400_000 + 1_280_000]
    link = next(measure for measure in costs.measures if measure.name == "radio_link")
    assert link.capital_idr(np.zeros(1), np.array([30.0])).tolist() == [48_000_000 + 150_000_000]


def test_present_value_discounts_running_cost() -> None:
    """100 now, 10 now and 10 a year later at 25 %: 100 + 10 + 8."""
    assert present_value(np.array([100]), np.array([10]), 2, 0.25).tolist() == [118]
    assert present_value(np.array([100]), np.array([10]), 1, 0.25).tolist() == [110]


def test_a_planners_own_costs_replace_only_what_they_name(tmp_path: Path, costs: Costs) -> None:
    own = tmp_path / "biaya.toml"
    own.write_text('[[measure]]\nname = "satellite"\nenabled = false\n[discount_rate]\nvalue = 0.06\n', "utf-8")
    read = read_costs(own)
    assert read.discount_rate.value == 0.06
    assert read.discount_rate.source == costs.discount_rate.source
    assert [measure.name for measure in read.measures if not measure.enabled] == ["satellite"]


@pytest.mark.parametrize(
    "text",
    [
        '[[measure]]\nname = "satellite"\nservice = "pigeon"\n',
        '[discount_rate]\nvalue = "much"\n',
        "[detour_factor]\nvalue = 0.5\n",
        "[horizon_years]\nvalue = 2.5\n",
        'colour = "red"\n',
        "[[measure]\n",
    ],
)
def test_costs_that_make_no_sense_are_refused_with_the_file(tmp_path: Path, text: str) -> None:
    own = tmp_path / "biaya.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(ParameterError) as caught:
        read_costs(own)
    assert caught.value.place.file == str(own)


def test_a_measure_that_needs_something_must_say_how_far(costs: Costs) -> None:
    values = costs.model_dump()
    values["measures"][0]["longest_m"] = None
    with pytest.raises(ValidationError, match="longest_m"):
        Costs.model_validate(values)


METRE = 1 / 111_320
"""Degrees a metre on the equator, near enough for the tests below."""


def village(number: int, x_km: float, y_km: float, population: float | None = 1000.0) -> dict[str, object]:
    """A village of 2 km by 2 km, its centre at (x, y) km east and north of 112 E on the equator."""
    x, y = 112 + x_km * 1000 * METRE, y_km * 1000 * METRE
    half = 1000 * METRE
    return {
        "village_code_bps": f"35050100{number:02d}",
        "village_code_kemendagri": None,
        "village": f"Desa {number}",
        "subdistrict": "Wates" if number < 5 else "Bakung",
        "regency": "Blitar",
        "area_km2": 4.0,
        "boundary_quality": "official",
        "population": population,
        "population_basis": "test",
        "centre_lon": x,
        "centre_lat": y,
        "geometry": box(x - half, y - half, x + half, y + half),
    }


def asset(name: str, kind: str, x_km: float, y_km: float, status: str = "operational") -> dict[str, object]:
    return {
        **dict.fromkeys(ASSETS.names),
        "asset_id": name,
        "kind": kind,
        "status": status,
        "geometry": Point(112 + x_km * 1000 * METRE, y_km * 1000 * METRE),
    }


def frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


@pytest.fixture(scope="module")
def row_of_villages() -> gpd.GeoDataFrame:
    """Five villages in a row from west to east, 2 km apart, touching each other."""
    return check(frame([village(n, 2.0 * n, 5.0) for n in range(5)]), VILLAGES)  # type: ignore[return-value]


NODE = asset("FO-1", "fiber_node", -0.5, 5.0)


def services(villages: gpd.GeoDataFrame, metres: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "village_code_bps": villages["village_code_bps"],
            "service": "backhaul",
            "nearest_asset_m": metres,
            "nearest_asset_id": ["FO-1"] * len(villages),
        }
    )


def nearest(villages: gpd.GeoDataFrame, metres: list[float], kind: str = "tower") -> pd.DataFrame:
    return pd.DataFrame(
        {"village_code_bps": villages["village_code_bps"], "kind": kind, "asset_id": "TWR-1", "distance_m": metres}
    )


def unserved(villages: gpd.GeoDataFrame, people: float = 900.0) -> pd.DataFrame:
    return pd.DataFrame({reach: people for reach in (100.0, 3000.0, 5000.0)}, index=villages["village_code_bps"])


def measures(
    villages: gpd.GeoDataFrame,
    costs: Costs,
    links: pd.DataFrame | None = None,
    counted: tuple[str, ...] = SERVICES,
    people: float = 900.0,
) -> pd.DataFrame:
    routes = fiber_routes(villages, frame([NODE]), KINDS, costs, set(villages["village_code_bps"]))
    return possible_measures(
        set(villages["village_code_bps"]),
        services(villages, [500, 2500, 4500, 6500, 8500]),
        nearest(villages, [500, 2500, 5000, 5001, 8500]),
        unserved(villages, people),
        routes,
        KINDS,
        costs,
        counted,
        links,
    )


def test_what_is_possible_and_why_not(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    table = measures(row_of_villages, costs).pivot(index="village_code_bps", columns="measure", values="reason")
    assert table["public_wifi"].tolist() == ["possible", *["no_connection_near"] * 4]
    assert table["radio_link"].tolist() == [*["possible"] * 3, *["no_feed_near"] * 2]
    assert (table[["fiber", "satellite"]] == "possible").all(axis=None)


def test_a_checked_line_of_sight_reaches_further_and_a_blocked_one_not_at_all(
    row_of_villages: gpd.GeoDataFrame, costs: Costs
) -> None:
    codes = row_of_villages["village_code_bps"].tolist()
    links = pd.DataFrame(
        {
            "village_code_bps": [codes[0], codes[4], codes[4]],
            "asset_id": ["A", "B", "C"],
            "distance_m": [500.0, 14_000.0, 9000.0],
            "clear": [False, True, True],
            "mast_m": [np.nan, 12.0, 30.0],
        }
    )
    table = measures(row_of_villages, costs, links)
    link = table[table["measure"] == "radio_link"].set_index("village_code_bps")
    assert link["reason"].tolist() == ["no_clear_line", "possible", "possible", "no_feed_near", "possible"]
    assert link.loc[codes[4], "feed"] == "B"  # the lower mast
    assert link.loc[codes[4], "capital_idr"] == 48_000_000 + 12 * 5_000_000
    assert link.loc[codes[1], "capital_idr"] == 48_000_000 + 25 * 5_000_000


def test_what_gives_nothing_is_not_possible(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    cellular = measures(row_of_villages, costs, counted=("cellular",))
    assert cellular.loc[cellular["possible"], "measure"].unique().tolist() == ["small_tower"]
    assert set(measures(row_of_villages, costs, people=0.5)["reason"]) >= {"adds_nobody", "no_feed_near"}
    unknown = measures(row_of_villages, costs, people=np.nan)
    assert not unknown["possible"].any()
    assert "people_unknown" in set(unknown["reason"])
    assert unknown["people_newly_served"].isna().all()


def test_without_a_node_there_is_no_fibre(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    broken = frame([asset("FO-1", "fiber_node", 0, 5, status="damaged")])
    codes = set(row_of_villages["village_code_bps"])
    assert fiber_routes(row_of_villages, broken, KINDS, costs, codes) is None
    table = possible_measures(
        codes,
        services(row_of_villages, [np.nan] * 5),
        nearest(row_of_villages, [9e9] * 5),
        unserved(row_of_villages),
        None,
        KINDS,
        costs,
        SERVICES,
    )
    assert set(table.loc[table["measure"] == "fiber", "reason"]) == {"no_node"}


def plan_parts(villages: gpd.GeoDataFrame, costs: Costs) -> tuple[pd.DataFrame, object]:
    routes = fiber_routes(villages, frame([NODE]), KINDS, costs, set(villages["village_code_bps"]))
    table = possible_measures(
        set(villages["village_code_bps"]),
        services(villages, [9000] * 5),
        nearest(villages, [9000] * 5),
        unserved(villages),
        routes,
        KINDS,
        costs,
        ("backhaul",),
    )
    return table, routes


def test_the_plan_by_village_and_year_adds_up_to_the_rupiah(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    """The node is 500 m west of the first village; 2 km steps at 1.3 times 100 million a km; money for two a year."""
    table, routes = plan_parts(row_of_villages, costs)
    asked = PlanRequest({2027: 400_000_000, 2028: 400_000_000})
    problem = make_problem(row_of_villages, table, routes, costs, asked)  # type: ignore[arg-type]
    plan = best_plan(problem, row_of_villages, table, routes, gap=0.0)  # type: ignore[arg-type]
    check(plan.rollout, ROLLOUT)
    assert plan.rollout["year"].tolist() == [2027, 2027, 2028]
    assert plan.rollout["village_code_bps"].tolist() == ["3505010000", "3505010001", "3505010002"]
    assert plan.rollout["parent"].tolist() == ["FO-1", "3505010000", "3505010001"]
    assert plan.people == 2700
    by_year = plan.rollout.groupby("year")["cost_idr"].sum()
    assert by_year.tolist() == plan.years["capital_idr"].tolist()
    assert plan.years["people_total"].tolist() == [1800, 2700]
    # 2.5 km x 1.3 of trunk and two set-ups, to the metre of the projection
    assert plan.years["capital_idr"][0] == pytest.approx(2.5e8 * 1.3 + 16e6, rel=0.003)
    # the first piece is shared by both, the second is the second village's own
    assert plan.rollout["cost_idr"][0] == pytest.approx(0.5e8 * 1.3 / 2 + 8e6, rel=0.003)
    reasons = dict(json.loads(plan.rollout["reasons"][0]))
    assert reasons["people_newly_served"] == 900
    assert (plan.years["unspent_idr"] >= 0).all()
    assert plan.piece_year[:3] == (2027, 2027, 2028)
    assert plan.status == "optimal"


def test_naive_beside_exact_and_the_curve(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    """600 million, the ranking from the far end: the third village alone costs 593 with its trunk, and then not even
    the 8 million of a set-up on the way are left; the first two cost 341 together."""
    table, routes = plan_parts(row_of_villages, costs)
    asked = PlanRequest({2027: 600_000_000}, running_in_budget=False)
    problem = make_problem(row_of_villages, table, routes, costs, asked)  # type: ignore[arg-type]
    backwards = row_of_villages["village_code_bps"].tolist()[::-1]
    assert naive_plan(problem, row_of_villages, table, routes, backwards).people == 900  # type: ignore[arg-type]
    assert best_plan(problem, row_of_villages, table, routes, backwards).people == 1800  # type: ignore[arg-type]
    points = curve(problem, backwards, shares=(2.0, 0.1, 1.0, 1.1))
    assert points["share"].tolist() == [0.1, 1.0, 1.1, 2.0]
    assert points["people"].tolist() == [0, 1800, 2700, 4500]
    assert points["people_naive"].tolist() == [0, 900, 2700, 4500]
    assert points["budget_idr"].tolist() == [60_000_000, 600_000_000, 660_000_000, 1_200_000_000]


def test_the_curve_goes_through_a_plan_that_is_known(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    """One village for 600 million is no good plan: believed where it is called exact, searched again where it is not."""
    table, routes = plan_parts(row_of_villages, costs)
    asked = PlanRequest({2027: 600_000_000}, running_in_budget=False)
    problem = make_problem(row_of_villages, table, routes, costs, asked)  # type: ignore[arg-type]
    backwards = row_of_villages["village_code_bps"].tolist()[::-1]
    one = choice_of(problem, np.where(np.arange(len(problem.village)) == 0, 0, -1))
    said = {
        gap: curve(problem, backwards, shares=(0.1, 1.0, 2.0), known=(one, gap)) for gap in (0.0, 0.5, float("inf"))
    }
    assert said[0.0]["people"].tolist() == [0, 900, 4500]
    assert said[0.0]["gap"][1] == 0.0
    assert said[0.5]["people"].tolist() == said[float("inf")]["people"].tolist() == [0, 1800, 4500]


def test_what_somebody_else_pays_is_built_without_money_and_serves_from_its_year(
    row_of_villages: gpd.GeoDataFrame, costs: Costs
) -> None:
    """Also a village far down a fibre route that the district has not built."""
    table, routes = plan_parts(row_of_villages, costs)
    code, other = row_of_villages["village_code_bps"].iloc[[-1, 0]]
    pins = (PlanEdit("pin", code, "fiber", 2028, paid_by="BAKTI"),)
    asked = PlanRequest({2027: 0, 2028: 0}, edits=pins)
    problem = make_problem(row_of_villages, table, routes, costs, asked)  # type: ignore[arg-type]
    plan = best_plan(problem, row_of_villages, table, routes, gap=0.0)  # type: ignore[arg-type]
    assert plan.rollout[["village_code_bps", "year", "cost_idr", "running_idr"]].to_numpy().tolist() == [
        [code, 2028, 0, 0]
    ]
    assert plan.years["people_newly_served"].tolist() == [0, plan.people]
    unpaid = replace(asked, edits=(PlanEdit("pin", other, "fiber", 2028),))
    with pytest.raises(ParameterError):
        best_plan(
            make_problem(row_of_villages, table, routes, costs, unpaid),  # type: ignore[arg-type]
            row_of_villages, table, routes, gap=0.0,  # type: ignore[arg-type]
        )  # fmt: skip


def test_lines_of_the_routes_lie_on_the_map(row_of_villages: gpd.GeoDataFrame, costs: Costs) -> None:
    _, routes = plan_parts(row_of_villages, costs)
    lines = routes.lines()  # type: ignore[attr-defined]
    assert lines.crs.to_epsg() == 4326
    assert lines["villages"].tolist() == row_of_villages["village_code_bps"].tolist()
    assert lines.geometry.iloc[0].coords[0] == pytest.approx(NODE["geometry"].coords[0])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (PlanRequest({}), "rollout.no_budget"),
        (PlanRequest({2027: -1}), "rollout.negative_budget"),
        (PlanRequest({2027: 1}, edits=(PlanEdit("forbid", "9999999999"),)), "rollout.unknown_village"),
        (PlanRequest({2027: 1}, edits=(PlanEdit("forbid", measure="cable"),)), "rollout.unknown_measure"),
        (PlanRequest({2027: 1}, minimum={"Nowhere": 1}), "rollout.unknown_subdistrict"),
    ],
)
def test_wishes_that_name_what_is_not_there(
    row_of_villages: gpd.GeoDataFrame, costs: Costs, asked: PlanRequest, code: str
) -> None:
    table, routes = plan_parts(row_of_villages, costs)
    with pytest.raises(ParameterError) as caught:
        make_problem(row_of_villages, table, routes, costs, asked)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_people_weighted_by_priority() -> None:
    ranked = pd.DataFrame({"village_code_bps": ["A", "B"], "score": [0.9, 0.3]})
    assert priority_weights(ranked) == pytest.approx({"A": 1.5, "B": 0.5})
    assert priority_weights(ranked.iloc[:0]) == {}


@pytest.fixture(scope="module")
def ground(row_of_villages: gpd.GeoDataFrame) -> tuple[object, pd.DataFrame, pd.DataFrame]:
    land = make_land(row_of_villages)
    cells = spread_evenly(land)
    return land, cells, pd.DataFrame({"connection": np.zeros(len(cells))})


def test_people_within_reach_of_the_centre(row_of_villages: gpd.GeoDataFrame, ground: tuple) -> None:  # type: ignore[type-arg]
    """1,000 people evenly on 4 km²: a disc of 500 m holds π / 16 of them, one of 1,600 m everybody."""
    land, cells, reach = ground
    table = unserved_within(land, row_of_villages, cells, reach, "connection", [100, 500, 1600])
    area_km2 = cells.groupby("village_position")["area_m2"].sum().iloc[0] / 1e6
    assert table[500.0].to_numpy() == pytest.approx(np.pi * 0.25 / area_km2 * 1000, rel=0.005)
    assert table[100.0].to_numpy() == pytest.approx(np.pi * 0.01 / area_km2 * 1000, rel=0.03)
    assert table[1600.0].to_numpy() == pytest.approx(1000)
    half = unserved_within(land, row_of_villages, cells, reach + 0.5, "connection", [1600])
    assert half[1600.0].to_numpy() == pytest.approx(500)


def test_people_are_unknown_where_the_population_is(row_of_villages: gpd.GeoDataFrame, ground: tuple) -> None:  # type: ignore[type-arg]
    land, cells, reach = ground
    some = row_of_villages.assign(population=[np.nan, 1000, 1000, 1000, 1000])
    table = unserved_within(land, some, cells, reach, "connection", [1600])
    assert np.isnan(table.iloc[0, 0])
    assert table.iloc[1, 0] == pytest.approx(1000)


@pytest.mark.slow
def test_new_sites_go_where_nobody_is_served_yet(row_of_villages: gpd.GeoDataFrame, ground: tuple) -> None:  # type: ignore[type-arg]
    """Villages 0 and 1 are in reach already: two sites of 1.5 km go to two of the other three."""
    land, cells, reach = ground
    served = reach.assign(connection=(cells["village_position"] < 2).astype(float))
    _, people = unserved_points(land, row_of_villages, cells, served, "connection")
    assert people.sum() == pytest.approx(3000, rel=0.3)  # whole persons a cell
    grid = grid_candidates(land, 500)
    chosen, sites = new_sites(land, row_of_villages, cells, served, "connection", grid, 1500, 2)
    assert len(chosen) == 2
    assert sites.people == people[sites.covered].sum() == chosen["people_added"].sum()
    assert sites.people == sites.bound
    assert set(chosen["village_code_bps"]) <= {"3505010002", "3505010003", "3505010004"}
    assert chosen["people_added"].is_monotonic_decreasing
    assert (chosen["people_in_reach"] >= chosen["people_added"]).all()


def test_villages_nearer_to_the_neighbours_asset_are_named(row_of_villages: gpd.GeoDataFrame) -> None:
    own = frame([asset("TWR-1", "tower", -1.0, 5.0)])
    theirs = frame(
        [
            {**asset("MLG-7", "tower", 10.0, 5.0), "regency": "Malang"},
            {**asset("MLG-8", "wifi", 8.0, 5.0), "regency": "Malang"},
        ]
    )
    table = better_from_neighbours(row_of_villages, own, theirs, read_parameters().kinds)
    assert table["village_code_bps"].tolist() == ["3505010004", "3505010003"]
    assert table["asset_id"].unique().tolist() == ["MLG-7"]
    assert table["regency"].unique().tolist() == ["Malang"]
    assert table["distance_m"].tolist() == pytest.approx([2000, 4000], rel=0.01)
    assert table["own_distance_m"].tolist() == pytest.approx([9000, 7000], rel=0.01)
    assert table["in_reach"].tolist() == [True, False]
    none = better_from_neighbours(row_of_villages, None, theirs, read_parameters().kinds)
    assert len(none) == 5
    assert none["own_asset_id"].isna().all()
    assert better_from_neighbours(row_of_villages, own, theirs.iloc[:0], read_parameters().kinds).empty


def test_feeds_that_a_terrain_check_has_to_look_at(row_of_villages: gpd.GeoDataFrame) -> None:
    feeds = frame(
        [
            asset("TWR-1", "tower", 0, 5.0),
            asset("TWR-2", "tower", 2, 5.0),
            asset("W", "wifi", 0, 5.0),
            asset("TWR-3", "tower", 0, 5.0, status="planned"),
        ]
    )
    table = feeds_in_reach(row_of_villages, feeds, KINDS, ["3505010001"], 15_000, most=1)
    assert table[["village_code_bps", "asset_id"]].to_numpy().tolist() == [["3505010001", "TWR-2"]]
    assert len(feeds_in_reach(row_of_villages, feeds, KINDS, row_of_villages["village_code_bps"], 2100)) == 5
