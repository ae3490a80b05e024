"""What is drawn on the map: text and geometry are the same, and a browser is not trusted."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import RowError
from coverage.web.maps.sketch import MOST_POINTS, Drawn, halves, parts_of, read_drawn, read_places, shape_of, written
from tests.examples import examples

A, B, C = (-8.1, 112.1), (-8.2, 112.2), (-8.3, 112.3)
PLACES = st.tuples(st.floats(-90, 90).filter(lambda x: x == 0 or abs(x) > 1e-4), st.floats(-180, 180))


@settings(max_examples=examples(40))
@given(
    st.lists(st.lists(PLACES.filter(lambda at: at[1] == 0 or abs(at[1]) > 1e-4), min_size=1, max_size=4), max_size=3)
)
def test_the_text_of_a_drawing_reads_back_to_the_last_digit(parts: list[list[tuple[float, float]]]) -> None:
    assert read_places(written(parts)) == parts


def test_places_are_read_as_people_write_them_and_a_wrong_line_is_named() -> None:
    assert read_places("-8,1; 112,1\n\n8°12' LS 112°12' BT") == [[A], [B]]
    with pytest.raises(RowError) as refused:
        read_places("-8.1, 112.1\n112.2, -8.2, 7")
    assert refused.value.place.row == 2
    assert read_places("112.1, -8.1") == [[A]]  # longitude first: there is no such latitude
    with pytest.raises(RowError, match="out_of_range"):
        read_places("-98.1, 112.1")
    with pytest.raises(RowError, match="too_many"):
        read_places("-8.1, 112.1\n" * (MOST_POINTS + 1))


def test_a_drawing_becomes_the_geometry_of_its_form_or_says_what_is_missing() -> None:
    assert shape_of([[A]], "point") == shapely.Point(112.1, -8.1)
    assert shape_of([[A, B]], "line") == shapely.LineString([A[::-1], B[::-1]])
    two = shape_of([[A, B], [B, C]], "line")
    assert two is not None
    assert (two.geom_type, parts_of(two)) == ("MultiLineString", [[A, B], [B, C]])
    assert shape_of([], "area") is None
    crossing = [[A, (-8.2, 112.2), (-8.1, 112.2), (-8.2, 112.1)]]
    wrong = (([[A, A]], "line"), ([[A, B]], "area"), ([[A], [B]], "point"), ([[A, B]], "point"), (crossing, "area"))
    for parts, form in wrong:
        with pytest.raises(RowError, match=r"drawing\."):
            shape_of(parts, form)


@pytest.mark.parametrize(
    ("parts", "at", "two"),
    [
        ([[A, B, C]], 2, ([[A, B]], [[B, C]])),
        ([[A, B], [B, C]], 2, ([[A, B]], [[B, C]])),
        ([[A, B], [B, C]], 3, ([[A, B]], [[B, C]])),
        ([[A, B], [A, B, C]], 4, ([[A, B], [A, B]], [[B, C]])),
        ([[A, B, C]], 1, None),
        ([[A, B, C]], 3, None),
        ([[A, B, C]], 4, None),
    ],
)
def test_a_route_is_cut_at_a_point_or_between_its_parts(parts: object, at: int, two: object) -> None:
    assert halves(parts, at) == two  # type: ignore[arg-type]


def test_only_a_sound_drawing_is_taken_from_a_browser() -> None:
    assert read_drawn({"turn": 3, "parts": [[[-8.1, 112]]], "split": None}) == Drawn("-8.1, 112.0", 3)
    assert read_drawn({"turn": 3, "parts": [[list(A), list(B)]], "split": 2}) == Drawn(written([[A, B]]), 3, 2)
    assert read_drawn({"turn": 3, "parts": [[list(A)]], "split": 9}) == Drawn(written([[A]]), 3)
    hostile = [math.nan, math.inf, 1e300, "x", None, True, [1], {}]
    for value in [
        None, [], {"turn": 1}, {"turn": "1", "parts": []}, {"turn": 1, "parts": [1]}, {"turn": 1, "parts": [[[1, 2, 3]]]},
        {"turn": 1, "parts": [[[0, 0]] * (MOST_POINTS + 1)]}, *({"turn": 1, "parts": [[[one, 0]]]} for one in hostile),
    ]:  # fmt: skip
        assert read_drawn(value) is None
