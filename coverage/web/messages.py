"""What came of an action: kept for the next run of the page, or shown at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.web.html import as_label

STAYS_S = 20
"""Seconds for which a message stands once it is seen: a map that is loaded runs the page again."""


def keep(page: str, text: str, good: bool = True) -> None:
    """Keep a message for the next run of a page."""
    st.session_state[f"told_{page}"] = (good, text, None)


def show(page: str, as_toast: bool = False) -> None:
    """Show the message that was kept; with ``as_toast``, success as a toast, which pushes nothing aside."""
    good, text, shown_at = st.session_state.get(f"told_{page}", (True, "", None))
    now = time.monotonic()
    if not text or now - (shown_at or now) > STAYS_S:
        st.session_state.pop(f"told_{page}", None)
    elif good and as_toast:
        st.session_state.pop(f"told_{page}")
        st.toast(as_label(text), duration="long")
    else:
        st.session_state[f"told_{page}"] = (good, text, shown_at or now)
        (st.success if good else st.error)(as_label(text))


@contextmanager
def kept_refusal(page: str, words: Words) -> Iterator[None]:
    """Keep the error of an action for the next run of a page, in place of the message before."""
    st.session_state.pop(f"told_{page}", None)
    try:
        yield
    except JangkauError as error:
        keep(page, words.error(error), good=False)


@contextmanager
def shown_refusal(words: Words) -> Iterator[None]:
    """Show the error of an action."""
    try:
        yield
    except JangkauError as error:
        st.error(as_label(words.error(error)))
