"""Losses along radials: the same method as a profile per cell, and what a planner expects of a map of
signal."""

import math
from dataclasses import replace

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.base.errors import InputError
from coverage.reach import radials
from coverage.reach.elementary import atan, exp, ln
from coverage.reach.p1812 import QUANTITIES, duct_variability, ducting_percent, path_quantities
from coverage.reach.p2108 import terminal_db
from coverage.reach.profile import INLAND
from coverage.reach.radials import (
    Medium,
    Transmitter,
    Window,
    kept_levels,
    link_of,
    loss_key,
    loss_window,
    loss_windows,
    pattern_loss_db,
    rays_of,
)
from coverage.reach.ray_loss import ROUGH, ROWS
from coverage.reach.ray_trace import walk
from coverage.reach.terrain import Terrain, fractal_terrain, with_woods

BASIC_LOSS = QUANTITIES.index("Lb (dB)")
SIDE = 421
MIDDLE = (SIDE / 2) * 30.0
TOWER = Transmitter(MIDDLE, MIDDLE, 42.0, 0.942)
NEAR = Medium(reach_m=6000.0)


def flat_terrain(side: int = SIDE, height_m: float = 100.0) -> Terrain:
    return Terrain(np.full((side, side), height_m, np.float32), 0.0, 0.0, 30.0, pyproj.CRS("EPSG:32749"))


def profile_loss(terrain: Terrain, transmitter: Transmitter, medium: Medium, x: float, y: float) -> float:
    """Loss at one place by a profile of its own, to the top of what stands there and down from it: the reference."""
    distance, height, clutter = terrain.profile((transmitter.x, transmitter.y), (x, y))
    around = clutter[-1], bool(terrain.is_built_up(np.array([x]), np.array([y]))[0])
    down = terminal_db(transmitter.frequency_ghz, distance[-1], medium.receiver_m, *around, medium.gap_m)
    found = path_quantities(
        distance,
        height,
        clutter,
        np.full(len(distance), INLAND),
        transmitter.frequency_ghz,
        50.0,
        transmitter.height_m,
        max(medium.receiver_m, clutter[-1]),
        False,
        medium.latitude,
        medium.delta_n,
        medium.n0,
        500.0,
        500.0,
        50.0,
        0.0,
    )
    return float(found[BASIC_LOSS]) + down


def deviations(terrain: Terrain, tower: Transmitter, medium: Medium, samples: int) -> np.ndarray:
    """Loss along radials less that by a profile of its own, at random cells from 100 m on."""
    window = loss_window(terrain, tower, medium)
    loss, rays = window.loss_db, rays_of(window.loss.shape[0] // 2)
    far = np.flatnonzero(rays.distance * terrain.cell_m > 100)
    chosen = np.random.default_rng(5).choice(far, samples, replace=False)
    found = []
    for k in chosen:
        row, column = int(rays.row[k]), int(rays.column[k])
        place = tower.x + column * terrain.cell_m, tower.y + row * terrain.cell_m
        centre = loss.shape[0] // 2
        found.append(loss[centre + row, centre + column] - profile_loss(terrain, tower, medium, *place))
    return np.array(found)


@pytest.mark.parametrize(
    ("relief_m", "roughness", "clutter", "frequency"),
    [(400.0, 1.8, False, 0.942), (400.0, 1.8, True, 1.842), (150.0, 2.2, False, 2.35), (5.0, 2.4, True, 0.78)],
)
def test_radials_agree_with_a_profile_per_cell(
    relief_m: float, roughness: float, clutter: bool, frequency: float
) -> None:
    terrain = fractal_terrain(SIDE, SIDE, 30.0, relief_m, seed=11, roughness=roughness)
    terrain = with_woods(terrain, 12, 12.0) if clutter else terrain
    apart = np.abs(deviations(terrain, Transmitter(MIDDLE, MIDDLE, 42.0, frequency), NEAR, 500))
    assert np.median(apart) < 0.2
    assert np.percentile(apart, 95) < 2.0


def test_where_clutter_alone_is_in_the_way_roughness_counts_from_one_horizon_of_the_ground_to_the_other() -> None:
    """A bowl, trees of 60 m at 1 km: of the ground each end sees its horizon, sought here among all points."""
    step, points = 0.1, np.arange(31)
    ground = 100.0 + 0.8 * points.astype(float) ** 1.5 + 3.0 * np.sin(points)
    link = link_of(Transmitter(0.0, 0.0, 42.0, 0.942), NEAR, ground[0], 100.0)
    lowered = ground - link.bulge * (points * step) ** 2
    samples = np.stack([ground, lowered, lowered + np.where(points == 10, 60.0, 0.0)])
    at, cell = np.array([29.0]), 30
    looked_up = np.array([[cell * step], [ground[cell]], [1.5], [0.0], [ground[cell - 1]], [0.0]])
    cells = np.zeros((ROWS, 1))
    walk(link, True, samples, at, looked_up, 0, 1, np.empty((4, 40)), cells)
    x, between = points * step, slice(1, cell)
    end = ground[cell] + 1.5 - link.bulge * (cell * step) ** 2
    from_tower = (lowered[between] - link.hts) / x[between]
    from_cell = (lowered[between] - end) / (cell * step - x[between])
    assert (samples[2, between] - link.hts > (end - link.hts) / (cell * step) * x[between]).any()
    assert from_tower.max() < (end - link.hts) / (cell * step)
    assert cells[ROUGH, 0] == pytest.approx(x[between][from_tower.argmax()])
    assert cells[ROUGH + 1, 0] == pytest.approx(x[between][from_cell.argmax()])


def test_far_from_the_tower_radials_agree_too() -> None:
    terrain = fractal_terrain(SIDE, SIDE, 90.0, 900.0, seed=3, roughness=2.0)
    tower = Transmitter(SIDE * 45.0, SIDE * 45.0, 60.0, 0.942)
    apart = np.abs(deviations(terrain, tower, Medium(reach_m=18_000.0), 400))
    assert np.median(apart) < 0.5
    assert np.percentile(apart, 95) < 2.0


def test_the_loss_over_flat_ground_is_the_same_all_round_and_never_falls_with_distance() -> None:
    window = loss_window(flat_terrain(), TOWER, NEAR)
    loss = window.loss_db
    centre = loss.shape[0] // 2
    east, north = loss[centre, centre:], loss[centre:, centre]
    assert np.nanmax(np.abs(east - north)) < 0.02
    assert np.nanmax(np.abs(loss - loss[::-1, ::-1])) < 0.05
    assert (np.diff(east[3:]) >= -0.011).all()


@pytest.mark.parametrize("mast", [12.0, 30.0, 72.0])
def test_a_higher_mast_never_adds_loss_over_flat_ground_but_for_its_longer_ray(mast: float) -> None:
    low = loss_window(flat_terrain(), Transmitter(MIDDLE, MIDDLE, mast, 0.942), NEAR).loss_db
    high = loss_window(flat_terrain(), Transmitter(MIDDLE, MIDDLE, mast * 1.5, 0.942), NEAR).loss_db
    rows, columns = np.indices(low.shape) - low.shape[0] // 2
    distance = np.hypot(rows, columns) * 30.0
    longer = 10 * np.log10((distance**2 + (1.5 * mast) ** 2) / np.maximum(distance**2 + (mast - 2) ** 2, 1.0))
    far = (distance > 90) & ~np.isnan(low)
    assert (high <= low + longer + 0.02)[far].all()


def test_a_ridge_takes_the_signal_from_what_lies_behind_it_and_from_nothing_else() -> None:
    ground = np.full((SIDE, SIDE), 100.0, np.float32)
    ground[SIDE // 2 + 40 : SIDE // 2 + 44, :] = 250.0
    ridge = Terrain(ground, 0.0, 0.0, 30.0, pyproj.CRS("EPSG:32749"))
    more = loss_window(ridge, TOWER, NEAR).loss_db - loss_window(flat_terrain(), TOWER, NEAR).loss_db
    centre = more.shape[0] // 2
    assert np.nanmax(np.abs(more[: centre + 30])) == 0
    assert np.nanmin(more[centre + 46 : centre + 120, centre - 40 : centre + 40]) > 10


def test_every_cell_within_reach_gets_one_loss_and_none_beyond() -> None:
    window = loss_window(flat_terrain(), TOWER, NEAR)
    rows, columns = np.indices(window.loss.shape) - window.loss.shape[0] // 2
    assert ((window.loss > 0) == (np.hypot(rows, columns) <= 200)).all()
    rays = rays_of(200)
    assert len(np.unique(rays.row.astype(int) * 1000 + rays.column)) == len(rays.row) == (window.loss > 0).sum()


def test_a_tower_near_the_edge_reaches_to_the_edge() -> None:
    window = loss_window(flat_terrain(), Transmitter(45.0, 45.0, 42.0, 0.942), NEAR)
    assert (window.row, window.column) == (1 - 200, 1 - 200)
    assert (window.loss[:199] == 0).all()
    assert window.loss[199, 199:399].all()


def test_the_number_of_threads_changes_nothing() -> None:
    terrain = fractal_terrain(200, 200, 30.0, 200.0, seed=2)
    tower = Transmitter(3000.0, 3000.0, 30.0, 1.842)
    one, two = (loss_window(terrain, tower, Medium(reach_m=2500.0), threads=n).loss for n in (1, 3))
    assert (one == two).all()


def test_cells_of_a_ray_at_once_have_the_losses_that_each_has_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    terrain = with_woods(fractal_terrain(161, 161, 30.0, 600.0, seed=2), 3)
    tower, medium = Transmitter(80.5 * 30.0, 80.5 * 30.0, 30.0, 1.8), Medium(reach_m=2400.0)
    at_once = loss_window(terrain, tower, medium)
    # A duct that is held to carry everywhere is looked into at every cell, and found not to.
    everywhere = link_of(tower, medium, float(terrain.height_m[80, 80]), 30.0)._replace(duct_floor=-1000.0)
    monkeypatch.setattr(radials, "link_of", lambda *_: everywhere)
    assert np.array_equal(at_once.loss, loss_window(terrain, tower, medium).loss)


def test_logarithm_exponential_and_arctangent_are_those_of_the_library() -> None:
    numbers = np.concatenate([np.geomspace(1e-12, 1e12, 999), [0.5, 1.0, math.sqrt(2.0), 2.0]])
    assert np.array([ln(x) for x in numbers]) == pytest.approx(np.log(numbers), abs=1e-11)
    for x in (*np.linspace(-300.0, 300.0, 999), -0.0, 1e-9):
        assert exp(x) == pytest.approx(math.exp(x), rel=1e-10)
        assert atan(x) == pytest.approx(math.atan(x), abs=1e-9)
        assert atan(x / 100.0) == pytest.approx(math.atan(x / 100.0), abs=1e-9)
    assert exp(-1e9) < 1e-300


def test_a_sector_sends_forward() -> None:
    east = loss_window(flat_terrain(), Transmitter(MIDDLE, MIDDLE, 42.0, 0.942, azimuth_deg=90.0), NEAR).loss_db
    round_about = loss_window(flat_terrain(), TOWER, NEAR).loss_db
    more = east - round_about
    assert more[200, 300] == pytest.approx(0, abs=0.02)
    assert more[200, 100] == pytest.approx(20, abs=0.02)
    assert more[300, 300] == pytest.approx(12 * (45 / 65) ** 2, abs=0.1)
    assert pattern_loss_db(Transmitter(0, 0, 1, 1, azimuth_deg=350.0), np.array([350.0, 22.5, 317.5, 170.0])) == (
        pytest.approx([0, 3, 3, 20])
    )


class Shelf:
    """A store that counts what was put on it."""

    def __init__(self) -> None:
        self.kept: dict[str, Window] = {}

    def get(self, key: str) -> Window | None:
        return self.kept.get(key)

    def put(self, key: str, window: Window) -> None:
        self.kept[key] = window


def test_only_what_changed_is_computed_again() -> None:
    terrain = fractal_terrain(600, 600, 30.0, 200.0, seed=2)
    medium, shelf = Medium(reach_m=1500.0), Shelf()
    towers = [Transmitter(2000.0 + 4000 * k, 3000.0, 30.0, 0.942) for k in range(4)]
    first = [window.loss for window in loss_windows(terrain, towers, medium, shelf)]
    assert len(shelf.kept) == 4
    again = [window.loss for window in loss_windows(terrain, towers, medium, shelf)]
    assert len(shelf.kept) == 4
    assert all(a is b for a, b in zip(first, again, strict=True))
    list(loss_windows(terrain, [*towers[:3], Transmitter(14_500.0, 3000.0, 30.0, 0.942)], medium, shelf))
    assert len(shelf.kept) == 5
    ground = terrain.height_m.copy()
    ground[100, 70] += 50.0
    changed = Terrain(ground, 0.0, 0.0, 30.0, terrain.crs)
    assert [loss_key(changed, t, medium) != loss_key(terrain, t, medium) for t in towers] == [True, True, False, False]
    assert loss_key(terrain, towers[0], Medium(reach_m=1500.0, receiver_m=2.0)) not in shelf.kept


def test_losses_are_kept_in_half_decibels_up_to_what_no_phone_can_use() -> None:
    window = Window(0, 0, np.array([[0, 1, 4000, 4024, 4026, 9999, 16_690, 30_000]], np.int16))
    assert window.kept().loss.tolist() == [[0, 1, 1, 1, 2, 121, 255, 255]]
    assert window.kept().loss_db[0, 1:].tolist() == [40, 40, 40, 40.5, 100, 167, 167]
    assert np.isnan([window.loss_db[0, 0], window.kept().loss_db[0, 0], kept_levels()[0]]).all()
    assert window.kept().kept().loss.tolist() == window.kept().loss.tolist()


def test_a_tower_outside_the_terrain_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        loss_window(flat_terrain(), Transmitter(-5.0, 100.0, 42.0, 0.942), NEAR)
    assert refused.value.code == "terrain.outside"


@given(st.floats(0.0, 80.0), st.floats(0.05, 60.0), st.floats(0.001, 1.0))
def test_no_duct_adds_less_than_the_least_that_radials_reckon_with(latitude: float, d: float, share: float) -> None:
    least = duct_variability(50.0, ducting_percent(latitude, 0.0, 0.0), 1e-3) - 0.5
    beta = ducting_percent(latitude, d, d) * share
    assert duct_variability(50.0, beta, d) >= least


def test_free_space_near_the_mast() -> None:
    window = loss_window(flat_terrain(), TOWER, NEAR)
    slant_km = math.hypot(0.060, 0.0405)
    assert window.loss_db[200, 202] == pytest.approx(92.4 + 20 * math.log10(0.942 * slant_km), abs=0.01)


def test_a_measured_offset_of_the_ground_shifts_kept_windows_where_that_ground_is() -> None:
    terrain = with_woods(fractal_terrain(60, 60, 30.0, 50.0, seed=4), 5)
    mast = Transmitter(900.0, 900.0, 30.0, 0.9)
    plain = Medium(reach_m=800.0)
    shifted = replace(plain, ground_db=(1.0, -3.0, 4.5))
    before, after = (next(loss_windows(terrain, [mast], medium)) for medium in (plain, shifted))
    rows, columns = before.within(terrain.shape)
    kind = terrain.ground_kind(plain.receiver_m)[rows, columns]
    assert set(np.unique(kind)) == {0, 1, 2}
    inner = (slice(rows.start - before.row, rows.stop - before.row), slice(columns.start - before.column, None))
    inner = (inner[0], slice(inner[1].start, inner[1].start + kind.shape[1]))
    lost = (before.loss_db - after.loss_db)[inner]
    known = ~np.isnan(lost) & (before.loss[inner] > 12)
    np.testing.assert_allclose(lost[known], np.array([1.0, -3.0, 4.5])[kind][known])
    assert loss_key(terrain, mast, plain) == loss_key(terrain, mast, shifted)
