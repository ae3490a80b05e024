"""The visitor's rollout plan and its costs, kept in their session by page Rencana; other pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd
import streamlit as st

from coverage.readers.costs import read_costs
from coverage.rollout.edits import PlanEdit
from coverage.rollout.measures import Costs, with_values
from coverage.run.planning import PlanResult
from coverage.run.result import Analysis

_KEY, VALUES = "plan_made", "plan_cost_values"
EDITS, CHANGED, BEFORE = "plan_edits", "plan_edits_changed", "plan_edits_before"


@dataclass(frozen=True)
class MadePlan:
    """A plan with its curve, the run it rests on, and a signature of the request."""

    planned: PlanResult
    curve: pd.DataFrame
    analysis: Analysis
    signature: str


def made_plan() -> MadePlan | None:
    """Return the plan of this session, if any."""
    made: MadePlan | None = st.session_state.get(_KEY)
    return made


def keep_plan(made: MadePlan | None) -> None:
    """Keep a plan for this session."""
    st.session_state[_KEY] = made


def now() -> tuple[PlanEdit, ...]:
    """What was decided by hand in this session, or in the plan that was opened."""
    edits: tuple[PlanEdit, ...] = st.session_state.get(EDITS, ())
    return edits


def decide(edits: tuple[PlanEdit, ...]) -> None:
    """Decide by hand; the plan follows."""
    st.session_state.setdefault(BEFORE, []).append(now())
    st.session_state[EDITS] = edits
    st.session_state[CHANGED] = True


@cache
def shipped() -> Costs:
    """Costs that ship, cached."""
    return read_costs()


def chosen() -> Costs:
    """Costs with the visitor's values; those that ship where these are invalid."""
    try:
        return with_values(shipped(), own_values())
    except ValueError:
        return shipped()


def own_values() -> dict[str, float]:
    """Values that differ from those that ship."""
    return dict(st.session_state.get(VALUES, {}))
