"""Decisions of the office for the current region: shown, saved, reverted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.run.decisions import Decisions, decisions_in
from coverage.store import may
from coverage.store.settings import Name
from coverage.web import session, store_access
from coverage.web.context import Context
from coverage.web.html import as_label

_PROBLEM = "office_problem"


def decisions(context: Context) -> Decisions:
    """The decisions in force."""
    return decisions_in(store_access.opened_store().store, session.sources(), context.inputs)


def may_decide() -> bool:
    """Whether the viewer decides for the office; others try out without changing anything."""
    store = store_access.opened_store().store
    named = session.sources()
    free = not named.no_settings and named.parameters is None
    return free and store is not None and store.database.writable and may(store_access.who(), "change_settings")


def decide(context: Context, name: Name, value: Any) -> None:
    """Save a decision; an error is shown by :func:`show_decided`."""
    store = store_access.opened_store().store
    assert store is not None
    try:
        store.settings.decide(decisions(context).region, name, value, store_access.acting())
    except JangkauError as error:
        st.session_state[_PROBLEM] = error


def _go_back(region: str, name: Name) -> None:
    store = store_access.opened_store().store
    assert store is not None
    try:
        store.settings.go_back(region, name, store_access.acting())
    except JangkauError as error:
        st.session_state[_PROBLEM] = error


def show_decided(context: Context, name: Name) -> None:
    """Who decided what is in force and when, with undo."""
    words, found = context.words, decisions(context)
    problem: JangkauError | None = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        st.error(as_label(words.error(problem)))
    kept = found.settings.get(name)
    if kept is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"office_{name}"):
        st.caption(as_label(words(f"office.decided.{name}", who=kept.who, when=_when(kept.at, words))))
        back, told = words("office.back"), words("office.back_help")
        if may_decide() and st.button(back, key=f"office_back_{name}", type="tertiary", help=told):
            _go_back(found.region, name)
            st.rerun(scope="app")


def _when(at: str, words: Words) -> str:
    return words.date(at[:10])
