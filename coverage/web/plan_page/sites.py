"""Sites for new Wi-Fi or towers that serve the most people, and villages better served by neighbours."""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import streamlit as st

from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.readers.apart import read_apart
from coverage.readers.kinds import asset_kinds
from coverage.readers.points import read_points
from coverage.rollout.cooperation import better_from_neighbours
from coverage.rollout.plan import people_short
from coverage.rollout.sites import Sites
from coverage.run.what_if import is_listed
from coverage.web import facts, messages, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.context import Context
from coverage.web.fair_queue import fragment
from coverage.web.html import capital, column_table, put, scrolling, tag
from coverage.web.plan_page import layer
from coverage.web.uploads import as_file, uploader
from coverage.web.visitor_work import SITES_SECONDS
from coverage.web.widgets import kept_choice, start
from coverage.web.workers import compute

JOB, FOUND, POINTS, NEIGHBOURS = "sites_job", "sites_found", "sites_points_kept", "neighbours_kept"
CANDIDATES = ("centres", "grid", "points")
MOST = 200
Answer = tuple[gpd.GeoDataFrame, Sites]


def new_places(context: Context) -> None:
    """Form, background search and map of new sites."""
    words = context.words
    put(tag("p", words("planning.sites.help"), cls="jk-hint"))
    start("sites_count", 10)
    columns, kinds = st.columns(4), asset_kinds()
    kind = columns[0].selectbox(
        words("planning.sites.kind"),
        sorted(kinds.proposable, key=lambda name: kinds[name].reach_m or 0),
        key="sites_kind",
        persist_state="session",
        format_func=lambda name: capital(words.kind(name)),
    )
    count = columns[1].number_input(
        words("planning.sites.count"), 1, MOST, step=1, key="sites_count", persist_state="session"
    )
    start(f"sites_reach_{kind}", int(kinds[kind].reach_m or 0))
    reach = columns[2].number_input(
        words("planning.sites.reach"), 20, 35_000, step=50, key=f"sites_reach_{kind}", persist_state="session"
    )
    with columns[3]:
        label = words("planning.sites.from")
        source = kept_choice(words, label, CANDIDATES, "planning.sites", "sites_from", "centres")
    if source == "points":
        _points(words)
    job: Job[Answer] | None = st.session_state.get(JOB)
    if not is_listed(context.analysis, kinds[kind].service or ""):
        st.info(words("planning.sites.not_listed", service=words(f"core.service.{kinds[kind].service}")))
        return
    if job is not None and job.running:
        _waiting(words)
    elif st.button(words("planning.sites.compute"), key="sites_compute", type="primary"):
        _begin(context, kind, int(count), float(reach), source)
    if job is not None and not job.running:
        st.session_state.pop(JOB, None)
        with messages.shown_refusal(words):
            st.session_state[FOUND] = (job.result.result(), context.analysis.run["run_id"])
    found = st.session_state.get(FOUND)
    if found and found[1] == context.analysis.run["run_id"]:
        _found(context, found[0])


def _points(words: Words) -> None:
    upload = uploader(
        words,
        words("planning.sites.points_file"),
        key="sites_points",
        type=["csv", "xlsx", "geojson", "json", "gpkg", "kml", "kmz", "zip"],
    )
    if upload is not None:
        with messages.shown_refusal(words), as_file(upload) as path:
            st.session_state[POINTS] = read_apart(read_points, path)
    if POINTS in st.session_state:
        st.caption(words("planning.sites.points_there", count=len(st.session_state[POINTS])))


def _begin(context: Context, kind: str, count: int, reach_m: float, source: str) -> None:
    analysis, ground = context.analysis, context.ground
    candidates = st.session_state.get(POINTS) if source == "points" else source
    if candidates is None:
        st.warning(context.words("planning.sites.points_missing"))
        return
    wanted = (kind, candidates, reach_m, count)
    with messages.shown_refusal(context.words):
        st.session_state[JOB] = Job(
            lambda job: compute(job, visitor_work.new_sites, analysis, ground, *wanted), is_long=True
        )
        st.rerun()


@partial(fragment, run_every=1.0)
def _waiting(words: Words) -> None:
    job: Job[Answer] | None = st.session_state.get(JOB)
    if job is None or not job.running:
        st.rerun()
    assert job is not None
    text = words("planning.sites.searching", seconds=job.seconds)
    if job.place:
        text = words("planning.progress.waiting", place=job.place)
    st.progress(min(0.95, job.seconds / SITES_SECONDS), text=text)
    st.button(words("planning.stop"), on_click=job.stop, key="sites_stop", disabled=job.stopping)


def _found(context: Context, answer: Answer) -> None:
    words, (chosen, sites) = context.words, answer
    if chosen.empty:
        st.info(words("planning.sites.nobody"))
        return
    proof = words("planning.sites.proven")
    if sites.gap > 1e-9:
        proof = words("planning.sites.bound", more=people_short(sites.gap, sites.people))
    share = words.share(sites.people_share)
    told = words("planning.sites.answer", count=len(chosen), people=sites.people, share=share)
    put(tag("p", told, " ", proof, cls="jk-next"))
    places = [(point.y, point.x) for point in chosen.geometry]
    with st.container(key="sites_map"):
        context.show_map("sites_map_frame", plan=layer.sites_on_map(places))
    labels, outside = facts.village_label(context.analysis), words("inventory.outside")
    columns = {
        "": map(str, range(1, len(chosen) + 1)),
        words("web.table.village"): [
            labels[code].split(" · ")[0] if isinstance(code, str) else outside for code in chosen["village_code_bps"]
        ],
        words("planning.sites.place"): [f"{lat:.5f}, {lon:.5f}" for lat, lon in places],
        words("planning.sites.added"): map(words.number, chosen["people_added"]),
        words("planning.sites.in_reach"): map(words.number, chosen["people_in_reach"]),
    }
    put(scrolling(column_table(columns, words("planning.tab.sites"))))


def neighbours(context: Context) -> None:
    """Upload of neighbours' assets; lists villages nearer to one of them than to any of their own."""
    words = context.words
    put(tag("p", words("planning.neighbours.help"), cls="jk-hint"))
    upload = uploader(
        words, words("planning.neighbours.file"), key="neighbours_file", type=["csv", "xlsx", "geojson", "json", "gpkg"]
    )
    if upload is not None:
        with messages.shown_refusal(words), as_file(upload) as path:
            st.session_state[NEIGHBOURS] = read_apart(read_assets, path)[0]
    theirs = st.session_state.get(NEIGHBOURS)
    if theirs is None:
        return
    analysis = context.analysis
    states = analysis.states()
    asked = list(states.index[states.isin(["blank", "weak"])])
    found = better_from_neighbours(analysis.villages, analysis.assets, theirs, analysis.parameters.kinds, asked)
    if found.empty:
        st.info(words("planning.neighbours.none"))
        return
    columns = {
        words("web.table.village"): list(found["village"]),
        words("web.table.subdistrict"): list(found["subdistrict"]),
        words("web.asset.kind"): [capital(words.kind(kind)) for kind in found["kind"]],
        words("planning.neighbours.asset"): [str(asset) for asset in found["asset_id"]],
        words("web.facts.distance"): [words.distance(metres) for metres in found["distance_m"]],
        words("planning.neighbours.own"): [
            f"{asset} ({words.distance(distance)})" if isinstance(asset, str) else "–"
            for asset, distance in zip(found["own_asset_id"], found["own_distance_m"], strict=True)
        ],
        words("planning.neighbours.in_reach"): [
            words("order.yes" if near else "order.no") for near in found["in_reach"]
        ],
    }
    put(scrolling(column_table(columns, words("planning.tab.neighbours"))))
