"""PROMETHEE II: how clearly a village is ahead of every other, criterion by criterion."""

from __future__ import annotations

from functools import partial

import numpy as np

from coverage.ranking.methods.weighted_sum import weighted_sum
from coverage.ranking.scoring import Floats, Scorer, decision_method

INDIFFERENCE = 0.05
"""Indifference threshold on the common scale (assumption of Jangkau)."""
PREFERENCE = 0.50
"""Threshold of full preference; linear in between (assumption of Jangkau)."""
LIMIT = 3000
"""Most villages compared pairwise: memory grows with the square, 72 MB a table here."""


@decision_method("promethee", place=30, most=LIMIT)
def prepare(scaled: Floats) -> Scorer:
    """Score by the weighted sum of net flows, from 0 to 1."""
    return partial(weighted_sum, promethee_flows(scaled) / 2 + 0.5)


def promethee_flows(scaled: Floats) -> Floats:
    """Net flow of each village per criterion: PROMETHEE II with linear preference and indifference [1]_.

    The net flow over all criteria is their weighted sum, so they are computed once for all weights.

    Parameters
    ----------
    scaled : shape (villages, criteria)

    Returns
    -------
    numpy.ndarray
        Same shape, -1 to 1.

    References
    ----------
    .. [1] Brans, J. P. and Vincke, P. (1985). A preference ranking organisation method. Management Science 31(6),
    647-656.
    """
    villages, criteria = scaled.shape
    flows = np.zeros_like(scaled, dtype=np.float64)
    if villages < 2:
        return flows
    from pymcdm.methods import PROMETHEE_II  # slow import

    for j in range(criteria):
        method = PROMETHEE_II("vshape_2", p=[PREFERENCE], q=[INDIFFERENCE])
        flows[:, j] = method(scaled[:, [j]], np.ones(1), np.ones(1, dtype=int), validation=False)
    return flows
