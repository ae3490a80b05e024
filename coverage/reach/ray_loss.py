"""Median loss to one cell from the state of a ray: the kernel of :mod:`coverage.reach.radials`.

Recommendation ITU-R P.1812-6 [1]_ for half of the time over land, horizontal polarization, with its equation numbers.
Distances in km, heights in m. Heights of ground are lowered by ``bulge`` x², which turns rays over the curved earth
into straight lines.

References
----------
.. [1] ITU-R (2021). Recommendation P.1812-6.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from coverage.base.compiled import compiled
from coverage.reach.diffraction import bullington_loss, decibels, edge_parameter, first_term_over, knife_edge
from coverage.reach.elementary import atan
from coverage.reach.hull import Point
from coverage.reach.p1812 import (
    angle_weight,
    distance_weight,
    duct_geometry,
    duct_roughness,
    duct_variability,
    ducting_percent,
    notional_minimum,
    power_sum,
)
from coverage.reach.p2108 import height_gain_db, median_of
from coverage.reach.profile import Floats, diffraction_heights, surface_ends

MATTERS_DB = 20.0
"""Ducting and troposcatter, at least 40 dB above free space, are negligible below this diffraction loss."""
REQUIRED = 17.456
"""Clearance over the smooth earth from which it adds nothing, by the root of the wavelength and distances, eq (25)."""
NOTHING_DB = 15.0
"""A mechanism with so much more loss adds less than 0.003 dB, eq (63)."""


class Link(NamedTuple):
    """Constants of all rays of a tower.

    ``hts``, ``first``: antenna and ground at the tower above sea level; ``bulge``: 500 over the earth's radius;
    ``free``, ``duct``, ``scatter``: constant terms of the losses in free space, in a duct and by scatter;
    ``duct_floor``: least added by a duct at half of the time; ``duct_slope``: dB per mrad in a duct; ``third``: cube
    root of the frequency; ``admittance``: of the ground, but for the earth's radius; ``gap``: how far before a phone
    stands what it stands among; ``cover_far``, ``cover_near``: :func:`coverage.reach.p2108.cover_terms`.
    """

    hts: float
    first: float
    receiver: float
    step: float
    frequency: float
    wavelength: float
    radius: float
    bulge: float
    latitude: float
    free: float
    duct: float
    duct_floor: float
    duct_slope: float
    third: float
    admittance: float
    scatter: float
    gap: float
    cover_far: float
    cover_near: float


class RayState(NamedTuple):
    """Running state of a ray up to its last sample.

    ``steepest`` slope from the antenna to ground and clutter; ``horizon`` that to the ground, and ``horizon_x`` where;
    ``rise`` that over a flat earth; ``v1``, ``v2`` the sums of eqs (85) and (86); ``ground`` and ``x`` of the last
    sample.
    """

    steepest: float
    horizon: float
    horizon_x: float
    rise: float
    v1: float
    v2: float
    ground: float
    x: float


class Horizons(NamedTuple):
    """Distances in km to the horizons of both ends, and the slopes at which they are seen, in m/km (for ducts angles in
    mrad)."""

    dlt: float
    dlr: float
    tx_slope: float
    rx_slope: float


FITTED, ROUGH, SPARE, ROWS = 11, 13, 15, 18
"""Rows of what :func:`median_losses` needs of a cell: its distance and antenna above sea level; a free row; how high
the edge of the actual path stands above the straight ray, and the product of its distances to both ends; the antennas'
heights above the smooth surface; :class:`Horizons`; for ducts from ``FITTED`` the ends of :func:`fitted_surface`
and from ``ROUGH`` the ends of the stretch whose roughness counts; from ``SPARE`` free ones. Their number."""


class Receiver(NamedTuple):
    """One cell as a receiver, seen along its ray.

    ``d`` its distance; ``ground`` and ``hrs`` its ground and antenna above sea level; ``end`` the antenna
    lowered by the earth's curvature; ``slope`` of the ray to it from ``start``, the tower's antenna;
    ``level`` the same over a flat earth; ``step`` and ``bulge`` as in the link.
    """

    d: float
    ground: float
    hrs: float
    start: float
    end: float
    slope: float
    level: float
    step: float
    bulge: float


@compiled(checked=False, fused=True)
def sight_of(link: Link, d: float, ground_m: float, height_m: float) -> Receiver:
    """Geometry of a receiver ``d`` km away and ``height_m`` above ground."""
    hrs = ground_m + height_m
    end = hrs - link.bulge * d * d
    return Receiver(d, ground_m, hrs, link.hts, end, (end - link.hts) / d, (hrs - link.hts) / d, link.step, link.bulge)


@compiled(fused=True)
def set_out(link: Link) -> RayState:
    """Initial state at the tower."""
    return RayState(-1e30, -1e30, 0.0, -1e30, 0.0, 0.0, link.first, 0.0)


@compiled(checked=False, fused=True)
def advance(link: Link, passed: RayState, x: float, ground_m: float, top: float) -> RayState:
    """Advance the state to the next sample; ``top`` is the lowered height of ground and clutter."""
    rise = (ground_m - link.hts) / x
    seen = rise - link.bulge * x
    farther = seen > passed.horizon
    return RayState(
        max(passed.steepest, (top - link.hts) / x),
        seen if farther else passed.horizon,
        x if farther else passed.horizon_x,
        max(passed.rise, rise),
        passed.v1 + (x - passed.x) * (ground_m + passed.ground),
        passed.v2 + (x - passed.x) * (ground_m * (2.0 * x + passed.x) + passed.ground * (x + 2.0 * passed.x)),
        ground_m,
        x,
    )


@compiled(fused=True)
def terminal_loss(link: Link, d: float, clutter_m: float, is_built_up: bool) -> float:
    """Loss from the top of what stands around a phone, higher than it, down to the phone."""
    if is_built_up:
        return median_of(link.cover_far, link.cover_near, d)
    return height_gain_db(link.frequency, link.receiver, clutter_m, link.gap)


@compiled(checked=False, fused=True)
def near_loss(link: Link, sight: Receiver) -> float:
    """Free-space loss to a cell too near for a profile, from 1 m on."""
    return max(slant_loss(link, sight.d, sight.hrs), link.free - 60.0)


@compiled(checked=False, fused=True)
def higher(sight: Receiver, one: Point, other: Point) -> Point:
    """Whichever of two points looks higher from the cell."""
    if (other.u - sight.end) * (sight.d - one.x) >= (one.u - sight.end) * (sight.d - other.x):
        return other
    return one


@compiled(checked=False, fused=True)
def surface_heights(link: Link, passed: RayState, sight: Receiver, seen: Point, peak: Point) -> tuple[float, float]:
    """Heights of the antennas above the smooth surface for diffraction, eqs (89)-(91).

    ``seen`` is the ground point that looks highest from the cell, ``peak`` that highest above the straight ray; used
    only where ``passed.rise`` says that there is one.
    """
    hst, hsr = fitted_surface(passed, sight)
    hstd, hsrd = min(hst, link.first), min(hsr, sight.ground)
    if passed.rise > sight.level:
        from_rx = above(sight, seen) / (sight.d - seen.x)
        top = max(above(sight, peak), above(sight, seen))
        hstd, hsrd = diffraction_heights(hst, hsr, link.first, sight.ground, top, passed.rise - sight.level, from_rx)
    return link.hts - hstd, sight.hrs - hsrd


@compiled(checked=False, fused=True)
def median_losses(link: Link, cells: Floats, count: int) -> int:
    """Compute the median basic losses of cells, without ducting, into the fourth row; in the third is told of each
    whether ducting might carry more.

    Loops over few rows each, with nothing that keeps them from vector units.

    Returns
    -------
    int
        Of how many that is told.
    """
    d, hrs, flag, loss, zone = cells[0, :count], cells[1, :count], cells[2, :count], cells[3, :count], cells[4, :count]
    hte, hre = cells[5, :count], cells[6, :count]
    dlt, dlr, tx_slope, rx_slope = cells[7, :count], cells[8, :count], cells[9, :count], cells[10, :count]
    for k in range(count):
        nu = loss[k] * math.sqrt(0.002 * d[k] / (link.wavelength * zone[k]))
        loss[k] = bullington_loss(knife_edge(nu), d[k])
    for k in range(count):
        zone[k] = is_near_smooth(link, d[k], hte[k], hre[k])
    add_smooth_earth(link, cells, count)
    for k in range(count):
        zone[k] = slant_loss(link, d[k], hrs[k])
    for k in range(count):
        tx_slope[k], rx_slope[k] = mrad(tx_slope[k]), mrad(rx_slope[k])
    for k in range(count):
        coupled = duct_coupling(link, d[k], dlt[k], dlr[k], tx_slope[k], rx_slope[k])
        flag[k] = int((loss[k] >= MATTERS_DB) & (coupled + link.duct_floor < loss[k] + zone[k]))
    for k in range(count):
        scatter = scatter_loss(link, d[k], tx_slope[k] + rx_slope[k])
        whole = loss[k] + zone[k]
        joined = power_sum(scatter, whole)
        loss[k] = joined if (loss[k] >= MATTERS_DB) & (scatter < whole + NOTHING_DB) else whole
    return int(flag.sum())


@compiled(checked=False, fused=True)
def add_smooth_earth(link: Link, cells: Floats, count: int) -> None:
    """Add the excess over the smooth earth where it may be any: these cells alone, put side by side."""
    d, loss, zone, hte, hre = cells[0, :count], cells[3, :count], cells[4, :count], cells[5, :count], cells[6, :count]
    excess, tx, rx = cells[SPARE, :count], cells[SPARE + 1, :count], cells[SPARE + 2, :count]
    asked = 0
    for k in range(count):
        at = np.uint64(asked)
        excess[at], tx[at], rx[at] = d[k], hte[k], hre[k]
        asked += zone[k] > 0.0
    for k in range(asked):
        excess[k] = smooth_excess(link, excess[k], tx[k], rx[k])
    asked = 0
    for k in range(count):
        loss[k] += excess[np.uint64(asked)] if zone[k] > 0.0 else 0.0
        asked += zone[k] > 0.0


@compiled(checked=False, fused=True)
def slant_loss(link: Link, d: float, hrs: float) -> float:
    """Free-space loss, eqs (8) and (8a)."""
    rise_km = 0.001 * (link.hts - hrs)
    return link.free + decibels(d * d + rise_km * rise_km)


@compiled(checked=False, fused=True)
def mrad(slope: float) -> float:
    """Elevation angle of a slope in m/km."""
    return 1000.0 * atan(0.001 * slope)


@compiled(checked=False, fused=True)
def above(sight: Receiver, point: Point) -> float:
    """Height of a point above the straight ray, the earth taken as flat, eq (89d)."""
    return point.u + sight.bulge * point.x * point.x - sight.start - sight.level * point.x


@compiled(checked=False, fused=True)
def blocked_edge(passed: RayState, sight: Receiver, edge: Point) -> tuple[float, float]:
    """Height above the straight ray, and product of its distances to both ends, of the edge in place of a path beyond
    the horizon, eqs (17)-(19); ``edge`` is the receiver's horizon."""
    back = (edge.u - sight.end) / (sight.d - edge.x)
    both = passed.steepest + back
    x = (sight.end - sight.start + back * sight.d) / both if both else edge.x  # grazing exactly, all along
    return (passed.steepest - sight.slope) * x, x * (sight.d - x)


@compiled(checked=False, fused=True)
def fitted_surface(passed: RayState, sight: Receiver) -> tuple[float, float]:
    """Ends of the smooth surface fitted to the ground up to the cell, eqs (85)-(88)."""
    d, before = sight.d, passed.x
    v1 = passed.v1 + (d - before) * (sight.ground + passed.ground)
    v2 = passed.v2 + (d - before) * (sight.ground * (2.0 * d + before) + passed.ground * (d + 2.0 * before))
    return surface_ends(v1, v2, d)


@compiled(checked=False, fused=True)
def is_near_smooth(link: Link, d: float, hte: float, hre: float) -> bool:
    """Whether the smooth earth may add to the loss: beyond its horizon, or with less clearance than required."""
    sag = link.bulge * d * d
    beyond, t = sag - hte - hre, closest_share(hte, hre, sag)
    rest = t * (1.0 - t)
    clear = hte + (hre - hte) * t - sag * rest
    # Of positive numbers the squares are compared: roots take time.
    hidden = (beyond > 0.0) & (beyond * beyond >= 4.0 * hte * hre)
    return hidden | (clear < 0.0) | (clear * clear < REQUIRED * REQUIRED * rest * d * link.wavelength)


@compiled(checked=False, fused=True, inlined=True)
def clearance(link: Link, d: float, hte: float, hre: float, t: float) -> tuple[float, float]:
    """Clearance of the straight ray over the smooth earth at a share of the path, and that required, eqs (23)-(25)."""
    rest = t * (1.0 - t)
    return hte + (hre - hte) * t - link.bulge * d * d * rest, REQUIRED * math.sqrt(rest * d * link.wavelength)


@compiled(checked=False, fused=True, inlined=True)
def smooth_excess(link: Link, d: float, hte: float, hre: float) -> float:
    """How much the loss over the smooth earth exceeds its own Bullington loss, eqs (22)-(27) and (39)."""
    sag, last_x = link.bulge * d * d, d - link.step
    end, reach = hre - sag, math.sqrt(hte) + math.sqrt(hre)
    slope, hidden = (end - hte) / d, sag >= reach * reach
    first = on_step(link, math.sqrt(hte / link.bulge), last_x)
    steepest = -link.bulge * first - hte / first
    last = on_step(link, d - math.sqrt(hre / link.bulge), last_x)
    back = (-link.bulge * last * last - end) / (d - last)
    meeting = (end - hte + back * d) / (steepest + back)
    t = closest_share(hte, hre, sag)
    clear, required = clearance(link, d, hte, hre, t)
    closest = on_step(link, t * d, last_x)
    x = meeting if hidden else closest
    high = (steepest - slope) * meeting if hidden else -link.bulge * closest * closest - hte - slope * closest
    nu = edge_parameter(high, x, d, link.wavelength)
    term = over_land(link, d, hte, hre, link.radius if hidden else 500.0 * (d / reach) ** 2)
    spherical = term if hidden else (1.0 - clear / required) * max(term, 0.0)
    return max(spherical - bullington_loss(knife_edge(nu), d), 0.0)


@compiled(checked=False, fused=True)
def on_step(link: Link, x: float, last_x: float) -> float:
    """Sample of the ray nearest to ``x``."""
    return min(max(math.floor(x / link.step + 0.5) * link.step, link.step), last_x)


@compiled(checked=False, fused=True, inlined=True)
def over_land(link: Link, d: float, hte: float, hre: float, radius: float) -> float:
    """First term of the residue series over land, eqs (28)-(36)."""
    return first_term_over(link.admittance, d, hte, hre, radius, link.third)


@compiled(checked=False, fused=True, inlined=True)
def closest_share(hte: float, hre: float, sag: float) -> float:
    """Share of the path at which the ray passes closest to the smooth earth: the cubic behind eqs
    (24a)-(24e), by Newton.

    This is also where the ray's clearance in Fresnel radii is least.
    """
    t = hte / (hte + hre)
    for _ in range(2):
        t -= (hte - (hte + hre) * t + sag * t * (1.0 - t) * (1.0 - 2.0 * t)) / (
            sag * (1.0 - 6.0 * t * (1.0 - t)) - hte - hre
        )
        t = min(max(t, 1e-4), 1.0 - 1e-4)
    return t


@compiled(checked=False, fused=True)
def horizons(link: Link, passed: RayState, sight: Receiver, seen: Point) -> Horizons:
    """Horizons of both ends, eqs (76)-(83).

    On a path with line of sight over the ground, where only clutter is in the way, they are taken as half of it.
    """
    d = sight.d
    if passed.horizon > sight.slope:
        dlr = d - seen.x
        return Horizons(passed.horizon_x, dlr, passed.horizon, (seen.u - sight.end) / dlr - 2.0 * link.bulge * d)
    sag = link.bulge * d
    return Horizons(0.5 * d, 0.5 * d, sight.level - sag, -sight.level - sag)


@compiled(fused=True)
def scatter_loss(link: Link, d: float, angles: float) -> float:
    """Loss by troposcatter, eq (44), by the sum of both horizons' elevation angles in mrad."""
    return link.scatter + 2.0 * decibels(d) + 0.573 * (2.0 * link.bulge * d + angles)


@compiled(checked=False, fused=True)
def duct_coupling(link: Link, d: float, dlt: float, dlr: float, tx_angle: float, rx_angle: float) -> float:
    """Losses in a duct but for the part that depends on the percentage of time, eqs (47)-(52a)."""
    tx, rx = max(tx_angle - 0.1 * dlt, 0.0), max(rx_angle - 0.1 * dlr, 0.0)
    bent = 2.0 * link.bulge * d + min(tx_angle, 0.1 * dlt) + min(rx_angle, 0.1 * dlr)
    shield = (1.0 + 0.361 * tx * math.sqrt(link.frequency * dlt)) * (1.0 + 0.361 * rx * math.sqrt(link.frequency * dlr))
    coupling = link.duct + 2.0 * decibels((dlt + dlr) * shield)
    return coupling + 0.264 * link.third * (tx + rx) + link.duct_slope * bent


@compiled(fused=True)
def ducted_loss(link: Link, sight: Receiver, hst: float, hsr: float, far: Horizons, hm: float, loss: float) -> float:
    """Loss where ducting and layer reflection count too, eqs (46)-(62).

    ``hst`` and ``hsr`` are the ends of the smooth surface, the slopes of ``far`` angles in mrad, ``hm`` the terrain's
    roughness. ``loss`` is that by diffraction and scatter: the Recommendation adds scatter last, but where it matters
    ducting does not.
    """
    d = sight.d
    beta = (
        ducting_percent(link.latitude, d, d)
        * duct_geometry(d, link.radius, hst, hsr, link.hts, sight.hrs, d)
        * duct_roughness(hm, d - far.dlt - far.dlr)
    )
    coupled = duct_coupling(link, d, far.dlt, far.dlr, far.tx_slope, far.rx_slope)
    least = notional_minimum(coupled + duct_variability(50.0, beta, d), slant_loss(link, d, sight.hrs))
    if least > loss:
        return loss
    blended = least + (loss - least) * distance_weight(d)
    return blended + (loss - blended) * angle_weight(2.0 * link.bulge * d + far.tx_slope + far.rx_slope)
