"""Laporan: a set of papers as ZIP, single papers, and changes since an earlier run."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.exports.letterhead import FIELDS, Letterhead, letterhead_of
from coverage.exports.registry import ExportFormat
from coverage.language.words import LANGUAGES, STYLES, Words
from coverage.run.result import Analysis
from coverage.web import downloads, facts, messages, office, order_choice, session
from coverage.web.background_jobs import Job
from coverage.web.context import Context, Page, lead_to_import
from coverage.web.downloads import take_button
from coverage.web.html import as_label, heading, put, tag
from coverage.web.made_plan import made_plan
from coverage.web.report_page import dashboard, paper_set, public_view, run_views
from coverage.web.widgets import switch

VIEWS = ("set", "single", "compare", "years", "dashboard", "public")
MOST_VILLAGES = 60
"""Limit of village sheets."""
_MADE = "papers_made"


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    heading(words("papers.title"), tag("p", words("papers.intro")))
    if context.analysis.priority.empty and context.analysis.assets is None:
        lead_to_import(words("web.facts.no_assets"), words)
    view = switch(words, "papers.view", VIEWS, "papers_view", "papers.views")
    if view == "compare":
        run_views.compare_view(context)
    elif view == "years":
        run_views.years_view(context)
    elif view == "dashboard":
        dashboard.show(context)
    elif view == "public":
        public_view.show(context)
    else:
        context = replace(context, analysis=order_choice.in_order(context.analysis, context.inputs))
        choice, beside = st.columns([60, 40], gap="large")
        with choice:
            chosen = _choice(context, ticks=view == "set")
            _letterhead(context, chosen.letterhead)
        with beside:
            if view == "set":
                _make(context, chosen)
            _preview(context, chosen)


def _plan(context: Context) -> tuple[str, paper_set.MakePlan, str]:
    """The plan of page Rencana for this run, else the office's or the default plan; and which one it is, in words."""
    words, made = context.words, made_plan()
    if made is not None and made.analysis.run["run_id"] == context.analysis.run["run_id"]:
        found = (made.planned.plan, made.curve)
        budget = words.money(sum(made.planned.request.budgets.values()))
        key = "papers.plan.assumed" if made.planned.request.assumed else "papers.plan.made"
        return made.signature, lambda: found, words(key, budget=budget)
    decided = context.decisions
    kept = decided.settings.get("plan")
    told = words("papers.plan.older") + " " if made is not None else ""
    request = paper_set.request_of(decided, context.analysis)
    key = "assumed" if request.assumed else "office"
    told += words(f"papers.plan.{key}", budget=words.money(sum(request.budgets.values())))
    return kept.at if kept else "", lambda: paper_set.plan_of(context.analysis, context.ground, decided), told


def _choice(context: Context, ticks: bool) -> paper_set.PaperSet:
    """Choose the set or, with ``ticks`` off, download papers one by one."""
    words = context.words
    with st.container(key="papers_settings", horizontal=True, vertical_alignment="bottom"):
        language = st.segmented_control(
            words("papers.language"),
            LANGUAGES,
            default=words.language,
            key="papers_language",
            required=True,
            format_func=lambda code: STYLES[code].name,
        )
        with_plan = st.checkbox(
            words("papers.with_plan"), value=True, key="papers_plan", help=words("papers.with_plan_help")
        )
        cameras = context.viewer.sees_cctv and st.checkbox(words("papers.with_cctv"), key="papers_cctv")
        machine = st.checkbox(words("papers.machine"), key="papers_machine", help=words("papers.machine_help"))
    villages = _villages(context.analysis, words)
    signature, plan, which = _plan(context)
    rule = words("exports.map.rule", rule=words.named("rule", context.analysis.parameters.default_rule))
    st.caption(as_label(f"{rule}. {which}" if with_plan else f"{rule}."))
    written, office_head = language or words.language, letterhead_of(context.decisions.letterhead)
    settings = paper_set.PaperSet(
        (), villages, written, signature if with_plan else None, cameras, not machine, office_head
    )
    names: list[str] = []
    for group, offered in paper_set.groups(context.analysis, with_plan).items():
        with st.container(key=f"papers_{group}"):
            put(tag("h2", words(f"papers.group.{group}")))
            if ticks:
                names += _ticked(offered, words)
            else:
                downloads.offer(
                    context.analysis,
                    words,
                    [one.name for one in offered],
                    key=f"{group}_{settings.language}",
                    language=settings.language,
                    plan=plan if with_plan else None,
                    villages=villages,
                    include_cctv=cameras,
                    captions=not machine,
                    letterhead=office_head,
                )
    return settings.of(names)


def _letterhead(context: Context, kept: Letterhead) -> None:
    """What the papers begin and end with, set once for the region."""
    words = context.words
    if not office.may_decide():
        return
    with st.expander(words("papers.letterhead.title"), key="letterhead_box"), st.form("letterhead", border=False):
        st.caption(words("papers.letterhead.hint"))
        said = {
            name: st.text_input(words(f"papers.letterhead.{name}"), getattr(kept, name), max_chars=120)
            for name in FIELDS
        }
        if st.form_submit_button(words("papers.letterhead.keep"), type="primary"):
            office.decide(context, "letterhead", said if any(said.values()) else None)
            st.rerun(scope="app")
    office.show_decided(context, "letterhead")


def _ticked(offered: list[ExportFormat], words: Words) -> list[str]:
    columns = st.columns(2)  # column by column: on a phone they stack
    return [
        one.name
        for at, one in enumerate(offered)
        if columns[at * 2 >= len(offered)].checkbox(
            downloads.caption(one.name, words),
            value=one.is_first_choice,
            key=f"paper_{one.name}",
            help=downloads.help_of(one.name, words),
        )
    ]


def _villages(analysis: Analysis, words: Words) -> tuple[str, ...]:
    """Villages with a sheet: the one on the map, else the first by priority, by default."""
    labels = facts.village_label(analysis)
    here = session.village(labels)
    first = [here] if here else analysis.priority["village_code_bps"].head(5).tolist()
    chosen = st.multiselect(
        words("papers.villages"),
        list(labels),
        default=first,
        key="papers_villages",
        format_func=labels.__getitem__,
        max_selections=MOST_VILLAGES,
        placeholder=words("papers.villages_hint"),
        help=words("papers.villages_help", most=MOST_VILLAGES),
    )
    return tuple(chosen)


def _make(context: Context, chosen: paper_set.PaperSet) -> None:
    """Make the set, and offer it while the choice is unchanged."""
    words, run_id = context.words, str(context.analysis.run["run_id"])
    wanted = (run_id, chosen)
    with st.container(key="papers_make"):
        if st.button(
            words("papers.make", count=len(chosen.names)),
            type="primary",
            key="make_set",
            disabled=not chosen.names,
            width="stretch",
        ):
            bar = st.progress(0.0, text=words("papers.begins"))

            def tell(job: Job[bytes]) -> None:
                if job.step in chosen.names:
                    bar.progress(job.done, text=words("papers.making", file=downloads.caption(job.step, words)))
                elif job.place:
                    bar.progress(0.0, text=words("planning.progress.waiting", place=job.place))

            plan = None if chosen.plan is None else _plan(context)[1]
            with messages.shown_refusal(words):
                content = paper_set.make_set(context.analysis, chosen, plan, tell)
                st.session_state[_MADE] = (wanted, content)
            bar.empty()
        made = st.session_state.get(_MADE)
        if made is not None and made[0] == wanted:
            content = made[1]
            take_button(
                words("papers.take_set", size=words.number(len(content) / 1e6, 1)),
                lambda: content,
                downloads.file_name(context.analysis, words, words("papers.file.set"), ".zip"),
                "application/zip",
                key="take_set",
                width="stretch",
            )
            st.caption(words("papers.made", count=len(chosen.names) + 1))
        else:
            st.caption(words("papers.not_made" if chosen.names else "papers.none"))


def _preview(context: Context, chosen: paper_set.PaperSet) -> None:
    words = context.words
    with st.container(key="papers_preview"):
        put(tag("h2", words("papers.preview")))
        with st.spinner(words("papers.preview_wait")):
            try:
                picture = paper_set.preview(context.analysis, chosen.language, chosen.letterhead)
            except JangkauError as error:
                st.caption(as_label(words.error(error)))
                return
        told = words("papers.preview_caption")
        st.image(picture, width="stretch", caption=told, alt=words("papers.preview"))


PAGE = Page("report", "laporan", show)
