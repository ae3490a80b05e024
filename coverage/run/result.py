"""Result of a run: all its tables, and the land it was computed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.parameters import Parameters, Rule
from coverage.base.schema import CONNECTION
from coverage.base.table_form import rows_of
from coverage.villages_served.blank_spots import services_listed

if TYPE_CHECKING:  # what only analyses hold: a list of the inventory needs no model of reach
    from coverage.land.cells import Land
    from coverage.land.scanlines import Floats
    from coverage.reach.added_asset import RunSignal
    from coverage.reach.link_budget import RadioParameters
    from coverage.reach.model import ReachResult
    from coverage.reach.radials import LossStore
    from coverage.reach.signal import Signal
    from coverage.reach.terrain import Terrain
    from coverage.readers.basemap import Basemap
    from coverage.villages_served.pockets import Pockets


@dataclass(frozen=True, eq=False)
class SignalRaster:
    """RSRP of the best server in dBm, rows from the north, NaN for none; with its position in metres."""

    rsrp_dbm: NDArray[np.float32]
    west: float
    north: float
    cell_m: float
    crs: Any


@dataclass(frozen=True, eq=False)
class SignalSoFar:
    """Signal of ``done`` towers of a run, to be looked at while the others are computed: no figure rests on it.

    ``signal`` goes on being filled.
    """

    villages: gpd.GeoDataFrame
    terrain: Terrain
    radio: RadioParameters
    signal: Signal
    done: int


@dataclass(frozen=True, kw_only=True, eq=False)
class RunTables:
    """What papers need of a run, each table as in :mod:`coverage.base.schema`; also what a saved run keeps.

    ``assets`` are those near the region, with a column ``neighbour`` (:func:`coverage.reach.assets.with_neighbours`).

    ``run`` holds ``run_id, version, inputs, parameters, counts, seconds, notes, approximations``: what ``run.json``
    says, so that any number on paper can be reproduced; ``date`` (ISO) where it is fixed.
    """

    villages: pd.DataFrame
    assets: pd.DataFrame | None
    evidence: pd.DataFrame | None
    village_service: pd.DataFrame
    nearest: pd.DataFrame
    village_signal: pd.DataFrame | None
    agreement: pd.DataFrame | None
    blank_spots: pd.DataFrame
    conflicts: pd.DataFrame
    priority: pd.DataFrame
    parameters: Parameters
    run: dict[str, Any]
    pockets: pd.DataFrame | None = None
    """Table POCKETS under the default rule; None where it cannot be told, and in runs saved before there were any."""
    landmarks: pd.DataFrame | None = None
    """Table LANDMARKS_SERVED under the default rule; None without a list."""
    compared: pd.DataFrame | None = None
    """Table COMPARED; None without measurements, and in a saved run."""
    other_land: pd.DataFrame | None = None
    """Forests and waters of the boundary file, no villages; of drawn boundaries, they are drawn when shown."""
    basemap: Basemap | None = None
    tiles: Basemap | None = None
    """What the region keeps to be drawn on; neither is kept in a saved run."""

    @property
    def signal_raster(self) -> SignalRaster | None:
        """The signal on its grid; None in a saved run."""
        return None

    @property
    def pocket_shapes(self) -> gpd.GeoSeries | None:
        """Outlines of the pockets in the order of their table, EPSG:4326; None in a saved run."""
        return None

    def pocket_counts(self, rule: str | None = None) -> pd.Series:
        """Number of pockets by BPS code; none under another rule than that of the pockets, the default rule."""
        if self.pockets is None or rule not in (None, self.parameters.default_rule):
            return pd.Series(dtype="int64")
        return self.pockets.loc[self.pockets["pocket"] > 0, "village_code_bps"].value_counts()

    def states(self, rule: str | None = None) -> pd.Series:
        """State by BPS code under a rule, the default rule unless named."""
        rows = self.blank_spots[self.blank_spots["rule"] == (rule or self.parameters.default_rule)]
        return rows.set_index("village_code_bps")["state"]


def people_unserved(run: RunTables, rule: Rule) -> pd.Series:
    """People surely without the service that a rule looks at, by BPS code: whole people, empty where not known,
    such as in a village of unknown state.

    Under a rule about a list, the people of the villages that it calls blank spots.
    """
    codes = pd.Index(run.villages["village_code_bps"])
    people = pd.Series(run.villages["population"].to_numpy(dtype=float, na_value=np.nan), codes)
    spots = rows_of(run.blank_spots, "rule", rule.name, codes)
    if rule.is_list:
        return people.round().where(spots["state"] == "blank")
    unknown = spots["share_unknown"].astype(float).fillna(0) if "share_unknown" in spots else 0.0
    served = rows_of(run.village_service, "service", rule.service, codes)["population_served"].astype(float)
    without = people.round() - served.round() - (people * unknown).round()
    return without.where(spots["state"] != "unknown")


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis(RunTables):
    """Everything that a run found.

    With elevation, ``villages`` has the columns of VILLAGE_TERRAIN, ``terrain`` is the ground, ``reached`` holds the
    signal on its grid, and ``village_signal`` is set; with measurements, ``compared`` holds them beside the signal and
    ``agreement`` their agreement per village. ``land`` is None in a run that is only
    written to files. ``reach_most`` is table REACH at the greatest stated reach, with what is
    not known counted as reached.
    """

    cells: pd.DataFrame
    reach: pd.DataFrame
    reached: ReachResult
    terrain: Terrain | None
    land: Land | None
    reach_most: pd.DataFrame
    found_pockets: Pockets | None = None

    @property
    def pocket_shapes(self) -> gpd.GeoSeries | None:
        """Outlines of the pockets; copies of the run share them."""
        return None if self.found_pockets is None else self.found_pockets.shapes

    @property
    def known(self) -> set[str]:
        """Services for which a list of assets was given (:func:`coverage.reach.assets.services_known`)."""
        return services_listed(self.village_service) - {CONNECTION}

    def heard(self, kept: LossStore | None = None) -> RunSignal | None:
        """The signal, to evaluate one more tower; None where the run has none."""
        if self.terrain is None or self.reached.signal is None:
            return None
        from coverage.reach.added_asset import RunSignal
        from coverage.reach.model import radio_of

        return RunSignal(self.reached, self.terrain, radio_of(self.parameters), kept)

    @property
    def signal_raster(self) -> SignalRaster | None:
        """The signal on its grid; None without elevation."""
        terrain, signal = self.terrain, self.reached.signal
        if terrain is None or signal is None:
            return None
        from coverage.reach.signal_views import rsrp_known

        rsrp = rsrp_known(signal.rsrp_dbm)
        if terrain.known is not None:
            rsrp[~terrain.known] = np.nan
        if terrain.clutter_known is not None:
            rsrp[~terrain.clutter_known] = np.nan
        north = terrain.y0 + terrain.shape[0] * terrain.cell_m
        return SignalRaster(rsrp[::-1], terrain.x0, north, terrain.cell_m, terrain.crs)


@dataclass(frozen=True)
class Ground:
    """Land in cells with people: what does not depend on assets.

    ``population`` is that of the map of people, for villages without an official figure; ``terrain`` and ``relief``
    (table VILLAGE_TERRAIN) are set where elevation is given; ``notes`` concern both. ``kept`` is the cache of each
    tower's signal.
    """

    land: Land
    cells: pd.DataFrame
    population: Floats | None = None
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    terrain: Terrain | None = None
    relief: pd.DataFrame | None = None
    kept: LossStore | None = None
