"""What a run and the measurements know of proposed points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from coverage.base.errors import InputError
from coverage.base.kinds import AssetKind, fiber_nodes, giving_alone
from coverage.base.projection import WGS84
from coverage.imports.values import read_date
from coverage.land.cells import Land, villages_of_points
from coverage.proposals.proposal import Proposal
from coverage.proposals.rules import ProposalRules
from coverage.proposals.warnings import PointFacts, ProposalWarning, warnings_of
from coverage.reach.model import radio_of
from coverage.reach.tower_link import TowerLink, tower_link
from coverage.readers.kinds import landmark_kinds
from coverage.readers.proposals import proposal_rules
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis, RunTables, people_unserved
from coverage.villages_served.field_evidence import measured_class
from coverage.villages_served.field_reports import reports_near
from coverage.villages_served.landmarks import place_states
from coverage.villages_served.village_service import nearest_assets

MEASURED = ("operator", "class", "date", "rsrp_dbm", "time", "measurement_id", "distance_m")


@dataclass(frozen=True)
class PointFound:
    """A proposed point beside the run.

    Attributes
    ----------
    lon, lat : the point, else the village's centre
    facts : for warnings
    people : people without service around it (in its pocket, else in the village); None where not known
    in_pocket : whether ``people`` are those of its pocket
    tower_m, fiber_m : distance to the nearest operational mast and fibre node; None without any on the list
    measured : measurements around it, nearest first: columns :data:`MEASURED`
    facilities : number of public facilities of the village; None where no list was given
    nearby : names of service points of the village and their distance in metres (None: no place), the nearest first
    photos : number of photos that came with reports from the phone near it
    """

    lon: float
    lat: float
    facts: PointFacts
    people: float | None
    in_pocket: bool
    tower_m: float | None
    fiber_m: float | None
    measured: pd.DataFrame
    facilities: float | None = None
    nearby: Sequence[tuple[str, float | None]] = ()
    photos: int = 0


@dataclass(frozen=True, eq=False)
class TowerProfile:
    """Terrain from a tower to a point."""

    name: str
    distance_m: float
    link: TowerLink


def profiles_of(analysis: Analysis, found: PointFound, most: int = 2) -> list[TowerProfile] | None:
    """Profiles from the towers nearest to a point; None without elevation.

    A tower at whose foot the point lies, or beyond the known terrain, is passed over.
    """
    terrain, signal, assets = analysis.terrain, analysis.reached.signal, analysis.assets
    if terrain is None or signal is None or assets is None:
        return None
    x, y = pyproj.Transformer.from_crs(4326, terrain.crs, always_xy=True).transform(found.lon, found.lat)
    away = {tower: float(np.hypot(tower.transmitter.x - x, tower.transmitter.y - y)) for tower in signal.towers}
    made: list[TowerProfile] = []
    seen: set[tuple[float, float]] = set()
    for tower in sorted(away, key=away.__getitem__):
        spot = tower.transmitter.x, tower.transmitter.y
        if spot in seen or len(made) == most:
            continue
        seen.add(spot)
        row = assets.iloc[tower.position]
        name = row["name"] if isinstance(row["name"], str) else str(row["asset_id"])
        with suppress(InputError):
            link = tower_link(terrain, tower, found.lon, found.lat, radio_of(analysis.parameters))
            made.append(TowerProfile(name, away[tower], link))
    return made


def centre_of(analysis: RunTables, code: str) -> PointFound:
    """A village's centre as a point, as far as the tables of a run tell: for who asked for no point yet."""
    row = analysis.villages.set_index("village_code_bps").loc[[code]].iloc[0]
    near = analysis.nearest[analysis.nearest["village_code_bps"] == code]
    kinds = analysis.parameters.kinds
    tower, fiber = (_nearest_of(near, names).get(code) for names in (_masts(kinds), fiber_nodes(kinds)))
    people = float(people_unserved(analysis, analysis.parameters.rule()).to_dict()[code])
    known, nothing = None if np.isnan(people) else people, pd.DataFrame(columns=MEASURED)
    place = float(row["centre_lon"]), float(row["centre_lat"])
    return PointFound(*place, PointFacts(), known, False, tower, fiber, nothing)


@dataclass(frozen=True)
class Review:
    """Points and warnings, by proposal."""

    points: Mapping[str, PointFound]
    warnings: Mapping[str, Sequence[ProposalWarning]]


def review(
    analysis: Analysis,
    land: Land,
    inputs: Inputs,
    proposals: Sequence[Proposal],
    deadlines: Any,
    today: str,
    reports: pd.DataFrame | None = None,
) -> Review:
    """Hold the register against a run.

    Parameters
    ----------
    deadlines : ISO date by channel, as the office's settings keep it; None where it set none
    reports : reports from the phone (:meth:`coverage.store.reports.FieldReports.table`)
    """
    rules = proposal_rules()
    points = points_of(analysis, land, proposals, rules, inputs.measurements, inputs.criteria, reports)
    facts = {name: point.facts for name, point in points.items()}
    return Review(points, warnings_of(proposals, rules, today, deadlines or {}, facts))


def points_of(
    analysis: Analysis,
    land: Land,
    proposals: Sequence[Proposal],
    rules: ProposalRules,
    measurements: pd.DataFrame | None = None,
    criteria: pd.DataFrame | None = None,
    reports: pd.DataFrame | None = None,
) -> dict[str, PointFound]:
    """Each proposal's point beside the run; proposals of villages that the run does not have are left out.

    Parameters
    ----------
    measurements : Table MEASUREMENTS
    criteria : figures of villages, for the column ``facilities``
    """
    villages = analysis.villages.set_index("village_code_bps")
    asked = [one for one in proposals if one.village_code_bps in villages.index]
    if not asked:
        return {}
    own = villages.loc[[one.village_code_bps for one in asked]]
    lon = np.array([one.lon if one.lon is not None else at for one, at in zip(asked, own["centre_lon"], strict=True)])
    lat = np.array([one.lat if one.lat is not None else at for one, at in zip(asked, own["centre_lat"], strict=True)])
    places = gpd.GeoDataFrame(
        {"village_code_bps": [one.proposal_id for one in asked], "centre_lon": lon, "centre_lat": lat},
        geometry=gpd.points_from_xy(lon, lat),
        crs=4326,
    )
    lies = villages_of_points(analysis.villages, places.geometry)
    served = _served(analysis, land, places)
    pocket = np.full(len(asked), -1)
    if analysis.found_pockets is not None:
        pocket = analysis.found_pockets.at(places.geometry)
    near, kinds = nearest_assets(places, analysis.assets), analysis.parameters.kinds
    tower, fiber = _nearest_of(near, _masts(kinds)), _nearest_of(near, fiber_nodes(kinds))
    without, table = people_unserved(analysis, analysis.parameters.rule()), analysis.pockets
    found = {}
    for at, one in enumerate(asked):
        lies_in = one.has_place and pocket[at] >= 0 and not served[at]
        row = table.iloc[pocket[at]] if table is not None and lies_in else None
        people = float(without[one.village_code_bps] if row is None else row["people"])
        measured = _measured(analysis, measurements, lon[at], lat[at], rules.measured_m)
        silent = measured.loc[measured["class"] == "none", "date"].dropna()
        number = None if row is None else int(row["pocket"])
        found[one.proposal_id] = PointFound(
            float(lon[at]),
            float(lat[at]),
            PointFacts(
                served[at] if one.has_place else None,
                number,
                tuple(sorted(silent)),
                _elsewhere(analysis.villages, lies[at], one),
            ),
            None if np.isnan(people) else people,
            row is not None,
            tower.get(one.proposal_id),
            fiber.get(one.proposal_id),
            measured,
            _facilities(criteria, one.village_code_bps),
            _nearby(analysis.landmarks, one.village_code_bps, lon[at], lat[at]),
            _photos(reports, lon[at], lat[at], rules.measured_m),
        )
    return found


def _elsewhere(villages: pd.DataFrame, position: int, one: Proposal) -> str | None:
    """The village that a point lies in, where it is not the one that is named."""
    if position < 0 or not one.has_place:
        return None
    row = villages.iloc[position]
    return None if row["village_code_bps"] == one.village_code_bps else f"{row['village']} ({row['subdistrict']})"


def _served(analysis: Analysis, land: Land, places: gpd.GeoDataFrame) -> list[bool | None]:
    """Whether each point is in reach of what the run's rule looks at; None where that cannot be told."""
    rule, assets, parameters = analysis.parameters.rule(), analysis.assets, analysis.parameters
    known = analysis.known
    if rule.method != "share" or assets is None or not known >= set(rule.needs):
        return [None] * len(places)
    states, _ = place_states(
        places, rule.service, set(rule.needs), known, land, assets, analysis.reached, parameters, analysis.terrain
    )
    return [{"served": True, "blank": False}.get(state) for state in states]


def _masts(kinds: Mapping[str, AssetKind]) -> list[str]:
    return [name for name in giving_alone(kinds, "cellular") if not kinds[name].small_cell]


def _nearest_of(near: pd.DataFrame, kinds: Sequence[str]) -> dict[str, float]:
    rows = near[near["kind"].isin(kinds)]
    return {str(key): float(metres) for key, metres in rows.groupby("village_code_bps")["distance_m"].min().items()}


def _measured(
    analysis: Analysis, measurements: pd.DataFrame | None, lon: float, lat: float, within_m: float
) -> pd.DataFrame:
    """Measurements within a distance of a point, nearest first."""
    if measurements is None or measurements.empty:
        return pd.DataFrame(columns=MEASURED)
    metres = WGS84.inv(
        np.full(len(measurements), lon), np.full(len(measurements), lat), measurements["lon"], measurements["lat"]
    )[2]
    rows = measurements[metres <= within_m].assign(distance_m=metres[metres <= within_m]).sort_values("distance_m")
    dates = [read_date(time, "dmy")[0] if isinstance(time, str) else None for time in rows["time"]]
    return pd.DataFrame(
        {
            "operator": rows["operator"],
            "class": measured_class(rows, radio_of(analysis.parameters)),
            "date": pd.Series([date if date and len(date) == 10 else None for date in dates], rows.index, dtype=object),
            "rsrp_dbm": rows["rsrp_dbm"].astype(float),
            "time": rows["time"],
            "measurement_id": rows["measurement_id"],
            "distance_m": rows["distance_m"],
        }
    ).reset_index(drop=True)


def _nearby(landmarks: pd.DataFrame | None, code: str, lon: float, lat: float) -> list[tuple[str, float | None]]:
    if landmarks is None:
        return []
    of_service = landmarks["kind"].isin(landmark_kinds("service"))
    rows = landmarks[of_service & (landmarks["village_code_bps"] == code)]
    at = rows[["lon", "lat"]].to_numpy(dtype=float)
    metres = np.asarray(WGS84.inv(np.full(len(rows), lon), np.full(len(rows), lat), *at.T)[2], dtype=float)
    found = [
        (str(name), None if np.isnan(away) else float(away)) for name, away in zip(rows["name"], metres, strict=True)
    ]
    return sorted(found, key=lambda one: (one[1] is None, one[1] or 0.0, one[0]))


def _photos(reports: pd.DataFrame | None, lon: float, lat: float, within_m: float) -> int:
    """Photos that arrived with reports around a point."""
    if reports is None or reports.empty:
        return 0
    near = reports_near(reports, lon, lat, within_m)["photos"]
    return sum(photo["received_at"] is not None for photos in near for photo in photos)


def _facilities(criteria: pd.DataFrame | None, code: str) -> float | None:
    if criteria is None or "facilities" not in criteria:
        return None
    count = criteria["facilities"].astype(float).get(code, np.nan)
    return None if np.isnan(count) else float(count)
