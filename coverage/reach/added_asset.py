"""Gain of one more asset: the people who would be newly connected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.base.kinds import AssetKind
from coverage.base.schema import CONNECTION
from coverage.land.cells import Land
from coverage.land.scanlines import Floats
from coverage.reach.assets import repeating, service_reach
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import ReachResult
from coverage.reach.radials import LossStore
from coverage.reach.radius import reach_by_radius
from coverage.reach.repeaters import towers_of
from coverage.reach.signal import Tower, own_towers
from coverage.reach.signal_views import newly_heard
from coverage.reach.terrain import Terrain


@dataclass(frozen=True, eq=False)
class RunSignal:
    """Signal of a run: reach, terrain, radio parameters, cache of windows."""

    reached: ReachResult
    terrain: Terrain
    radio: RadioParameters
    kept: LossStore | None = None


def people_gained(
    land: Land,
    cells: pd.DataFrame,
    villages: pd.DataFrame,
    assets: gpd.GeoDataFrame,
    kinds: dict[str, AssetKind],
    asset_ids: Sequence[str],
    heard: RunSignal | None = None,
    between: Callable[[], None] | None = None,
) -> dict[str, float]:
    """People newly connected by each of some assets, if it worked.

    Each is computed with its overlapping working neighbours alone.

    Parameters
    ----------
    land, cells, villages : the land, table CELLS and table VILLAGES (with people) of a run
    assets : Table ASSETS; those of ``asset_ids`` need not be operational
    asset_ids : the assets to evaluate, one at a time
    heard : signal of the run, if any: towers then count by signal, others by their circles
    between : called before each of them; what it raises ends the search

    Returns
    -------
    dict
        People by asset_id; zero without a connecting service. Empty where people are not known.
    """
    people = cells["people_share"].to_numpy() * villages["population"].to_numpy(dtype=float)[cells["village_position"]]
    if np.isnan(people).any():
        return {}
    if heard is not None and heard.reached.unknown is not None:  # may be connected already
        people = people * (1 - heard.reached.unknown[CONNECTION].to_numpy(dtype=float))
    placed = assets.to_crs(land.crs)
    centre = placed.geometry.representative_point()
    x, y = centre.x.to_numpy(), centre.y.to_numpy()
    works = (assets["status"] == "operational").to_numpy()
    reach_m = service_reach(assets.assign(status="operational"), kinds).groupby("asset_position")["reach_m"].max()
    far = reach_m.reindex(range(len(assets))).fillna(0).to_numpy()
    # So far from what is near stands what a repeater there may hear.
    beyond = float(far[repeating(assets, kinds)].max(initial=0.0))
    position = {asset: at for at, asset in enumerate(assets["asset_id"])}
    gained = {}
    if heard is not None:
        gained = _by_signal(land, people, assets, kinds, [position[asset] for asset in asset_ids], heard)
    for asset in asset_ids:
        at = position[asset]
        if asset in gained:
            continue
        if between is not None:
            between()
        near = works & (np.hypot(x - x[at], y - y[at]) <= far + far[at] + beyond)
        near[at] = False
        without = _connected(land, assets[near], kinds)
        with_it = _connected(land, pd.concat([assets[near], assets.iloc[[at]].assign(status="operational")]), kinds)
        gained[asset] = float(people @ (with_it - without))
    return gained


def _by_signal(
    land: Land,
    people: Floats,
    assets: gpd.GeoDataFrame,
    kinds: dict[str, AssetKind],
    positions: list[int],
    heard: RunSignal,
) -> dict[str, float]:
    """People newly connected by each tower on known ground, by signal: with the repeaters that hear it then."""
    gives = service_reach(assets.iloc[positions].assign(status="operational"), kinds)
    cellular = [positions[at] for at in gives.loc[gives["service"] == "cellular", "asset_position"]]
    own = own_towers(assets, cellular, kinds, heard.radio, heard.terrain)
    towers = towers_of(assets, cellular, kinds, heard.radio, heard.terrain)
    causes = [tower.position for tower in towers]
    for tower, cause in _woken(assets, kinds, dict.fromkeys(tower.position for tower in own), heard):
        towers.append(tower)
        causes.append(cause)
    assert heard.reached.usable is not None
    now, connected = (heard.reached.table[name].to_numpy(dtype=float) for name in ("cellular", CONNECTION))
    brought = {tower.position: np.zeros(len(now)) for tower in own}  # a repeater that hears nothing brings nothing
    shares = newly_heard(land, heard.terrain, heard.reached.usable, towers, heard.radio, heard.kept)
    for cause, share in zip(causes, shares, strict=True):
        brought[cause] = np.maximum(brought[cause], share)
    return {
        str(assets["asset_id"].iloc[position]): float(people @ np.maximum(now + share - connected, 0))
        for position, share in brought.items()
    }


def _woken(
    assets: gpd.GeoDataFrame, kinds: dict[str, AssetKind], positions: Iterable[int], heard: RunSignal
) -> Iterator[tuple[Tower, int]]:
    """What repeaters would send besides if a mast worked, and the mast's row."""
    works = assets["status"].to_numpy() == "operational"
    repeaters = np.flatnonzero(repeating(assets, kinds) & works).tolist()
    if not repeaters:
        return

    def of(tower: Tower) -> tuple[object, ...]:
        return tower.position, tower.operators, tower.technology, tower.without_loss_dbm

    now = {of(tower) for tower in towers_of(assets, repeaters, kinds, heard.radio, heard.terrain)}
    for position in positions:
        status = assets["status"].where(np.arange(len(assets)) != position, "operational")
        then = towers_of(assets.assign(status=status), repeaters, kinds, heard.radio, heard.terrain)
        yield from ((tower, position) for tower in then if of(tower) not in now)


def _connected(land: Land, assets: gpd.GeoDataFrame, kinds: dict[str, AssetKind]) -> np.ndarray:
    table = assets.reset_index(drop=True)
    reach = reach_by_radius(land, table, service_reach(table, kinds))
    return np.asarray(reach[CONNECTION].to_numpy(dtype=float))
