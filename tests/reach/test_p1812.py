"""Path loss by ITU-R P.1812: the published validation cases, and closed formulas that need no data of
others."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ai_zeros, airy, fresnel

from coverage.base.errors import ParameterError
from coverage.reach.diffraction import bullington_loss, first_term, knife_edge
from coverage.reach.p1812 import QUANTITIES, RadioPath, inverse_normal, location_sigma_db, path_loss
from coverage.reach.profile import path_centre_latitude, sections
from coverage.readers.radio import read_cases


def flat(length_km: float, tx_m: float = 42.0, rx_m: float = 1.5, step_km: float = 0.05, **other: object) -> RadioPath:
    """A path over flat inland ground at sea level near Blitar."""
    distance = np.linspace(0.0, length_km, max(round(length_km / step_km) + 1, 5))
    given_values: dict[str, object] = {
        "frequency_ghz": 0.9,
        "time_percent": 50.0,
        "distance_km": distance,
        "height_m": np.zeros(len(distance)),
        "clutter_m": np.zeros(len(distance)),
        "zone": np.full(len(distance), 4),
        "tx_height_m": tx_m,
        "rx_height_m": rx_m,
        "vertical": False,
        "latitude": -8.1,
        "delta_n": 45.0,
        "n0": 360.0,
    }
    return RadioPath(**{**given_values, **other})  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_36_published_cases_to_a_hundredth_of_a_decibel(shared: Path) -> None:
    cases = read_cases(shared / "p1812" / "cases.json")
    assert len(cases) == 36
    for case in cases:
        result = path_loss(case.path)
        assert result.basic_loss_db == pytest.approx(case.basic_loss_db, abs=1e-6), case.name
        assert result.field_strength_dbuv_m == pytest.approx(case.field_strength_dbuv_m, abs=1e-6), case.name


def test_the_intermediate_quantities_of_the_36_cases_to_their_ten_printed_digits(shared: Path) -> None:
    for case in read_cases(shared / "p1812" / "cases.json"):
        found = path_loss(case.path).quantities
        assert set(case.quantities) == set(QUANTITIES)
        for name, value in case.quantities.items():
            assert found[name] == pytest.approx(value, rel=2e-9, abs=1e-10), (case.name, name)


def test_far_above_flat_ground_the_loss_is_that_of_free_space() -> None:
    result = path_loss(flat(10.0, tx_m=500.0, rx_m=500.0, frequency_ghz=2.0))
    assert result.basic_loss_db == pytest.approx(92.4 + 20 * math.log10(2.0 * 10.0), abs=1e-3)


@pytest.mark.parametrize("nu", [-0.7, -0.3, 0.0, 0.5, 1.0, 2.4, 5.0, 12.0])
def test_a_single_edge_is_fresnels_integral(nu: float) -> None:
    sine, cosine = fresnel(nu)
    amplitude = math.hypot(1 - cosine - sine, cosine - sine) / 2
    assert knife_edge(nu) == pytest.approx(-20 * math.log10(amplitude), abs=0.15)


def test_a_ridge_costs_what_its_edge_costs() -> None:
    # 200 m antennas 10 km apart at 1 GHz, a 250 m ridge half way; bulge 500·5·5/ae, so 51.40 m above the ray.
    path = flat(10.0, tx_m=200.0, rx_m=200.0, frequency_ghz=1.0)
    path.height_m[len(path.height_m) // 2] = 250.0
    above = 50.0 + 500 * 25 / (6371 * 157 / 112)
    edge = 6.9 + 20 * math.log10(math.sqrt((nu := above * math.sqrt(0.002 * 10 / (0.2998 * 25)) - 0.1) ** 2 + 1) + nu)
    loss = edge + (1 - math.exp(-edge / 6)) * 10.2
    assert bullington_loss(edge, 10.0) == pytest.approx(loss)
    assert path_loss(path).quantities["Ld50 (dB)"] == pytest.approx(loss, abs=1e-9)


@pytest.mark.parametrize(
    ("d", "h1", "h2", "f"), [(60, 20, 10, 0.9), (80, 50, 30, 0.9), (40, 10, 2, 2.6), (120, 60, 60, 0.45)]
)
def test_beyond_the_horizon_of_a_smooth_earth_the_loss_is_that_of_the_residue_series(
    d: float, h1: float, h2: float, f: float
) -> None:
    # Fock's series over perfectly conducting ground, horizontal polarization, the first 20 terms, ae = 8500
    # km.
    wave_number, radius = 2 * math.pi * f / 0.2998, 8.5e6
    x = (wave_number * radius / 2) ** (1 / 3) * d * 1000 / radius
    scale = (2 / (wave_number * radius)) ** (1 / 3) * wave_number
    total = 0j
    for zero in -ai_zeros(20)[0]:
        t = zero * np.exp(1j * math.pi / 3)
        ai, dai, bi, dbi = airy(t)
        heights = [(lambda a: a[2] + 1j * a[0])(airy(t - scale * h)) for h in (h1, h2)]
        total += np.exp(1j * x * t) * heights[0] * heights[1] / (dbi + 1j * dai) ** 2
        assert abs(bi + 1j * ai) < 1e-6 * abs(dbi + 1j * dai)
    loss = -20 * math.log10(2 * math.sqrt(math.pi * x) * abs(total))
    assert first_term(d, h1, h2, 8500.0, f, 0.0, False) == pytest.approx(loss, abs=1.0)


@pytest.mark.parametrize("frequency", [0.1, 0.7, 0.9, 1.8, 2.6])
@pytest.mark.parametrize("mast", [5.0, 15.0, 42.0, 72.0])
def test_loss_never_falls_with_distance_over_flat_ground(frequency: float, mast: float) -> None:
    losses = [path_loss(flat(d, tx_m=mast, frequency_ghz=frequency)).basic_loss_db for d in np.arange(0.3, 30.0, 0.3)]
    assert (np.diff(losses) >= 0).all()


@pytest.mark.parametrize("frequency", [0.7, 0.9, 1.8, 2.6])
@pytest.mark.parametrize("distance", [1.0, 3.0, 6.0, 12.0, 20.0])
def test_a_higher_mast_never_adds_loss_over_flat_ground_but_for_its_longer_ray(
    frequency: float, distance: float
) -> None:
    results = [
        path_loss(flat(distance, tx_m=mast, frequency_ghz=frequency)) for mast in (2, 6, 12, 20, 30, 42, 55, 72, 120)
    ]
    beyond = [result.basic_loss_db - result.quantities["Lbfs"] for result in results]
    assert (np.diff(beyond) <= 1e-9).all()


def test_clutter_before_the_phone_costs_signal_and_clutter_at_the_ends_counts_for_nothing() -> None:
    clear, covered, ends = flat(5.0), flat(5.0), flat(5.0)
    covered.clutter_m[-3:-1] = 15.0
    ends.clutter_m[[0, -1]] = 15.0
    assert path_loss(covered).basic_loss_db > path_loss(clear).basic_loss_db + 10
    assert path_loss(ends).basic_loss_db == path_loss(clear).basic_loss_db


def test_more_locations_need_more_loss_by_the_normal_distribution_and_none_at_sea() -> None:
    half = path_loss(flat(5.0)).basic_loss_db
    most = flat(5.0, location_percent=95.0, sigma_location_db=5.5)
    assert path_loss(most).basic_loss_db == pytest.approx(half + 1.645 * 5.5, abs=0.01)
    most.zone[-1] = 1
    sea = flat(5.0)
    sea.zone[-1] = 1
    assert path_loss(most).basic_loss_db == path_loss(sea).basic_loss_db
    assert location_sigma_db(0.9, 1.5, 10.0, 100.0) == pytest.approx((0.52 + 0.024 * 0.9) * 100**0.28)
    assert location_sigma_db(0.9, 20.0, 10.0, 100.0) == 0


def test_loss_is_exceeded_less_often_for_a_greater_share_of_time() -> None:
    losses = [path_loss(flat(25.0, time_percent=p)).basic_loss_db for p in (1.0, 5.0, 10.0, 30.0, 50.0)]
    assert (np.diff(losses) >= 0).all()
    assert losses[0] < losses[-1] - 1


def test_sea_and_land_along_a_profile_worked_out_by_hand() -> None:
    # Each point stands for half of its intervals: sea 0.5+1.5+1, coast 1, inland 1.5+1+0.5.
    distance = np.array([0.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    zone = np.array([1, 1, 3, 4, 4, 1, 1])
    assert sections(distance, zone) == pytest.approx((0.5 + 1.5 + 1.0 + 0.5, 1.5 + 1.0 + 1.0, 2.0))


def test_the_middle_of_a_path_along_a_meridian_and_across_the_equator() -> None:
    one_degree = 6371 * math.pi / 180
    assert path_centre_latitude(-8.0, 112.0, -10.0, 112.0, 2 * one_degree) == pytest.approx(-9.0)
    assert path_centre_latitude(-8.0, 112.0, -10.0, 112.0, one_degree) == pytest.approx(-8.5)
    assert path_centre_latitude(1.0, 112.0, -1.0, 112.0, 2 * one_degree) == pytest.approx(0.0, abs=1e-9)


@given(st.floats(0.01, 0.99))
def test_the_inverse_normal_is_near_the_true_one_and_odd_about_one_half(share: float) -> None:
    from scipy.stats import norm

    assert inverse_normal(share) == pytest.approx(norm.isf(share), abs=5e-4)
    assert inverse_normal(share) == pytest.approx(-inverse_normal(1 - share), abs=1e-8)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("frequency_ghz", 7.0, "radio.out_of_limits"),
        ("time_percent", 60.0, "radio.out_of_limits"),
        ("rx_height_m", 0.0, "radio.out_of_limits"),
        ("n0", math.nan, "radio.out_of_limits"),
        ("zone", np.full(101, 2), "radio.zone"),
        ("clutter_m", np.zeros(100), "radio.profile_length"),
        ("height_m", np.full(101, np.nan), "radio.profile_gap"),
        ("distance_km", np.linspace(1, 6, 101), "radio.profile_order"),
    ],
)
def test_a_path_that_cannot_be_is_refused_with_the_field(field: str, value: object, code: str) -> None:
    with pytest.raises(ParameterError) as refused:
        flat(5.0, **{field: value})
    assert refused.value.code == code


def test_ground_so_rough_that_no_duct_forms_gives_a_number_all_the_same() -> None:
    path = flat(150.0, step_km=1.0, time_percent=1.0)
    path.height_m[10:-10:2] = 3000.0
    assert 150 < path_loss(path).basic_loss_db < 400


def test_a_profile_is_left_as_it_was_given() -> None:
    path = flat(5.0)
    before = json.dumps([path.height_m.tolist(), path.clutter_m.tolist(), path.distance_km.tolist()])
    path_loss(path)
    assert json.dumps([path.height_m.tolist(), path.clutter_m.tolist(), path.distance_km.tolist()]) == before
