"""Costs of a plan: every figure with year and source, editable."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st
from babel.numbers import NumberFormatError, parse_decimal

from coverage.language.words import Words
from coverage.rollout.measures import GENERAL, Cost, Costs, with_values
from coverage.web.html import as_label, capital, put, tag
from coverage.web.made_plan import VALUES, own_values, shipped
from coverage.web.maps.map_view import measure_name

BASE, EDITOR = "plan_cost_base", "plan_cost_editor"


def figures(costs: Costs) -> Iterator[tuple[str, str, Any]]:
    """Measure, figure (``capital.0``, ``running.1``, or a name of :data:`GENERAL`) and value."""
    for measure in costs.measures:
        for kind in ("capital", "running"):
            for position, cost in enumerate(getattr(measure, kind)):
                yield measure.name, f"{kind}.{position}", cost
    for name in GENERAL:
        yield "", name, getattr(costs, name)


def choose(values: dict[str, float]) -> None:
    """Load values, such as those of a scenario."""
    st.session_state[VALUES] = dict(values)
    st.session_state.pop(EDITOR, None)


def edit(words: Words) -> None:
    """Editable table of all figures."""
    put(tag("p", words("planning.costs.help"), tag("span", words("planning.indicative"), cls="jk-mark"), cls="jk-hint"))
    rows = list(figures(shipped()))
    keys = [f"{measure}.{which}" if measure else which for measure, which, _ in rows]
    if EDITOR not in st.session_state or BASE not in st.session_state:
        own = own_values()
        st.session_state[BASE] = [
            own.get(key, float(figure.value)) for key, (_, _, figure) in zip(keys, rows, strict=True)
        ]
    frame = pd.DataFrame(
        {
            "measure": [
                capital(measure_name(measure, words)) if measure else words("planning.costs.general")
                for measure, _, _ in rows
            ],
            "item": [_item(which, figure, words) for _, which, figure in rows],
            "value": [
                _written(value, which, figure, words)
                for value, (_, which, figure) in zip(st.session_state[BASE], rows, strict=True)
            ],
            "year": [figure.year for _, _, figure in rows],
            "source": [words.source(figure.source) for _, _, figure in rows],
        }
    )
    config = {
        "measure": st.column_config.TextColumn(words("planning.column.measure"), width=130),
        "item": st.column_config.TextColumn(words("planning.costs.item"), width=290),
        "value": st.column_config.TextColumn(words("planning.costs.value"), width=105, required=True),
        "year": st.column_config.NumberColumn(words("planning.costs.year"), format="%d", width=55),
        "source": st.column_config.TextColumn(words("planning.costs.source"), width=290),
    }
    edited = st.data_editor(
        frame,
        key=EDITOR,
        column_config=config,
        hide_index=True,
        num_rows="fixed",
        disabled=["measure", "item", "year", "source"],
        height=36 * (len(rows) + 1) + 3,
        alt=words("planning.tab.costs"),
    )
    values, unread = {}, []
    for key, text, (_, which, figure) in zip(keys, edited["value"], rows, strict=True):
        value = _read(str(text), which, figure, words)
        if value is None:
            unread.append(str(text))
        elif text != _written(float(figure.value), which, figure, words):
            values[key] = value
    st.session_state[VALUES] = values
    if unread:
        st.error(as_label(words("planning.costs.unread", values=", ".join(unread))))
    try:
        with_values(shipped(), values)
    except ValueError:
        st.error(words("planning.costs.refused"))
    st.button(words("planning.costs.reset"), on_click=choose, args=({},), disabled=not values)


def _is_share(which: str, figure: Any) -> bool:
    return which == "discount_rate" or (isinstance(figure, Cost) and figure.per == "capital")


def _written(value: float, which: str, figure: Any, words: Words) -> str:
    """A figure as the reader writes it; shares in per cent."""
    return f"{words.number(value * 100, 2)} %" if _is_share(which, figure) else words.number(value, 3)


def _read(text: str, which: str, figure: Any, words: Words) -> float | None:
    """The inverse of :func:`_written`; None where it is no number from 0 on."""
    try:
        value = float(
            parse_decimal(text.replace("%", "").replace("Rp", "").strip(), locale=words.language, strict=True)
        )
    except NumberFormatError:
        return None
    return None if not 0 <= value < math.inf else value / 100 if _is_share(which, figure) else value


def _item(which: str, figure: Any, words: Words) -> str:
    if not isinstance(figure, Cost):
        return words(f"planning.costs.{which}")
    kind = words(f"planning.costs.{which.split('.')[0]}")
    known = words.has(f"planning.costs.name.{figure.name}")
    name = words(f"planning.costs.name.{figure.name}") if known else figure.name
    return f"{kind}: {name} ({words(f'planning.costs.per.{figure.per}')})"
