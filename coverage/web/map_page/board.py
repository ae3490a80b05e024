"""The board: what each source says of every village, and what a meeting decided."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from coverage.base.schema import EVIDENCE, STATES, in_form
from coverage.exports.board import SOURCES, board_table, list_series, statement_lines
from coverage.exports.pockets import pocket_name
from coverage.exports.tables import conflicts_table
from coverage.language.reasons import claimed_word
from coverage.language.words import Words
from coverage.run.pockets import pocket_numbers
from coverage.run.result import Analysis
from coverage.store import Actor, Store, may
from coverage.web import downloads, messages, store_access
from coverage.web.context import Context
from coverage.web.html import capital, definition_list, marks, put, tag
from coverage.web.run_cache import cached_per_run
from coverage.web.tables import show_table, styled

FILES = ("minutes.pdf", "board.csv", "conflicts.csv")
CHOSEN = "board_village"
RESTS_ON = ("approximate_boundaries", "estimated_people", "sample_assets")
"""What tables below the map are marked with where the run rests on it."""


def show_board(context: Context) -> None:
    """Render what sources say, the chosen village with its decision, and rows whose village could not be told."""
    analysis, words = context.analysis, context.words
    with st.container(key="board"):
        put(tag("h2", words("board.title"), " ", marks(analysis.run, words, *RESTS_ON)))
        messages.show("board")
        if analysis.evidence is None and analysis.compared is None:
            st.caption(words("web.conflicts.no_evidence"))
            return
        st.caption(words("board.hint"))
        board = _spoken_of(analysis, words)
        count = int(board["open"].sum())
        label = words("board.only_open", count=words.number(count))
        only_open = bool(count) and st.toggle(label, value=True, key="board_open")
        if only_open:
            board = board[board["open"]]
        elif not count:
            st.caption(words("board.agree"))
        keys = _keys(board)
        show_table(
            _table(analysis, words, only_open),
            f"board_{words.language}",
            words("board.title"),
            rows_shown=8,
            on_select=lambda row: st.session_state.update({CHOSEN: keys.iloc[row]}),
        )
        for row in board[keys == st.session_state.get(CHOSEN)].to_dict("records"):
            _chosen(context, row)
        if series := list_series(analysis, words):
            put(tag("h3", words("board.series.title")))
            put(tag("ul", *(tag("li", tag("strong", name), f": {told}") for name, told in series), cls="jk-list"))
        with st.popover(words("papers.take"), key="take_board"):
            downloads.offer(analysis, words, FILES, key="board")
        _unsure(analysis, words)


def board_tables(analysis: Analysis, words: Words) -> tuple[Styler, Styler]:
    """The tables as they are first shown."""
    some_open = bool(_spoken_of(analysis, words)["open"].any())
    return _table(analysis, words, some_open), _unsure_table(analysis, words)


@cached_per_run
def _spoken_of(analysis: Analysis, words: Words) -> pd.DataFrame:
    """Villages and pockets of which anybody says anything."""
    board = board_table(analysis, words)
    return board[board["heard"]]


@cached_per_run
def _table(analysis: Analysis, words: Words, only_open: bool) -> Styler:
    board = _spoken_of(analysis, words)
    board = (board[board["open"]] if only_open else board).reset_index(drop=True)
    shown = [name for name in SOURCES if board[f"said_{name}"].notna().any()]
    frame = pd.DataFrame(
        {
            words("board.column.village"): board["name"],
            words("web.table.subdistrict"): board["subdistrict"],
            words("board.column.people"): board["population_unserved"],
            **{words(f"core.evidence.{name}"): board[f"said_{name}"] for name in shown},
            words("board.column.leaning"): [
                f"{state} ({words.percent(share)})"
                for state, share in zip(board["leaning"], board["lean_share"], strict=True)
            ],
            words("board.column.decision"): board["decided"],
        }
    )
    return styled(frame, {words("board.column.people"): words.number})


def _keys(board: pd.DataFrame) -> pd.Series:
    """What a row is about: a village's code, with the number of its pocket behind it."""
    pocket = ["" if pd.isna(number) else f"-{number}" for number in board["pocket"]]
    return board["village_code_bps"] + pd.Series(pocket, board.index, dtype=object)


def _chosen(context: Context, row: Mapping[Any, Any]) -> None:
    """Who said what of a village or pocket, and the decision or the form for it."""
    words, who = context.words, store_access.who()
    code, pocket = row["village_code_bps"], 0 if pd.isna(row["pocket"]) else int(row["pocket"])
    with st.container(border=True, key="board_village_box"):
        put(tag("h3", f"{row['name']}, {row['subdistrict']}"))
        put(definition_list(statement_lines(context.analysis, code, words, pocket)))
        if pocket and (above := statement_lines(context.analysis, code, words)):
            put(tag("h4", words("board.above", village=row["village"])))
            put(definition_list(above))
        store = context.open_store()
        if store is None or not store.database.writable:
            return
        if who is None or not may(who, "add_evidence"):
            st.caption(words("board.viewer"))
            return
        _decision(context, store, who, code, pocket)


def _decision(context: Context, store: Store, who: Actor, code: str, pocket: int) -> None:
    words, evidence, pockets = context.words, context.analysis.evidence, context.analysis.pockets
    with st.form("board_decision", border=False):
        left, right = st.columns([30, 70])
        names = {claimed_word(name, words): name for name in STATES[:3]}
        state = names.get(left.selectbox(words("board.state"), names, index=None, key="board_state") or "")
        reason = right.text_input(words("board.reason"), max_chars=300, key="board_reason")
        sent = st.form_submit_button(words("board.decide"))
    if sent and state and reason.strip():
        place = None
        if pocket and pockets is not None:
            own = pockets[(pockets["village_code_bps"] == code) & (pockets["pocket"] == pocket)].iloc[0]
            place = own["lon"], own["lat"]
            reason = words("board.on_pocket", pocket=pocket_name(own.to_dict(), words), reason=reason.strip())
        store.evidence.add(decision(code, state, reason.strip(), who, place), who, reason.strip())
        messages.keep("board", words("board.kept"))
        st.rerun()
    if evidence is None:
        return
    made = evidence[(evidence["kind"] == "decision") & (evidence["village_code_bps"] == code)]
    made = made[pocket_numbers(context.analysis, made) == pocket]
    if len(made) and st.button(words("board.undo"), key="board_undo"):
        store.evidence.withdraw(made["evidence_id"].tail(1).tolist(), who)
        messages.keep("board", words("board.undone"))
        st.rerun()


def decision(code: str, state: str, reason: str, who: Actor, place: tuple[float, float] | None = None) -> pd.DataFrame:
    """A decision as a row of evidence (table EVIDENCE): who decided and why stand in its source.

    ``place`` is where the pocket lies that it is about, as numbers of pockets change from run to run; None for all of
    the village.
    """
    lon, lat = place or (None, None)
    row = {
        "evidence_id": f"{code[:4]}/{uuid.uuid4().hex[:12]}/keputusan:1",
        "village_code_bps": code,
        "kind": "decision",
        "claimed_state": state,
        "match": "agreed",
        "given_code": code,
        "source": f"{who.name}: {reason}",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "lon": lon,
        "lat": lat,
    }
    return in_form(pd.DataFrame([row]), EVIDENCE)


def _unsure(analysis: Analysis, words: Words) -> None:
    """Rows of lists whose village could not be told for sure."""
    table = _unsure_table(analysis, words)
    if len(table.index):
        put(tag("h3", words("board.unsure")))
        show_table(table, f"conflicts_{words.language}", words("board.unsure"))


@cached_per_run
def _unsure_table(analysis: Analysis, words: Words) -> Styler:
    found = conflicts_table(analysis, words)
    text = found[found["kind"] == "match"].fillna("–").astype(str)
    frame = pd.DataFrame(
        {
            words("web.conflicts.given"): text["given_village"] + " (" + text["given_code"] + ")",
            words("web.conflicts.found"): text["village"] + " (" + text["village_code_bps"] + ")",
            words("web.table.subdistrict"): text["subdistrict"],
            words("web.conflicts.reason"): text["reason"].map(capital),
            words("web.conflicts.source"): text["source"],
        }
    )
    return styled(frame, {})
