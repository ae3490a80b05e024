"""Parts of the signal, each as RSRP on the terrain's grid: one tower, one operator, and more towers beside the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coverage.reach.link_budget import RadioParameters
from coverage.reach.radials import LossStore, Window, loss_windows
from coverage.reach.signal import MOST_OPERATORS, NO_SIGNAL, Signal, Tower, keep_windows, medium_of, signal_map
from coverage.reach.terrain import Terrain


def of_tower(terrain: Terrain, tower: Tower, radio: RadioParameters, kept: LossStore | None = None
             ) -> NDArray[np.float32]:
    """RSRP of one tower in dBm on the terrain's grid; :data:`coverage.reach.signal.NO_SIGNAL` beyond its reach."""
    return signal_map(terrain, [tower], radio, kept).rsrp_dbm


def of_operator(terrain: Terrain, signal: Signal, operator: str, radio: RadioParameters,
                kept: LossStore | None = None) -> NDArray[np.float32]:
    """RSRP in dBm of the best tower from which one operator is heard; from the windows kept, where there are any."""
    own = [tower for tower in signal.towers if operator in tower.operators]
    return signal_map(terrain, own, radio, kept).rsrp_dbm


def with_more(signal: Signal, terrain: Terrain, towers: Sequence[Tower], radio: RadioParameters,
              kept: LossStore | None = None) -> tuple[Signal, list[Window]]:
    """Put more towers beside those of a signal.

    Returns
    -------
    tuple
        The new signal, equal to that of all towers computed at once but for the order of its operators (new ones come
        last); and the windows of the new towers, where it may differ.
    """
    new = sorted({name for tower in towers for name in tower.operators} - set(signal.operators))
    added = replace(signal, rsrp_dbm=signal.rsrp_dbm.copy(), server=signal.server.copy(), heard=signal.heard.copy(),
                    towers=(*signal.towers, *towers), operators=(*signal.operators, *new)[:MOST_OPERATORS])
    windows = list(loss_windows(terrain, [tower.transmitter for tower in towers], medium_of(radio, terrain), kept))
    keep_windows(added, list(enumerate(windows, start=len(signal.towers))), radio.thresholds.weak_dbm)
    return added, windows


def classes(rsrp_dbm: NDArray[np.float32], radio: RadioParameters, terrain: Terrain) -> NDArray[np.int8]:
    """Class of signal (0 none, 1 weak, 2 strong) on the terrain's grid; -1 where no height is known."""
    found = np.full(rsrp_dbm.shape, 0, np.int8)
    found[rsrp_dbm >= np.float32(radio.thresholds.weak_dbm)] = 1
    found[rsrp_dbm >= np.float32(radio.thresholds.strong_dbm)] = 2
    if terrain.known is not None:
        found[~terrain.known] = -1
    return found


def rsrp_known(rsrp_dbm: NDArray[np.float32]) -> NDArray[np.float32]:
    """RSRP with the cells beyond every reach missing, as a raster for other programs needs it."""
    return np.where(rsrp_dbm > NO_SIGNAL, rsrp_dbm, np.float32(np.nan))
