"""The map as a table: filtered, sorted, chosen from, downloaded; for screen readers and the keyboard, too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from coverage.exports.columns import captioned
from coverage.exports.registry import CSV
from coverage.exports.tables import csv_bytes, villages_table
from coverage.language.reasons import certainty_label, state_word
from coverage.language.words import Words
from coverage.run.areas import UNSTATED, operators_at_centres
from coverage.run.privacy import for_outsiders
from coverage.run.result import Analysis
from coverage.web import facts, session
from coverage.web.downloads import file_name, take_button
from coverage.web.html import capital, people_marks, put, tag
from coverage.web.run_cache import cached_per_run
from coverage.web.tables import show_table, styled

STATES, SUBDISTRICTS, OPERATORS, SHARE = "map_states", "map_subdistricts", "map_operators", "map_share"
"""Session keys of the filters; a link carries them (:mod:`coverage.web.linked`)."""
SHORT = 7
"""Rows of the table beside the map, which leave room for the facts."""
_operators = cached_per_run(operators_at_centres)


def filtered(analysis: Analysis, rule: str) -> pd.Series | None:
    """Which villages pass the visitor's filters, in the order of the villages; None where none is set."""
    villages, spots, offered = analysis.villages, _spots(analysis, rule), _offered(analysis, rule)
    kept = pd.Series(data=True, index=range(len(villages)))
    for key, values in ((STATES, spots["state"]), (SUBDISTRICTS, villages["subdistrict"])):
        if wanted := _wanted(key, offered):
            kept &= values.isin(wanted).to_numpy()
    if (wanted := _wanted(OPERATORS, offered)) and (names := _operators(analysis)):
        kept &= np.array([not set(wanted).isdisjoint(each) for each in names])
    if (most := st.session_state.get(SHARE, 100)) < 100:
        kept &= (spots["share"].astype(float) <= most / 100).fillna(False).to_numpy()
    return None if kept.all() else kept


def show_villages(
    analysis: Analysis, rule: str, words: Words, chosen: str | None, under: Callable[[], Analysis], rows_shown: int = 12
) -> None:
    """Render filters, the table with the chosen village in it, and its download, made of the run ``under`` the rule."""
    title = words("web.table.title", rule=words.rule(rule))
    with st.container(key="all_villages"):
        put(tag("h2", title, people_marks(analysis.run, words)))
        if rows_shown > SHORT:
            st.caption(words("web.table.hint"))
        _filters(analysis, rule, words)
        kept, table = filtered(analysis, rule), village_table(analysis, rule, words)
        codes = analysis.villages["village_code_bps"]
        if kept is not None:
            codes, table = codes[kept.to_numpy()], _styled(analysis, rule, words, kept)
            put(tag("p", words("web.table.kept", count=len(codes), of=len(kept)), cls="jk-hint"))
        show_table(
            table,
            f"villages_{words.language}_{rule}",
            title,
            rows_shown=rows_shown,
            on_select=lambda row: session.choose_village(codes.iloc[row], fly=True),
            chosen=(codes == chosen).to_numpy().nonzero()[0].tolist(),
        )
        name = file_name(analysis, words, words("exports.sheet.villages"), ".csv")
        label = words("web.table.take", count=words.number(len(codes)))
        take_button(label, lambda: _csv(under(), words, codes), name, CSV, guarded=False, key="take_villages")


def _csv(analysis: Analysis, words: Words, codes: pd.Series) -> bytes:
    """Rows of ``villages.csv``; for everybody, so that no distance tells where a camera stands."""
    rows = villages_table(for_outsiders(analysis), words).set_index("village_code_bps", drop=False).loc[codes]
    return captioned(csv_bytes(rows), words)


def _filters(analysis: Analysis, rule: str, words: Words) -> None:
    chosen = facts.rules_of(analysis)[rule]
    offered = _offered(analysis, rule)
    named = {
        STATES: lambda state: capital(state_word(state, chosen, words)),
        OPERATORS: lambda name: name or words("web.map.area_unstated"),
    }
    columns = iter(st.columns(4 if offered[OPERATORS] else 3))
    for key, options in offered.items():
        if not options:
            continue
        st.session_state[key] = _wanted(key, offered)
        label = words(f"web.table.filter.{key}")
        next(columns).multiselect(
            label, options, key=key, format_func=named.get(key, str), placeholder=words("web.table.filter.all")
        )
    st.session_state.setdefault(SHARE, 100)
    next(columns).slider(words("web.table.filter.map_share"), 0, 100, key=SHARE, format="%d %%")


@cached_per_run
def _offered(analysis: Analysis, rule: str) -> dict[str, list[str]]:
    """Values that each filter offers."""
    present = _spots(analysis, rule)["state"].unique()
    operators = {name for each in _operators(analysis) or () for name in each}
    return {
        STATES: [state for state in ("blank", "weak", "served", "unknown") if state in present],
        SUBDISTRICTS: sorted(analysis.villages["subdistrict"].unique()),
        OPERATORS: sorted(operators, key=lambda name: (name == UNSTATED, name)),
    }


def _wanted(key: str, offered: dict[str, list[str]]) -> list[str]:
    """What the visitor chose, without what another rule, or a link, offers."""
    return [one for one in st.session_state.get(key) or () if one in offered[key]]


def _spots(analysis: Analysis, rule: str) -> pd.DataFrame:
    spots = analysis.blank_spots[analysis.blank_spots["rule"] == rule].set_index("village_code_bps")
    return spots.reindex(analysis.villages["village_code_bps"])


@cached_per_run
def village_table(analysis: Analysis, rule: str, words: Words) -> Styler:
    """All villages, as they are first shown."""
    return _styled(analysis, rule, words)


def _styled(analysis: Analysis, rule: str, words: Words, kept: pd.Series | None = None) -> Styler:
    frame, states = _frame(analysis, rule, words)
    if kept is not None:
        at = kept.to_numpy()
        frame, states = frame[at].reset_index(drop=True), states[at].reset_index(drop=True)
    state, share, rank, population = (words(f"web.table.{name}") for name in ("state", "share", "rank", "population"))
    return styled(frame, {share: words.percent, population: words.number, rank: words.number}, states, state)


@cached_per_run
def _frame(analysis: Analysis, rule: str, words: Words) -> tuple[pd.DataFrame, pd.Series]:
    """Rows of the table, and the state of each."""
    villages, spots = analysis.villages, _spots(analysis, rule)
    codes = villages["village_code_bps"]
    ranks = analysis.priority.set_index("village_code_bps")["rank"].reindex(codes)
    told, chosen = spots.to_dict("records"), facts.rules_of(analysis)[rule]
    pockets = analysis.pocket_counts(rule).reindex(codes, fill_value=0)
    operators, unstated = _operators(analysis), words("web.map.area_unstated")
    served_by = [", ".join(name or unstated for name in each) for each in operators or ()]
    frame = pd.DataFrame(
        {
            words("web.table.village"): villages["village"].to_numpy(),
            words("web.table.subdistrict"): villages["subdistrict"].to_numpy(),
            words("web.table.code_bps"): codes.to_numpy(),
            words("web.table.state"): [
                capital(state_word(row["state"], chosen, words, row["share"], count))
                for row, count in zip(told, pockets, strict=True)
            ],
            words("web.table.certainty"): [certainty_label(row, words) for row in told],
            words("web.table.share"): spots["share"].to_numpy(dtype=float),
            words("web.table.population"): villages["population"].to_numpy(dtype=float),
            words("web.table.rank"): ranks.to_numpy(dtype=float),
            **({words("web.table.operators"): served_by} if operators else {}),
        }
    )
    return frame, pd.Series(spots["state"].to_numpy())
