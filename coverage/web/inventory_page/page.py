"""Inventaris: the list of assets, edited concurrently, with history and undo."""

from __future__ import annotations

import streamlit as st

from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.shipped import REGIONS, region_dir
from coverage.run.inputs import SAMPLE
from coverage.store import Actor, Store, may
from coverage.web import downloads, messages, store_access
from coverage.web.context import IMPORT_URL, Context, Page, link_to
from coverage.web.html import heading
from coverage.web.inventory_page import asset_list, asset_place, views
from coverage.web.inventory_page.asset_saving import PAGE as PAGE_NAME
from coverage.web.inventory_page.asset_saving import done
from coverage.web.widgets import switch

FILES = ("assets.xlsx", "assets.csv", "map.kmz", "assets.geojson", "fibre_ofds.json")
"""Files offered for download."""
_VIEW = "inventory_view"
VIEWS = {
    "list": asset_list.show,
    "place": asset_place.show,
    "summary": views.summary_view,
    "repairs": views.repairs_view,
    "scenarios": views.scenarios_view,
}


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    heading(words("inventory.title"))
    store, who = context.open_store(), store_access.who()
    if store is None:
        return
    store.villages.use(context.analysis.villages)
    if not store.database.writable:
        st.warning(words("inventory.read_only"))
    if who is None:
        st.caption(words("inventory.not_signed_in"))
    with st.container(key="told"):
        messages.show(PAGE_NAME, as_toast=True)
    listed = store.assets.exist(store.villages.region_filter(context.analysis.villages))
    with st.container(key="inventory_tools", horizontal=True, vertical_alignment="bottom"):
        switched = listed or st.session_state.get(_VIEW) == "place"  # the first asset is drawn
        chosen = switch(words, "inventory.view", VIEWS, _VIEW, "inventory.views") if switched else ""
        if listed:
            _files(context)
        if who is not None and store.database.writable and may(who, "undo"):
            _undo_button(store, words, who)
    if not listed and chosen != "place":
        _first_steps(context, store, who)
        return
    with messages.shown_refusal(words):
        VIEWS[chosen](context, store, who)


def follows() -> bool:
    """Whether the view depends on the run; the list does not."""
    return st.session_state.get(_VIEW, "list") not in ("list", "summary")


def _files(context: Context) -> None:
    """Downloads; camera positions only on request of who may see them."""
    words = context.words
    with st.popover(words("papers.take"), key="take_assets"):
        cameras = context.viewer.sees_cctv and st.checkbox(words("papers.with_cctv"), key="take_cctv")
        downloads.offer(context.analysis, words, FILES, key="assets", include_cctv=cameras)


def _undo_button(store: Store, words: Words, who: Actor) -> None:
    st.button(
        words("inventory.undo"),
        on_click=_undo,
        args=(store, words),
        key="undo",
        help=words("inventory.undo_help"),
        disabled=not store.history.can_undo(who),
    )


def _undo(store: Store, words: Words) -> None:
    with messages.kept_refusal(PAGE_NAME, words):
        undone = store.history.undo_last(store_access.acting())
        kept = ", ".join(f"{asset} ({', '.join(fields)})" for asset, fields in undone.kept.items())
        text = words("inventory.undone", count=len(undone.set_back), assets=", ".join(undone.set_back[:5]))
        done(text + (" " + words("inventory.kept_later", kept=kept) if kept else ""))


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
    with right.container(border=True):
        st.markdown(words("inventory.from_drawing"))
        st.button(words("inventory.views.place"), on_click=st.session_state.update, args=({_VIEW: "place"},))
    if not samples:
        return
    with right.container(border=True):
        st.markdown(words("inventory.from_sample"))
        if st.button(words("inventory.use_sample")):
            _take_sample(store, who, words)


def _take_sample(store: Store, who: Actor | None, words: Words) -> None:
    """Bring in the sample list as one import in one transaction."""
    assert who is not None
    sample = region_dir() / SAMPLE
    with messages.shown_refusal(words):
        taken = store.imports.add_assets(read_assets(sample)[0], sample.name, who)
        done(words("inventory.taken_in", count=taken.added))
        st.rerun()


PAGE = Page("inventory", "inventaris", show, follows=follows)
