"""Methods and weights against published examples and an independent implementation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coverage.base.errors import ParameterError
from coverage.ranking.methods.promethee import promethee_flows
from coverage.ranking.methods.topsis import topsis
from coverage.ranking.scoring import scorer
from coverage.ranking.weights import entropy_weights, most_contradictory, pairwise_matrix, pairwise_weights
from tests.examples import examples

# Tzeng and Huang (2011), Multiple Attribute Decision Making, CRC Press: four alternatives, three benefits.
TZENG_HUANG = np.array([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], dtype=float)
# Opricovic and Tzeng (2004), Eur. J. of Operational Research 156: risk (the less the better), altitude.
OPRICOVIC_TZENG = np.array([[1, 3000], [2, 3750], [5, 4500]], dtype=float)
# Saaty (2008), drinks in the USA: coffee, wine, tea, beer, sodas, milk, water.
SAATY_PAIRS = {
    ("coffee", "wine"): 9,
    ("coffee", "tea"): 5,
    ("coffee", "beer"): 2,
    ("water", "coffee"): 2,
    ("tea", "wine"): 3,
    ("beer", "wine"): 9,
    ("sodas", "wine"): 9,
    ("milk", "wine"): 9,
    ("water", "wine"): 9,
    ("beer", "tea"): 3,
    ("sodas", "tea"): 4,
    ("milk", "tea"): 3,
    ("water", "tea"): 9,
    ("sodas", "beer"): 2,
    ("water", "beer"): 3,
    ("sodas", "milk"): 2,
    ("water", "sodas"): 2,
    ("water", "milk"): 3,
}
DRINKS = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]


def test_topsis_of_tzeng_and_huang() -> None:
    closeness = topsis(TZENG_HUANG / np.linalg.norm(TZENG_HUANG, axis=0), np.array([0.3, 0.4, 0.3]))
    assert closeness.tolist() == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=5e-5)


def test_topsis_of_opricovic_and_tzeng() -> None:
    low, high = OPRICOVIC_TZENG.min(axis=0), OPRICOVIC_TZENG.max(axis=0)
    scaled = (OPRICOVIC_TZENG - low) / (high - low)
    scaled[:, 0] = 1 - scaled[:, 0]
    assert topsis(scaled, np.array([0.5, 0.5])).tolist() == pytest.approx([0.500, 0.617, 0.500], abs=5e-4)


def test_topsis_under_many_weights_at_once_is_topsis_under_each() -> None:
    random = np.random.default_rng(1)
    values, weights = random.random((7, 3)), random.dirichlet([1, 1, 1], 5)
    assert np.allclose(topsis(values, weights), [topsis(values, row) for row in weights])


def test_villages_all_alike_are_neither_near_nor_far() -> None:
    assert topsis(np.full((3, 2), 0.4), np.array([0.5, 0.5])).tolist() == [0.5, 0.5, 0.5]
    assert topsis(np.zeros((0, 2)), np.array([0.5, 0.5])).tolist() == []


def test_promethee_worked_by_hand() -> None:
    """Villages at 0, 0.275 and 1: differences below 0.05 count nothing, above 0.5 in full, 0.275 one half."""
    flows = promethee_flows(np.array([[0.0], [0.275], [1.0]]))[:, 0]
    assert flows.tolist() == pytest.approx([-0.75, -0.25, 1.0])
    score = scorer(np.array([[0.0], [0.275], [1.0]]), "promethee")(np.array([1.0]))
    assert score.tolist() == pytest.approx([0.125, 0.375, 1.0])


def test_promethee_under_any_weights_equals_the_method_as_a_whole() -> None:
    methods = pytest.importorskip("pymcdm.methods")
    values, weights = np.random.default_rng(3).random((12, 4)), np.array([0.1, 0.2, 0.3, 0.4])
    whole = methods.PROMETHEE_II("vshape_2", p=[0.5] * 4, q=[0.05] * 4)
    expected = whole(values, weights, np.ones(4, dtype=int), validation=False)
    assert np.allclose(promethee_flows(values) @ weights, expected)


def test_promethee_refuses_what_does_not_fit_in_memory() -> None:
    with pytest.raises(ParameterError, match="too_many_for_method"):
        scorer(np.zeros((3001, 1)), "promethee")


def test_pairwise_weights_of_saaty() -> None:
    result = pairwise_weights(pairwise_matrix(DRINKS, SAATY_PAIRS))
    published = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert result.weights.tolist() == pytest.approx(published, abs=5e-4)
    assert result.consistency_ratio == pytest.approx(0.022, abs=5e-4)
    assert result.consistent


def test_comparisons_that_contradict_each_other_are_told() -> None:
    """a is three times b, b three times c, and yet c three times a."""
    circle = pairwise_weights(pairwise_matrix(["a", "b", "c"], {("a", "b"): 3, ("b", "c"): 3, ("c", "a"): 3}))
    assert circle.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert circle.consistency_ratio == pytest.approx(((1 + 3 + 1 / 3) - 3) / 2 / 0.58)
    assert not circle.consistent


def test_the_comparison_that_fits_the_others_least_is_found() -> None:
    """By way of b, a is 2 x 2 = 4 times c, and by way of d 4 x 1 = 4 times; it is given as a ninth."""
    names = ["a", "b", "c", "d"]
    told = {("a", "b"): 2.0, ("b", "c"): 2.0, ("a", "c"): 1 / 9, ("c", "d"): 1.0, ("a", "d"): 4.0, ("b", "d"): 2.0}
    assert most_contradictory(pairwise_matrix(names, told)) == (0, 2, pytest.approx(4.0))


def test_consistent_comparisons_give_back_their_weights() -> None:
    result = pairwise_weights(pairwise_matrix(["a", "b", "c"], {("a", "b"): 2, ("a", "c"): 4, ("b", "c"): 2}))
    assert result.weights.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert result.consistency_ratio == pytest.approx(0, abs=1e-9)
    two = pairwise_weights(np.array([[1.0, 3.0], [1 / 3, 1.0]]))
    assert two.weights.tolist() == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize(
    ("pairs", "code"),
    [({("a", "z"): 3.0}, "priority.unknown_pair"), ({("a", "b"): 12.0}, "priority.pair_out_of_range")],
)
def test_comparisons_that_cannot_be_used_are_refused(pairs: dict[tuple[str, str], float], code: str) -> None:
    with pytest.raises(ParameterError) as caught:
        pairwise_matrix(["a", "b"], pairs)
    assert caught.value.code == code


def test_a_matrix_that_is_not_reciprocal_is_refused() -> None:
    with pytest.raises(ParameterError, match="not_reciprocal"):
        pairwise_weights(np.array([[1.0, 3.0], [3.0, 1.0]]))
    with pytest.raises(ParameterError, match="too_many_pairs"):
        pairwise_weights(np.ones((11, 11)))


def test_entropy_equals_an_independent_implementation_where_nothing_is_zero() -> None:
    weights = pytest.importorskip("pymcdm.weights")
    values = np.random.default_rng(4).uniform(0.1, 1, (9, 4))
    assert np.allclose(entropy_weights(values), weights.entropy_weights(values))


def test_entropy_gives_weight_only_to_what_tells_villages_apart() -> None:
    assert entropy_weights(np.array([[1.0, 1.0], [1.0, 0.0]])).tolist() == [0, 1]
    assert entropy_weights(np.ones((3, 2))).tolist() == [0.5, 0.5]
    assert entropy_weights(np.zeros((3, 2))).tolist() == [0.5, 0.5]
    # shares 3/4 and 1/4: 1 + (3/4 ln 3/4 + 1/4 ln 1/4) / ln 2 = 0.1887, beside 1 for the column with a zero
    assert entropy_weights(np.array([[3.0, 1.0], [1.0, 0.0]])).tolist() == pytest.approx(
        [0.18872 / 1.18872, 1 / 1.18872], abs=1e-5
    )


@settings(max_examples=examples(50))
@given(arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=st.floats(0, 1, width=32)))
def test_scores_stay_between_0_and_1_and_a_village_ahead_in_all_is_first(values: np.ndarray) -> None:
    weights = np.full(values.shape[1], 1 / values.shape[1])
    best = np.vstack([values, np.ones(values.shape[1])])
    for method in ("weighted_sum", "topsis"):
        score = scorer(best, method)(weights)
        assert ((score >= -1e-9) & (score <= 1 + 1e-9)).all()
        assert score[-1] >= score.max() - 1e-9
