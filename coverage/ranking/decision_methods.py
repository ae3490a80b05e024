"""Decision methods: scores from a matrix of criteria, and weights from judgements.

Methods take values on the common scale of :mod:`coverage.ranking.criteria` (1 is most urgent) and return scores, higher
for what is to be served first. Scores broadcast over weights: (draws, criteria) in, (draws, villages) out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from coverage.base.errors import ParameterError, Place
from coverage.base.parameters import Method

Floats = npt.NDArray[np.float64]
Scorer = Callable[[Floats], Floats]
"""From weights, shape (criteria,) or (draws, criteria), to scores, shape (villages,) or (draws, villages)."""

CONSISTENCY_LIMIT = 0.1
"""Consistency ratio above which pairwise comparisons contradict each other too much (Saaty 1980)."""

PROMETHEE_INDIFFERENCE = 0.05
"""Indifference threshold on the common scale (assumption of Jangkau)."""
PROMETHEE_PREFERENCE = 0.50
"""Threshold of full preference; linear in between (assumption of Jangkau)."""
PROMETHEE_LIMIT = 3000
"""Most villages compared pairwise: memory grows with the square, 72 MB a table here."""

_RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random comparisons of 1 to 10 criteria (Saaty 1980, table 3.1)."""


def scorer(scaled: Floats, method: Method = "weighted_sum") -> Scorer:
    """Prepare a method for scoring villages under any weights.

    Parameters
    ----------
    scaled
        Shape (villages, criteria), 0 to 1, 1 most urgent.
    method
        ``weighted_sum``, ``topsis`` (closeness to the ideal) or ``promethee`` (net outranking flow).

    Returns
    -------
    Scorer
        Scores from 0 to 1, higher is sooner; each row of weights adds up to 1.

    Raises
    ------
    ParameterError
        If more than :data:`PROMETHEE_LIMIT` villages are to be compared pairwise.
    """
    if method == "topsis":
        return partial(topsis, scaled)
    return partial(_weighted, promethee_flows(scaled) / 2 + 0.5 if method == "promethee" else scaled)


def _weighted(scaled: Floats, weights: Floats) -> Floats:
    return np.asarray(weights @ scaled.T)


def topsis(scaled: Floats, weights: Floats) -> Floats:
    """Closeness to the ideal solution: TOPSIS [1]_.

    With v the weighted values, closeness is D- / (D+ + D-), where D+ and D- are the Euclidean distances to the largest
    and
    the smallest v of each criterion. Where all villages are alike it is 0.5.

    Parameters
    ----------
    scaled
        Shape (villages, criteria), normalised, higher is better (dividing by the column's Euclidean norm gives the
        classical form).
    weights
        Shape (criteria,) or (draws, criteria).

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


def promethee_flows(scaled: Floats) -> Floats:
    """Net flow of each village per criterion: PROMETHEE II with linear preference and indifference [1]_.

    The net flow over all criteria is their weighted sum, so they are computed once for all weights.

    Parameters
    ----------
    scaled
        Shape (villages, criteria).

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
    if villages > PROMETHEE_LIMIT:
        raise ParameterError(
            "priority.too_many_for_method", Place(value=villages), method="promethee", limit=PROMETHEE_LIMIT
        )
    flows = np.zeros_like(scaled, dtype=np.float64)
    if villages < 2:
        return flows
    from pymcdm.methods import PROMETHEE_II  # slow import

    for j in range(criteria):
        method = PROMETHEE_II("vshape_2", p=[PROMETHEE_PREFERENCE], q=[PROMETHEE_INDIFFERENCE])
        flows[:, j] = method(scaled[:, [j]], np.ones(1), np.ones(1, dtype=int), validation=False)
    return flows


@dataclass(frozen=True)
class PairwiseWeights:
    """Weights from pairwise comparisons, with their consistency ratio."""

    weights: Floats
    consistency_ratio: float

    @property
    def consistent(self) -> bool:
        """Whether the consistency ratio is at most :data:`CONSISTENCY_LIMIT`."""
        return self.consistency_ratio <= CONSISTENCY_LIMIT


def pairwise_matrix(names: list[str], comparisons: Mapping[tuple[str, str], float]) -> Floats:
    """Matrix of comparisons; missing ones are 1.

    Parameters
    ----------
    names
        Criteria in order.
    comparisons
        ``(a, b): 3.0`` says that a is three times as important as b.
    """
    matrix = np.ones((len(names), len(names)))
    position = {name: i for i, name in enumerate(names)}
    for (first, second), value in comparisons.items():
        if first not in position or second not in position or first == second:
            raise ParameterError("priority.unknown_pair", Place(value=f"{first} : {second}"), offered=names)
        if not 1 / 9 <= value <= 9:
            raise ParameterError("priority.pair_out_of_range", Place(value=value), first=first, second=second)
        matrix[position[first], position[second]] = value
        matrix[position[second], position[first]] = 1 / value
    return matrix


def pairwise_weights(matrix: Floats) -> PairwiseWeights:
    """Weights from pairwise comparisons: the principal eigenvector (AHP) [1]_.

    The consistency ratio is (λ - n) / (n - 1) over the mean of random matrices of that size; 0 for one or two criteria.

    Parameters
    ----------
    matrix
        Shape (n, n), n at most 10: positive, ``matrix[j, i] = 1 / matrix[i, j]``.

    Raises
    ------
    ParameterError
        If the matrix is invalid.

    References
    ----------
    .. [1] Saaty, T. L. (1980). The Analytic Hierarchy Process. McGraw-Hill.
    """
    n = len(matrix)
    if not 1 <= n <= len(_RANDOM_INDEX):
        raise ParameterError("priority.too_many_pairs", Place(value=n), limit=len(_RANDOM_INDEX))
    if matrix.shape != (n, n) or not (matrix > 0).all() or not np.allclose(matrix * matrix.T, 1):
        raise ParameterError("priority.not_reciprocal")
    values, vectors = np.linalg.eig(matrix)
    largest = int(np.argmax(values.real))
    weights = np.abs(vectors[:, largest].real)
    index = (float(values[largest].real) - n) / (n - 1) if n > 2 else 0.0
    ratio = index / _RANDOM_INDEX[n - 1] if n > 2 else 0.0
    return PairwiseWeights(np.asarray(weights / weights.sum()), max(ratio, 0.0))


def most_contradictory(matrix: Floats) -> tuple[int, int, float]:
    """The comparison that fits the others least.

    What the others say of i against j is the geometric mean of ``matrix[i, k] * matrix[k, j]`` over every third k.

    Parameters
    ----------
    matrix
        As for :func:`pairwise_weights`, three criteria at least.

    Returns
    -------
    tuple
        Row and column (row before column) of the comparison that is the furthest factor from what the others say, and
        what they say.

    Examples
    --------
    >>> most_contradictory(np.array([[1, 2, 1 / 4], [1 / 2, 1, 2], [4, 1 / 2, 1]]))
    (0, 1, 0.125)
    """
    logs = np.log(matrix)
    through = logs.sum(axis=1)[:, None] + logs.sum(axis=0)[None, :] - 2 * logs
    said = through / (len(matrix) - 2)
    off = np.triu(np.round(np.abs(logs - said), 9), 1)
    i, j = np.unravel_index(int(np.argmax(off)), off.shape)
    return int(i), int(j), round(float(np.exp(said[i, j])), 9)


def entropy_weights(scaled: Floats) -> Floats:
    """Weights from the dispersion of values: Shannon's entropy [1]_.

    With p the share of each village in a criterion, its weight is proportional to 1 + sum(p ln p) / ln(n); p = 0 adds
    nothing. Where all villages are alike in all criteria, the weights are equal.

    Parameters
    ----------
    scaled
        Shape (villages, criteria), not negative.

    Returns
    -------
    numpy.ndarray
        Shape (criteria,), adding up to 1.

    References
    ----------
    .. [1] Hwang, C.-L. and Yoon, K. (1981). Multiple Attribute Decision Making. Springer.
    """
    villages, criteria = scaled.shape
    total = scaled.sum(axis=0)
    if villages < 2:
        return np.full(criteria, 1 / criteria)
    even = np.full_like(scaled, 1 / villages, dtype=np.float64)
    share = np.divide(scaled, total, out=even, where=total > 0)
    log = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = np.clip(1 + (share * log).sum(axis=0) / np.log(villages), 0, None)
    spread[spread < 1e-12] = 0.0
    return np.asarray(spread / spread.sum()) if spread.sum() > 0 else np.full(criteria, 1 / criteria)
