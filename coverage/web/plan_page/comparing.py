"""Two plans side by side: the one on the screen and saved ones, on today's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from coverage.language.words import Words
from coverage.rollout.comparison import compare_plans
from coverage.rollout.measures import with_values
from coverage.rollout.plan import RolloutPlan
from coverage.run.decisions import request_of
from coverage.web import messages, visitor_work
from coverage.web.context import Context
from coverage.web.html import as_label, capital, column_table, put, scrolling, tag
from coverage.web.made_plan import MadePlan
from coverage.web.made_plan import shipped as shipped_costs
from coverage.web.maps.map_view import measure_name
from coverage.web.workers import computed

_KEPT = "plan_compared"
NOW = ""


def show(made: MadePlan | None, saved: Mapping[str, tuple[str, dict[str, Any]]], context: Context) -> None:
    """Render the choice of two ``saved`` plans, by identifier and version, and what tells them apart."""
    words = context.words
    names = {key: name for key, (name, _) in saved.items()}
    if made is not None:
        names = {NOW: words("planning.compare.now"), **names}
    if len(names) < 2:
        return
    put(tag("h2", words("planning.compare.title")))
    left, right = st.columns(2)
    keys = list(names)
    options: dict[str, Any] = {"options": keys, "format_func": lambda key: as_label(names[key])}
    first = left.selectbox(words("planning.compare.first"), key="plan_compare_first", **options)
    second = right.selectbox(words("planning.compare.second"), index=1, key="plan_compare_second", **options)
    if first == second:
        st.caption(words("planning.compare.same"))
        return
    with messages.shown_refusal(words):
        plans = [_plan(key, made, saved, context) for key in (first, second)]
        _tables(plans[0], plans[1], (names[first], names[second]), words)


def _plan(
    key: str, made: MadePlan | None, saved: Mapping[str, tuple[str, dict[str, Any]]], context: Context
) -> RolloutPlan:
    if key == NOW:
        assert made is not None
        return made.planned.plan
    analysis, kept = context.analysis, st.session_state.setdefault(_KEPT, {})
    at = (analysis.run["run_id"], key)
    if at not in kept:
        about = saved[key][1]
        costs = with_values(shipped_costs(), about["costs"])
        request = request_of(about["wishes"], analysis.priority)
        given = (costs, (None, None), bool(about["wishes"]["allow_sea"]), request, about, False)
        again = (visitor_work.plan_again, analysis, context.ground, *given)
        kept[at] = computed(context.words, "planning.progress.working", *again)[0].plan
    plan: RolloutPlan = kept[at]
    return plan


def _tables(first: RolloutPlan, second: RolloutPlan, names: tuple[str, str], words: Words) -> None:
    found = compare_plans(first, second)
    sides = tuple(zip(("first", "second"), names, strict=True))
    columns: dict[str, Any] = {
        words("planning.column.year"): [*map(str, found.years["year"]), words("planning.compare.all")]
    }
    for column, write in (("villages", words.number), ("people_newly_served", words.number), ("cost_idr", words.money)):
        title = words("planning.compare.cost") if column == "cost_idr" else words(f"planning.column.{column}")
        for side, name in sides:
            values = found.years[f"{column}_{side}"]
            columns[f"{title} · {name}"] = [write(float(value)) for value in (*values, values.sum())]
    put(scrolling(column_table(columns, words("planning.compare.title"))))
    put(tag("h3", words("planning.compare.differ", count=len(found.villages))))
    if found.villages.empty:
        return
    rows = found.villages
    columns = {words("web.table.village"): rows["village"], words("web.table.subdistrict"): rows["subdistrict"]}
    for side, name in sides:
        built = zip(rows[f"measure_{side}"], rows[f"year_{side}"], strict=True)
        columns[name] = [
            f"{capital(measure_name(by, words))}, {year}" if isinstance(by, str) else "–" for by, year in built
        ]
    put(scrolling(column_table(columns, words("planning.compare.differ", count=len(rows)))))
