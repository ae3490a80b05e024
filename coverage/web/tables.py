"""Tables: localised numbers that sort as numbers, states in their colours.

A table that is the same for all visitors is styled once (``cached_per_run``) and put into form for the browser once:
that was a third of a map page's time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.elements import arrow
from streamlit.elements.lib.pandas_styler_utils import marshall_styler
from streamlit.proto.ArrowData_pb2 import ArrowData

from coverage.exports.style import STATE_TINTS
from coverage.language.words import Words

ROW = 33
"""Row height in pixels."""


_forming = threading.Lock()


def _put_into_form_once(proto: Any, styler: Styler, default_uuid: str) -> None:
    """As Streamlit does it; what came of it stays with the styled table."""
    with _forming:
        kept = vars(styler).get("jangkau_form")
        if kept is None:
            marshall_styler(proto, styler, default_uuid)
            kept = vars(styler)["jangkau_form"] = type(proto)()
            kept.styler.CopyFrom(proto.styler)
    proto.styler.CopyFrom(kept.styler)


vars(arrow)["marshall_styler"] = _put_into_form_once


def put_into_form(*tables: Styler) -> None:
    """Ahead of the first visitor."""
    for table in tables:
        _put_into_form_once(ArrowData(), table, "jangkau")


def styled(
    frame: pd.DataFrame,
    formats: Mapping[str, Callable[[Any], str]],
    states: pd.Series | None = None,
    state_column: str | None = None,
) -> Styler:
    """Format columns, by caption, and tint one by state; a formatted column still sorts by value.

    ``states`` has the state code of each row, in the order of ``frame``.
    """
    made = frame.style.format({caption: write for caption, write in formats.items() if caption in frame}, na_rep="–")
    if states is not None and state_column in frame:
        tints = [f"background-color: {STATE_TINTS[state]}" for state in states]
        made = made.apply(lambda column: tints, subset=[state_column])
    return made


def show_table(
    frame: pd.DataFrame | Styler,
    key: str,
    label: str,
    formats: Mapping[str, Callable[[Any], str]] | None = None,
    widths: Mapping[str, Any] | None = None,
    rows_shown: int = 12,
    row_height: int = ROW,
    on_select: Callable[[int], None] | None = None,
    chosen: list[int] | None = None,
) -> None:
    """Render a table, or one that is :func:`styled`; selecting a row calls ``on_select`` with its position.

    ``label`` is for screen readers, ``widths`` are by caption (``"small"``, ``"medium"``, ``"large"`` or pixels); long
    text wraps from a ``row_height`` of 61 pixels on. ``chosen`` are the rows that are marked, where that may change by
    other means than a selection.
    """
    config = {caption: st.column_config.Column(width=width) for caption, width in (widths or {}).items()}
    table = frame if isinstance(frame, Styler) else styled(frame, formats or {})
    height = row_height * min(len(table.index), rows_shown) + ROW + 3

    def selected() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows and on_select:
            on_select(rows[0])

    if on_select and chosen is not None:
        st.session_state[key] = {"selection": {"rows": chosen, "columns": [], "cells": []}}
    options: dict[str, Any] = {"on_select": selected, "selection_mode": "single-row"} if on_select else {}
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        height=height,
        row_height=row_height,
        column_config=config,
        alt=label,
        placeholder="–",
        **options,
    )


def fixed(words: Words, digits: int) -> Callable[[float], str]:
    """Format a number with trailing zeros, so that a column lines up: 0,840."""
    comma = "," if words.style.decimal_comma else "."

    def write(value: float) -> str:
        whole, decimals = f"{abs(value):.{digits}f}".split(".")
        return f"{'-' if value < 0 else ''}{words.number(int(whole))}{comma}{decimals}"

    return write
