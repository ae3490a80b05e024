"""Field measurements against the prediction: agreement and calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.parameters import Parameters
from coverage.base.schema import AGREEMENT, COMPARED, SIGNAL_CLASSES, check
from coverage.land.cells import villages_of_points
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import cells_of, radio_of
from coverage.reach.radials import LossStore
from coverage.reach.signal import NO_SIGNAL, Signal
from coverage.reach.signal_views import of_operator
from coverage.reach.terrain import Terrain

BLOCK_M = 500.0
"""Measurements within a block are not independent and count as one."""
LEAST_BLOCKS = 10
"""Minimum for a calibration."""
FOLDS = 5
"""Parts of the blocks, each held out once."""


@dataclass(frozen=True)
class OperatorOffset:
    """Offset of one operator, drawn towards that of all as far as its own blocks leave it open.

    Attributes
    ----------
    operator : as the towers have it
    offset_db : to add to RSRP in the place of the offset of all
    error_db : its standard error
    blocks : number of blocks
    """

    operator: str
    offset_db: float
    error_db: float
    blocks: int


@dataclass(frozen=True)
class Calibration:
    """Offset of the link budget.

    Attributes
    ----------
    offset_db : mean of measured minus predicted, to add to RSRP
    error_db : its standard error, over blocks of :data:`BLOCK_M`
    spread_db : standard deviation of the blocks
    blocks, count : number of blocks and measurements
    operators : offsets of those with :data:`LEAST_BLOCKS` blocks or more, where there are two such
    held_out_db
        Root mean square of what is left in blocks that the offset was not made from, :data:`FOLDS` times over:
        without one (``none``), with that of all (``all``), with those of operators (``operators``).
    """

    offset_db: float
    error_db: float
    spread_db: float
    blocks: int
    count: int
    operators: tuple[OperatorOffset, ...] = ()
    held_out_db: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_operator(self) -> bool:
        """Whether offsets of operators leave less in held-out blocks than one for all."""
        return bool(self.operators) and self.held_out_db["operators"] < self.held_out_db["all"]

    def about(self) -> dict[str, Any]:
        """As in ``run.json``."""
        told = {name: round(value, 2) if isinstance(value, float) else value for name, value in vars(self).items()}
        rounded = {name: round(value, 2) for name, value in self.held_out_db.items()}
        own = [
            {name: round(value, 2) if isinstance(value, float) else value for name, value in vars(one).items()}
            for one in self.operators
        ]
        return {**told, "operators": own, "held_out_db": rounded, "by_operator": self.by_operator}


def measured_class(measurements: pd.DataFrame, radio: RadioParameters) -> NDArray[np.object_]:
    """Signal class of each measurement.

    By RSRP and the thresholds of the run; else as told; else by speed: zero is no signal, from
    ``measured.strong_mbit_s`` on it is strong.
    """
    rsrp = measurements["rsrp_dbm"].to_numpy(dtype=float)
    speed = measurements["mbit_s"].to_numpy(dtype=float)
    names = np.array(SIGNAL_CLASSES, dtype=object)
    by_speed = np.select([speed <= 0, speed >= radio.measured.strong_mbit_s], ["none", "strong"], "weak")
    told = measurements["told"].to_numpy(dtype=object)
    otherwise = np.where(pd.isna(told), by_speed.astype(object), told)
    return np.asarray(np.where(np.isnan(rsrp), otherwise, names[radio.signal_class(rsrp)]), dtype=object)


def compare(
    measurements: pd.DataFrame,
    villages: gpd.GeoDataFrame,
    terrain: Terrain | None,
    signal: Signal | None,
    parameters: Parameters,
    kept: LossStore | None = None,
) -> pd.DataFrame:
    """Put the prediction beside each measurement, where there is one: it takes terrain and signal.

    Parameters
    ----------
    measurements
        Table MEASUREMENTS. One that names an operator who is heard from any tower is held against that operator's
        towers alone, any other against the best tower.

    Returns
    -------
    pandas.DataFrame
        Table COMPARED, in the order of ``measurements``; nothing is predicted off the terrain.
    """
    radio = radio_of(parameters)
    points = gpd.GeoSeries(gpd.points_from_xy(measurements["lon"], measurements["lat"]), crs="EPSG:4326")
    predicted, held = np.full(len(points), np.nan), np.zeros(len(points), dtype=bool)
    if terrain is not None and signal is not None:
        row, column, held = cells_of(terrain, points)
        predicted = np.where(held, signal.rsrp_dbm[row, column], np.nan)
        known = {name.casefold(): name for name in signal.operators}
        given = measurements["operator"].map(lambda name: known.get(name.casefold()) if isinstance(name, str) else None)
        for operator in sorted(given.dropna().unique()):
            own = (given == operator).to_numpy()
            grid = of_operator(terrain, signal, operator, radio, kept)
            predicted[own] = np.where(held[own], grid[row[own], column[own]], np.nan)
    village = villages_of_points(villages, points)
    codes = np.array([*villages["village_code_bps"], None], dtype=object)
    classes = np.array([*SIGNAL_CLASSES, None], dtype=object)
    table = measurements[["measurement_id", "lon", "lat", "time", "operator"]].copy()
    table["village_code_bps"] = pd.Series(codes[village], index=table.index, dtype=object)
    table["measured_class"] = measured_class(measurements, radio)
    found = classes[np.where(held, radio.signal_class(predicted), -1)]
    table["predicted_class"] = pd.Series(found, index=table.index, dtype=object)
    table["measured_dbm"] = measurements["rsrp_dbm"].to_numpy(dtype=float)
    table["predicted_dbm"] = np.where(predicted > NO_SIGNAL, predicted, np.nan)
    return check(table.reset_index(drop=True), COMPARED)


def agreement(compared: pd.DataFrame) -> pd.DataFrame:
    """Share of measured places with the predicted class, per village.

    Returns
    -------
    pandas.DataFrame
        Table AGREEMENT: a row per village with a measurement that has a prediction, sorted by code.
    """
    rows = compared[compared["village_code_bps"].notna() & compared["predicted_class"].notna()]
    rank = {name: number for number, name in enumerate(SIGNAL_CLASSES)}
    apart = rows["measured_class"].map(rank).astype(int) - rows["predicted_class"].map(rank).astype(int)
    parts = (
        pd.DataFrame(
            {
                "village_code_bps": rows["village_code_bps"],
                "measured": 1,
                "agreed": apart == 0,
                "better": apart > 0,
                "worse": apart < 0,
            }
        )
        .groupby("village_code_bps", sort=True)
        .sum()
    )
    table = parts.reset_index()
    table["share_agreed"] = table["agreed"] / table["measured"]
    return check(table[AGREEMENT.names], AGREEMENT)


def calibration(compared: pd.DataFrame, parameters: Parameters) -> Calibration | None:
    """Estimate the offset of the budget from measured RSRP, with its error.

    A measurement is held against the median prediction: the margin for places
    (:attr:`coverage.reach.link_budget.Margin.location_percent`) is taken off first. Blocks of :data:`BLOCK_M` count
    once each, for neighbouring measurements share their hill. A phone reports no RSRP where it hears nothing, so the
    weakest places are missing, and the offset is rather too high than too low.

    Returns
    -------
    Calibration or None
        None where fewer than :data:`LEAST_BLOCKS` blocks have measurements.
    """
    rows = compared[compared["measured_dbm"].notna() & compared["predicted_dbm"].notna()]
    if rows.empty:
        return None
    median = rows["predicted_dbm"].to_numpy(dtype=float) - radio_of(parameters).margin_db()
    degree = 111_320.0
    shrink = np.cos(np.radians(rows["lat"].mean()))
    table = pd.DataFrame(
        {
            "off": rows["measured_dbm"].to_numpy(dtype=float) - median,
            "operator": rows["operator"].fillna("").to_numpy(),
            "north": np.floor(rows["lat"].to_numpy(dtype=float) * degree / BLOCK_M),
            "east": np.floor(rows["lon"].to_numpy(dtype=float) * degree * shrink / BLOCK_M),
        }
    )
    means = table.groupby(["north", "east"])["off"].mean().to_numpy()
    if len(means) < LEAST_BLOCKS:
        return None
    blocks = table.groupby(["north", "east", "operator"])["off"].mean().reset_index()
    spread = float(np.std(means, ddof=1))
    error = spread / float(np.sqrt(len(means)))
    own = tuple(_of_operators(blocks))
    return Calibration(float(means.mean()), error, spread, len(means), len(rows), own, _held_out(blocks, bool(own)))


def _of_operators(blocks: pd.DataFrame) -> Iterator[OperatorOffset]:
    """Offsets of operators by shrinkage towards the mean of all [1]_; none where there is but one.

    References
    ----------
    .. [1] Efron and Morris (1975). Data analysis using Stein's estimator and its generalizations. JASA 70(350).
    """
    told = blocks[blocks["operator"] != ""].groupby("operator")["off"].agg(["mean", "var", "size"])
    told = told[told["size"] >= LEAST_BLOCKS]
    if len(told) < 2:
        return
    centre, noise = blocks["off"].mean(), told["var"] / told["size"]
    between = max(float(told["mean"].var()) - float(noise.mean()), 0.0)
    weight = between / (between + noise) if between else noise * 0.0
    for name in told.index:
        offset = centre + weight[name] * (told["mean"][name] - centre)
        yield OperatorOffset(str(name), float(offset), float(np.sqrt(noise[name])), int(told["size"][name]))


def _held_out(blocks: pd.DataFrame, by_operator: bool) -> dict[str, float]:
    """What is left in blocks that were not used, as :attr:`Calibration.held_out_db`."""
    place = blocks.groupby(["north", "east"]).ngroup().to_numpy()
    fold = np.random.default_rng(0).permutation(place.max() + 1)[place] % FOLDS
    left: dict[str, list[pd.Series]] = {name: [] for name in ("none", "all", *(["operators"] if by_operator else []))}
    for number in range(FOLDS):
        used, kept = blocks[fold != number], blocks[fold == number]
        centre = used["off"].mean()
        left["none"].append(kept["off"])
        left["all"].append(kept["off"] - centre)
        if by_operator:
            own = {one.operator: one.offset_db for one in _of_operators(used)}
            left["operators"].append(kept["off"] - kept["operator"].map(own).fillna(centre))
    return {name: float(np.sqrt((pd.concat(parts) ** 2).mean())) for name, parts in left.items()}


def calibrated(parameters: Parameters, found: Calibration) -> Parameters:
    """Parameters with the offset applied, at a planner's request.

    Operators have their own where that leaves less in held-out blocks. What is not known after that is what was
    measured: the error of the offset for the region, the spread of the blocks for towers and places.
    """
    radio = radio_of(parameters)
    margin, unsure = radio.margin, radio.uncertainty
    own = {one.operator: one.offset_db - found.offset_db for one in found.operators} if found.by_operator else {}
    margin = margin.model_copy(
        update={"calibration_db": margin.calibration_db + found.offset_db, "calibration_by_operator": own}
    )
    scale = found.spread_db / max(float(np.hypot(unsure.tower_db, unsure.place_db)), 1e-9)
    measured = {"tower_db": unsure.tower_db * scale, "place_db": unsure.place_db * scale, "common_db": found.error_db}
    changed = {"margin": margin, "uncertainty": unsure.model_copy(update=measured)}
    return parameters.model_copy(update={"radio": radio.model_copy(update=changed)})


def about_measurements(compared: pd.DataFrame, agreed: pd.DataFrame, parameters: Parameters) -> dict[str, Any]:
    """Agreement and calibration, as in ``run.json``."""
    told = compared["predicted_class"].notna()
    found = calibration(compared, parameters)
    return {
        "count": len(compared),
        "with_prediction": int(told.sum()),
        "agreed": int((compared["measured_class"] == compared["predicted_class"])[told].sum()),
        "villages": len(agreed),
        "calibration": None if found is None else found.about(),
        "calibration_applied_db": radio_of(parameters).margin.calibration_db,
    }
