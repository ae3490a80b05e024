"""Signal map: best server, operators, and reach by signal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.compiled import compiled
from coverage.base.errors import CrsError, SchemaError
from coverage.base.kinds import AssetKind
from coverage.base.schema import SIGNAL_CLASSES
from coverage.land.cells import Land
from coverage.reach import MEMBERS
from coverage.reach.assets import SECTOR
from coverage.reach.link_budget import RadioParameters
from coverage.reach.masts import mast_of
from coverage.reach.radials import LossStore, Medium, Transmitter, Window, kept_levels, loss_windows, thread_count
from coverage.reach.radius import reach_by_radius
from coverage.reach.terrain import GROUND_KINDS, Terrain

Item = TypeVar("Item")
SignalProgress = Callable[[float, "Signal"], None]
NO_SIGNAL = np.float32(-200.0)
"""RSRP in dBm beyond every tower."""
MOST_OPERATORS = 63
KEPT = 3
"""Towers kept at every cell."""
BATCH, BAND = 4, 256
"""Towers, and rows of the map, combined at a time."""
_OF_SECTOR = ("azimuth_deg", *SECTOR)
ASSUMED = ("height_m", "band_mhz", "eirp_dbm", "azimuth_deg")
"""Columns of ASSETS in whose place a default counts where a list tells nothing."""
MOST_SAMPLES = 10
"""Most samples along the side of a cell."""


@dataclass(frozen=True)
class Tower:
    """An antenna of an asset.

    Attributes
    ----------
    position : row of the asset in its table
    operators : operators heard from it; empty where not known
    transmitter : place, height, frequency and sector
    without_loss_dbm : RSRP at zero path loss
    spread_db : standard deviation of what is not known of it
    technology : name of its technology in the parameters
    mast : row of the first asset on its mast (:func:`coverage.reach.masts.mast_of`); its own by default
    """

    position: int
    operators: tuple[str, ...]
    transmitter: Transmitter
    without_loss_dbm: float
    spread_db: float = 0.0
    mast: int | None = None
    technology: str = ""


@dataclass(frozen=True, eq=False)
class Signal:
    """Signal on the terrain's grid.

    Attributes
    ----------
    levels_dbm, servers
        RSRP of the best towers and their numbers, the best first, shape (1 or more, rows, columns), of each mast its
        best; :data:`NO_SIGNAL` and -1 where no further one is within reach.
    heard : which operators have at least weak signal: bit 0 is the first of ``operators``; of as few bytes as will do
    towers, operators : the towers in the order of their numbers; operators by name
    """

    levels_dbm: NDArray[np.float32]
    servers: NDArray[np.int32]
    heard: NDArray[np.unsignedinteger]
    towers: tuple[Tower, ...]
    operators: tuple[str, ...]

    @property
    def masts(self) -> NDArray[np.int32]:
        """Number of the mast of each tower."""
        return np.array([one.position if one.mast is None else one.mast for one in self.towers], np.int32)

    @property
    def rsrp_dbm(self) -> NDArray[np.float32]:
        """RSRP of the best tower."""
        return np.asarray(self.levels_dbm[0])

    @property
    def server(self) -> NDArray[np.int32]:
        """Number of the best tower."""
        return np.asarray(self.servers[0])


def towers_of(
    assets: gpd.GeoDataFrame,
    positions: Sequence[int],
    kinds: dict[str, AssetKind],
    parameters: RadioParameters,
    terrain: Terrain,
) -> list[Tower]:
    """Make towers of assets.

    An asset's own height, band, power, tilt and pattern count, else the default of its kind and of the default
    technology; ``azimuth_deg`` where given, else omnidirectional. A row is a sector, a service or a whole mast.

    Parameters
    ----------
    positions : rows of transmitting assets, points (else SchemaError); those outside the terrain are left out
    """
    chosen = assets.iloc[list(positions)]
    points = chosen.to_crs(terrain.crs).geometry.to_numpy() if len(chosen) else np.array([], dtype=object)
    if (shapely.get_type_id(points) != 0).any():
        raise SchemaError(
            "reach.not_a_point", rows=[positions[k] for k in np.flatnonzero(shapely.get_type_id(points) != 0)[:5]]
        )
    x, y = shapely.get_x(points), shapely.get_y(points)
    column = {name: chosen[name].tolist() for name in ("kind", "band_mhz", "height_m", "operator")}
    column |= {name: chosen[name].tolist() if name in chosen else [None] * len(chosen) for name in _OF_SECTOR}
    towers, masts = [], mast_of(assets, kinds, counted=False)
    for k in np.flatnonzero(terrain.holds(*terrain.indices(x, y))):
        kind, band = str(column["kind"][k]), _number(column["band_mhz"][k])
        technology = parameters.technology_of(band, _text(column["technology"][k]))
        antenna = parameters.antenna_of(_number(column["tilt_deg"][k]), _text(column["antenna"][k]))
        measured = None if antenna is None else antenna.measured
        listed = _number(column["height_m"][k])
        height = listed or (kinds[kind].height_m if kind in kinds else None) or 1.0
        unsure = parameters.uncertainty
        spread = (
            unsure.tower_db,
            0.0 if listed else unsure.unknown_height_db,
            0.0 if technology.holds(band) else unsure.unknown_band_db,
        )
        towers.append(
            Tower(
                positions[int(k)],
                operators_of(column["operator"][k]),
                Transmitter(
                    float(x[k]),
                    float(y[k]),
                    max(height, 1.0),
                    technology.frequency_mhz / 1000,
                    _number(column["azimuth_deg"][k]),
                    parameters.sector.beamwidth_deg,
                    parameters.sector.front_to_back_db,
                    antenna,
                ),
                parameters.without_loss_dbm(
                    technology,
                    kind in kinds and kinds[kind].small_cell,
                    _number(column["eirp_dbm"][k]),
                    None if measured is None else measured.gain_dbi,
                )
                + _own_offset(operators_of(column["operator"][k]), parameters.margin.calibration_by_operator),
                float(np.hypot.reduce(spread)),
                int(masts[positions[int(k)]]),
                technology.name,
            )
        )
    return towers


def assumed(assets: pd.DataFrame, radio: RadioParameters) -> pd.DataFrame:
    """Tell of each asset which of :data:`ASSUMED` its list does not tell; a band of no technology is none."""
    made = pd.DataFrame({name: assets[name].isna() if name in assets else True for name in ASSUMED}, assets.index)
    bands = assets["band_mhz"].map(_number) if "band_mhz" in assets else pd.Series(None, assets.index)
    return made.assign(band_mhz=[not any(one.holds(band) for one in radio.technologies) for band in bands])


def _own_offset(operators: Sequence[str], measured: Mapping[str, float]) -> float:
    """Measured offset of a mast's operators in dB: the mean of those that have one."""
    known = {name.casefold(): offset for name, offset in measured.items()}
    own = [known[name.casefold()] for name in operators if name.casefold() in known]
    return float(np.mean(own)) if own else 0.0


def operators_of(value: object) -> tuple[str, ...]:
    """Operators of one asset, separated by a comma, semicolon, slash or plus."""
    names = re.split(r"[,;/+]", value) if isinstance(value, str) else []
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def medium_of(parameters: RadioParameters, terrain: Terrain) -> Medium:
    """Air and receiver at the latitude of the terrain's centre."""
    rows, columns = terrain.shape
    middle = shapely.Point(terrain.x0 + columns * terrain.cell_m / 2, terrain.y0 + rows * terrain.cell_m / 2)
    latitude = gpd.GeoSeries([middle], crs=terrain.crs).to_crs("EPSG:4326").y.iloc[0]
    return Medium(
        parameters.air.reach_m,
        parameters.phone.height_m,
        round(float(latitude), 1),
        parameters.air.delta_n,
        parameters.air.n0,
        parameters.clutter.gap_m,
        tuple(parameters.margin.calibration_by_ground.get(name, 0.0) for name in GROUND_KINDS),
    )


def signal_map(
    terrain: Terrain,
    towers: Sequence[Tower],
    parameters: RadioParameters,
    store: LossStore | None = None,
    threads: int | None = None,
    progress: SignalProgress | None = None,
) -> Signal:
    """Best server for every cell of the terrain.

    Parameters
    ----------
    store : cache of each tower's losses
    threads : as for :func:`coverage.reach.radials.loss_windows`
    progress
        Called with the part of the towers that are done, and the signal of these: it goes on being filled. Towers far
        from those done come first, so that a picture soon covers the land.
    """
    operators = tuple(sorted({name for tower in towers for name in tower.operators}))[:MOST_OPERATORS]
    signal = Signal(
        np.full((KEPT, *terrain.shape), NO_SIGNAL, np.float32),
        np.full((KEPT, *terrain.shape), -1, np.int32),
        np.zeros(terrain.shape, bits_for(operators)),
        tuple(towers),
        operators,
    )
    order, done = spread_out(towers), 0
    senders = [towers[k].transmitter for k in order]
    windows = loss_windows(terrain, senders, medium_of(parameters, terrain), store, threads)
    for batch in batched(zip(order, windows, strict=True), BATCH):
        keep_windows(signal, batch, parameters.thresholds.weak_dbm, threads)
        done += len(batch)
        if progress:
            progress(done / len(towers), signal)
    return signal


def spread_out(towers: Sequence[Tower]) -> list[int]:
    """Numbers of the towers, each as far as can be from those before it."""
    at = np.array([(tower.transmitter.x, tower.transmitter.y) for tower in towers]).reshape(-1, 2)
    apart, order = np.full(len(at), np.inf), []
    for _ in range(len(at)):
        order.append(int(apart.argmax()))
        apart = np.minimum(apart, np.hypot(*(at - at[order[-1]]).T))
        apart[order[-1]] = -1.0
    return order


def bits_for(operators: Sequence[str]) -> np.dtype[np.unsignedinteger]:
    """Smallest unsigned type with a bit per operator."""
    return np.min_scalar_type((1 << max(len(operators), 1)) - 1)


def keep_windows(
    signal: Signal, numbered: list[tuple[int, Window]], weak_dbm: float, threads: int | None = None
) -> None:
    """Combine windows into the map by maximum, with tower numbers."""
    rows, masts = len(signal.rsrp_dbm), signal.masts
    masts = masts if len(np.unique(masts)) < len(masts) else masts[:0]
    with ThreadPoolExecutor(threads or thread_count()) as pool:
        tasks = [
            pool.submit(_keep_best, signal, masts, numbered, weak_dbm, band, band + BAND)
            for band in range(0, rows, BAND)
        ]
        for task in tasks:
            task.result()


def batched(items: Iterable[Item], count: int) -> Iterator[list[Item]]:
    """Items in batches of ``count``."""
    rest = iter(items)
    while batch := list(islice(rest, count)):
        yield batch


def _keep_best(
    signal: Signal, masts: NDArray[np.int32], batch: list[tuple[int, Window]], weak_dbm: float, first: int, last: int
) -> None:
    """Combine windows into some rows of the map."""
    for number, window in batch:
        tower = signal.towers[number]
        bits = sum(1 << signal.operators.index(name) for name in tower.operators if name in signal.operators)
        rsrp = np.float32(tower.without_loss_dbm) - kept_levels()
        rsrp[0] = -np.inf
        keep_best(
            window.kept().loss.astype(np.uint8, copy=False),
            window.row,
            window.column,
            rsrp,
            np.int32(number),
            signal.heard.dtype.type(bits),
            np.float32(weak_dbm),
            first,
            last,
            signal.levels_dbm,
            signal.servers,
            signal.heard,
            masts,
        )


@compiled()
def keep_best(
    loss: NDArray[np.uint8],
    row: int,
    column: int,
    rsrp_of: NDArray[np.float32],
    number: np.int32,
    bits: np.unsignedinteger,
    weak_dbm: np.float32,
    first: int,
    last: int,
    levels: NDArray[np.float32],
    servers: NDArray[np.int32],
    heard: NDArray[np.unsignedinteger],
    masts: NDArray[np.int32],
) -> None:
    """Combine a tower's window into rows ``first`` to ``last``, the best towers first, ties by number: whatever the
    order in which towers come.

    Of each mast its best alone; ``masts`` is empty where no two towers share one.
    """
    left, right = max(0, column), min(heard.shape[1], column + loss.shape[1])
    if right <= left:
        return
    for at in range(max(0, row, first), min(heard.shape[0], row + loss.shape[0], last)):
        steps = loss[at - row, left - column : right - column]
        best, who, ears = levels[:, at, left:right], servers[:, at, left:right], heard[at, left:right]
        for j in range(steps.size):
            value, mine = rsrp_of[steps[j]], number
            if value >= weak_dbm:
                ears[j] |= bits
            for k in range(best.shape[0]):
                better = value > best[k, j] or (value == best[k, j] and mine < who[k, j])
                if masts.size and who[k, j] >= 0 and masts[who[k, j]] == masts[number]:
                    if mine != number or better:
                        best[k, j], who[k, j] = value, mine
                    break
                if better:
                    best[k, j], value = value, best[k, j]
                    who[k, j], mine = mine, who[k, j]


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
