"""Codes and names as people write them."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.places.codes import (
    NOT_CLOSE,
    name_distances,
    names_frame,
    normalise_name,
    other_readings,
    parse_bps,
    parse_kemendagri,
    read_code,
)


@pytest.mark.parametrize(
    "written",
    [
        "3505030003",
        "id3505030003",
        "ID 3505030003",
        "3505030003.0",
        3505030003.0,
        3505030003,
        " 35 05 030 003 ",
        "03505030003",
        "'3505030003",
        '="3505030003"',
        "35.05.030.003",
        "3.505.030.003",
        "3,505,030,003.0",
        "３５０５０３０００３",
        "3.505030003E+09",
        "3505030-003",
    ],
)
def test_a_bps_code_is_read_however_it_is_written(written: object) -> None:
    assert parse_bps(written) == "3505030003"
    assert parse_kemendagri(written) is None


@pytest.mark.parametrize(
    "written", ["35.05.13.2006", " 35.05.13.2006 ", "35-05-13-2006", "35.05.13. 2006", "ID35.05.13.2006"]
)
def test_a_dotted_code_is_a_kemendagri_code_and_never_a_bps_code(written: str) -> None:
    assert parse_kemendagri(written) == "35.05.13.2006"
    assert parse_bps(written) is None


def test_ten_bare_digits_are_never_taken_for_a_kemendagri_code() -> None:
    assert parse_kemendagri("3505132006") is None


@pytest.mark.parametrize(
    ("written", "system"),
    [
        ("3.50503E+09", "damaged"),
        ("3,50503E+09", "damaged"),
        ("3505030", "subdistrict"),
        ("35.05.13", "subdistrict"),
        ("35.05.030", "subdistrict"),
        ("3505030003001", "unreadable"),
        ("081234567890", "unreadable"),
        ("Kaulon", "unreadable"),
        ("0505030003", "unreadable"),
        ("3505120999", "forest"),
        ("", "none"),
        ("-", "none"),
        (None, "none"),
        (float("nan"), "none"),
        (math.inf, "none"),
        ("nan", "none"),
        (pd.NA, "none"),
        (True, "unreadable"),
    ],
)
def test_what_is_no_village_code_says_what_it_is(written: object, system: str) -> None:
    assert read_code(written).system == system


@pytest.mark.parametrize(
    "written",
    [
        "Kaligambir",
        "KALI GAMBIR",
        "Desa Kali-Gambir",
        "ds. kaligambir",
        "Kel. Kali Gambir",
        "Kali  Gambir, Kec. Panggungrejo",
        "Kàligambír",
        "DESA/KELURAHAN Kaligambir",
        "Kali\u00a0Gambir",
        "Kali Gam'bir",
    ],
)
def test_spacing_case_accents_and_prefixes_make_no_other_name(written: str) -> None:
    assert normalise_name(written) == "kaligambir"


def test_numerals_are_the_same_in_roman_and_arabic() -> None:
    assert normalise_name("Siantar Tonga-Tonga III") == normalise_name("SIANTAR TONGA TONGA 3")


def test_a_village_that_is_only_called_kelurahan_keeps_its_name() -> None:
    assert normalise_name("KELURAHAN") == "kelurahan"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Soekoredjo", "Sukorejo"),
        ("Sumberrejo", "Sumberejo"),
        ("Kp. Baru", "Kampung Baru"),
        ("Gampong Baro", "Baro"),
        ("Kaulon", "Kaullon"),
        ("Tjidoro", "Cidoro"),
        ("Ngadipuro", "Ngadipuor"),
        ("Panggungrejo", "Pangungrjo"),
        ("Gogodeso", "Ggoodeso"),
        ("Wonorejo", "Wonoerjo"),
    ],
)
def test_old_spellings_abbreviations_and_slips_are_close(one: str, other: str) -> None:
    assert distance(one, other) < NOT_CLOSE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sidorejo", "Sukorejo"),
        ("Karangrejo", "Karangsono"),
        ("Wek I", "Wek II"),
        ("Blok A Baru", "Blok B Baru"),
        ("Bendiljati Wetan", "Bendiljati Kulon"),
        ("Kedungbanteng Lor", "Kedungbanteng"),
        ("Suka Jaya I", "Suka Jaya"),
        ("Rantau Kapas Tuo", "Rantau Kapas Mudo"),
        ("Alue Buloh Sa", "Alue Buloh Dua"),
        ("Ara", "Awe"),
        ("", ""),
        ("Kaulon", ""),
    ],
)
def test_names_of_neighbours_are_not_close(one: str, other: str) -> None:
    assert distance(one, other) == NOT_CLOSE


def distance(one: str, other: str) -> int:
    return int(name_distances(names_frame([one]), names_frame([other]))[0])


def test_a_name_with_a_slash_or_brackets_holds_other_names() -> None:
    assert other_readings("HUNUTH/DURIAN PATAH") == ["HUNUTH", "DURIAN PATAH"]
    assert other_readings("Wamesa (Idoor)") == ["Wamesa", "Idoor"]
    assert other_readings("Kali Gambir") == []


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.binary(), st.booleans()))
def test_nothing_that_a_cell_can_hold_breaks_the_reading(cell: object) -> None:
    code = read_code(cell)
    assert code.digits == "" or code.digits.isdigit()
    assert parse_bps(cell) is None or len(str(parse_bps(cell))) == 10
    assert all(c.isalnum() for c in normalise_name(cell))


@given(st.text(min_size=1), st.text(min_size=1))
def test_distance_does_not_depend_on_the_order_of_the_names(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)


@given(st.integers(min_value=1100000000, max_value=9899999998))
def test_every_way_of_writing_a_code_reads_the_same(number: int) -> None:
    plain = str(number)
    written = [
        plain,
        f"id{plain}",
        f"{plain}.0",
        float(number),
        f" {plain} ",
        f"0{plain}",
        f"{plain[:2]}.{plain[2:4]}.{plain[4:7]}.{plain[7:]}",
    ]
    assert {parse_bps(text) for text in written} == {plain}
