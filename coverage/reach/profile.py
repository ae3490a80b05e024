"""Geometry of a terrain profile: horizons, smooth earth, sea and land.

Attachment 1 to Annex 1 of Recommendation ITU-R P.1812-6 [1]_, and section 3 of that Annex, with their equation numbers.
Distances along the path in km, heights in m above sea level, angles in mrad.

References
----------
.. [1] ITU-R (2021). Recommendation P.1812-6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from coverage.base.compiled import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EARTH_RADIUS_KM = 6371.0
SPEED_OF_LIGHT = 0.2998
"""In m·GHz: the wavelength in m is this over the frequency in GHz."""
SEA, COASTAL, INLAND = 1, 3, 4
"""Radio-climatic zones of Table 2."""


def path_centre_latitude(tx_lat: float, tx_lon: float, rx_lat: float, rx_lon: float, distance_km: float) -> float:
    """Latitude, in degrees, half of ``distance_km`` along the great circle from the transmitter to the receiver.

    Where the profile's length differs from the great circle's (a shortened profile), the profile's length
    counts, as in the published validation cases.
    """
    t, r, lon = math.radians(tx_lat), math.radians(rx_lat), math.radians(rx_lon - tx_lon)
    across = math.cos(r) * math.sin(lon)
    along = math.cos(t) * math.sin(r) - math.sin(t) * math.cos(r) * math.cos(lon)
    towards = math.cos(math.atan2(across, along))
    arc = 0.5 * distance_km / EARTH_RADIUS_KM
    sine = math.sin(t) * math.cos(arc) + math.cos(t) * math.sin(arc) * towards
    return math.degrees(math.asin(min(1.0, max(-1.0, sine))))


@compiled(fused=True)
def sections(distance_km: Floats, zone: Integers) -> tuple[float, float, float]:
    """Length over sea, and the longest unbroken lengths over land and over inland, in km (sections 3.2 and
    3.6).

    A point of the profile stands for half of the interval on each side of it.
    """
    n = distance_km.size
    sea = land = inland = longest_land = longest_inland = 0.0
    for i in range(n):
        own = 0.5 * (distance_km[min(i + 1, n - 1)] - distance_km[max(i - 1, 0)])
        sea += own if zone[i] == 1 else 0.0
        land = land + own if zone[i] >= 3 else 0.0
        inland = inland + own if zone[i] == 4 else 0.0
        longest_land, longest_inland = max(longest_land, land), max(longest_inland, inland)
    return sea, longest_land, longest_inland


@compiled(fused=True)
def smooth_surface(distance_km: Floats, height_m: Floats) -> tuple[float, float]:
    """Heights at both ends of the straight line nearest to the terrain in the mean square, eqs (85)-(88)."""
    v1 = v2 = 0.0
    for i in range(1, distance_km.size):
        step = distance_km[i] - distance_km[i - 1]
        v1 += step * (height_m[i] + height_m[i - 1])
        v2 += step * (
            height_m[i] * (2.0 * distance_km[i] + distance_km[i - 1])
            + height_m[i - 1] * (distance_km[i] + 2.0 * distance_km[i - 1])
        )
    return surface_ends(v1, v2, distance_km[-1])


@compiled(checked=False, fused=True)
def surface_ends(v1: float, v2: float, d: float) -> tuple[float, float]:
    """Heights of the smooth surface at both ends from the sums of eqs (85) and (86): eqs (87) and (88)."""
    return (2.0 * v1 * d - v2) / (d * d), (v2 - v1 * d) / (d * d)


@compiled(fused=True)
def obstructions(distance_km: Floats, height_m: Floats, hts: float, hrs: float) -> tuple[float, float, float]:
    """Highest terrain above the straight ray, and its steepest rise seen from either end, eqs (89a)-(89d)."""
    d = distance_km[-1]
    highest = from_tx = from_rx = -1e30
    for i in range(1, distance_km.size - 1):
        x = distance_km[i]
        above = height_m[i] - (hts * (d - x) + hrs * x) / d
        highest, from_tx, from_rx = max(highest, above), max(from_tx, above / x), max(from_rx, above / (d - x))
    return highest, from_tx, from_rx


@compiled(checked=False, fused=True)
def diffraction_heights(
    hst: float, hsr: float, first_m: float, last_m: float, highest: float, from_tx: float, from_rx: float
) -> tuple[float, float]:
    """Heights of the smooth surface for the diffraction model, eqs (90a)-(91d)."""
    if highest > 0.0:
        hst -= highest * from_tx / (from_tx + from_rx)
        hsr -= highest * from_rx / (from_tx + from_rx)
    return min(hst, first_m), min(hsr, last_m)


@compiled(fused=True)
def horizons(
    distance_km: Floats, height_m: Floats, hts: float, hrs: float, ae: float, wavelength_m: float
) -> tuple[int, int, float, float]:
    """Profile points of both horizons and their elevation angles in mrad, eqs (76)-(83).

    On a path with line of sight both are the point that cuts deepest into the Fresnel zone.
    """
    d, last = distance_km[-1], distance_km.size - 1
    tx, rx = 1, 1
    tx_angle = rx_angle = deepest = -1e30
    bullington = 1
    for i in range(1, last):
        x, y = distance_km[i], d - distance_km[i]
        seen = elevation_mrad(height_m[i] - hts, x, ae)
        if seen > tx_angle:
            tx, tx_angle = i, seen
        back = elevation_mrad(height_m[i] - hrs, y, ae)
        if back >= rx_angle:
            rx, rx_angle = i, back
        nu = (height_m[i] + 500.0 * x * y / ae - (hts * y + hrs * x) / d) * math.sqrt(
            0.002 * d / (wavelength_m * x * y)
        )
        if nu >= deepest:
            bullington, deepest = i, nu
    direct = elevation_mrad(hrs - hts, d, ae)
    if tx_angle > direct:
        return tx, rx, tx_angle, rx_angle
    return bullington, bullington, direct, elevation_mrad(hts - hrs, d, ae)


@compiled(fused=True)
def elevation_mrad(rise_m: float, distance_km: float, ae: float) -> float:
    """Elevation angle of a point ``rise_m`` higher at ``distance_km`` over an earth of radius ``ae``, eqs
    (77) and (82a)."""
    return 1000.0 * math.atan(rise_m / (1000.0 * distance_km) - distance_km / (2.0 * ae))


@compiled(fused=True)
def roughness(distance_km: Floats, height_m: Floats, hst: float, hsr: float, tx: int, rx: int) -> float:
    """Terrain roughness in m: the highest terrain above the smooth surface between the horizons, eqs (93) and (95)."""
    slope = (hsr - hst) / distance_km[-1]
    highest = -1e30
    for i in range(tx, rx + 1):
        highest = max(highest, height_m[i] - (hst + slope * distance_km[i]))
    return highest
