"""Asset counts, the repair list, and scenarios of planned assets."""

from __future__ import annotations

from dataclasses import replace

import altair as alt
import geopandas as gpd
import pandas as pd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.schema import NEEDS_REPAIR, STATES
from coverage.exports.sanitize import neutral_frame
from coverage.exports.style import signs
from coverage.language.words import Words
from coverage.reach.added_asset import people_gained
from coverage.reach.asset_counts import repair_list, summary
from coverage.readers.kinds import asset_kinds
from coverage.run.analysis import analyze
from coverage.run.result import Analysis
from coverage.store import Actor, Store, may
from coverage.store.filters import keep
from coverage.web.context import Context
from coverage.web.downloads import take_button
from coverage.web.html import capital, put, table, tag
from coverage.web.maps.map_view import show_map
from coverage.web.tables import show_table

FUTURE = ("planned", "under_construction")


def summary_view(context: Context, store: Store, who: Actor | None) -> None:
    """Counts as planners report them."""
    assets = store.assets.table(store.villages.region_filter(context.analysis.villages), viewer=who)
    words = context.words
    counted = summary(assets, list(asset_kinds()))
    left, right = st.columns(2, gap="large")
    with left:
        put(tag("h2", words("inventory.summary.by_kind")))
        rows = []
        for kind, numbers in zip(counted.by_kind["kind"], counted.by_kind["parts"], strict=True):
            owners = counted.by_kind_and_owner[counted.by_kind_and_owner["kind"] == kind]
            names = ", ".join(
                f"{owner or words('inventory.no_owner')} ({words.number(count)})"
                for owner, count in zip(owners["owner"], numbers, strict=True)
            )
            rows.append([capital(words.kind(kind)), names, words.number(sum(numbers))])
        put(
            table(
                [words("inventory.field.kind"), words("inventory.field.owner"), words("inventory.summary.count")],
                rows,
                words("inventory.summary.by_kind"),
            )
        )
        put(tag("h2", words("inventory.summary.by_status")))
        put(
            table(
                [words("inventory.field.status"), words("inventory.summary.count")],
                [
                    [capital(words(f"core.status.{status}")), words.number(count)]
                    for status, count in counted.by_status.itertuples(index=False, name=None)
                ],
                words("inventory.summary.by_status"),
            )
        )
    with right:
        put(tag("h2", words("inventory.summary.by_subdistrict")))
        _subdistrict_chart(assets, words)


def _subdistrict_chart(assets: gpd.GeoDataFrame, words: Words) -> None:
    outside = words("inventory.outside")
    rows = (
        assets.assign(subdistrict=assets["subdistrict"].fillna(outside))
        .groupby(["subdistrict", "kind"])
        .size()
        .rename("count")
        .reset_index()
    )
    rows["kind_label"] = [capital(words.kind(kind)) for kind in rows["kind"]]
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
    with st.spinner(words("inventory.repairs.computing")):
        losing = people_gained(
            context.ground.land,
            context.ground.cells,
            context.analysis.villages,
            assets,
            context.analysis.parameters.kinds,
            broken,
            context.analysis.heard(context.ground.kept),
        )
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
            people: found["people_losing"],
        }
    )
    show_table(frame, "repairs", words("inventory.views.repairs"), {people: words.number})
    take_button(
        words("inventory.repairs.csv"),
        neutral_frame(frame).to_csv(index=False).encode("utf-8-sig"),
        "perbaikan.csv",
        "text/csv",
    )


def scenarios_view(context: Context, store: Store, who: Actor | None) -> None:
    """Villages before and after building planned assets; the inventory stays as it is."""
    words = context.words
    assets = store.assets.table(viewer=who)
    own = keep(assets, store.villages.region_filter(context.analysis.villages), see_cctv=True)
    planned = assets[own & assets["status"].isin(FUTURE).to_numpy()]
    saved = store.scenarios.all(who) if may(who, "view_scenarios") else []
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
    after = built(context, assets, picked)
    _before_and_after(context.analysis, after, words)
    if who is not None and may(who, "save_scenario") and store.database.writable:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(words("inventory.scenario.name"), key="scenario_name")
            if st.button(words("inventory.scenario.save"), disabled=not name):
                try:
                    store.scenarios.save(name, planned[planned["asset_id"].isin(picked)], who)
                except JangkauError as error:
                    st.error(words.error(error))
                else:
                    st.rerun()
    left, right = st.columns(2)
    rule = context.analysis.parameters.default_rule
    for column, caption, run, key in (
        (left, "before", context.analysis, "before_map"),
        (right, "after", after, "after_map"),
    ):
        with column, st.container(key=key):
            put(tag("h3", words(f"inventory.scenario.{caption}")))
            show_map(run, words, context.viewer, rule, key=f"scenario_{key}")


def with_assets(assets: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Assets extended by those of a scenario."""
    if more.empty:
        return assets
    both = {name: [*assets[name], *(more[name] if name in more else [None] * len(more))] for name in assets.columns}
    kinds = {name: assets[name].dtype for name in assets.columns if name != "geometry"}
    return gpd.GeoDataFrame(both, geometry="geometry", crs="EPSG:4326").astype(kinds)


def built(context: Context, assets: gpd.GeoDataFrame, asset_ids: list[str]) -> Analysis:
    """The run with some assets operational."""
    status = assets["status"].mask(assets["asset_id"].isin(asset_ids), "operational")
    inputs = replace(context.inputs, assets=assets.assign(status=status))
    return analyze(inputs, context.analysis.parameters, context.ground)


def _before_and_after(before: Analysis, after: Analysis, words: Words) -> None:
    was, now = before.states(), after.states()
    heads = [words("inventory.scenario.state"), words("inventory.scenario.before"), words("inventory.scenario.after")]
    put(
        table(
            heads,
            [
                [
                    capital(words(f"core.state.{state}")),
                    words.number((was == state).sum()),
                    words.number((now == state).sum()),
                ]
                for state in STATES
            ],
            words("inventory.views.scenarios"),
        )
    )
    changed = was.index[(was != now.reindex(was.index)).to_numpy()]
    villages = after.villages.set_index("village_code_bps").loc[changed]
    if villages.empty:
        st.caption(words("inventory.scenario.no_change"))
        return
    put(
        table(
            [words("inventory.field.village"), words("inventory.field.subdistrict"), *heads[1:]],
            [
                [
                    villages["village"][code],
                    villages["subdistrict"][code],
                    words(f"core.state.{was[code]}"),
                    words(f"core.state.{now[code]}"),
                ]
                for code in changed
            ],
            words("inventory.scenario.changed"),
        )
    )
