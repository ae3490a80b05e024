"""How sure a state is: how far its number is from the threshold, and whether the stated reach flips it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.parameters import Rule
from coverage.base.schema import BLANK_SPOTS, CERTAINTIES, check
from coverage.land.scanlines import Floats

UNCERTAIN_SHARE = 0.05
"""Share within which people and place leave a state open: people per village and outlines are known no better."""


def with_certainty(
    spots: pd.DataFrame,
    rules: Sequence[Rule],
    least: NDArray[np.object_],
    most: NDArray[np.object_],
    chances: pd.DataFrame | None = None,
    sure_from: float = 1.0,
) -> pd.DataFrame:
    """Add to table BLANK_SPOTS how sure each state is.

    Parameters
    ----------
    least, most : states of the same rows at the least and the greatest stated reach
    chances : how likely each state is (:mod:`coverage.villages_served.chances`); the ends count where that is empty
    sure_from : chance from which on a state is sure

    Returns
    -------
    pandas.DataFrame
        Table BLANK_SPOTS with ``margin``, ``state_least``, ``state_most`` and ``certainty``. A state is *possible*
        where its chance is too small (without a signal, where it is another one at the least or the greatest reach), or
        where the share is within :data:`UNCERTAIN_SHARE` of a threshold; nobody at all in reach is no such share. What
        is unknown has no certainty, and what a list says is sure.
    """
    by_name = {rule.name: (rule.blank_below, rule.weak_below) for rule in rules}
    share = spots["share"].to_numpy(dtype=float)
    ends = np.array([by_name[name] for name in spots["rule"].to_numpy(dtype=object)])
    margin = _nearest(share, ends)
    state = spots["state"].to_numpy()
    flips = (least != state) | (most != state)
    if chances is not None:
        chance = chances["chance"].to_numpy(dtype=float)
        flips = np.where(np.isnan(chance), flips, chance < sure_from)
    close = np.nan_to_num(margin, nan=1.0) < UNCERTAIN_SHARE
    certainty = np.where(flips | close, CERTAINTIES[1], CERTAINTIES[0]).astype(object)
    certainty[state == "unknown"] = None
    table = spots.assign(margin=margin, state_least=least, state_most=most, certainty=certainty)
    if chances is not None:
        table = table.assign(**{name: chances[name] for name in chances.columns})
    return check(table, BLANK_SPOTS)


def _nearest(share: Floats, ends: Floats) -> Floats:
    """Distance of each share to its nearest threshold above zero; where there is none, to zero."""
    apart = np.abs(share[:, None] - np.where(ends > 0, ends, np.inf)).min(axis=1)
    return np.where(np.isinf(apart), np.where(share > 0, share, np.nan), apart)
