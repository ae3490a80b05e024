"""How far an order can be trusted, on cases worked by hand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from coverage.ranking.stability import agreement, draw_weights, rank_range, ranks, swap_weights


def weighted(units: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda weights: weights @ units.T


def test_the_earlier_village_wins_a_tie_and_rounding_makes_no_order() -> None:
    assert ranks(np.array([0.3, 0.1 + 0.2, 0.5])).tolist() == [2, 3, 1]


def test_weights_are_drawn_around_the_chosen_ones_and_add_up_to_one() -> None:
    drawn = draw_weights(np.array([3.0, 1.0]), draws=500, spread=0.2, seed=1)
    assert drawn[0].tolist() == [0.75, 0.25]
    assert np.allclose(drawn.sum(axis=1), 1)
    ratio = drawn[:, 0] / drawn[:, 1]
    assert ratio.min() >= 3 * 0.8 / 1.2
    assert ratio.max() <= 3 * 1.2 / 0.8
    assert (drawn == draw_weights(np.array([3.0, 1.0]), 500, 0.2, seed=1)).all()
    assert not (drawn == draw_weights(np.array([3.0, 1.0]), 500, 0.2, seed=2)).all()


def test_how_often_a_village_is_among_the_first() -> None:
    """Two villages, each best in one criterion of equal weight: each is first about half of the time."""
    units = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    table = rank_range(weighted(units), 3, np.array([0.5, 0.5]), draws=2000, spread=0.5, seed=1, first=1)
    assert table["rank_best"].tolist() == [1, 1, 3]
    assert table["rank_worst"].tolist() == [2, 2, 3]
    assert table["share_first_k"].iloc[:2].sum() == pytest.approx(1)
    assert table["share_first_k"][0] == pytest.approx(0.5, abs=0.05)
    assert table["share_first_k"][2] == 0


def test_large_tables_are_worked_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    units, weights = np.random.default_rng(1).random((20, 3)), np.ones(3)
    whole = rank_range(weighted(units), 20, weights, 100, 0.3, seed=1)
    monkeypatch.setattr("coverage.ranking.stability.RANKS_AT_ONCE", 60)
    pd.testing.assert_frame_equal(whole, rank_range(weighted(units), 20, weights, 100, 0.3, seed=1))


def test_what_weight_would_swap_two_neighbours() -> None:
    """a leads by 3 x 0.2 in people, b by 1 x 0.4 on the list: with the list at 1.5 (or people at 2) a draw."""
    units = pd.DataFrame({"people": [0.8, 0.6], "listed": [0.1, 0.5]}, index=["a", "b"])
    swap = swap_weights(units, [3, 1])
    assert swap.loc[0, ["upper", "lower", "criterion"]].tolist() == ["a", "b", "listed"]
    assert swap.loc[0, "weight_swap"] == pytest.approx(1.5)
    assert swap.loc[0, "change"] == pytest.approx(0.5 / 4)


def test_a_village_behind_in_everything_is_never_ahead() -> None:
    units = pd.DataFrame({"people": [0.8, 0.6], "listed": [0.5, 0.1]}, index=["a", "b"])
    assert len(swap_weights(units, [3, 1])) == 0


@pytest.mark.parametrize("seed", range(20))
def test_at_the_swap_weight_the_two_score_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    units, weights = pd.DataFrame(random.random((6, 3))), random.random(3)
    units = units.iloc[np.argsort(-(units.to_numpy() @ weights))]
    swaps = swap_weights(units, weights.tolist())
    assert len(swaps)
    for swap in swaps.itertuples():
        changed = weights.copy()
        changed[swap.criterion] = swap.weight_swap
        upper, lower = units.loc[swap.upper].to_numpy(), units.loc[swap.lower].to_numpy()
        assert upper @ changed == pytest.approx(lower @ changed)


def test_agreement_of_orders() -> None:
    """Against 4 3 2 1, swapping one pair of neighbours: Kendall (5 - 1) / 6, Spearman 1 - 6 x 2 / 60."""
    table = agreement({"a": np.array([4.0, 3, 2, 1]), "b": np.array([3.0, 4, 2, 1]), "c": np.array([1.0, 2, 3, 4])})
    rows = table.set_index(["first", "second"])
    assert rows.loc[("a", "b"), "kendall"] == pytest.approx(4 / 6)
    assert rows.loc[("a", "b"), "spearman"] == pytest.approx(0.8)
    assert rows.loc[("a", "c")].tolist() == pytest.approx([-1, -1])
    assert agreement({"a": np.ones(3), "b": np.arange(3.0)})[["kendall", "spearman"]].isna().all(axis=None)
