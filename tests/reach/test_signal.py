"""Best server, operators heard, classes, and reach by signal, on land small enough to count."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from scipy.spatial import cKDTree

from coverage.base.errors import CrsError
from coverage.base.kinds import AssetKind
from coverage.land.cells import Land, make_land
from coverage.reach import signal as signals
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radials import Window, loss_window
from coverage.reach.radius import reach_by_radius
from coverage.reach.repeaters import towers_of
from coverage.reach.signal import NO_SIGNAL, Signal, Tower, medium_of, signal_map
from coverage.reach.signal_at_places import land_signal, over_circles, places_of, village_signal
from coverage.reach.signal_changes import with_changes
from coverage.reach.signal_views import pieces_over, reached_by, told_apart
from coverage.reach.terrain import Terrain, fractal_terrain
from coverage.readers.parameters import read_parameters

CRS = pyproj.CRS("EPSG:32749")
WEST, SOUTH = 600_000.0, 9_100_000.0


@pytest.fixture(scope="module")
def kinds() -> dict[str, AssetKind]:
    return read_parameters().kinds


@pytest.fixture(scope="module")
def parameters() -> RadioParameters:
    shipped = read_parameters().radio
    return shipped.model_copy(update={"air": shipped.air.model_copy(update={"reach_m": 8000.0})})


def towers_at(*places: tuple[float, float, str], **columns: object) -> gpd.GeoDataFrame:
    """Towers at km from the south-west corner, each with its operators."""
    points = [shapely.Point(WEST + 1000 * x, SOUTH + 1000 * y) for x, y, _ in places]
    table = {
        "asset_id": [str(k) for k in range(len(places))],
        "kind": "tower",
        "status": "operational",
        "operator": [name or None for _, _, name in places],
        "height_m": 42.0,
        "band_mhz": 900.0,
        "reach_m": np.nan,
    }
    return gpd.GeoDataFrame({**table, **columns}, geometry=points, crs=CRS).to_crs("EPSG:4326")


def two_villages() -> Land:
    """A village of 2 by 2 km in the west and one in the east, 10 km apart."""
    boxes = [shapely.box(WEST + x, SOUTH + 4000, WEST + x + 2000, SOUTH + 6000) for x in (2000, 14_000)]
    villages = gpd.GeoDataFrame({"village_code_bps": ["3505010001", "3505010002"]}, geometry=boxes, crs=CRS)
    return make_land(villages.to_crs("EPSG:4326"), 100.0, 10.0)


@pytest.fixture(scope="module")
def land() -> Land:
    return two_villages()


@pytest.fixture(scope="module")
def plain(land: Land) -> Terrain:
    return Terrain(np.full((340, 600), 50.0, np.float32), WEST, SOUTH, 30.0, land.crs)


@pytest.fixture(scope="module")
def signal(plain: Terrain, kinds: dict[str, AssetKind], parameters: RadioParameters) -> Signal:
    assets = towers_at((3.0, 5.0, "A"), (5.0, 5.0, "B; C"), (14.0, 5.0, "A"), (80.0, 5.0, "D"))
    return signal_map(plain, towers_of(assets, [0, 1, 2, 3], kinds, parameters, plain), parameters)


def test_a_tower_off_the_terrain_is_left_out_and_a_shared_one_names_its_operators(signal: Signal) -> None:
    assert [tower.position for tower in signal.towers] == [0, 1, 2]
    assert [tower.operators for tower in signal.towers] == [("A",), ("B", "C"), ("A",)]
    assert signal.operators == ("A", "B", "C")


def test_the_nearest_of_equal_towers_serves_on_a_plain(signal: Signal) -> None:
    row = 5000 // 30
    assert signal.server[row, [100, 130, 136, 166, 400, 466]].tolist() == [0, 0, 1, 1, 2, 2]


def test_towers_come_far_from_each_other_and_their_order_changes_nothing(
    plain: Terrain, signal: Signal, parameters: RadioParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "BATCH", 1)
    seen = []

    def look(done: float, so_far: Signal) -> None:
        seen.append((done, so_far.server.copy()))

    signal_map(plain, signal.towers, parameters, progress=look)
    assert [done for done, _ in seen] == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert [set(np.unique(server)) - {-1} for _, server in seen] == [{0}, {0, 2}, {0, 1, 2}]
    monkeypatch.setattr(signals, "spread_out", lambda towers: range(len(towers)))
    twins = tuple(signal.towers[k] for k in (0, 1, 2, 0, 1, 2))
    plainly = signal_map(plain, twins, parameters)
    monkeypatch.setattr(signals, "spread_out", lambda towers: [5, 0, 3, 1, 4, 2])
    mixed = signal_map(plain, twins, parameters)
    assert np.array_equal(mixed.servers, plainly.servers)
    assert np.array_equal(mixed.levels_dbm, plainly.levels_dbm)


class Shelf(dict[str, Window]):
    """A cache of windows."""

    put = dict.__setitem__


STAND = ((3.0, 5.0, "A"), (5.0, 5.0, "B; C"), (5.0, 5.0, "A"), (7.0, 3.0, "A; B"), (14.0, 5.0, "A"), (15.0, 8.0, "C"))
CHANGES = {
    "moved": (*STAND[:3], (10.0, 4.0, "A; B"), *STAND[4:]),
    "gone": (*STAND[:3], *STAND[4:]),
    "one of a mast gone": (*STAND[:1], *STAND[2:]),
    "added among others": (*STAND[:2], (9.0, 6.0, "B"), *STAND[2:]),
    "another operator": (*STAND[:3], (7.0, 3.0, "C"), *STAND[4:]),
    "nothing": STAND,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_tower_leaves_what_all_towers_at_once_would(
    plain: Terrain, kinds: dict[str, AssetKind], parameters: RadioParameters, land: Land, change: str
) -> None:
    shelf, hilly = Shelf(), replace(plain, height_m=fractal_terrain(340, 600, 30.0, 400.0, 3).height_m)

    def towers(places: tuple[tuple[float, float, str], ...]) -> list[Tower]:
        return towers_of(towers_at(*places), range(len(places)), kinds, parameters, hilly)

    before = signal_map(hilly, towers(STAND), parameters, shelf)
    whole = signal_map(hilly, towers(CHANGES[change]), parameters, shelf)
    found = with_changes(before, hilly, whole.towers, parameters, shelf)
    assert found is not None
    now, other = found
    for name in ("levels_dbm", "servers", "heard"):
        assert getattr(now, name).tobytes() == getattr(whole, name).tobytes(), name
    assert other.any() == (change != "nothing")
    assert other.mean() < 0.95
    apart = (now.levels_dbm != before.levels_dbm).any(axis=0) | (now.heard != before.heard)
    assert not (apart & ~other).any()
    if change == "gone":  # where it was heard and its operators still are, nothing has changed
        assert (other & ~apart).mean() < 0.01


def test_much_changed_or_in_another_order_all_is_computed(
    plain: Terrain, kinds: dict[str, AssetKind], parameters: RadioParameters
) -> None:
    def towers(places: tuple[tuple[float, float, str], ...]) -> list[Tower]:
        return towers_of(towers_at(*places), range(len(places)), kinds, parameters, plain)

    before, shelf = signal_map(plain, towers(STAND), parameters), Shelf()
    for places in (STAND[::-1], STAND[2:], (*STAND[:1], *STAND[2:3])):
        assert with_changes(before, plain, towers(places), parameters, shelf) is None
    assert with_changes(before, plain, towers(STAND[:5]), parameters, shelf) is not None
    assert with_changes(before, plain, towers(STAND[:5]), parameters) is None  # nothing is kept of the others
    first = (*STAND[:3], (7.0, 3.0, "0 Nol"), *STAND[4:])  # an operator whose place is before the others
    assert with_changes(before, plain, towers(first), parameters, shelf) is None


def test_the_signal_is_that_without_loss_less_the_loss(
    plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    tower = signal.towers[2]
    window = loss_window(plain, tower.transmitter, medium_of(parameters, plain))
    expected = tower.without_loss_dbm - window.loss_db[166 - window.row, 500 - window.column]
    assert signal.rsrp_dbm[166, 500] == pytest.approx(expected, abs=0.26)
    assert signal.rsrp_dbm.max() < 0


def test_beyond_every_reach_there_is_no_signal(
    kinds: dict[str, AssetKind], parameters: RadioParameters, plain: Terrain
) -> None:
    assets = towers_at((1.0, 5.0, "A"))
    alone = signal_map(plain, towers_of(assets, [0], kinds, parameters, plain), parameters)
    assert alone.rsrp_dbm[166, 599] == NO_SIGNAL
    assert alone.server[166, 599] == -1
    assert alone.heard[166, 599] == 0


def test_another_tower_never_takes_signal_away(
    kinds: dict[str, AssetKind], parameters: RadioParameters, plain: Terrain, signal: Signal
) -> None:
    assets = towers_at((3.0, 5.0, "A"), (5.0, 5.0, "B; C"), (14.0, 5.0, "A"), (9.0, 2.0, ""))
    more = signal_map(plain, towers_of(assets, [0, 1, 2, 3], kinds, parameters, plain), parameters)
    assert (more.rsrp_dbm >= signal.rsrp_dbm).all()
    assert ((more.heard & signal.heard) == signal.heard).all()


def test_pieces_of_land_add_up_and_know_their_operators(
    land: Land, plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    pieces = land_signal(land, plain, signal, parameters)
    shares = pieces[["share_strong", "share_weak", "share_none"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    village = land.cells["village_position"].to_numpy()
    west, east = pieces[village == 0], pieces[village == 1]
    assert (west["operators"] == 3).all()
    assert (west["share_strong"] == 1).all()
    assert east["server"].isin([2]).all()
    assert east["rsrp_dbm"].max() > west["rsrp_dbm"].min()
    assert pieces.index.equals(land.cells.index)


def test_a_village_that_only_one_operator_reaches_is_told(
    land: Land, plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    pieces = land_signal(land, plain, signal, parameters)
    east = land.cells["village_position"].to_numpy() == 1
    quiet = pieces.copy()
    quiet.loc[east, "heard"] = np.uint64(1)
    villages = village_signal(land, land.cells, quiet, signal)
    assert villages["operators"].tolist() == [3, 1]
    assert villages["single_operator"].isna().tolist() == [True, False]
    assert villages.loc[1, "single_operator"] == "A"
    assert villages[["share_strong", "share_weak", "share_none"]].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_people_count_not_area_where_people_are_known(
    land: Land, plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    # All people of the west live in its first piece, which is made weak; nobody is known to live in the east.
    pieces = land_signal(land, plain, signal, parameters)
    first = pieces.index[0]
    pieces.loc[first, ["share_strong", "share_weak", "share_none"]] = [0.25, 0.75, 0.0]
    share = np.zeros(len(pieces))
    share[0] = 1.0
    cells = land.cells.assign(people_share=share)
    villages = village_signal(land, cells, pieces, signal)
    assert villages.loc[0, ["share_strong", "share_weak", "share_none"]].tolist() == pytest.approx([0.25, 0.75, 0.0])
    area = land.cells["area_m2"].to_numpy()[land.cells["village_position"] == 1]
    strong = pieces["share_strong"].to_numpy()[land.cells["village_position"] == 1]
    assert villages.loc[1, "share_strong"] == pytest.approx((area * strong).sum() / area.sum())


def reach_by_signal(land: Land, assets: gpd.GeoDataFrame, reaches: pd.DataFrame, pieces: pd.DataFrame) -> pd.DataFrame:
    return over_circles(land, assets, reaches, "cellular", (pieces["share_strong"] + pieces["share_weak"]).to_numpy())


def test_where_the_terrain_ends_nothing_is_known_and_circles_count(
    land: Land, signal: Signal, plain: Terrain, parameters: RadioParameters
) -> None:
    half = Terrain(plain.height_m[:, :300], WEST, SOUTH, 30.0, land.crs)
    part = Signal(
        signal.levels_dbm[..., :300], signal.servers[..., :300], signal.heard[:, :300], signal.towers, signal.operators
    )
    pieces = land_signal(land, half, part, parameters)
    east = land.cells["village_position"].to_numpy() == 1
    assert pieces.loc[east, "rsrp_dbm"].isna().all()
    assert (pieces.loc[east, "server"] == -1).all()
    assert pieces.loc[~east, "rsrp_dbm"].notna().all()
    assets = towers_at((3.0, 5.0, "A"), (5.0, 5.0, "B"), (15.0, 5.0, "A"))
    reaches = pd.DataFrame({"asset_position": [0, 1, 2], "service": "cellular", "reach_m": 500.0})
    reach, circles = reach_by_signal(land, assets, reaches, pieces), reach_by_radius(land, assets, reaches)
    assert (reach.loc[east] == circles.loc[east]).all().all()
    assert (reach.loc[~east, "cellular"] == 1).all()


def test_other_services_keep_their_circles_and_the_connection_holds_both(
    land: Land, plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    assets = towers_at((3.0, 5.0, "A"), (15.0, 5.0, ""), kind=["tower", "fiber_node"])
    reaches = pd.DataFrame({"asset_position": [0, 1], "service": ["cellular", "backhaul"], "reach_m": [500.0, 700.0]})
    silent = Signal(
        np.full((1, *plain.shape), NO_SIGNAL, np.float32),
        np.full((1, *plain.shape), -1, np.int32),
        np.zeros(plain.shape, np.uint64),
        signal.towers,
        signal.operators,
    )
    reach = reach_by_signal(land, assets, reaches, land_signal(land, plain, silent, parameters))
    circles = reach_by_radius(land, assets, reaches)
    assert (reach["cellular"] == 0).all()
    assert (reach["backhaul"] == circles["backhaul"]).all()
    assert (reach["connection"] == circles["backhaul"]).all()
    heard = reach_by_signal(land, assets, reaches, land_signal(land, plain, signal, parameters))
    assert (heard["connection"] >= heard[["cellular", "backhaul"]].max(axis=1) - 1e-12).all()
    assert list(heard.columns) == list(circles.columns)


def test_a_tower_without_height_or_band_takes_the_defaults(
    kinds: dict[str, AssetKind], parameters: RadioParameters, plain: Terrain
) -> None:
    assets = towers_at(
        (3.0, 5.0, "A"),
        (4.0, 5.0, "A"),
        (5.0, 5.0, "A"),
        height_m=[np.nan, 0.0, np.nan],
        band_mhz=[np.nan, 1800.0, 2300.0],
        kind=["tower", "tower", "microcell"],
        azimuth_deg=[np.nan, 120.0, np.nan],
    )
    towers = towers_of(assets, [0, 1, 2], kinds, parameters, plain)
    assert [tower.transmitter.height_m for tower in towers] == [42, 42, 12]
    assert [tower.transmitter.frequency_ghz for tower in towers] == [0.942, 1.842, 2.35]
    assert [tower.transmitter.azimuth_deg for tower in towers] == [None, 120, None]


def test_terrain_in_another_reference_system_is_refused(
    land: Land, plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    elsewhere = Terrain(plain.height_m, WEST, SOUTH, 30.0, pyproj.CRS("EPSG:32748"))
    with pytest.raises(CrsError) as refused:
        land_signal(land, elsewhere, signal, parameters)
    assert refused.value.code == "terrain.other_crs"


def test_areas_side_by_side_have_different_colours_and_nothing_has_none() -> None:
    seeds = np.random.default_rng(3).uniform(0, 120, (60, 2))
    cells = np.stack(np.indices((120, 120)), axis=-1).reshape(-1, 2)
    numbers = cKDTree(seeds).query(cells)[1].reshape(120, 120).astype(np.int32)
    numbers[:10] = -1
    colours = told_apart(numbers, 7)
    painted = np.append(colours, -1)[numbers]
    for a, b in ((numbers[:-1], numbers[1:]), (numbers[:, :-1], numbers[:, 1:])):
        there = (a != b) & (a >= 0) & (b >= 0)
        assert (colours[a[there]] != colours[b[there]]).all()
    assert set(painted[10:].ravel()) <= set(range(7))
    assert told_apart(np.full((3, 3), -1, np.int32), 7).size == 0


def test_where_towers_reach_is_asked_of_as_many_cells_as_a_picture_has(
    plain: Terrain, signal: Signal, parameters: RadioParameters
) -> None:
    usable = np.add.outer(*map(np.arange, plain.shape)) % 5 < 2
    for towers in (signal.towers, signal.towers[2:]):
        corner, step, every = reached_by(plain, usable, towers, parameters)
        assert step == 1
        assert {1, 2} <= set(every.flat)
        again, third, some = reached_by(plain, usable, towers, parameters, most=max(every.shape) // 3)
        assert (again, third) == (corner, 3)
        assert np.array_equal(some, every[::3, ::3])


def test_the_pieces_on_marked_cells_are_those_with_a_place_there(land: Land, plain: Terrain) -> None:
    row, column, covered = places_of(land, plain)
    for seed in range(3):
        marked = np.random.default_rng(seed).random(plain.shape) < 0.002
        found = pieces_over(land, plain, marked)
        assert found[(marked[row, column] & covered).any(axis=1)].all()
        assert found.sum() < len(found)
    assert not pieces_over(land, plain, np.zeros(plain.shape, bool)).any()
