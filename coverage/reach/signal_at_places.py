"""Signal at places: of land cells, of villages, and beside circles of reach."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import CrsError
from coverage.base.schema import SIGNAL_CLASSES
from coverage.land.cells import Land
from coverage.reach import MEMBERS
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radius import reach_by_radius
from coverage.reach.signal import Signal
from coverage.reach.terrain import Terrain

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
        tower at most places, -1 for none), ``operators`` (how many are heard at half of the places or more). All
        missing where the terrain does not cover the cell's middle, ``server`` -1 and ``operators`` 0 there.
    """
    row, column, covered = places_of(land, terrain, only)
    rsrp = np.where(covered, signal.rsrp_dbm[row, column], np.float32(np.nan))
    known = covered[:, covered.shape[1] // 2]
    classes = parameters.signal_class(rsrp)
    count = np.maximum(covered.sum(axis=1), 1)
    frame = {"rsrp_dbm": np.full(len(rsrp), np.nan)}
    frame["rsrp_dbm"][known] = np.nanmedian(rsrp[known], axis=1)
    for number, name in reversed(list(enumerate(SIGNAL_CLASSES))):
        frame[f"share_{name}"] = np.where(known, ((classes == number) & covered).sum(axis=1) / count, np.nan)
    positions = np.array([tower.position for tower in signal.towers] + [-1])
    server = np.where(covered, signal.server[row, column], -1)
    more = [parameters.other_place_db(tower.transmitter.frequency_ghz) for tower in signal.towers]
    elsewhere = rsrp + np.array([*more, 0.0], np.float32)[server] >= np.float32(parameters.thresholds.weak_dbm)
    frame["share_elsewhere"] = np.where(known, (elsewhere & covered).sum(axis=1) / count, np.nan)
    frame["server"] = np.where(known, positions[_most_common(server)], -1)
    heard = np.where(covered & known[:, None], signal.heard[row, column], np.uint64(0))
    frame["heard"], frame["operators"] = np.zeros(len(rsrp), np.uint64), np.zeros(len(rsrp), np.int64)
    for bit in range(len(signal.operators)):
        often = 2 * ((heard >> np.uint64(bit)) & np.uint64(1)).astype(np.int64).sum(axis=1) >= count
        frame["heard"] |= often.astype(np.uint64) << np.uint64(bit)
        frame["operators"] += often
    return pd.DataFrame(frame, index=land.cells.index if only is None else land.cells.index[only])


def village_signal(land: Land, cells: pd.DataFrame, by_signal: pd.DataFrame, signal: Signal) -> pd.DataFrame:
    """Signal of every village, by its people.

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
        missing where it is for none) and ``share_strong_unknown``, ``share_elsewhere``, ``operators`` heard by half
        of the people or more, ``single_operator``, its name where there is just one, and ``share_one_operator``, of
        people in places where just one is heard.
    """
    village, count = cells["village_position"].to_numpy(), len(land.village_codes)
    known = by_signal["share_none"].notna().to_numpy()
    people = np.bincount(village, cells["people_share"], count)[village] > 0
    weight = np.where(people, cells["people_share"], cells["area_m2"]) * known
    total = np.bincount(village, weight, count)
    total[total == 0] = np.nan

    def share(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(village, weight * np.nan_to_num(values), count) / total)

    names = [f"share_{name}" for name in (*reversed(SIGNAL_CLASSES), "unknown", "strong_unknown", "elsewhere")]
    frame = pd.DataFrame(
        {name: share(by_signal[name].to_numpy(dtype=float)) for name in names if name in by_signal}, index=range(count)
    )
    heard = by_signal["heard"].to_numpy(dtype=np.uint64)
    often = np.array(
        [share(((heard >> np.uint64(bit)) & np.uint64(1)).astype(float)) >= 0.5 for bit in range(len(signal.operators))]
    ).reshape(len(signal.operators), count)
    frame["operators"] = often.sum(axis=0)
    frame["share_one_operator"] = share(np.where(by_signal["operators"] == 1, 1.0, 0.0))
    frame["single_operator"] = [
        signal.operators[int(column.argmax())] if column.sum() == 1 else None for column in often.T
    ]
    return frame


def places_of(
    land: Land, terrain: Terrain, only: NDArray[np.bool_] | None = None, most: int = MOST_SAMPLES
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Rows and columns of terrain cells at the sample points of each piece, and whether the terrain has them.

    No more than ``most`` along a side. The centre is in the middle of each row.
    """
    if terrain.crs != land.crs:
        raise CrsError("terrain.other_crs", terrain=str(terrain.crs.name), land=str(land.crs.name))
    side = int(np.clip(np.ceil(land.cell_m / terrain.cell_m), 1, most)) | 1
    within = (np.arange(side) + 0.5) / side * land.cell_m
    cells = land.cells if only is None else land.cells[only]
    y = land.y0 + cells["row"].to_numpy()[:, None] * land.cell_m + within
    x = land.x0 + cells["column"].to_numpy()[:, None] * land.cell_m + within
    row, column = terrain.indices(x, y)
    row, column = np.repeat(row, side, axis=1), np.tile(column, (1, side))
    covered = terrain.holds(row, column)
    if covered.all():
        return row, column, covered
    return np.where(covered, row, 0), np.where(covered, column, 0), covered


def _most_common(numbers: NDArray[np.int32]) -> NDArray[np.int64]:
    """Mode of each row of ``numbers``; the smallest of several."""
    ordered = np.sort(numbers, axis=1)
    best, best_count = ordered[:, 0].astype(np.int64), np.ones(len(numbers), dtype=np.int64)
    run = best_count.copy()
    for k in range(1, ordered.shape[1]):
        run = np.where(ordered[:, k] == ordered[:, k - 1], run + 1, 1)
        better = run > best_count
        best, best_count = np.where(better, ordered[:, k], best), np.where(better, run, best_count)
    return best


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
