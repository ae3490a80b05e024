"""Numbers as offices write them: one reader for every list."""

import math

import pytest

from coverage.readers.numbers import Thousands, read_numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567", 1_234_567.0),
        ("1\u00a0234", 1234.0),
        ("1\u202f234,5", 1234.5),
        ("1 234 567", 1_234_567.0),
        ("\u22125", -5.0),
        ("+ 5", 5.0),
        ("12,5 %", 12.5),
        ("3 jiwa", 3.0),
        ("7 km²", 7.0),
        ("-104 dBm", -104.0),
        ("2,5 Mbit/s", 2.5),
        ("5147.0", 5147.0),
        ("1e3", 1000.0),
        ("'12", 12.0),
    ],
)
@pytest.mark.parametrize("thousands", ["column", "cell", "never"])
def test_what_can_be_read_in_one_way_is_read_so(written: str, number: float, thousands: Thousands) -> None:
    found = read_numbers([written], thousands)
    assert (found.value.tolist(), found.unread.tolist()) == ([number], [False])


@pytest.mark.parametrize("written", ["", "-", "–", "n/a", "tidak ada", " . "])
def test_nothing_is_no_number_and_no_fault(written: str) -> None:
    found = read_numbers([written])
    assert math.isnan(found.value[0])
    assert not found.unread[0]


@pytest.mark.parametrize(
    "written", ["12.34.5", "5 orang 3 kk", "12 34", "1234 500", "3 km 500 m", "inf", "tinggi", "1e999"]
)
@pytest.mark.parametrize("thousands", ["column", "cell", "never"])
def test_what_is_no_number_is_told(written: str, thousands: Thousands) -> None:
    found = read_numbers([written], thousands)
    assert math.isnan(found.value[0])
    assert found.unread[0]


def test_one_sign_before_three_digits_is_read_by_the_column_by_itself_or_as_a_decimal() -> None:
    assert read_numbers(["1.234", "5.678"]).value.tolist() == [1234.0, 5678.0]
    assert read_numbers(["1.234", "5.6"]).value.tolist() == [1.234, 5.6]
    assert read_numbers(["2.855", "1,234", "900"], "cell").value.tolist() == [2855.0, 1234.0, 900.0]
    assert read_numbers(["-97.125", "-101.500"], "never").value.tolist() == [-97.125, -101.5]
    assert read_numbers(["1.234", "5.678"]).grouped
    assert not read_numbers(["12,5"]).grouped
