"""What all pages share: the head, the language, waiting for the run, and the notes on what is not exact.

To add a page, write ``coverage/web/pages/<name>.py`` with

- ``KEY``: its name in the locale, ``web.page.<KEY>``;
- ``URL``: its address, an Indonesian word;
- ``show(context)``: puts it on the screen;
- ``follows()``, if it shows nothing that is computed: False, so that it is not drawn anew under the reader's hands
  when a new run is there;

and give it its place in :data:`PAGES`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import LANGUAGES, Language, Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis, Ground
from coverage.web import facts, session, settings
from coverage.web.data_page import page as data_page
from coverage.web.html import joined, mark, put, tag
from coverage.web.import_page import page as import_page
from coverage.web.inventory_page import page as inventory_page
from coverage.web.map_page import page as map_page
from coverage.web.maps.layers import Viewer
from coverage.web.plan_page import page as plan_page
from coverage.web.priority_page import page as priority_page
from coverage.web.report_page import page as report_page
from coverage.web.run_cache import RUNS, Computed, Run
from coverage.web.server.mounts import OURS
from coverage.web.server.responsiveness import somebody_waits
from coverage.web.signal_page import page as signal_page

PAGES: tuple[ModuleType, ...] = (
    map_page,
    priority_page,
    plan_page,
    signal_page,
    inventory_page,
    import_page,
    data_page,
    report_page,
)
"""The pages in the order of the work."""


@dataclass(frozen=True)
class Context:
    """What a page is given."""

    analysis: Analysis
    inputs: Inputs
    """What the run was made from."""
    words: Words
    viewer: Viewer
    ground: Ground
    """The land and the people on it."""


@cache
def words_in(language: Language) -> Words:
    """The words of a language, read once."""
    return Words(language)


def show() -> None:
    """Put the head and the chosen page on the screen."""
    somebody_waits()
    words = words_in(session.language())
    pages = [
        st.Page(
            partial(_show_page, module, words),
            title=words(f"web.page.{module.KEY}"),
            url_path=module.URL,
            default=module is PAGES[0],
        )
        for module in PAGES
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
    chosen.run()
    somebody_waits()


def _show_page(module: ModuleType, words: Words) -> None:
    run, older = RUNS.shown(settings.sources())
    computed = _ready(run, module, words)
    follows: Callable[[], bool] = getattr(module, "follows", lambda: True)
    with st.container(key="older"):  # always there, so that nothing below moves when it fills
        st.fragment(_older, run_every=1.0 if older else None)(words, older, follows())
    page: Callable[[Any], None] = module.show
    page(Context(computed.analysis, computed.inputs, words, session.viewer(), computed.ground))
    _notes(computed.analysis, words)


def _language_switch(words: Words) -> None:
    """The switch at the right of the head; it also tells ``page.js`` which language Streamlit's own words take."""
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
    put(tag("span", cls="jk-language", data_language=words.language), key="spoken")


def _ready(run: Run, module: ModuleType, words: Words) -> Computed:
    """Wait for the run with a progress bar; what was refused is told instead of the page."""
    if not run.result.done():
        place = st.container(key="waiting").empty()
        while not run.result.done():
            place.progress(run.done, text=words("web.waiting", step=words(f"cli.step.{run.step}")))
            time.sleep(0.1)
        place.empty()
    try:
        return run.result.result()
    except JangkauError as error:
        put(tag("p", words("web.refused", problem=words.error(error)), cls="jk-refused", role="alert"))
        if hasattr(module, "show_refused"):
            module.show_refused(words)
        st.stop()
    raise AssertionError("st.stop does not return")


def _older(words: Words, older: bool, follows: bool) -> None:
    """Say that the figures are older than the inventory, and show the new ones when they are there."""
    still = older and RUNS.shown(settings.sources())[1]
    if older and not still and follows:
        st.rerun(scope="app")
    if still:
        put(tag("p", words("web.older"), cls="jk-older", role="status"))


def _notes(analysis: Analysis, words: Words) -> None:
    """At the foot of every page: what is approximate or invented, and which run the figures are of."""
    run = analysis.run
    lines = [tag("li", mark(name, words), " ", words(f"core.mark.{name}")) for name in run["approximations"]]
    put(
        joined(
            tag(
                "footer",
                tag("h2", words("web.notes.title")),
                tag("ul", *lines) if lines else None,
                tag(
                    "p",
                    words(
                        "web.notes.run",
                        run_id=run["run_id"],
                        version=run["version"],
                        region=facts.region_name(analysis, words),
                    ),
                ),
                cls="jk-notes",
            )
        ),
        key="notes",
    )
