"""A signal after some towers changed: only what they bear on is put together anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radials import LossStore, Medium, Window, loss_windows
from coverage.reach.signal import (
    BATCH,
    MOST_OPERATORS,
    NO_SIGNAL,
    Signal,
    Tower,
    batched,
    bits_for,
    keep_windows,
    kept_rsrp,
    medium_of,
    numbers_for,
    operator_bits,
)
from coverage.reach.terrain import Terrain

MOST_GONE = 0.1
"""Part of the towers that may be gone for the rest of a signal to be used."""
MOST_NEW = 100
"""Towers that may come: their losses are held at once."""


def with_changes(
    signal: Signal,
    terrain: Terrain,
    towers: Sequence[Tower],
    radio: RadioParameters,
    kept: LossStore | None = None,
    most: int | None = None,
) -> tuple[Signal, NDArray[np.bool_]] | None:
    """A signal with some towers changed: where others are, nothing is computed anew.

    Parameters
    ----------
    towers : all of them; in any place among them new ones, and of those of ``signal`` any not
    most : how many of the best towers are told at every cell; as many as before by default

    Returns
    -------
    tuple or None
        The new signal, equal to that of all towers computed at once (with ``most`` operators of added towers may come
        last); and the cells of the terrain's grid where another tower is among the best or another operator is heard.
        None where too much has changed.
    """
    before, operators = came_from(signal, towers), _operators(signal, towers)
    if before is None or operators is None:
        return None
    stays, gone = before >= 0, np.setdiff1d(np.arange(len(signal.towers)), before)
    if (~stays).sum() > MOST_NEW or (most is None and list(operators) != sorted(operators)):
        return None
    if len(gone) and (kept is None or len(gone) > max(MOST_GONE * len(towers), 1)):
        return None
    number = np.full(len(signal.towers) + 1, -1, numbers_for(towers))  # the last for none
    number[before[stays]] = np.flatnonzero(stays)
    as_before = np.array_equal(number[before[stays]], before[stays])
    changed = replace(
        signal,
        levels_dbm=signal.levels_dbm[:most].copy(),
        servers=signal.servers[:most].astype(number.dtype) if as_before else number[signal.servers[:most]],
        heard=signal.heard.astype(bits_for(operators)),
        towers=tuple(towers),
        operators=operators,
    )
    windows, other = _Windows(terrain, medium_of(radio, terrain), kept), np.zeros(terrain.shape, bool)
    if len(gone):
        _take_away(changed, signal, gone, stays, radio, windows, other)
    new = np.flatnonzero(~stays)
    added = list(zip(new.tolist(), windows.of([changed.towers[k] for k in new]), strict=True))
    keep_windows(changed, added, radio.thresholds.weak_dbm)
    for own, window in added:
        span = window.within(terrain.shape)
        other[span] |= changed.heard[span] != signal.heard[span]
        for servers in changed.servers:
            other[span] |= servers[span] == own
    return changed, other


def came_from(signal: Signal, towers: Sequence[Tower]) -> NDArray[np.int64] | None:
    """Number that each of some towers has in a signal, -1 for a new one; None where order or masts are others."""
    numbers: dict[Tower, list[int]] = {}
    for number, tower in reversed(list(enumerate(signal.towers))):
        numbers.setdefault(replace(tower, position=0, mast=None), []).append(number)
    same = [numbers.get(replace(tower, position=0, mast=None)) for tower in towers]
    found = np.array([one.pop() if one else -1 for one in same], np.int64)
    stays = found >= 0
    masts = np.array([one.position if one.mast is None else one.mast for one in towers], np.int64)[stays]
    before = signal.masts[found[stays]]
    pairs = len(set(zip(masts.tolist(), before.tolist(), strict=True)))
    apart = pairs == len(np.unique(masts)) == len(np.unique(before))
    return found if apart and (np.diff(found[stays]) > 0).all() else None


def _operators(signal: Signal, towers: Sequence[Tower]) -> tuple[str, ...] | None:
    """Operators of some towers in the order of a signal, new ones last; None where one of the signal's is gone."""
    heard = {name for tower in towers for name in tower.operators}
    if not heard.issuperset(signal.operators):
        return None
    return (*signal.operators, *sorted(heard - set(signal.operators)))[:MOST_OPERATORS]


@dataclass(frozen=True)
class _Windows:
    """Where losses come from."""

    terrain: Terrain
    medium: Medium
    kept: LossStore | None

    def of(self, towers: Sequence[Tower]) -> Iterator[Window]:
        """Windows of some towers."""
        return loss_windows(self.terrain, [one.transmitter for one in towers], self.medium, self.kept)

    def reach(self, towers: Sequence[Tower], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which towers may reach any of some cells."""
        near, reach = np.full(len(towers), len(rows) > 0), self.medium.reach_m / self.terrain.cell_m + 1
        for at, own in zip(self.terrain.indices(*_places(towers)), (rows, columns), strict=True):
            if len(own):
                near &= (at >= own.min() - reach) & (at <= own.max() + reach)
        return near


def _places(towers: Sequence[Tower]) -> NDArray[np.float64]:
    return np.array([(one.transmitter.x, one.transmitter.y) for one in towers]).reshape(-1, 2).T


def _take_away(
    changed: Signal,
    signal: Signal,
    gone: NDArray[np.int64],
    stays: NDArray[np.bool_],
    radio: RadioParameters,
    windows: _Windows,
    other: NDArray[np.bool_],
) -> None:
    """Take towers that are gone out of a signal, and mark the cells where that changed who serves or is heard.

    Where one was among the best, all that stay are put together anew. Where it was only heard, its operators are still
    heard where another of them is among the best; else theirs are asked, the nearest first, until one is.
    """
    weak_dbm = np.float32(radio.thresholds.weak_dbm)
    senders, left = [signal.towers[k] for k in gone], np.flatnonzero(stays)
    bits_of = np.array([operator_bits(signal, one) for one in signal.towers], signal.heard.dtype)
    staying = bits_of.copy()
    staying[gone] = 0
    doubt, spans = np.zeros(other.shape, signal.heard.dtype), []
    for number, tower, window in zip(gone, senders, windows.of(senders), strict=True):
        spans.append(window.within(other.shape))
        weak, best = kept_rsrp(tower) >= weak_dbm, len(changed.servers)
        own = (window.steps, window.row, window.column, weak, int(number), bits_of[number])
        _leave(*own, staying, weak_dbm, signal.levels_dbm, signal.servers, best, other, doubt)
    rows, columns = other.nonzero()
    changed.levels_dbm[:, rows, columns], changed.servers[:, rows, columns] = NO_SIGNAL, -1
    changed.heard[rows, columns], doubt[rows, columns] = 0, 0
    only = np.searchsorted(rows, np.arange(len(other) + 1)), columns
    around = left[windows.reach([changed.towers[k] for k in left], rows, columns)]
    found = zip(around.tolist(), windows.of([changed.towers[k] for k in around]), strict=True)
    for batch in batched(found, BATCH):
        keep_windows(changed, batch, radio.thresholds.weak_dbm, only=only)
    _hear_again(changed, [changed.towers[k] for k in left], senders[0], weak_dbm, windows, doubt)
    for span in spans:
        other[span] |= changed.heard[span] != signal.heard[span]


def _hear_again(
    changed: Signal,
    towers: Sequence[Tower],
    around: Tower,
    weak_dbm: np.float32,
    windows: _Windows,
    doubt: NDArray[np.unsignedinteger],
) -> None:
    """Tell of cells whether operators of which it is in doubt are heard from any of some towers."""
    rows, columns = (doubt != 0).nonzero()
    asked = doubt[rows, columns]
    changed.heard[rows, columns] &= ~asked
    bits = np.array([operator_bits(changed, one) for one in towers], changed.heard.dtype)
    apart = np.hypot(*(_places(towers) - _places([around])))
    ask = ((bits & np.bitwise_or.reduce(asked)) > 0) & windows.reach(towers, rows, columns)
    order = [k for k in np.argsort(apart, kind="stable").tolist() if ask[k]]
    count = len(rows)
    for k, window in zip(order, windows.of([towers[k] for k in order]), strict=True):
        weak, place = kept_rsrp(towers[k]) >= weak_dbm, (window.row, window.column)
        count = _hear(window.steps, *place, weak, bits[k], rows[:count], columns[:count], asked, changed.heard)
        if not count:
            break


@compiled()
def _leave(
    loss: NDArray[np.uint8],
    row: int,
    column: int,
    weak: NDArray[np.bool_],
    number: int,
    bits: np.unsignedinteger,
    staying: NDArray[np.unsignedinteger],
    weak_dbm: np.float32,
    levels: NDArray[np.float32],
    servers: NDArray[np.signedinteger],
    best: int,
    lost: NDArray[np.bool_],
    doubt: NDArray[np.unsignedinteger],
) -> None:
    """Mark the cells of a window whose ``best`` towers hold tower ``number``, and elsewhere the operators that none
    but it may be heard from; ``staying`` has the bits of all towers that stay."""
    for i in range(max(0, row), min(lost.shape[0], row + loss.shape[0])):
        for j in range(max(0, column), min(lost.shape[1], column + loss.shape[1])):
            unsure = bits if weak[loss[i - row, j - column]] else bits ^ bits
            for k in range(len(servers)):
                server = servers[k, i, j]
                if server == number and k < best:
                    lost[i, j] = True
                elif server >= 0 and levels[k, i, j] >= weak_dbm:
                    unsure &= ~staying[server]
            doubt[i, j] |= unsure


@compiled()
def _hear(
    loss: NDArray[np.uint8],
    row: int,
    column: int,
    weak: NDArray[np.bool_],
    bits: np.unsignedinteger,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    asked: NDArray[np.unsignedinteger],
    heard: NDArray[np.unsignedinteger],
) -> int:
    """Add the operators that are heard from a tower to cells that ask for them; keep those that still ask, in place."""
    count = 0
    for n in range(len(rows)):
        i, j, left = rows[n] - row, columns[n] - column, asked[n]
        if 0 <= i < loss.shape[0] and 0 <= j < loss.shape[1] and weak[loss[i, j]]:
            heard[rows[n], columns[n]] |= bits & left
            left &= ~bits
        if left:
            rows[count], columns[count], asked[count] = rows[n], columns[n], left
            count += 1
    return count
