"""The visitor's priority settings: criteria, direction, transformation, weights, method.

Every setting is the value of a widget in the session, so that the ranking can be computed before the widgets are
rendered, and on other pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.parameters import Criterion, PairwiseComparison, PriorityParameters
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.reweigh import ordered

USED, METHOD, WEIGHTING = "criteria_used", "order_method", "order_weighting"
FIRST, SPREAD = "order_first", "order_spread"
OWN = "own_figures"
"""Session key of the planner's own figures with the names and SHA-256 of their files."""
OWN_WEIGHT = 0.10
"""Initial weight of a criterion of the planner's own."""
MOST_COMPARED = 10
"""Limit of criteria for pairwise comparison."""


@dataclass(frozen=True)
class OrderChoice:
    """Chosen ranking parameters and the inputs they need."""

    inputs: Inputs
    priority: PriorityParameters
    available: tuple[Criterion, ...]
    """Criteria in use and not."""
    changed: bool
    """Whether anything differs from the run's parameters."""


def chosen(analysis: Analysis, inputs: Inputs) -> OrderChoice:
    """Read the settings from the session; the run's parameters are the default."""
    full = with_own(inputs)
    own = analysis.parameters.priority
    available = criteria_available(own, full, "ruggedness_m" in analysis.villages)
    used = st.session_state.get(USED)
    names = {c.name for c in own.criteria} if used is None else set(used)
    criteria = tuple(_as_set(c) for c in available if c.name in names)
    wanted: dict[str, Any] = {
        "method": st.session_state.get(METHOD, own.method),
        "weighting": st.session_state.get(WEIGHTING, own.weighting),
        "first": int(st.session_state.get(FIRST, own.first)),
        "spread": st.session_state.get(SPREAD, round(own.spread * 100)) / 100,
    }
    if wanted["weighting"] == "pairwise" and len(criteria) > MOST_COMPARED:
        wanted["weighting"] = "chosen"
    compared = comparisons(own, criteria) if wanted["weighting"] == "pairwise" else own.comparisons
    priority = own.model_copy(update={"criteria": criteria, "comparisons": compared, **wanted})
    columns = set() if full.criteria is None else set(full.criteria.columns)
    needed = any((criterion.column or criterion.name) in columns for criterion in criteria)
    return OrderChoice(full if needed else inputs, priority, available, priority != own)


def in_order(analysis: Analysis, inputs: Inputs) -> Analysis:
    """The run under the visitor's order, as page Prioritas shows it; as it is where that order cannot be had."""
    if analysis.priority.empty:
        return analysis
    wanted = chosen(analysis, inputs)
    if not wanted.changed and wanted.inputs is inputs:
        return analysis  # in this order already
    try:
        return ordered(analysis, wanted.inputs, wanted.priority).analysis
    except JangkauError:
        return analysis


def criteria_available(own: PriorityParameters, inputs: Inputs, relief: bool) -> tuple[Criterion, ...]:
    """Criteria in use, offered ones that have data, and the columns of the planner's own table.

    ``relief`` says whether elevation is known.
    """
    brought = [] if inputs.criteria is None else list(inputs.criteria.columns)
    there = {
        "complaints": inputs.evidence is not None and bool((inputs.evidence["kind"] == "complaint").any()),
        "single_operator": inputs.assets is not None and bool(inputs.assets["operator"].notna().any()),
        "facilities": "facilities" in brought,
        "terrain": relief,
    }
    taken = {criterion.name for criterion in own.criteria}
    offered = [c for c in own.offered if c.name not in taken and there.get(c.name, True)]
    taken |= {criterion.name for criterion in offered}
    columns = {c.column for c in (*own.criteria, *offered)}
    source = ", ".join(sorted(own_files()))
    extra = [
        Criterion(name=name, column=name, weight=OWN_WEIGHT, source=source or "–")
        for name in brought
        if name not in taken and name not in columns
    ]
    return (*own.criteria, *offered, *extra)


def _as_set(criterion: Criterion) -> Criterion:
    state = st.session_state
    own = round(criterion.weight * 100)
    weight = state.get(f"weight_{criterion.name}", own)
    return criterion.model_copy(
        update={
            "weight": criterion.weight if weight == own else weight / 100,
            "direction": state.get(f"direction_{criterion.name}", criterion.direction),
            "transformation": state.get(f"transformation_{criterion.name}", criterion.transformation),
        }
    )


def pair_key(first: str, second: str) -> str:
    """Widget key of a pairwise comparison."""
    return f"pair_{first}_{second}"


def times_of(step: int) -> float:
    """Importance ratio of a step: 0 is 1, 2 is 3, -2 is 1/3."""
    return 1.0 + step if step >= 0 else 1.0 / (1 - step)


def step_of(times: float) -> int:
    """Step nearest to an importance ratio."""
    return round(times - 1) if times >= 1 else -round(1 / times - 1)


def comparisons(own: PriorityParameters, criteria: Sequence[Criterion]) -> tuple[PairwiseComparison, ...]:
    """Pairwise comparisons of the criteria in use; those not made yet are left out."""
    given = {(c.first, c.second): step_of(c.times) for c in own.comparisons}
    given |= {(c.second, c.first): -step_of(c.times) for c in own.comparisons}
    made = []
    for first, second in combinations([criterion.name for criterion in criteria], 2):
        step = int(st.session_state.get(pair_key(first, second), given.get((first, second), 0)))
        if step:
            made.append(PairwiseComparison(first=first, second=second, times=times_of(step)))
    return tuple(made)


def own_files() -> dict[str, str]:
    """Names and SHA-256 of the files of the planner's own figures."""
    kept = st.session_state.get(OWN)
    return {} if kept is None else dict(kept[1])


def with_own(inputs: Inputs) -> Inputs:
    """Add the planner's own figures to the inputs."""
    kept = st.session_state.get(OWN)
    if kept is None:
        return inputs
    table, files = kept
    if inputs.criteria is not None:
        table = inputs.criteria.drop(columns=table.columns, errors="ignore").join(table)
    return replace(inputs, criteria=table.reindex(inputs.villages["village_code_bps"]), files={**inputs.files, **files})


def keep_own(before: Inputs, after: Inputs) -> None:
    """Keep in the session the figures that ``after`` has and ``before`` has not."""
    assert after.criteria is not None
    files = {name: digest for name, digest in after.files.items() if before.files.get(name) != digest}
    st.session_state[OWN] = (after.criteria, {**own_files(), **files})


def reset(available: Sequence[Criterion], own: PriorityParameters) -> None:
    """Reset to the run's parameters; the planner's own figures stay available."""
    state = st.session_state
    values: dict[str, Any] = {
        USED: [criterion.name for criterion in own.criteria],
        METHOD: own.method,
        WEIGHTING: own.weighting,
        FIRST: own.first,
        SPREAD: round(own.spread * 100),
    }
    for criterion in available:
        values[f"weight_{criterion.name}"] = round(criterion.weight * 100)
        values[f"direction_{criterion.name}"] = criterion.direction
        values[f"transformation_{criterion.name}"] = criterion.transformation
    for first, second in combinations([criterion.name for criterion in available], 2):
        values[pair_key(first, second)] = 0
    state.update({key: value for key, value in values.items() if key in state})
