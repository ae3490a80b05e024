"""Widgets that several pages have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from coverage.base.schema import STATUSES
from coverage.language.words import Words
from coverage.web.html import capital


def start(key: str, value: object) -> None:
    """Initialise a widget unless the session has a value."""
    if key not in st.session_state:
        st.session_state[key] = value


def among(key: str, offered: Collection[object]) -> None:
    """Forget a choice, of a link or of a run before, that is not offered."""
    if st.session_state.get(key) not in (None, *offered):
        del st.session_state[key]


def switch(words: Words, label: str, names: Collection[str], key: str, group: str, **options: Any) -> Any:
    """Render a switch between views, the first by default; ``group.<name>`` in the locale is what each is called."""
    start(key, next(iter(names)))
    return st.segmented_control(
        words(label),
        names,
        key=key,
        required=True,
        format_func=lambda name: words(f"{group}.{name}"),
        label_visibility="collapsed",
        **options,
    )


def choice(words: Words, label: str, names: Sequence[str], group: str, place: Any = st, **options: Any) -> Any:
    """Render a selectbox; ``group.<name>`` in the locale is what each is called."""
    return place.selectbox(label, names, format_func=lambda name: words(f"{group}.{name}"), **options)


def kept_choice(words: Words, label: str, names: Sequence[str], group: str, key: str, value: str, **more: Any) -> Any:
    """The same, kept for the session when its page is left, and ``value`` at first."""
    start(key, value)
    return choice(words, label, names, group, key=key, persist_state="session", **more)


def status_box(words: Words, label: str, place: Any = st, **options: Any) -> Any:
    """Render a selectbox of the statuses of an asset."""
    return place.selectbox(
        label, STATUSES, format_func=lambda status: capital(words(f"core.status.{status}")), **options
    )


def coordinates(label: str, help_text: str, key: str, **options: Any) -> str:
    """Render a field for a latitude and a longitude."""
    return str(st.text_input(label, key=key, help=help_text, placeholder="-8.1234, 112.3456", **options))
