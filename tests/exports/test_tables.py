"""CSV: the contract's columns, figures that can be checked by eye, and text that no spreadsheet runs."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.exports.run_file import write_run_file
from coverage.exports.sanitize import neutral, xml_safe
from coverage.exports.tables import write_assets, write_conflicts, write_priority, write_villages
from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.run.privacy import for_outsiders
from tests.exports.conftest import Small, make_small


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_villages_begin_with_the_columns_of_the_contract(small: Small, words: Words) -> None:
    head = write_villages(small, words).decode("utf-8").splitlines()[0].split(",")
    assert head[:10] == [
        "village_code_bps",
        "village_code_kemendagri",
        "village",
        "subdistrict",
        "population",
        "population_served",
        "share_served",
        "state",
        "reason",
        "rule",
    ]
    assert head[10:12] == ["share_cellular", "nearest_cellular_m"]
    for name in (
        "share_public_wifi",
        "nearest_public_wifi_m",
        "share_connection",
        "state_no_cellular",
        "reason_no_cellular",
        "state_official",
        "reason_official",
        "boundary_quality",
        "population_basis",
        "assets_source",
        "run_id",
    ):
        assert name in head


def test_a_village_reads_as_a_planner_expects(small: Small, words: Words) -> None:
    timur, tengah, barat, utara = rows(write_villages(small, words))
    assert (tengah["population"], tengah["population_served"], tengah["share_served"]) == ("2000", "500", "0.25")
    assert (tengah["state"], tengah["rule"]) == ("weak", "overlay")
    assert (
        tengah["reason"]
        == "hanya 25% penduduk dalam jangkauan koneksi apa pun; menara terdekat 2,2 km; mungkin: blank spot bila jangkauan terpendek, terlayani bila terpanjang"
    )
    assert (barat["state_official"], barat["reason_official"]) == ("blank", "tercantum dalam daftar resmi")
    assert (timur["nearest_cellular_m"], timur["priority_rank"], barat["priority_rank"]) == ("120", "", "2")
    assert (utara["population"], utara["population_served"], utara["share_served"]) == ("", "", "0.0009")
    assert timur["village_code_kemendagri"] == "35.05.01.2001"
    assert (timur["boundary_quality"], timur["assets_source"], timur["run_id"]) == (
        "approximate",
        "contoh",
        "abc123def456",
    )


def test_reasons_follow_the_language(small: Small) -> None:
    assert rows(write_villages(small, Words("en")))[1]["reason"].startswith("only 25% of people in reach")


def test_priority_has_rank_reason_and_parts_that_add_up(small: Small, words: Words) -> None:
    table = rows(write_priority(small, words))
    assert list(table[0])[:8] == [
        "rank",
        "village_code_bps",
        "village",
        "subdistrict",
        "score",
        "rank_best",
        "rank_worst",
        "reason",
    ]
    assert list(table[0])[8:12] == [
        "part_people_unserved",
        "part_officially_listed",
        "value_people_unserved",
        "value_officially_listed",
    ]
    assert [row["rank"] for row in table] == ["1", "2", "3"]
    assert table[1]["reason"] == "500 penduduk belum terlayani; ada di daftar resmi"
    for row in table:
        parts = float(row["part_people_unserved"]) + float(row["part_officially_listed"])
        assert parts == pytest.approx(float(row["score"]))


def test_conflicts_say_what_disagrees_and_what_was_given(small: Small, words: Words) -> None:
    match, state = rows(write_conflicts(small, words))
    assert (match["village"], match["given_code"], match["match"]) == ("Barat", "3505020009", "code_conflict")
    assert state["reason"] == "hasil hitungan terlayani, menurut bukti blank spot"


def test_without_evidence_the_conflicts_are_a_heading_and_nothing_else(words: Words) -> None:
    from dataclasses import replace

    quiet = replace(make_small(), evidence=None, conflicts=make_small().conflicts.iloc[:0])
    assert rows(write_conflicts(quiet, words)) == []
    assert write_conflicts(quiet, words).startswith(b"village_code_bps,")


def test_twice_the_same_run_and_any_order_of_rows_give_the_same_bytes(small: Small, words: Words) -> None:
    from dataclasses import replace

    shuffled = replace(
        small,
        villages=small.villages.iloc[::-1],
        village_service=small.village_service.sample(frac=1, random_state=1),
        blank_spots=small.blank_spots.sample(frac=1, random_state=2),
        priority=small.priority.iloc[::-1],
        conflicts=small.conflicts.iloc[::-1],
        evidence=small.evidence.iloc[::-1],
        assets=small.assets.iloc[::-1],
    )
    for write in (write_villages, write_priority, write_conflicts):
        assert write(small, words) == write(make_small(), words) == write(shuffled, words)


@given(st.text())
def test_no_text_begins_as_a_formula_and_none_is_lost(text: str) -> None:
    made = neutral(text)
    assert made in (text, "'" + text)
    assert made.lstrip()[:1] not in ("=", "+", "-", "@")
    assert made[:1] not in ("\t", "\r", "\n")


def test_numbers_below_zero_are_not_touched(small: Small, words: Words) -> None:
    table = pd.read_csv(io.BytesIO(write_villages(small, words)))
    assert table["centre_lat"].tolist() == [-8.09] * 4


@given(st.text())
def test_text_for_xml_can_be_parsed(text: str) -> None:
    from xml.sax.saxutils import escape

    from defusedxml.ElementTree import fromstring

    fromstring(f"<a>{escape(xml_safe(text))}</a>")


def test_the_run_file_names_every_output_and_can_be_read_again(small: Small) -> None:
    told = json.loads(write_run_file(small, {"villages.csv": b"abc"}))
    assert told["run_id"] == "abc123def456"
    assert told["date"] == "2026-11-20"
    assert told["outputs"]["villages.csv"] == {
        "bytes": 3,
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }
    assert told["parameters"]["default_rule"] == "overlay"
    assert told["versions"]["geopandas"]


def test_what_one_export_changes_no_other_sees_and_a_run_is_forgotten_with_its_last_user(words: Words) -> None:
    import gc

    from coverage.exports.run_memo import cached_per_run
    from coverage.exports.tables import villages_table

    run = make_small()
    first = villages_table(run, words)
    first.loc[0, "village"] = "changed"
    assert villages_table(run, words).loc[0, "village"] == "Timur"
    assert villages_table(run, Words("en")).loc[1, "reason"].startswith("only")

    calls = []

    @cached_per_run
    def count(_: Small) -> pd.DataFrame:
        calls.append(1)
        return pd.DataFrame()

    for _ in range(3):
        count(run)
    assert len(calls) == 1
    del run
    gc.collect()
    count(make_small())
    assert len(calls) == 2


def test_the_list_of_assets_can_be_read_again_and_names_no_camera_unless_asked(small: Small, tmp_path: Path) -> None:
    for include, wanted in ((False, {"M-1", "W-1", "R-1", "M-2"}), (True, {"M-1", "W-1", "C-1", "R-1", "M-2"})):
        path = tmp_path / "assets.csv"
        path.write_bytes(write_assets(small if include else for_outsiders(small)))
        read, _ = read_assets(path)
        assert set(read["asset_id"]) == wanted
        line = read.loc[read["asset_id"] == "R-1", "geometry"].iloc[0]
        assert line.equals(small.assets.loc[small.assets["asset_id"] == "R-1", "geometry"].iloc[0])
