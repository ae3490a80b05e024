"""Impor: any list, step by step into the inventory, and back out."""

from __future__ import annotations

from functools import partial

import streamlit as st

from coverage.exports.columns import sentence_case
from coverage.exports.registry import XLSX
from coverage.exports.templates import write_template
from coverage.imports.mappings import Mappings
from coverage.store import Actor, Store, may
from coverage.web import messages, store_access
from coverage.web.context import IMPORT_URL, Context, Page
from coverage.web.downloads import file_name, take_button
from coverage.web.html import heading, tag
from coverage.web.import_page import import_draft
from coverage.web.import_page.apply import apply_step, earlier, result
from coverage.web.import_page.check import check_step
from coverage.web.import_page.preview import preview_step
from coverage.web.import_page.steps import column_step, file_step, upload


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    heading(words("import_page.title"), tag("p", words("import_page.intro")))
    store, who = context.open_store(), store_access.who()
    if store is None:
        return
    store.villages.use(context.analysis.villages)
    messages.show("import")
    if not store.database.writable:
        st.warning(words("inventory.read_only"))
    elif who is None or not may(who, "import"):
        st.info(words("import_page.not_signed_in" if who is None else "import_page.not_allowed"))
    else:
        with st.container(key="import_steps"):
            _steps(context, store, who)
    if may(who, "view_imports"):
        earlier(store, who, words)


def _steps(context: Context, store: Store, who: Actor) -> None:
    """Each step once the one before is settled."""
    words, draft = context.words, import_draft.current()
    if draft is None:
        upload(words)
        _templates(context)
        return
    if draft.done is not None:
        result(draft, draft.done, import_draft.raw_of(draft), words)
        return
    mappings = Mappings(store, who)
    raw = file_step(draft, mappings, words)
    if raw is None or not column_step(draft, raw, mappings, words):
        return
    checked = check_step(context, draft, raw, words)
    plan = preview_step(context, draft, raw, checked, store, who)
    if plan is not None:
        apply_step(draft, plan, store, who, words)


def _templates(context: Context) -> None:
    """Workbooks to fill in and take in here."""
    words = context.words
    with st.popover(words("start.template"), key="import_templates"):
        for kind in ("assets", "evidence", "population", "landmarks"):
            title = words(f"start.file.{kind}")
            make = partial(write_template, kind, context.analysis.villages, words)
            name = file_name(context.analysis, words, title, ".xlsx")
            take_button(sentence_case(title), make, name, XLSX, key=f"import_template_{kind}")


PAGE = Page("import", IMPORT_URL, show)
