"""The list of assets, paged and edited in place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from coverage.base.schema import STATUSES
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.store import Actor, Store, may
from coverage.web import facts, store_access
from coverage.web.asset_edits import ROUND, forget_edits
from coverage.web.context import Context
from coverage.web.html import capital
from coverage.web.inventory_page import asset_filters
from coverage.web.inventory_page.asset_history import show_history
from coverage.web.inventory_page.asset_saving import EDITABLE, all_back, bulk, conflicts, save_bar

ROWS = 200
"""Rows per page."""
SHOWN = ("asset_id", "kind", *EDITABLE[:4], "village", "subdistrict", *EDITABLE[4:])
_PICK = "pick"
_SHOWN, _PICK_ALL = "assets_shown", "assets_pick_all"


def _pick_all() -> None:
    """Tick every row shown."""
    forget_edits()
    st.session_state[_PICK_ALL] = _editor_key()


def show(context: Context, store: Store, who: Actor | None) -> None:
    """Render the list."""
    words, held = context.words, _held()
    mine = store.villages.region_filter(context.analysis.villages)
    asked = asset_filters.show(store, who, words, mine, locked=held is not None)
    shown = _shown(store, who, asked, words, held)
    rows = shown.rows
    if rows.empty:
        st.info(words("inventory.none_found"))
        return
    editing = store.database.writable and asked.at is None and may(who, "change")
    # Each message has a container of its own: one that appears must not push other
    # fields aside while somebody clicks on them.
    above = [st.container(key=f"asset_actions_{name}") for name in ("save", "conflict", "bulk")]
    edited = _editor(shown, editing, words)
    picked = list(rows["asset_id"][edited[_PICK].to_numpy(dtype=bool)])
    if editing:
        with above[0]:
            save_bar(store, rows, shown.key, words)
        with above[1]:
            conflicts(store, words)
        if len(picked) > 1:
            with above[2]:
                bulk(store, rows[rows["asset_id"].isin(picked)], words)
    if len(picked) == 1:
        labels = {code: label.partition(" · ")[0] for code, label in facts.village_label(context.analysis).items()}
        show_history(store, who, picked[0], labels, words)
    elif not picked and asked.at is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(words("inventory.pick_hint"))
            if editing:
                st.button(words("inventory.pick_all"), key="pick_all", on_click=_pick_all)
    if asked.at is not None and store.database.writable and may(who, "set_back_all"):
        all_back(store, asked.at, words)


@dataclass(frozen=True)
class ShownAssets:
    """Rows in the editor as they were when loaded, and the editor's key."""

    key: str
    rows: gpd.GeoDataFrame
    total: int


def _held() -> ShownAssets | None:
    """The list with unsaved edits or ticks, as it was loaded.

    It stays until saved or discarded: reloaded, its versions would be ones the visitor never saw, and edits would land
    in other rows.
    """
    shown = st.session_state.get(_SHOWN)
    if not isinstance(shown, ShownAssets) or shown.key != _editor_key():
        return None
    made = st.session_state.get(shown.key)
    return shown if st.session_state.get(_PICK_ALL) == shown.key or (made and made.get("edited_rows")) else None


def _editor_key() -> str:
    return f"assets_{st.session_state.get(ROUND, 0)}"


def _shown(
    store: Store, who: Actor | None, asked: asset_filters.AssetQuery, words: Words, held: ShownAssets | None
) -> ShownAssets:
    """Rows of the current page, under the total."""
    page = st.session_state.get("f_page", 1)
    if held is not None:
        _count(held.total, page, words, locked=True)
        return held
    if asked.at is not None:
        every = store.assets.table(asked.filter, asked.at, who)
        rows, total = every.iloc[(page - 1) * ROWS : page * ROWS].reset_index(drop=True), len(every)
    else:
        found = store.assets.page(asked.filter, who, offset=(page - 1) * ROWS, limit=ROWS)
        rows, total = found.rows, found.total
    if rows.empty and page > 1:  # fewer were found than before
        st.session_state["f_page"] = 1
        return _shown(store, who, asked, words, held)
    _count(total, page, words)
    shown = ShownAssets(_editor_key(), rows, total)
    st.session_state[_SHOWN] = shown
    return shown


def _count(total: int, page: int, words: Words, locked: bool = False) -> None:
    """Total and, if paged, the page."""
    pages = max(1, -(-total // ROWS))
    if pages == 1:
        st.caption(words("inventory.found", count=total))
        return
    left, right = st.columns([80, 20], vertical_alignment="center")
    right.number_input(
        words("inventory.page_of", pages=pages), 1, pages, min(page, pages), key="f_page", disabled=locked
    )
    left.caption(words("inventory.found_page", count=total, first=(page - 1) * ROWS + 1, last=min(total, page * ROWS)))


def _editor(shown: ShownAssets, editing: bool, words: Words) -> pd.DataFrame:
    rows = shown.rows
    hidden = [] if may(store_access.who(), "view_history") else ["photos"]
    frame = pd.DataFrame(rows[[name for name in SHOWN if name not in hidden]])
    frame.insert(0, _PICK, st.session_state.get(_PICK_ALL) == shown.key)
    differs = rows["village_code_entered"].notna() & (rows["village_code_entered"] != rows["village_code_bps"])
    frame["check"] = [
        words("inventory.check_village") if wrong else words("inventory.check") if mark else ""
        for wrong, mark in zip(differs, rows["needs_check"], strict=True)
    ]
    name = partial(_caption, words)
    config: dict[str, Any] = {
        _PICK: st.column_config.CheckboxColumn(words("inventory.pick"), width=84, pinned=True),
        "asset_id": st.column_config.TextColumn(name("asset_id"), disabled=True, pinned=True),
        "kind": st.column_config.SelectboxColumn(
            name("kind"),
            options=list(asset_kinds()),
            disabled=True,
            format_func=lambda kind: capital(words.kind(str(kind))),
        ),
        "status": st.column_config.SelectboxColumn(
            name("status"),
            options=list(STATUSES),
            required=True,
            format_func=lambda status: capital(words(f"core.status.{status}")),
        ),
        "village": st.column_config.TextColumn(name("village"), disabled=True, help=words("inventory.village_help")),
        "subdistrict": st.column_config.TextColumn(name("subdistrict"), disabled=True),
        "height_m": st.column_config.NumberColumn(name("height_m"), min_value=0, max_value=400),
        "band_mhz": st.column_config.NumberColumn(name("band_mhz"), min_value=30, max_value=100_000),
        "azimuth_deg": st.column_config.NumberColumn(
            name("azimuth_deg"), min_value=0, max_value=360, help=words("inventory.azimuth_help")
        ),
        "tilt_deg": st.column_config.NumberColumn(
            name("tilt_deg"), min_value=-20, max_value=45, help=words("inventory.tilt_help")
        ),
        "eirp_dbm": st.column_config.NumberColumn(name("eirp_dbm"), min_value=0, max_value=90),
        "installed_on": st.column_config.TextColumn(name("installed_on"), help=words("inventory.date_help")),
        "check": st.column_config.TextColumn(name("check"), disabled=True),
        **{
            field: st.column_config.TextColumn(name(field))
            for field in ("name", "owner", "operator", "technology", "antenna", "site_id", "photos", "note")
        },
    }
    locked = [column for column in frame.columns if column != _PICK] if not editing else False
    return st.data_editor(
        frame,
        key=shown.key,
        hide_index=True,
        column_config=config,
        num_rows="fixed",
        disabled=locked,
        height=min(430, 38 + 35 * len(frame)),
        width="stretch",
        placeholder="–",
    )


def _caption(words: Words, field: str) -> str:
    return words(f"inventory.field.{field}")
