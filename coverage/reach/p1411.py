"""Street-level path loss outdoors, for public Wi-Fi: the site-general model of Recommendation ITU-R P.1411-11 [1]_.

Both ends below roof height, 0.8 to 73 GHz. L = 10 α log d + β + 10 γ log f, section 4.1.1, with distance in m and
frequency in GHz, and coefficients by surroundings.

References
----------
.. [1] ITU-R (2021). Recommendation P.1411-11.
"""

from __future__ import annotations

import math

from pydantic import Field

from coverage.base.parameter_model import ParameterModel


class Surroundings(ParameterModel):
    """Coefficients for one kind of surroundings; beyond ``valid_to_m`` the formula extrapolates."""

    alpha: float = Field(gt=0)
    beta: float
    gamma: float
    valid_to_m: float = Field(gt=0)
    source: str


def loss_db(surroundings: Surroundings, distance_m: float, frequency_ghz: float) -> float:
    """Median basic loss in dB.

    >>> nlos = Surroundings(alpha=3.01, beta=18.8, gamma=2.07, valid_to_m=170, source="P.1411-11")
    >>> round(loss_db(nlos, 100, 2.4), 1)
    86.9
    """
    return (
        10 * surroundings.alpha * math.log10(distance_m)
        + surroundings.beta
        + 10 * surroundings.gamma * math.log10(frequency_ghz)
    )


def range_m(surroundings: Surroundings, frequency_ghz: float, allowed_loss_db: float) -> float:
    """Distance in m at which the median loss is ``allowed_loss_db``."""
    at_one_metre = surroundings.beta + 10 * surroundings.gamma * math.log10(frequency_ghz)
    return float(10 ** ((allowed_loss_db - at_one_metre) / (10 * surroundings.alpha)))
