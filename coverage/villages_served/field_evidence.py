"""Field measurements against the prediction, and their agreement."""

from __future__ import annotations

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
from coverage.reach.signal import NO_SIGNAL, Signal, signal_map
from coverage.reach.terrain import GROUND_KINDS, Terrain
from coverage.villages_served.calibration import calibration


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
    server, ground = np.full(len(points), -1), np.full(len(points), None, dtype=object)
    if terrain is not None and signal is not None:
        row, column, held = cells_of(terrain, points)
        row, column = np.where(held, row, 0), np.where(held, column, 0)
        predicted, server = signal.rsrp_dbm[row, column].astype(float), signal.server[row, column].astype(int)
        known = {name.casefold(): name for name in signal.operators}
        given = measurements["operator"].map(lambda name: known.get(name.casefold()) if isinstance(name, str) else None)
        for operator in sorted(given.dropna().unique()):
            own = (given == operator).to_numpy()
            numbers = [k for k, tower in enumerate(signal.towers) if operator in tower.operators]
            heard = signal_map(terrain, [signal.towers[k] for k in numbers], radio, kept)
            predicted[own] = heard.rsrp_dbm[row[own], column[own]]
            server[own] = np.array([*numbers, -1])[heard.server[row[own], column[own]]]
        predicted[~held], server[~held] = np.nan, -1
        if terrain.clutter_m is not None:
            kind = terrain.ground_kind(radio.phone.height_m)[row, column]
            told = held & ~terrain.unseen(row, column)
            ground[told] = np.array(GROUND_KINDS, dtype=object)[kind[told]]
    bands = [] if signal is None else [f"{tower.transmitter.frequency_ghz * 1000:g}" for tower in signal.towers]
    village = villages_of_points(villages, points)
    codes = np.array([*villages["village_code_bps"], None], dtype=object)
    classes = np.array([*SIGNAL_CLASSES, None], dtype=object)
    table = measurements[["measurement_id", "lon", "lat", "time", "operator"]].copy()
    table["village_code_bps"] = pd.Series(codes[village], index=table.index, dtype=object)
    table["measured_class"] = measured_class(measurements, radio)
    found = classes[np.where(held, radio.signal_class(predicted), -1)]
    table["predicted_class"] = pd.Series(found, index=table.index, dtype=object)
    table["band"] = pd.Series(np.array([*bands, None], dtype=object)[server], index=table.index, dtype=object)
    table["ground"] = pd.Series(ground, index=table.index, dtype=object)
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
