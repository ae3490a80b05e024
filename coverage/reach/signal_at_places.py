"""Signal at places: of land cells, of villages, and beside circles of reach."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.base.errors import CrsError
from coverage.base.schema import SIGNAL_CLASSES
from coverage.land.cells import Land
from coverage.reach import MEMBERS
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radius import reach_by_radius
from coverage.reach.signal import Signal
from coverage.reach.terrain import Terrain

ENDS = ("", "_least", "_most")
"""What the names of shares end in: as computed, and with the signal as weak and as strong as it may be."""
MOST_SAMPLES = 10
"""Most samples along the side of a cell."""


def land_signal(
    land: Land, terrain: Terrain, signal: Signal, parameters: RadioParameters, only: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Signal of every piece of the land, or of some of them.

    Looked up at places spread evenly over the piece's whole cell, as far apart as the terrain's cells.

    Parameters
    ----------
    only : which pieces; all where not given

    Returns
    -------
    pandas.DataFrame
        Indexed like CELLS: ``rsrp_dbm`` (median over the places), ``share_strong``, ``share_weak``,
        ``share_none`` (add up to 1), ``share_elsewhere`` (with signal in the other place than that of the phone,
        indoors for outdoors, by the loss of the best tower's band), ``server`` (row in the asset table of the best
        tower at most places, -1 for none), ``operators`` (how many are heard at half of the places or more); the
        shares once more for each of :data:`ENDS` (``margin.uncertainty_db``). All missing where the terrain does not
        cover the cell's middle, ``server`` -1 and ``operators`` 0 there.
    """
    row, column = _samples(land, terrain, only, MOST_SAMPLES)
    count, bits = len(row), len(signal.operators)
    names = [f"share_{name}{end}" for end in ENDS for name in (*reversed(SIGNAL_CLASSES), "elsewhere")]
    found, rsrp = np.empty((len(names), count)), np.empty(count)
    server, heard = np.empty(count, np.int64), np.zeros((2, count), np.uint64)
    more = [parameters.other_place_db(tower.transmitter.frequency_ghz) for tower in signal.towers]
    unsure = parameters.margin.uncertainty_db
    ends = [parameters.stronger_by(by_db).thresholds for by_db in (0.0, -unsure, unsure)]
    least = np.array([(one.weak_dbm, one.strong_dbm) for one in ends])
    known = np.zeros((0, 0), bool) if terrain.known is None else terrain.known
    added, weak = np.array([*more, 0.0], np.float32), least[:, 0].astype(np.float32)
    given = row, column, known, signal.rsrp_dbm, signal.server, signal.heard
    _look_up(*given, bits, least, weak, added, rsrp, found, server, heard)
    positions = np.array([tower.position for tower in signal.towers] + [-1])
    frame = {"rsrp_dbm": rsrp, **dict(zip(names, found, strict=True)), "server": positions[server], "heard": heard[0]}
    frame["operators"] = heard[1].astype(np.int64)
    return pd.DataFrame(frame, index=land.cells.index if only is None else land.cells.index[only])


@compiled()
def _look_up(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    known: NDArray[np.bool_],
    rsrp_dbm: NDArray[np.float32],
    server: NDArray[np.signedinteger],
    ears: NDArray[np.unsignedinteger],
    bits: int,
    least_dbm: NDArray[np.float64],
    weak_dbm: NDArray[np.float32],
    added_db: NDArray[np.float32],
    rsrp: NDArray[np.float64],
    found: NDArray[np.float64],
    most_common: NDArray[np.int64],
    heard: NDArray[np.uint64],
) -> None:
    """Sum up the samples of each piece, as :func:`land_signal` tells them."""
    side = row.shape[1]
    levels, servers = np.empty(side * side, np.float32), np.empty(side * side, np.int64)
    often, middle, ends = np.empty(bits, np.int64), side // 2, len(least_dbm)
    weak, strong, elsewhere = np.empty(ends, np.int64), np.empty(ends, np.int64), np.empty(ends, np.int64)
    for piece in range(len(row)):
        count, middle_held = 0, False
        often[:], weak[:], strong[:], elsewhere[:] = 0, 0, 0, 0
        for k in range(side * side):
            i, j = row[piece, k // side], column[piece, k % side]
            held = 0 <= i < rsrp_dbm.shape[0] and 0 <= j < rsrp_dbm.shape[1] and (known.size == 0 or known[i, j])
            servers[k] = server[i, j] if held else -1
            if k == middle * side + middle:
                middle_held = held
            if not held:
                continue
            level = rsrp_dbm[i, j]
            for end in range(ends):
                weak[end] += int(level >= least_dbm[end, 0])
                strong[end] += int(level >= least_dbm[end, 1])
                elsewhere[end] += int(level + added_db[servers[k]] >= weak_dbm[end])
            for bit in range(bits):
                often[bit] += int((ears[i, j] >> bit) & 1)
            levels[count] = level
            count += 1
        found[:, piece], rsrp[piece], most_common[piece] = np.nan, np.nan, -1
        if not middle_held:
            continue
        ordered = np.sort(levels[:count])
        rsrp[piece] = (ordered[(count - 1) // 2] + ordered[count // 2]) * np.float32(0.5)
        for end in range(ends):
            found[4 * end, piece], found[4 * end + 1, piece] = strong[end] / count, (weak[end] - strong[end]) / count
            found[4 * end + 2, piece], found[4 * end + 3, piece] = (count - weak[end]) / count, elsewhere[end] / count
        most_common[piece] = _mode(np.sort(servers))
        for bit in range(bits):
            if 2 * often[bit] >= count:
                heard[0, piece] |= np.uint64(1) << np.uint64(bit)
                heard[1, piece] += np.uint64(1)


@compiled()
def _mode(ordered: NDArray[np.int64]) -> int:
    """Most common of ascending numbers; the smallest of several."""
    best, best_count, run = ordered[0], 1, 1
    for k in range(1, ordered.size):
        run = run + 1 if ordered[k] == ordered[k - 1] else 1
        if run > best_count:
            best, best_count = ordered[k], run
    return int(best)


def village_signal(land: Land, cells: pd.DataFrame, by_signal: pd.DataFrame, signal: Signal) -> pd.DataFrame:
    """Signal of every village, by its people.

    Returns
    -------
    pandas.DataFrame
        As :func:`village_shares`, ``operators`` heard by half of the people or more, ``single_operator``, its name
        where there is just one, and ``share_one_operator``, of people in places where just one is heard.
    """
    share = _Shares(land, cells, by_signal)
    frame = share.frame()
    heard, bits = by_signal["heard"].to_numpy(dtype=np.uint64), len(signal.operators)
    often = np.array(
        [share.of(((heard >> np.uint64(bit)) & np.uint64(1)).astype(float)) >= 0.5 for bit in range(bits)]
    ).reshape(bits, len(frame))
    frame["operators"] = often.sum(axis=0)
    frame["share_one_operator"] = share.of(np.where(by_signal["operators"] == 1, 1.0, 0.0))
    frame["single_operator"] = [
        signal.operators[int(column.argmax())] if column.sum() == 1 else None for column in often.T
    ]
    return frame


def village_shares(land: Land, cells: pd.DataFrame, by_signal: pd.DataFrame) -> pd.DataFrame:
    """Shares of the people of every village by signal.

    Parameters
    ----------
    cells : Table CELLS with the people's shares; of a village without people, areas count
    by_signal
        From :func:`land_signal`; ``share_unknown`` and ``share_strong_unknown`` where it is not known everywhere.

    Returns
    -------
    pandas.DataFrame
        Indexed by village position: ``share_strong``, ``share_weak``, ``share_none``, where not known everywhere
        ``share_unknown`` (they add up to 1; of the people whose signal is known where there is no such column;
        missing where it is for none) and ``share_strong_unknown``, and ``share_elsewhere``.
    """
    return _Shares(land, cells, by_signal).frame()


class _Shares:
    """Means of each village's pieces by people."""

    def __init__(self, land: Land, cells: pd.DataFrame, by_signal: pd.DataFrame) -> None:
        village, count = cells["village_position"].to_numpy(), len(land.village_codes)
        known = by_signal["share_none"].notna().to_numpy()
        people = np.bincount(village, cells["people_share"], count)[village] > 0
        self._weight = np.where(people, cells["people_share"], cells["area_m2"]) * known
        total = np.bincount(village, self._weight, count)
        self._by_signal, self._village, self._total = by_signal, village, np.where(total == 0, np.nan, total)

    def frame(self) -> pd.DataFrame:
        """As :func:`village_shares`."""
        names = [f"share_{name}" for name in (*reversed(SIGNAL_CLASSES), "unknown", "strong_unknown", "elsewhere")]
        found = self._by_signal
        told = {name: self.of(found[name].to_numpy(dtype=float)) for name in names if name in found}
        return pd.DataFrame(told, index=range(len(self._total)))

    def of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        part = self._weight * np.nan_to_num(values)
        return np.asarray(np.bincount(self._village, part, len(self._total)) / self._total)


def places_of(
    land: Land, terrain: Terrain, only: NDArray[np.bool_] | None = None, most: int = MOST_SAMPLES
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Rows and columns of terrain cells at the sample points of each piece, and whether the terrain has them.

    No more than ``most`` along a side. The centre is in the middle of each row.
    """
    row, column = _samples(land, terrain, only, most)
    side = row.shape[1]
    row, column = np.repeat(row, side, axis=1), np.tile(column, (1, side))
    covered = terrain.holds(row, column)
    if covered.all():
        return row, column, covered
    return np.where(covered, row, 0), np.where(covered, column, 0), covered


def _samples(
    land: Land, terrain: Terrain, only: NDArray[np.bool_] | None, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows, and columns, of terrain cells at the sample points of each piece, which form a square."""
    if terrain.crs != land.crs:
        raise CrsError("terrain.other_crs", terrain=str(terrain.crs.name), land=str(land.crs.name))
    side = int(np.clip(np.ceil(land.cell_m / terrain.cell_m), 1, most)) | 1
    within = (np.arange(side) + 0.5) / side * land.cell_m
    cells = land.cells if only is None else land.cells[only]
    y = land.y0 + cells["row"].to_numpy()[:, None] * land.cell_m + within
    x = land.x0 + cells["column"].to_numpy()[:, None] * land.cell_m + within
    return terrain.indices(x, y)


def over_circles(
    land: Land,
    assets: gpd.GeoDataFrame,
    service_reach: pd.DataFrame,
    service: str,
    share: NDArray[np.float64],
    replaced: NDArray[np.bool_] | None = None,
    others: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Replace the circles of one service by the shares of a terrain model.

    Parameters
    ----------
    share : share of each piece; NaN where unknown, so that circles count
    replaced : rows of ``service_reach`` that the model replaces; all of the service's by default
    others : what the circles of the other rows come to, where it is known
    """
    of_model = (service_reach["service"] == service).to_numpy() if replaced is None else replaced
    known = ~np.isnan(share)
    others = reach_by_radius(land, assets, service_reach[~of_model]) if others is None else others
    circles = others.copy() if known.all() else reach_by_radius(land, assets, service_reach)
    for column, members in MEMBERS.items():
        if service in members:
            combined = np.maximum(others[column], np.nan_to_num(share))
            circles[column] = np.where(known, combined, circles[column])
    return circles
