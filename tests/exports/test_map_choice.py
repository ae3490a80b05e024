"""Classes of a figure on a map."""

import numpy as np
import pytest

from coverage.exports.map_choice import Painted, class_breaks, classes_of
from coverage.exports.map_furniture import class_handles
from coverage.language.words import Words


def held(values: list[float], most: int = 5) -> list[int]:
    """How many values each class holds."""
    breaks = class_breaks(np.array(values, dtype=float), most)
    return np.bincount(classes_of(np.array(values, dtype=float), breaks)).tolist()


def test_classes_hold_as_many_where_no_two_are_alike() -> None:
    assert held(list(range(100))) == [20] * 5


def test_what_most_share_is_a_class_and_the_rest_are_parted_as_many_each() -> None:
    assert held([0] * 160 + list(range(1, 89))) == [160, 22, 22, 22, 22]
    assert held([*range(88), *[100] * 160]) == [22, 22, 22, 22, 160]
    assert held([0] * 60 + list(range(1, 91)) + [100] * 60) == [60, 30, 30, 30, 60]


@pytest.mark.parametrize("seed", range(5))
def test_no_class_is_empty_and_none_is_lost(seed: int) -> None:
    values = np.random.default_rng(seed).poisson(1.5, 400).astype(float).tolist()
    counts = held(values)
    assert len(counts) == 5
    assert min(counts) > 0
    assert sum(counts) == 400


def test_a_class_is_told_by_one_figure_only_where_it_holds_no_other() -> None:
    values = dict(zip("abcde", (0.0, 3.0, 15.0, 22.0, 40.0), strict=True))
    by_hand = Painted(
        "", values, class_breaks(np.array([*values.values()]), 5, (10, 20)), ("#111111", "#222222", "#333333")
    )
    handles = class_handles(Words("id"), by_hand, np.array([*values], dtype=object))
    assert [one.get_label() for one in handles] == ["0 – 9 (2)", "10 – 19 (1)", "20 – 40 (2)"]  # as paint.js says
    alone = Painted("", {"a": 0.0, "b": 15.0, "c": 40.0}, (0.0, 15.0, 40.0), ("#111111", "#222222", "#333333"))
    handles = class_handles(Words("id"), alone, np.array(["a", "b", "c"], dtype=object))
    assert [one.get_label() for one in handles] == ["0 (1)", "15 (1)", "40 (1)"]
