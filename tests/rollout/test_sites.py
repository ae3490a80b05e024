"""New sites: published answers on real data, brute force on small cases, properties on made ones."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from coverage.base.errors import ParameterError
from coverage.rollout import sites as module
from coverage.rollout.cover import merged, within_reach
from coverage.rollout.sites import place_sites
from tests.examples import examples

NETWORK = "facility_location/SF_network_distance_candidateStore_16_censusTract_205_new.csv"


@pytest.fixture
def san_francisco(shared: Path) -> tuple[csr_array, np.ndarray, list[str]]:
    """Stores within 5,000 m of census tracts by network distance, people of the tracts, names of the stores."""
    rows = pd.read_csv(shared / NETWORK)
    distance = rows.pivot(index="DestinationName", columns="name", values="distance")
    people = rows.drop_duplicates("DestinationName").set_index("DestinationName")["demand"].reindex(distance.index)
    return csr_array((distance.to_numpy() <= 5000).astype(float)), people.to_numpy(dtype=float), list(distance.columns)


@pytest.mark.slow
def test_four_stores_reach_875_247_people_which_is_not_their_share_of_points(
    san_francisco: tuple[csr_array, np.ndarray, list[str]],
) -> None:
    cover, people, _ = san_francisco
    found = place_sites(cover, people, 4)
    assert people.sum() == 955_113
    assert found.people == 875_247
    assert (found.bound, found.gap) == (875_247, 0)
    assert found.people_share == pytest.approx(0.9164, abs=5e-5)
    assert found.covered.mean() == pytest.approx(0.8976, abs=5e-5)  # published as the share covered, but of points


def small(seed: int, candidates: int = 9, points: int = 25) -> tuple[csr_array, np.ndarray]:
    random = np.random.default_rng(seed)
    here, there = random.uniform(0, 10, (candidates, 2)), random.uniform(0, 10, (points, 2))
    return within_reach(here, there, 3.0), random.integers(0, 50, points).astype(float)


def most(cover: csr_array, people: np.ndarray, count: int) -> float:
    dense = cover.toarray() > 0
    return max(
        people[dense[:, list(sites)].any(axis=1)].sum()
        for sites in itertools.combinations(range(cover.shape[1]), count)
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_most_people_against_every_choice(seed: int) -> None:
    cover, people = small(seed)
    for count in (1, 2, 3, 4):
        found = place_sites(cover, people, count)
        assert found.people == most(cover, people, count)
        assert found.bound == found.people
        assert len(found.chosen) <= count
        assert people[found.covered].sum() == found.people


def test_people_that_are_no_whole_numbers_are_proven_too() -> None:
    cover, people = small(5)
    found = place_sites(cover, people / 7, 3)
    assert found.people == pytest.approx(most(cover, people, 3) / 7)
    assert found.gap < 1e-6


def test_what_is_too_large_for_a_proof_still_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT_LIMIT", 0)
    random = np.random.default_rng(3)
    cover = within_reach(random.uniform(0, 30, (60, 2)), random.uniform(0, 30, (400, 2)), 3.0)
    people = random.integers(0, 50, 400).astype(float)
    quick = place_sites(cover, people, 8)
    monkeypatch.undo()
    exact = place_sites(cover, people, 8)
    assert quick.people <= exact.people == exact.bound <= quick.bound
    assert quick.gap < 0.05


def test_more_sites_than_help_are_not_placed() -> None:
    """Candidate 0 reaches both villages, candidate 1 nobody else."""
    found = place_sites(csr_array(np.array([[1.0, 0], [1.0, 1.0]])), np.array([5.0, 5.0]), 2)
    assert found.chosen.tolist() == [0]
    assert (found.people, found.people_share, found.gap) == (10, 1, 0)


def test_nobody_to_serve_is_no_failure() -> None:
    found = place_sites(csr_array((3, 2)), np.zeros(3), 1)
    assert len(found.chosen) == 0
    assert found.people == 0
    assert np.isnan(found.people_share)


def test_points_within_reach_of_the_same_sites_become_one_row() -> None:
    cover = csr_array(np.array([[1.0, 0, 1], [0, 1, 0], [1, 0, 1], [0, 0, 0], [0, 1, 0]]))
    rows, people = merged(cover, np.array([1.0, 2.0, 4.0, 8.0, 0.0]))
    assert sorted(zip(rows.toarray().tolist(), people.tolist(), strict=True)) == [([0, 1, 0], 2), ([1, 0, 1], 5)]


def test_reach_is_inclusive_and_measured_straight() -> None:
    cover = within_reach(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [3.0, 4.1]]), 5.0)
    assert cover.toarray().tolist() == [[1], [0]]


@pytest.mark.parametrize(("count", "people"), [(0, [1.0, 1.0]), (1, [1.0]), (1, [-1.0, 1.0]), (1, [np.nan, 1.0])])
def test_what_makes_no_sense_is_refused(count: int, people: list[float]) -> None:
    with pytest.raises(ParameterError):
        place_sites(csr_array(np.ones((2, 2))), np.array(people), count)


@settings(max_examples=examples(40))
@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 8))), st.integers(1, 4), st.integers(0, 10**6))
def test_more_sites_never_serve_fewer(matrix: np.ndarray, count: int, seed: int) -> None:
    people = np.random.default_rng(seed).integers(0, 9, len(matrix)).astype(float)
    cover = csr_array(matrix.astype(float))
    fewer, more = place_sites(cover, people, count), place_sites(cover, people, count + 1)
    assert fewer.people <= more.people <= people.sum()
    assert fewer.people == fewer.bound
    shuffled = np.random.default_rng(seed).permutation(len(matrix))
    assert place_sites(csr_array(matrix[shuffled].astype(float)), people[shuffled], count).people == fewer.people
