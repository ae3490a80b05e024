"""Signal per village: people, centre, operators, obstacles."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from coverage.base.kinds import AssetKind
from coverage.base.schema import SIGNAL_CLASSES, VILLAGE_SIGNAL, check
from coverage.land.cells import Land
from coverage.reach.line_of_sight import sight_line
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import ReachResult, cells_of
from coverage.reach.repeaters import towers_of
from coverage.reach.signal import NO_SIGNAL, Signal
from coverage.reach.signal_at_places import village_shares
from coverage.reach.signal_at_places import village_signal as shares_of_signal
from coverage.reach.signal_views import next_best
from coverage.reach.terrain import Terrain
from coverage.villages_served.village_service import NOTHING_KNOWN

OPERATORS_UNKNOWN = 0.1
"""Share of people not known from which on it is not told who is heard."""


def centres_of(villages: pd.DataFrame) -> gpd.GeoSeries:
    """Village centres as points, EPSG:4326."""
    points = shapely.points(villages["centre_lon"].to_numpy(dtype=float), villages["centre_lat"].to_numpy(dtype=float))
    return gpd.GeoSeries(points, crs="EPSG:4326")


def village_signal(
    villages: pd.DataFrame,
    land: Land,
    cells: pd.DataFrame,
    terrain: Terrain,
    reached: ReachResult,
    assets: gpd.GeoDataFrame,
    service_reach: pd.DataFrame,
    kinds: dict[str, AssetKind],
    radio: RadioParameters,
) -> pd.DataFrame:
    """Signal of every village.

    Parameters
    ----------
    villages, cells : tables VILLAGES and CELLS
    reached : result of the run's model; without a signal (line of sight) only obstacles are given
    assets, service_reach : Table ASSETS, and which of them give which service

    Returns
    -------
    pandas.DataFrame
        Table VILLAGE_SIGNAL, in the order of ``villages``; obstacles where the line from the nearest tower is blocked.
    """
    table = pd.DataFrame({"village_code_bps": villages["village_code_bps"].to_numpy()})
    for told in VILLAGE_SIGNAL.columns[1:]:
        if told.optional:
            continue
        table[told.name] = pd.Series([None] * len(table), dtype=object) if told.kind == "text" else np.nan
    centres = centres_of(villages)
    if reached.signal is not None and reached.known_pieces is not None:
        table = _with_signal(table, villages, land, cells, terrain, reached.signal, reached.known_pieces, assets, radio)
    between = obstacles(centres, terrain, assets, service_reach, kinds, radio, reached.signal)
    return check(table.assign(**{name: between[name].to_numpy() for name in OBSTACLES}), VILLAGE_SIGNAL)


def signal_at_end(heard: pd.DataFrame, land: Land, cells: pd.DataFrame, end: ReachResult) -> pd.DataFrame:
    """Table VILLAGE_SIGNAL with the shares of people at an end of the reach (:func:`coverage.reach.model.at_ends`)."""
    if end.signal is None or end.known_pieces is None:
        return heard
    return _with_shares(heard.copy(), village_shares(land, cells, end.known_pieces))


def _with_shares(table: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    for name in (*SIGNAL_CLASSES, "unknown", "strong_unknown"):
        if f"share_{name}" in shares:
            table[f"share_{name}"] = shares[f"share_{name}"].clip(0, 1)
    return table


def _with_signal(
    table: pd.DataFrame,
    villages: pd.DataFrame,
    land: Land,
    cells: pd.DataFrame,
    terrain: Terrain,
    signal: Signal,
    pieces: pd.DataFrame,
    assets: gpd.GeoDataFrame,
    radio: RadioParameters,
) -> pd.DataFrame:
    """Add people by class, the centre, and operators."""
    shares = shares_of_signal(land, cells, pieces, signal)
    here, there = ("indoors", "outdoors") if radio.phone.place == "indoor" else ("outdoors", "indoors")
    table[f"share_{here}"] = (shares["share_strong"] + shares["share_weak"]).clip(0, 1)
    table[f"share_{there}"] = shares["share_elsewhere"].clip(0, 1)
    people = villages["population"].to_numpy(dtype=float, na_value=np.nan)
    table = _with_shares(table, shares)
    for name in SIGNAL_CLASSES:
        table[f"people_{name}"] = shares[f"share_{name}"].to_numpy() * people
    told = shares["share_none"].notna()
    if "share_unknown" in shares:
        nothing = (shares["share_unknown"] > NOTHING_KNOWN).to_numpy()
        lost = [f"{what}_{name}" for what in ("share", "people") for name in SIGNAL_CLASSES]
        table.loc[nothing, [*lost, "share_outdoors", "share_indoors"]] = np.nan
        told &= shares["share_unknown"] <= OPERATORS_UNKNOWN
    table["operators"] = shares["operators"].where(told)
    table["single_operator"] = shares["single_operator"].astype(object).where(told, None)
    named = all(tower.operators for tower in signal.towers)  # else another operator may be heard where one is
    table["share_one_operator"] = shares["share_one_operator"].clip(0, 1).where(told & named)
    row, column, held = cells_of(terrain, centres_of(villages))
    rsrp = np.where(held, signal.rsrp_dbm[row, column], np.nan)
    table["centre_rsrp_dbm"] = np.where(rsrp > NO_SIGNAL, rsrp, np.nan)
    names = np.array([*SIGNAL_CLASSES, None], dtype=object)
    table["centre_class"] = names[np.where(held, radio.signal_class(rsrp), -1)]
    listed = assets["asset_id"].tolist()
    ids = np.array([*(listed[tower.position] for tower in signal.towers), None], dtype=object)
    table["server_id"] = ids[np.where(held, signal.server[row, column], -1)]
    if len(signal.levels_dbm) > 1:
        second, number = next_best(signal, row, column)
        usable = held & (second >= np.float32(radio.thresholds.weak_dbm))
        table["second_id"] = ids[np.where(usable, number, -1)]
        table["second_rsrp_dbm"] = np.where(usable, second, np.nan)
    return table


OBSTACLES = ("tower_id", "tower_m", "blocked_at_m", "blocked_by_m", "blocked_lon", "blocked_lat", "clear_height_m")


def obstacles(
    places: gpd.GeoSeries,
    terrain: Terrain,
    assets: gpd.GeoDataFrame,
    service_reach: pd.DataFrame,
    kinds: dict[str, AssetKind],
    radio: RadioParameters,
    signal: Signal | None = None,
) -> pd.DataFrame:
    """What stands in the line from the nearest tower to each place.

    One place at a time: a profile has some hundred points, a region some hundred places.

    Parameters
    ----------
    signal : that of all towers of ``service_reach``, if there is one: its towers are not made again

    Returns
    -------
    pandas.DataFrame
        Columns :data:`OBSTACLES` as in table VILLAGE_SIGNAL, in the order of ``places``; empty where there is no tower
        or no height.
    """
    ids = assets["asset_id"].tolist()
    if signal is None:
        positions = service_reach.loc[service_reach["service"] == "cellular", "asset_position"].unique()
        towers = towers_of(assets, positions.tolist(), kinds, radio, terrain)
    else:
        towers = list(signal.towers)
    towers.sort(key=lambda tower: str(ids[tower.position]))  # of towers equally near the same, in whatever order
    _, _, held = cells_of(terrain, places)
    found: dict[int, dict[str, object]] = {}
    if towers and held.any():
        placed = shapely.get_coordinates(places.to_crs(terrain.crs).to_numpy())
        masts = np.array([(tower.transmitter.x, tower.transmitter.y) for tower in towers])
        metres, nearest = cKDTree(masts).query(placed)
        back = pyproj.Transformer.from_crs(terrain.crs, 4326, always_xy=True)
        for k in np.flatnonzero(held & (metres >= terrain.cell_m)):
            tower = towers[int(nearest[k])]
            mast = tower.transmitter
            line = sight_line(
                *terrain.profile((mast.x, mast.y), (placed[k, 0], placed[k, 1])),
                mast.height_m,
                radio.phone.height_m,
                mast.frequency_ghz,
                radio.sight.k,
                0.0,
            )
            values = found[int(k)] = {"tower_id": str(ids[tower.position]), "tower_m": metres[k]}
            if line.blocked:
                share = line.worst_km / line.distance_km[-1]
                at = masts[nearest[k]] + share * (placed[k] - masts[nearest[k]])
                lon, lat = back.transform(at[0], at[1])
                found[int(k)] = values | {
                    "blocked_at_m": 1000 * line.worst_km,
                    "blocked_by_m": -float(line.free_m[1:-1].min()),
                    "blocked_lon": lon,
                    "blocked_lat": lat,
                    "clear_height_m": mast.height_m + line.raise_first_m,
                }
    told = pd.DataFrame.from_dict(found, orient="index", columns=list(OBSTACLES)).reindex(range(len(places)))
    return told.astype({name: object if name == "tower_id" else float for name in OBSTACLES})
