"""Header, language, waiting and notes: what all pages share.

A new page is one folder with its words and a :class:`~coverage.web.context.Page`, listed in :data:`PAGES`.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import cache, partial

import streamlit as st

from coverage.base.errors import JangkauError, UnavailableError
from coverage.base.log import background_failure
from coverage.language.notes import lacking_of, mark_sentence
from coverage.language.words import LANGUAGES, Language, Words
from coverage.run.readiness import checklist, progress
from coverage.run.result import Analysis
from coverage.web import facts, linked, region_switch, session, settings, sign_in, store_access
from coverage.web.account_page.page import PAGE as ACCOUNTS
from coverage.web.addresses import OURS, manual_url
from coverage.web.context import START_URL, Context, Page, go_to
from coverage.web.data_page.page import PAGE as DATA
from coverage.web.fair_queue import drawing, fragment, stepping_aside
from coverage.web.html import Html, mark, put, refusal, tag
from coverage.web.import_page.page import PAGE as IMPORT
from coverage.web.inventory_page.page import PAGE as INVENTORY
from coverage.web.map_page.page import PAGE as MAP
from coverage.web.maps import filling
from coverage.web.plan_page.page import PAGE as PLAN
from coverage.web.priority_page.page import PAGE as PRIORITY
from coverage.web.proposals_page.page import PAGE as PROPOSALS
from coverage.web.province_page.page import PAGE as PROVINCE
from coverage.web.report_page.page import PAGE as REPORT
from coverage.web.responsiveness import somebody_waits, stand_back
from coverage.web.run_cache import RUNS, ComputedRun, Run, cached_per_run
from coverage.web.signal_page.page import PAGE as SIGNAL
from coverage.web.start_page.page import PAGE as START

PAGES = (MAP, PRIORITY, PLAN, PROPOSALS, INVENTORY, IMPORT, DATA, REPORT)
"""The pages in sight in the order of the work."""
BEHIND = (SIGNAL, PROVINCE, START, ACCOUNTS)
"""Pages one step behind: other pages and the header lead to them."""


_log = logging.getLogger(__name__)
TOUR = {
    "answer": ".st-key-strip",
    "map": ".st-key-map",
    "rule": ".st-key-rule_choice",
    "pages": '[data-testid="stHeader"]',
    "region": ".st-key-region",
    "manual": ".st-key-manual",
}
"""Steps of the tour of the first page, and the element that each is about (``tour.js``)."""
GO_ON_S = 2.0
"""Seconds between looks whether a database that was away answers again."""


@cache
def words_in(language: Language) -> Words:
    """Words of a language, cached."""
    return Words(language)


def make_ahead(run: ComputedRun) -> None:
    """Make what all visitors see, before the first comes."""
    for page in PAGES:
        stand_back()
        try:
            if page.ahead is not None:
                page.ahead(run.analysis, run.inputs, words_in(settings.language()))
        except Exception as error:  # the page tells its visitor
            background_failure(_log, "page", error)


def show() -> None:
    """Render the header and the chosen page, in the visitor's turn."""
    somebody_waits()
    with drawing():
        _show()
    somebody_waits()


def _show() -> None:
    words = words_in(session.language())
    pages = [
        st.Page(
            partial(_show_page, page, words),
            title=words(f"web.page.{page.key}"),
            url_path=page.url,
            default=page is PAGES[0],
            visibility="hidden" if page.hidden else "visible",
        )
        for page in (*PAGES, *BEHIND)
    ]
    st.logo(str(OURS / "logo.svg"), size="large")
    chosen = st.navigation(pages, position="top")
    st.set_page_config(
        page_title=f"{chosen.title} · Jangkau",
        page_icon=str(OURS / "icon.svg"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    _language_switch(words)
    _manual_link(next(page for page in (*PAGES, *BEHIND) if page.url == (chosen.url_path or PAGES[0].url)), words)
    with suppress(JangkauError):  # a database that is away: the page says so
        sign_in.show(words)
    try:
        chosen.run()
    except JangkauError as error:  # what a page does not tell better itself
        _show_refused(error, words)


def _show_page(page: Page, words: Words) -> None:
    if region_switch.ask(words):
        return
    run, older = RUNS.shown(session.sources())
    region_switch.show(words, _progress(run))
    computed = _ready(run, page, words)
    with st.container(key="older"):  # always there, so that nothing jumps
        fragment(_older, run_every=1.0 if older else None)(words, older, page.follows())
    if page is PAGES[0]:
        _first_start(computed.analysis, words)
    linked.take_settings()
    page.show(Context(computed.analysis, computed.inputs, words, session.viewer(), computed.ground))
    _notes(computed.analysis, words)


def _progress(run: Run) -> tuple[int, int] | None:
    """How much of what the region needs is there, of how much; None while it is computed or where it was refused."""
    if not run.result.done() or run.result.exception() is not None:
        return None
    computed = run.result.result()
    return progress(checklist(computed.analysis, computed.inputs))


def _first_start(analysis: Analysis, words: Words) -> None:
    """Lead who sees the trial region with its invented assets to their own."""
    if "sample_assets" not in analysis.run["approximations"] or not store_access.may_import():
        return
    with st.container(key="first_start", horizontal=True, vertical_alignment="center"):
        told = words("start.sample", region=facts.region_name(analysis, words))
        put(tag("p", told, cls="jk-hint"))
        if st.button(words("start.own"), key="start_own", type="primary", help=told):
            go_to(START_URL)


def _language_switch(words: Words) -> None:
    """Language switch of the header; its marker tells ``page.js`` what Streamlit is to speak, and the address."""
    with st.container(key="language"):
        st.segmented_control(
            words("web.language"),
            LANGUAGES,
            default=words.language,
            key="language_switch",
            format_func=str.upper,
            label_visibility="collapsed",
            required=True,
            on_change=lambda: session.choose_language(st.session_state["language_switch"]),
        )
    put(tag("span", cls="jk-language", data_language=words.language, data_address=session.address()), key="spoken")


def _manual_link(page: Page, words: Words) -> None:
    """Link of the header to the page's chapter of the manual, in a window of its own: what is on the page stays."""
    told = words("manual.of_page", page=words(f"web.page.{page.key}"))
    said = tag("span", words("manual.title"))
    link = tag("a", said, href=manual_url(words.language, page.url), title=told, aria_label=told)
    put(link, key="manual")
    if page is PAGES[0]:
        steps = [tag("li", words(f"manual.tour.{step}"), data_at=at) for step, at in TOUR.items()]
        labels = {f"data_{name}": words(f"manual.tour.{name}") for name in ("start", "next", "back", "end")}
        put(tag("ol", *steps, cls="jk-tour", hidden="", **labels), key="tour")


def _ready(run: Run, page: Page, words: Words) -> ComputedRun:
    """Wait for the run behind a progress bar; show the error instead of the page if it was refused."""
    if not run.result.done():
        place = st.container(key="waiting").empty()
        with place.container():
            bar, below = st.empty(), st.empty()
        shown = None
        with stepping_aside():
            while not run.result.done():
                bar.progress(run.done, text=words("web.waiting", step=words(f"cli.step.{run.step}")))
                if (so_far := run.so_far) is not shown and so_far is not None:
                    shown = so_far
                    with below:
                        put(filling.figure_of(so_far, words))
                time.sleep(0.1)
        place.empty()
    try:
        return run.result.result()
    except JangkauError as error:
        _show_refused(error, words)
        if page.show_refused is not None:
            page.show_refused(words)
        st.stop()
    raise AssertionError("st.stop does not return")


def _show_refused(error: JangkauError, words: Words) -> None:
    refusal(words("web.refused", problem=words.error(error)))
    if isinstance(error, UnavailableError):
        fragment(_go_on, run_every=GO_ON_S)(time.monotonic())


def _go_on(since: float) -> None:
    """Render the page again once the database answers."""
    if time.monotonic() - since > GO_ON_S / 2 and store_access.opened_store().problem is None:
        st.rerun(scope="app")


def _older(words: Words, older: bool, follows: bool) -> None:
    """Say that the figures are older than the inventory, and rerun when new ones are done."""
    still = older and RUNS.shown(session.sources())[1]
    if older and not still and follows:
        st.rerun(scope="app")
    problem = store_access.opened_store().problem if still else None
    if problem is not None:
        refusal(words("web.last_run", problem=words.error(problem)))
    elif still:
        put(tag("p", words("web.older"), cls="jk-older", role="status"))


def _notes(analysis: Analysis, words: Words) -> None:
    """Footer of every page: approximations and the run id."""
    put(_footer(analysis, words), key="notes")


@cached_per_run
def _footer(analysis: Analysis, words: Words) -> Html:
    run = analysis.run
    said = {name: mark_sentence(name, run, words) for name in run["approximations"]}
    lines = [tag("li", mark(name, words, text), " ", text) for name, text in said.items()]
    lines = [*(tag("li", tag("strong", told)) for told in lacking_of(run, words)), *lines]
    details = tag("details", tag("summary", words("web.notes.title")), tag("ul", *lines)) if lines else None
    region = facts.region_name(analysis, words)
    made = tag("p", words("web.notes.run", run_id=run["run_id"], version=run["version"], region=region))
    return tag("footer", details, made, cls="jk-notes")
