"""Calibration of the link budget by field measurements: one offset for all, and offsets of clusters beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from coverage.base.parameters import Parameters
from coverage.reach.model import radio_of

BLOCK_M = 500.0
"""Measurements within a block are not independent and count as one."""
LEAST_BLOCKS = 10
"""Minimum for a calibration."""
LEAST_OF_CLUSTER = 2
"""Fewest blocks of a cluster that has an offset: the fewer, the nearer to that of all."""
FOLDS = 5
"""Parts of the blocks, each held out once."""
CLUSTERS = ("operator", "band", "ground")
"""What may have an offset of its own, in the order in which they are tried."""


@dataclass(frozen=True)
class ClusterOffset:
    """Offset of a cluster beside that of all and of the clusters before it.

    Attributes
    ----------
    kind, name : one of :data:`CLUSTERS`, and which
    offset_db : drawn towards 0 as far as its own blocks leave it open
    error_db : standard error of the mean of its blocks, before it is drawn: rather too great
    low_db, high_db : ends of the interval of 95 per cent, by that error and Student's t
    blocks : number of blocks
    """

    kind: str
    name: str
    offset_db: float
    error_db: float
    low_db: float
    high_db: float
    blocks: int


@dataclass(frozen=True)
class Calibration:
    """Offset of the link budget.

    Attributes
    ----------
    offset_db : mean of measured minus predicted, to add to RSRP
    error_db : its standard error, over blocks of :data:`BLOCK_M`
    spread_db : standard deviation of the blocks
    blocks, count : number of blocks and measurements
    used
        Those of :data:`CLUSTERS` that leave less in held-out blocks, by more than the standard error of the difference
        of squares: less could be chance [1]_.
    clusters : their offsets
    held_out_db
        Root mean square of what is left in blocks that no offset was made from, :data:`FOLDS` times over: without one
        (``none``), with that of all (``all``), and with each kind of cluster that was tried beside those used.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen and Stone (1984). Classification and Regression Trees, section 3.4.3.
    """

    offset_db: float
    error_db: float
    spread_db: float
    blocks: int
    count: int
    used: tuple[str, ...] = ()
    clusters: tuple[ClusterOffset, ...] = ()
    held_out_db: Mapping[str, float] = field(default_factory=dict)

    @property
    def left_db(self) -> float:
        """What is left in held-out blocks with all that is used."""
        return self.held_out_db[self.used[-1] if self.used else "all"]

    def about(self) -> dict[str, Any]:
        """As in ``run.json``."""
        told = _rounded(vars(self))
        return {
            **told,
            "used": list(self.used),
            "clusters": [_rounded(vars(one)) for one in self.clusters],
            "held_out_db": _rounded(self.held_out_db),
        }


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in values.items()}


def calibration(compared: pd.DataFrame, parameters: Parameters) -> Calibration | None:
    """Estimate the offset of the budget from measured RSRP, with its error.

    A measurement is held against the median prediction: the margin for places
    (:attr:`coverage.reach.link_budget.Margin.location_percent`) is taken off first. Blocks of :data:`BLOCK_M` count
    once each, for neighbouring measurements share their hill; blocks around one tower still share its errors, which no
    interval here holds. A phone reports no RSRP where it hears nothing, so the weakest places are missing, and the
    offset is rather too high than too low.

    Parameters
    ----------
    compared : Table COMPARED

    Returns
    -------
    Calibration or None
        None where fewer than :data:`LEAST_BLOCKS` blocks have measurements.
    """
    rows = compared[compared["measured_dbm"].notna() & compared["predicted_dbm"].notna()]
    if rows.empty:
        return None
    median = rows["predicted_dbm"].to_numpy(dtype=float) - radio_of(parameters).margin_db()
    degree = 111_320.0
    shrink = np.cos(np.radians(rows["lat"].mean()))
    table = pd.DataFrame(
        {
            "off": rows["measured_dbm"].to_numpy(dtype=float) - median,
            **{kind: rows[kind].fillna("").to_numpy() if kind in rows else "" for kind in CLUSTERS},
            "north": np.floor(rows["lat"].to_numpy(dtype=float) * degree / BLOCK_M),
            "east": np.floor(rows["lon"].to_numpy(dtype=float) * degree * shrink / BLOCK_M),
        }
    )
    means = table.groupby(["north", "east"])["off"].mean().to_numpy()
    if len(means) < LEAST_BLOCKS:
        return None
    blocks = table.groupby(["north", "east", *CLUSTERS])["off"].mean().reset_index()
    spread = float(np.std(means, ddof=1))
    left = {"none": blocks["off"].to_numpy(), "all": _held_out(blocks, [])}
    used: list[str] = []
    for kind in CLUSTERS:
        if blocks.loc[blocks[kind] != "", kind].nunique() > 1:
            left[kind] = _held_out(blocks, [*used, kind])
            gain = left[used[-1] if used else "all"] ** 2 - left[kind] ** 2
            if gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)):
                used.append(kind)
    clusters = tuple(
        ClusterOffset(kind, str(name), float(row[0]), float(row[1]), float(row[2]), float(row[3]), int(row[4]))
        for kind, effects in zip(used, _fitted(blocks, float(means.mean()), used), strict=True)
        for name, row in zip(effects.index, effects.to_numpy(dtype=float), strict=True)
    )
    error = spread / float(np.sqrt(len(means)))
    held_out = {name: float(np.sqrt((rest**2).mean())) for name, rest in left.items()}
    return Calibration(float(means.mean()), error, spread, len(means), len(rows), tuple(used), clusters, held_out)


def _fitted(blocks: pd.DataFrame, centre: float, kinds: Sequence[str]) -> list[pd.DataFrame]:
    """Effects of each kind of cluster on what the kinds before it leave."""
    left, found = blocks["off"] - centre, []
    for kind in kinds:
        found.append(_effects(left, blocks[kind]))
        left = left - blocks[kind].map(found[-1]["offset"]).fillna(0.0).astype(float)
    return found


def _effects(left: pd.Series, cluster: pd.Series) -> pd.DataFrame:
    """Effects of clusters drawn towards 0, indexed by name: ``offset, error, low, high, blocks``.

    The best linear unbiased prediction of a random effect [1]_: the mean of a cluster's ``n`` blocks times
    ``b / (b + w / n)``, with the variance ``w`` within clusters and ``b`` between them by the analysis of variance
    (0 where that is negative: then nothing tells them apart).

    References
    ----------
    .. [1] Searle, Casella and McCulloch (1992). Variance Components. Wiley, chapters 3 and 7.
    """
    named = left[cluster != ""].groupby(cluster[cluster != ""]).agg(["mean", "var", "size"])
    named = named[named["size"] >= LEAST_OF_CLUSTER]
    if len(named) < 2:
        return pd.DataFrame(columns=["offset", "error", "low", "high", "blocks"], dtype=float)
    size, total = named["size"], named["size"].sum()
    degrees = total - len(named)
    within = float((named["var"] * (size - 1)).sum() / degrees)
    apart = float((size * (named["mean"] - (size * named["mean"]).sum() / total) ** 2).sum())
    between = max((apart - (len(named) - 1) * within) / (total - (size**2).sum() / total), 0.0)
    noise = within / size
    offset = named["mean"] * (between / (between + noise) if between else 0.0)
    half = np.sqrt(noise) * stdtrit(degrees, 0.975)
    return pd.DataFrame(
        {"offset": offset, "error": np.sqrt(noise), "low": offset - half, "high": offset + half, "blocks": size}
    )


def _held_out(blocks: pd.DataFrame, kinds: Sequence[str]) -> NDArray[np.float64]:
    """What is left of each block where the part that it is in was not used."""
    place = blocks.groupby(["north", "east"]).ngroup().to_numpy()
    fold = np.random.default_rng(0).permutation(place.max() + 1)[place] % FOLDS
    left = np.empty(len(blocks))
    for number in range(FOLDS):
        used, kept = blocks[fold != number], blocks[fold == number]
        centre = float(used["off"].mean())
        rest = kept["off"] - centre
        for kind, effects in zip(kinds, _fitted(used, centre, kinds), strict=True):
            rest = rest - kept[kind].map(effects["offset"]).fillna(0.0).astype(float)
        left[fold == number] = rest
    return left


def calibrated(parameters: Parameters, found: Calibration) -> Parameters:
    """Parameters with the offset applied, at a planner's request.

    Clusters have their own where that leaves less in held-out blocks. What is not known after that is what was
    measured: the error of the offset for the region, what is left in held-out blocks for towers and places.
    """
    radio = radio_of(parameters)
    margin, unsure = radio.margin, radio.uncertainty
    own = {
        f"calibration_by_{kind}": {one.name: one.offset_db for one in found.clusters if one.kind == kind}
        for kind in CLUSTERS
    }
    margin = margin.model_copy(update={"calibration_db": margin.calibration_db + found.offset_db, **own})
    scale = found.left_db / max(float(np.hypot(unsure.tower_db, unsure.place_db)), 1e-9)
    measured = {"tower_db": unsure.tower_db * scale, "place_db": unsure.place_db * scale, "common_db": found.error_db}
    changed = {"margin": margin, "uncertainty": unsure.model_copy(update=measured)}
    return parameters.model_copy(update={"radio": radio.model_copy(update=changed)})
