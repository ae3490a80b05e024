"""The rollout plan as CSV, sheets and pages: the money to the rupiah, the reasons in words."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from coverage.exports.bundle import output_files
from coverage.exports.plan import (
    budget_sentence,
    measure_label,
    plan_lines,
    plan_quality,
    proof_sentence,
    write_rollout,
)
from coverage.exports.report import write_report
from coverage.exports.village_sheet import write_village_sheets
from coverage.exports.workbook import write_workbook
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from tests.exports.conftest import CODES, Small
from tests.exports.test_papers import needs_poppler, pages


def make_plan(name: str = "Barat", status: str = "optimal", gap: float = 0.001) -> RolloutPlan:
    rollout = pd.DataFrame(
        {
            "village_code_bps": [CODES[2], CODES[1]],
            "village": [name, "Tengah"],
            "subdistrict": ["Dua", "Satu"],
            "measure": ["small_tower", "fiber"],
            "year": [2028, 2027],
            "cost_idr": [2_600_000_001, 500_000_000],
            "running_idr": [180_000_000, 25_000_000],
            "people_newly_served": [500, 1500],
            "parent": [None, "F-1"],
            "reasons": [
                json.dumps([["people_newly_served", 500], ["idr_per_person", 5_200_000]]),
                json.dumps([["people_newly_served", 1500], ["fixed", 2027]]),
            ],
            "alone_idr": [2_600_000_001, 830_000_000],
        }
    )
    years = pd.DataFrame(
        {
            "year": [2027, 2028],
            "budget_idr": [1_000_000_000, 3_000_000_000],
            "capital_idr": [500_000_000, 2_600_000_001],
            "running_idr": [25_000_000, 205_000_000],
            "unspent_idr": [475_000_000, 194_999_999],
            "villages": [1, 1],
            "people_newly_served": [1500, 500],
            "people_total": [1500, 2000],
        }
    )
    return RolloutPlan(rollout, years, 2000, 2000.0, 2001.0, gap, status, ())


CURVE = pd.DataFrame(
    {
        "share": [0.5, 1.0],
        "budget_idr": [2_000_000_000, 4_000_000_000],
        "spent_idr": [1, 2],
        "people": [1500, 2000],
        "people_naive": [500, 1500],
        "gap": [0.0, 0.0],
    }
)


def test_rollout_csv_is_by_year_with_every_rupiah_and_reasons_in_words(small: Small, words: Words) -> None:
    first, second = csv.DictReader(io.StringIO(write_rollout(small, make_plan(), words).decode()))
    assert (first["year"], first["village"], first["measure"], first["cost_idr"]) == (
        "2027",
        "Tengah",
        "fiber",
        "500000000",
    )
    assert second["cost_idr"] == "2600000001"
    assert re.fullmatch(r"500 [\w ]+ terlayani; Rp 5,2 juta per orang", second["reason"])
    assert re.fullmatch(r"1\.500 [\w ]+ terlayani; ditetapkan untuk 2027", first["reason"])
    assert (second["cost_basis"], second["population_basis"], second["run_id"]) == (
        "indicative",
        "sensus 2020",
        "abc123def456",
    )


def test_the_workbook_has_the_plan_after_the_priority(small: Small, words: Words) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(write_workbook(small, words, plan=make_plan())))
    assert book.sheet_names[1:4] == ["Prioritas", "Rencana", "Rencana per tahun"]
    years = book.get_sheet_by_name("Rencana per tahun").to_python(skip_empty_area=False)
    assert [2028.0, 3e9, 2_600_000_001.0, 205e6, 194_999_999.0, 1.0, 500.0, 2000.0] in years
    rows = book.get_sheet_by_name("Rencana").to_python(skip_empty_area=False)
    assert any("terbukti" in str(row[0]) and "2.000" in str(row[0]) for row in rows)


@pytest.mark.slow
@needs_poppler
def test_the_report_has_years_list_and_curve(small: Small, words: Words, tmp_path: Path) -> None:
    text = " ".join(pages(write_report(small, words, plan=make_plan(), curve=CURVE), tmp_path))
    for part in (
        "Rencana pembangunan",
        "Rp 2,6 miliar",
        "menara kecil",
        "indikatif",
        "Penduduk yang terlayani menurut besar",
    ):
        assert part in text, part


@needs_poppler
def test_the_sheet_of_a_village_says_what_is_planned_there(small: Small, words: Words, tmp_path: Path) -> None:
    lines = plan_lines(small, make_plan(), words)
    assert lines[CODES[2]] == [
        f"2028: {measure_label('small_tower', words)}, Rp 2,6 miliar, 500 penduduk baru terlayani; "
        "terlayani (100% penduduk)"
    ]
    assert lines[CODES[2]][0] in pages(write_village_sheets(small, words, [CODES[2]], plan=make_plan()), tmp_path)[0]


def test_only_a_budget_that_nobody_gave_is_called_an_assumption(small: Small, words: Words) -> None:
    """A budget that was given used to be called assumed where it happened to be as large as the one that ships."""
    given, assumed = (replace(make_plan(), assumed=assumed) for assumed in (False, True))
    assert "ANDAIAN" not in budget_sentence(small, given, words)
    assert "ANDAIAN" in budget_sentence(small, assumed, words)
    for plan, basis in ((given, "given"), (assumed, "assumed")):
        rows = list(csv.DictReader(io.StringIO(write_rollout(small, plan, words).decode())))
        assert {(row["budget_basis"], row["rule"]) for row in rows} == {(basis, small.parameters.default_rule)}
        assert [row["budget_idr"] for row in rows] == ["1000000000", "3000000000"]


def test_the_run_file_of_a_set_names_the_budget_of_its_plan(small: Small, words: Words) -> None:
    files = output_files(small, words, ["rollout.csv"], plan=replace(make_plan(), assumed=True))
    told = json.loads(files["run.json"])["rollout"]
    assert told["wishes"]["budgets"] == {"2027": 1_000_000_000, "2028": 3_000_000_000}
    assert (told["budget_assumed"], told["people_newly_served"]) == (True, 2000)
    assert "rollout" not in json.loads(output_files(small, words, ["villages.csv"])["run.json"])


@needs_poppler
def test_every_sheet_names_rule_and_budget(small: Small, words: Words, tmp_path: Path) -> None:
    plan = replace(make_plan(), assumed=True, remarks=(("planning.scenario.lost", {"count": 2}),))
    rule = words.named("rule", small.parameters.default_rule)
    for at, text in enumerate(pages(write_village_sheets(small, words, [CODES[2], CODES[0]], plan=plan), tmp_path)):
        assert "ANDAIAN" in text
        assert "2 desa dilepas" in text
        assert f"Aturan: {rule}" in text
        assert ("tidak masuk rencana" in text) == bool(at)


@pytest.mark.parametrize(
    ("status", "gap", "said"),
    [
        ("optimal", 0.001, "terbukti bahwa rencana lain dengan anggaran ini menambah paling banyak sekitar 2 orang"),
        ("optimal", 0.0, "terbukti tidak ada rencana dengan anggaran ini yang melayani lebih banyak"),
        ("limit", 0.05, "paling banyak sekitar"),
        ("naive", float("nan"), "menurut urutan prioritas"),
    ],
)
def test_how_good_the_plan_is_is_said_honestly(status: str, gap: float, said: str, words: Words) -> None:
    plan = make_plan(status=status, gap=gap)
    assert said in plan_quality(plan, words)
    assert "%" not in proof_sentence(plan, words)


def test_an_empty_plan_is_a_heading_and_no_row(small: Small, words: Words) -> None:
    plan = make_plan()
    empty = RolloutPlan(plan.rollout.iloc[:0], plan.years, 0, 0.0, 0.0, 0.0, "optimal", ())
    assert write_rollout(small, empty, words).decode().count("\n") == 1
    assert write_report(small, words, plan=empty).startswith(b"%PDF")
    assert write_workbook(small, words, plan=empty).startswith(b"PK")
