"""Loss in what stands around a terminal, by Recommendation ITU-R P.2108-1 [1]_.

Two of its methods: the height gain of a terminal below the top of its surroundings (section 3.1), and the statistical
loss in built-up areas (section 3.2). Both add to the loss of a path that ends at the top of what stands there.

References
----------
.. [1] ITU-R (2021). Recommendation P.2108-1, The prediction of clutter loss.
"""

from __future__ import annotations

import math

from coverage.base.compiled import compiled
from coverage.reach.diffraction import decibels, knife_edge
from coverage.reach.p1812 import inverse_normal

LEAST_KM, MOST_KM = 0.25, 2.0
"""Distances between which the statistical loss grows; below it stays as it is, beyond it is never more."""


@compiled()
def height_gain_db(f: float, height_m: float, clutter_m: float, gap_m: float) -> float:
    """Loss from the top of the clutter down to a terminal, eqs (2a)-(2e).

    Parameters
    ----------
    f : frequency in GHz, 0.03 to 3
    height_m, clutter_m : of the terminal and of what stands ``gap_m`` before it, above ground
    """
    below = clutter_m - height_m
    if below <= 0.0:
        return 0.0
    angle = math.degrees(math.atan(below / gap_m))
    return max(knife_edge(0.342 * math.sqrt(f * below * angle)) - 6.03, 0.0)


@compiled()
def cover_terms(f: float) -> tuple[float, float]:
    """Powers of the two losses of :func:`built_up_db`: far away, and at 1 km, eqs (4) and (5)."""
    far = 10.0 ** (-5.0 * math.log10(f) - 12.5) + 10.0**-16.5
    return float(far**0.4), float(10.0 ** (-0.2 * (32.98 + 3.0 * math.log10(f))))


@compiled()
def median_of(far: float, near: float, d: float) -> float:
    """Median of :func:`built_up_db` from its terms, eq (3)."""
    return -0.5 * decibels(far + near * min(max(d, LEAST_KM), MOST_KM) ** -4.78)


def built_up_db(f: float, distance_km: float, percent: float = 50.0) -> float:
    """Loss in a suburban or urban area that is not exceeded at ``percent`` of its places, eqs (3)-(6).

    Parameters
    ----------
    f : frequency in GHz, 0.5 to 67
    distance_km : length of the path, from 0.25 km on
    """
    far, near = cover_terms(f)
    found = []
    for d in (distance_km, MOST_KM):
        there = near * min(max(d, LEAST_KM), MOST_KM) ** -4.78
        spread = math.sqrt((16.0 * far + 36.0 * there) / (far + there))
        found.append(median_of(far, near, d) - spread * inverse_normal(percent / 100.0))
    return min(found)


def terminal_db(f: float, distance_km: float, height_m: float, clutter_m: float, built_up: bool, gap_m: float) -> float:
    """Median loss down to a terminal from the top of what it stands among; none where it stands higher."""
    if clutter_m <= height_m:
        return 0.0
    return built_up_db(f, distance_km) if built_up else height_gain_db(f, height_m, clutter_m, gap_m)
