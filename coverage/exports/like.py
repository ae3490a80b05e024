"""What the exports need of a run. The run itself lies above them, so they know only its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.parameters import Parameters


@dataclass(frozen=True, eq=False)
class SignalRaster:
    """RSRP of the best tower in dBm, rows from the north, missing where there is none; and where it lies, in metres."""

    rsrp_dbm: NDArray[np.float32]
    west: float
    north: float
    cell_m: float
    crs: Any


class AnalysisLike(Protocol):
    """The tables of a run, each as in :mod:`coverage.schema`, its parameters, and what is known of the run itself."""

    @property
    def villages(self) -> pd.DataFrame:
        """Villages, a GeoDataFrame in EPSG:4326."""

    @property
    def assets(self) -> pd.DataFrame | None:
        """Assets, a GeoDataFrame in EPSG:4326; None where no list was given."""

    @property
    def evidence(self) -> pd.DataFrame | None:
        """What people reported; None where nothing was given."""

    @property
    def village_service(self) -> pd.DataFrame:
        """A row per village and service."""

    @property
    def nearest(self) -> pd.DataFrame:
        """A row per village and kind of asset."""

    @property
    def village_signal(self) -> pd.DataFrame | None:
        """A row per village, where elevation was given."""

    @property
    def agreement(self) -> pd.DataFrame | None:
        """Where measurements in the field were given: how often they agree with the signal, per village."""

    @property
    def signal_raster(self) -> SignalRaster | None:
        """The signal on its grid, where elevation was given."""

    @property
    def blank_spots(self) -> pd.DataFrame:
        """A row per village and rule."""

    @property
    def conflicts(self) -> pd.DataFrame:
        """A row per disagreement between what was computed and the evidence."""

    @property
    def priority(self) -> pd.DataFrame:
        """A row per ranked village."""

    @property
    def parameters(self) -> Parameters:
        """Rules, kinds, weights."""

    @property
    def run(self) -> dict[str, Any]:
        """``run_id, version, inputs, counts, seconds, notes, approximations``; ``date`` (ISO) where it is fixed."""
