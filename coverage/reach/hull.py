"""Upper hull of the points that a ray has passed, and what is sought on it.

A hull is an array of two rows (distance, height, from near to far) and a size. On a convex outline each quantity sought
here is unimodal, which is why bisection finds it, and why a search from one end may stop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coverage.base.compiled import compiled
from coverage.reach.profile import Floats


class Point(NamedTuple):
    """A point of a hull: distance in km, and height lowered by the earth's curvature in m."""

    x: float
    u: float


@compiled(checked=False, fused=True)
def push(hull: Floats, size: int, x: float, u: float) -> int:
    """Add a point at the far end; return the new size."""
    while size >= 2:
        last, before = np.uint64(size - 1), np.uint64(size - 2)
        if (hull[1, last] - hull[1, before]) * (x - hull[0, before]) > (u - hull[1, before]) * (
            hull[0, last] - hull[0, before]
        ):
            break
        size -= 1
    hull[0, np.uint64(size)], hull[1, np.uint64(size)] = x, u
    return size + 1


@compiled(checked=False, fused=True)
def tangent(hull: Floats, size: int, d: float, eye: float) -> Point:
    """Point that looks highest from height ``eye`` at ``d``, beyond the hull; most often one of the last."""
    k = size - 1
    while k > 0:
        here, before = np.uint64(k), np.uint64(k - 1)
        if (hull[1, here] - eye) * (d - hull[0, before]) >= (hull[1, before] - eye) * (d - hull[0, here]):
            break
        k -= 1
    return Point(hull[0, np.uint64(k)], hull[1, np.uint64(k)])


@compiled(fused=True)
def deepest(hull: Floats, size: int, start: float, slope: float, d: float) -> Point:
    """Point that cuts deepest into the Fresnel zone of a ray above all of them.

    The ray runs from ``start`` at 0 to ``d`` with ``slope``. Clearance is convex along the hull and the Fresnel radius
    concave, so their ratio is unimodal.
    """
    low, high = 0, size - 1
    while low < high:
        k = (low + high) // 2
        x, beyond = hull[0, k], hull[0, k + 1]
        clear, clear_beyond = start + slope * x - hull[1, k], start + slope * beyond - hull[1, k + 1]
        if clear_beyond * clear_beyond * x * (d - x) <= clear * clear * beyond * (d - beyond):
            low = k + 1
        else:
            high = k
    return Point(hull[0, low], hull[1, low])


@compiled(fused=True)
def least_clearance(
    hull: Floats,
    size: int,
    last_point: Point,
    points: Floats,
    step: float,
    first: int,
    last: int,
    start: float,
    slope: float,
    d: float,
) -> tuple[float, float]:
    """Clearance of the deepest point: on the hull, the last point, or among ``points``.

    ``points`` are heights by number of step, looked at from ``first`` to before ``last``.

    Returns
    -------
    tuple
        The clearance, and the product of the point's distances to both ends, from which its Fresnel radius follows.
    """
    point = deepest(hull, size, start, slope, d)
    clear, zone = start + slope * point.x - point.u, point.x * (d - point.x)
    other, other_zone = start + slope * last_point.x - last_point.u, last_point.x * (d - last_point.x)
    for i in range(last - 1, first - 2, -1):
        if other * other * zone < clear * clear * other_zone:
            clear, zone = other, other_zone
        x = i * step
        other, other_zone = start + slope * x - points[i], x * (d - x)
    return clear, zone


@compiled(fused=True)
def highest(hull: Floats, size: int, slope: float, bulge: float) -> Point:
    """Point highest above a line of ``slope``, where heights were lowered by ``bulge`` x² beforehand."""
    low, high = 0, size - 1
    while low < high:
        k = (low + high) // 2
        x, beyond = hull[0, k], hull[0, k + 1]
        if hull[1, k + 1] - hull[1, k] >= (slope - bulge * (x + beyond)) * (beyond - x):
            low = k + 1
        else:
            high = k
    return Point(hull[0, low], hull[1, low])
