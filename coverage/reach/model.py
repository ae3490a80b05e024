"""Model of cellular reach of a run: one interface for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.base.errors import ParameterError, Place
from coverage.base.parameters import Parameters
from coverage.base.schema import CONNECTION
from coverage.land.cells import Land
from coverage.reach import assets as of_assets
from coverage.reach.line_of_sight import Viewshed, seen_by_observers
from coverage.reach.link_budget import RadioParameters
from coverage.reach.missing_ground import MissingGround, missing_ground, unknown_reach
from coverage.reach.radials import LossStore, Window
from coverage.reach.radius import Circles, circles, reach_by_radius
from coverage.reach.repeaters import seeing, towers_of
from coverage.reach.signal import Signal, SignalProgress, Tower, signal_map
from coverage.reach.signal_at_places import land_signal, over_circles, places_of
from coverage.reach.signal_changes import came_from, with_changes
from coverage.reach.signal_draws import Draws
from coverage.reach.signal_views import pieces_over
from coverage.reach.terrain import Terrain

Model = Literal["radius", "line_of_sight", "signal"]


@dataclass(frozen=True, eq=False)
class ReachResult:
    """Where services reach, and what the model found on the way.

    Attributes
    ----------
    table : Table REACH (see :mod:`coverage.reach`)
    of_model : for each row of the services' reach, whether the model stands for it; circles count for the others
    usable : on the terrain's grid, where the model finds cellular service; None without terrain
    signal, pieces
        The signal, and that of each piece (:func:`coverage.reach.signal_at_places.land_signal`); None for other models.
    circles : those of the services of assets for which circles count
    drawn, anew
        What was drawn of each village (:mod:`coverage.reach.signal_draws`), and the pieces whose signal has changed
        since then; None where nothing was drawn, or nothing has changed.
    missing, unknown
        What rests on ground without a height, and the share of each piece of which cellular service and any connection
        are not known for that reason; None where heights are there, or circles count instead of them.
    """

    model: Model
    table: pd.DataFrame
    of_model: NDArray[np.bool_]
    usable: NDArray[np.bool_] | None = None
    signal: Signal | None = None
    pieces: pd.DataFrame | None = None
    circles: Circles | None = None
    drawn: Draws | None = None
    anew: NDArray[np.bool_] | None = None
    missing: MissingGround | None = None
    unknown: pd.DataFrame | None = None

    @property
    def most(self) -> pd.DataFrame:
        """Table REACH with what is not known counted as reached: what is left is surely out of reach."""
        if self.unknown is None:
            return self.table
        return self.table.assign(**{name: self.table[name] + self.unknown[name] for name in self.unknown.columns})

    @property
    def known_pieces(self) -> pd.DataFrame | None:
        """``pieces`` as far as they rest on known ground, with ``share_unknown`` and ``share_strong_unknown``."""
        pieces, missing = self.pieces, self.missing
        if pieces is None or missing is None:
            return pieces
        share = {name: pieces[f"share_{name}"].to_numpy(dtype=float) for name in ("strong", "weak")}
        told = pieces.assign(
            share_unknown=missing.unknown(share["strong"] + share["weak"]),
            share_strong_unknown=missing.unknown(share["strong"]),
            heard=np.where(missing.here | missing.unseen, np.uint64(0), pieces["heard"].to_numpy()),
        )
        told.loc[missing.here | missing.unseen, ["share_strong", "share_weak", "share_elsewhere"]] = 0.0
        told["share_none"] = 1.0 - told["share_strong"] - told["share_weak"] - told["share_unknown"]
        return told

    def served(self, terrain: Terrain, points: gpd.GeoSeries, land: Land) -> NDArray[np.float64]:
        """Whether the model finds cellular service at points of the land: 1 or 0, missing where it cannot tell."""
        row, column, held = cells_of(terrain, points)
        if self.usable is None:
            return np.full(len(points), np.nan)
        found = np.where(held, self.usable[row, column], np.nan)
        if self.missing is None:
            return found
        places = shapely.get_coordinates(points.to_crs(terrain.crs).to_numpy())
        piece = cKDTree(np.column_stack(land.centres)).query(places)[1]
        near, unseen = self.missing.near[piece], self.missing.unseen[piece]
        told = ~self.missing.here[piece] & np.where(found == 1, ~unseen, ~near)
        return np.where(told, found, np.nan)


def cells_of(terrain: Terrain, points: gpd.GeoSeries) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Row and column of the terrain's cell that holds each point, and whether the terrain has it (else 0, 0)."""
    placed = points.to_crs(terrain.crs)
    row, column = terrain.indices(placed.x.to_numpy(), placed.y.to_numpy())
    held = terrain.holds(row, column)
    return np.where(held, row, 0), np.where(held, column, 0), held


def model_of(parameters: Parameters, has_terrain: bool) -> Model:
    """Model of a run; ParameterError if a terrain model is asked for without elevation."""
    if parameters.reach_model == "auto":
        return "signal" if has_terrain else "radius"
    if parameters.reach_model != "radius" and not has_terrain:
        raise ParameterError("reach.no_elevation", Place(value=parameters.reach_model))
    return parameters.reach_model


def radio_of(parameters: Parameters) -> RadioParameters:
    """Radio parameters of a run; ParameterError if there are none."""
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
    progress: SignalProgress | None = None,
    earlier: ReachResult | None = None,
    best_alone: bool = False,
) -> ReachResult:
    """Reach of each service by the model of the run.

    Parameters
    ----------
    land, assets, service_reach : as for :func:`coverage.reach.radius.reach_by_radius`
    terrain : the ground, where elevation is given
    kept : cache of tower windows
    progress : as for :func:`coverage.reach.signal.signal_map`
    earlier
        Result on the same land, terrain and parameters, of which only what other assets change is computed.
    best_alone : whether a signal with an ``earlier`` one's changes has the best tower at every cell alone
    """
    model, before = model_of(parameters, terrain is not None), None if earlier is None else earlier.circles
    cellular = (service_reach["service"] == "cellular").to_numpy()
    if model == "radius" or terrain is None:
        made = circles(land, assets, service_reach, before)
        return ReachResult("radius", made.table, np.zeros(len(cellular), bool), circles=made)
    radio, kinds = radio_of(parameters), parameters.kinds
    sending = service_reach.loc[cellular, "asset_position"].to_numpy(dtype=np.int64)
    _, _, on_terrain = cells_of(terrain, assets.geometry.iloc[sending])
    of_model = cellular.copy()
    of_model[cellular] = on_terrain
    positions = sending[on_terrain]
    if model == "line_of_sight":
        sights = _Sights(kept) if kept else None
        sees = seeing(assets, positions.tolist(), kinds, radio, terrain, sights)
        seen = seen_by_observers(assets.iloc[sees], terrain, kinds, radio, sights)
        usable = seen.astype(bool)
        share = _shares(land, terrain, usable)
        found = ReachResult(model, pd.DataFrame(), of_model, usable, circles=before)
        found = _with_missing(found, land, assets, terrain, share, sending, parameters)
        return _with_table(found, land, assets, service_reach, share)
    towers = towers_of(assets, [int(k) for k in positions], kinds, radio, terrain)
    found_anew = None if earlier is None else _changed(earlier, towers, land, terrain, radio, kept, best_alone)
    if found_anew is None:
        signal = signal_map(terrain, towers, radio, kept, progress=progress)
        found_anew = signal, land_signal(land, terrain, signal, radio), None
    signal, pieces, anew = found_anew
    share = (pieces["share_strong"] + pieces["share_weak"]).to_numpy(dtype=float)
    usable = signal.rsrp_dbm >= np.float32(radio.thresholds.weak_dbm)
    drawn = None if earlier is None or anew is None or best_alone else earlier.drawn
    found = ReachResult(model, pd.DataFrame(), of_model, usable, signal, pieces, before, drawn, anew)
    found = _with_missing(found, land, assets, terrain, share, sending, parameters)
    return _with_table(found, land, assets, service_reach, share)


def at_ends(
    found: ReachResult,
    land: Land,
    assets: gpd.GeoDataFrame,
    parameters: Parameters,
    terrain: Terrain | None = None,
    kept: LossStore | None = None,
) -> Iterator[tuple[pd.DataFrame, ReachResult]]:
    """Reach as short and as long as it may be, by what is stated of its uncertainty.

    Circles have the ends of the range of their kind. Signal is ``margin.uncertainty_db`` weaker or stronger, and so is
    what repeaters hear of it. Of
    towers in sight, only those within the greatest reach of their kind serve, or those within its least one serve
    without sight, too.

    Parameters
    ----------
    found : the reach, by :func:`reach` of the same land, assets, parameters and terrain

    Yields
    ------
    tuple
        Reach of the services of each asset (:func:`coverage.reach.assets.service_reach`), and what it comes to: the
        shortest first.
    """
    kinds = parameters.kinds
    shortest, longest = (of_assets.service_reach(assets, kinds, end) for end in ("reach_min_m", "reach_max_m"))
    for gives, other, sign, end in ((shortest, longest, -1, "_least"), (longest, shortest, 1, "_most")):
        if found.model == "radius" or terrain is None:
            yield gives, replace(found, table=reach_by_radius(land, assets, gives, found.circles))
        elif found.pieces is not None:
            pieces = found.pieces
            if found.signal is not None and of_assets.repeating(assets, kinds).any():
                sending = gives.loc[found.of_model, "asset_position"].tolist()
                signal = _with_repeaters(found.signal, assets, sending, parameters, terrain, sign, kept)
                pieces = land_signal(land, terrain, signal, radio_of(parameters))
            own = [name for name in pieces.columns if f"{name}{end}" in pieces]
            pieces = pieces.assign(**{name: pieces[f"{name}{end}"] for name in own})
            share = (pieces["share_strong"] + pieces["share_weak"]).to_numpy(dtype=float)
            yield gives, _with_table(replace(found, pieces=pieces), land, assets, gives, share)
        elif found.usable is not None:
            in_range = reach_by_radius(land, assets, other[found.of_model])["cellular"].to_numpy()
            share = _shares(land, terrain, found.usable)
            share = np.maximum(share, in_range) if sign > 0 else np.minimum(share, in_range)
            yield gives, _with_table(found, land, assets, gives, share)


def _with_repeaters(
    signal: Signal,
    assets: gpd.GeoDataFrame,
    sending: list[int],
    parameters: Parameters,
    terrain: Terrain,
    sign: int,
    kept: LossStore | None,
) -> Signal:
    """The signal with what repeaters would send if they heard it weaker (``sign`` -1) or stronger (1) by its error."""
    radio = radio_of(parameters)
    error_db, own = sign * radio.margin.uncertainty_db, radio.repeater
    levels = {"gain_db": own.gain_db + error_db, "least_dbm": own.least_dbm - error_db}
    radio = radio.model_copy(update={"repeater": own.model_copy(update=levels)})
    towers = towers_of(assets, sending, parameters.kinds, radio, terrain)
    made = with_changes(signal, terrain, towers, radio, kept)
    return made[0] if made else signal_map(terrain, towers, radio, kept)


def _with_missing(
    found: ReachResult,
    land: Land,
    assets: gpd.GeoDataFrame,
    terrain: Terrain,
    share: NDArray[np.float64],
    sending: NDArray[np.int64],
    parameters: Parameters,
) -> ReachResult:
    """Add what rests on missing ground, unless circles count there."""
    if parameters.missing_ground != "unknown":
        return found
    return replace(found, missing=_missing(found, land, assets, terrain, share, sending, radio_of(parameters)))


def _with_table(
    found: ReachResult, land: Land, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame, share: NDArray[np.float64]
) -> ReachResult:
    """Make table REACH of the share of each piece that the model found in cellular reach.

    Where heights are missing, circles count, or it is told what is not known.
    """
    missing = found.missing
    by_circles = service_reach[~found.of_model if missing is None else service_reach["service"] != "cellular"]
    made = circles(land, assets, by_circles, found.circles)
    others, found = made.table, replace(found, circles=made)
    if missing is None:
        table = over_circles(land, assets, service_reach, "cellular", share, found.of_model, others)
        return replace(found, table=table)
    certain = missing.certain(share)
    table = others.assign(cellular=certain, **{CONNECTION: np.maximum(others[CONNECTION], certain)})
    return replace(found, table=table, unknown=unknown_reach(others, share, missing))


def _missing(
    found: ReachResult,
    land: Land,
    assets: gpd.GeoDataFrame,
    terrain: Terrain,
    share: NDArray[np.float64],
    sending: NDArray[np.int64],
    radio: RadioParameters,
) -> MissingGround | None:
    """What rests on missing ground; the tower in sight of a place is taken to be the nearest one."""
    if terrain.known is None and terrain.clutter_known is None:
        on_terrain = cells_of(terrain, assets.geometry.iloc[sending])[2]
        if on_terrain.all() and terrain.holds(*terrain.indices(*land.centres)).all():
            return None
    placed = np.full((len(assets), 2), np.nan)
    points = assets.geometry.iloc[sending].to_crs(terrain.crs).to_numpy()
    placed[sending] = shapely.get_coordinates(points)
    on_terrain = terrain.holds(*terrain.indices(placed[sending, 0], placed[sending, 1]))
    if found.pieces is not None:
        server = found.pieces["server"].to_numpy(dtype=np.int64)
    else:
        server = np.full(len(share), -1, dtype=np.int64)
        seen, known = np.flatnonzero(np.nan_to_num(share) > 0), sending[on_terrain]
        if len(seen) and len(known):
            centres = np.column_stack(land.centres)[seen]
            server[seen] = known[cKDTree(placed[known]).query(centres)[1]]
    return missing_ground(land, terrain, points[~on_terrain], server, placed, radio.air.reach_m)


def _changed(
    earlier: ReachResult,
    towers: list[Tower],
    land: Land,
    terrain: Terrain,
    radio: RadioParameters,
    kept: LossStore | None,
    best_alone: bool,
) -> tuple[Signal, pd.DataFrame, NDArray[np.bool_] | None] | None:
    """What was found earlier with some towers changed, and the pieces where it changed; None where too much has."""
    if earlier.signal is None or earlier.pieces is None:
        return None
    made = with_changes(earlier.signal, terrain, towers, radio, kept, 1 if best_alone else None)
    if made is None:
        return None
    signal, changed = made
    on_it = pieces_over(land, terrain, changed)
    anew, columns = land_signal(land, terrain, signal, radio, on_it), {}
    for name in earlier.pieces.columns:
        columns[name] = earlier.pieces[name].to_numpy(copy=True)
        if name == "server":
            columns[name] = _renumbered(columns[name], earlier.signal, signal)
        columns[name][on_it] = anew[name]
    anew_since = on_it if earlier.anew is None else on_it | earlier.anew
    return signal, pd.DataFrame(columns, index=earlier.pieces.index, copy=False), anew_since


def _renumbered(rows: NDArray[np.int64], before: Signal, now: Signal) -> NDArray[np.int64]:
    """Rows of towers in the asset table of an earlier signal as rows of the present one; -1 for those that are gone."""
    if now.towers[: len(before.towers)] == before.towers:
        return rows
    number = np.asarray(came_from(before, now.towers))
    table = np.full(max((one.position for one in before.towers), default=-1) + 2, -1, np.int64)
    for tower, old in zip(now.towers, number, strict=True):
        if old >= 0:
            table[before.towers[old].position] = tower.position
    return table[rows]


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
