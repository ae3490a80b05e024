"""What if: the made valley with a tower more, and where near it a tower would serve most."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from coverage.base.errors import InputError
from coverage.base.parameters import Parameters
from coverage.reach.added_asset import people_gained
from coverage.reach.model import radio_of
from coverage.reach.radials import Window
from coverage.reach.signal import NO_SIGNAL, Tower
from coverage.reach.signal_views import classes, of_operator, of_tower, rsrp_known
from coverage.reach.terrain import Terrain, fractal_terrain
from coverage.reach.tower_link import tower_link
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, criterion_columns, prepare
from coverage.run.areas import area_of
from coverage.run.best_sites import best_sites, high_points
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis, Ground
from coverage.run.what_if import TrialAsset, what_if, with_proposals
from coverage.web.visitor_work import run_with
from coverage.web.work_process import Task
from tests.made_valley import EAST, LEMBAH, LERENG, NORTH, UTM, ground_m, write_elevation, write_towers, write_villages

TO_DEGREES = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)


def degrees(x_km: float, north_m: float = 5000.0) -> tuple[float, float]:
    """Longitude and latitude of a place in the valley."""
    lon, lat = TO_DEGREES.transform(EAST + 1000 * x_km, NORTH + north_m)
    return float(lon), float(lat)


class Shelf:
    """Keeps windows in memory and counts the new ones."""

    def __init__(self) -> None:
        self.kept: dict[str, Window] = {}
        self.new = 0

    def get(self, key: str) -> Window | None:
        return self.kept.get(key)

    def put(self, key: str, window: Window) -> None:
        self.kept[key], self.new = window, self.new + 1


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return read_parameters()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder: Path = tmp_path_factory.mktemp("valley")
    return load_inputs(
        write_villages(folder / "desa.geojson"),
        [write_towers(folder / "menara.csv", ("M1", 5.0, 0.0, "Satu"), ("M2", -5.0, 3000.0, "Dua"))],
        elevation=[write_elevation(folder / "dem.tif")],
    )


@pytest.fixture(scope="module")
def ground(inputs: Inputs, parameters: Parameters) -> Ground:
    return prepare(inputs, parameters, Shelf())


@pytest.fixture(scope="module")
def analysis(inputs: Inputs, parameters: Parameters, ground: Ground) -> Analysis:
    return analyze(inputs, parameters, ground)


@pytest.fixture(scope="module")
def first_tower(analysis: Analysis) -> Tower:
    assert analysis.reached.signal is not None
    return analysis.reached.signal.towers[0]


@pytest.mark.slow
def test_a_tower_on_the_ridge_serves_the_valley(inputs: Inputs, analysis: Analysis, ground: Ground) -> None:
    found = what_if(analysis, ground, [TrialAsset(*degrees(6.5), height_m=30.0, operator="Satu")], "no_cellular")
    assert found.villages.to_dict("records") == [
        {"village_code_bps": LEMBAH, "before": "blank", "after": "served", "people_newly_served": 400.0}
    ]
    assert found.people_newly_served == pytest.approx(400)
    assert analysis.states("no_cellular")[LEMBAH] == "blank"


@pytest.mark.slow
@pytest.mark.parametrize(("operator", "with_heights"), [("Satu, Tiga", True), (None, False)])
def test_what_is_added_comes_out_as_if_all_were_computed_anew(
    inputs: Inputs, ground: Ground, parameters: Parameters, operator: str | None, with_heights: bool
) -> None:
    others = [TrialAsset(*degrees(10.6), kind) for kind in ("wifi", "fiber_node")]  # so that such lists are known
    listed = with_proposals(inputs.assets, others, parameters.kinds, radio_of(parameters))
    listed["asset_id"] = listed["asset_id"].str.replace("USUL", "LAIN")
    inputs = replace(inputs, assets=listed, elevation=inputs.elevation if with_heights else ())
    ground = ground if with_heights else prepare(inputs, parameters)
    analysis = analyze(inputs, parameters, ground)
    proposals = [
        TrialAsset(*degrees(6.5), operator=operator, band_mhz=1800.0),
        TrialAsset(*degrees(9.0), "microcell"),
        TrialAsset(*degrees(7.0), "wifi", band_mhz=5800.0),
        TrialAsset(*degrees(11.0), "fiber_node"),
        TrialAsset(*degrees(10.0), "radio_link"),
    ]
    assets = with_proposals(inputs.assets, proposals, parameters.kinds, radio_of(parameters))
    anew = analyze(replace(inputs, assets=assets), parameters, ground)
    for rule in (one for one in analysis.parameters.rules if one.enabled):
        quick = what_if(analysis, ground, proposals, rule.name)
        assert quick.after.to_dict() == anew.states(rule.name).to_dict()
    assert quick.service.equals(anew.village_service)
    assert quick.reached.table.equals(anew.reach)
    signal, signal_anew = quick.reached.signal, anew.reached.signal
    assert (signal is None) == (signal_anew is None) == (not with_heights)
    if signal is not None and signal_anew is not None:
        assert (signal.rsrp_dbm == signal_anew.rsrp_dbm).all()
        assert (signal.server == signal_anew.server).all()


def test_pockets_that_get_smaller_have_the_people_of_a_whole_run(
    inputs: Inputs, analysis: Analysis, ground: Ground, parameters: Parameters
) -> None:
    proposals = [TrialAsset(*degrees(6.5), height_m=30.0, operator="Satu")]
    assert analysis.pockets is not None
    quick = what_if(analysis, ground, proposals).pockets
    assets = with_proposals(inputs.assets, proposals, parameters.kinds, radio_of(parameters))
    anew = analyze(replace(inputs, assets=assets), parameters, ground)
    assert anew.pockets is not None
    before, after = (run.groupby("village_code_bps")["people"].sum() for run in (analysis.pockets, anew.pockets))
    gained = before.sub(after.reindex(before.index).fillna(0))
    assert quick["village_code_bps"].tolist() == [LEMBAH]
    assert quick.groupby("village_code_bps")["gained"].sum().to_dict() == pytest.approx({LEMBAH: gained[LEMBAH]})
    assert quick["share_left"].iloc[0] == pytest.approx(0, abs=0.01)


def test_proposals_are_no_list(inputs: Inputs, parameters: Parameters) -> None:
    """Without a list of towers nobody is known to be without: a tower tried out makes no other village blank."""
    flat = replace(inputs, elevation=(), assets=None)
    ground = prepare(flat, parameters)
    found = what_if(analyze(flat, parameters, ground), ground, [TrialAsset(*degrees(6.5))], "no_cellular")
    assert set(found.before) == {"unknown"}
    assert set(found.after) == {"unknown", "served"}
    assert found.people_newly_served == 0
    assert found.people_unknown is not None
    assert found.people_unknown > 0


@pytest.mark.slow
def test_who_is_not_known_to_be_without_service_is_no_gain(
    inputs: Inputs, parameters: Parameters, tmp_path: Path
) -> None:
    """A hole in the heights hides whether the slope is served: a tower there used to win all its people."""
    columns = int(49_000 / 30)
    x = -16.0 + (np.arange(columns) + 0.5) * 0.03
    heights = np.where((x > 7.6) & (x < 9.1), -9999.0, ground_m(x))
    write_elevation(tmp_path / "lubang.tif", values=np.broadcast_to(heights, (int(50_000 / 30), columns)))
    holed = replace(inputs, elevation=(tmp_path / "lubang.tif",))
    ground = prepare(holed, parameters)
    run = analyze(holed, parameters, ground)
    assert run.states("no_cellular")[LERENG] == "unknown"
    found = what_if(run, ground, [TrialAsset(*degrees(10.5), height_m=42.0)], "no_cellular")
    assert found.after[LERENG] == "served"
    gained = found.villages.set_index("village_code_bps")["people_newly_served"]
    # Those on the slope were not known to be without, those in the valley are not known to hear it across the hole.
    people = run.villages.set_index("village_code_bps")["population"][[LERENG, LEMBAH]].sum()
    assert gained[LERENG] == pytest.approx(0, abs=1)
    assert found.people_newly_served == pytest.approx(gained.sum())
    assert found.people_unknown == pytest.approx(people, rel=0.05)
    beyond = what_if(run, ground, [TrialAsset(*degrees(9.5), height_m=60.0)], "no_cellular")
    assert beyond.after[LEMBAH] == "unknown"  # its way there lies in the hole
    assert beyond.pockets["gained"].sum() < 1
    assert beyond.people_unknown is not None
    assert beyond.people_unknown > 0


@pytest.mark.slow
def test_nine_operators_are_told_apart(inputs: Inputs, analysis: Analysis, ground: Ground) -> None:
    seven = [TrialAsset(*degrees(10.5), operator=f"Operator {k}") for k in range(7)]
    assets = with_proposals(inputs.assets, seven, analysis.parameters.kinds, radio_of(analysis.parameters))
    more = replace(inputs, assets=assets)
    signal = analyze(more, analysis.parameters, ground, earlier=analysis.reached).village_signal
    assert signal is not None
    assert signal.set_index("village_code_bps").loc[LERENG, "operators"] == 7 + int(
        analysis.village_signal.set_index("village_code_bps").loc[LERENG, "operators"]
    )  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_run_after_one_tower_moved_is_that_from_nothing(inputs: Inputs, parameters: Parameters) -> None:
    ground = prepare(inputs, parameters, Shelf())
    before, assets = analyze(inputs, parameters, ground), inputs.assets
    assert assets is not None
    own = zip(assets["asset_id"], assets.geometry, strict=True)
    there = [shapely.Point(*degrees(10.5)) if name == "M1" else at for name, at in own]
    other = replace(inputs, assets=assets.set_geometry(gpd.GeoSeries(there, assets.index, assets.crs)))
    found = analyze(other, parameters, ground, earlier=before.reached)
    whole = analyze(other, parameters, ground)
    assert not found.blank_spots.equals(before.blank_spots)
    for name in ("blank_spots", "village_service", "village_signal", "priority", "pockets", "reach", "reach_most"):
        tables = (getattr(one, name).to_csv(float_format="%.17g") for one in (found, whole))
        assert next(tables) == next(tables), name
    assert found.run["people_unserved_range"] == whole.run["people_unserved_range"]
    again = analyze(inputs, parameters, ground, earlier=found.reached)
    assert again.blank_spots.equals(before.blank_spots)


@pytest.mark.slow
def test_only_the_new_tower_is_computed(inputs: Inputs, parameters: Parameters) -> None:
    shelf = Shelf()
    ground = prepare(inputs, parameters, shelf)
    analysis = analyze(inputs, parameters, ground)
    assert shelf.new == 2
    what_if(analysis, ground, [TrialAsset(*degrees(6.5))])
    assert shelf.new == 3
    what_if(analysis, ground, [TrialAsset(*degrees(6.5), height_m=60.0)])
    assert shelf.new == 4


def test_wifi_reaches_some_hundred_metres_and_never_clears_a_cellular_blank_spot(
    inputs: Inputs, analysis: Analysis, ground: Ground
) -> None:
    found = what_if(analysis, ground, [TrialAsset(*degrees(7.0), "wifi", band_mhz=2400.0)], "no_cellular")
    assert found.villages.empty
    assert found.people_newly_served == 0
    wifi = found.service.query(f"service == 'public_wifi' and village_code_bps == '{LEMBAH}'")
    # P.1411 without line of sight: 127 m at 2.4 GHz, so 0.0507 km2 of 0.09.
    assert wifi["share_served"].item() == pytest.approx(np.pi * 127**2 / 300**2, abs=0.03)


def test_the_ridge_is_the_best_site_of_the_valley(analysis: Analysis, ground: Ground) -> None:
    sites = best_sites(analysis, ground, *degrees(7.0), within_m=1000.0, count=8)
    assert sites["people_newly_served"].iloc[0] == pytest.approx(400, abs=1)
    assert sites["villages"].iloc[0] == 1
    assert sites["ground_m"].iloc[0] > 300
    assert sites["people_newly_served"].is_monotonic_decreasing
    assert sites["ground_m"][sites["highest"]].item() == sites["ground_m"].max()


def test_a_search_for_sites_can_be_ended_after_each_site(analysis: Analysis, ground: Ground) -> None:
    seen = []

    def end() -> None:
        seen.append(1)
        if len(seen) == 2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        best_sites(analysis, ground, *degrees(7.0), within_m=1000.0, count=8, between=end)
    assert len(seen) == 2


@pytest.mark.slow
def test_without_terrain_the_best_place_reaches_most_people_by_its_circle(parameters: Parameters) -> None:
    inputs = load_inputs()
    ground = prepare(inputs, parameters)
    run = analyze(inputs, parameters, ground)
    for kind in ("tower", "wifi"):
        wanted = TrialAsset(112.2, -8.27, kind)
        sites = best_sites(run, ground, 112.2, -8.27, wanted=wanted, count=4)
        assert sites["people_newly_served"].is_monotonic_decreasing
        assert sites["ground_m"].isna().all()
        assert not sites["highest"].any()
        best = replace(wanted, lon=sites["lon"][0], lat=sites["lat"][0])
        rule = "no_cellular" if kind == "tower" else "no_public_wifi"
        gained = what_if(run, ground, [best], rule).people_newly_served
        assert gained == pytest.approx(sites["people_newly_served"][0])
        assert gained is not None
        assert gained >= what_if(run, ground, [wanted], rule).people_newly_served  # type: ignore[operator]


def test_a_damaged_tower_loses_those_who_hear_no_other(
    inputs: Inputs, analysis: Analysis, ground: Ground, parameters: Parameters
) -> None:
    # U1 on the ridge is the only tower that the valley would hear; U2 at its foot is hidden like M1.
    proposals = [TrialAsset(*degrees(6.5), height_m=30.0), TrialAsset(*degrees(5.5, 4000.0))]
    assets = with_proposals(inputs.assets, proposals, parameters.kinds, radio_of(parameters))
    assert assets is not None
    assets["status"] = assets["status"].mask(assets["asset_id"].str.startswith("USUL"), "damaged")
    asked = ["USUL-1", "USUL-2"]
    gained = people_gained(
        ground.land, ground.cells, analysis.villages, assets, parameters.kinds, asked, analysis.heard(ground.kept)
    )
    assert gained == {"USUL-1": pytest.approx(400), "USUL-2": pytest.approx(0)}
    circles = people_gained(ground.land, ground.cells, analysis.villages, assets, parameters.kinds, asked)
    assert circles["USUL-2"] == 0  # M1's circle of 3 km is said to hold the valley already


def test_the_criterion_single_operator_hears_the_signal(
    inputs: Inputs, analysis: Analysis, parameters: Parameters
) -> None:
    alone = type(parameters.priority.criteria[0])(name="single_operator", weight=1.0, unit="1", source="test")
    priority = parameters.priority.model_copy(update={"criteria": (alone,)})
    columns = criterion_columns(inputs, parameters.model_copy(update={"priority": priority}), analysis.village_signal)
    signal = analysis.village_signal
    assert signal is not None
    assert columns["single_operator"].tolist() == [0.0, float(signal["operators"].iloc[1] == 1)]


def test_high_points_lie_apart_and_the_highest_comes_first() -> None:
    terrain = fractal_terrain(300, 300, 30.0, 500.0, seed=4)
    rows, columns = high_points(terrain, 4500.0, 4500.0, 3000.0, 12)
    height = terrain.height_m[rows, columns]
    assert (np.diff(height) <= 0).all()
    apart = np.hypot(rows[:, None] - rows, columns[:, None] - columns)[~np.eye(len(rows), dtype=bool)]
    assert apart.min() * 30 >= 749
    assert (np.hypot(rows - 150, columns - 150) <= 101).all()
    inside = np.hypot(*(np.indices((300, 300)) - 150)) <= 100
    assert height[0] == terrain.height_m[inside].max()


@pytest.mark.slow
def test_the_profile_shows_what_blocks_where_and_what_would_clear_it(
    analysis: Analysis, ground: Ground, first_tower: Tower
) -> None:
    assert ground.terrain is not None
    radio = radio_of(analysis.parameters)
    link = tower_link(ground.terrain, first_tower, *degrees(7.0), radio, clearance=0.0)
    assert link.sight.blocked
    assert link.sight.worst_km == pytest.approx(1.5, abs=0.04)
    assert (link.blocked_lon, link.blocked_lat) == pytest.approx(degrees(6.5), abs=1e-3)
    # From 1.5 km before a crest of 400 m to a phone at 101.5 m, 0.5 km behind it: the mast must see over it.
    assert link.clear_height_m == pytest.approx((400 - 101.5) / 0.5 * 2.0 + 101.5 - 100, rel=0.1)
    assert link.loss_db[-1] - link.loss_db[np.searchsorted(link.sight.distance_km, 1.4)] > 30
    assert link.rsrp_dbm[-1] < radio.thresholds.weak_dbm
    slope = tower_link(ground.terrain, first_tower, *degrees(11.0), radio, clearance=0.0)
    assert not slope.sight.blocked
    assert np.isnan(slope.blocked_lon)
    assert slope.rsrp_dbm[-1] > radio.thresholds.weak_dbm


def test_the_signal_along_a_profile_is_that_of_the_map(analysis: Analysis, ground: Ground, first_tower: Tower) -> None:
    terrain = ground.terrain
    assert terrain is not None
    radio = radio_of(analysis.parameters)
    alone = of_tower(terrain, first_tower, radio, ground.kept)
    for x_km in (6.0, 9.0, 11.0):
        row, column = terrain.indices(np.array([EAST + 1000 * x_km]), np.array([NORTH + 5000.0]))
        link = tower_link(terrain, first_tower, *degrees(x_km), radio)
        assert link.rsrp_dbm[-1] == pytest.approx(alone[row[0], column[0]], abs=2.0)


def test_a_profile_to_the_foot_of_the_tower_or_off_the_terrain_is_refused(
    analysis: Analysis, ground: Ground, first_tower: Tower
) -> None:
    assert ground.terrain is not None
    radio = radio_of(analysis.parameters)
    for x_km, code in ((5.0, "terrain.too_near"), (90.0, "terrain.outside")):
        with pytest.raises(InputError) as refused:
            tower_link(ground.terrain, first_tower, *degrees(x_km), radio)
        assert refused.value.code == code


def test_operators_and_towers_make_up_the_whole(analysis: Analysis, ground: Ground) -> None:
    terrain, signal = ground.terrain, analysis.reached.signal
    assert terrain is not None
    assert signal is not None
    radio = radio_of(analysis.parameters)
    parts = [of_operator(terrain, signal, name, radio, ground.kept) for name in signal.operators]
    assert signal.operators == ("Dua", "Satu")
    assert (np.maximum(*parts) == signal.rsrp_dbm).all()
    assert (of_tower(terrain, signal.towers[0], radio) == parts[1]).all()
    assert np.isnan(rsrp_known(parts[0])).sum() == (parts[0] == NO_SIGNAL).sum()


def test_classes_follow_the_thresholds_and_stop_where_no_height_is_known(parameters: Parameters) -> None:
    radio = radio_of(parameters)
    known = np.array([[True, True], [True, False]])
    terrain = Terrain(np.zeros((2, 2), np.float32), 0.0, 0.0, 30.0, pyproj.CRS(UTM), known=known)
    rsrp = np.array([[radio.thresholds.strong_dbm, radio.thresholds.weak_dbm], [-160.0, -60.0]], np.float32)
    assert classes(rsrp, radio, terrain).tolist() == [[2, 1], [0, -1]]


def test_lereng_is_where_it_was(analysis: Analysis) -> None:
    assert analysis.states("no_cellular")[LERENG] == "served"


def test_the_area_of_an_operator_is_the_land_where_its_own_masts_are_heard(analysis: Analysis) -> None:
    signal, terrain = analysis.reached.signal, analysis.terrain
    assert signal is not None
    assert terrain is not None
    radio = radio_of(analysis.parameters)
    heard = of_operator(terrain, signal, "Dua", radio) >= radio.thresholds.weak_dbm
    area = area_of(analysis, "operator", "Dua")
    in_metres = gpd.GeoSeries([area], crs=4326).to_crs(terrain.crs).area.iloc[0]
    assert in_metres == pytest.approx(int(heard.sum()) * terrain.cell_m**2, rel=0.01)


def test_what_is_only_planned_makes_no_village_blank_nor_does_building_a_part_of_it(
    inputs: Inputs, ground: Ground, parameters: Parameters
) -> None:
    assert inputs.assets is not None
    planned = inputs.assets.assign(status="planned")
    run = analyze(replace(inputs, assets=planned), parameters, ground)
    assert set(run.states()) == {"unknown"}
    first = np.arange(len(planned)) == 0
    built = replace(inputs, assets=planned.assign(status=np.where(first, "operational", "planned")))
    found = run_with(Task(run, ground, lambda *_: None), built)
    assert set(replace(run, **found).states()) <= {"served", "unknown"}
    assert (found["village_service"]["share_served"].fillna(0) > 0).any()
