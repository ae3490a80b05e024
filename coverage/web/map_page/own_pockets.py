"""Pockets of people without one operator or one technology, computed apart when asked for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from coverage.exports.columns import captioned, heading_of
from coverage.exports.registry import CSV
from coverage.exports.tables import csv_bytes
from coverage.language.words import Words
from coverage.run.pockets import pocket_choices
from coverage.web import messages, visitor_work
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.html import capital, marks, put, tag
from coverage.web.map_page.board import RESTS_ON
from coverage.web.run_cache import cached_per_run
from coverage.web.tables import show_table
from coverage.web.workers import computed

SHOWN = ("village", "subdistrict", "population_unserved", "area_km2", "certainty", "reason")
_FOUND = "own_pockets_found"
_choices = cached_per_run(pocket_choices)


def show_own_pockets(context: Context) -> None:
    """Render the choice of an operator or technology, and its pockets."""
    analysis, words = context.analysis, context.words
    offered = {
        f"{capital(words(f'pockets.by.{by}'))}: {value}": (by, value)
        for by, values in _choices(analysis).items()
        for value in values
    }
    if analysis.pockets is None or not offered:
        return
    with st.expander(words("pockets.own"), key="own_pockets"):
        st.caption(words("pockets.own_help"))
        chosen = st.selectbox(
            words("pockets.own_of"), offered, None, key="own_pockets_of", placeholder=words("pockets.own_choose")
        )
        found = None if chosen is None else _pockets(context, *offered[chosen])
        if found is not None and chosen is not None:
            _table(context, chosen, *found)


def _pockets(context: Context, by: str, value: str) -> tuple[pd.DataFrame, int] | None:
    """Table of the pockets, cached in the session, and the number of assets that may be its own."""
    words = context.words
    key = (context.analysis.run["run_id"], by, value, words.language)
    kept: dict[Any, tuple[pd.DataFrame, int]] = st.session_state.get(_FOUND, {})
    if key not in kept:
        given = (visitor_work.own_pockets, context.analysis, context.ground, by, value, words.language)
        with messages.shown_refusal(words):
            kept = st.session_state[_FOUND] = {key: computed(words, "pockets.own_working", *given)}
    return kept.get(key)


def _table(context: Context, chosen: str, table: pd.DataFrame, unknown: int) -> None:
    words: Words = context.words
    people = words.number(table["population_unserved"].sum(min_count=len(table)))
    told = words("pockets.own_found", of=chosen, count=words.number(len(table)), people=people)
    put(tag("p", told, " ", marks(context.analysis.run, words, *RESTS_ON), cls="jk-hint"))
    if unknown:
        st.caption(words("pockets.perhaps_own", of=chosen, count=unknown))
    if table.empty:
        return
    frame = table[list(SHOWN)].rename(columns={name: heading_of(name, words) for name in SHOWN})
    people_head, area = heading_of("population_unserved", words), heading_of("area_km2", words)
    formats = {people_head: words.number, area: lambda value: words.number(value, 1)}
    show_table(frame, f"own_pockets_{words.language}", words("pockets.own"), formats)
    name = file_name(context.analysis, words, f"{words('exports.sheet.pockets')} {chosen.replace(':', '')}", ".csv")
    take_button(words("papers.file.pockets_csv"), captioned(csv_bytes(table), words), name, CSV, key="take_own_pockets")
