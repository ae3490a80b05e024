"""Shares in reach of the signal when what is not known of it is drawn, many times.

A draw adds to the predicted signal one error for the whole region, one for each tower, and one for each square of land:
what the model does not know of the square, and the spread over places of Recommendation ITU-R P.1812-6, section 4.8,
between squares of the width that the margin is for and of that square. Errors hang on places alone, not on the order of
towers or on where the region ends.
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
        normal,
        np.array([unsure.place_db, _within_db(radio)], np.float32),
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
    masts = [one.transmitter for one in signal.towers]
    x = np.array([mast.x for mast in masts]).round().astype(np.int64)
    y = np.array([mast.y for mast in masts]).round().astype(np.int64)
    facing = np.array([-1 if mast.azimuth_deg is None else round(mast.azimuth_deg) for mast in masts], np.int64)
    spread = np.array([one.spread_db for one in signal.towers], np.float32)
    key = _scattered(np.asarray(x * 1_000_003 + y * 7919 + facing, dtype=np.int64))
    step: NDArray[np.uint64] = np.arange(draws, dtype=np.uint64)
    at = _scattered(np.asarray(key[:, None] + step, dtype=np.uint64)) % np.uint64(NORMALS)
    return np.asarray(spread[:, None] * normal[at], dtype=np.float32)


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
    normal: Floats32,
    spread_db: Floats32,
    ends_dbm: Floats32,
) -> None:
    """Add up the pieces of groups ``first`` to ``last``; ``levels`` and ``servers`` are of the best towers first.

    ``ends_dbm``: below the first a place never has signal, from the second on always a strong one; weak; strong.
    """
    draws = len(common)
    error, heard = np.empty(draws, np.float32), np.empty((2, draws), np.float32)
    for group in range(first, last):
        for piece in range(ends[group], ends[group + 1]):
            heard[:], drawn = 0, False
            for k in range(row.shape[1]):
                if not covered[piece, k]:
                    continue
                i, j = row[piece, k], column[piece, k]
                if levels[0, i, j] >= ends_dbm[1]:
                    heard += np.float32(1)
                elif levels[0, i, j] >= ends_dbm[0]:
                    if not drawn:
                        draw_errors(block[piece], cell[piece], common, normal, spread_db, error)
                        drawn = True
                    draw_place(levels[:, i, j], servers[:, i, j], tower, error, ends_dbm, heard)
            share = weight[piece] / np.float32(max(covered[piece].sum(), 1))
            for d in range(draws):
                found[0, group, d] += max(heard[0, d] * share, other_cellular[piece] * weight[piece])
                found[1, group, d] += heard[1, d] * share
                found[2, group, d] += max(heard[0, d] * share, other_connection[piece] * weight[piece])


@compiled()
def draw_errors(
    block: np.uint64, cell: np.uint64, common: Floats32, normal: Floats32, spread_db: Floats32, error: Floats32
) -> None:
    """Draw the error of one piece of land, by its two squares."""
    mask = np.uint64(len(normal) - 1)
    for d in range(len(common)):
        step = np.uint64(d) * np.uint64(0x9E3779B97F4A7C15)
        a = ((block + step) * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(40)
        b = ((cell + step) * np.uint64(0x94D049BB133111EB)) >> np.uint64(40)
        error[d] = common[d] + spread_db[0] * normal[a & mask] + spread_db[1] * normal[b & mask]


@compiled()
def draw_place(
    level: Floats32,
    server: NDArray[np.signedinteger],
    tower: Floats32,
    error: Floats32,
    ends_dbm: Floats32,
    heard: Floats32,
) -> None:
    """Count the draws in which one place has weak or strong signal from its best towers, three at most.

    One loop over rows of their own, which goes through vector units.
    """
    count, absent = 0, np.float32(-np.inf)
    while count < len(level) and server[count] >= 0 and level[count] >= ends_dbm[0]:
        count += 1
    first, own, weak, often = level[0], tower[server[0]], heard[0], heard[1]
    second, other = (level[1], tower[server[1]]) if count > 1 else (absent, own)
    third, another = (level[2], tower[server[2]]) if count > 2 else (absent, own)
    for d in range(len(error)):
        best = max(first + own[d], second + other[d], third + another[d]) + error[d]
        weak[d] += np.float32(best >= ends_dbm[2])
        often[d] += np.float32(best >= ends_dbm[3])
