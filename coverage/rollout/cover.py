"""Maximal covering location problem: reduction, heuristics and bound.

Lazy greedy choice [1]_, exchange of single sites [2]_, and a Lagrangian bound [3]_.

References
----------
.. [1] Minoux, M. (1978). Accelerated greedy algorithms for maximizing submodular set functions. Optimization
   Techniques, Springer, 234-243.
.. [2] Teitz, M. B. and Bart, P. (1968). Heuristic methods for estimating the generalized vertex median of a weighted
   graph. Operations Research 16(5), 955-961.
.. [3] Galvão, R. D. and ReVelle, C. (1996). A Lagrangean heuristic for the maximal covering location problem. European
   Journal of Operational Research 88(1), 114-123.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from coverage.base.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ROUNDS = 300
"""Most subgradient steps."""


def within_reach(candidates: Floats, demand: Floats, reach_m: float) -> csr_array:
    """Coverage matrix by straight distance.

    Parameters
    ----------
    candidates, demand : coordinates in metres, shape (n, 2)
    reach_m : reach in metres, inclusive

    Returns
    -------
    scipy.sparse.csr_array
        Ones, shape (demand points, candidates).
    """
    pairs = cKDTree(demand).sparse_distance_matrix(cKDTree(candidates), reach_m, output_type="coo_matrix")
    cover = coo_array((np.ones(pairs.nnz), (pairs.row, pairs.col)), shape=(len(demand), len(candidates)))
    return csr_array(cover)


def merged(cover: csr_array, people: Floats) -> tuple[csr_array, Floats]:
    """Merge demand points with the same candidates; drop unreachable ones.

    Returns
    -------
    tuple
        Ones, shape (rows, candidates), indices sorted; and the people of each row.
    """
    cover = csr_array(cover)
    cover.eliminate_zeros()
    cover.sort_indices()
    points, candidates = cover.shape
    keys = np.random.default_rng(1).integers(1, 2**62, (2, candidates), dtype=np.int64)
    # Sets are hashed by two sums of 62-bit random keys: collisions once in 2**124.
    hashed = np.zeros((2, points), dtype=np.int64)
    filled = np.flatnonzero(np.diff(cover.indptr) > 0)
    with np.errstate(over="ignore"):
        for which in range(2):
            if len(filled):
                hashed[which, filled] = np.add.reduceat(keys[which, cover.indices], cover.indptr[filled])
    useful = filled[people[filled] > 0]
    _, first, owner = np.unique(hashed[:, useful], axis=1, return_index=True, return_inverse=True)
    weight = np.bincount(owner.ravel(), people[useful], len(first)).astype(np.float64)
    rows = csr_array(cover[useful[first]])
    rows.data = np.ones(rows.nnz)
    return rows, weight


@compiled()
def greedy(indptr: Integers, indices: Integers, weight: Floats, count: int) -> Integers:
    """Lazy greedy choice by marginal gain, re-evaluated only at the top of the heap; ties go to the first candidate.

    ``indptr`` and ``indices`` list the rows that each candidate covers.
    """
    candidates = len(indptr) - 1
    gain = np.zeros(candidates)
    for c in range(candidates):
        for k in range(indptr[c], indptr[c + 1]):
            gain[c] += weight[indices[k]]
    order = np.argsort(-gain, kind="mergesort")
    heap = order.copy()  # sorted by gain: a heap already
    fresh = np.zeros(candidates, dtype=np.int64)
    covered = np.zeros(len(weight), dtype=np.bool_)
    chosen = np.empty(min(count, candidates), dtype=np.int64)
    taken, size = 0, candidates
    while taken < len(chosen) and size > 0:
        c = heap[0]
        if fresh[c] < taken:
            gain[c] = 0.0
            for k in range(indptr[c], indptr[c + 1]):
                if not covered[indices[k]]:
                    gain[c] += weight[indices[k]]
            fresh[c] = taken
            _sift(heap, size, gain)
            continue
        if gain[c] <= 0:
            break
        chosen[taken] = c
        taken += 1
        for k in range(indptr[c], indptr[c + 1]):
            covered[indices[k]] = True
        size -= 1
        heap[0] = heap[size]
        _sift(heap, size, gain)
    return np.sort(chosen[:taken])


@compiled()
def _sift(heap: Integers, size: int, gain: Floats) -> None:
    """Sift the first element of a heap."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        right = child + 1
        if right < size and _before(heap[right], heap[child], gain):
            child = right
        if not _before(heap[child], heap[at], gain):
            return
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@compiled()
def _before(a: int, b: int, gain: Floats) -> bool:
    return bool(gain[a] > gain[b] or (gain[a] == gain[b] and a < b))


@compiled()
def interchange(
    indptr: Integers, indices: Integers, row_indptr: Integers, row_indices: Integers, weight: Floats, chosen: Integers
) -> Integers:
    """Exchange single sites while that improves the cover (Teitz and Bart 1968).

    ``indptr`` and ``indices`` list the rows that each candidate covers, ``row_indptr`` and ``row_indices`` the
    candidates that cover each row.
    """
    candidates = len(indptr) - 1
    count = np.zeros(len(weight), dtype=np.int64)
    gain = np.zeros(candidates)  # marginal gains
    for c in range(candidates):
        for k in range(indptr[c], indptr[c + 1]):
            gain[c] += weight[indices[k]]
    sites = chosen.copy()
    for c in sites:
        _place(c, 1, indptr, indices, row_indptr, row_indices, weight, count, gain)
    improved = True
    while improved:
        improved = False
        for s in range(len(sites)):
            c = sites[s]
            _place(c, -1, indptr, indices, row_indptr, row_indices, weight, count, gain)
            best = np.argmax(gain)
            if gain[best] > gain[c] + 1e-9 * (1.0 + gain[c]):
                sites[s] = best
                improved = True
            _place(sites[s], 1, indptr, indices, row_indptr, row_indices, weight, count, gain)
    return np.sort(sites)


@compiled()
def _place(
    site: int,
    sign: int,
    indptr: Integers,
    indices: Integers,
    row_indptr: Integers,
    row_indices: Integers,
    weight: Floats,
    count: Integers,
    gain: Floats,
) -> None:
    """Add (1) or remove (-1) a site, and update all marginal gains."""
    for k in range(indptr[site], indptr[site + 1]):
        row = indices[k]
        before = count[row]
        count[row] += sign
        if before == 0 or count[row] == 0:
            for j in range(row_indptr[row], row_indptr[row + 1]):
                gain[row_indices[j]] -= sign * weight[row]


def value_of(rows: csr_array, weight: Floats, chosen: Integers) -> float:
    """People covered."""
    mark = np.zeros(rows.shape[1])
    mark[chosen] = 1.0
    return float(weight[(rows @ mark) > 0].sum())


@dataclass(frozen=True)
class LagrangianBound:
    """A Lagrangian bound, the candidates' worth at it, and a better choice met on the way, if any."""

    bound: float
    worth: Floats
    chosen: Integers


def lagrangian(
    rows: csr_array, by_candidate: csr_array, weight: Floats, count: int, best: float, gap: float
) -> LagrangianBound:
    """Bound by relaxing "a row is covered only by a chosen site", with subgradient steps (Galvão and ReVelle 1996)."""
    count = min(count, rows.shape[1])
    price = weight / np.maximum(np.diff(rows.indptr), 1)
    bound, found, at_bound = np.inf, np.zeros(0, dtype=np.int64), by_candidate @ price
    step, since = 1.5, 0
    for _ in range(ROUNDS):
        worth = by_candidate @ price
        top = np.argpartition(-worth, count - 1)[:count]
        value = float(np.maximum(weight - price, 0).sum() + worth[top].sum())
        since = 0 if value < bound * (1 - 1e-5) else since + 1
        if value < bound:
            bound, at_bound = value, worth
        mark = np.zeros(rows.shape[1])
        mark[top] = 1.0
        covering = rows @ mark
        reached = float(weight[covering > 0].sum())
        if reached > best:
            best, found = reached, np.sort(top).astype(np.int64)
        if bound <= best * (1 + gap) + 1e-6 or step < 1e-3:
            break
        if since >= 10:
            step, since = step / 2, 0
        slope = covering - (weight > price)
        size = float(slope @ slope)
        if size == 0:
            break
        price = np.clip(price - step * max(value - best, 1e-9) / size * slope, 0, weight)
    return LagrangianBound(bound, at_bound, found)
