"""Basic transmission loss of one path by Recommendation ITU-R P.1812-6 [1]_, 30 MHz to 6 GHz.

The whole method of Annex 1: line of sight with multipath and focusing, delta-Bullington diffraction, troposcatter,
ducting and layer reflection, their combination, and location variability outdoors. Clutter adds to the profile between
the terminals; edition 6 has no separate terminal clutter loss. Equation numbers are those of that edition.

References
----------
.. [1] ITU-R (2021). Recommendation P.1812-6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from coverage.base.compiled import compiled
from coverage.base.errors import ParameterError, Place
from coverage.reach.diffraction import decibels, delta_bullington
from coverage.reach.elementary import exp
from coverage.reach.profile import (
    EARTH_RADIUS_KM,
    SPEED_OF_LIGHT,
    Floats,
    Integers,
    diffraction_heights,
    horizons,
    obstructions,
    roughness,
    sections,
    smooth_surface,
)

QUANTITIES = (
    "d (km)", "th (mrad)", "hts (m)", "hrs (m)", "htc (m)", "hrc (m)", "w", "dtm (km)", "dlm (km)", "b0 (%)", "ae (km)",
    "hst (m)", "hsr (m)", "hstd (m)", "hsrd (m)", "hte (m)", "hre (m)", "hm (m)", "Fi", "Fj", "Fk", "Lbfs", "Lb0p",
    "Lb0b", "Lbulla (dB)", "Lbulls (dB)", "Ldsph (dB)", "Ld50 (dB)", "Ldb (dB)", "Ldp (dB)", "Lbd50 (dB)", "Lbd (dB)",
    "Lminb0p (dB)", "Lba (dB)", "Lminbap (dB)", "Lbda (dB)", "Lbam (dB)", "Lbs (dB)", "Lbc (dB)", "Lb (dB)",
    "Ep (dBuV/m)",
)  # fmt: skip
"""The quantities of the method, as the validation cases name them. ``Lbulla``, ``Lbulls`` and ``Ldsph`` are
those for the earth radius exceeded for β0 % of time; ``hst`` and ``hsr`` the plain fit of eqs (87) and (88);
``Ep`` is for 1 kW."""

LIMITS: dict[str, tuple[float, float]] = {
    "frequency_ghz": (0.03, 6.0),
    "time_percent": (1.0, 50.0),
    "tx_height_m": (1.0, 3000.0),
    "rx_height_m": (1.0, 3000.0),
    "latitude": (-90.0, 90.0),
    "delta_n": (0.0, 156.0),
    "n0": (0.0, 1000.0),
    "coast_tx_km": (0.0, 1e5),
    "coast_rx_km": (0.0, 1e5),
    "location_percent": (1.0, 99.0),
    "sigma_location_db": (0.0, 50.0),
    "tx_power_kw": (1e-12, 1e6),
}
"""Least and greatest value of each number of a :class:`RadioPath`; the first four are those of the Recommendation."""


@dataclass(frozen=True, eq=False)
class RadioPath:
    """One path from a transmitter to a receiver.

    Attributes
    ----------
    frequency_ghz : 0.03 to 6
    time_percent : percentage of time, 1 to 50, for which the loss is not exceeded
    distance_km, height_m : profile from the transmitter, at least three points, first at 0; terrain above sea level
    clutter_m : height of what stands on the terrain at each point; not used at the two ends
    zone : radio-climatic zone of each point: 1 sea, 3 coastal land, 4 inland
    tx_height_m, rx_height_m : antennas above ground
    vertical : polarization
    latitude : of the path's centre, in degrees
    delta_n, n0
        Lapse rate of the refractivity in the lowest km in N-units/km (positive), and refractivity at sea level.
    coast_tx_km, coast_rx_km : distance over land to the coast along the path; taken as 0 for a terminal at sea
    location_percent, sigma_location_db
        Percentage of locations for which the loss is not exceeded, and the standard deviation over locations.
    tx_power_kw : effective radiated power, for the field strength only
    """

    frequency_ghz: float
    time_percent: float
    distance_km: Floats
    height_m: Floats
    clutter_m: Floats
    zone: Integers
    tx_height_m: float
    rx_height_m: float
    vertical: bool
    latitude: float
    delta_n: float
    n0: float
    coast_tx_km: float = 500.0
    coast_rx_km: float = 500.0
    location_percent: float = 50.0
    sigma_location_db: float = 0.0
    tx_power_kw: float = 1.0

    def __post_init__(self) -> None:
        for name, (least, greatest) in LIMITS.items():
            value = getattr(self, name)
            if not least <= value <= greatest:
                raise ParameterError(
                    "radio.out_of_limits", Place(column=name, value=value), minimum=least, maximum=greatest
                )
        columns = ("distance_km", "height_m", "clutter_m", "zone")
        lengths = {name: len(getattr(self, name)) for name in columns}
        if len(set(lengths.values())) > 1 or lengths["distance_km"] < 3:
            raise ParameterError("radio.profile_length", Place(column="profile"), lengths=lengths)
        steps = np.diff(self.distance_km)
        if self.distance_km[0] != 0 or not ((steps >= 0).all() and steps[0] > 0 and steps[-1] > 0):
            raise ParameterError("radio.profile_order", Place(column="distance_km"))
        for name in ("distance_km", "height_m", "clutter_m"):
            if not np.isfinite(getattr(self, name)).all():
                raise ParameterError("radio.profile_gap", Place(column=name))
        if not np.isin(self.zone, (1, 3, 4)).all():
            raise ParameterError("radio.zone", Place(column="zone"))


@dataclass(frozen=True)
class PathLoss:
    """What the method gives for one path.

    Attributes
    ----------
    basic_loss_db : basic transmission loss not exceeded for the path's percentages of time and locations
    field_strength_dbuv_m : field strength exceeded for these percentages, for the path's radiated power
    quantities : every quantity of :data:`QUANTITIES` by its name
    """

    basic_loss_db: float
    field_strength_dbuv_m: float
    quantities: dict[str, float] = field(repr=False)


def path_loss(path: RadioPath) -> PathLoss:
    """Compute the basic transmission loss and the field strength of one path."""
    values = path_quantities(
        path.distance_km,
        path.height_m,
        path.clutter_m,
        path.zone,
        path.frequency_ghz,
        path.time_percent,
        path.tx_height_m,
        path.rx_height_m,
        path.vertical,
        path.latitude,
        path.delta_n,
        path.n0,
        path.coast_tx_km,
        path.coast_rx_km,
        path.location_percent,
        path.sigma_location_db,
    )
    named = dict(zip(QUANTITIES, values.tolist(), strict=True))
    return PathLoss(named["Lb (dB)"], named["Ep (dBuV/m)"] + 10 * math.log10(path.tx_power_kw), named)


def location_sigma_db(frequency_ghz: float, rx_height_m: float, clutter_m: float, width_m: float) -> float:
    """Standard deviation of the loss over locations in a square of ``width_m``, eqs (64)-(66).

    It shrinks to nothing where the receiver stands 10 m or more above the clutter.
    """
    below = min(1.0, max(0.0, 1.0 - (rx_height_m - clutter_m) / 10.0))
    return (0.52 + 0.024 * frequency_ghz) * float(width_m**0.28) * below


@compiled()
def path_quantities(
    distance_km: Floats,
    height_m: Floats,
    clutter_m: Floats,
    zone: Integers,
    f: float,
    p: float,
    tx_height_m: float,
    rx_height_m: float,
    vertical: bool,
    latitude: float,
    delta_n: float,
    n0: float,
    coast_tx_km: float,
    coast_rx_km: float,
    location_percent: float,
    sigma_db: float,
) -> Floats:
    """Quantities of one path in the order of :data:`QUANTITIES`; arguments as in :class:`RadioPath`."""
    d, first, last = distance_km[-1], height_m[0], height_m[-1]
    hts, hrs = first + tx_height_m, last + rx_height_m
    sea_km, dtm, dlm = sections(distance_km, zone)
    sea, b0, ae = sea_km / d, ducting_percent(latitude, dtm, dlm), median_radius(delta_n)

    raw_hst, raw_hsr = smooth_surface(distance_km, height_m)
    highest, from_tx, from_rx = obstructions(distance_km, height_m, hts, hrs)
    hstd, hsrd = diffraction_heights(raw_hst, raw_hsr, first, last, highest, from_tx, from_rx)
    hst, hsr = min(raw_hst, first), min(raw_hsr, last)
    tx, rx, tx_angle, rx_angle = horizons(distance_km, height_m, hts, hrs, ae, SPEED_OF_LIGHT / f)
    dlt, dlr, angle = distance_km[tx], d - distance_km[rx], 1000.0 * d / ae + tx_angle + rx_angle
    hm = roughness(distance_km, height_m, hst, hsr, tx, rx)

    covered = height_m + clutter_m
    covered[0], covered[-1] = first, last
    flat = np.zeros_like(height_m)
    ld50, _, _, _ = delta_bullington(distance_km, covered, flat, hts, hrs, hstd, hsrd, ae, f, sea, vertical)
    ldb, lbulla, lbulls, ldsph = delta_bullington(
        distance_km, covered, flat, hts, hrs, hstd, hsrd, 3.0 * EARTH_RADIUS_KM, f, sea, vertical
    )
    fi = inverse_normal(p / 100.0) / inverse_normal(b0 / 100.0) if p > b0 else 1.0
    ldp = ld50 + fi * (ldb - ld50)

    lbfs = free_space(d, (hts - hrs) / 1000.0, f)
    lb0p, lb0b = line_of_sight(lbfs, dlt + dlr, p), line_of_sight(lbfs, dlt + dlr, b0)
    lbd50, lbd = lbfs + ld50, lb0p + ldp
    lminb0p = lb0p + (1.0 - sea) * ldp
    if p >= b0:
        lminb0p = lbd50 + (lb0b + (1.0 - sea) * ldp - lbd50) * fi
    beta = b0 * duct_geometry(d, ae, hst, hsr, hts, hrs, dlm) * duct_roughness(hm, d - dlt - dlr)
    lba = (
        ducting_coupling(dlt, dlr, tx_angle, rx_angle, f)
        + duct_variability(p, beta, d)
        + duct_bend(d, ae, dlt, dlr, tx_angle, rx_angle, f)
        + sea_coupling(0.0 if zone[0] == 1 else coast_tx_km, dlt, hts, sea)
        + sea_coupling(0.0 if zone[-1] == 1 else coast_rx_km, dlr, hrs, sea)
    )
    lminbap = notional_minimum(lba, lb0p)
    fj, fk = angle_weight(angle), distance_weight(d)
    lbda = lminbap + (lbd - lminbap) * fk if lminbap <= lbd else lbd
    lbam = lbda + (lminb0p - lbda) * fj
    lbs = troposcatter(d, angle, f, p, n0)
    lbc = power_sum(lbs, lbam)
    located = 0.0 if zone[-1] == 1 else -inverse_normal(location_percent / 100.0) * sigma_db
    lb = max(lb0p, lbc + located)
    return np.array(
        [
            d,
            angle,
            hts,
            hrs,
            hts,
            hrs,
            sea,
            dtm,
            dlm,
            b0,
            ae,
            raw_hst,
            raw_hsr,
            hstd,
            hsrd,
            hts - hst,
            hrs - hsr,
            hm,
            fi,
            fj,
            fk,
            lbfs,
            lb0p,
            lb0b,
            lbulla,
            lbulls,
            ldsph,
            ld50,
            ldb,
            ldp,
            lbd50,
            lbd,
            lminb0p,
            lba,
            lminbap,
            lbda,
            lbam,
            lbs,
            lbc,
            lb,
            199.36 + 20.0 * math.log10(f) - lb,
        ]
    )


@compiled()
def median_radius(delta_n: float) -> float:
    """Median effective earth radius in km, eqs (6) and (7a)."""
    return EARTH_RADIUS_KM * 157.0 / (157.0 - delta_n)


@compiled()
def inland_weight(dlm: float) -> float:
    """Parameter τ for the longest inland section, eq (3)."""
    return 1.0 - math.exp(-(4.12e-4 * float(dlm**2.41)))


@compiled()
def ducting_percent(latitude: float, dtm: float, dlm: float) -> float:
    """Percentage of time β0 with strong ducting lapse rates near the ground, eqs (2)-(5)."""
    tau = inland_weight(dlm)
    mu1 = min((10.0 ** (-dtm / (16.0 - 6.6 * tau)) + 10.0 ** (-5.0 * (0.496 + 0.354 * tau))) ** 0.2, 1.0)
    north = abs(latitude)
    if north <= 70.0:
        return float(10.0 ** (-0.015 * north + 1.67) * mu1 * mu1 ** (-0.935 + 0.0176 * north))
    return float(4.17 * mu1 * mu1**0.3)


@compiled()
def free_space(d: float, rise_km: float, f: float) -> float:
    """Free-space loss over the slant distance, eqs (8) and (8a)."""
    return 92.4 + 2.0 * decibels(f) + decibels(d * d + rise_km * rise_km)


@compiled()
def line_of_sight(lbfs: float, horizons_km: float, p: float) -> float:
    """Free-space loss with multipath and focusing for ``p`` % of time, eqs (9a)-(11)."""
    return lbfs + 2.6 * (1.0 - math.exp(-0.1 * horizons_km)) * math.log10(p / 50.0)


@compiled()
def troposcatter(d: float, angle_mrad: float, f: float, p: float, n0: float) -> float:
    """Loss by tropospheric scatter, eqs (44) and (45)."""
    by_frequency = 2.5 * decibels(f) - 2.5 * math.log10(f / 2.0) ** 2
    return (
        190.1
        + by_frequency
        + 2.0 * decibels(d)
        + 0.573 * angle_mrad
        - 0.15 * n0
        - 10.125 * float(math.log10(50.0 / p) ** 0.7)
    )


@compiled()
def ducting_coupling(dlt: float, dlr: float, tx_angle: float, rx_angle: float, f: float) -> float:
    """Fixed coupling losses into a duct over land, eqs (47)-(48a)."""
    loss = 102.45 + 2.0 * decibels(f * (dlt + dlr))
    if f < 0.5:
        loss += 45.375 - 137.0 * f + 92.5 * f * f
    for angle, x in ((tx_angle - 0.1 * dlt, dlt), (rx_angle - 0.1 * dlr, dlr)):
        if angle > 0.0:
            loss += 2.0 * decibels(1.0 + 0.361 * angle * math.sqrt(f * x)) + 0.264 * angle * f ** (1.0 / 3.0)
    return loss


@compiled()
def duct_bend(d: float, ae: float, dlt: float, dlr: float, tx_angle: float, rx_angle: float, f: float) -> float:
    """Loss in a duct by the angle through which it bends, eqs (50)-(52a)."""
    bent = 1000.0 * d / ae + min(tx_angle, 0.1 * dlt) + min(rx_angle, 0.1 * dlr)
    return 5e-5 * ae * float(f ** (1.0 / 3.0)) * bent


@compiled()
def sea_coupling(coast_km: float, horizon_km: float, height_m: float, sea: float) -> float:
    """Gain, a loss below zero, of a terminal near the coast of a path over sea, eqs (49) and (49a)."""
    if sea >= 0.75 and coast_km <= min(horizon_km, 5.0):
        return -3.0 * math.exp(-0.25 * coast_km * coast_km) * (1.0 + math.tanh(0.07 * (50.0 - height_m)))
    return 0.0


@compiled()
def duct_geometry(d: float, ae: float, hst: float, hsr: float, hts: float, hrs: float, dlm: float) -> float:
    """Correction μ2 for the path's geometry, eqs (55) and (55a)."""
    alpha = max(-0.6 - 3.5e-9 * float(d**3.1) * inland_weight(dlm), -3.4)
    ratio = 500.0 / ae * d * d / (math.sqrt(hts - hst) + math.sqrt(hrs - hsr)) ** 2
    return min(float(ratio**alpha), 1.0)


@compiled()
def duct_roughness(hm: float, between_km: float) -> float:
    """Correction μ3 for the terrain's roughness, eqs (56) and (56a)."""
    if hm <= 10.0:
        return 1.0
    return math.exp(-4.6e-5 * (hm - 10.0) * (43.0 + 6.0 * min(between_km, 40.0)))


@compiled()
def duct_variability(p: float, beta: float, d: float) -> float:
    """Loss in a duct that depends on the percentage of time, eqs (53) and (53a)."""
    log_beta = math.log10(max(beta, 1e-300))
    over = math.log10(p) - log_beta
    far = math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta * log_beta) * 1e-6 * d**1.13)
    gamma = 1.076 / (2.0058 - log_beta) ** 1.012 * far
    return -12.0 + (1.2 + 3.7e-3 * d) * over + 12.0 * float(10.0 ** (gamma * over))


@compiled()
def angle_weight(angle_mrad: float) -> float:
    """Weight Fj of the line-of-sight side by the angular distance, eq (57)."""
    return 1.0 - 0.5 * (1.0 + math.tanh(2.4 * (angle_mrad - 0.3) / 0.3))


@compiled()
def distance_weight(d: float) -> float:
    """Weight Fk of diffraction against ducting by the distance, eq (58)."""
    return 1.0 - 0.5 * (1.0 + math.tanh(1.5 * (d - 20.0) / 20.0))


@compiled()
def notional_minimum(lba: float, lb0p: float) -> float:
    """Smooth maximum of the losses by ducting and by line of sight, eq (60)."""
    return max(lba, lb0p) + 2.5 * math.log(1.0 + math.exp(-abs(lba - lb0p) / 2.5))


@compiled()
def power_sum(a_db: float, b_db: float) -> float:
    """Combine two losses of independent mechanisms, eq (63)."""
    least = min(a_db, b_db)
    return least - 0.5 * decibels(1.0 + exp(-0.46051701859880917 * abs(a_db - b_db)))


@compiled()
def inverse_normal(x: float) -> float:
    """Approximate inverse of the complementary cumulative normal distribution, eqs (96)-(97) of Attachment
    2."""
    x = min(max(x, 1e-6), 1.0 - 1e-6)
    t = math.sqrt(-2.0 * math.log(min(x, 1.0 - x)))
    tail = t - ((0.010328 * t + 0.802853) * t + 2.515516698) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    return tail if x <= 0.5 else -tail
