"""Decisions of the office for the current region: shown, saved, reverted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from coverage.store import may
from coverage.store.settings import Name, action_of
from coverage.web import messages, session, store_access
from coverage.web.context import Context
from coverage.web.html import as_label


def may_decide(name: Name = "rule") -> bool:
    """Whether the viewer decides for the office; others try out without changing anything."""
    store = store_access.opened_store().store
    named = session.sources()
    free = not named.no_settings and named.parameters is None
    return free and store is not None and store.database.writable and may(store_access.who(), action_of(name))


def decide(context: Context, name: Name, value: Any) -> None:
    """Save a decision; an error is shown by :func:`show_decided`."""
    store = store_access.opened_store().store
    assert store is not None
    with messages.kept_refusal("office", context.words):
        store.settings.decide(context.decisions.region, name, value, store_access.acting())
        vars(context).pop("decisions")  # asked for again


def show_decided(context: Context, name: Name) -> None:
    """Who decided what is in force and when, with undo."""
    words, kept = context.words, context.decisions.settings.get(name)
    messages.show("office")
    if kept is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"office_{name}"):
        st.caption(as_label(words(f"office.decided.{name}", who=kept.who, when=words.date(kept.at[:10]))))
        back, told = words("office.back"), words("office.back_help")
        if may_decide(name) and st.button(back, key=f"office_back_{name}", type="tertiary", help=told):
            store = store_access.opened_store().store
            assert store is not None
            with messages.kept_refusal("office", words):
                store.settings.go_back(context.decisions.region, name, store_access.acting())
            st.rerun(scope="app")
