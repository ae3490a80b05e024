"""The weighted sum of the criteria."""

from __future__ import annotations

from functools import partial

import numpy as np

from coverage.ranking.scoring import Floats, Scorer, decision_method


@decision_method("weighted_sum", place=10)
def prepare(scaled: Floats) -> Scorer:
    """Score by the weighted sum."""
    return partial(weighted_sum, scaled)


def weighted_sum(scaled: Floats, weights: Floats) -> Floats:
    """Sum of values times weights: shape (villages,) or (draws, villages)."""
    return np.asarray(weights @ scaled.T)
