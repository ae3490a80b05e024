"""Signal map: best server, operators, and reach by signal."""

from __future__ import annotations

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
from coverage.base.errors import SchemaError
from coverage.base.kinds import NO_RECORD, AssetKind
from coverage.reach.assets import OF_SECTOR, operators_of
from coverage.reach.link_budget import RadioParameters
from coverage.reach.masts import mast_of
from coverage.reach.radials import LossStore, Medium, Transmitter, Window, kept_levels, loss_windows, thread_count
from coverage.reach.terrain import GROUND_KINDS, Terrain

Item = TypeVar("Item")
SignalProgress = Callable[[float, "Signal"], None]
Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Cells of a grid: where each row's begin among their columns, and a last entry where they end; and the columns."""
EVERY_CELL: Cells = (np.zeros(0, np.int64), np.zeros(0, np.int64))
NO_SIGNAL = np.float32(-200.0)
"""RSRP in dBm beyond every tower."""
MOST_OPERATORS = 63
KEPT = 3
"""Towers kept at every cell."""
BATCH, BAND = 4, 256
"""Towers, and rows of the map, combined at a time."""
ASSUMED = ("height_m", "band_mhz", "eirp_dbm", "azimuth_deg")
"""Columns of ASSETS in whose place a default counts where a list tells nothing."""


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
    repeats : whether it sends on only what it hears
    mast : row of the first asset on its mast (:func:`coverage.reach.masts.mast_of`); its own by default
    """

    position: int
    operators: tuple[str, ...]
    transmitter: Transmitter
    without_loss_dbm: float
    spread_db: float = 0.0
    mast: int | None = None
    technology: str = ""
    repeats: bool = False


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
    servers: NDArray[np.signedinteger]
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
    def server(self) -> NDArray[np.signedinteger]:
        """Number of the best tower."""
        return np.asarray(self.servers[0])


def own_towers(
    assets: gpd.GeoDataFrame,
    positions: Sequence[int],
    kinds: dict[str, AssetKind],
    parameters: RadioParameters,
    terrain: Terrain,
) -> list[Tower]:
    """Make towers of assets as if each had a signal of its own (:func:`coverage.reach.repeaters.towers_of` asks).

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
    column |= {name: chosen[name].tolist() if name in chosen else [None] * len(chosen) for name in OF_SECTOR}
    towers, masts = [], mast_of(assets, kinds, counted=False)
    for k in np.flatnonzero(terrain.holds(*terrain.indices(x, y))):
        kind, band = kinds.get(str(column["kind"][k]), NO_RECORD), _number(column["band_mhz"][k])
        technology = parameters.technology_of(band, _text(column["technology"][k]))
        antenna = parameters.antenna_of(_number(column["tilt_deg"][k]), _text(column["antenna"][k]))
        measured = None if antenna is None else antenna.measured
        listed = _number(column["height_m"][k])
        height = listed or kind.height_m or 1.0
        unsure = parameters.uncertainty
        spread = (
            unsure.tower_db,
            0.0 if listed else unsure.unknown_height_db,
            0.0 if kind.repeats or technology.holds(band) else unsure.unknown_band_db,
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
                    kind.small_cell,
                    _number(column["eirp_dbm"][k]),
                    None if measured is None else measured.gain_dbi,
                )
                + _own_offset(operators_of(column["operator"][k]), parameters.margin.calibration_by_operator),
                float(np.hypot.reduce(spread)),
                int(masts[positions[int(k)]]),
                technology.name,
                kind.repeats,
            )
        )
    return towers


def assumed(assets: pd.DataFrame, kinds: Mapping[str, AssetKind], radio: RadioParameters) -> pd.DataFrame:
    """Tell of each asset which of :data:`ASSUMED` its list does not tell; a band of no technology is none.

    Band and power of a repeater are those of what it hears.
    """
    made = pd.DataFrame({name: assets[name].isna() if name in assets else True for name in ASSUMED}, assets.index)
    bands = assets["band_mhz"].map(_number) if "band_mhz" in assets else pd.Series(None, assets.index)
    made["band_mhz"] = [not any(one.holds(band) for one in radio.technologies) for band in bands]
    made.loc[[kinds.get(kind, NO_RECORD).repeats for kind in assets["kind"]], ["band_mhz", "eirp_dbm"]] = False
    return made


def _own_offset(operators: Sequence[str], measured: Mapping[str, float]) -> float:
    """Measured offset of a mast's operators in dB: the mean of those that have one."""
    known = {name.casefold(): offset for name, offset in measured.items()}
    own = [known[name.casefold()] for name in operators if name.casefold() in known]
    return float(np.mean(own)) if own else 0.0


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
        np.full((KEPT, *terrain.shape), -1, numbers_for(towers)),
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


def numbers_for(towers: Sequence[Tower]) -> type[np.signedinteger]:
    """Smallest type for the numbers of towers: millions of cells hold three each."""
    return np.int16 if len(towers) <= np.iinfo(np.int16).max else np.int32


def keep_windows(
    signal: Signal,
    numbered: list[tuple[int, Window]],
    weak_dbm: float,
    threads: int | None = None,
    only: Cells = EVERY_CELL,
) -> None:
    """Combine windows into the map by maximum, with tower numbers; where told, into some of its cells only."""
    rows, masts = len(signal.rsrp_dbm), signal.masts
    masts = masts if len(np.unique(masts)) < len(masts) else masts[:0]
    if only is not EVERY_CELL:  # few: bands gain nothing there, and with most of the map a tenth
        _keep_best(signal, masts, only, numbered, weak_dbm, 0, rows)
        return
    with ThreadPoolExecutor(threads or thread_count()) as pool:
        tasks = [
            pool.submit(_keep_best, signal, masts, only, numbered, weak_dbm, band, band + BAND)
            for band in range(0, rows, BAND)
        ]
        for task in tasks:
            task.result()


def batched(items: Iterable[Item], count: int) -> Iterator[list[Item]]:
    """Items in batches of ``count``."""
    rest = iter(items)
    while batch := list(islice(rest, count)):
        yield batch


def kept_rsrp(tower: Tower) -> NDArray[np.float32]:
    """RSRP in dBm at each of the 256 cached levels of a tower's loss; none for the first."""
    rsrp = np.float32(tower.without_loss_dbm) - kept_levels()
    rsrp[0] = -np.inf
    return rsrp


def operator_bits(signal: Signal, tower: Tower) -> int:
    """Bits of a tower's operators among those of a signal."""
    return sum(1 << signal.operators.index(name) for name in tower.operators if name in signal.operators)


def _keep_best(
    signal: Signal,
    masts: NDArray[np.int32],
    only: Cells,
    batch: list[tuple[int, Window]],
    weak_dbm: float,
    first: int,
    last: int,
) -> None:
    """Combine windows into some rows of the map."""
    for number, window in batch:
        tower, dtype = signal.towers[number], signal.heard.dtype.type
        bits = operator_bits(signal, tower)
        keep_best(
            window.steps,
            window.row,
            window.column,
            kept_rsrp(tower),
            signal.servers.dtype.type(number),
            dtype(bits),
            np.float32(weak_dbm),
            first,
            last,
            signal.levels_dbm,
            signal.servers,
            signal.heard,
            masts,
            *only,
        )


@compiled()
def keep_best(
    loss: NDArray[np.uint8],
    row: int,
    column: int,
    rsrp_of: NDArray[np.float32],
    number: np.signedinteger,
    bits: np.unsignedinteger,
    weak_dbm: np.float32,
    first: int,
    last: int,
    levels: NDArray[np.float32],
    servers: NDArray[np.signedinteger],
    heard: NDArray[np.unsignedinteger],
    masts: NDArray[np.int32],
    offset: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> None:
    """Combine a tower's window into rows ``first`` to ``last``, the best towers first, ties by number: whatever the
    order in which towers come.

    Of each mast its best alone; ``masts`` is empty where no two towers share one. ``columns`` are those of the only
    cells to be combined, each row's from ``offset`` on; both are empty for all.
    """
    left, right = max(0, column), min(heard.shape[1], column + loss.shape[1])
    if right <= left:
        return
    for at in range(max(0, row, first), min(heard.shape[0], row + loss.shape[0], last)):
        steps = loss[at - row, left - column : right - column]
        best, who, ears = levels[:, at, left:right], servers[:, at, left:right], heard[at, left:right]
        begin, end = (offset[at], offset[at + 1]) if offset.size else (0, steps.size)
        for n in range(begin, end):
            j = columns[n] - left if offset.size else n
            if j < 0 or j >= steps.size:
                continue
            value, mine = rsrp_of[steps[j]], number
            if value >= weak_dbm:
                ears[j] |= bits
            if value < best[-1, j]:
                continue
            for k in range(best.shape[0]):
                better = value > best[k, j] or (value == best[k, j] and mine < who[k, j])
                if masts.size and who[k, j] >= 0 and masts[who[k, j]] == masts[number]:
                    if mine != number or better:
                        best[k, j], who[k, j] = value, mine
                    break
                if better:
                    best[k, j], value = value, best[k, j]
                    who[k, j], mine = mine, who[k, j]
