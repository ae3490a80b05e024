"""An empty plan says why it is empty."""

import numpy as np
import pandas as pd

from coverage.exports.plan import remark_sentence
from coverage.language.words import Words
from coverage.rollout.edits import PlanEdit
from coverage.rollout.empty_plan import why_empty
from tests.rollout.test_selection import JUTA, problem

POSSIBLE = pd.DataFrame({"measure": ["fiber"], "possible": [True], "reason": ["possible"], "distance_m": [np.nan]})
FIBER = [("A", "fiber", 50, 1, 0, 0)]
"""1 and 10 of trunk."""


def test_a_budget_below_the_cheapest_measure_names_both() -> None:
    (found,) = why_empty(POSSIBLE, problem(FIBER, [9, 10]), 0)
    values = {"measure": "fiber", "money": 11 * JUTA, "running_money": 0, "budget_money": 10 * JUTA}
    assert found == ("rollout.empty.too_little", values)


def test_what_could_be_paid_for_is_excluded_and_what_is_possible_nowhere_says_why() -> None:
    left_out = problem(FIBER, [20], edits=(PlanEdit("forbid", "A"),))
    assert why_empty(POSSIBLE, left_out, 0) == [("rollout.empty.excluded", {})]
    nowhere = pd.DataFrame(
        {
            "measure": ["fiber", "satellite", "satellite", "satellite"],
            "possible": False,
            "reason": ["route_too_long", "adds_nobody", "adds_nobody", "people_unknown"],
            "distance_m": [62_000.0, np.nan, np.nan, np.nan],
        }
    )
    said = [remark_sentence(key, values, Words("id")) for key, values in why_empty(nowhere, problem([], [20]), 0)]
    assert said == [
        "Rencana kosong: tidak satu cara pun mungkin di desa yang perlu dilayani.",
        "Tidak mungkin di desa mana pun: perpanjangan fiber (rutenya terlalu panjang (62 km)).",
        "Tidak mungkin di desa mana pun: satelit (tidak menambah penduduk yang terlayani).",
    ]


def test_nobody_to_plan_for_is_told_from_not_known() -> None:
    nothing = POSSIBLE.iloc[:0]
    assert why_empty(nothing, problem([], [20]), 0) == [("rollout.empty.nothing", {})]
    assert why_empty(nothing, problem([], [20]), 7) == [("rollout.empty.unknown", {"count": 7})]
