"""Where a terrain model cannot tell: no height there, none under a tower in range, or none on the way to it; or signal
is found where it is not known what stands there or on the way, which can only take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.base.compiled import compiled
from coverage.base.schema import CONNECTION
from coverage.land.cells import Land
from coverage.land.scanlines import Floats, Integers
from coverage.reach.terrain import Terrain

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MissingGround:
    """What rests on ground whose height is missing, by piece of the land.

    Attributes
    ----------
    here : no height is known here, or none on the way from the tower that serves here: nothing can be told
    near : a tower stands within reach on ground without a height: what is not served otherwise may be served by it
    towers : how many such towers there are
    unseen : it is not known what stands here or on the way from the tower: what is served may not be
    """

    here: Flags
    near: Flags
    towers: int
    unseen: Flags

    def unknown(self, share: Floats) -> Floats:
        """Share of each piece that is not known to be served nor unserved, where ``share`` is found served."""
        served = np.nan_to_num(share)
        return np.where(self.here, 1.0, np.where(self.near, 1.0 - served, 0.0) + np.where(self.unseen, served, 0.0))

    def certain(self, share: Floats) -> Floats:
        """Share of each piece that is served whatever the missing ground is like."""
        return np.where(self.here | self.unseen, 0.0, np.nan_to_num(share))


def missing_ground(
    land: Land, terrain: Terrain, towers: Sequence[shapely.Point], server: Integers, masts: Floats, reach_m: float
) -> MissingGround | None:
    """Find what rests on missing ground; None where nothing does.

    Parameters
    ----------
    land, terrain : in the same UTM zone
    towers : those without a height below them, in metres of that zone
    server : by piece, the row in ``masts`` of the tower that serves there; -1 for none
    masts : places of the towers on known ground, shape (n, 2), in metres
    reach_m : how far from a tower the model looks
    """
    x, y = land.centres
    here = ~terrain.holds(*terrain.indices(x, y))
    near, count = np.zeros(len(x), bool), 0
    if len(towers):
        places, centres = shapely.get_coordinates(np.asarray(towers, dtype=object)), np.column_stack([x, y])
        near = np.isfinite(cKDTree(places).query(centres, distance_upper_bound=reach_m)[0])
        count = int(np.isfinite(cKDTree(centres).query(places, distance_upper_bound=reach_m)[0]).sum())
    unseen = np.zeros(len(x), bool)
    for known, found in ((terrain.known, here), (terrain.clutter_known, unseen)):
        asked = np.flatnonzero((server >= 0) & ~here)
        if known is None or not len(asked):
            continue
        start, end = masts[server[asked]], np.column_stack([x, y])[asked]
        origin = np.array([terrain.x0, terrain.y0])
        found[asked] |= _crosses(~known, (start - origin) / terrain.cell_m, (end - origin) / terrain.cell_m)
    if not (here.any() or near.any() or unseen.any()):
        return None
    return MissingGround(here, near & ~here, count, unseen & ~here)


@compiled()
def _crosses(missing: Flags, start: Floats, end: Floats) -> Flags:
    """Whether straight lines, given in cells of the grid (column, row), cross a cell that is missing."""
    found = np.zeros(len(start), np.bool_)
    for k in range(len(start)):
        across, up = end[k, 0] - start[k, 0], end[k, 1] - start[k, 1]
        steps = int(max(abs(across), abs(up))) + 1
        for step in range(steps + 1):
            column = int(start[k, 0] + across * step / steps)
            row = int(start[k, 1] + up * step / steps)
            inside = 0 <= row < missing.shape[0] and 0 <= column < missing.shape[1]
            if inside and missing[row, column]:
                found[k] = True
                break
    return found


def unknown_reach(others: pd.DataFrame, found: Floats, missing: MissingGround) -> pd.DataFrame:
    """Share of each piece of which cellular service, and any connection, is not known.

    Parameters
    ----------
    others : Table REACH of the other services
    found : share that the model found in cellular reach
    """
    certain, unknown = missing.certain(found), missing.unknown(found)
    apart = others[CONNECTION].to_numpy(dtype=float)
    connection = np.maximum(apart, np.minimum(certain + unknown, 1.0)) - np.maximum(apart, certain)
    return pd.DataFrame({"cellular": unknown, CONNECTION: connection}, index=others.index)
