"""Views of a rollout plan: totals, map by year, tables, curve, options."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.language.words import Words
from coverage.rollout.plan import people_short
from coverage.rollout.site_survey import SiteSurvey
from coverage.run.privacy import without_private_feeds
from coverage.run.result import Analysis
from coverage.web import downloads, facts, session
from coverage.web.background_jobs import Job
from coverage.web.charts import INK
from coverage.web.context import Context
from coverage.web.html import Html, capital, column_table, figure, put, scrolling, tag
from coverage.web.made_plan import MadePlan
from coverage.web.maps.map_view import Click, measure_name
from coverage.web.plan_page import edits, layer
from coverage.web.tables import show_table

FILES = ("rollout.csv", "rollout.xlsx")
"""Files offered for download."""


def part_done(job: Job[MadePlan], gap: float, seconds: float) -> float:
    """Progress, 0 to 1: by the gap on a logarithmic scale, or by the time limit."""
    progress = job.progress
    if job.step == "curve":
        return 0.95
    if progress is None:
        return 0.02
    by_gap = min(1.0, math.log(progress.gap) / math.log(gap)) if 0 < progress.gap < 1 else 0.0
    return min(0.9, max(0.02, by_gap, progress.seconds / seconds))


def how_far(job: Job[MadePlan], words: Words) -> str:
    """Progress in words: best plan so far and its gap."""
    if job.place:
        return words("planning.progress.waiting", place=job.place)
    if job.step == "waiting":
        return words("planning.progress.working")
    if job.step == "curve":
        return words("planning.progress.curve")
    seconds = words.number(job.seconds)
    progress = job.progress
    if job.stopping:
        return words("planning.progress.stopping")
    if progress is None or not math.isfinite(progress.best):
        return words("planning.progress.begins", seconds=seconds)
    if not math.isfinite(progress.gap):
        return words("planning.progress.first", people=progress.best, seconds=seconds)
    more = people_short(progress.gap, progress.best)
    return words("planning.progress.gap", people=progress.best, more=more, seconds=seconds)


def summary(made: MadePlan, words: Words) -> Html:
    """Totals and the proven quality of the plan, what it leaves, and what it rests on."""
    from coverage.exports.plan import budget_sentence, outcome_sentences, proof_sentence  # slow to import

    plan, naive = made.planned.plan, made.planned.naive
    years = plan.years
    spent = int(years["capital_idr"].sum() + years["running_idr"].sum() * made.planned.request.running_in_budget)
    rate = made.planned.costs.discount_rate.value
    factor = [(1 + rate) ** -k for k in range(len(years))]
    value = float(((years["capital_idr"] + years["running_idr"]) * factor).sum())
    cells = [
        (words("planning.summary.people"), words.number(plan.people), words("planning.summary.people_unit")),
        (words("planning.summary.villages"), words.number(len(plan.rollout)), words("web.strip.villages")),
        (
            words("planning.summary.spent"),
            words.money(spent),
            words("planning.summary.of", budget=words.money(int(years["budget_idr"].sum()))),
        ),
        (
            words("planning.summary.value"),
            words.money(value),
            words("planning.summary.rate", rate=words.percent(rate, 1)),
        ),
        (
            words("planning.summary.naive"),
            words.number(naive.people),
            words("planning.summary.more", people=plan.people - naive.people),
        ),
    ]
    rows = [figure(name, value, " ", tag("small", unit)) for name, value, unit in cells]
    return tag(
        "section",
        tag("dl", *rows),
        tag("p", " ".join(outcome_sentences(made.analysis, plan, words))),
        tag("p", budget_sentence(made.analysis, plan, words), cls="jk-hint"),
        tag("p", proof_sentence(plan, words), " ", words("rollout.own_people"), cls="jk-hint")
        if len(plan.rollout)
        else None,
        cls="jk-strip jk-plan-strip",
        aria_label=words("planning.summary.label"),
    )


def plan_map(context: Context, analysis: Analysis, made: MadePlan | None) -> None:
    """Map by year, or the states without a plan; a click opens the village's options."""
    words = context.words
    rule = analysis.parameters.default_rule
    shown = None if made is None else layer.on_map(made.analysis, made.planned, words)
    with st.container(key="plan_map"):
        village = st.session_state.get("plan_village")
        context.show_map("plan_map_frame", rule=rule, village=village, on_click=_clicked, plan=shown)
    code = st.session_state.get("plan_village")
    if made is not None and code:
        put(tag("p", _plan_sentence(made, code, words), cls="jk-next"))
    if made is not None:
        put(_years(made, words))


def _clicked(click: Click) -> None:
    if click.village:
        st.session_state["plan_village"] = click.village
        session.choose_village(click.village)


def _plan_sentence(made: MadePlan, code: str, words: Words) -> str:
    """The plan for a village in a sentence."""
    rows = made.planned.plan.rollout
    name = facts.village_label(made.analysis).get(code, code).split(" · ")[0]
    row = rows[rows["village_code_bps"] == code]
    if row.empty:
        return words("planning.village.none", village=name)
    one = row.iloc[0]
    from coverage.exports.plan import plan_reason, village_names  # slow to import

    built = words(
        "planning.village.built",
        village=name,
        year=str(one["year"]),
        measure=measure_name(one["measure"], words),
        cost=words.money(one["cost_idr"]),
        people=one["people_newly_served"],
    )
    why = plan_reason(one["reasons"], words, village_names(made.planned.plan), measure_only=True)
    return f"{built} {capital(why)}."


def _years(made: MadePlan, words: Words) -> Html:
    """Money and people by year."""
    years = made.planned.plan.years
    columns = {words("planning.column.year"): map(str, years["year"])}
    for name in ("budget_idr", "capital_idr", "running_idr", "unspent_idr"):
        columns[words(f"planning.column.{name}")] = map(words.money, years[name])
    for name in ("villages", "people_newly_served", "people_total"):
        columns[words(f"planning.column.{name}")] = map(words.number, years[name])
    return scrolling(column_table(columns, words("planning.years")))


def plan_table(made: MadePlan, words: Words) -> None:
    """Plan by year and village, with downloads."""
    from coverage.exports.plan import plan_reason, remark_sentence, village_names  # slow to import

    plan = made.planned.plan
    downloads.offer(made.analysis, words, FILES, key="plan", plan=lambda: (plan, made.curve))
    put(tag("h2", words("planning.years")))
    put(_years(made, words))
    put(tag("h2", words("planning.list")))
    rows = plan.rollout
    if rows.empty:
        st.info(" ".join(remark_sentence(key, values, words) for key, values in plan.remarks))
        return
    edits.of_a_row(made.analysis, made.planned.survey.measures, rows, words)
    cost, running = words("planning.column.cost_idr"), words("planning.column.running_idr")
    alone, names = words("planning.options.capital"), village_names(plan)
    people, year = words("planning.column.people_newly_served"), words("planning.column.year")
    labels = facts.village_label(made.analysis)
    parents = [labels[one].split(",")[0] if one in labels else one for one in rows["parent"].astype(str)]
    frame = pd.DataFrame(
        {
            year: rows["year"].to_numpy(),
            words("web.table.village"): rows["village"].to_numpy(),
            words("web.table.subdistrict"): rows["subdistrict"].to_numpy(),
            words("planning.column.measure"): [capital(measure_name(name, words)) for name in rows["measure"]],
            cost: rows["cost_idr"].to_numpy(),
            running: rows["running_idr"].to_numpy(),
            alone: rows["alone_idr"].to_numpy(),
            people: rows["people_newly_served"].to_numpy(),
            words("planning.column.parent"): parents,
            words("web.priority.reason"): [capital(plan_reason(text, words, names)) for text in rows["reasons"]],
            words("web.table.code_bps"): rows["village_code_bps"].to_numpy(),
        }
    )
    show_table(
        frame,
        f"plan_rows_{words.language}",
        words("planning.list"),
        {year: str, cost: words.money, running: words.money, alone: words.money, people: words.number},
        rows_shown=14,
        on_select=lambda row: st.session_state.update({edits.CHOSEN: rows["village_code_bps"].iloc[row]}),
    )


def curve(made: MadePlan, words: Words) -> None:
    """People served against money, exact and naive plan."""
    from coverage.exports.plan import curve_sentences  # slow to import

    rows = made.curve
    if rows.empty:
        st.info(words("planning.no_curve"))
        return
    best, naive = words("planning.curve.best"), words("planning.curve.naive")
    parts = []
    for name, caption in (("people", best), ("people_naive", naive)):
        part = pd.DataFrame({"money": rows["budget_idr"] / 1e9, "people": rows[name], "plan": caption})
        part["said"] = [
            words("planning.curve.said", plan=caption, budget=words.money(budget), people=people)
            for budget, people in zip(rows["budget_idr"], rows[name], strict=True)
        ]
        parts.append(part)
    places = "replace(format(datum.value, ','), /,/g, '.')" if words.style.decimal_comma else "format(datum.value, ',')"
    comma = "replace(datum.label, '.', ',')" if words.style.decimal_comma else "datum.label"
    chart = (
        alt.Chart(pd.concat(parts, ignore_index=True))
        .mark_line(point=alt.OverlayMarkDef(size=70))
        .encode(
            x=alt.X("money:Q", title=words("planning.curve.money"), axis=alt.Axis(labelExpr=comma)),
            y=alt.Y("people:Q", title=words("planning.column.people_newly_served"), axis=alt.Axis(labelExpr=places)),
            color=alt.Color(
                "plan:N",
                title=None,
                sort=[best, naive],
                legend=alt.Legend(orient="top", labelLimit=320),
                scale=alt.Scale(domain=[best, naive], range=["#0072B2", "#8A5A00"]),
            ),
            strokeDash=alt.StrokeDash(
                "plan:N", sort=[best, naive], legend=None, scale=alt.Scale(domain=[best, naive], range=[[1, 0], [6, 4]])
            ),
            description=alt.Description("said:N"),
            tooltip=[alt.Tooltip("said:N", title=words("planning.tab.curve"))],
        )
        .properties(height=380)
        .configure_axis(**INK)
        .configure_legend(**INK)
    )
    with st.container(key="plan_curve"):
        put(tag("h2", words("planning.curve.title")))
        st.altair_chart(chart, width="stretch")
        for text in curve_sentences(rows, words):
            put(tag("p", text, cls="jk-hint"))
    short = [people_short(gap, people) for gap, people in zip(rows["gap"], rows["people"], strict=True)]
    columns = {
        words("planning.curve.share"): map(words.percent, rows["share"]),
        words("planning.column.budget_idr"): map(words.money, rows["budget_idr"]),
        words("planning.curve.spent"): map(words.money, rows["spent_idr"]),
        best: map(words.number, rows["people"]),
        naive: map(words.number, rows["people_naive"]),
        words("planning.curve.gap"): map(words.number, short),
    }
    put(scrolling(column_table(columns, words("planning.curve.title"))))


def options(context: Context, analysis: Analysis, found: SiteSurvey, made: MadePlan | None) -> None:
    """Measures in a village with cost and effect, or why they are impossible."""
    words, viewer = context.words, context.viewer
    measures = found.measures if viewer.sees_cctv else without_private_feeds(found.measures, analysis)
    codes = [code for code in analysis.priority["village_code_bps"] if code in set(measures["village_code_bps"])]
    if not codes:
        st.info(words("planning.nothing"))
        return
    labels = facts.village_label(analysis)
    wanted = st.session_state.get("plan_village")
    if st.session_state.get("plan_options_of") not in codes or (
        wanted in codes and wanted != st.session_state.get("plan_options_last")
    ):
        st.session_state["plan_options_of"] = wanted if wanted in codes else codes[0]
    st.session_state["plan_options_last"] = wanted
    code = st.selectbox(words("web.table.village"), codes, key="plan_options_of", format_func=labels.__getitem__)
    edits.menu(analysis, measures, code, words, f"plan_options_menu_{code}")
    if made is not None:
        put(tag("p", _plan_sentence(made, code, words), cls="jk-next"))
    part = measures[measures["village_code_bps"] == code]
    why = [
        capital(words(f"rollout.condition.{reason}", distance=words.distance(distance)))
        for reason, distance in zip(part["reason"], part["distance_m"], strict=True)
    ]
    columns = {
        words("planning.column.measure"): [capital(measure_name(name, words)) for name in part["measure"]],
        words("planning.options.why"): why,
        words("planning.column.people_newly_served"): map(words.number, part["people_newly_served"].astype(float)),
        words("planning.options.capital"): map(words.money, part["capital_idr"].astype(float)),
        words("planning.column.running_idr"): map(words.money, part["running_idr"].astype(float)),
        words("planning.options.value"): map(words.money, part["present_value_idr"].astype(float)),
        words("planning.column.parent"): [str(feed or "–") for feed in part["feed"]],
        words("planning.options.mast"): [_mast(row, words) for row in part.to_dict("records")],
    }
    checked = words("planning.options.unchecked" if analysis.terrain is None else "planning.options.checked")
    put(scrolling(column_table(columns, words("planning.tab.options"))))
    put(tag("p", words("planning.options.read"), " ", checked, cls="jk-hint"))


def _mast(row: dict[Any, Any], words: Words) -> str:
    """Mast height that a link needs; a dash where none."""
    mast = float(row["mast_m"])
    return f"{words.number(mast)} m" if mast > 0 and isinstance(row["feed"], str) else "–"
