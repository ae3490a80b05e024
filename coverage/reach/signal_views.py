"""Views of the signal as RSRP on the terrain's grid: one tower, one operator, added towers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coverage.land.cells import Land
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radials import LossStore, Window, loss_windows
from coverage.reach.signal import (
    MOST_OPERATORS,
    NO_SIGNAL,
    Signal,
    Tower,
    bits_for,
    keep_windows,
    medium_of,
    places_of,
    signal_map,
)
from coverage.reach.terrain import Terrain


def of_tower(
    terrain: Terrain, tower: Tower, radio: RadioParameters, kept: LossStore | None = None
) -> NDArray[np.float32]:
    """RSRP of one tower in dBm on the terrain's grid; :data:`coverage.reach.signal.NO_SIGNAL` beyond its reach."""
    return signal_map(terrain, [tower], radio, kept).rsrp_dbm


def of_operator(
    terrain: Terrain, signal: Signal, operator: str, radio: RadioParameters, kept: LossStore | None = None
) -> NDArray[np.float32]:
    """RSRP in dBm of one operator's best server, from cached windows where possible."""
    own = [tower for tower in signal.towers if operator in tower.operators]
    return signal_map(terrain, own, radio, kept).rsrp_dbm


def with_more(
    signal: Signal, terrain: Terrain, towers: Sequence[Tower], radio: RadioParameters, kept: LossStore | None = None
) -> tuple[Signal, list[Window]]:
    """Add towers to a signal.

    Returns
    -------
    tuple
        The new signal, equal to that of all towers computed at once but for the order of operators (new ones last); and
        the windows of the new towers, where it may differ.
    """
    new = sorted({name for tower in towers for name in tower.operators} - set(signal.operators))
    operators = (*signal.operators, *new)[:MOST_OPERATORS]
    added = replace(
        signal,
        levels_dbm=signal.levels_dbm.copy(),
        servers=signal.servers.copy(),
        heard=signal.heard.astype(bits_for(operators)),
        towers=(*signal.towers, *towers),
        operators=operators,
    )
    windows = list(loss_windows(terrain, [tower.transmitter for tower in towers], medium_of(radio, terrain), kept))
    keep_windows(added, list(enumerate(windows, start=len(signal.towers))), radio.thresholds.weak_dbm)
    return added, windows


def newly_heard(
    land: Land,
    terrain: Terrain,
    usable: NDArray[np.bool_],
    towers: Sequence[Tower],
    radio: RadioParameters,
    kept: LossStore | None = None,
    reach_m: float | None = None,
) -> Iterator[NDArray[np.float64]]:
    """Where each of some towers alone would bring new cellular service.

    Parameters
    ----------
    usable : present service on the terrain's grid
    towers : towers to evaluate
    reach_m : range; that of the signal by default

    Yields
    ------
    numpy.ndarray
        Share of each piece of the land newly served.
    """
    medium = medium_of(radio, terrain)
    medium = replace(medium, reach_m=min(reach_m or medium.reach_m, medium.reach_m))
    windows = loss_windows(terrain, [tower.transmitter for tower in towers], medium, kept)
    for tower, window in zip(towers, windows, strict=True):
        near = pieces_near(land, terrain, [window])
        row, column, covered = places_of(land, terrain, near)
        i, j = row - window.row, column - window.column
        inside = covered & (i >= 0) & (j >= 0) & (i < len(window.loss)) & (j < len(window.loss))
        loss = window.loss_db[np.where(inside, i, 0), np.where(inside, j, 0)]
        heard = inside & ~usable[row, column] & (tower.without_loss_dbm - loss >= radio.thresholds.weak_dbm)
        share = np.zeros(len(near))
        share[near] = heard.sum(axis=1) / np.maximum(covered.sum(axis=1), 1)
        yield share


def pieces_near(land: Land, terrain: Terrain, windows: Sequence[Window]) -> NDArray[np.bool_]:
    """Pieces with a sample point in any of some windows."""
    row, column = terrain.indices(*land.centres)
    around = int(np.ceil(land.cell_m / terrain.cell_m))
    near = np.zeros(len(row), bool)
    for window in windows:
        south, west = row - window.row + around, column - window.column + around
        side = len(window.loss) + 2 * around
        near |= (south >= 0) & (west >= 0) & (south < side) & (west < side)
    return near


def classes(rsrp_dbm: NDArray[np.float32], radio: RadioParameters, terrain: Terrain) -> NDArray[np.int8]:
    """Signal class (0 none, 1 weak, 2 strong) on the terrain's grid; -1 where elevation is missing."""
    found = np.full(rsrp_dbm.shape, 0, np.int8)
    found[rsrp_dbm >= np.float32(radio.thresholds.weak_dbm)] = 1
    found[rsrp_dbm >= np.float32(radio.thresholds.strong_dbm)] = 2
    if terrain.known is not None:
        found[~terrain.known] = -1
    return found


def rsrp_known(rsrp_dbm: NDArray[np.float32]) -> NDArray[np.float32]:
    """RSRP with NaN beyond every tower, for raster exports."""
    return np.where(rsrp_dbm > NO_SIGNAL, rsrp_dbm, np.float32(np.nan))
