"""Why a plan builds nothing, as codes and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coverage.rollout.problem import Problem
from coverage.rollout.relaxation import fitting

Remark = tuple[str, dict[str, Any]]


def why_empty(measures: pd.DataFrame, problem: Problem, unknown: int) -> list[Remark]:
    """Tell why nothing is built.

    Parameters
    ----------
    measures : Table MEASURES of the villages asked about
    problem : what could be built, and the money
    unknown : villages of which it is not known whether they are served

    Returns
    -------
    list
        Keys of sentences with their values: nobody to plan for, or only as far as is known; the cheapest measure and
        the largest budget of a year where that is too small; that all is excluded; then each measure that is
        possible nowhere, with the most frequent reason.
    """
    if measures.empty:
        return [("rollout.empty.unknown", {"count": unknown}) if unknown else ("rollout.empty.nothing", {})]
    return [*_unpaid(problem), *_impossible(measures)]


def _unpaid(problem: Problem) -> list[Remark]:
    """Why nothing of what is possible is built."""
    if not len(problem.village):
        return [("rollout.empty.none_possible", {})]
    if fitting(problem).any():
        return [("rollout.empty.excluded", {})]
    chains = problem.needed_pieces(np.arange(len(problem.village)))
    capital = problem.capital + np.array([problem.piece_capital[chain].sum() for chain in chains], dtype=np.int64)
    cheapest = int(np.argmin(capital + problem.running * problem.running_in_budget))
    told = {
        "measure": problem.measure[cheapest],
        "money": int(capital[cheapest]),
        "running_money": int(problem.running[cheapest]),
        "budget_money": int(problem.budgets.max()),
    }
    return [("rollout.empty.too_little", told)]


def _impossible(measures: pd.DataFrame) -> list[Remark]:
    """Measures that are possible in no village, with the reason that most villages have."""
    found: list[Remark] = []
    for name, rows in measures.groupby("measure", sort=False):
        if not rows["possible"].any():
            # What the rule does not count helps nowhere, however near it is.
            reason = "does_not_count" if "does_not_count" in set(rows["reason"]) else rows["reason"].mode()[0]
            nearest = rows.loc[rows["reason"] == reason, "distance_m"].min()
            told = {"measure": name, "reason": reason, "distance_m": nearest}
            found.append(("rollout.empty.impossible", told))
    return found
