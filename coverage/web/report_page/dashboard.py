"""The dashboard: the region by year and by subdistrict, as charts that print, each with its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.exports.dashboard import FIGURES, SERVICES, WAITS, by_year, day_figures, waiting
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.proposals import proposal_rules
from coverage.run.sources import Sources
from coverage.store import Actor, Store, may
from coverage.store.filters import keep
from coverage.web import store_access
from coverage.web.charts import INK
from coverage.web.context import Context
from coverage.web.html import Html, as_label, column_table, people_marks, put, tag
from coverage.web.report_page import paper_set
from coverage.web.report_page.saved_runs import entries, load, one_a_year
from coverage.web.run_cache import ComputedRun

SHADES = ("#0B3C6F", "#4F93C9", "#B9D5EA", "#E69F00", "#8A5A00", "#BBBBBB", "#56616C", "#1B2733", "#009E73")
"""Colours whose lightness differs, so that they survive a black-and-white print."""


def keep_day(sources: Sources, run: ComputedRun) -> None:
    """Keep the figures of a run under today (a follower of the runs); not of a trial, nor of invented assets."""
    store, analysis = store_access.opened_store().store, run.analysis
    if store is not None and not sources.tried and "sample_assets" not in analysis.run["approximations"]:
        today, region = dt.date.today().isoformat(), region_of(analysis.villages)
        store.run_days.keep(region, today, analysis.run["run_id"], day_figures(analysis))


def show(context: Context) -> None:
    """Render the view."""
    words, store, who = context.words, context.open_store(), store_access.who()
    st.caption(words("dashboard.hint"))
    present = day_figures(context.analysis)
    with st.container(key="dashboard"):
        _years(context, store, who, present)
        _subdistricts(context, pd.DataFrame(present))
        if store is not None:
            _repairs(context, store, who)
            _proposals(context, store, who)
        _money(context)


def _years(context: Context, store: Store | None, who: Actor | None, present: list[dict[str, Any]]) -> None:
    """The last day of each year: kept by itself, else of a run that was saved by hand, and today."""
    words, days = context.words, {}
    if store is not None:
        if may(who, "view_runs"):
            saved = one_a_year(entries(store, context.region, who))
            days = {year: day_figures(load(store, entry, who)) for year, entry in saved.items()}
        days |= {year: figures for year, (_, figures) in store.run_days.last_of_years(context.region).items()}
    table = by_year({**days, dt.date.today().year: present})
    shown = table.melt("year", list(SERVICES), "service", "reached").dropna()
    shown = shown.assign(year=shown["year"].astype(str), service=_named(shown["service"], "core.service", words))
    title, rests_on = words("dashboard.years"), people_marks(context.analysis.run, words)
    _bars(shown, "year", "reached", "service", title, words, across=False, rests_on=rests_on)
    _figures(table.rename(columns={"year": "name"}), words("dashboard.year"), words("dashboard.years"), words)


def _subdistricts(context: Context, table: pd.DataFrame) -> None:
    words, rests_on = context.words, people_marks(context.analysis.run, context.words)
    share = table.assign(**{name: 100 * table[name] / table["people"].where(table["people"] > 0) for name in SERVICES})
    shown = share.melt("subdistrict", list(SERVICES), "service", "share").dropna()
    shown = shown.assign(service=_named(shown["service"], "core.service", words), share=shown["share"].astype(float))
    _bars(shown, "subdistrict", "share", "service", words("dashboard.subdistricts"), words, rests_on=rests_on)
    pockets = table[table["pockets"].notna()].assign(kind=words("dashboard.pockets"))
    if len(pockets):
        rule = words.rule(context.analysis.parameters.default_rule)
        title = words("dashboard.pocket_people", rule=rule)
        _bars(pockets, "subdistrict", "pocket_people", "kind", title, words, rests_on=rests_on)
    else:
        st.caption(words("dashboard.no_pockets"))
    head = words("web.table.subdistrict")
    _figures(table.rename(columns={"subdistrict": "name"}), head, words("dashboard.subdistricts"), words)


def _repairs(context: Context, store: Store, who: Actor | None) -> None:
    words, title = context.words, context.words("dashboard.repairs")
    if not may(who, "view_history"):
        put(tag("h2", title))
        st.caption(words("dashboard.sign_in"))
        return
    here = store.villages.region_filter(context.analysis.villages)
    assets = store.assets.table(viewer=who)
    assets = assets[keep(assets, here, see_cctv=may(who, "view_cctv"))]
    found = waiting(store.history.broken_since(who), assets, dt.date.today())
    classes = [words("dashboard.waits_below", days=WAITS[0])]
    classes += [words("dashboard.waits_from", days=days) for days in WAITS]
    classes.append(words("dashboard.waits_unknown"))
    found = found.assign(subdistrict=found["subdistrict"].fillna("–"), waits=found["waits"].map(classes.__getitem__))
    counted = found.groupby(["subdistrict", "waits"], as_index=False).size()
    _bars(counted, "subdistrict", "size", "waits", title, words, order=classes, none=words("dashboard.no_repairs"))
    if found["days"].notna().any():
        put(tag("p", words("dashboard.longest", days=int(found["days"].max()))))


def _proposals(context: Context, store: Store, who: Actor | None) -> None:
    words, title = context.words, context.words("dashboard.proposals")
    if not may(who, "view_proposals"):
        return
    lines = store.proposals.all(context.region, who)
    rows = pd.DataFrame(
        [(str(line.proposal.year), words(f"proposals.stage.{line.proposal.stage}")) for line in lines],
        columns=["year", "stage"],
    )
    stages = [words(f"proposals.stage.{stage}") for stage in proposal_rules().stages]
    counted = rows.groupby(["year", "stage"], as_index=False).size()
    _bars(
        counted, "year", "size", "stage", title, words, order=stages, none=words("dashboard.no_proposals"), across=False
    )


def _money(context: Context) -> None:
    """Budget and cost by year of the plan that the office decided on; what was paid in truth nobody keeps here."""
    words, title = context.words, context.words("dashboard.money")
    if context.decisions.settings.get("plan") is None:
        put(tag("h2", title))
        st.caption(words("dashboard.no_plan"))
        return
    plan = paper_set.plan_of(context.analysis, context.ground, context.decisions)[0]
    parts = {"budget_idr": "budget", "capital_idr": "capital", "running_idr": "running"}
    rows = plan.years.melt("year", list(parts), "part", "rupiah")
    names = {name: words(f"dashboard.{key}") for name, key in parts.items()}
    rows = rows.assign(year=rows["year"].astype(str), part=rows["part"].map(names), million=rows["rupiah"] / 1e6)
    _bars(rows, "year", "million", "part", title, words, order=list(names.values()), across=False)
    st.caption(words("dashboard.money_hint"))


def _named(keys: pd.Series, group: str, words: Words) -> pd.Series:
    return keys.map(lambda key: words(f"{group}.{key}"))


def _bars(
    rows: pd.DataFrame,
    by: str,
    value: str,
    part: str,
    title: str,
    words: Words,
    order: Sequence[str] | None = None,
    none: str = "",
    across: bool = True,
    rests_on: Html | None = None,
) -> None:
    """A bar chart, a group of bars for each ``by``; ``across`` lays the bars down, for long names."""
    put(tag("h2", title, " ", rests_on))
    if rows.empty:
        st.caption(none or words("dashboard.nothing"))
        return
    parts = list(order or dict.fromkeys(rows[part]))
    shown = [one for one in parts if one in set(rows[part])]
    rows = rows.assign(said=[f"{a}, {b}: {words.number(float(c))}" for a, b, c in rows[[by, part, value]].to_numpy()])
    places = "replace(format(datum.value, ','), /,/g, '.')" if words.style.decimal_comma else "format(datum.value, ',')"
    names = alt.Axis(labelLimit=200, labelOverlap=False, title=None)
    amounts = alt.Axis(labelExpr=places, title=None, tickCount=5, tickMinStep=1)
    legend = alt.Legend(orient="top", labelLimit=320, columns=3, values=shown, symbolStrokeWidth=0)
    encoded: dict[str, Any] = {
        "color": alt.Color(
            f"{part}:N",
            title=None,
            sort=parts,
            legend=legend if part != "kind" else None,
            scale=alt.Scale(domain=parts, range=list(SHADES[: len(parts)])),
        ),
        "description": alt.Description("said:N"),
        "tooltip": [alt.Tooltip("said:N", title=title)],
    }
    if across:
        encoded |= {"y": alt.Y(f"{by}:N", axis=names), "x": alt.X(f"{value}:Q", axis=amounts)}
        encoded |= {"yOffset": alt.YOffset(f"{part}:N", sort=shown)} if len(shown) > 1 else {}
        height = rows[by].nunique() * max(22, 11 * len(shown)) + 60
    else:
        encoded |= {
            "x": alt.X(f"{by}:N", axis=alt.Axis(title=None, labelAngle=0)),
            "y": alt.Y(f"{value}:Q", axis=amounts),
        }
        encoded |= {"xOffset": alt.XOffset(f"{part}:N", sort=shown)}
        height = 300
    bars = alt.Chart(rows).mark_bar(stroke="#1B2733", strokeWidth=0.5).encode(**encoded).properties(height=height)
    st.altair_chart(bars.configure_axis(**INK).configure_legend(**INK), width="stretch")


def _figures(table: pd.DataFrame, head: str, title: str, words: Words) -> None:
    """The figures of a chart, for who reads and prints them."""
    columns = {head: table["name"].astype(str)}
    for name in FIGURES:
        numbers = table[name].astype("Float64")
        columns[words(f"dashboard.figure.{name}")] = pd.Series(
            [words.number(None if pd.isna(n) else n) for n in numbers]
        )
    with st.expander(words("dashboard.figures"), key=f"figures_{abs(hash(head))}"):
        put(column_table(columns, as_label(title)))
