"""Draws of what is not known of the signal: nothing drawn changes nothing, and what is told likely holds as often."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import multivariate_normal

from coverage.base.schema import CONNECTION
from coverage.land.cells import Land, make_land
from coverage.reach.link_budget import RadioParameters
from coverage.reach.repeaters import towers_of
from coverage.reach.signal import Signal, signal_map
from coverage.reach.signal_at_places import land_signal
from coverage.reach.signal_draws import Draws, drawn_shares
from coverage.reach.signal_views import pieces_over
from coverage.reach.terrain import Terrain
from coverage.readers.parameters import read_parameters
from tests.made_truth import reliability, tower_levels, true_shares
from tests.reach.test_signal import CRS, SOUTH, WEST, towers_at

TOWERS = ((4.0, 4.0, "A"), (16.0, 6.0, "B"), (9.0, 15.0, "A"), (4.1, 4.2, "B"))
SIDE = 10


@pytest.fixture(scope="module")
def radio() -> RadioParameters:
    """A weak band, so that the edge of the signal runs through the villages."""
    shipped = read_parameters().radio
    return shipped.model_copy(
        update={
            "air": shipped.air.model_copy(update={"reach_m": 12_000.0}),
            "thresholds": shipped.thresholds.model_copy(update={"weak_dbm": -82.0, "strong_dbm": -76.0}),
        }
    )


@pytest.fixture(scope="module")
def land() -> Land:
    """A hundred villages of 2 by 2 km."""
    boxes = [
        shapely.box(WEST + 2000 * i, SOUTH + 2000 * j, WEST + 2000 * i + 2000, SOUTH + 2000 * j + 2000)
        for j in range(SIDE)
        for i in range(SIDE)
    ]
    codes = [f"35050{k:05d}" for k in range(SIDE**2)]
    villages = gpd.GeoDataFrame({"village_code_bps": codes}, geometry=boxes, crs=CRS)
    return make_land(villages.to_crs("EPSG:4326"), 100.0, 10.0)


@pytest.fixture(scope="module")
def plain(land: Land) -> Terrain:
    return Terrain(np.full((280, 280), 50.0, np.float32), WEST - 4000, SOUTH - 4000, 100.0, land.crs)


def mapped(plain: Terrain, radio: RadioParameters, places: tuple[tuple[float, float, str], ...] = TOWERS) -> Signal:
    towers = towers_of(towers_at(*places), range(len(places)), read_parameters().kinds, radio, plain)
    return signal_map(plain, towers, radio)


def drawn(land: Land, plain: Terrain, signal: Signal, radio: RadioParameters) -> Draws:
    village = land.cells["village_position"].to_numpy()
    return drawn_for(land, plain, signal, radio, village)


def drawn_for(
    land: Land,
    plain: Terrain,
    signal: Signal,
    radio: RadioParameters,
    group: np.ndarray,
    before: Draws | None = None,
    anew: np.ndarray | None = None,
) -> Draws:
    village, area = land.cells["village_position"].to_numpy(), land.cells["area_m2"].to_numpy()
    none = pd.DataFrame(0.0, index=land.cells.index, columns=["cellular", CONNECTION])
    weight = area / np.bincount(village, area)[village]
    return drawn_shares(land, plain, signal, none, radio, weight, group, group.max() + 1, before, anew)


def without(radio: RadioParameters, **errors: float) -> RadioParameters:
    nothing = dict.fromkeys(("common_db", "tower_db", "place_db", "unknown_height_db", "unknown_band_db"), 0.0)
    unsure = radio.uncertainty.model_copy(update={**nothing, "draws": 20, **errors})
    return radio.model_copy(update={"uncertainty": unsure})


def test_where_nothing_is_unsure_every_draw_is_the_prediction(
    land: Land, plain: Terrain, radio: RadioParameters
) -> None:
    sure = without(radio, place_m=radio.margin.width_m)
    signal = mapped(plain, sure)
    found = drawn(land, plain, signal, sure)
    pieces = land_signal(land, plain, signal, sure)
    village, area = land.cells["village_position"].to_numpy(), land.cells["area_m2"].to_numpy()
    strong = np.bincount(village, area * pieces["share_strong"]) / np.bincount(village, area)
    weak = np.bincount(village, area * (pieces["share_strong"] + pieces["share_weak"])) / np.bincount(village, area)
    assert ((weak > 0.02) & (weak < 0.98)).sum() > 10
    assert found.cellular == pytest.approx(np.repeat(weak[:, None], 20, axis=1), abs=1e-5)
    assert found.strong == pytest.approx(np.repeat(strong[:, None], 20, axis=1), abs=1e-5)
    assert (found.connection == found.cellular).all()


def test_the_order_of_towers_and_where_the_land_ends_change_no_draw(
    land: Land, plain: Terrain, radio: RadioParameters
) -> None:
    signal = mapped(plain, radio, TOWERS[:3])  # of more, which third one is kept may hang on half a dB
    first = drawn(land, plain, signal, radio)
    turned = drawn(land, plain, mapped(plain, radio, TOWERS[2::-1]), radio)
    assert turned.cellular == pytest.approx(first.cellular, abs=1e-9)
    own = np.where(land.cells["village_position"] == 44, 0, -1)
    alone = drawn_for(land, plain, signal, radio, own)
    assert alone.cellular[0] == pytest.approx(first.cellular[44], abs=1e-9)


def test_villages_whose_signal_is_as_before_are_not_drawn_again(
    land: Land, plain: Terrain, radio: RadioParameters
) -> None:
    near = radio.model_copy(update={"air": radio.air.model_copy(update={"reach_m": 5_000.0})})
    village = land.cells["village_position"].to_numpy()
    signal, other = mapped(plain, near), mapped(plain, near, (*TOWERS[:1], (16.0, 9.0, "B"), *TOWERS[2:]))
    before, whole = drawn(land, plain, signal, near), drawn(land, plain, other, near)
    anew = pieces_over(land, plain, (signal.levels_dbm != other.levels_dbm).any(axis=0))
    found = drawn_for(land, plain, other, near, village, before, anew)
    for name in ("cellular", "strong", "connection"):
        assert getattr(found, name).tobytes() == getattr(whole, name).tobytes()
        assert getattr(found, name).tobytes() != getattr(before, name).tobytes()
    marked = replace(before, cellular=before.cellular + 5.0)
    kept = (drawn_for(land, plain, other, near, village, marked, anew).cellular > 4.0).all(axis=1)
    assert (kept == (np.bincount(village, anew) == 0)).all()
    assert 0 < kept.sum() < len(kept)


def test_one_error_for_all_moves_all_places_together_and_one_for_each_square_does_not(
    land: Land, plain: Terrain, radio: RadioParameters
) -> None:
    together, apart = (
        drawn(land, plain, mapped(plain, each), each).cellular.sum(axis=0).std()
        for each in (without(radio, common_db=6.0, draws=200), without(radio, place_db=6.0, draws=200))
    )
    assert together > 5 * apart > 0


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_a_second_mast_helps_as_far_as_its_path_errs_by_itself(
    land: Land, plain: Terrain, radio: RadioParameters, correlation: float
) -> None:
    """The chance that both fail is that of two normal numbers so correlated (scipy), over places between the masts."""
    unsure = without(radio, place_db=6.0, place_m=radio.margin.width_m, draws=200, mast_correlation=correlation)
    signal = mapped(plain, unsure, ((4.0, 10.0, "A"), (16.0, 10.0, "A")))
    x, y = land.centres
    between = (np.abs(x - WEST - 10_000) < 1500) & (np.abs(y - SOUTH - 10_000) < 3000)
    found = drawn_for(land, plain, signal, unsure, np.where(between, 0, -1))
    row, column = (((axis[between] - first) / 100).astype(int) for axis, first in ((y, plain.y0), (x, plain.x0)))
    levels = signal.levels_dbm[:2, row, column]
    normal = multivariate_normal(cov=[[1.0, correlation], [correlation, 1.0]], allow_singular=True)
    fails = normal.cdf((radio.thresholds.weak_dbm - levels.T) / 6.0)
    area = land.cells["area_m2"].to_numpy()[between]
    village = land.cells["village_position"].to_numpy()
    weight = area / np.bincount(village, land.cells["area_m2"])[village[between]]
    assert 0.02 < 1 - fails.mean() < 0.98
    assert found.cellular.mean() / weight.sum() == pytest.approx(1 - (fails @ weight) / weight.sum(), abs=0.01)


@pytest.mark.slow
def test_what_is_told_with_a_chance_holds_as_often_in_made_worlds(
    land: Land, plain: Terrain, radio: RadioParameters
) -> None:
    """Sampling: the error of a whole world is shared by its villages, so that 60 worlds tell a chance to about 0.1."""
    signal = mapped(plain, radio)
    chance = (drawn(land, plain, signal, radio).cellular < 0.1).mean(axis=1)
    truth = true_shares(land, plain, signal, tower_levels(plain, signal, radio), radio, 60, seed=7) < 0.1
    table = reliability(chance, truth)
    assert (table["cases"] > 200).all()
    assert (table["told"] - table["held"]).abs().max() < 0.12
    assert abs(chance.mean() - truth.mean()) < 0.06
