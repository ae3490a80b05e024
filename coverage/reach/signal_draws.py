"""Shares in reach of the signal when what is not known of it is drawn, many times.

A draw adds to the predicted signal one error for the whole region, one for each tower, and one for each square of land:
what the model does not know of the square, and the spread over places of Recommendation ITU-R P.1812-6, section 4.8,
between squares of the width that the margin is for and of that square. A part of a square's error is that of all masts,
a part each mast's own [1]_. Errors hang on places alone, not on the order of towers or on where the region ends.

References
----------
.. [1] SEAMCAT Handbook, section 9.11, Pathloss Correlation: the sum of a common and an independent variable.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.base.schema import CONNECTION
from coverage.land.cells import Land
from coverage.land.scanlines import Floats
from coverage.reach.link_budget import RadioParameters
from coverage.reach.p1812 import inverse_normal, location_sigma_db
from coverage.reach.radials import thread_count
from coverage.reach.signal import Signal
from coverage.reach.signal_at_places import places_of
from coverage.reach.terrain import Terrain

Floats32 = NDArray[np.float32]
SAMPLES = 3
"""Most samples along the side of a cell."""
NORMALS = 1 << 16
"""Length of the table of normal numbers."""
BITS = np.uint64(64 - 16)
"""By how much a scattered number is shifted for a place in that table."""
BEYOND = 4.5
"""Standard deviations beyond which a place is decided without drawing."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Shares of the people of each group, by group and draw.

    Attributes
    ----------
    cellular, strong, connection
        In reach of a signal, of a strong one, and of any connection: sums of weights, shape (groups, draws).
    others : shares of each piece that the signal does not stand for: cellular, and any connection
    most_db : how far from a threshold a signal may be for draws to matter
    """

    cellular: Floats
    strong: Floats
    connection: Floats
    others: Floats32
    most_db: float


def drawn_shares(
    land: Land,
    terrain: Terrain,
    signal: Signal,
    others: pd.DataFrame,
    radio: RadioParameters,
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    groups: int,
    before: Draws | None = None,
    anew: NDArray[np.bool_] | None = None,
) -> Draws:
    """Draw what is not known of the signal, and add up who is in reach.

    Parameters
    ----------
    others
        Table REACH of all that the signal does not stand for, or that stands where the terrain has no height.
    weight, group : weight of each piece of land, and the group it counts for (-1 for none)
    groups : number of groups
    before, anew
        Earlier draws for the same pieces, weights, groups and parameters, and the pieces whose signal has changed
        since: groups without any of these are not drawn again.

    Returns
    -------
    Draws
        The same for the same inputs.
    """
    unsure = radio.uncertainty
    order = np.argsort(group, kind="stable")
    order = order[(group[order] >= 0) & (weight[order] > 0)]
    shares = others[["cellular", CONNECTION]].to_numpy(dtype=np.float32).T
    most_db = _most_db(signal, radio)
    found = np.zeros((3, groups, unsure.draws))
    if before is not None and anew is not None and before.most_db == most_db:
        changed = (anew | (before.others != shares).any(axis=0))[order]
        again = np.bincount(group[order], changed, groups) > 0
        found[:] = before.cellular, before.strong, before.connection
        found[:, again] = 0.0
        order = order[again[group[order]]]
    ends = np.searchsorted(group[order], np.arange(groups + 1))
    chosen = np.zeros(len(group), bool)
    chosen[order] = True
    place = np.cumsum(chosen) - 1
    row, column, covered = places_of(land, terrain, chosen, SAMPLES)
    covered &= covered[:, covered.shape[1] // 2, None]  # as for the shares themselves
    x, y = (axis[order] for axis in land.centres)
    rng = np.random.default_rng(unsure.seed)
    normal = rng.standard_normal(NORMALS).astype(np.float32)
    normal = (normal - normal.mean()) / normal.std()
    stretches = np.concatenate([normal, normal[: unsure.draws]])
    weak, strong = radio.thresholds.weak_dbm, radio.thresholds.strong_dbm
    given: tuple[Any, ...] = (
        row[place[order]],
        column[place[order]],
        covered[place[order]],
        _blocks(x, y, unsure.place_m),
        _blocks(x, y, land.cell_m),
        weight[order].astype(np.float32),
        shares[0, order],
        shares[1, order],
        signal.levels_dbm,
        signal.servers,
        (unsure.common_db * _evenly_drawn(unsure.draws, rng)).astype(np.float32),
        _tower_errors(signal, unsure.draws, normal),
        _mast_keys(signal),
        stretches,
        np.array([unsure.place_db, _within_db(radio)], np.float32)
        * np.sqrt([[unsure.mast_correlation], [1 - unsure.mast_correlation]], dtype=np.float32),
        np.array([weak - most_db, strong + most_db, weak, strong], np.float32),
    )
    threads = thread_count()
    cuts = np.searchsorted(ends, np.linspace(0, len(order), threads * 8 + 1)[1:-1])
    cuts = np.unique(np.concatenate([[0], cuts, [groups]]))
    with ThreadPoolExecutor(threads) as pool:
        tasks = [pool.submit(partial(_draw, first, last, found, ends, *given)) for first, last in pairwise(cuts)]
        for task in tasks:
            task.result()
    return Draws(found[0], found[1], found[2], shares, most_db)


def _within_db(radio: RadioParameters) -> float:
    """Spread between squares of the width that the margin is for, within those of one error."""
    frequency = radio.technology_of(None).frequency_mhz / 1000
    phone, margin = radio.phone.height_m, radio.margin
    wide, narrow = (
        location_sigma_db(frequency, phone, margin.clutter_m, width)
        for width in (radio.uncertainty.place_m, margin.width_m)
    )
    return float(np.sqrt(max(wide**2 - narrow**2, 0.0)))


def _most_db(signal: Signal, radio: RadioParameters) -> float:
    """How far from a threshold a signal may be for draws to matter."""
    unsure, widest = radio.uncertainty, max((one.spread_db for one in signal.towers), default=0.0)
    return float(BEYOND * np.hypot.reduce((unsure.common_db, unsure.place_db, _within_db(radio), widest)))


def _evenly_drawn(count: int, rng: np.random.Generator) -> Floats:
    """Normal numbers, one from each of equally likely intervals, in any order."""
    return np.array([inverse_normal(1 - part) for part in (rng.permutation(count) + 0.5) / count])


def _tower_errors(signal: Signal, draws: int, normal: Floats32) -> Floats32:
    """Error of each tower by draw, shape (towers, draws); those of one mast and direction share theirs."""
    azimuths = [one.transmitter.azimuth_deg for one in signal.towers]
    facing = np.array([-1 if azimuth is None else round(azimuth) for azimuth in azimuths], np.int64)
    spread = np.array([one.spread_db for one in signal.towers], np.float32)
    key = _scattered(_mast_numbers(signal) + facing)
    step: NDArray[np.uint64] = np.arange(draws, dtype=np.uint64)
    at = _scattered(np.asarray(key[:, None] + step, dtype=np.uint64)) % np.uint64(NORMALS)
    return np.asarray(spread[:, None] * normal[at], dtype=np.float32)


def _mast_keys(signal: Signal) -> NDArray[np.uint64]:
    """One of each tower's mast, scattered apart from those of :func:`_tower_errors`."""
    return _scattered(~_mast_numbers(signal))


def _mast_numbers(signal: Signal) -> NDArray[np.int64]:
    x, y = (
        np.array([getattr(one.transmitter, axis) for one in signal.towers]).round().astype(np.int64) for axis in "xy"
    )
    return np.asarray(x * 1_000_003 + y * 7919, dtype=np.int64)


def _blocks(x: NDArray[np.float64], y: NDArray[np.float64], side_m: float) -> NDArray[np.uint64]:
    """Number of the square of a fixed grid that each place lies in, scattered."""
    east, north = (np.floor(axis / side_m).astype(np.int64) for axis in (x, y))
    return _scattered(east * 73_856_093 + north * 19_349_663 + int(side_m))


def _scattered(number: NDArray[np.int64] | NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Well-mixed 64-bit numbers [1]_.

    References
    ----------
    .. [1] Steele, Lea and Flood (2014). Fast splittable pseudorandom number generators. OOPSLA.
    """
    z = number.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


@compiled()
def _draw(
    first: int,
    last: int,
    found: Floats,
    ends: NDArray[np.int64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    covered: NDArray[np.bool_],
    block: NDArray[np.uint64],
    cell: NDArray[np.uint64],
    weight: Floats32,
    other_cellular: Floats32,
    other_connection: Floats32,
    levels: Floats32,
    servers: NDArray[np.signedinteger],
    common: Floats32,
    tower: Floats32,
    mast: NDArray[np.uint64],
    normal: Floats32,
    spread_db: Floats32,
    ends_dbm: Floats32,
) -> None:
    """Add up the pieces of groups ``first`` to ``last``; ``levels`` and ``servers`` are of the best towers first.

    ``spread_db``: of the error that all masts share and of each mast's own, in rows, by the two squares of a piece.
    ``ends_dbm``: below the first a place never has signal, from the second on always a strong one; weak; strong.
    """
    draws = len(common)
    shared, heard = np.empty(draws, np.float32), np.empty((2, draws), np.float32)
    drawn = np.empty(row.shape[1] * len(levels), servers.dtype)
    error = np.empty((len(drawn), draws), np.float32)
    level = np.empty((row.shape[1], len(levels)), np.float32)
    server = np.empty(level.shape, servers.dtype)
    for group in range(first, last):
        for piece in range(ends[group], ends[group + 1]):
            heard[:], count = 0, 0
            for k in range(row.shape[1]):
                i, j = row[piece, k], column[piece, k]
                if covered[piece, k]:
                    level[count], server[count] = levels[:, i, j], servers[:, i, j]
                    count += 1
            masts = needed(level[:count], server[:count], ends_dbm, drawn)
            if masts:
                shared[:] = common
                add_errors(block[piece], cell[piece], normal, spread_db[0], shared)
            for n in range(masts):
                error[n] = shared + tower[drawn[n]]
                own = mast[drawn[n]]
                add_errors(block[piece] ^ own, cell[piece] ^ own, normal, spread_db[1], error[n])
            for k in range(count):
                draw_place(level[k], server[k], drawn, error, ends_dbm, heard)
            share = weight[piece] / np.float32(max(count, 1))
            for d in range(draws):
                found[0, group, d] += max(heard[0, d] * share, other_cellular[piece] * weight[piece])
                found[1, group, d] += heard[1, d] * share
                found[2, group, d] += max(heard[0, d] * share, other_connection[piece] * weight[piece])


@compiled()
def needed(
    level: Floats32, server: NDArray[np.signedinteger], ends_dbm: Floats32, drawn: NDArray[np.signedinteger]
) -> int:
    """Collect the towers whose error decides at any of some places; how many there are."""
    count = 0
    for k in range(len(level)):
        if level[k, 0] >= ends_dbm[1]:
            continue
        for n in range(level.shape[1]):
            if server[k, n] < 0 or level[k, n] < ends_dbm[0]:
                break
            if not (drawn[:count] == server[k, n]).any():
                drawn[count] = server[k, n]
                count += 1
    return count


@compiled()
def add_errors(block: np.uint64, cell: np.uint64, normal: Floats32, spread_db: Floats32, error: Floats32) -> None:
    """Add the errors of the two squares of a piece of land: stretches of the table, each from a place of its own."""
    wide = normal[(block * np.uint64(0xBF58476D1CE4E5B9)) >> BITS :]
    narrow = normal[(cell * np.uint64(0x94D049BB133111EB)) >> BITS :]
    for d in range(len(error)):
        error[d] += spread_db[0] * wide[d] + spread_db[1] * narrow[d]


@compiled()
def draw_place(
    level: Floats32,
    server: NDArray[np.signedinteger],
    drawn: NDArray[np.signedinteger],
    error: Floats32,
    ends_dbm: Floats32,
    heard: Floats32,
) -> None:
    """Count the draws in which one place has weak or strong signal from its best towers, three at most.

    ``error``: of the towers ``drawn``. One loop over rows of their own, which goes through vector units.
    """
    if level[0] >= ends_dbm[1]:
        heard += np.float32(1)
    if level[0] >= ends_dbm[1] or level[0] < ends_dbm[0]:
        return
    count, absent = 0, np.float32(-np.inf)
    at = np.zeros(len(level), np.int64)
    while count < len(level) and server[count] >= 0 and level[count] >= ends_dbm[0]:
        while drawn[at[count]] != server[count]:
            at[count] += 1
        count += 1
    first, own, weak, often = level[0], error[at[0]], heard[0], heard[1]
    second, other = (level[1], error[at[1]]) if count > 1 else (absent, own)
    third, another = (level[2], error[at[2]]) if count > 2 else (absent, own)
    for d in range(len(own)):
        best = max(first + own[d], second + other[d], third + another[d])
        weak[d] += np.float32(best >= ends_dbm[2])
        often[d] += np.float32(best >= ends_dbm[3])
