"""Hamlets, service points and busy places: in reach or not, in which pocket, and who asks for an access point."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.kinds import LandmarkKind
from coverage.base.parameters import Parameters, Rule
from coverage.base.schema import CERTAINTIES, LANDMARKS, LANDMARKS_SERVED, check
from coverage.land.cells import Land
from coverage.land.scanlines import Floats
from coverage.reach.assets import service_reach
from coverage.reach.model import ReachResult, radio_of
from coverage.reach.terrain import Terrain
from coverage.villages_served.pockets import Pockets
from coverage.villages_served.village_service import places_served

WATCHED_BY = "surveillance"
"""The service that busy places and crossings are held against."""


def landmarks_served(
    landmarks: pd.DataFrame,
    kinds: Mapping[str, LandmarkKind],
    rule: Rule,
    known: Set[str],
    land: Land,
    cells: pd.DataFrame,
    population: Floats,
    assets: gpd.GeoDataFrame,
    reached: ReachResult,
    parameters: Parameters,
    terrain: Terrain | None = None,
    pockets: Pockets | None = None,
) -> pd.DataFrame:
    """Tell for every landmark whether it is in reach, and rank the candidates for an access point.

    Hamlets and service points are held against the rule's services, busy places against cameras. A landmark without a
    place, one under a rule about a list, and one out of reach of what was never listed are of unknown state.

    Parameters
    ----------
    landmarks : Table LANDMARKS
    known : services for which a list of assets was given
    population : people of each village, in the order of the land's
    reached : the reach of the run

    Returns
    -------
    pandas.DataFrame
        Table LANDMARKS_SERVED. ``rank`` orders service points known to have no internet of their own: those out of
        reach first, then of unknown reach; with electricity before not known before none; by people near.
    """
    table = landmarks[LANDMARKS.names].reset_index(drop=True)
    role = table["kind"].map({name: kind.role for name, kind in kinds.items()}).fillna("service")
    state, certainty = np.full(len(table), "unknown", dtype=object), np.full(len(table), None, dtype=object)
    placed = np.flatnonzero(table["lon"].notna() & table["lat"].notna())
    watched = (role.iloc[placed] == "watched").to_numpy()
    asked = [(placed[watched], WATCHED_BY, {WATCHED_BY})]
    if rule.method == "share":
        asked.append((placed[~watched], rule.service, set(rule.needs)))
    for at, service, needs in asked:
        if len(at):
            points = _points(table.iloc[at])
            state[at], certainty[at] = place_states(
                points, service, needs, known, land, assets, reached, parameters, terrain
            )
    people = np.full(len(table), np.nan)
    people[placed] = _people_near(table.iloc[placed], land, cells, population, parameters.pockets.near_m)
    pocket = np.full(len(table), -1)
    if pockets is not None and len(placed):
        pocket[placed] = pockets.at(_points(table.iloc[placed]).geometry)
    lies = (pocket >= 0) & (state == "blank") & (role != "watched").to_numpy()
    numbers = pd.array([None] * len(table), dtype="Int64")
    if pockets is not None and lies.any():
        lies &= pockets.table["village_code_bps"].to_numpy()[pocket] == table["village_code_bps"].to_numpy()
        numbers[lies] = pockets.table["pocket"].to_numpy()[pocket[lies]]
    table = table.assign(state=state, certainty=certainty, pocket=numbers, people_near=people)
    asks = ((role == "service") & (table["internet"] == False)).to_numpy()  # noqa: E712  not known is not no
    return check(table.assign(rank=_ranks(table, asks)), LANDMARKS_SERVED)


def with_hamlets(
    table: pd.DataFrame, pockets: Pockets, landmarks: pd.DataFrame, kinds: Mapping[str, LandmarkKind], near_m: float
) -> pd.DataFrame:
    """Name pockets by the hamlets in them, else by the nearest one of the village within ``near_m`` of the pocket.

    Parameters
    ----------
    table : Table POCKETS of ``pockets``, in its order
    landmarks : Table LANDMARKS

    Returns
    -------
    pandas.DataFrame
        ``table`` with ``hamlets`` (one a line, that nearest to the pocket's place first) and ``hamlets_are``: where
        the village's hamlets are listed without places, ``unplaced``, and no name is guessed.
    """
    hamlets = landmarks[landmarks["kind"].isin([name for name, kind in kinds.items() if kind.role == "hamlet"])]
    has = hamlets["lon"].notna() & hamlets["lat"].notna()
    unplaced = table["village_code_bps"].isin(set(hamlets.loc[~has, "village_code_bps"])) & (table["pocket"] > 0)
    names, how = np.full(len(table), None, dtype=object), np.full(len(table), None, dtype=object)
    how[unplaced] = "unplaced"
    hamlets = hamlets[has].reset_index(drop=True)
    if hamlets.empty or not len(pockets.pieces):
        return table.assign(hamlets=names, hamlets_are=how)
    row, hamlet, metres = pockets.near(_points(hamlets).geometry, near_m)
    pairs = pd.DataFrame({"row": row, "hamlet": hamlet, "metres": metres})
    codes = table["village_code_bps"].to_numpy()
    own = codes[row] == hamlets["village_code_bps"].to_numpy()[hamlet]
    pairs = pairs[own & (table["pocket"].to_numpy()[row] > 0)]
    pairs["inside"] = pairs["metres"] == 0
    pairs = pairs[pairs["inside"] | ~pairs.groupby("row")["inside"].transform("any")]
    to = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326).to_crs(pockets.crs)
    points = _points(hamlets).geometry.to_crs(pockets.crs)
    pairs["away"] = shapely.distance(to.to_numpy()[pairs["row"]], points.to_numpy()[pairs["hamlet"]])
    pairs = pairs.sort_values(["row", "inside", "metres", "away", "hamlet"], kind="stable")
    pairs = pairs[pairs["inside"] | ~pairs.duplicated("row")]
    pairs["name"] = hamlets["name"].to_numpy()[pairs["hamlet"]]
    named = pairs.groupby("row").agg(name=("name", "\n".join), inside=("inside", "first"))
    names[named.index] = named["name"]
    how[named.index] = named["inside"].map({True: "inside", False: "near"})
    return table.assign(hamlets=names, hamlets_are=how)


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    at = table.rename(columns={"lon": "centre_lon", "lat": "centre_lat"})
    return gpd.GeoDataFrame(at, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)


def place_states(
    points: gpd.GeoDataFrame,
    service: str,
    needs: Set[str],
    known: Set[str],
    land: Land,
    assets: gpd.GeoDataFrame,
    reached: ReachResult,
    parameters: Parameters,
    terrain: Terrain | None = None,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """State of places for a service, by the exact distance to what gives it, and its certainty.

    Out of reach is blank only where every list in ``needs`` is ``known``.
    """
    return _states(_at_ends(points, assets, service, reached, land, parameters, terrain), known >= needs)


def _at_ends(
    points: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    service: str,
    reached: ReachResult,
    land: Land,
    parameters: Parameters,
    terrain: Terrain | None,
) -> list[NDArray[Any]]:
    """Whether points are in reach at the usual, the least and the greatest stated reach: True, False or None."""
    kinds, strict = parameters.kinds, parameters.missing_ground == "unknown"
    usual, least, most = (service_reach(assets, kinds, end) for end in (None, "reach_min_m", "reach_max_m"))
    found = []
    for gives, other, sign in ((usual, usual, 0), (least, most, -1), (most, least, 1)):
        cellular = None
        if terrain is not None and reached.usable is not None:
            usable = reached.usable
            if reached.signal is not None:
                radio = radio_of(parameters)
                level = radio.stronger_by(sign * radio.margin.uncertainty_db).thresholds.weak_dbm
                usable = reached.signal.rsrp_dbm >= np.float32(level)
            cellular = replace(reached, usable=usable).served(terrain, points.geometry, land)
            if sign and reached.signal is None:
                circles = places_served(points, assets, other[reached.of_model], "cellular").astype(float)
                cellular = np.maximum(cellular, circles) if sign > 0 else np.minimum(cellular, circles)
        found.append(places_served(points, assets, gives, service, cellular, reached.of_model, strict))
    return found


def _states(found: list[NDArray[Any]], is_known: bool) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """State and certainty, from whether a place is in reach at the usual, least and greatest reach."""
    usual, least, most = (pd.array(one, dtype="boolean") for one in found)
    served = usual.fillna(False).to_numpy(dtype=bool)
    blank = (~usual).fillna(False).to_numpy(dtype=bool) & is_known
    holds = np.where(served, least.fillna(False).to_numpy(dtype=bool), (~most).fillna(False).to_numpy(dtype=bool))
    state = np.select([served, blank], ["served", "blank"], "unknown").astype(object)
    certainty = np.where(holds, *CERTAINTIES).astype(object)
    certainty[state == "unknown"] = None
    return state, certainty


def _people_near(table: pd.DataFrame, land: Land, cells: pd.DataFrame, population: Floats, near_m: float) -> Floats:
    """People in the cells whose centres lie within a distance of each place; empty where not known."""
    people = cells["people_share"].to_numpy() * population[cells["village_position"].to_numpy()]
    places = _points(table).geometry.to_crs(land.crs).to_numpy()
    at, cell = shapely.STRtree(np.asarray(shapely.points(*land.centres))).query(places, "dwithin", near_m)
    return np.bincount(at, people[cell], len(places)).astype(float)


def _ranks(table: pd.DataFrame, asks: NDArray[np.bool_]) -> pd.Series:
    """Place of each candidate, empty for the others."""
    order = pd.DataFrame(
        {
            "state": table["state"].map({"blank": 0, "unknown": 1, "served": 2}),
            "electricity": table["electricity"].map({True: 0, False: 2}).fillna(1),
            "people": -table["people_near"].fillna(-1),
            "id": table["landmark_id"],
        }
    )[asks].sort_values(["state", "electricity", "people", "id"])
    ranks = pd.Series(pd.NA, table.index, dtype="Int64")
    ranks[order.index] = np.arange(1, len(order) + 1)
    return ranks


def hamlets_by_village(landmarks: pd.DataFrame | None, kinds: Mapping[str, LandmarkKind]) -> dict[str, list[str]]:
    """Names of hamlets (landmarks of ``kinds``) by code of their village, sorted; empty without a list."""
    if landmarks is None:
        return {}
    rows = landmarks[landmarks["kind"].isin(list(kinds))]
    return {str(code): sorted(set(names)) for code, names in rows.groupby("village_code_bps")["name"]}
