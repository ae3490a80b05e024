"""Unsaved edits of the asset list and of what is drawn: what other pages must forget when they change the inventory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.web.maps.sketch import Form

ROUND, CONFLICTS = "asset_editor_round", "asset_conflicts"
FORM, TURN, KEPT, LIT, SPLIT_AT = "drawn_form", "drawn_turn", "drawn_kept", "drawn_lit", "drawn_split_at"
"""Session keys of a drawing: form, turn, the asset that is changed, the one saved last, the point to split at."""


@dataclass(frozen=True)
class KeptAsset:
    """An asset whose place is changed, as it was when it was chosen."""

    asset_id: str
    version: int
    form: Form
    shape: BaseGeometry
    text: str


def forget_edits() -> None:
    """Reset the editor of assets; unsaved edits and open conflicts are dropped."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state.pop(CONFLICTS, None)


def text_key(form: Form) -> str:
    """Session key of the text of a drawing."""
    return f"drawn_{form}"


def turned(fresh: bool = False) -> None:
    """Let the map take over the drawing of the page; ``fresh`` where it is another one."""
    st.session_state[TURN] = (st.session_state.get(TURN, (0, True))[0] + 1, fresh)


def forget_drawing(assets: Collection[str] | None = None) -> None:
    """Drop what is drawn, in a callback; with ``assets`` only if it belongs to one of them."""
    kept = st.session_state.get(KEPT)
    if assets is not None and (kept is None or kept.asset_id not in assets):
        return
    st.session_state[text_key(kept.form if kept else st.session_state.get(FORM) or "point")] = ""
    for key in (KEPT, SPLIT_AT):
        st.session_state.pop(key, None)
    turned(fresh=True)
