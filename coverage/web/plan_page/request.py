"""The request for a plan: money by year, what was decided by hand, minimum by subdistrict."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.readers.apart import read_apart
from coverage.readers.geofiles import read_geofile
from coverage.rollout.plan import PlanRequest, priority_weights
from coverage.run.planning import default_request, roads_name
from coverage.run.result import Analysis
from coverage.web.html import as_label, put, tag
from coverage.web.made_plan import now
from coverage.web.made_plan import shipped as shipped_costs
from coverage.web.plan_page import edits
from coverage.web.uploads import as_file, uploader
from coverage.web.widgets import start

MILLION = 1_000_000
MOST_YEARS = 10
ROADS = "plan_roads_kept"


@dataclass(frozen=True)
class PlanForm:
    """Request, and what fibre routes may follow."""

    request: PlanRequest
    roads: gpd.GeoDataFrame | None
    roads_name: str | None
    allow_sea: bool


def form(analysis: Analysis, words: Words) -> PlanForm:
    """Render the form and return the request."""
    put(tag("h2", words("planning.form.title")))
    budgets = _budgets(words)
    weighted = st.toggle(
        words("planning.form.weighted"),
        key="plan_weighted",
        persist_state="session",
        help=words("planning.form.weighted_help"),
    )
    running = _toggle("plan_running", True, words("planning.form.running"), words("planning.form.running_help"))
    edits.show(analysis, words)
    edits.offer_approved(analysis, budgets, words)
    with st.expander(words("planning.form.wishes"), key="plan_wishes_box"):
        st.caption(words("planning.edit.help"))
        minimum = _minimum(analysis, words)
    with st.expander(words("planning.form.routes"), key="plan_routes_box"):
        _roads(analysis, words)
        allow_sea = _toggle("plan_sea", False, words("planning.form.sea"), None)
    roads = st.session_state.get(ROADS)
    request = PlanRequest(
        budgets,
        now(),
        minimum,
        priority_weights(analysis.priority) if weighted else None,
        running,
        assumed=is_assumed(budgets),
    )
    return PlanForm(request, roads[1] if roads else None, roads[0] if roads else roads_name(analysis), allow_sea)


def _toggle(key: str, value: bool, label: str, told: str | None) -> bool:
    start(key, value)
    return bool(st.toggle(label, key=key, persist_state="session", help=told))


def _budgets(words: Words) -> dict[int, int]:
    """Rupiah by year, entered in millions."""
    assumed = shipped_costs().budget
    start("plan_first", assumed.first_year)
    start("plan_years", assumed.years)
    start("plan_budget", round(assumed.idr_a_year / MILLION))
    left, right = st.columns(2)
    first = left.number_input(
        words("planning.form.first"), 2020, 2090, step=1, key="plan_first", persist_state="session"
    )
    count = right.number_input(
        words("planning.form.years"), 1, MOST_YEARS, step=1, key="plan_years", persist_state="session"
    )
    amount = st.number_input(
        words("planning.form.budget"), 0, 10_000_000, step=100, key="plan_budget", persist_state="session"
    )
    years = range(int(first), int(first) + int(count))
    own = _toggle("plan_own_years", False, words("planning.form.own_years"), None)
    if not own:
        made = dict.fromkeys(years, int(amount) * MILLION)
        _total(made, words)
        return made
    made = {}
    for year in years:
        start(f"plan_budget_{year}", int(amount))
        value = st.number_input(
            words("planning.form.budget_of", year=str(year)),
            0,
            10_000_000,
            step=100,
            key=f"plan_budget_{year}",
            persist_state="session",
        )
        made[year] = int(value) * MILLION
    _total(made, words)
    return made


def _total(budgets: dict[int, int], words: Words) -> None:
    """Sum of the budgets; marked as an assumption where nobody changed it."""
    told = words("planning.form.total", total=words.money(sum(budgets.values())))
    st.caption(f"{told} {words('planning.form.assumed')}" if is_assumed(budgets) else told)


def is_assumed(budgets: dict[int, int]) -> bool:
    """Whether the budgets are those that ship, which nobody gave."""
    return budgets == default_request(shipped_costs()).budgets


def _minimum(analysis: Analysis, words: Words) -> dict[str, int]:
    names = sorted(analysis.villages["subdistrict"].unique())
    chosen = st.multiselect(
        words("planning.form.minimum"),
        names,
        key="plan_subdistricts",
        persist_state="session",
        placeholder=words("planning.form.choose"),
    )
    made = {}
    for name in chosen:
        start(f"plan_minimum_{name}", 1)
        made[name] = int(
            st.number_input(
                as_label(words("planning.form.minimum_of", subdistrict=name)),
                0,
                100,
                step=1,
                key=f"plan_minimum_{name}",
                persist_state="session",
            )
        )
    return made


def _roads(analysis: Analysis, words: Words) -> None:
    """Lines for fibre to follow, kept in the session."""
    st.caption(words("planning.form.routes_help"))

    def take_in() -> None:
        upload = st.session_state.get("plan_roads")
        if upload is None:
            st.session_state.pop(ROADS, None)
            return
        try:
            with as_file(upload) as path:
                st.session_state[ROADS] = (upload.name, read_apart(read_geofile, path))
        except JangkauError as error:
            st.session_state["plan_roads_problem"] = words.error(error)

    uploader(
        words,
        words("planning.form.roads"),
        type=["geojson", "json", "gpkg", "kml", "zip"],
        key="plan_roads",
        on_change=take_in,
    )
    problem = st.session_state.pop("plan_roads_problem", None)
    if problem:
        st.error(as_label(problem))
    if ROADS in st.session_state:
        st.caption(as_label(words("planning.form.roads_there", file=st.session_state[ROADS][0])))
    elif analysis.basemap and roads_name(analysis):
        st.caption(words("planning.form.roads_kept", count=analysis.basemap.counts["road"]))
