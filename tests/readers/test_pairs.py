"""A place as people write it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from coverage.base.errors import InputError
from coverage.readers.pairs import read_pair


@pytest.mark.parametrize(
    "text",
    [
        "-8.1234, 112.3456",
        "-8.1234,112.3456",
        "-8,1234; 112,3456",
        "-8.1234 112.3456",
        " -8.1234 ; 112.3456 ",
        "8.1234 S, 112.3456 E",
        "8.1234 LS, 112.3456 BT",
        "112.3456 BT, 8.1234 LS",
        "8°7'24.24\" LS 112°20'44.16\" BT",
        "8° 7' 24.24\" S, 112° 20' 44.16\" E",
        "8°7'24,24\"LS, 112°20'44,16\"BT",
        "112.3456, -8.1234",
        "lat -8.1234 lon 112.3456",
        "Longitude: 112.3456, Latitude: -8.1234",
        "-8.1234,112.3456 (rumah)",
        "lat 8.1234 S, lon 112.3456 E",
        "lat 8.1234 LS lon 112.3456 BT",
        "Lintang Selatan 8.1234, Bujur Timur 112.3456",
        "8d7m24.24s S 112d20m44.16s E",
    ],
)
def test_the_same_place_in_many_hands(text: str) -> None:
    assert read_pair(text) == pytest.approx((112.3456, -8.1234), abs=1e-6)


@pytest.mark.parametrize("text", ["", "112", "abc, def", "-98.1, 112.3", "-8.1, 212.3", "1,2,3,4,5"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_pair(text)


@pytest.mark.parametrize(
    "text", ["X=633121 Y=9098245 zona 49S", "x: 633121, y: 9098245 UTM 49S", "633121 mE, 9098245 mN, 49S"]
)
def test_metres_with_their_zone_after_them(text: str) -> None:
    wanted = Transformer.from_crs(32749, 4326, always_xy=True).transform(633121, 9098245)
    assert read_pair(text) == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize(
    "text",
    [
        "633121 9098245",
        "lat -8.1 lat 112.3",
        "95.5 S, 3.2 E",
        "100.3, 50.2",
        "-8.1, 112.3 (8.2)",
        "8.1, 112.3 (LS, BT)",
        "8.1 112.3 (selatan)",
        "8°7'24\" 112°20'44\" (LS BT)",
        "X=633121 Y=9098245 zona 49 N",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_pair(text)


@pytest.mark.parametrize(
    "text",
    [
        "lat" + 295 * " " + "x",
        "lat" + 97 * " " + "8" + 97 * " " + "lon" + 97 * " " + "x",
        "lat " + 73 * "8, ;" + "x",
        *(blank.join(("x", "633121", "y", "9098245", "q")) for blank in (68 * " ", 34 * " \n")),
        "49" + 70 * " " + "633121" + 70 * " " + "9098245" + 140 * " " + "q",
        "(" * 299 + "1",
        "1" * 299 + "d",
        "8" + 298 * " " + ",",
    ],
)
def test_no_text_keeps_the_processor_long(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(InputError):
        read_pair(text[:300])
    assert time.process_time() - begun < 0.2


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_our_own_errors(text: str) -> None:
    try:
        longitude, latitude = read_pair(text)
    except InputError:
        return
    assert abs(latitude) <= 90
    assert abs(longitude) <= 180
