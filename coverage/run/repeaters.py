"""What proposed repeaters would hear, and whether they would send it on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.parameters import Parameters
from coverage.base.projection import on_earth
from coverage.reach.assets import donors_of, operators_of, repeating, shared_operators
from coverage.reach.model import ReachResult, radio_of
from coverage.reach.repeaters import heard_at, seeing
from coverage.reach.terrain import Terrain


@dataclass(frozen=True)
class MastHeard:
    """A mast as a proposed repeater hears it.

    Attributes
    ----------
    number : of the proposal, from 0
    sends : whether it sends it on
    asset_id, metres : the mast, and how far it is; None where none is in operation
    reach_m : of the mast, where circles decide; None where sight does
    rsrp_dbm, technology, operators : by signal: as heard at the repeater's height, and what it is
    """

    number: int
    sends: bool
    asset_id: str | None = None
    metres: float | None = None
    reach_m: float | None = None
    rsrp_dbm: float | None = None
    technology: str | None = None
    operators: tuple[str, ...] = ()


def masts_heard(
    assets: gpd.GeoDataFrame,
    first: int,
    gives: pd.DataFrame,
    reached: ReachResult,
    parameters: Parameters,
    terrain: Terrain | None,
) -> tuple[MastHeard, ...]:
    """What each repeater from row ``first`` of the assets on hears: all that it sends on, or what comes nearest to it.

    Parameters
    ----------
    gives : which asset gives which service (:func:`coverage.reach.assets.service_reach`)
    reached : the reach of all of them, by which it is decided
    """
    rows = gives[gives["service"] == "cellular"].set_index("asset_position")
    by_model = gives.loc[reached.of_model, "asset_position"].tolist()
    found: list[MastHeard] = []
    for at in np.flatnonzero(repeating(assets, parameters.kinds)[first:]) + first:
        number = int(at) - first
        if terrain is None or at not in by_model:
            found.append(_nearest(assets, int(at), number, rows["reach_m"], parameters))
        elif reached.signal is not None:
            found += _by_signal(assets, int(at), number, parameters, terrain)
        else:
            sees = bool(seeing(assets, [int(at)], parameters.kinds, radio_of(parameters), terrain))
            nearest = _nearest(assets, int(at), number, rows["reach_m"] * 0, parameters)  # whatever it reaches
            found.append(replace(nearest, sends=sees, reach_m=None))
    return tuple(found)


def _by_signal(
    assets: gpd.GeoDataFrame, at: int, number: int, parameters: Parameters, terrain: Terrain
) -> Iterator[MastHeard]:
    radio = radio_of(parameters)
    heard, ids = heard_at(assets, at, parameters.kinds, radio, terrain), assets["asset_id"]
    sent = [one for one in heard if one.rsrp_dbm >= radio.repeater.least_dbm]
    if not heard:
        yield MastHeard(number, False)
    for one in sent or heard[:1]:
        mast = one.donor
        told = one.metres, None, one.rsrp_dbm, mast.technology, one.operators
        yield MastHeard(number, bool(sent), str(ids.iloc[mast.position]), *told)


def _nearest(assets: gpd.GeoDataFrame, at: int, number: int, reach_m: pd.Series, parameters: Parameters) -> MastHeard:
    """The mast out of whose reach a repeater stands least, or within whose reach it stands most."""
    donors = np.flatnonzero(donors_of(assets, parameters.kinds, "cellular"))
    own = operators_of(assets["operator"].iloc[at])
    donors = donors[
        [shared_operators(own, operators_of(text)) is not None for text in assets["operator"].iloc[donors]]
    ].astype(np.int64)
    if not len(donors):
        return MastHeard(number, False)
    sends = bool(reach_m.get(at, 0) > 0)
    places = on_earth(*shapely.get_coordinates(assets.geometry.iloc[[at, *donors]].to_crs(4326).to_numpy()).T)
    metres, reach = np.linalg.norm(places[1:] - places[0], axis=1), reach_m.reindex(donors).to_numpy(dtype=float)
    best = int(np.argmin(np.nan_to_num(metres - reach, nan=np.inf)))
    return MastHeard(number, sends, str(assets["asset_id"].iloc[donors[best]]), float(metres[best]), float(reach[best]))
