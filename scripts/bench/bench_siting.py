"""Placing new sites: this code against spopt with its default solver in one run, and at large size.

    python scripts/bench/bench_siting.py            # needs spopt and PuLP beside the test extras
    python scripts/bench/bench_siting.py --large    # 5,000 candidates, 50,000 demand points

The comparison solves the same maximal covering problem, from the same distances, and fails unless both reach the same
number of people. The figures are in docs/decisions/0020-priority-and-rollout.md.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.rollout.cover import within_reach
from coverage.rollout.sites import place_sites

REACH_M = 3000.0


def made(candidates: int, points: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Candidates and people at random on 50 by 50 km."""
    random = np.random.default_rng(seed)
    return (
        random.uniform(0, 50_000, (candidates, 2)),
        random.uniform(0, 50_000, (points, 2)),
        np.rint(random.lognormal(4, 1, points)),
    )


def against_spopt(count: int, seed: int) -> None:
    import pulp
    from scipy.spatial.distance import cdist
    from spopt.locate import MCLP  # after coverage, which has imported numba safely

    here, there, people = made(500, 5000, seed)
    start = time.perf_counter()
    ours = place_sites(within_reach(here, there, REACH_M), people, count)
    our_seconds = time.perf_counter() - start
    distance = cdist(there, here)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MCLP.from_cost_matrix(distance, people, REACH_M, p_facilities=count)
        solved = model.solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    their_seconds = time.perf_counter() - start
    theirs = round(pulp.value(solved.problem.objective))
    assert ours.people == theirs == ours.bound, (ours.people, theirs, ours.bound)
    print(
        f"500 candidates x 5,000 points, {count:3d} sites, seed {seed}: {ours.people:,.0f} people, both; "
        f"{our_seconds:.3f} s against {their_seconds:.1f} s: {their_seconds / our_seconds:.0f} times"
    )


def large(count: int, seed: int) -> None:
    here, there, people = made(5000, 50_000, seed)
    start = time.perf_counter()
    cover = within_reach(here, there, REACH_M)
    found = place_sites(cover, people, count, seconds=30.0)
    seconds = time.perf_counter() - start
    print(
        f"5,000 candidates x 50,000 points ({cover.nnz:,} pairs in reach), {count} sites: {found.people:,.0f} "
        f"people, at most {found.bound:,.0f} (gap {found.gap:.2%}), {seconds:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    place_sites(within_reach(*made(20, 50, 0)[:2], REACH_M), made(20, 50, 0)[2], 3)  # compile first
    if asked.large:
        for count in (20, 50, 200):
            large(count, seed=1)
    else:
        for count, seed in ((20, 1), (50, 1), (20, 2)):
            against_spopt(count, seed)


if __name__ == "__main__":
    main()
