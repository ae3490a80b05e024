"""Filters of the inventory: text, kind, owner, place, and date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from coverage.base.schema import STATUSES
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.store import Actor, AssetFilter, Store, may
from coverage.web.html import capital


@dataclass(frozen=True)
class AssetQuery:
    """Filter, and the day at whose end; None for now."""

    filter: AssetFilter
    at: dt.date | None = None


def show(store: Store, who: Actor | None, words: Words, mine: AssetFilter, locked: bool = False) -> AssetQuery:
    """Render the filters of the region's assets (``mine``) and return the query; ``locked`` while edits are unsaved."""
    with st.container(key="inventory_filters"):
        text, kinds, statuses, owners, check = st.columns([26, 20, 20, 22, 12], vertical_alignment="bottom")
        kind_list = list(asset_kinds() if may(who, "view_cctv") else asset_kinds().public)
        options: dict[str, Any] = {"disabled": locked, "on_change": _first_page}
        hint, told = words("inventory.search_hint"), words("inventory.needs_check_help")
        wanted_text = text.text_input(words("inventory.search"), placeholder=hint, key="f_text", **options)
        with kinds:
            wanted_kinds = _several("kind", kind_list, words, locked, words.kind)
        with statuses:
            wanted_statuses = _several("status", STATUSES, words, locked, lambda status: words(f"core.status.{status}"))
        with owners:
            wanted_owners = _several("owner", store.assets.owners(who), words, locked)
        needs_check = check.checkbox(words("inventory.needs_check"), key="f_check", help=told, **options)
        with st.expander(words("inventory.more_filters"), expanded=_more_in_use()):
            subdistricts, villages = _places(store, who, words, mine, locked)
            struck_out, day = _past(who, words, locked)
    asked = replace(
        mine,
        kinds=wanted_kinds,
        statuses=wanted_statuses,
        owners=wanted_owners,
        text=wanted_text,
        needs_check=needs_check,
        subdistricts=subdistricts,
        villages=villages,
        struck_out=struck_out,
    )
    return AssetQuery(asked, day)


def _several(
    field: str, offered: Sequence[str], words: Words, locked: bool, label: Callable[[str], str] = str
) -> tuple[str, ...]:
    key = "f_statuses" if field == "status" else f"f_{field}s"
    if any(value not in offered for value in st.session_state.get(key, ())):  # gone since it was chosen
        st.session_state[key] = [value for value in st.session_state[key] if value in offered]
    chosen = st.multiselect(
        words(f"inventory.field.{field}"),
        offered,
        key=key,
        placeholder=words("inventory.all"),
        disabled=locked,
        on_change=_first_page,
        format_func=lambda value: capital(label(value)),
    )
    return tuple(chosen)


def _places(
    store: Store, who: Actor | None, words: Words, mine: AssetFilter, locked: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Subdistricts, and villages within the chosen ones."""
    places = [place for place in store.assets.places(who) if place[2].startswith(mine.regencies)]
    left, right = st.columns(2)
    with left:
        subdistricts = _several("subdistrict", list(dict.fromkeys(name for name, _, _ in places)), words, locked)
    labels = {
        code: f"{village} ({subdistrict})"
        for subdistrict, village, code in places
        if not subdistricts or subdistrict in subdistricts
    }
    with right:
        villages = _several("village", list(labels), words, locked, labels.__getitem__)
    return subdistricts, villages


def _past(who: Actor | None, words: Words, locked: bool) -> tuple[bool, dt.date | None]:
    """Struck-out entries and earlier days, for those who may see the history."""
    if not may(who, "view_history"):
        return False, None
    left, right = st.columns(2, vertical_alignment="bottom")
    day = left.date_input(
        words("inventory.as_of"),
        None,
        max_value="today",
        key="f_day",
        format="DD/MM/YYYY",
        help=words("inventory.as_of_help"),
        disabled=locked,
        on_change=_first_page,
    )
    struck_out = right.checkbox(
        words("inventory.with_struck_out"), key="f_struck", disabled=locked, on_change=_first_page
    )
    return struck_out, day if isinstance(day, dt.date) else None


def _more_in_use() -> bool:
    return any(st.session_state.get(name) for name in ("f_subdistricts", "f_villages", "f_struck", "f_day"))


def _first_page() -> None:
    st.session_state["f_page"] = 1
