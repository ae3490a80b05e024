"""Rencana: what to build where in which year under a budget, on a map, saved as scenarios."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.rollout.site_survey import SiteSurvey
from coverage.run.planning import FreePlan
from coverage.run.result import Analysis
from coverage.web import messages, office, order_choice, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.context import Context, Page, lead_to_import
from coverage.web.fair_queue import fragment
from coverage.web.html import as_label, heading, people_marks, put, tag
from coverage.web.made_plan import MadePlan, keep_plan, made_plan
from coverage.web.made_plan import chosen as chosen_costs
from coverage.web.plan_page import edits, plan_costs, request, scenarios, sites, views
from coverage.web.visitor_work import GAP, SECONDS
from coverage.web.workers import compute, computed

JOB, SURVEY, PROBLEM = "plan_job", "plan_survey", "plan_problem"
TABS = ("map", "table", "curve", "options", "costs", "sites", "neighbours", "scenarios")


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    analysis = order_choice.in_order(context.analysis, context.inputs)
    rough = tag("span", words("planning.indicative"), cls="jk-mark", title=words("rollout.indicative"))
    rests_on = people_marks(analysis.run, words)
    heading(words("planning.title"), tag("p", words("planning.intro"), rough, rests_on, cls="jk-hint"))
    if analysis.assets is None or analysis.priority.empty:
        unknown = int((analysis.states() == "unknown").sum())
        nothing = words("rollout.empty.unknown", count=unknown) if unknown else words("planning.nothing")
        if analysis.assets is None:
            lead_to_import(words("planning.no_assets"), words)
        else:
            st.info(nothing)
        return
    with st.container(key="plan"):
        beside, main = st.columns([26, 74], gap="medium")
        with beside, st.container(key="plan_form"):
            if made_plan() is None and JOB not in st.session_state:
                scenarios.open_offices(context)
            asked = request.form(analysis, words)
            if scenarios.OPENED in st.session_state:
                with messages.shown_refusal(words):
                    _taken(scenarios.opened(context, analysis, asked), context, asked)
            _compute(context, analysis, asked)
            office.show_decided(context, "plan")
        with main:
            _results(context, analysis, asked)


def survey_now(context: Context, asked: request.PlanForm) -> SiteSurvey:
    """Possible measures, cached per run, costs and routes."""
    key, kept = _survey_key(context.analysis, asked), st.session_state.get(SURVEY)
    if kept is None or kept[0] != key:
        given = (chosen_costs(), asked.roads, asked.allow_sea)
        found = computed(
            context.words, "planning.progress.working", visitor_work.survey, context.analysis, context.ground, *given
        )
        kept = st.session_state[SURVEY] = (key, found)
    survey: SiteSurvey = kept[1]
    return survey


def _survey_key(analysis: Analysis, asked: request.PlanForm) -> tuple[Any, ...]:
    return analysis.run["run_id"], chosen_costs(), asked.roads_name, asked.allow_sea


def _compute(context: Context, analysis: Analysis, asked: request.PlanForm) -> None:
    """Start button, and progress with a stop button."""
    words = context.words
    job: Job[MadePlan] | None = st.session_state.get(JOB)
    if job is not None and job.running:
        _progress(words)
        return
    if job is not None:
        _finish(job, context, asked)
    follows = edits.changed() and made_plan() is not None
    if st.button(words("planning.compute"), type="primary", width="stretch", key="plan_compute") or follows:
        try:
            st.session_state[JOB] = _start(context, analysis, asked)
        except JangkauError as error:
            st.session_state[PROBLEM] = words.error(error)
        st.rerun()
    problem = st.session_state.get(PROBLEM)
    if problem:
        st.error(as_label(problem))


def _start(context: Context, analysis: Analysis, asked: request.PlanForm) -> Job[MadePlan]:
    costs, ground = chosen_costs(), context.ground
    st.session_state.pop(PROBLEM, None)
    signature = scenarios.signature(asked, costs)
    given = (costs, asked.roads, asked.allow_sea, asked.request, _free_plan(context, asked))

    def work(job: Job[MadePlan]) -> MadePlan:
        planned, money = compute(job, visitor_work.plan, analysis, ground, *given)
        return MadePlan(planned, money, analysis, signature)

    return Job(work, is_long=True)


def _free_plan(context: Context, asked: request.PlanForm) -> FreePlan | None:
    """The plan before without decisions by hand, where it was of the same request."""
    made, (key, survey) = made_plan(), st.session_state.get(SURVEY, (None, None))
    if made is None or made.planned.survey is not survey or key != _survey_key(context.analysis, asked):
        return None
    same = replace(made.planned.request, edits=()) == replace(asked.request, edits=())
    return made.planned.without_edits if same else None


def _finish(job: Job[MadePlan], context: Context, asked: request.PlanForm) -> None:
    """Take the plan over; what somebody made who decides for the office is the office's."""
    st.session_state.pop(JOB, None)
    try:
        made = job.result.result()
    except JangkauError as error:
        st.session_state[PROBLEM] = context.words.error(error)
        return
    if _taken(made, context, asked) and office.may_decide():
        office.decide(context, "plan", scenarios.document(made, asked))


def _taken(made: MadePlan, context: Context, asked: request.PlanForm) -> bool:
    """Keep a plan, and the survey that it rests on; whether it is of the present request."""
    keep_plan(made)
    same = made.signature == scenarios.signature(asked, chosen_costs())
    if same and made.analysis.cells is context.analysis.cells:
        st.session_state[SURVEY] = (_survey_key(context.analysis, asked), made.planned.survey)
    return same


@partial(fragment, run_every=1.0)
def _progress(words: Words) -> None:
    """Progress, once a second; reruns the page at the end."""
    job: Job[MadePlan] | None = st.session_state.get(JOB)
    if job is None or not job.running:
        st.rerun()
    assert job is not None
    st.progress(views.part_done(job, GAP, SECONDS), text=views.how_far(job, words))
    st.button(words("planning.stop"), on_click=job.stop, width="stretch", key="plan_stop", disabled=job.stopping)


def _results(context: Context, analysis: Analysis, asked: request.PlanForm) -> None:
    words = context.words
    made = made_plan()
    if made is not None:
        if made.analysis.run["run_id"] != analysis.run["run_id"]:
            st.warning(words("planning.other_run"))
        elif made.signature != scenarios.signature(asked, chosen_costs()):
            st.info(words("planning.other_wishes"))
        put(views.summary(made, words), key="plan_summary")
    else:
        told = "planning.under_way" if JOB in st.session_state else "planning.not_yet"
        put(tag("p", words(told), cls="jk-hint jk-next"))
    names = [words(f"planning.tab.{name}") for name in TABS]
    for name, tab in zip(TABS, st.tabs(names, key="plan_tab", on_change="rerun"), strict=True):
        with tab:
            if tab.open:
                _view(name, context, analysis, made, asked)


def _view(name: str, context: Context, analysis: Analysis, made: MadePlan | None, asked: request.PlanForm) -> None:
    words = context.words
    if name == "map":
        views.plan_map(context, analysis, made)
    elif name in ("table", "curve"):
        if made is not None:
            (views.plan_table if name == "table" else views.curve)(made, words)
    elif name == "options":
        with messages.shown_refusal(words):
            views.options(context, analysis, survey_now(context, asked), made)
    elif name == "costs":
        plan_costs.edit(words)
    elif name == "sites":
        sites.new_places(context)
    elif name == "neighbours":
        sites.neighbours(context)
    else:
        scenarios.show(made, asked, context)


PAGE = Page("plan", "rencana", show)
