"""Every sentence exists in both languages with the same placeholders; numbers look as readers expect."""

import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from babel.numbers import format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

import coverage
from coverage.base.errors import Place, RowError
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.readers.shipped import data_dir
from coverage.run.inputs import load_inputs


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_hold_the_same_sentences_with_the_same_placeholders() -> None:
    indonesian, english = Words("id"), Words("en")
    assert indonesian.keys() == english.keys()
    for key in indonesian.keys():  # noqa: SIM118 - a method of ours, no dict
        assert placeholders(indonesian._sentences[key]) == placeholders(english._sentences[key]), key


def test_what_a_state_is_called_is_asked_of_one_place_which_knows_the_rule() -> None:
    """Elsewhere a village would be *served* under a rule of 0 % too, as in comparisons until 2026-11-29."""
    rooms = Path(coverage.__file__).parent
    found = {str(path.relative_to(rooms)) for path in rooms.rglob("*.py") if "core.state" in path.read_text("utf-8")}
    assert found == {"language/reasons.py"}


@pytest.mark.parametrize(
    ("value", "digits", "id_", "en"),
    [(1234.5, 1, "1.234,5", "1,234.5"), (1223745, 0, "1.223.745", "1,223,745"), (float("nan"), 0, "–", "–")],
)
def test_numbers_as_readers_expect(value: float, digits: int, id_: str, en: str) -> None:
    assert (Words("id").number(value, digits), Words("en").number(value, digits)) == (id_, en)


def test_numbers_in_a_sentence_are_written_as_readers_expect_and_what_is_not_known_as_a_dash() -> None:
    assert "12.345" in Words("id")("core.place.row", row=12_345)
    assert "12,346" in Words("en")("core.place.row", row=np.float64(12_345.6))
    assert "–" in Words("id")("core.place.row", row=None)


def test_money_dates_distances_and_small_shares() -> None:
    words = Words("id")
    assert words.money(2_600_000_000) == "Rp 2,6 miliar"
    assert words.money(480_000) == "Rp 480.000"
    assert Words("en").money(2_600_000_000) == "Rp 2.6B"
    assert words.date("2026-11-20") == "20 November 2026"
    assert words.date("2023") == "2023"
    assert (words.distance(60), words.distance(7400), words.distance(999.9)) == ("60 m", "7,4 km", "1 km")
    assert (words.distance(3042, beyond=3000), words.distance(3420, beyond=3000)) == ("3,042 km", "3,4 km")
    assert (words.percent(0.0009), words.percent(0.5), words.percent(0)) == ("0,09%", "50%", "0%")


def test_a_share_of_people_has_the_digits_that_it_can_bear() -> None:
    """Whole per cent, but never all or nothing where it is not, and told apart from a threshold."""
    words = Words("id")
    told = {0.0: "0%", 8 / 5310: "<1%", 0.571: "57%", 0.9933: ">99%", 1.0: "100%", None: "–"}
    assert {share: words.share(share) for share in told} == told
    assert words.share(0.0963, 0.1, 0.5) == "9,6%"
    assert words.share(0.0999, 0.1) == "9,99%"
    assert words.share(0.1, 0.1) == "10%"
    assert words.share(0.003, 0.0) == "<1%"
    assert words.share(0.9999999999999913) == "100%"  # a sum of shares
    assert words.share(0.9999) == ">99%"


def test_an_error_names_file_row_and_remedy() -> None:
    text = Words("id").error(RowError("file.not_found", Place(file="menara.csv", row=7)))
    assert text == "berkas menara.csv, baris 7: Berkas tidak ditemukan. Periksa nama dan foldernya."


def test_hostile_values_are_only_filled_in() -> None:
    assert "{x.__class__}" in Words("id")("core.place.file", file="{x.__class__}")


def named_sources(found: Any) -> Iterator[str]:
    for key, value in found.items() if isinstance(found, dict) else enumerate(found):
        if key == "source":
            yield value
        elif isinstance(value, dict | list):
            yield from named_sources(value)


def test_what_the_shipped_files_name_as_a_source_is_said_in_indonesian() -> None:
    parameters = read_parameters()
    sources = {rule.source for rule in parameters.rules} | {c.source for c in parameters.priority.criteria}
    sources |= {gives.source for kind in parameters.kinds.values() for gives in kind.gives}
    sources |= set(load_inputs().villages["population_basis"])
    for name in ("costs.toml", "priority.toml"):
        sources |= set(named_sources(tomllib.loads((data_dir() / name).read_text("utf-8"))))
    indonesian, english = Words("id"), Words("en")
    for text in sources:
        assert indonesian.source(text) != text, text
        assert english.source(text) == text
    assert indonesian.source("Perbup 12/2025") == "Perbup 12/2025"


@given(st.floats(-1e15, 1e15, allow_nan=False) | st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_numbers_are_written_as_babel_writes_them(value: float, digits: int) -> None:
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    for words in (Words("id"), Words("en")):
        asked = format_decimal(round(float(value), digits), format=pattern, locale=words.locale)
        assert words.number(value, digits) == asked


@given(st.floats(0.01, 2), st.integers(0, 4))
def test_shares_are_written_as_babel_writes_them(share: float, digits: int) -> None:
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    for words in (Words("id"), Words("en")):
        assert words.percent(share, digits) == format_percent(share, format=pattern, locale=words.locale)
