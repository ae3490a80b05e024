"""Views of the signal as RSRP on the terrain's grid: one tower, one operator, changed towers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from coverage.base.compiled import compiled
from coverage.land.cells import Land
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radials import LossStore, Window, loss_windows
from coverage.reach.signal import NO_SIGNAL, Signal, Tower, medium_of, signal_map
from coverage.reach.signal_at_places import places_of
from coverage.reach.terrain import Terrain


def of_tower(
    terrain: Terrain, tower: Tower, radio: RadioParameters, kept: LossStore | None = None
) -> NDArray[np.float32]:
    """RSRP of one tower in dBm on the terrain's grid; :data:`coverage.reach.signal.NO_SIGNAL` beyond its reach."""
    return signal_map(terrain, [tower], radio, kept).rsrp_dbm


def of_operator(
    terrain: Terrain,
    signal: Signal,
    operator: str | None,
    radio: RadioParameters,
    kept: LossStore | None = None,
    access: str | None = None,
) -> NDArray[np.float32]:
    """RSRP in dBm of the best server of one operator, and of one ``access``, from cached windows where possible."""
    own = [one for one in signal.towers if operator is None or operator in one.operators]
    own = [one for one in own if access in (None, access_of(one, radio))]
    return signal_map(terrain, own, radio, kept).rsrp_dbm


def access_of(tower: Tower, radio: RadioParameters) -> str:
    """What a tower sends: ``lte`` or ``nr``."""
    return next((one.access for one in radio.technologies if one.name == tower.technology), "lte")


def disturbed(
    terrain: Terrain, signal: Signal, radio: RadioParameters, kept: LossStore | None = None
) -> NDArray[np.int8]:
    """Where interference is likely, on the terrain's grid: another mast of one operator and technology is as strong.

    Less than ``sector.interference_db`` weaker than the best: where both send, the signal is no more than that above
    the other. Other operators send elsewhere in the band, and sectors of one mast share their traffic. What a repeater
    sends is taken for the signal of the strongest mast there.

    Returns
    -------
    numpy.ndarray
        0 where no known operator is heard; 1 without; 2 of some operators heard in all of their technologies; 3 of all.
    """
    heard, clear = (np.zeros(terrain.shape, np.int8) for _ in range(2))
    for operator in signal.operators:
        own = [one for one in signal.towers if operator in one.operators]
        usable, good = (np.zeros(terrain.shape, bool) for _ in range(2))
        for technology in dict.fromkeys(one.technology for one in own):
            same = [one for one in own if one.technology == technology]
            best, second, *_ = signal_map(terrain, same, radio, kept).levels_dbm
            if any(one.repeats for one in same):
                second = signal_map(terrain, [one for one in same if not one.repeats], radio, kept).levels_dbm[1]
            here = best >= np.float32(radio.thresholds.weak_dbm)
            usable |= here
            good |= here & (best - second >= np.float32(radio.sector.interference_db))
        heard += usable
        clear += good
    return np.select([heard == 0, clear == heard, clear > 0], [0, 1, 2], 3).astype(np.int8)


def next_best(signal: Signal, *cells: NDArray[np.integer]) -> tuple[NDArray[np.float32], NDArray[np.signedinteger]]:
    """RSRP in dBm and number of the best tower of another mast than the best one's, at some cells or all.

    No repeater, which may fall silent with it; where there is none the RSRP is :data:`NO_SIGNAL`.
    """
    following: Any = (slice(1, None), *cells)
    levels, servers = signal.levels_dbm[following], signal.servers[following]
    repeats = np.array([*(one.repeats for one in signal.towers), False])  # the last for none
    levels = np.where(repeats[servers], NO_SIGNAL, levels)
    first = levels.argmax(axis=0)[None]
    level, number = (np.take_along_axis(each, first, axis=0)[0] for each in (levels, servers))
    return level, number


def reached_by(
    terrain: Terrain,
    usable: NDArray[np.bool_],
    towers: Sequence[Tower],
    radio: RadioParameters,
    kept: LossStore | None = None,
    most: int | None = None,
) -> tuple[tuple[int, int], int, NDArray[np.int8]]:
    """Where any of some towers is heard: 2 where nothing was ``usable`` before, else 1; -1 elsewhere.

    Parameters
    ----------
    most : cells along a side from which on every second one is asked, from twice as many every third and so on

    Returns
    -------
    tuple
        South-west cell in the terrain's grid of the part that holds their windows, cells from one asked to the next,
        and that part.
    """
    windows = list(loss_windows(terrain, [tower.transmitter for tower in towers], medium_of(radio, terrain), kept))
    spans = [window.within(terrain.shape) for window in windows]
    (south, north), (west, east) = (
        (min(span[axis].start for span in spans), max(span[axis].stop for span in spans)) for axis in (0, 1)
    )
    step = max(1, max(north - south, east - west) // (most or max(terrain.shape)))
    found = np.full((-(-(north - south) // step), -(-(east - west) // step)), -1, np.int8)
    for tower, window, (rows, columns) in zip(towers, windows, spans, strict=True):
        first_row, first_column = -((south - rows.start) // step), -((west - columns.start) // step)
        every = (
            slice(south + first_row * step - rows.start, None, step),
            slice(west + first_column * step - columns.start, None, step),
        )
        loss = replace(window, loss=window.part(terrain.shape)[every]).loss_db
        heard = tower.without_loss_dbm - loss >= radio.thresholds.weak_dbm
        part = found[first_row : first_row + len(heard), first_column : first_column + heard.shape[1]]
        part[heard] = np.where(usable[rows, columns][every][heard], 1, 2)
    for known in (terrain.known, terrain.clutter_known):
        if known is not None:
            found[~known[south:north:step, west:east:step]] = -1
    return (south, west), step, found


def newly_heard(
    land: Land,
    terrain: Terrain,
    usable: NDArray[np.bool_],
    towers: Sequence[Tower],
    radio: RadioParameters,
    kept: LossStore | None = None,
) -> Iterator[NDArray[np.float64]]:
    """Where each of some towers alone would bring new cellular service.

    Parameters
    ----------
    usable : present service on the terrain's grid
    towers : towers to evaluate

    Yields
    ------
    numpy.ndarray
        Share of each piece of the land newly served.
    """
    windows = loss_windows(terrain, [tower.transmitter for tower in towers], medium_of(radio, terrain), kept)
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


def pieces_over(land: Land, terrain: Terrain, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pieces whose cell lies on any marked cell of the terrain's grid: all with a sample point there are among them."""
    place = land.cells["row"].to_numpy(), land.cells["column"].to_numpy()
    y, x = (start + np.arange(at.max() + 2) * land.cell_m for start, at in zip((land.y0, land.x0), place, strict=True))
    rows, columns = (
        np.clip(np.stack((at[:-1], at[1:] + 1)), 0, size)
        for at, size in zip(terrain.indices(x, y), marked.shape, strict=True)
    )
    return _any_marked(marked, rows, columns, *place)


@compiled()
def _any_marked(
    marked: NDArray[np.bool_],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether any cell is marked between first and last ``rows`` and ``columns`` (shape (2, n)) of each piece."""
    found = np.zeros(row.size, np.bool_)
    for piece in range(row.size):
        for i in range(rows[0, row[piece]], rows[1, row[piece]]):
            for j in range(columns[0, column[piece]], columns[1, column[piece]]):
                found[piece] |= marked[i, j]
    return found


def served_by(signal: Signal, radio: RadioParameters) -> NDArray[np.int32]:
    """Number of the tower that serves each cell of the terrain's grid; -1 where none is usable."""
    return np.where(signal.rsrp_dbm >= np.float32(radio.thresholds.weak_dbm), signal.server, np.int32(-1))


def told_apart(numbers: NDArray[np.int32], colours: int) -> NDArray[np.int32]:
    """A colour for each number, such that areas side by side differ.

    Greedy, those with most neighbours first; where more than ``colours`` would be needed, the one that fewest
    neighbours have.

    Parameters
    ----------
    numbers : on a grid; negative ones have no colour

    Returns
    -------
    numpy.ndarray
        From 0 to before ``colours``, of each number from 0 to the greatest.
    """
    count = int(numbers.max(initial=-1)) + 1
    pairs = []
    for one, other in ((numbers[:-1], numbers[1:]), (numbers[:, :-1], numbers[:, 1:])):
        differ = (one != other) & (one >= 0) & (other >= 0)
        pairs.append(np.minimum(one[differ], other[differ]) * np.int64(count) + np.maximum(one[differ], other[differ]))
    first, second = np.divmod(np.unique(np.concatenate(pairs)), max(count, 1))
    ends = np.append(first, second), np.append(second, first)
    beside = csr_array((np.ones(len(ends[0]), bool), ends), (count, count))
    found = np.full(count, -1, np.int32)
    for number in np.argsort(-np.diff(beside.indptr), kind="stable"):
        near = found[beside.indices[beside.indptr[number] : beside.indptr[number + 1]]]
        found[number] = np.bincount(near[near >= 0], minlength=colours).argmin()
    return found


def operators_heard(signal: Signal) -> NDArray[np.int8]:
    """How many operators have at least weak signal, on the terrain's grid."""
    return np.asarray(np.bitwise_count(signal.heard), dtype=np.int8)


def towers_heard(signal: Signal, radio: RadioParameters) -> NDArray[np.int8]:
    """How many masts among the best have at least weak signal, on the terrain's grid: sectors share theirs."""
    return np.asarray((signal.levels_dbm >= np.float32(radio.thresholds.weak_dbm)).sum(axis=0, dtype=np.int8))


def classes(rsrp_dbm: NDArray[np.float32], radio: RadioParameters, terrain: Terrain) -> NDArray[np.int8]:
    """Signal class (0 none, 1 weak, 2 strong) on the terrain's grid; -1 where elevation is missing.

    So are signals where it is not known what stands on the ground, which may take them away.
    """
    found = np.full(rsrp_dbm.shape, 0, np.int8)
    found[rsrp_dbm >= np.float32(radio.thresholds.weak_dbm)] = 1
    found[rsrp_dbm >= np.float32(radio.thresholds.strong_dbm)] = 2
    if terrain.known is not None:
        found[~terrain.known] = -1
    if terrain.clutter_known is not None:
        found[~terrain.clutter_known & (found > 0)] = -1
    return found


def rsrp_known(rsrp_dbm: NDArray[np.float32]) -> NDArray[np.float32]:
    """RSRP with NaN beyond every tower, for raster exports."""
    return np.where(rsrp_dbm > NO_SIGNAL, rsrp_dbm, np.float32(np.nan))
