"""TOPSIS: closeness to the ideal, the best value that any village has in each criterion."""

from __future__ import annotations

from functools import partial

import numpy as np

from coverage.ranking.scoring import Floats, Scorer, decision_method


@decision_method("topsis", place=20)
def prepare(scaled: Floats) -> Scorer:
    """Score by :func:`topsis`."""
    return partial(topsis, scaled)


def topsis(scaled: Floats, weights: Floats) -> Floats:
    """Closeness to the ideal solution: TOPSIS [1]_.

    With v the weighted values, closeness is D- / (D+ + D-), where D+ and D- are the Euclidean distances to the largest
    and the smallest v of each criterion. Where all villages are alike it is 0.5.

    Parameters
    ----------
    scaled
        Shape (villages, criteria), normalised, higher is better (dividing by the column's Euclidean norm gives the
        classical form).
    weights : shape (criteria,) or (draws, criteria)

    Returns
    -------
    numpy.ndarray
        Shape (villages,) or (draws, villages).

    References
    ----------
    .. [1] Hwang, C.-L. and Yoon, K. (1981). Multiple Attribute Decision Making. Springer.
    """
    if not len(scaled):
        return np.zeros((*weights.shape[:-1], 0))
    squared = weights**2
    to_best = np.sqrt(squared @ ((scaled - scaled.max(axis=0)) ** 2).T)
    to_worst = np.sqrt(squared @ ((scaled - scaled.min(axis=0)) ** 2).T)
    total = to_best + to_worst
    return np.asarray(np.divide(to_worst, total, out=np.full_like(total, 0.5), where=total > 0))
