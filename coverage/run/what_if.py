"""What-if: the effect of proposed assets, and the best sites near a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.kinds import AssetKind
from coverage.base.schema import ASSETS
from coverage.reach.assets import no_assets, service_reach
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import ReachResult, radio_of, reach
from coverage.reach.signal import Tower
from coverage.run.result import Analysis, Ground
from coverage.villages_served.blank_spots import blank_spots, listed_states
from coverage.villages_served.village_service import village_service
from coverage.villages_served.village_signal import centres_of, signal_at_end, village_signal

PREFIX = "USUL-"
"""Prefix of the id of a proposed asset."""
LEAST_SHARE = 0.005
"""Share of a pocket of unknown people from which on it gets smaller."""


@dataclass(frozen=True)
class TrialAsset:
    """A proposed asset; defaults are those of its kind.

    Attributes
    ----------
    lon, lat
        EPSG:4326; ``height_m`` is the antenna's above ground.
    operator
        Operators, separated by commas.
    azimuth_deg
        Sector azimuth from north by east; omnidirectional by default.
    """

    lon: float
    lat: float
    kind: str = "tower"
    height_m: float | None = None
    band_mhz: float | None = None
    operator: str | None = None
    azimuth_deg: float | None = None


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Effect of proposals.

    Attributes
    ----------
    before, after
        State by BPS code under the rule.
    villages
        Villages whose state changes or where people are newly served: ``village_code_bps, before, after`` (states) and
        ``people_newly_served``; the most people first.
    pockets
        Pockets of the run that get smaller, under its default rule: ``village_code_bps, pocket, people`` (of before),
        ``share_left`` of them and people ``gained`` (empty where people are not known); the greatest gain first.
    people_newly_served
        In all villages: surely without the service before; None where people are not known.
    people_unknown
        Reached by the proposals, but not known to be without before, or not known to be served then; None where people
        are not known.
    reached : reach of all assets with the proposals; of a signal the best tower at every cell alone
    service : table VILLAGE_SERVICE
    gives : which asset gives which service (:func:`coverage.reach.assets.service_reach`)
    assets : table ASSETS with the proposals as operational, last
    """

    before: pd.Series
    after: pd.Series
    villages: pd.DataFrame
    pockets: pd.DataFrame
    people_newly_served: float | None
    people_unknown: float | None
    reached: ReachResult
    service: pd.DataFrame
    gives: pd.DataFrame
    assets: gpd.GeoDataFrame

    def new_towers(self, analysis: Analysis) -> tuple[Tower, ...]:
        """The proposals that the signal of the run counts."""
        old, now = 0 if analysis.assets is None else len(analysis.assets), self.reached.signal
        return () if now is None else tuple(tower for tower in now.towers if tower.position >= old)

    def circles(self, count: int) -> dict[int, float]:
        """Radius in metres of those of ``count`` proposals, by their number from 0, for which a circle counts."""
        own = self.gives[~self.reached.of_model & self.gives["main"]]
        number = own["asset_position"] - len(self.assets) + count
        return {int(at): float(metres) for at, metres in zip(number, own["reach_m"], strict=True) if at >= 0}


def with_proposals(
    old: gpd.GeoDataFrame | None,
    proposals: Sequence[TrialAsset],
    kinds: Mapping[str, AssetKind],
    radio: RadioParameters,
) -> gpd.GeoDataFrame:
    """Append the proposals to a table ASSETS, as operational.

    A Wi-Fi point reaches as far as ITU-R P.1411 says for its band without line of sight.
    """
    rows = []
    for number, one in enumerate(proposals, start=1):
        row: dict[str, object] = dict.fromkeys(ASSETS.names)
        row |= {
            "asset_id": f"{PREFIX}{number}",
            "kind": one.kind,
            "status": "operational",
            "operator": one.operator,
            "height_m": one.height_m,
            "band_mhz": one.band_mhz,
            "azimuth_deg": one.azimuth_deg,
            "on_fiber": any(given.on_fiber for given in kinds[one.kind].gives) or None,
            "reach_m": radio.wifi.range_m(one.band_mhz or 2400.0) if kinds[one.kind].service == "public_wifi" else None,
            "geometry": shapely.Point(one.lon, one.lat),
        }
        rows.append(row)
    new = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")
    old = no_assets() if old is None else old
    columns = {}
    for name in [*old.columns, *(["azimuth_deg"] if "azimuth_deg" not in old else [])]:
        here = old[name] if name in old else pd.Series(np.nan, index=old.index)
        there = new[name] if name in new else pd.Series([False if name == "neighbour" else None] * len(new))
        number = name in ("height_m", "band_mhz", "reach_m", "azimuth_deg", "tilt_deg", "eirp_dbm")
        both = np.concatenate([here.to_numpy(dtype=object), there.to_numpy(dtype=object)])
        columns[name] = pd.Series(both, dtype=float if number else object if name != "geometry" else None)
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=old.crs)


def what_if(analysis: Analysis, ground: Ground, proposals: Sequence[TrialAsset], rule: str | None = None) -> WhatIf:
    """Evaluate proposals as a whole run with them would, of which only what they change is computed.

    A list with proposals is no list: what was not known for lack of one stays so.

    Parameters
    ----------
    analysis, ground
        A run and its ground.
    rule
        Whose states are compared; the default rule by default.
    """
    parameters, land, terrain = analysis.parameters, ground.land, ground.terrain
    asked = parameters.rule(rule or parameters.default_rule)
    assets = with_proposals(analysis.assets, proposals, parameters.kinds, radio_of(parameters))
    gives = service_reach(assets, parameters.kinds)
    earlier = analysis.reached
    reached = reach(land, assets, gives, parameters, terrain, ground.kept, earlier=earlier, best_alone=True)
    known = analysis.known
    villages, cells = analysis.villages, ground.cells
    centre = reached.served(terrain, centres_of(villages), land) if terrain is not None else None
    rest = (known, centre, reached.of_model, reached.unknown)
    given = set(gives.loc[gives["asset_position"] >= len(assets) - len(proposals), "service"])
    service = village_service(
        villages, cells, reached.table, assets, gives, *rest, earlier=analysis.village_service, changed=given
    )
    heard = analysis.village_signal
    if heard is not None:
        heard = signal_at_end(heard, land, cells, reached)
    elif terrain is not None:
        around = (terrain, reached, assets, gives, parameters.kinds, radio_of(parameters))
        heard = village_signal(villages, land, cells, *around)
    spots = blank_spots(service, (asked,), parameters.kinds, listed_states(analysis.evidence), heard)
    states, now = analysis.states(asked.name), spots.set_index("village_code_bps")["state"]
    served, without = _people(villages, analysis.village_service, asked.service)
    served_now, without_now = (people.reindex(served.index) for people in _people(villages, service, asked.service))
    arrived = (served_now - served).reindex(now.index)
    # Unknown is no gain: neither who was not known to be without, nor who is not known to be served.
    fewer = (without - without_now).reindex(now.index)
    gained = arrived.where(arrived < fewer, fewer).clip(lower=0)
    table = pd.DataFrame({"before": states.reindex(now.index), "after": now, "people_newly_served": gained})
    changed = table[(table["before"] != table["after"]) | (table["people_newly_served"] >= 0.5)]
    ordered = changed.sort_values("people_newly_served", ascending=False, kind="stable")
    maybe = arrived.where(arrived > fewer, fewer).clip(lower=0) - gained
    total, unknown = (None if gained.isna().any() else float(people.sum()) for people in (gained, maybe))
    return WhatIf(
        table["before"],
        now,
        ordered.rename_axis("village_code_bps").reset_index(),
        _smaller_pockets(analysis, cells, reached),
        total,
        unknown,
        reached,
        service,
        gives,
        assets,
    )


def _smaller_pockets(analysis: Analysis, cells: pd.DataFrame, reached: ReachResult) -> pd.DataFrame:
    """Pockets in which fewer people are surely without service than before."""
    found = analysis.found_pockets
    columns = ["village_code_bps", "pocket", "people"]
    if found is None:
        return pd.DataFrame(columns=[*columns, "share_left", "gained"])
    pieces, table = found.pieces, found.table
    service = analysis.parameters.rule().service

    def more(now: pd.DataFrame, before: pd.DataFrame) -> NDArray[np.float64]:
        added: NDArray[np.float64] = (now[service] - before[service]).to_numpy(dtype=float)[pieces.index]
        return added

    surely = np.minimum(more(reached.table, analysis.reached.table), more(reached.most, analysis.reached.most))
    left = pieces["unserved"].to_numpy() - surely.clip(0)  # unknown is no gain
    share, pocket = cells["people_share"].to_numpy()[pieces.index], pieces["pocket"].to_numpy()
    there, remain = (np.bincount(pocket, share * part, len(table)) for part in (pieces["unserved"].to_numpy(), left))
    share_left = np.minimum(remain / there, 1)
    gained = table["people"].astype(float) * (1 - share_left)
    told = table[columns].assign(share_left=share_left)
    smaller = np.where(gained.isna(), share_left < 1 - LEAST_SHARE, gained >= 0.5)
    return told.assign(gained=gained)[smaller].sort_values("gained", ascending=False, kind="stable", ignore_index=True)


def _people(villages: pd.DataFrame, table: pd.DataFrame, service: str) -> tuple[pd.Series, pd.Series]:
    """People served and people surely without, per village; neither where no asset of the service was ever listed."""
    rows = table[table["service"] == service].set_index("village_code_bps")
    people = villages.set_index("village_code_bps")["population"].astype(float).reindex(rows.index)
    listed = rows["share_served"].notna()
    served = rows["population_served"].astype(float).where(listed, people * 0)
    unknown = rows["share_unknown"].astype(float).where(listed, 1.0)
    return served, people * (1 - unknown) - served


def is_listed(analysis: Analysis, service: str) -> bool:
    """Whether any list tells of a service; without one nobody is known to be without it."""
    rows = analysis.village_service["service"] == service
    return bool(analysis.village_service.loc[rows, "known"].any())
