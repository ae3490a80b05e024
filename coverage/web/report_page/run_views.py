"""Saved runs: saving, comparing, indicators by year."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from coverage.base.schema import STATES
from coverage.exports.comparison import RunComparison, compare
from coverage.exports.evaluation import (
    in_words,
    indicator_table,
    write_comparison,
    write_comparison_csv,
    write_indicators,
)
from coverage.exports.registry import CSV, XLSX
from coverage.exports.tables import default_rule
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.run.result import RunTables
from coverage.store import Actor, Store, may
from coverage.web import messages, store_access
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.html import capital, column_table, put, table, tag
from coverage.web.report_page.saved_runs import SavedRunEntry, entries, keep, load, one_a_year
from coverage.web.tables import show_table

NOW = "now"
_COMPARED = "runs_compared"
_CHANGES = ("worse", "better", "told", "removed", "added")


def compare_view(context: Context) -> None:
    """Save this run, list saved ones, compare two."""
    words, found = context.words, _archive(context)
    if found is None:
        return
    store, who = found
    _keep_form(context, store, who)
    kept = entries(store, context.region, who)
    _list(kept, words)
    if kept:
        _compare(context, store, who, kept)


def years_view(context: Context) -> None:
    """Smart-city indicators, one column a year."""
    words, found = context.words, _archive(context)
    if found is None:
        return
    store, who = found
    kept = one_a_year(entries(store, context.region, who))
    runs: dict[int, RunTables] = {year: load(store, entry, who) for year, entry in kept.items()}
    this_year = pd.Timestamp.now().year
    runs[this_year] = context.analysis
    st.caption(words("papers.years.hint", year=str(this_year)))
    shown = indicator_table(runs, words)
    years = [str(year) for year in sorted(runs)]
    names = {"indicator": words("exports.column.indicator"), "detail": words("exports.column.detail")}
    frame = shown.rename(columns=names).astype(dict.fromkeys(years, "float64"))
    show_table(
        frame,
        f"indicators_{words.language}",
        words("papers.views.years"),
        dict.fromkeys(years, words.number),
        widths={names["indicator"]: 200, names["detail"]: 110},  # the figure in sight on a phone
        rows_shown=16,
    )
    file = file_name(context.analysis, words, words("papers.views.years"), ".xlsx")
    take_button(words("papers.years.take"), lambda: write_indicators(runs, words), file, XLSX, key="take_indicators")


def _archive(context: Context) -> tuple[Store, Actor | None] | None:
    """Store and actor; says what is missing."""
    store, who = context.open_store(), store_access.who()
    if store is not None and not may(who, "view_runs"):
        st.info(context.words("papers.runs.sign_in"))
        return None
    return None if store is None else (store, who)


def _keep_form(context: Context, store: Store, who: Actor | None) -> None:
    words = context.words
    messages.show("runs")
    if who is None or not store.database.writable or not may(who, "save_run"):
        return
    with st.form("keep_run", clear_on_submit=True):
        left, right = st.columns([75, 25], vertical_alignment="bottom")
        note = left.text_input(words("papers.runs.note"), placeholder=words("papers.runs.note_hint"), max_chars=200)
        if right.form_submit_button(words("papers.runs.keep"), type="primary", width="stretch"):
            with messages.shown_refusal(words):
                keep(store, context.analysis, note.strip() or words("papers.runs.no_note"), who)
                messages.keep("runs", words("papers.runs.kept", run_id=context.analysis.run["run_id"]))
                st.rerun()


def _list(kept: list[SavedRunEntry], words: Words) -> None:
    put(tag("h2", words("papers.runs.title")))
    if not kept:
        st.info(words("papers.runs.empty"))
        return
    heads = [words(f"papers.runs.{name}") for name in ("date", "who", "noted", "run_id")]
    rows = [[words.date(entry.saved_at), entry.saved_by, entry.note, entry.run_id] for entry in kept]
    with st.container(key="kept_runs"):
        put(table(heads, rows, words("papers.runs.title")))


def _compare(context: Context, store: Store, who: Actor | None, kept: list[SavedRunEntry]) -> None:
    words = context.words
    names = {entry.key: f"{words.date(entry.saved_at)} · {entry.note}" for entry in kept}
    names[NOW] = words("papers.runs.now")
    put(tag("h2", words("papers.runs.compare")))
    left, right = st.columns(2)
    old = left.selectbox(
        words("exports.comparison.before"), list(names), 0, key="run_before", format_func=names.__getitem__
    )
    new = right.selectbox(
        words("exports.comparison.after"), list(names), len(names) - 1, key="run_after", format_func=names.__getitem__
    )
    if old == new:
        st.info(words("papers.runs.same"))
        return
    by_key = {entry.key: entry for entry in kept}
    sides: list[RunTables] = [context.analysis if key == NOW else load(store, by_key[key], who) for key in (old, new)]
    before, after = sides
    saved = tuple(by_key[key].saved_at for key in (old, new) if key != NOW)
    place = (old, new, saved, context.analysis.run["run_id"], words.language)
    if st.session_state.get(_COMPARED, (None,))[0] != place:
        st.session_state[_COMPARED] = (place, compare(before, after, words))
    _difference(st.session_state[_COMPARED][1], before, after, words)
    with st.container(key="take_comparison", horizontal=True):
        for file, write in (("comparison.xlsx", write_comparison), ("comparison.csv", write_comparison_csv)):
            take_button(
                words(f"papers.runs.take_{file.rpartition('.')[2]}"),
                partial(write, before, after, words),
                file_name(context.analysis, words, words("papers.file.comparison"), f".{file.rpartition('.')[2]}"),
                CSV if file.endswith(".csv") else XLSX,
                key=f"take_{file}",
            )


def _difference(found: RunComparison, before: RunTables, after: RunTables, words: Words) -> None:
    """Counts by state, and changed villages with the assets behind it."""
    counts = [run.blank_spots.query("rule == @rule")["state"].value_counts() for run, rule in _with_rule(before, after)]
    old, new = ([int(count.get(state, 0)) for state in STATES] for count in counts)
    apart = [b - a for a, b in zip(old, new, strict=True)]
    called = state_words(words, default_rule(before), default_rule(after))
    columns = {
        words("exports.column.state"): [capital(called[state]) for state in STATES],
        words("exports.comparison.before"): map(words.number, old),
        words("exports.comparison.after"): map(words.number, new),
        words("exports.comparison.difference"): [
            ("+" if one > 0 else "−" if one < 0 else "") + words.number(abs(one)) for one in apart
        ],
    }
    put(column_table(columns, words("papers.runs.compare")))
    changed = in_words(found.villages[found.villages["change"].isin(_CHANGES)], before, after, words)
    put(tag("h3", words("papers.runs.changed", count=len(changed))))
    if changed.empty:
        st.caption(words("papers.runs.nothing_changed"))
        return
    order = changed.assign(_order=changed["change"].map(_CHANGES.index)).sort_values(["_order", "village_code_bps"])
    share_before, share_after = words("exports.column.share_before"), words("exports.column.share_after")
    frame = pd.DataFrame(
        {
            words("web.table.village"): order["village"].to_numpy(),
            words("web.table.subdistrict"): order["subdistrict"].to_numpy(),
            words("exports.column.change"): [capital(words(f"exports.change.{name}")) for name in order["change"]],
            words("exports.column.state_before"): order["state_before"].fillna("–").to_numpy(),
            words("exports.column.state_after"): order["state_after"].fillna("–").to_numpy(),
            share_before: order["share_before"].to_numpy(dtype=float),
            share_after: order["share_after"].to_numpy(dtype=float),
            words("exports.column.because"): order["because"].to_numpy(),
        }
    )
    show_table(
        frame,
        f"changed_{words.language}",
        words("papers.runs.compare"),
        {share_before: words.percent, share_after: words.percent},
    )


def _with_rule(*runs: RunTables) -> list[tuple[RunTables, str]]:
    return [(run, run.parameters.default_rule) for run in runs]
