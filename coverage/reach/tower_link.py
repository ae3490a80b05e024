"""Profile from a tower to a place: ground, line of sight, Fresnel zone, signal along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from coverage.base.errors import InputError
from coverage.reach.antenna import down_deg
from coverage.reach.line_of_sight import SightLine, sight_line
from coverage.reach.link_budget import RadioParameters
from coverage.reach.p1812 import QUANTITIES, free_space, median_radius, path_quantities
from coverage.reach.p2108 import terminal_db
from coverage.reach.profile import INLAND, Floats
from coverage.reach.radials import Medium, Transmitter, pattern_loss_db
from coverage.reach.signal import Tower, medium_of
from coverage.reach.terrain import Terrain, ground_kind

MOST_POINTS = 400
"""Points of a profile: computed within a tenth of a second."""
_LOSS = QUANTITIES.index("Lb (dB)")
_LEAST = 5
"""Fewest points of a profile."""


@dataclass(frozen=True, eq=False)
class TowerLink:
    """A profile from a tower to a place. Arrays run along ``sight.distance_km``.

    Attributes
    ----------
    sight : ground, bulge, line, Fresnel zone, whether and where it is blocked, and by how much to raise either end
    loss_db, rsrp_dbm : path loss (ITU-R P.1812), and RSRP of a phone that stands there; missing in the first cells
    clear_height_m : height of the tower's antenna above its ground that clears the zone asked for
    blocked_lon, blocked_lat
        Where least is left of the line, EPSG:4326; missing where nothing stands in the zone asked for.
    around_m, around_db : height of what stands around the place, and the loss down from it; 0 where it is no higher
    """

    sight: SightLine
    loss_db: Floats
    rsrp_dbm: Floats
    clear_height_m: float
    blocked_lon: float
    blocked_lat: float
    around_m: float = 0.0
    around_db: float = 0.0


def tower_link(
    terrain: Terrain,
    tower: Tower,
    lon: float,
    lat: float,
    radio: RadioParameters,
    clearance: float | None = None,
    receiver_m: float | None = None,
) -> TowerLink:
    """Draw the profile from a tower to a place.

    Parameters
    ----------
    tower : from :func:`coverage.reach.signal.towers_of`
    lon, lat : the place, EPSG:4326
    clearance : share of the first Fresnel zone that is to be clear; that for links where not given
    receiver_m : height of the other end above ground; that of a phone where not given

    Raises
    ------
    InputError
        If the place lies outside the known terrain, or at the foot of the tower.
    """
    mast, receiver = tower.transmitter, radio.phone.height_m if receiver_m is None else receiver_m
    x, y = pyproj.Transformer.from_crs(4326, terrain.crs, always_xy=True).transform(lon, lat)
    length = float(np.hypot(x - mast.x, y - mast.y))
    if length < terrain.cell_m:
        raise InputError("terrain.too_near", metres=round(length))
    spacing = max(terrain.cell_m, length / (MOST_POINTS - 1))
    distance, ground, clutter = terrain.profile((mast.x, mast.y), (x, y), spacing)
    sight = sight_line(
        distance,
        ground,
        clutter,
        mast.height_m,
        receiver,
        mast.frequency_ghz,
        radio.sight.k,
        radio.sight.clearance if clearance is None else clearance,
    )
    share = distance / distance[-1]
    built_up = terrain.is_built_up(mast.x + share * (x - mast.x), mast.y + share * (y - mast.y))
    loss = _loss_along(terrain, tower, distance, ground, clutter, built_up, receiver, radio)
    below = down_deg(
        np.array([ground[0] + mast.height_m - ground[-1] - receiver]),
        np.array([length]),
        1000.0 * median_radius(radio.air.delta_n),
    )
    pattern = pattern_loss_db(mast, np.array([np.degrees(np.arctan2(x - mast.x, y - mast.y))]), below)[0]
    worst = sight.worst_km / distance[-1]
    back = pyproj.Transformer.from_crs(terrain.crs, 4326, always_xy=True)
    place = back.transform(mast.x + worst * (x - mast.x), mast.y + worst * (y - mast.y))
    where = place if sight.grazed else (np.nan, np.nan)
    by_ground = np.array(medium_of(radio, terrain).ground_db)[ground_kind(clutter, built_up, receiver)]
    return TowerLink(
        sight,
        loss,
        tower.without_loss_dbm - pattern - loss + by_ground,
        mast.height_m + sight.raise_first_m,
        float(where[0]),
        float(where[1]),
        float(clutter[-1]),
        terminal_db(mast.frequency_ghz, distance[-1], receiver, clutter[-1], built_up[-1], radio.clutter.gap_m),
    )


def _loss_along(
    terrain: Terrain,
    tower: Tower,
    distance_km: Floats,
    ground_m: Floats,
    clutter_m: Floats,
    built_up: NDArray[np.bool_],
    receiver_m: float,
    radio: RadioParameters,
) -> Floats:
    """Path loss to a receiver at each point of a profile."""
    medium, loss = medium_of(radio, terrain), np.full(len(distance_km), np.nan)
    for end in range(_LEAST, len(distance_km) + 1):
        path = distance_km[:end], ground_m[:end], clutter_m[:end], built_up[:end]
        loss[end - 1] = _loss_to_end(*path, tower.transmitter, receiver_m, medium)
    return loss


def _loss_to_end(
    distance_km: Floats,
    ground_m: Floats,
    clutter_m: Floats,
    built_up: NDArray[np.bool_],
    mast: Transmitter,
    receiver_m: float,
    medium: Medium,
) -> float:
    """Path loss to a receiver at the end of a profile; among higher things, by way of their top."""
    quantities = path_quantities(
        distance_km,
        ground_m,
        clutter_m,
        np.full(len(distance_km), INLAND),
        mast.frequency_ghz,
        50.0,
        mast.height_m,
        max(receiver_m, clutter_m[-1]),
        False,
        medium.latitude,
        medium.delta_n,
        medium.n0,
        500.0,
        500.0,
        50.0,
        0.0,
    )
    around = (mast.frequency_ghz, distance_km[-1], receiver_m, clutter_m[-1], built_up[-1], medium.gap_m)
    return float(quantities[_LOSS] + terminal_db(*around))


def link_loss_db(
    terrain: Terrain, mast: Transmitter, place: tuple[float, float], receiver_m: float, medium: Medium
) -> float:
    """Loss from a mast to an antenna at a place (x, y), less what was measured there; at its foot that of one cell."""
    east, north = place[0] - mast.x, place[1] - mast.y
    length = float(np.hypot(east, north))
    if length < terrain.cell_m:
        return free_space(terrain.cell_m / 1000, 0.0, mast.frequency_ghz)
    spacing = max(terrain.cell_m, length / (MOST_POINTS - 1))
    distance, ground, clutter = terrain.profile((mast.x, mast.y), place, spacing)
    share = distance / distance[-1]
    built_up = terrain.is_built_up(mast.x + share * east, mast.y + share * north)
    drop = ground[0] + mast.height_m - ground[-1] - receiver_m
    below = down_deg(np.array([drop]), np.array([length]), 1000.0 * median_radius(medium.delta_n))
    pattern = pattern_loss_db(mast, np.array([np.degrees(np.arctan2(east, north))]), below)[0]
    offset = np.array(medium.ground_db)[ground_kind(clutter[-1:], built_up[-1:], receiver_m)][0]
    return float(_loss_to_end(distance, ground, clutter, built_up, mast, receiver_m, medium) + pattern - offset)
