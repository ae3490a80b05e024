"""Sites for new Wi-Fi or towers that serve the most people, and villages better served by neighbours."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.readers.apart import read_apart
from coverage.readers.kinds import asset_kinds
from coverage.readers.points import read_points
from coverage.rollout.cooperation import better_from_neighbours
from coverage.rollout.new_sites import grid_candidates, new_sites
from coverage.rollout.plan import people_short
from coverage.rollout.sites import Sites
from coverage.web import facts
from coverage.web.background_jobs import Job
from coverage.web.context import Context
from coverage.web.html import as_label, capital, put, table, tag
from coverage.web.maps.map_view import show_map
from coverage.web.plan_page import layer
from coverage.web.plan_page.request import start
from coverage.web.uploads import as_file, uploader

JOB, FOUND, POINTS, NEIGHBOURS = "sites_job", "sites_found", "sites_points_kept", "neighbours_kept"
CANDIDATES = ("centres", "grid", "points")
SECONDS = 30.0
MOST = 200
Answer = tuple[gpd.GeoDataFrame, Sites]


def new_places(context: Context) -> None:
    """Form, background search and map of new sites."""
    words = context.words
    put(tag("p", words("planning.sites.help"), cls="jk-hint"))
    for key, value in (("sites_count", 10), ("sites_from", "centres")):
        start(key, value)
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
    source = columns[3].selectbox(
        words("planning.sites.from"),
        CANDIDATES,
        key="sites_from",
        persist_state="session",
        format_func=lambda name: words(f"planning.sites.{name}"),
    )
    if source == "points":
        _points(words)
    job: Job[Answer] | None = st.session_state.get(JOB)
    if job is not None and job.running:
        _waiting(words)
    elif st.button(words("planning.sites.compute"), key="sites_compute", type="primary"):
        _begin(context, kind, int(count), float(reach), source)
    if job is not None and not job.running:
        st.session_state.pop(JOB, None)
        try:
            st.session_state[FOUND] = (job.result.result(), context.analysis.run["run_id"])
        except JangkauError as error:
            st.error(as_label(words.error(error)))
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
        try:
            with as_file(upload) as path:
                st.session_state[POINTS] = read_apart(read_points, path)
        except JangkauError as error:
            st.error(as_label(words.error(error)))
    if POINTS in st.session_state:
        st.caption(words("planning.sites.points_there", count=words.number(len(st.session_state[POINTS]))))


def _begin(context: Context, kind: str, count: int, reach_m: float, source: str) -> None:
    analysis, ground = context.analysis, context.ground
    service, step = asset_kinds()[kind].service or "", 500 if reach_m < 1000 else 1000  # m between candidates of a grid
    points = st.session_state.get(POINTS)
    if source == "points" and points is None:
        st.warning(context.words("planning.sites.points_missing"))
        return

    def work(job: Job[Answer]) -> Answer:
        job.step = "plan"
        villages = analysis.villages
        if source == "grid":
            candidates = grid_candidates(ground.land, step)
        elif source == "points":
            candidates = points
        else:
            centres = gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"])
            candidates = gpd.GeoDataFrame(geometry=centres, crs="EPSG:4326")
        return new_sites(
            ground.land,
            villages,
            analysis.cells,
            analysis.reached.most,
            service,
            candidates,
            reach_m,
            count,
            SECONDS,
            job.watch,
        )

    try:
        st.session_state[JOB] = Job(work)
    except JangkauError as error:
        st.error(as_label(context.words.error(error)))
        return
    st.rerun()


@st.fragment(run_every=1.0)
def _waiting(words: Words) -> None:
    job: Job[Answer] | None = st.session_state.get(JOB)
    if job is None or not job.running:
        st.rerun()
    assert job is not None
    text = words("planning.sites.searching", seconds=words.number(job.seconds))
    if job.step == "waiting":
        text = words("planning.progress.waiting", place=words.number(job.place))
    st.progress(min(0.95, job.seconds / SECONDS), text=text)
    st.button(words("planning.stop"), on_click=job.stop, key="sites_stop", disabled=job.stopping)


def _found(context: Context, answer: Answer) -> None:
    words, (chosen, sites) = context.words, answer
    if chosen.empty:
        st.info(words("planning.sites.nobody"))
        return
    proof = (
        words("planning.sites.proven")
        if sites.gap <= 1e-9
        else words("planning.sites.bound", more=people_short(sites.gap, sites.people))
    )
    put(
        tag(
            "p",
            words(
                "planning.sites.answer",
                count=words.number(len(chosen)),
                people=words.number(sites.people),
                share=words.share(sites.people_share),
            ),
            " ",
            proof,
            cls="jk-next",
        )
    )
    places = [(point.y, point.x) for point in chosen.geometry]
    rule = context.analysis.parameters.default_rule
    with st.container(key="sites_map"):
        show_map(context.analysis, words, context.viewer, rule, key="sites_map_frame", plan=layer.sites_on_map(places))
    labels = facts.village_label(context.analysis)
    rows = []
    for position, row in enumerate(chosen.to_dict("records")):
        code = row["village_code_bps"]
        place = labels[code].split(" · ")[0] if isinstance(code, str) else words("inventory.outside")
        lat, lon = places[position]
        rows.append(
            [
                str(position + 1),
                place,
                f"{lat:.5f}, {lon:.5f}",
                words.number(row["people_added"]),
                words.number(row["people_in_reach"]),
            ]
        )
    heads = [
        "",
        words("web.table.village"),
        words("planning.sites.place"),
        words("planning.sites.added"),
        words("planning.sites.in_reach"),
    ]
    put(tag("div", table(heads, rows, words("planning.tab.sites")), cls="jk-scroll"))


def neighbours(context: Context) -> None:
    """Upload of neighbours' assets; lists villages nearer to one of them than to any of their own."""
    words = context.words
    put(tag("p", words("planning.neighbours.help"), cls="jk-hint"))
    upload = uploader(
        words, words("planning.neighbours.file"), key="neighbours_file", type=["csv", "xlsx", "geojson", "json", "gpkg"]
    )
    if upload is not None:
        try:
            with as_file(upload) as path:
                st.session_state[NEIGHBOURS] = read_apart(read_assets, path)[0]
        except JangkauError as error:
            st.error(as_label(words.error(error)))
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
    put(
        tag(
            "div",
            table(
                _heads(words), [_row(row, words) for row in found.to_dict("records")], words("planning.tab.neighbours")
            ),
            cls="jk-scroll",
        )
    )


def _heads(words: Words) -> list[str]:
    return [
        words("web.table.village"),
        words("web.table.subdistrict"),
        words("web.asset.kind"),
        words("planning.neighbours.asset"),
        words("web.facts.distance"),
        words("planning.neighbours.own"),
        words("planning.neighbours.in_reach"),
    ]


def _row(row: dict[Any, Any], words: Words) -> list[str]:
    own = (
        "–"
        if not isinstance(row["own_asset_id"], str)
        else (f"{row['own_asset_id']} ({words.distance(row['own_distance_m'])})")
    )
    return [
        row["village"],
        row["subdistrict"],
        capital(words.kind(row["kind"])),
        str(row["asset_id"]),
        words.distance(row["distance_m"]),
        own,
        words("order.yes" if row["in_reach"] else "order.no"),
    ]
