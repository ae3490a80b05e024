"""Repeaters: they send on what they hear, by circles, by sight and by signal, and nothing without a mast."""

import math
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.base.parameters import Parameters
from coverage.base.schema import ASSETS, check
from coverage.exports.board import _towers
from coverage.exports.comparison import _reaching, compare
from coverage.language.words import Words
from coverage.reach.added_asset import people_gained
from coverage.reach.assets import service_reach, services_known
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import radio_of
from coverage.reach.repeaters import heard_at, towers_of
from coverage.reach.signal import Tower, assumed
from coverage.reach.terrain import Terrain
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.areas import area_choices, area_of
from coverage.run.best_sites import best_sites
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.repeaters import masts_heard
from coverage.run.result import Analysis, Ground
from coverage.run.what_if import TrialAsset, is_listed, what_if
from tests.made_valley import EAST, LEMBAH, LERENG, NORTH, UTM, write_elevation, write_towers, write_villages

KINDS = read_parameters().kinds
RADIO = radio_of(read_parameters())
ISOTROPIC_DBM = 46 + 18 - 3 - 10 * math.log10(12 * 50)
"""EIRP of one resource element of the default technology, by its figures in data/radio.toml."""


def placed(*rows: dict[str, object], crs: int = UTM) -> gpd.GeoDataFrame:
    """Assets at ``x`` km east of the corner of the valley, and ``north`` m of its villages."""
    empty = {column.name: None for column in ASSETS.columns} | {"status": "operational"}
    points = [shapely.Point(EAST + 1000 * row["x"], NORTH + 5000 + row.get("north", 0)) for row in rows]  # type: ignore[operator]
    given = [{name: value for name, value in row.items() if name not in ("x", "north")} for row in rows]
    table = pd.DataFrame([empty | row | {"asset_id": f"A{at}"} for at, row in enumerate(given)])
    for name in ("height_m", "band_mhz", "reach_m"):
        table[name] = pd.to_numeric(table[name]).astype(float)
    return check(gpd.GeoDataFrame(table, geometry=points, crs=crs).to_crs(4326), ASSETS)


def tower(x: float, **more: object) -> dict[str, object]:
    return {"kind": "tower", "x": x, "height_m": 42, "band_mhz": 900, **more}


def repeater(x: float, **more: object) -> dict[str, object]:
    return {"kind": "repeater", "x": x, **more}


def circle_of(*rows: dict[str, object], end: str | None = None) -> float:
    """Reach of the last of some assets."""
    found = service_reach(placed(*rows), KINDS, end)  # type: ignore[arg-type]
    row = found[found["asset_position"] == len(rows) - 1].iloc[0]
    assert row["main"] == (row["reach_m"] > 0)
    return float(row["reach_m"])


@pytest.mark.parametrize(
    ("rows", "reach_m"),
    [
        ([repeater(0)], 0),
        ([tower(2.9), repeater(0)], 300),
        ([tower(3.1), repeater(0)], 0),
        ([tower(3.1, reach_m=3200), repeater(0)], 300),
        ([tower(3.1, reach_m=3200), repeater(0, reach_m=900)], 900),
        ([tower(2.9, status="damaged"), repeater(0)], 0),
        ([tower(2.9, status="planned"), repeater(0)], 0),
        ([{"kind": "wifi", "x": 0.05}, repeater(0)], 0),
        ([{"kind": "microcell", "x": 0.2}, repeater(0)], 300),
        ([tower(2.9), repeater(0), repeater(-0.2)], 0),  # a repeater is no mast of another
        ([tower(2.9, operator="Satu, Dua"), repeater(0, operator="dua")], 300),
        ([tower(2.9, operator="Satu"), repeater(0, operator="Dua")], 0),
        ([tower(2.9, operator="Satu"), repeater(0)], 300),
    ],
)  # fmt: skip
def test_by_circles_it_gives_something_only_within_reach_of_a_mast(
    rows: list[dict[str, object]], reach_m: float
) -> None:
    assert circle_of(*rows) == reach_m


def test_the_ends_of_its_reach_follow_those_of_the_mast() -> None:
    rows = [tower(2.5), repeater(0)]  # a tower reaches 2 to 5 km
    assert [circle_of(*rows, end=end) for end in ("reach_min_m", None, "reach_max_m")] == [0, 300, 300]
    assert circle_of(tower(4.5), repeater(0), end="reach_max_m") == 300


def test_a_list_of_repeaters_is_no_list_of_towers() -> None:
    assert services_known(placed(repeater(0)), KINDS) == set()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder: Path = tmp_path_factory.mktemp("repeaters")
    masts = [write_towers(folder / "menara.csv", ("M1", 5.0, 0.0, "Satu"))]
    return load_inputs(write_villages(folder / "desa.geojson"), masts, elevation=[write_elevation(folder / "dem.tif")])


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return read_parameters()


@pytest.fixture(scope="module")
def ground(inputs: Inputs, parameters: Parameters) -> Ground:
    return prepare(inputs, parameters)


@pytest.fixture(scope="module")
def terrain(ground: Ground) -> Terrain:
    assert ground.terrain is not None
    return ground.terrain


@pytest.fixture(scope="module")
def analysis(inputs: Inputs, parameters: Parameters, ground: Ground) -> Analysis:
    return analyze(inputs, parameters, ground)


def radio(**more: float) -> RadioParameters:
    return RADIO.model_copy(update={"repeater": RADIO.repeater.model_copy(update=more)})


def sent(terrain: Terrain, *rows: dict[str, object], by: RadioParameters = RADIO) -> list[Tower]:
    """Towers of the last of some assets."""
    return towers_of(placed(*rows), [len(rows) - 1], KINDS, by, terrain)


ON_RIDGE = 6.5
HEARD_DBM = ISOTROPIC_DBM - (92.4 + 20 * math.log10(0.942) + 20 * math.log10(1.5))
"""At 1.5 km in clear sight: free space, eq. (8) of ITU-R P.1812."""


def at_phone(tower: Tower) -> float:
    """EIRP of one resource element, of what a phone would see without loss: it loses 7 dB and its margin."""
    return tower.without_loss_dbm + 7 - RADIO.margin_db(0.942)


def test_what_it_sends_is_what_it_hears_and_its_gain(terrain: Terrain) -> None:
    (found,) = sent(terrain, tower(5.0, operator="Satu"), repeater(ON_RIDGE), by=radio(gain_db=50))
    assert at_phone(found) == pytest.approx(HEARD_DBM + 11 + 50 + 4, abs=0.5)
    assert found.operators == ("Satu",)
    assert found.technology == "lte_900"
    assert found.transmitter.height_m == 12
    (heard,) = heard_at(placed(tower(5.0), repeater(ON_RIDGE)), 1, KINDS, RADIO, terrain)
    assert heard.rsrp_dbm == pytest.approx(HEARD_DBM, abs=0.5)
    assert heard.metres == pytest.approx(1500, abs=1)


def test_it_sends_no_more_than_its_greatest_power_all_together(terrain: Terrain) -> None:
    (alone,) = sent(terrain, tower(5.0), repeater(ON_RIDGE))
    assert at_phone(alone) == pytest.approx(38 + 4 - 10 * math.log10(600))
    masts = tower(5.0, operator="Satu"), tower(5.0, operator="Dua")
    both = sent(terrain, *masts, repeater(ON_RIDGE))
    assert {one.operators for one in both} == {("Satu",), ("Dua",)}
    assert [at_phone(one) for one in both] == pytest.approx([at_phone(alone) - 10 * math.log10(2)] * 2)


def test_it_hears_the_best_of_each_operator_and_technology(terrain: Terrain) -> None:
    masts = tower(5.0, operator="Satu"), tower(4.0, operator="Satu"), tower(5.0, operator="Satu", band_mhz=1800)
    found = sent(terrain, *masts, repeater(ON_RIDGE))
    assert [one.technology for one in found] == ["lte_900", "lte_1800"]
    assert [one.technology for one in sent(terrain, *masts, repeater(ON_RIDGE, band_mhz=1800))] == ["lte_1800"]
    assert sent(terrain, *masts, repeater(ON_RIDGE, operator="Dua")) == []
    shared = tower(5.0, operator="Satu, Dua"), tower(4.0, operator="Dua"), tower(3.0, operator="Tiga")
    assert [one.operators for one in sent(terrain, *shared, repeater(ON_RIDGE))] == [("Satu", "Dua"), ("Tiga",)]
    assert [one.operators for one in sent(terrain, *shared, repeater(ON_RIDGE, operator="dua"))] == [("Dua",)]
    assert [one.operators for one in sent(terrain, tower(5.0), repeater(ON_RIDGE, operator="Dua"))] == [("Dua",)]


@pytest.mark.parametrize(
    ("rows", "least_dbm"),
    [
        ([repeater(ON_RIDGE)], -105),
        ([tower(5.0, status="damaged"), repeater(ON_RIDGE)], -105),
        ([tower(5.0), repeater(ON_RIDGE)], HEARD_DBM + 1),
        ([tower(5.0), repeater(7.0)], -85),  # behind the ridge
        ([tower(5.0), repeater(ON_RIDGE), repeater(7.0)], -85),  # and a repeater is no mast of another
    ],
)
def test_it_sends_nothing_of_what_it_does_not_hear(
    terrain: Terrain, rows: list[dict[str, object]], least_dbm: float
) -> None:
    assert sent(terrain, *rows, by=radio(least_dbm=least_dbm)) == []


def test_what_it_hears_is_not_assumed_of_it(terrain: Terrain) -> None:
    listed = placed(tower(5.0, operator="Satu"), {**tower(5.0), "band_mhz": None}, repeater(ON_RIDGE))
    told = assumed(listed, KINDS, RADIO)
    assert told["band_mhz"].tolist() == [False, True, False]
    assert told["eirp_dbm"].tolist() == [True, True, False]
    assert told["height_m"].tolist() == [False, False, True]
    unsure = RADIO.uncertainty
    (found,) = sent(terrain, tower(5.0), repeater(ON_RIDGE))
    assert found.spread_db == pytest.approx(math.sqrt(2 * unsure.tower_db**2 + unsure.unknown_height_db**2))
    assert found.repeats


def test_only_masts_count_as_an_operators_own_towers_on_the_board(analysis: Analysis) -> None:
    more = repeater(ON_RIDGE, operator="Satu"), repeater(12.0, north=-9000, operator="Satu")
    own = _towers(replace(analysis, assets=placed(tower(5.0, operator="Satu"), *more)))
    assert own["asset_id"].tolist() == ["A0"]


def test_a_repeater_that_lost_its_mast_has_not_moved(analysis: Analysis) -> None:
    rows = tower(2.9), repeater(0), repeater(14)
    before = replace(analysis, assets=placed(*rows))
    after = replace(analysis, assets=placed({**rows[0], "status": "damaged"}, *rows[1:]))
    for one, other in ((before, after), (after, before)):
        found = compare(one, other, Words("id"))
        assert found.assets[["asset_id", "change"]].to_numpy().tolist() == [["A0", "status"]]
    gained, lost = _reaching(before, after)
    assert gained.empty
    assert lost["asset_id"].tolist() == ["A0", "A1"]


@pytest.mark.slow
def test_by_signal_an_operators_area_holds_what_repeaters_send_of_it(
    inputs: Inputs, ground: Ground, parameters: Parameters
) -> None:
    outlines = []
    for operator in ("Satu, Dua", None):
        run = analyze(with_assets(inputs, repeater(ON_RIDGE, operator=operator)), parameters, ground)
        assert [value for by, value in area_choices(run) if by == "operator"] == ["Satu"]
        assert [value for by, value in area_choices(run) if by == "technology"] == ["lte_900"]
        assert area_of(run, "operator", "Dua") is None
        assert area_of(run, "operator", "") is None
        own = area_of(run, "operator", "Satu")
        assert own is not None
        assert own.contains(run.villages.set_index("village_code_bps").geometry[LEMBAH].centroid)
        assert own.equals(area_of(run, "technology", "lte_900"))
        outlines.append(own)
    assert outlines[0].equals(outlines[1])


def with_assets(inputs: Inputs, *rows: dict[str, object], damaged: bool = False) -> Inputs:
    assert inputs.assets is not None
    more = placed(*rows).drop(columns="geometry").assign(asset_id=[f"R{at}" for at in range(len(rows))])
    more = gpd.GeoDataFrame(more, geometry=placed(*rows).geometry.to_numpy(), crs=4326)
    both = pd.concat([inputs.assets, more], ignore_index=True)
    if damaged:
        both.loc[both["asset_id"] == "M1", "status"] = "damaged"
    return replace(inputs, assets=check(gpd.GeoDataFrame(both, geometry="geometry", crs=4326), ASSETS))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["signal", "line_of_sight"])
def test_the_shadowed_hamlet_is_served_with_it_and_not_without_the_tower(
    inputs: Inputs, analysis: Analysis, ground: Ground, parameters: Parameters, model: str
) -> None:
    asked = parameters.model_copy(update={"reach_model": model})
    near, far = repeater(ON_RIDGE, operator="Satu"), repeater(12.0, operator="Satu", north=-9000)
    served = analyze(with_assets(inputs, near, far), asked, ground).states("no_cellular")[LEMBAH]
    alone = analyze(with_assets(inputs, near, far, damaged=True), asked, ground)
    assert (analysis.states("no_cellular")[LEMBAH], served) == ("blank", "served")
    assert alone.states("no_cellular")[LEMBAH] == "blank"
    assert alone.reach["cellular"].max() == 0


@pytest.mark.slow
def test_a_tower_that_comes_back_brings_its_repeaters(inputs: Inputs, ground: Ground, parameters: Parameters) -> None:
    """Computed on the run before, it comes out as if all were computed anew; coverage and the best place follow."""
    assert inputs.assets is not None
    near = repeater(ON_RIDGE, operator="Satu")
    silent = analyze(with_assets(inputs, near, damaged=True), parameters, ground)
    assert silent.reached.signal is not None
    assert silent.reached.signal.towers == ()
    assert area_of(silent, "service", "cellular") is None
    spot = inputs.assets.geometry[inputs.assets["asset_id"] == "M1"].iloc[0]
    found = what_if(silent, ground, [TrialAsset(spot.x, spot.y, height_m=42, band_mhz=900, operator="Satu")])
    anew = analyze(with_assets(inputs, near), parameters, ground)
    assert anew.reached.signal is not None
    assert found.reached.signal is not None
    assert (found.reached.signal.rsrp_dbm == anew.reached.signal.rsrp_dbm).all()
    assert found.after.to_dict() == anew.states().to_dict()
    place = placed(near).geometry.iloc[0]
    wanted = TrialAsset(place.x, place.y, "repeater")
    assert best_sites(silent, ground, place.x, place.y, 800, wanted, 3)["people_newly_served"].max() == 0
    with_mast = analyze(inputs, parameters, ground)
    assert best_sites(with_mast, ground, place.x, place.y, 800, wanted, 3)["people_newly_served"].max() > 300


def test_by_circles_the_run_the_area_and_the_best_place_follow_the_mast(
    inputs: Inputs, parameters: Parameters, tmp_path: Path
) -> None:
    flat = replace(inputs, elevation=())
    ground = prepare(flat, parameters)
    mast, near = tower(7.9), repeater(10.85)  # the mast reaches to 10.9, the village begins at 10.85
    without = analyze(with_assets(flat, mast), parameters, ground)
    served = analyze(with_assets(flat, mast, near), parameters, ground)
    down = analyze(with_assets(flat, {**mast, "status": "damaged"}, near), parameters, ground)

    def share(run: Analysis) -> float:
        rows = run.village_service[run.village_service["service"] == "cellular"].set_index("village_code_bps")
        return float(rows.loc[LERENG, "share_served"])

    assert share(without) < 0.2
    assert share(served) == pytest.approx(1.0, abs=0.05)
    assert share(down) == 0
    nearest = down.village_service.set_index(["village_code_bps", "service"])["nearest_asset_id"]
    assert nearest[LERENG, "cellular"] == "M1"  # not the repeater beside, which repeats nothing
    place = placed(near).geometry.iloc[0]
    wanted = TrialAsset(place.x, place.y, "repeater")
    assert best_sites(down, ground, place.x, place.y, 1000, wanted, 3).empty
    sites = best_sites(without, ground, place.x, place.y, 1000, wanted, 3)
    points = gpd.GeoSeries(gpd.points_from_xy(sites["lon"], sites["lat"]), crs=4326).to_crs(UTM)
    assert (points.distance(placed(mast).to_crs(UTM).geometry.iloc[0]) <= 3001).all()
    assert sites["people_newly_served"].max() > 0
    tried = what_if(without, ground, [wanted], "no_cellular")
    assert tried.people_newly_served == pytest.approx(600 * (share(served) - share(without)), rel=0.01)
    assert tried.circles(1) == {0: 300.0}
    nothing = what_if(down, ground, [wanted], "no_cellular")
    assert nothing.people_newly_served == 0
    assert nothing.circles(1) == {}


def test_people_gained_by_a_broken_mast_are_those_of_its_repeaters_too(inputs: Inputs, parameters: Parameters) -> None:
    flat = replace(inputs, elevation=())
    broken = with_assets(flat, {**tower(7.9), "status": "damaged"}, repeater(10.85))
    ground = prepare(broken, parameters)
    run = analyze(broken, parameters, ground)
    assert run.assets is not None
    gained = people_gained(ground.land, ground.cells, run.villages, run.assets, parameters.kinds, ["R0"])
    repaired = analyze(with_assets(flat, tower(7.9), repeater(10.85)), parameters, ground)
    served = repaired.village_service.set_index(["village_code_bps", "service"])["population_served"]
    assert gained["R0"] == pytest.approx(float(served[LERENG, "cellular"]), rel=0.01)
    assert np.isfinite(gained["R0"])


@pytest.mark.slow
def test_over_terrain_a_list_of_repeaters_alone_makes_nobody_unserved(
    inputs: Inputs, ground: Ground, parameters: Parameters
) -> None:
    found = analyze(replace(inputs, assets=placed(repeater(ON_RIDGE))), parameters, ground)
    cellular = found.village_service[found.village_service["service"] == "cellular"]
    assert found.village_signal is None
    assert cellular["share_served"].isna().all()
    assert not is_listed(found, "cellular")


@pytest.mark.slow
def test_by_sight_it_repeats_its_own_operators_alone(inputs: Inputs, ground: Ground, parameters: Parameters) -> None:
    asked = parameters.model_copy(update={"reach_model": "line_of_sight"})
    for operator, state in (("Dua", "blank"), ("satu", "served")):
        found = analyze(with_assets(inputs, repeater(ON_RIDGE, operator=operator)), asked, ground)
        assert found.states("no_cellular")[LEMBAH] == state
    run = analyze(inputs, asked, ground)
    place = placed(repeater(ON_RIDGE)).geometry.iloc[0]
    for operator, sends in (("Dua", False), ("Satu", True)):
        tried = what_if(run, ground, [TrialAsset(place.x, place.y, "repeater", operator=operator)], "no_cellular")
        rest = (tried.gives, tried.reached, asked, ground.terrain)
        (heard,) = masts_heard(tried.assets, len(tried.assets) - 1, *rest)
        assert (heard.sends, heard.asset_id) == (sends, "M1" if sends else None)


@pytest.mark.slow
def test_by_signal_a_repair_counts_what_is_heard_then(inputs: Inputs, ground: Ground, parameters: Parameters) -> None:
    """A broken repeater that hears nothing gains nobody; a broken mast also those behind the repeaters that hear it."""
    near, deaf = repeater(ON_RIDGE, operator="Satu"), repeater(11.0, operator="Dua", status="damaged")
    run = analyze(with_assets(inputs, near, deaf, damaged=True), parameters, ground)
    repaired = analyze(with_assets(inputs, near, deaf), parameters, ground)
    assert run.assets is not None
    ids = run.assets["asset_id"].tolist()
    own = run.assets["asset_id"].isin(["M1", "R1"])
    rest = (parameters.kinds, [one for one in ids if own[ids.index(one)]], run.heard(ground.kept))
    gained = people_gained(ground.land, ground.cells, run.villages, run.assets, *rest)
    assert gained["R1"] == 0

    def served(found: Analysis) -> float:
        rows = found.village_service[found.village_service["service"] == "cellular"]
        return float(rows["population_served"].sum())

    assert gained["M1"] == pytest.approx(served(repaired) - served(run), rel=1e-6)
