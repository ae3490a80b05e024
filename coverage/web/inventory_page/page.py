"""Inventaris: the list of assets, edited concurrently, with history and undo."""

from __future__ import annotations

from functools import partial

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.shipped import REGIONS, region_dir
from coverage.run.inputs import SAMPLE
from coverage.store import Actor, Store, may
from coverage.web import downloads, facts, store_access
from coverage.web.asset_edits import forget_edits
from coverage.web.context import IMPORT_URL, Context, Page, link_to
from coverage.web.html import put, tag
from coverage.web.inventory_page import asset_list, asset_place, views
from coverage.web.inventory_page.asset_saving import keep_message, show_message
from coverage.web.sign_in import show_person

FILES = ("assets.xlsx", "assets.csv", "map.kmz", "assets.geojson", "fibre_ofds.json")
"""Files offered for download."""
VIEWS = ("list", "place", "summary", "repairs", "scenarios")


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    put(tag("header", tag("h1", words("inventory.title")), cls="jk-heading"), key="heading")
    found = store_access.opened_store()
    if found.store is None:
        assert found.problem is not None
        put(tag("p", words.error(found.problem), cls="jk-refused", role="alert"))
        return
    store, who = found.store, store_access.who()
    store.villages.use(context.analysis.villages)
    if not store.database.writable:
        st.warning(words("inventory.read_only"))
    show_person(store, who, words, words("inventory.not_signed_in"), partial(_undo_button, store, words))
    show_message()
    if not store.assets.exist(store.villages.region_filter(context.analysis.villages)):
        _first_steps(context, store, who)
        return
    _files(context)
    chosen = st.segmented_control(
        words("inventory.view"),
        VIEWS,
        default="list",
        key="inventory_view",
        required=True,
        format_func=lambda view: words(f"inventory.views.{view}"),
        label_visibility="collapsed",
    )
    if chosen == "list":
        asset_list.show(context, store, who, _names(context))
    elif chosen == "place":
        asset_place.show(context, store, who)
    elif chosen == "summary":
        views.summary_view(context, store, who)
    elif chosen == "repairs":
        views.repairs_view(context, store, who)
    else:
        views.scenarios_view(context, store, who)


def _names(context: Context) -> dict[str, str]:
    """Village names with subdistricts by BPS code."""
    return {code: label.partition(" · ")[0] for code, label in facts.village_label(context.analysis).items()}


def follows() -> bool:
    """Whether the view depends on the run; the list does not."""
    return st.session_state.get("inventory_view", "list") not in ("list", "summary")


def _files(context: Context) -> None:
    """Downloads; camera positions only on request of who may see them."""
    words = context.words
    with st.popover(words("papers.take"), key="take_assets"):
        cameras = context.viewer.sees_cctv and st.checkbox(words("papers.with_cctv"), key="take_cctv")
        downloads.offer(context.analysis, words, FILES, key="assets", include_cctv=cameras)


def _undo_button(store: Store, words: Words, who: Actor) -> None:
    if store.database.writable and may(who, "undo"):
        st.button(
            words("inventory.undo"), on_click=_undo, args=(store, words), key="undo", help=words("inventory.undo_help")
        )


def _undo(store: Store, words: Words) -> None:
    try:
        done = store.history.undo_last(store_access.acting())
    except JangkauError as error:
        keep_message("problem", words.error(error))
        return
    forget_edits()
    kept = ", ".join(f"{asset} ({', '.join(fields)})" for asset, fields in done.kept.items())
    text = words("inventory.undone", count=len(done.set_back), assets=", ".join(done.set_back[:5]))
    keep_message("done", text + (" " + words("inventory.kept_later", kept=kept) if kept else ""))


def _first_steps(context: Context, store: Store, who: Actor | None) -> None:
    """Guidance for an empty inventory."""
    words = context.words
    samples = region_of(context.analysis.villages) in REGIONS
    st.info(words("inventory.empty" if samples else "inventory.empty_here"))
    if not (store.database.writable and may(who, "import")):
        return
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown(words("inventory.from_file"))
        link_to(IMPORT_URL, words("web.page.import"))
    if not samples:
        return
    with right.container(border=True):
        st.markdown(words("inventory.from_sample"))
        if st.button(words("inventory.use_sample"), type="primary"):
            _take_sample(store, who, words)


def _take_sample(store: Store, who: Actor | None, words: Words) -> None:
    """Bring in the sample list as one import in one transaction."""
    assert who is not None
    sample = region_dir() / SAMPLE
    try:
        done = store.imports.add_assets(read_assets(sample)[0], sample.name, who)
    except JangkauError as error:
        st.error(words.error(error))
        return
    keep_message("done", words("inventory.taken_in", count=done.added))
    st.rerun()


PAGE = Page("inventory", "inventaris", show, follows=follows)
