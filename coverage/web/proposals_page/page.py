"""Usulan: points that were asked for, what each still lacks, and what somebody should look at."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from coverage.exports.register import value_in_words, warning_sentence
from coverage.readers.proposals import proposal_rules
from coverage.run.proposals import Review, review
from coverage.store import Actor, Store, may
from coverage.store.proposals import ProposalLine
from coverage.web import messages, store_access
from coverage.web.context import PROPOSALS_URL, Context, Page
from coverage.web.html import capital, heading, put, tag
from coverage.web.proposals_page import detail, forms
from coverage.web.proposals_page.changes import CHOSEN, PAGE_NAME
from coverage.web.tables import show_table
from coverage.web.widgets import start

FILTERS = ("stage", "channel", "year")
_REVIEW = "proposals_review"


def show(context: Context) -> None:
    """Render the page."""
    words, store, who = context.words, context.open_store(), store_access.who()
    if store is None or not may(who, "view_proposals"):
        heading(words("proposals.title"), tag("p", words("proposals.intro")))
        if store is not None:
            st.info(words("proposals.sign_in"))
        return
    lines = store.proposals.all(context.region, who)
    stages = proposal_rules().stages
    still = sum(stages[line.proposal.stage].open for line in lines)
    told = words("proposals.in_progress", count=len(lines), open=still) if lines else words("proposals.intro")
    heading(words("proposals.title"), tag("p", told))
    messages.show(PAGE_NAME, as_toast=True)
    editing = store.database.writable and may(who, "edit_proposals")
    found = _reviewed(context, store, who, lines)
    forms.actions(context, store, lines, found, editing)
    if not lines:
        st.info(words("proposals.empty" if editing else "proposals.empty_viewer"))
        return
    _warnings(context, lines, found)
    _list(context, store, who, lines, found, editing)


def _reviewed(context: Context, store: Store, who: Actor | None, lines: list[ProposalLine]) -> Review:
    """The register held against the run, kept until either changes."""
    key = (
        context.analysis.run["run_id"],
        tuple((line.proposal.proposal_id, line.version) for line in lines),
        repr(context.decisions.deadlines),
        dt.date.today().isoformat(),
        store.reports.revision(),
    )
    kept = st.session_state.get(_REVIEW)
    if kept is None or kept[0] != key:
        proposals = [line.proposal for line in lines]
        reports = store.reports.table(context.region, who) if may(who, "view_evidence") else None
        land, deadlines = context.ground.land, context.decisions.deadlines
        kept = key, review(context.analysis, land, context.inputs, proposals, deadlines, key[3], reports)
        st.session_state[_REVIEW] = kept
    found: Review = kept[1]
    return found


def _warnings(context: Context, lines: list[ProposalLine], found: Review) -> None:
    words, rule = context.words, context.words.rule(context.analysis.parameters.default_rule)
    rows = [
        tag("li", tag("strong", f"{line.proposal.name}: "), warning_sentence(one, words, rule))
        for line in lines
        for one in found.warnings.get(line.proposal.proposal_id, ())
        if one.code != "no_place"
    ]
    if rows:
        with st.expander(words("proposals.warnings", count=len(rows)), key="proposal_warnings"):
            put(tag("ul", *rows, cls="jk-list"))


def _list(
    context: Context, store: Store, who: Actor | None, lines: list[ProposalLine], found: Review, editing: bool
) -> None:
    words = context.words
    shown = _filtered(context, lines)
    if not shown:
        st.caption(words("proposals.none_found"))
        return
    chosen = st.session_state.get(CHOSEN)
    names = context.analysis.villages.set_index("village_code_bps")["village"]
    frame = pd.DataFrame([_row(context, line, found, names) for line in shown])
    ids = [line.proposal.proposal_id for line in shown]

    def choose(row: int) -> None:
        st.session_state[CHOSEN] = ids[row]

    year = capital(words("proposals.field.year"))
    show_table(
        frame,
        f"proposals_{words.language}_{hash(tuple(ids))}",
        words("proposals.title"),
        {year: str},
        rows_shown=8,
        on_select=choose,
        widths={capital(words("proposals.field.name")): "medium"},
    )
    line = next((line for line in shown if line.proposal.proposal_id == chosen), None)
    if line is None:
        st.caption(words("proposals.choose"))
        return
    detail.show(context, store, who, line, found, editing)


def _filtered(context: Context, lines: list[ProposalLine]) -> list[ProposalLine]:
    words, kept = context.words, lines
    with st.container(key="proposal_filters", horizontal=True, vertical_alignment="bottom"):
        for name in FILTERS:
            start(f"proposal_{name}", [])
            values = sorted({str(getattr(line.proposal, name)) for line in lines})
            order = list(getattr(proposal_rules(), f"{name}s", values))
            still = [one for one in st.session_state[f"proposal_{name}"] if one in values]
            st.session_state[f"proposal_{name}"] = still
            called = {value: capital(str(value_in_words(name, value, words))) for value in values}
            wanted = st.multiselect(
                capital(words(f"proposals.field.{name}")),
                sorted(values, key=order.index),
                key=f"proposal_{name}",
                format_func=called.__getitem__,
                placeholder=words("proposals.all"),
            )
            kept = [line for line in kept if not wanted or str(getattr(line.proposal, name)) in wanted]
    return kept


def _row(context: Context, line: ProposalLine, found: Review, names: pd.Series) -> dict[str, Any]:
    """A row of the list, by caption; ``names`` are the villages' by code."""
    words, one = context.words, line.proposal
    done, count = detail.counted(context, line, found)
    village = names.get(one.village_code_bps, "–")
    place = f"{village}, {one.hamlet}" if one.hamlet else village
    values = {
        "name": one.name,
        "village": place,
        "asked": capital(value_in_words("asked", one.asked, words)),
        "channel": value_in_words("channel", one.channel, words),
        "year": one.year,
        "stage": capital(value_in_words("stage", one.stage, words)),
        "stage_on": words.date(one.stage_on),
        "missing": f"{done}/{count}",
        "warnings": len(found.warnings.get(one.proposal_id, ())),
        "proposal_id": one.proposal_id,
    }
    return {capital(words(f"proposals.head.{name}")): value for name, value in values.items()}


def follows() -> bool:
    """Not rendered again while somebody fills in a form."""
    return CHOSEN not in st.session_state


PAGE = Page("proposals", PROPOSALS_URL, show, follows=follows)
