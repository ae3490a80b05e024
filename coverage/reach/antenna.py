"""Pattern of a sector antenna: what it loses by direction and elevation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from coverage.base.parameter_model import ParameterModel
from coverage.reach.profile import Floats

Cut = Annotated[tuple[Annotated[float, Field(ge=0, le=100)], ...], Field(min_length=360, max_length=360)]


class AntennaPattern(ParameterModel):
    """Measured cuts of an antenna: loss in dB below its strongest direction, at each of 360 whole degrees.

    ``horizontal_db`` runs clockwise from where it points, ``vertical_db`` from the horizon downwards: it holds the
    electrical tilt, which ``electrical_tilt_deg`` names where known.
    """

    name: str = Field(min_length=1)
    gain_dbi: float = Field(ge=-20, le=45)
    horizontal_db: Cut
    vertical_db: Cut
    electrical_tilt_deg: float | None = Field(default=None, ge=-20, le=45)


@dataclass(frozen=True)
class Antenna:
    """Vertical part of an antenna's pattern.

    Attributes
    ----------
    tilt_deg
        Below the horizon: electrical, the same all round; of a measured pattern, which holds its own electrical
        tilt, mechanical.
    vertical_beamwidth_deg, side_lobe_db : half-power width, and the most that elevation takes away
    measured : in place of the formula, where known
    """

    tilt_deg: float
    vertical_beamwidth_deg: float = 10.0
    side_lobe_db: float = 20.0
    measured: AntennaPattern | None = None


def horizontal_loss_db(off_deg: Floats, beamwidth_deg: float, most_db: float) -> Floats:
    """12 (angle/beamwidth)² dB, at most ``most_db`` (3GPP TR 36.942, section 4.2.1)."""
    return np.asarray(np.minimum(12.0 * (off_deg / beamwidth_deg) ** 2, most_db))


def antenna_loss_db(
    antenna: Antenna, off_deg: Floats | None, down_deg: Floats, beamwidth_deg: float, most_db: float
) -> Floats:
    """Loss by both angles: the sum of the horizontal and the vertical one, limited [1]_.

    Parameters
    ----------
    off_deg : from where the antenna points, -180 to 180; None where that is not known, so that it sends all round
    down_deg : below the horizon, seen from the antenna
    beamwidth_deg, most_db : horizontal half-power width, and front-to-back ratio; not of a measured pattern

    References
    ----------
    .. [1] 3GPP TR 36.814, Table A.2.1.1-2; TR 38.901, Table 7.3-1, has the same with 65°, 30 dB and 30 dB.
    """
    found, tilt = antenna.measured, antenna.tilt_deg
    if found is None:
        across = 0.0 if off_deg is None else horizontal_loss_db(off_deg, beamwidth_deg, most_db)
        along = np.minimum(12.0 * ((down_deg - tilt) / antenna.vertical_beamwidth_deg) ** 2, antenna.side_lobe_db)
        return np.asarray(np.minimum(across + along, most_db))
    # Tilting the antenna itself lifts its back and leaves its sides where they are.
    below = down_deg - (tilt if off_deg is None else tilt * np.cos(np.radians(off_deg)))
    degrees = np.arange(360.0)
    across = 0.0 if off_deg is None else np.interp(off_deg, degrees, found.horizontal_db, period=360.0)
    along = np.interp(below, degrees, found.vertical_db, period=360.0)
    return np.asarray(np.minimum(across + along, max(*found.horizontal_db, *found.vertical_db)))


def down_deg(above_m: Floats, distance_m: Floats, radius_m: float) -> Floats:
    """Angle below the horizon at which a place is seen, on an earth of effective ``radius_m``.

    Parameters
    ----------
    above_m : how far the antenna stands above the place, both above sea level
    """
    return np.asarray(np.degrees(np.arctan(above_m / distance_m + distance_m / (2.0 * radius_m))))
