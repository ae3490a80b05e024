"""``jangkau radio check``: what it prints, and what it refuses."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from coverage.base.errors import InputError
from coverage.cli.radio import radio
from coverage.language.words import Words
from coverage.readers.radio import read_cases


def case(**other: Any) -> dict[str, Any]:
    """A path of 10 km between antennas so high that the loss is that of free space, 112.4 dB at 1 GHz."""
    return {
        "frequency_ghz": 1.0,
        "time_percent": 50,
        "tx_height_m": 500,
        "rx_height_m": 500,
        "polarization": "vertical",
        "tx_lat": -8.0,
        "tx_lon": 112.0,
        "rx_lat": -8.09,
        "rx_lon": 112.0,
        "delta_n": 45,
        "n0": 360,
        "profile": {"distance_km": [k / 2 for k in range(21)], "height_m": [0] * 21},
        "expected": {"basic_loss_db": 112.4, "field_strength_dbuv_m": 199.36 - 112.4},
        **other,
    }


def check(file: Path, cases: object, *options: str) -> None:
    file.write_text(json.dumps(cases), "utf-8")
    radio(["check", str(file), *options], standalone_mode=False)


@pytest.mark.slow
def test_each_case_and_the_largest_deviation_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    off = case(expected={"basic_loss_db": 111.9})
    check(tmp_path / "cases.json", {"tepat": case(), "meleset": off}, "--lang", "en")
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()[1:3]] == ["tepat", "meleset"]
    assert out.splitlines()[2].split()[-1].startswith("0.5")
    assert "Largest deviation of 2 cases: 0.5" in out
    assert "(meleset)" in out


@pytest.mark.slow
def test_indonesian_is_spoken_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(tmp_path / "cases.json", {"a": case(intermediate={"Lbfs": 112.4})})
    out = capsys.readouterr().out
    assert "Selisih terbesar dari 1 kasus" in out
    assert "112,4" in out
    assert "besaran antara" in out


def test_a_file_without_expected_results_still_shows_what_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = {key: value for key, value in case().items() if key != "expected"}
    check(tmp_path / "cases.json", {"a": bare})
    assert "112,4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "code", "named"),
    [
        ({"frequency_ghz": None}, "radio.bad_field", "frequency_ghz"),
        ({"frequency_ghz": 60}, "radio.out_of_limits", "60"),
        ({"polarization": "circular"}, "radio.polarization", "circular"),
        ({"tx_lat": 91}, "radio.out_of_limits", "tx_lat"),
        ({"profile": {"distance_km": [0, 1, 2]}}, "radio.no_field", "height_m"),
        ({"profile": 3}, "radio.bad_field", "profile"),
        ({"profile": {"distance_km": [0, 1], "height_m": [0, 0]}}, "radio.profile_length", "a"),
        ({"profile": {"distance_km": [], "height_m": []}}, "radio.profile_length", "a"),
        ({"profile": {"distance_km": [0, 2, 1], "height_m": [0, 0, 0]}}, "radio.profile_order", "a"),
        ({"profile": {"distance_km": [0, 1, 2], "height_m": [0, math.nan, 0]}}, "radio.profile_gap", "height_m"),
        ({"profile": {"distance_km": [0, 1, 2], "height_m": [0, 0, 0], "zone": [4, 2, 4]}}, "radio.zone", "a"),
        ({"time_percent": True}, "radio.bad_field", "time_percent"),
        ({"expected": []}, "radio.bad_field", "expected"),
    ],
)
def test_a_bad_case_is_refused_by_name_with_a_remedy(
    tmp_path: Path, changed: dict[str, Any], code: str, named: str
) -> None:
    with pytest.raises(InputError) as refused:
        check(tmp_path / "cases.json", {"a": case(**changed)})
    assert refused.value.code == code
    for language in ("id", "en"):
        told = Words(language).error(refused.value)  # type: ignore[arg-type]
        assert named in told
        assert " a" in told
        assert "cases.json" in told
        assert Words(language).has(f"error.{code}.remedy")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "radio.not_json"),
        ("{", "radio.not_json"),
        ("[" * 100_000, "radio.not_json"),
        ("[]", "radio.not_cases"),
        ("{}", "radio.not_cases"),
        ('{"a": 1}', "radio.not_cases"),
    ],
)
def test_a_file_that_holds_no_cases_is_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "cases.json").write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        read_cases(tmp_path / "cases.json")
    assert refused.value.code == code


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_cases(tmp_path / "nothing.json")
    assert refused.value.code == "file.not_found"
