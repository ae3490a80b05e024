"""Made worlds in which the signal differs from what was predicted, drawn by another way than the product's.

An error for the whole world, one for each tower, and smooth random fields over the land whose covariance falls
exponentially with distance [1]_, made by a Fourier transform, one for all towers and one for each (each a mast by itself);
every tower counts everywhere, and every cell of the terrain.

References
----------
.. [1] Gudmundson (1991). Correlation model for shadow fading in mobile radio systems. Electronics Letters 27(23).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.land.cells import Land
from coverage.reach.link_budget import RadioParameters
from coverage.reach.p1812 import location_sigma_db
from coverage.reach.signal import Signal
from coverage.reach.signal_at_places import places_of
from coverage.reach.signal_views import of_tower
from coverage.reach.terrain import Terrain


def tower_levels(terrain: Terrain, signal: Signal, radio: RadioParameters) -> NDArray[np.float32]:
    """RSRP of every tower at every cell, shape (towers, rows, columns)."""
    return np.stack([of_tower(terrain, tower, radio) for tower in signal.towers])


def true_shares(
    land: Land,
    terrain: Terrain,
    signal: Signal,
    levels: NDArray[np.float32] | Callable[[], NDArray[np.float32]],
    radio: RadioParameters,
    worlds: int,
    seed: int,
) -> NDArray[np.float64]:
    """Share of each village's land with at least weak signal in each of some worlds, shape (villages, worlds).

    Parameters
    ----------
    levels : RSRP of every tower at every cell, or what makes it for each world
    """
    rng, unsure = np.random.default_rng(seed), radio.uncertainty
    row, column, covered = places_of(land, terrain)
    village, area = land.cells["village_position"].to_numpy(), land.cells["area_m2"].to_numpy()
    wide, narrow = (
        location_sigma_db(0.942, radio.phone.height_m, radio.margin.clutter_m, width)
        for width in (unsure.place_m, radio.margin.width_m)
    )
    far, near = unsure.place_m / 2, land.cell_m / 2

    def land_error() -> NDArray[np.float64]:
        return unsure.place_db * _field(terrain, far, rng) + np.sqrt(wide**2 - narrow**2) * _field(terrain, near, rng)

    found = []
    for _ in range(worlds):
        offset = rng.normal(0, [tower.spread_db for tower in signal.towers]).astype(np.float32)
        present = levels() if callable(levels) else levels
        best = np.full(terrain.shape, -np.inf)
        for level, error in zip(present, offset, strict=True):
            best = np.maximum(best, level + error + np.sqrt(1 - unsure.mast_correlation) * land_error())
        best += np.sqrt(unsure.mast_correlation) * land_error() + rng.normal(0, unsure.common_db)
        heard = ((best[row, column] >= radio.thresholds.weak_dbm) & covered).sum(axis=1) / covered.sum(axis=1)
        found.append(np.bincount(village, area * heard) / np.bincount(village, area))
    return np.array(found).T


def _field(terrain: Terrain, distance_m: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Normal numbers whose correlation falls to 1/e at a distance."""
    rows, columns = terrain.shape
    north, east = (np.minimum(np.arange(n), n - np.arange(n)) * terrain.cell_m for n in (rows, columns))
    power = np.clip(np.fft.rfft2(np.exp(-np.hypot(north[:, None], east) / distance_m)).real, 0, None)
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((rows, columns))) * np.sqrt(power), (rows, columns))
    return np.asarray(field / field.std())


def reliability(chance: NDArray[np.float64], held: NDArray[np.bool_], bins: int = 5) -> pd.DataFrame:
    """Beside each other: the chance that was told, and in how many cases it held (``held``: villages by worlds)."""
    each = np.repeat(chance, held.shape[1])
    table = pd.DataFrame({"told": each, "held": held.ravel(), "bin": np.minimum((each * bins).astype(int), bins - 1)})
    return table.groupby("bin").agg(told=("told", "mean"), held=("held", "mean"), cases=("held", "size"))
