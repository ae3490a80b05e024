"""Upper hull of the points that a ray has passed, searched by bisection.

A hull is an array of two rows (distance, height, from near to far) and a size. On a convex outline each quantity sought
here is unimodal, which is why bisection finds it.
"""

from __future__ import annotations

from typing import NamedTuple

from coverage.base.compiled import compiled
from coverage.reach.profile import Floats


class Point(NamedTuple):
    """A point of a hull: distance in km, and height lowered by the earth's curvature in m."""

    x: float
    u: float


@compiled()
def push(hull: Floats, size: int, x: float, u: float) -> int:
    """Add a point at the far end; return the new size."""
    while size >= 2 and (
        (hull[1, size - 1] - hull[1, size - 2]) * (x - hull[0, size - 2])
        <= (u - hull[1, size - 2]) * (hull[0, size - 1] - hull[0, size - 2])
    ):
        size -= 1
    hull[0, size], hull[1, size] = x, u
    return size + 1


@compiled()
def tangent(hull: Floats, size: int, d: float, eye: float) -> Point:
    """Point that looks highest from height ``eye`` at ``d``, beyond the hull."""
    low, high = 0, size - 1
    while low < high:
        k = (low + high) // 2
        if (hull[1, k + 1] - eye) * (d - hull[0, k]) >= (hull[1, k] - eye) * (d - hull[0, k + 1]):
            low = k + 1
        else:
            high = k
    return Point(hull[0, low], hull[1, low])


@compiled()
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


@compiled()
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


@compiled()
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
