"""Classes of a figure on a map."""

import numpy as np
import pytest

from coverage.exports.map_choice import class_breaks, classes_of


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
