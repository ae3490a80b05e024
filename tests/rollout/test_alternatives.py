"""Why fibre where radio is cheaper: what each measure costs if only that village were served."""

import json

import numpy as np
import pandas as pd

from coverage.exports.plan import plan_reason
from coverage.language.words import Words
from coverage.rollout.alternatives import Alternative, alternatives_of
from coverage.rollout.edits import PlanEdit
from coverage.rollout.plan import plan_of
from coverage.rollout.problem import Problem, choice_of
from coverage.rollout.selection import select
from tests.rollout.test_selection import JUTA, problem

OPTIONS = [
    ("A", "fiber", 50, 1, 0, 0),
    ("A", "radio_link", 50, 8, 0, -1),
    ("B", "fiber", 50, 1, 0, 1),
    ("C", "satellite", 5, 1, 0, -1),
    ("C", "tower", 90, 20, 0, -1),
]
"""Fibre to A alone is 1 + 10 of trunk, radio 8; B lies 10 behind A and has fibre only."""


def why(made: Problem, *chosen: int) -> list[Alternative]:
    when = np.full(len(made.village), -1)
    when[list(chosen)] = 0
    return alternatives_of(made, choice_of(made, when), np.array(chosen))


def test_the_best_plan_takes_fibre_on_the_way_and_says_that_the_cable_goes_on() -> None:
    made = problem(OPTIONS, [42])
    choice = select(made, gap=0.0).choice
    assert np.flatnonzero(choice.option_year >= 0).tolist() == [0, 2, 4]
    on_the_way, end, tower = alternatives_of(made, choice, np.array([0, 2, 4]))
    assert on_the_way == Alternative("cable_goes_on", 11 * JUTA, 1, 8 * JUTA, (1,))
    assert end == Alternative("only", 21 * JUTA, sharing=(0,))
    assert tower == Alternative("serves_more", 20 * JUTA, 3, 1 * JUTA)


def test_without_the_village_behind_it_fibre_has_no_excuse() -> None:
    made = problem(OPTIONS, [42])
    assert why(made, 0) == [Alternative("other_cheaper", 11 * JUTA, 1, 8 * JUTA)]
    assert why(made, 1) == [Alternative("cheapest", 8 * JUTA)]


def test_a_cable_used_together_and_a_measure_that_was_asked_for() -> None:
    beside = [*OPTIONS[:2], ("B", "fiber", 50, 1, 0, 0)]
    assert why(problem(beside, [42]), 0, 2)[0] == Alternative("cable_goes_on", 11 * JUTA, 1, 8 * JUTA, (1,))
    end = [("A", "fiber", 50, 1, 0, 1), ("A", "radio_link", 50, 12, 0, -1), ("B", "fiber", 50, 1, 0, 0)]
    assert why(problem(end, [42]), 0, 2)[0] == Alternative("cable_shared", 21 * JUTA, 1, 12 * JUTA, (1,))
    assert why(problem(end, [42], edits=(PlanEdit("pin", "A", "fiber", 2027),)), 0)[0].why == "fixed_measure"


def test_the_reason_stands_in_the_plan_in_words() -> None:
    made = problem(OPTIONS, [42])
    villages = pd.DataFrame(
        {"village_code_bps": ["A", "B", "C"], "village": ["Kaulon", "Maron", "Wates"], "subdistrict": "Wates"}
    )
    measures = pd.DataFrame(
        {"village_code_bps": [made.villages[v] for v in made.village], "measure": made.measure, "feed": "FO-1"}
    )
    made_plan = plan_of(made, select(made, gap=0.0), villages, measures, None)
    assert made_plan.rollout["alone_idr"].tolist() == [11 * JUTA, 21 * JUTA, 20 * JUTA]
    names = dict(zip(villages["village_code_bps"], villages["village"], strict=True))
    said = [plan_reason(text, Words("id"), names, measure_only=True) for text in made_plan.rollout["reasons"]]
    assert said == [
        "bila hanya desa ini yang dilayani, radio link lebih murah (Rp 8 juta; cara ini Rp 11 juta), "
        "tetapi kabelnya diteruskan ke Maron",
        "satu-satunya cara yang mungkin di sini (Rp 21 juta bila hanya desa ini yang dilayani); "
        "kabelnya dipakai bersama Kaulon (bila hanya desa ini Rp 21 juta)",
        "satelit lebih murah (Rp 1 juta), tetapi hanya melayani 5 orang",
    ]
    codes = [code for text in made_plan.rollout["reasons"] for code, _ in json.loads(text)]
    assert all(Words(language).has(f"rollout.reason.{code}") for code in codes for language in ("id", "en"))
