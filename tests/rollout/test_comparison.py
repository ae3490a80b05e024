"""Two plans side by side."""

import numpy as np
import pandas as pd

from coverage.rollout.comparison import compare_plans
from coverage.rollout.edits import PlanEdit
from coverage.rollout.plan import RolloutPlan, plan_of
from coverage.rollout.selection import select
from tests.rollout.test_selection import JUTA, problem, replace

VILLAGES = pd.DataFrame({"village_code_bps": ["A", "B"], "village": ["Ngrejo", "Bakung"], "subdistrict": "Wates"})


def test_years_and_the_villages_that_differ_stand_side_by_side() -> None:
    options = [("A", "tower", 100, 10, 1, -1), ("A", "satellite", 5, 1, 0, -1), ("B", "tower", 60, 10, 0, -1)]
    made = problem(options, [11, 11])
    measures = pd.DataFrame(
        {"village_code_bps": ["A", "A", "B"], "measure": ["tower", "satellite", "tower"], "feed": None}
    )

    def plan(*edits: PlanEdit) -> RolloutPlan:
        wished = replace(made, edits=edits)
        return plan_of(wished, select(wished, gap=0.0), VILLAGES, measures, None)

    same = compare_plans(plan(), plan())
    assert same.villages.empty
    found = compare_plans(plan(), plan(PlanEdit("forbid", "A", "tower")))
    assert found.years["year"].tolist() == [2027, 2028]
    assert found.years["people_newly_served_first"].tolist() == [100, 60]
    assert found.years["people_newly_served_second"].sum() == 65
    assert found.years["cost_idr_first"].tolist() == [11 * JUTA, 11 * JUTA]  # with the running cost of A's tower
    assert found.years["villages_second"].sum() == 2
    assert found.villages["village"].tolist()[0] == "Ngrejo"
    assert found.villages[["measure_first", "measure_second"]].iloc[0].tolist() == ["tower", "satellite"]
    gone = compare_plans(plan(), plan(PlanEdit("forbid", "B"))).villages
    assert gone["village_code_bps"].tolist() == ["B"]
    assert gone["measure_second"].isna().all()
    assert np.array_equal(gone["year_first"], [2028])
