"""New sites: where a given number of points serves the most people.

The maximal covering location problem [1]_, reduced, with heuristics and a Lagrangian bound
(:mod:`coverage.rollout.cover`); HiGHS proves what they leave open.

References
----------
.. [1] Church, R. and ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional Science
   Association 32, 101-118.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array, hstack, vstack

from coverage.base.errors import ParameterError, Place
from coverage.rollout.cover import LagrangianBound, greedy, interchange, lagrangian, merged, value_of
from coverage.rollout.milp import Programme, Watch, solve

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

EXACT_LIMIT = 400_000
"""Entries of the merged cover up to which HiGHS is used; beyond it the Lagrangian bound stands."""


@dataclass(frozen=True)
class Sites:
    """Chosen sites and what they serve.

    Attributes
    ----------
    chosen : positions of the chosen candidates, ascending
    covered : which demand points are within reach of a chosen site, shape (points,)
    people, people_share : people covered, and as a share of all; NaN where nobody lives anywhere
    bound : no choice of as many sites covers more people
    gap : relative gap to the bound; 0 where proven optimal
    """

    chosen: Integers
    covered: npt.NDArray[np.bool_]
    people: float
    people_share: float
    bound: float
    gap: float


def place_sites(
    cover: csr_array, people: Floats, count: int, seconds: float = 60.0, gap: float = 0.0, watch: Watch | None = None
) -> Sites:
    """Place a number of sites so that they serve the most people.

    Parameters
    ----------
    cover : which candidate reaches which demand point, shape (points, candidates); any entry that is not zero counts
    people : people (not yet served) at each demand point, not negative
    count : sites to place; fewer are placed where more would add nobody
    seconds : time limit of the exact search
    gap : relative gap at which to be content
    watch : called during the exact search; True stops it

    Returns
    -------
    Sites
        ``bound`` is proven in any case: by HiGHS, or by a Lagrangian relaxation.
    """
    _check(cover, people, count)
    rows, weight = merged(cover, people)
    by_candidate = csr_array(rows.T)
    whole = bool((weight == np.rint(weight)).all())
    lists = (by_candidate.indptr, by_candidate.indices, rows.indptr, rows.indices)
    chosen = interchange(*lists, weight, greedy(*lists[:2], weight, count))
    relaxed = lagrangian(rows, by_candidate, weight, count, value_of(rows, weight, chosen), gap)
    if len(relaxed.chosen):
        other = interchange(*lists, weight, relaxed.chosen)
        chosen = max(chosen, other, key=lambda sites: value_of(rows, weight, sites))
    best = value_of(rows, weight, chosen)
    bound = float(np.floor(relaxed.bound + 1e-6)) if whole else relaxed.bound
    if bound > best * (1 + gap) + 1e-9:
        proven, better = _exact(rows, weight, relaxed, count, best + (1.0 if whole else 0.0), seconds, gap, watch)
        bound = min(bound, max(float(np.floor(proven + 1e-6)) if whole else proven, best))
        if better is not None and value_of(rows, weight, better) > best:
            chosen = better
    return _sites(cover, people, chosen, bound)


def _check(cover: csr_array, people: Floats, count: int) -> None:
    if count < 1:
        raise ParameterError("rollout.no_sites", Place(value=count))
    if len(people) != cover.shape[0] or not (np.isfinite(people).all() and (people >= 0).all()):
        raise ParameterError("rollout.bad_demand", Place(value=len(people)), points=cover.shape[0])


def _exact(
    rows: csr_array,
    weight: Floats,
    relaxed: LagrangianBound,
    count: int,
    target: float,
    seconds: float,
    gap: float,
    watch: Watch | None,
) -> tuple[float, Integers | None]:
    """Prove or improve a choice: HiGHS on what the Lagrangian bound leaves open.

    A candidate that lowers the bound below ``target`` when forced in is dropped; one that does so when forced out is
    fixed.

    Returns
    -------
    tuple
        A bound on every choice that reaches ``target``, and the best choice found (None where none was, or where the
        open part is too large).
    """
    worth, candidates = relaxed.worth, len(relaxed.worth)
    order = np.argsort(-worth, kind="stable")
    count = min(count, candidates)
    inside = np.zeros(candidates, dtype=bool)
    inside[order[:count]] = True
    last = worth[order[count - 1]]
    following = worth[order[count]] if count < candidates else 0.0
    out = ~inside & (relaxed.bound - last + worth < target - 1e-6)
    fixed = np.flatnonzero(inside & (relaxed.bound - worth + following < target - 1e-6))
    kept = np.setdiff1d(np.flatnonzero(~out), fixed)
    mark = np.zeros(candidates)
    mark[fixed] = 1.0
    served = (rows @ mark) > 0
    base = float(weight[served].sum())
    part, part_weight = merged(csr_array(csr_array(rows[np.flatnonzero(~served)])[:, kept]), weight[~served])
    if part.nnz > EXACT_LIMIT:
        return relaxed.bound, None
    if count == len(fixed) or not part.nnz:
        return base, fixed
    found = solve(_covering(part, part_weight, count - len(fixed)), gap, seconds, None, watch)
    if found.values is None:
        return base + found.bound, None
    return base + found.bound, np.sort(np.concatenate([fixed, kept[found.values[: len(kept)] > 0.5]]))


def _covering(rows: csr_array, weight: Floats, count: int) -> Programme:
    """Columns: candidates, then rows covered (which need not be asked to be whole)."""
    points, candidates = rows.shape
    eye = csr_array(coo_array((-np.ones(points), (np.arange(points), np.arange(points))), shape=(points, points)))
    number = csr_array(np.concatenate([np.ones(candidates), np.zeros(points)])[None, :])
    matrix = csr_array(vstack([hstack([rows, eye]), number]))
    objective = np.concatenate([np.zeros(candidates), weight])
    whole = np.concatenate([np.ones(candidates, dtype=bool), np.zeros(points, dtype=bool)])
    return Programme(
        objective,
        np.zeros(len(objective)),
        np.ones(len(objective)),
        whole,
        matrix,
        np.concatenate([np.zeros(points), [-np.inf]]),
        np.concatenate([np.full(points, np.inf), [count]]),
    )


def _sites(cover: csr_array, people: Floats, chosen: Integers, bound: float) -> Sites:
    mark = np.zeros(cover.shape[1])
    mark[chosen] = 1.0
    covered = (cover != 0).astype(np.float64) @ mark > 0
    reached, total = float(people[covered].sum()), float(people.sum())
    return Sites(
        np.sort(chosen),
        covered,
        reached,
        reached / total if total > 0 else float("nan"),
        max(bound, reached),
        max(bound - reached, 0.0) / reached if reached > 0 else 0.0,
    )
