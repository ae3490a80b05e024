"""Which model says where cellular service reaches, and what it found: one interface for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import ParameterError, Place
from coverage.base.parameters import Parameters
from coverage.land.cells import Land
from coverage.reach.line_of_sight import Viewshed, seen_by_observers
from coverage.reach.link_budget import RadioParameters
from coverage.reach.radials import LossStore, Window
from coverage.reach.radius import reach_by_radius
from coverage.reach.signal import Signal, Tower, land_signal, over_circles, places_of, signal_map, towers_of
from coverage.reach.signal_views import pieces_near, with_more
from coverage.reach.terrain import Terrain

Model = Literal["radius", "line_of_sight", "signal"]


@dataclass(frozen=True, eq=False)
class Reached:
    """Where services reach, and what the model found on the way.

    Attributes
    ----------
    model
        Which one it was.
    table
        Table REACH (see :mod:`coverage.reach`).
    of_model
        For each row of the services' reach, whether the model stands for it; circles count for the others.
    usable
        On the terrain's grid, where the model finds cellular service; None without terrain.
    signal, pieces
        The signal, and that of each piece (:func:`coverage.reach.signal.land_signal`); None for other models.
    """

    model: Model
    table: pd.DataFrame
    of_model: NDArray[np.bool_]
    usable: NDArray[np.bool_] | None = None
    signal: Signal | None = None
    pieces: pd.DataFrame | None = None

    def served(self, terrain: Terrain, points: gpd.GeoSeries) -> NDArray[np.float64]:
        """Whether the model finds cellular service at points: 1 or 0, missing off the terrain."""
        row, column, held = cells_of(terrain, points)
        if self.usable is None:
            return np.full(len(points), np.nan)
        return np.where(held, self.usable[row, column], np.nan)


def cells_of(terrain: Terrain, points: gpd.GeoSeries) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Row and column of the terrain's cell that holds each point, and whether the terrain has it (else 0, 0)."""
    placed = points.to_crs(terrain.crs)
    row, column = terrain.indices(placed.x.to_numpy(), placed.y.to_numpy())
    held = terrain.holds(row, column)
    return np.where(held, row, 0), np.where(held, column, 0), held


def model_of(parameters: Parameters, has_terrain: bool) -> Model:
    """Name the model of a run.

    Raises
    ------
    ParameterError
        If a terrain model is asked for and there is no elevation.
    """
    if parameters.reach_model == "auto":
        return "signal" if has_terrain else "radius"
    if parameters.reach_model != "radius" and not has_terrain:
        raise ParameterError("reach.no_elevation", Place(value=parameters.reach_model))
    return parameters.reach_model


def radio_of(parameters: Parameters) -> RadioParameters:
    """The radio parameters of a run.

    Raises
    ------
    ParameterError
        If there are none.
    """
    if not isinstance(parameters.radio, RadioParameters):
        raise ParameterError("reach.no_radio")
    return parameters.radio


def reach(
    land: Land,
    assets: gpd.GeoDataFrame,
    service_reach: pd.DataFrame,
    parameters: Parameters,
    terrain: Terrain | None = None,
    kept: LossStore | None = None,
    progress: Callable[[float], None] | None = None,
    earlier: Reached | None = None,
) -> Reached:
    """Find where each service reaches, by the model of the run.

    Parameters
    ----------
    land, assets, service_reach
        As for :func:`coverage.reach.radius.reach_by_radius`.
    parameters
        Model, kinds, radio.
    terrain
        The ground, where elevation is given.
    kept
        Where windows of towers are kept.
    progress
        Called with the share of the towers done.
    earlier
        Found on the same land and terrain with the same parameters: where its towers are the first of these, only the
        others are computed.
    """
    model = model_of(parameters, terrain is not None)
    cellular = (service_reach["service"] == "cellular").to_numpy()
    if model == "radius" or terrain is None:
        return Reached("radius", reach_by_radius(land, assets, service_reach), np.zeros(len(cellular), bool))
    radio, kinds = radio_of(parameters), parameters.kinds
    positions = service_reach.loc[cellular, "asset_position"].to_numpy(dtype=np.int64)
    _, _, on_terrain = cells_of(terrain, assets.geometry.iloc[positions])
    of_model = cellular.copy()
    of_model[cellular] = on_terrain
    positions = positions[on_terrain]
    if model == "line_of_sight":
        seen = seen_by_observers(assets.iloc[positions], terrain, kinds, radio, _Sights(kept) if kept else None)
        usable = seen.astype(bool)
        table = over_circles(land, assets, service_reach, "cellular", _shares(land, terrain, usable), of_model)
        return Reached(model, table, of_model, usable)
    towers = towers_of(assets, [int(k) for k in positions], kinds, radio, terrain)
    more = None if earlier is None else _more(earlier, towers, land, terrain, radio, kept)
    if more is None:
        signal = signal_map(terrain, towers, radio, kept, progress=progress)
        more = signal, land_signal(land, terrain, signal, radio)
    signal, pieces = more
    share = (pieces["share_strong"] + pieces["share_weak"]).to_numpy(dtype=float)
    table = over_circles(land, assets, service_reach, "cellular", share, of_model)
    usable = signal.rsrp_dbm >= np.float32(radio.thresholds.weak_dbm)
    return Reached(model, table, of_model, usable, signal, pieces)


def _more(
    earlier: Reached, towers: list[Tower], land: Land, terrain: Terrain, radio: RadioParameters, kept: LossStore | None
) -> tuple[Signal, pd.DataFrame] | None:
    """What was found earlier with the towers that came after; None where others than the last ones differ."""
    signal, pieces = earlier.signal, earlier.pieces
    if signal is None or pieces is None or tuple(towers[: len(signal.towers)]) != signal.towers:
        return None
    added, windows = with_more(signal, terrain, towers[len(signal.towers) :], radio, kept)
    near = pieces_near(land, terrain, windows)
    changed, pieces = land_signal(land, terrain, added, radio, near), pieces.copy()
    for name in pieces.columns:
        pieces.loc[near, name] = changed[name]
    return added, pieces


def _shares(land: Land, terrain: Terrain, usable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the places of each piece where service is found, missing where the terrain ends."""
    row, column, covered = places_of(land, terrain)
    share = (usable[row, column] & covered).sum(axis=1) / np.maximum(covered.sum(axis=1), 1)
    return np.where(covered[:, covered.shape[1] // 2], share, np.nan)


class _Sights:
    """What is kept, as viewsheds: windows of ones and zeros."""

    def __init__(self, kept: LossStore) -> None:
        self._kept = kept

    def get(self, key: str) -> Viewshed | None:
        found = self._kept.get(key)
        return None if found is None else Viewshed(found.row, found.column, found.loss.astype(np.uint8))

    def put(self, key: str, viewshed: Viewshed) -> None:
        self._kept.put(key, Window(viewshed.row, viewshed.column, viewshed.seen))
