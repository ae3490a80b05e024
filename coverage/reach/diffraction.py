"""Diffraction over irregular terrain and the smooth earth: the delta-Bullington method [1]_.

Equation numbers are those of section 4.3 of Annex 1. Distances in km, heights in m, frequency in GHz, losses in dB.

References
----------
.. [1] ITU-R (2021). Recommendation P.1812-6.
"""

from __future__ import annotations

import math

from coverage.base.compiled import compiled
from coverage.reach.elementary import exp, ln
from coverage.reach.profile import SPEED_OF_LIGHT, Floats

LAND_PERMITTIVITY, LAND_CONDUCTIVITY = 22.0, 0.003
SEA_PERMITTIVITY, SEA_CONDUCTIVITY = 80.0, 5.0
"""Relative permittivity, and conductivity in S/m, below eq (28)."""
FLOOR = 10.0 ** (2.0 / 20.0)


@compiled(fused=True)
def decibels(ratio: float) -> float:
    """Ten times the decimal logarithm."""
    return 4.342944819032518 * ln(ratio)


@compiled(fused=True)
def knife_edge(nu: float) -> float:
    """Loss of a single knife edge, eq (12), with the parameter ``nu`` of eqs (15) and (19)."""
    above = max(nu, -0.78) - 0.1
    loss = 6.9 + 2.0 * decibels(math.sqrt(above * above + 1.0) + above)
    return loss if nu > -0.78 else 0.0


@compiled(fused=True)
def bullington_loss(edge_db: float, d: float) -> float:
    """Bullington loss of a path of ``d`` km from the loss of its equivalent knife edge, eq (21)."""
    return edge_db + (1.0 - exp(edge_db * (-1 / 6))) * (10.0 + 0.02 * d)


@compiled(checked=False, fused=True)
def edge_parameter(height_m: float, x: float, d: float, wavelength_m: float) -> float:
    """Diffraction parameter of an edge ``height_m`` above the straight ray, ``x`` km along a path of ``d`` km."""
    return height_m * math.sqrt(0.002 * d / (wavelength_m * x * (d - x)))


@compiled(fused=True)
def bullington(distance_km: Floats, height_m: Floats, hts: float, hrs: float, ap: float, wavelength_m: float) -> float:
    """Bullington loss over a profile (clutter included in ``height_m``) for effective earth radius ``ap``,
    eqs (13)-(21)."""
    d, last = distance_km[-1], distance_km.size - 1
    from_tx = from_rx = nu = -1e30
    for i in range(1, last):
        x, y = distance_km[i], d - distance_km[i]
        top = height_m[i] + 500.0 * x * y / ap
        from_tx, from_rx = max(from_tx, (top - hts) / x), max(from_rx, (top - hrs) / y)
        nu = max(nu, edge_parameter(top - (hts * y + hrs * x) / d, x, d, wavelength_m))
    if from_tx >= (hrs - hts) / d:
        nu = bullington_point(from_tx, from_rx, hts, hrs, d, wavelength_m)
    return bullington_loss(knife_edge(nu), d)


@compiled(fused=True)
def bullington_point(from_tx: float, from_rx: float, hts: float, hrs: float, d: float, wavelength_m: float) -> float:
    """Diffraction parameter where the steepest slopes from both ends meet, eqs (18) and (19)."""
    x = (hrs - hts + from_rx * d) / (from_tx + from_rx)
    return edge_parameter(hts + from_tx * x - (hts * (d - x) + hrs * x) / d, x, d, wavelength_m)


@compiled(fused=True)
def smooth_earth(d: float, hte: float, hre: float, ap: float, f: float, sea: float, vertical: bool) -> float:
    """Loss by diffraction over the smooth earth, eqs (22)-(27); ``sea`` is the share of the path over sea."""
    if d >= math.sqrt(2.0 * ap) * (math.sqrt(0.001 * hte) + math.sqrt(0.001 * hre)):
        return first_term(d, hte, hre, ap, f, sea, vertical)
    m = 250.0 * d * d / (ap * (hte + hre))
    c = (hte - hre) / (hte + hre)
    angle = math.acos(min(1.0, max(-1.0, 1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3))))
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + angle / 3.0)
    d1 = 0.5 * d * (1.0 + b)
    d2 = d - d1
    clearance = ((hte - 500.0 * d1 * d1 / ap) * d2 + (hre - 500.0 * d2 * d2 / ap) * d1) / d
    required = 17.456 * math.sqrt(d1 * d2 * SPEED_OF_LIGHT / (f * d))
    if clearance > required:
        return 0.0
    grazing = 500.0 * (d / (math.sqrt(hte) + math.sqrt(hre))) ** 2
    return (1.0 - clearance / required) * max(first_term(d, hte, hre, grazing, f, sea, vertical), 0.0)


@compiled(fused=True)
def first_term(d: float, hte: float, hre: float, radius: float, f: float, sea: float, vertical: bool) -> float:
    """First term of the residue series, over land and sea by their shares, eq (28)."""
    loss, third = 0.0, f ** (1.0 / 3.0)
    if sea < 1.0:
        k = admittance(LAND_PERMITTIVITY, LAND_CONDUCTIVITY, f, vertical)
        loss += (1.0 - sea) * first_term_over(k, d, hte, hre, radius, third)
    if sea > 0.0:
        k = admittance(SEA_PERMITTIVITY, SEA_CONDUCTIVITY, f, vertical)
        loss += sea * first_term_over(k, d, hte, hre, radius, third)
    return loss


@compiled(fused=True)
def admittance(permittivity: float, conductivity: float, f: float, vertical: bool) -> float:
    """Normalised surface admittance but for the earth's radius, eqs (29a) and (29b)."""
    lost = 18.0 * conductivity / f
    k = 0.036 * float(f ** (-1.0 / 3.0)) / math.sqrt(math.sqrt((permittivity - 1.0) ** 2 + lost * lost))
    return k * math.sqrt(permittivity * permittivity + lost * lost) if vertical else k


@compiled(checked=False, fused=True, inlined=True)
def first_term_over(k: float, d: float, hte: float, hre: float, radius: float, third: float) -> float:
    """First term of the residue series over one kind of ground, eqs (29)-(36).

    ``k`` is its :func:`admittance`, ``third`` the cube root of the frequency.
    """
    per_radius = exp(ln(radius) * (-1 / 3))
    k *= per_radius
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * third * per_radius * per_radius * d
    per_m = 0.9575 * beta * beta * third * third * per_radius
    log_x = ln(x)
    far, near = 11.0 + 4.342944819032518 * log_x - 17.6 * x, -8.685889638065036 * log_x - 5.6488 * exp(1.425 * log_x)
    distance_term = far if x >= 1.6 else near
    return -distance_term - height_gain(per_m * hte, k) - height_gain(per_m * hre, k)


@compiled(fused=True, inlined=True)
def height_gain(b: float, k: float) -> float:
    """Gain by height over the smooth earth, eqs (34) and (35), with its floor of 2 + 20 log k near the ground."""
    high = max(b - 1.1, 0.9)
    above = 17.6 * math.sqrt(high) - 0.5 * decibels(high) - 8.0
    return above if b > 2.0 else 2.0 * decibels(max(b + 0.1 * b * b * b, FLOOR * k))


@compiled(fused=True)
def delta_bullington(
    distance_km: Floats,
    height_m: Floats,
    flat_m: Floats,
    hts: float,
    hrs: float,
    hstd: float,
    hsrd: float,
    ap: float,
    f: float,
    sea: float,
    vertical: bool,
) -> tuple[float, float, float, float]:
    """Diffraction loss of the general path, eqs (37)-(39).

    Returns
    -------
    tuple
        Loss; Bullington loss of the actual path; that of the smooth path; spherical-earth loss.

    Notes
    -----
    ``flat_m`` is a profile of zeros as long as ``height_m``: given so that it is made once for both earth radii.
    """
    wavelength_m = SPEED_OF_LIGHT / f
    actual = bullington(distance_km, height_m, hts, hrs, ap, wavelength_m)
    smooth = bullington(distance_km, flat_m, hts - hstd, hrs - hsrd, ap, wavelength_m)
    spherical = smooth_earth(distance_km[-1], hts - hstd, hrs - hsrd, ap, f, sea, vertical)
    return actual + max(spherical - smooth, 0.0), actual, smooth, spherical
