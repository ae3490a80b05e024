"""Mulai: choose the regency, then bring in its data one kind after the other."""

from __future__ import annotations

from functools import partial

import streamlit as st

from coverage.exports.figures import assets_by_kind
from coverage.exports.registry import XLSX
from coverage.exports.templates import TEMPLATES, write_template
from coverage.language.words import Words
from coverage.run.readiness import ChecklistItem, checklist, progress
from coverage.web import facts, region_switch, session, store_access
from coverage.web.context import BY_IMPORT, DATA_URL, IMPORT_URL, START_URL, Context, Page, go_to
from coverage.web.data_used import used_data
from coverage.web.downloads import file_name, take_button
from coverage.web.html import Html, heading, joined, mark, put, tag


def show(context: Context) -> None:
    """Render the page."""
    words, items = context.words, checklist(context.analysis, context.inputs)
    ready, count = progress(items)
    region = facts.region_name(context.analysis, words)
    heading(words("start.title", region=region), tag("p", words("start.intro")))
    _choose(words)
    st.progress(ready / count, text=words("start.progress", ready=ready, count=count))
    may_bring = store_access.may_import()
    if not may_bring:
        st.info(words("start.read_only"))
    for item in items:
        _item(context, item, may_bring)


def _choose(words: Words) -> None:
    """Province and regency, by typing; the region that ships is a trial."""
    if session.region() is None:  # boundaries were given as a file
        return
    with st.container(border=True, key="start_region"):
        put(tag("h2", words("start.choose")))
        region_switch.choose(words, key="start")
        st.caption(words("start.trial"))


def _item(context: Context, item: ChecklistItem, may_bring: bool) -> None:
    words, kind = context.words, item.kind
    used, marks = used_data(kind, context.analysis, context.inputs, words)
    with st.container(border=True, key=f"start_{kind}"):
        told, beside = st.columns([3, 1], vertical_alignment="center")
        with told:
            chip = tag("span", words(f"start.readiness.{item.readiness}"), cls=f"jk-state jk-{item.readiness}")
            title = tag("h3", chip, words(f"start.kind.{kind}"))
            said = tag("p", used, *(mark(name, words) for name in marks))
            hint = tag("p", words(f"start.changes.{kind}"), cls="jk-hint")
            put(joined(title, said, _kinds(context) if kind == "assets" else None, hint))
        with beside, st.container(horizontal=True, horizontal_alignment="right"):
            if may_bring:
                _bring(kind, words)
            if kind in TEMPLATES:
                take_button(
                    words("start.template"),
                    partial(write_template, kind, context.analysis.villages, words),
                    file_name(context.analysis, words, words(f"start.file.{kind}"), ".xlsx"),
                    XLSX,
                    key=f"template_{kind}",
                    help=words("start.template_help"),
                )


def _bring(kind: str, words: Words) -> None:
    """Button to the one place where this kind of data goes in."""
    if not st.button(words("start.bring"), key=f"bring_{kind}", help=words(f"start.bring_help.{kind}")):
        return
    if kind not in BY_IMPORT:
        st.session_state["data_kind"] = kind
    go_to(IMPORT_URL if kind in BY_IMPORT else DATA_URL)


def _kinds(context: Context) -> Html:
    """How many of each kind of asset there are; a kind without any has no list yet."""
    words, kinds = context.words, context.analysis.parameters.kinds
    counts = assets_by_kind(context.analysis.assets, kinds).set_index("kind").reindex(list(kinds), fill_value=0)
    named = [
        words("start.kind_count", kind=words.kind(kind, sectors), count=total)
        for kind, total, sectors in counts.reset_index()[["kind", "total", "sectors"]].itertuples(index=False)
    ]
    return tag("p", " · ".join(named), cls="jk-hint")


PAGE = Page("start", START_URL, show, hidden=True)
