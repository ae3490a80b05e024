"""Unsaved edits of the asset list: what other pages must forget when they change the inventory."""

from __future__ import annotations

import streamlit as st

ROUND, CONFLICTS = "asset_editor_round", "asset_conflicts"


def forget_edits() -> None:
    """Reset the editor of assets; unsaved edits and open conflicts are dropped."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state.pop(CONFLICTS, None)
