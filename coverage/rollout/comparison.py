"""Two plans side by side: by year, and the villages that differ."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from coverage.rollout.plan import RolloutPlan

_SIDES = ("_first", "_second")


@dataclass(frozen=True)
class PlanComparison:
    """Two plans compared; columns of the plans end in ``_first`` and ``_second``.

    Attributes
    ----------
    years
        By budget year of either: ``year``, then ``villages``, ``people_newly_served``, ``cost_idr`` (capital and
        running cost of that year) of both; 0 in a year that a plan has not.
    villages
        Villages that are not built alike, by code: ``village_code_bps``, ``village``, ``subdistrict``, then
        ``measure`` and ``year`` of both; missing where a plan does not build there.
    """

    years: pd.DataFrame
    villages: pd.DataFrame


def compare_plans(first: RolloutPlan, second: RolloutPlan) -> PlanComparison:
    """Compare two plans made on the same tables."""
    by_year = [
        plan.years.assign(cost_idr=plan.years["capital_idr"] + plan.years["running_idr"]).set_index("year")[
            ["villages", "people_newly_served", "cost_idr"]
        ]
        for plan in (first, second)
    ]
    years = by_year[0].merge(by_year[1], how="outer", left_index=True, right_index=True, suffixes=_SIDES)
    key = ["village_code_bps", "village", "subdistrict"]
    built = [plan.rollout[[*key, "measure", "year"]].astype({"year": "Int64"}) for plan in (first, second)]
    both = built[0].merge(built[1], on=key, how="outer", suffixes=_SIDES).sort_values(key, ignore_index=True)
    same = (both["measure_first"] == both["measure_second"]) & (both["year_first"] == both["year_second"])
    differ = both[~same.fillna(False).astype(bool)].reset_index(drop=True)
    return PlanComparison(years.fillna(0).astype("int64").reset_index(), differ)
