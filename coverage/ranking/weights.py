"""Weights of criteria: from judgements, or from the values themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.base.errors import ParameterError, Place

Floats = npt.NDArray[np.float64]

CONSISTENCY_LIMIT = 0.1
"""Consistency ratio above which pairwise comparisons contradict each other too much (Saaty 1980)."""

_RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random comparisons of 1 to 10 criteria (Saaty 1980, table 3.1)."""


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
    names : criteria in order
    comparisons : ``(a, b): 3.0`` says that a is three times as important as b
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
    matrix : shape (n, n), n at most 10: positive, ``matrix[j, i] = 1 / matrix[i, j]``

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
    matrix : as for :func:`pairwise_weights`, three criteria at least

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
    scaled : shape (villages, criteria), not negative

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
