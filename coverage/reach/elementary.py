"""Logarithm, exponential and arctangent as plain arithmetic, which the compiler puts through vector units.

Calls of the C library's keep a loop from being computed four cells at a time.
"""

from __future__ import annotations

import numpy as np

from coverage.base.compiled import compiled

FRACTION, ONE, TWO_52, EXPONENT = (
    np.uint64(number) for number in (0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 0x4330000000000000, 52)
)
"""Of numbers of 64 bits: the fraction; 1.0; 2 to the 52nd, whose last bits count ones; where the exponent begins."""
SHIFTED = 4503599627371519.0
"""2 to the 52nd, and the 1023 that is added to exponents."""


@compiled(checked=False, fused=True)
def ln(x: float) -> float:
    """Natural logarithm of a normal number above 0, without a sign of any other; right to 1e-12."""
    bits = np.float64(x).view(np.uint64)
    m = np.uint64((bits & FRACTION) | ONE).view(np.float64)
    e = np.uint64((bits >> EXPONENT) | TWO_52).view(np.float64) - SHIFTED
    if m > 1.4142135623730951:
        m, e = 0.5 * m, e + 1.0
    f = (m - 1.0) / (m + 1.0)
    s = f * f
    series = 1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13)))))
    return e * 0.6931471805599453 + 2.0 * f * (1.0 + s * series)


@compiled(checked=False, fused=True)
def exp(x: float) -> float:
    """Exponential of a number up to 700, next to 0 (1e-304) far below 0; right to one part in 1e11."""
    doubled = max(x, -700.0) * 1.4426950408889634
    n = np.floor(doubled + 0.5)
    r = (doubled - n) * 0.6931471805599453
    series = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880)))))
    power = np.uint64(np.float64(n + SHIFTED).view(np.uint64) << EXPONENT).view(np.float64)
    return float((1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * series)))) * power)


@compiled(checked=False, fused=True)
def atan(x: float) -> float:
    """Arctangent; right to 1e-9."""
    steep = abs(x)
    inverted = steep > 1.0
    above, below = (1.0, steep) if inverted else (steep, 1.0)
    beyond = above > 0.41421356237309503 * below
    # One division, whichever way the argument is reduced.
    y = (above - below if beyond else above) / (above + below if beyond else below)
    s = y * y
    series = 1 / 11 - s * (1 / 13 - s * (1 / 15 - s * (1 / 17 - s * (1 / 19))))
    series = 1 / 3 - s * (1 / 5 - s * (1 / 7 - s * (1 / 9 - s * series)))
    angle = y - y * s * series
    angle = angle + 0.7853981633974483 if beyond else angle
    angle = 1.5707963267948966 - angle if inverted else angle
    return -angle if x < 0.0 else angle
