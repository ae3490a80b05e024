"""Asset counts, the repair list, and scenarios of planned assets."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

import altair as alt
import geopandas as gpd
import pandas as pd
import streamlit as st
from cachetools import LRUCache, cached

from coverage.base.schema import NEEDS_REPAIR, NOT_YET, STATES
from coverage.exports.sanitize import neutral_frame
from coverage.exports.style import signs
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.reach.asset_counts import repair_list, summary
from coverage.run.result import Analysis
from coverage.store import Actor, Store, may
from coverage.store.filters import keep
from coverage.web import messages, visitor_work
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.html import capital, column_table, put, tag
from coverage.web.tables import show_table
from coverage.web.workers import computed

_LOSING = "inventory_losing"


def summary_view(context: Context, store: Store, who: Actor | None) -> None:
    """Counts as planners report them."""
    assets = store.assets.table(store.villages.region_filter(context.analysis.villages), viewer=who)
    words = context.words
    counted = summary(assets, context.analysis.parameters.kinds)
    left, right = st.columns(2, gap="large")
    with left:
        put(tag("h2", words("inventory.summary.by_kind")))
        owners = []
        for kind, numbers in zip(counted.by_kind["kind"], counted.by_kind["parts"], strict=True):
            names = counted.by_kind_and_owner.loc[counted.by_kind_and_owner["kind"] == kind, "owner"]
            owners.append(
                ", ".join(
                    f"{owner or words('inventory.no_owner')} ({words.number(count)})"
                    for owner, count in zip(names, numbers, strict=True)
                )
            )
        columns = {
            words("inventory.field.kind"): [
                capital(words.kind(*one)) for one in counted.by_kind[["kind", "sectors"]].itertuples(index=False)
            ],
            words("inventory.field.owner"): owners,
            words("inventory.summary.count"): [words.number(sum(numbers)) for numbers in counted.by_kind["parts"]],
        }
        put(column_table(columns, words("inventory.summary.by_kind")))
        put(tag("h2", words("inventory.summary.by_status")))
        statuses = counted.by_status
        columns = {
            words("inventory.field.status"): [capital(words(f"core.status.{one}")) for one in statuses["status"]],
            words("inventory.summary.count"): [words.number(count) for count in statuses["count"]],
        }
        put(column_table(columns, words("inventory.summary.by_status")))
    with right:
        put(tag("h2", words("inventory.summary.by_subdistrict")))
        _subdistrict_chart(counted.by_subdistrict, words)


def _subdistrict_chart(counts: pd.DataFrame, words: Words) -> None:
    rows = counts.assign(
        subdistrict=counts["subdistrict"].replace("", words("inventory.outside")),
        kind_label=[capital(words.kind(kind)) for kind in counts["kind"]],
    )
    present = signs(rows["kind"])
    labels = [capital(words.kind(kind)) for kind in present]
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            y=alt.Y("subdistrict:N", title=None, axis=alt.Axis(labelLimit=200, labelOverlap=False)),
            x=alt.X("count:Q", title=words("inventory.summary.count"), axis=alt.Axis(format="d", tickMinStep=1)),
            color=alt.Color(
                "kind_label:N",
                title=None,
                sort=labels,
                legend=alt.Legend(orient="top", columns=4),
                scale=alt.Scale(domain=labels, range=[sign.colour for sign in present.values()]),
            ),
            tooltip=[
                alt.Tooltip("subdistrict:N", title=words("inventory.field.subdistrict")),
                alt.Tooltip("kind_label:N", title=words("inventory.field.kind")),
                alt.Tooltip("count:Q", title=words("inventory.summary.count")),
            ],
        )
        .properties(height=22 * rows["subdistrict"].nunique() + 70)
    )
    st.altair_chart(chart, width="stretch")


def repairs_view(context: Context, store: Store, who: Actor | None) -> None:
    """Assets that stand but do not work, by people who lose their connection."""
    words = context.words
    assets = store.assets.table(viewer=who)
    own = keep(assets, store.villages.region_filter(context.analysis.villages), see_cctv=True)  # others serve here too
    broken = list(assets.loc[own & assets["status"].isin(NEEDS_REPAIR).to_numpy(), "asset_id"])
    if not broken:
        st.info(words("inventory.repairs.none"))
        return
    since = store.history.broken_since(who) if may(who, "view_history") else {}
    key = (context.analysis.run["run_id"], store.assets.revision(), who)
    if st.session_state.get(_LOSING, (None,))[0] != key:
        given = (visitor_work.people_lost, context.analysis, context.ground, assets, broken)
        st.session_state[_LOSING] = (key, computed(words, "inventory.repairs.computing", *given, is_long=True))
    losing = st.session_state[_LOSING][1]
    found = repair_list(assets[own], since, losing)
    put(tag("p", words("inventory.repairs.intro", count=len(found), people=found["people_losing"].sum())))
    people = words("inventory.repairs.people")
    frame = pd.DataFrame(
        {
            words("inventory.field.asset_id"): found["asset_id"],
            words("inventory.field.kind"): [capital(words.kind(kind)) for kind in found["kind"]],
            words("inventory.field.name"): found["name"],
            words("inventory.field.status"): [words(f"core.status.{status}") for status in found["status"]],
            words("inventory.field.village"): found["village"],
            words("inventory.field.subdistrict"): found["subdistrict"],
            words("inventory.field.owner"): found["owner"],
            words("inventory.repairs.since"): [
                words.date(at[:10]) if isinstance(at, str) and at[:1] == "2" else "–" for at in found["since"]
            ],
            words("inventory.field.note"): found["note"],  # since when it is broken, where the list says so
            people: found["people_losing"],
        }
    )
    show_table(frame, "repairs", words("inventory.views.repairs"), {people: words.number})
    take_button(
        words("inventory.repairs.csv"),
        neutral_frame(frame).to_csv(index=False).encode("utf-8-sig"),
        file_name(context.analysis, words, words("inventory.views.repairs"), ".csv"),
        "text/csv",
    )


def scenarios_view(context: Context, store: Store, who: Actor | None) -> None:
    """Villages before and after building planned assets; the inventory stays as it is."""
    words = context.words
    assets = store.assets.table(viewer=who)
    own = keep(assets, store.villages.region_filter(context.analysis.villages), see_cctv=True)
    planned = assets[own & assets["status"].isin(NOT_YET).to_numpy()]
    saved = store.scenarios.all(context.region, who) if may(who, "view_scenarios") else []
    if planned.empty and not saved:
        st.info(words("inventory.scenario.none"))
        return
    labels = {
        row.asset_id: f"{row.asset_id} · {row.name or ''} ({words.kind(row.kind)})"
        for row in planned.rename_axis("at").itertuples()
    }
    names = {one["scenario_id"]: one["name"] for one in saved}
    chosen_saved = (
        st.selectbox(
            words("inventory.scenario.saved"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=words("inventory.scenario.new"),
        )
        if saved
        else None
    )
    kept: list[str] = []
    if chosen_saved:
        saved_assets = store.scenarios.load(chosen_saved, who)
        kept = list(saved_assets["asset_id"])
        only_there = saved_assets[~saved_assets["asset_id"].isin(assets["asset_id"])]
        labels |= {row.asset_id: f"{row.asset_id} · {words.kind(row.kind)}" for row in only_there.itertuples()}
        assets, planned = with_assets(assets, only_there), with_assets(planned, only_there)
    picked = st.multiselect(
        words("inventory.scenario.pick"),
        list(labels),
        [one for one in kept if one in labels],
        format_func=labels.__getitem__,
        key=f"scenario_{chosen_saved}",
        placeholder=words("inventory.scenario.all", count=len(labels)),
    )
    picked = picked or list(labels)
    versions = tuple((one["scenario_id"], one["version"]) for one in saved)
    seen = (context.analysis.run["run_id"], store.assets.revision(), who, chosen_saved, versions, tuple(picked))
    after = _built(seen, context, assets, picked)
    _before_and_after(context.analysis, after, words)
    if who is not None and may(who, "save_scenario") and store.database.writable:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(words("inventory.scenario.name"), key="scenario_name")
            if st.button(words("inventory.scenario.save"), disabled=not name):
                with messages.shown_refusal(words):
                    store.scenarios.save(context.region, name, planned[planned["asset_id"].isin(picked)], who)
                    st.rerun()
    for column, name, run in zip(st.columns(2), ("before", "after"), (context.analysis, after), strict=True):
        with column, st.container(key=f"{name}_map"):
            put(tag("h3", words(f"inventory.scenario.{name}")))
            context.show_map(f"scenario_{name}_map", analysis=run)


def with_assets(assets: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Assets extended by those of a scenario."""
    if more.empty:
        return assets
    both = {name: [*assets[name], *(more[name] if name in more else [None] * len(more))] for name in assets.columns}
    kinds = {name: assets[name].dtype for name in assets.columns if name != "geometry"}
    return gpd.GeoDataFrame(both, geometry="geometry", crs="EPSG:4326").astype(kinds)


@cached(LRUCache(4), key=lambda seen, *_: seen, lock=Lock())
def _built(seen: object, context: Context, assets: gpd.GeoDataFrame, asset_ids: list[str]) -> Analysis:
    """The run with some assets operational; the last few are kept for all, as each is large."""
    status = assets["status"].mask(assets["asset_id"].isin(asset_ids), "operational")
    inputs = replace(context.inputs, assets=assets.assign(status=status))
    given = (visitor_work.run_with, context.analysis, context.ground, inputs)
    return replace(context.analysis, **computed(context.words, "planning.progress.working", *given))


def _before_and_after(before: Analysis, after: Analysis, words: Words) -> None:
    was, now, called = before.states(), after.states(), state_words(words, before.parameters.rule())
    said_was, said_now = words("inventory.scenario.before"), words("inventory.scenario.after")
    columns = {
        words("inventory.scenario.state"): [capital(called[state]) for state in STATES],
        said_was: [words.number((was == state).sum()) for state in STATES],
        said_now: [words.number((now == state).sum()) for state in STATES],
    }
    put(column_table(columns, words("inventory.views.scenarios")))
    changed = was.index[(was != now.reindex(was.index)).to_numpy()]
    villages = after.villages.set_index("village_code_bps").loc[changed]
    if villages.empty:
        st.caption(words("inventory.scenario.no_change"))
        return
    columns = {
        words("inventory.field.village"): list(villages["village"]),
        words("inventory.field.subdistrict"): list(villages["subdistrict"]),
        said_was: [called[state] for state in was[changed]],
        said_now: [called[state] for state in now[changed]],
    }
    put(column_table(columns, words("inventory.scenario.changed")))
