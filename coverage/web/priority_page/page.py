"""Prioritas: the ranking of villages, and how it responds to weights."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from cachetools import LRUCache, cached
from pandas.io.formats.style import Styler

from coverage.base.errors import JangkauError
from coverage.language.reasons import rank_reason, state_words
from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.reweigh import Order, ordered
from coverage.web import downloads, office, order_choice, session
from coverage.web.charts import INK
from coverage.web.context import Context, Page, lead_to_import
from coverage.web.html import as_label, capital, heading, people_marks, put, tag
from coverage.web.priority_page import order_settings, views
from coverage.web.run_cache import cached_per_run
from coverage.web.tables import fixed, put_into_form, show_table, styled

TABS = ("list", "settings", "stability", "compare")
FIRST = 20
"""Villages in the chart."""
PALETTE = ("#332288", "#88CCEE", "#AA4499", "#DDCC77", "#882255", "#44AA99", "#6699CC", "#777777")
"""Colours of criteria (Paul Tol's muted scheme), none of them a colour of a state."""
FILES = ("priority.csv", "priority.xlsx")
"""Files offered for download."""


def show(context: Context) -> None:
    """Render the page."""
    words, own = context.words, context.analysis.parameters.priority
    _heading(context.analysis, words)
    if context.analysis.priority.empty:
        unknown = int((context.analysis.states() == "unknown").sum())
        if unknown == len(context.analysis.villages):
            lead_to_import(words("web.priority.nothing_known"), words)
            return
        st.info(words("web.priority.nothing"))
        if unknown:
            st.info(words("web.priority.some_unknown", count=unknown))
        return
    chosen = order_choice.chosen(context.analysis, context.inputs)
    try:
        order = _order(context, chosen)
    except JangkauError as error:
        st.error(as_label(words.error(error)))
        order = ordered(context.analysis, context.inputs, own)
    with st.container(key="priority"):
        beside, main = st.columns([21, 79], gap="medium")
        with beside, st.container(key="weights"):
            order_settings.weights(chosen, own, words)
            if chosen.changed and office.may_decide():
                st.button(
                    words("office.keep_priority"),
                    key="keep_priority",
                    width="stretch",
                    help=words("office.keep_priority_help"),
                    on_click=office.decide,
                    args=(context, "priority", chosen.priority.model_dump(mode="json")),
                )
            office.show_decided(context, "priority")
            if chosen.priority.weighting != "chosen":
                put(order_settings.computed_weights(order.decision, words))
        with main:
            if not order.decision.weights.any():
                st.warning(words("web.priority.all_zero"))
            _views(context, chosen, order)


def _order(context: Context, chosen: order_choice.OrderChoice) -> Order:
    if chosen.changed or chosen.inputs is not context.inputs:
        return ordered(context.analysis, chosen.inputs, chosen.priority)
    return _own_order(context.analysis, context.inputs)


@cached(LRUCache(4), key=lambda analysis, _: analysis.run["run_id"], lock=Lock())
def _own_order(analysis: Analysis, inputs: Inputs) -> Order:
    """The order of the run, the same for all visitors."""
    return ordered(analysis, inputs, analysis.parameters.priority)


def _views(context: Context, chosen: order_choice.OrderChoice, order: Order) -> None:
    """The list; other tabs are computed when opened."""
    words, analysis = context.words, order.analysis
    listed, settings, trust, beside = st.tabs(
        [words(f"order.tab.{name}") for name in TABS], key="order_tab", on_change="rerun"
    )
    with listed:
        if listed.open:
            _list(analysis, words)
            _chart(analysis, words)
    with settings:
        if settings.open:
            order_settings.settings(chosen, context.inputs, words)
    with trust:
        if trust.open:
            views.stability(analysis, order.decision, words)
    with beside:
        if beside.open:
            views.side_by_side(analysis, order.decision, words)


def _heading(analysis: Analysis, words: Words) -> None:
    count, rule = len(analysis.priority), words.rule(analysis.parameters.default_rule)
    rests_on = people_marks(analysis.run, words)
    intro = tag("p", words("web.priority.intro", count=count, rule=rule), rests_on)
    heading(words("web.priority.title"), intro if count else None)


def _list(analysis: Analysis, words: Words) -> None:
    ranked, called = _ranked(analysis), state_words(words, analysis.parameters.rule())
    picked = _filters(ranked, called, words)
    with st.container(key="downloads", horizontal=True, vertical_alignment="center"):
        st.markdown(words("web.priority.shown", shown=len(picked), count=len(ranked)))
        downloads.offer(analysis, words, FILES, key="priority", note=words("web.priority.download_help"))
    if picked.empty:
        st.info(words("web.priority.none_left"))
        return
    codes = tuple(picked["village_code_bps"])
    widths = {
        words("web.table.rank"): 60,
        words("web.table.code_bps"): 96,
        words("web.priority.score"): 58,
        words("web.table.state"): 92,
        words("web.priority.range"): 104,
        words("web.priority.reason"): 560,
    }
    show_table(
        _table(analysis, words, codes),
        f"ranked_{words.language}",
        words("web.priority.table"),
        rows_shown=16,
        widths=widths,
        on_select=lambda row: session.choose_village(codes[row], fly=True),
    )
    st.caption(words("web.priority.on_map"))


@cached_per_run
def _ranked(analysis: Analysis) -> pd.DataFrame:
    """The order with the state of each village."""
    return analysis.priority.assign(state=analysis.priority["village_code_bps"].map(analysis.states()))


@cached_per_run
def _table(analysis: Analysis, words: Words, codes: tuple[str, ...]) -> Styler:
    picked, called = _ranked(analysis), state_words(words, analysis.parameters.rule())
    picked = picked[picked["village_code_bps"].isin(codes)]
    rank, score, state = words("web.table.rank"), words("web.priority.score"), words("web.table.state")
    frame = pd.DataFrame(
        {
            rank: picked["rank"].to_numpy(),
            words("web.table.code_bps"): picked["village_code_bps"].to_numpy(),
            words("web.table.village"): picked["village"].to_numpy(),
            words("web.table.subdistrict"): picked["subdistrict"].to_numpy(),
            state: [capital(called[code]) for code in picked["state"]],
            score: picked["score"].to_numpy(),
            words("web.priority.range"): [
                f"{words.number(best)}–{words.number(worst)}"
                for best, worst in zip(picked["rank_best"], picked["rank_worst"], strict=True)
            ],
            words("web.priority.reason"): [capital(rank_reason(text, words)) for text in picked["reasons"]],
        }
    )
    return styled(frame, {rank: words.number, score: fixed(words, 3)}, pd.Series(picked["state"].to_numpy()), state)


def _filters(ranked: pd.DataFrame, called: Mapping[str, str], words: Words) -> pd.DataFrame:
    left, right = st.columns(2)
    subdistricts = left.multiselect(
        words("web.priority.subdistricts"),
        sorted(ranked["subdistrict"].unique()),
        key=session.FILTERS[0],
        bind="query-params",
        placeholder=words("web.priority.all_subdistricts"),
    )
    present = [state for state in ("blank", "weak", "served", "unknown") if (ranked["state"] == state).any()]
    states = right.multiselect(
        words("web.priority.states"),
        present,
        key=session.FILTERS[1],
        bind="query-params",
        format_func=lambda state: capital(called[state]),
        placeholder=words("web.priority.all_states"),
    )
    if subdistricts:
        ranked = ranked[ranked["subdistrict"].isin(subdistricts)]
    return ranked[ranked["state"].isin(states)] if states else ranked


def _chart(analysis: Analysis, words: Words) -> None:
    with st.container(key="chart"):
        put(tag("h2", words("web.priority.chart", count=min(FIRST, len(analysis.priority)))))
        st.vega_lite_chart(*_chart_of(analysis, words), width="stretch")


@cached_per_run
def _chart_of(analysis: Analysis, words: Words) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Stacked parts of the score of the first villages: rows, and the chart without them.

    Altair checks a chart against its whole schema, which takes as long as half of the page.
    """
    first = analysis.priority.head(FIRST)
    names = [criterion.name for criterion in analysis.parameters.priority.criteria]
    palette = [PALETTE[position % len(PALETTE)] for position in range(len(names))]
    labels = [capital(words.criterion(name)) for name in names]
    order = [f"{rank}. {village}" for rank, village in zip(first["rank"], first["village"], strict=True)]
    write = fixed(words, 3)
    rows = pd.DataFrame(
        [
            {
                "village": label,
                "criterion": caption,
                "part": part,
                "written": write(part),
                "order": position,
                "said": f"{label}: {caption} {write(part)}",
            }
            for position, (name, caption) in enumerate(zip(names, labels, strict=True))
            for label, part in zip(order, first[f"part_{name}"].astype(float), strict=True)
        ]
    )
    comma = "replace(format(datum.value, '.1f'), '.', ',')"
    axis = alt.Axis(
        labelExpr=comma if words.style.decimal_comma else "datum.label", tickCount=5, grid=True, orient="top"
    )
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            y=alt.Y("village:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
            x=alt.X("part:Q", title=words("web.priority.chart_axis"), axis=axis, stack="zero"),
            color=alt.Color(
                "criterion:N",
                sort=labels,
                title=words("web.priority.criterion"),
                scale=alt.Scale(domain=labels, range=palette),
                legend=alt.Legend(orient="top", labelLimit=300, columns=1),
            ),
            order=alt.Order("order:Q"),
            description=alt.Description("said:N"),
            tooltip=[
                alt.Tooltip("village:N", title=words("web.table.village")),
                alt.Tooltip("criterion:N", title=words("web.priority.criterion")),
                alt.Tooltip("written:N", title=words("web.priority.score")),
            ],
        )
        .properties(height=22 * len(first) + 60 + 18 * len(names))
    )
    made = chart.configure_axis(**INK).configure_legend(**INK).to_dict()
    return rows, {name: value for name, value in made.items() if name not in ("data", "datasets")}


def _ahead(analysis: Analysis, inputs: Inputs, words: Words) -> None:
    if not analysis.priority.empty:
        made = _own_order(analysis, inputs).analysis
        put_into_form(_table(made, words, tuple(made.priority["village_code_bps"])))
        _chart_of(made, words)


PAGE = Page("priority", "prioritas", show, ahead=_ahead)
