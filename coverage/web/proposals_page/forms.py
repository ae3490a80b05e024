"""What stands above the register: a new proposal, a list, the plan's measures, files to take, deadlines."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import streamlit as st

from coverage.exports.pockets import pocket_name
from coverage.exports.register import WRITERS, value_in_words
from coverage.exports.registry import CSV, XLSX
from coverage.imports.places import Region
from coverage.imports.proposals import plan_rows, read_register, take_in_register
from coverage.readers.apart import read_apart
from coverage.readers.pairs import read_pair
from coverage.readers.proposals import proposal_rules
from coverage.run.proposals import Review
from coverage.store import Store
from coverage.store.proposals import ProposalLine
from coverage.web import facts, office, store_access
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.html import as_label, capital
from coverage.web.made_plan import made_plan
from coverage.web.proposals_page import pack
from coverage.web.proposals_page.changes import CHOSEN, changed
from coverage.web.uploads import as_file, uploader
from coverage.web.widgets import coordinates

_ROUND = "proposal_new_round"
_TYPES = {
    ".xlsx": XLSX,
    ".csv": CSV,
    ".gpkg": "application/geopackage+sqlite3",
    ".kmz": "application/vnd.google-earth.kmz",
}


def actions(context: Context, store: Store, lines: list[ProposalLine], found: Review, editing: bool) -> None:
    """Render the buttons above the register; those that change it only for editors."""
    words = context.words
    with st.container(key="proposal_actions", horizontal=True, vertical_alignment="center"):
        if editing:
            with st.popover(words("proposals.new"), key="proposal_new"):
                _new(context, store)
            with st.popover(words("proposals.from_list"), key="proposal_list"):
                _from_list(context, store)
            with st.popover(words("proposals.from_plan"), key="proposal_plan"):
                _from_plan(context, store, lines)
        with st.popover(words("papers.take"), key="proposal_files", disabled=not lines):
            proposals, villages = [line.proposal for line in lines], context.analysis.villages
            for ending, write in WRITERS.items():
                take_button(
                    words(f"proposals.take.{ending[1:]}"),
                    partial(write, proposals, villages, words),
                    file_name(context.analysis, words, words("proposals.title"), ending),
                    _TYPES[ending],
                    key=f"proposal_take_{ending[1:]}",
                )
            if lines:
                pack.of_channel(context, store, lines, found)
        if editing and office.may_decide():
            with st.popover(words("proposals.deadlines"), key="proposal_deadlines"):
                _deadlines(context)


def _named(name: str, offered: Any, context: Context, key: str, **options: Any) -> Any:
    return st.selectbox(
        capital(context.words(f"proposals.field.{name}")),
        list(offered),
        key=key,
        format_func=lambda value: capital(str(value_in_words(name, value, context.words))),
        **options,
    )


def _text(name: str, context: Context, key: str, **options: Any) -> str | None:
    label = capital(context.words(f"proposals.field.{name}"))
    return str(st.text_input(label, key=f"new_{name}_{key}", max_chars=200, **options)).strip() or None


def _new(context: Context, store: Store) -> None:
    words, rules, labels = context.words, proposal_rules(), facts.village_label(context.analysis)
    code = st.selectbox(
        capital(words("proposals.field.village")),
        list(labels),
        None,
        key="new_village",
        format_func=labels.__getitem__,
        placeholder=words("proposals.choose_village"),
    )
    again = str(st.session_state.get(_ROUND, 0))
    name, hamlet = _text("name", context, again, help=words("proposals.name_help")), _text("hamlet", context, again)
    pocket = _pocket(context, code)
    help_ = words("proposals.place_help")
    place = "" if pocket else coordinates(capital(words("proposals.place")), help_, f"new_place_{again}")
    channel = _named("channel", rules.channels, context, "new_channel")
    st.caption(as_label(rules.channels[channel].source.in_language(words.language)))
    asked = _named("asked", rules.channels[channel].takes, context, f"new_asked_{channel}")
    year = st.number_input(capital(words("proposals.field.year")), 2000, 2100, dt.date.today().year, key="new_year")
    note = _text("note", context, again)
    if st.button(words("proposals.register"), key="new_add", type="primary"):
        values = {"village_code_bps": code, "name": name, "hamlet": hamlet, "channel": channel, "asked": asked}
        values |= {"year": year, "note": note}

        def work() -> str:
            if pocket:
                values.update({field: pocket[field] for field in ("lon", "lat", "pocket")})
            elif place.strip():
                values["lon"], values["lat"] = read_pair(place)
            return store.proposals.add([values], store_access.acting())[0]

        made = changed(words, work, "proposals.registered", name=name)
        if made is not None:
            st.session_state[CHOSEN], st.session_state[_ROUND] = made, int(again) + 1
        st.rerun(scope="app")


def _pocket(context: Context, code: str | None) -> dict[Any, Any] | None:
    """Choose a blank pocket of the village as the point; None to write coordinates."""
    table, words = context.analysis.pockets, context.words
    if code is None or table is None:
        return None
    rows = table[(table["village_code_bps"] == code) & (table["pocket"] > 0)].to_dict("records")
    if not rows:
        return None

    def told(at: int | None) -> str:
        if at is None:
            return words("proposals.own_place")
        people = words("pockets.people", people=words.number(rows[at]["people"]))
        return f"{pocket_name(rows[at], words)} ({people})"

    at = st.selectbox(
        capital(words("proposals.at")), [None, *range(len(rows))], key=f"new_pocket_{code}", format_func=told
    )
    return None if at is None else rows[at]


def _from_list(context: Context, store: Store) -> None:
    words, rules = context.words, proposal_rules()
    st.caption(words("proposals.list_help"))
    upload = uploader(words, words("proposals.list_file"), type=["xlsx", "xls", "ods", "csv"], key="list_file")
    channel = _named("channel", rules.channels, context, "list_channel", help=words("proposals.list_missing"))
    asked = _named("asked", rules.channels[channel].takes, context, f"list_asked_{channel}")
    stage = _named("stage", rules.stages, context, "list_stage")
    year = st.number_input(capital(words("proposals.field.year")), 2000, 2100, dt.date.today().year, key="list_year")
    if upload is not None and st.button(words("proposals.take_in"), key="list_take_in", type="primary"):
        given = {"channel": channel, "asked": asked, "stage": stage, "year": year}

        def work() -> tuple[int, int]:
            with as_file(upload) as path:
                found = read_apart(read_register, path, Region(context.analysis.villages), None, given)
            return take_in_register(found, store, context.region, store_access.acting())

        changed(words, work, "proposals.taken_in", file=upload.name)
        st.rerun(scope="app")


def _from_plan(context: Context, store: Store, lines: list[ProposalLine]) -> None:
    """The measures of the visitor's plan, or of the office's, become proposals; what is there already is left out."""
    words, rules = context.words, proposal_rules()
    st.caption(words("proposals.plan_help"))
    channel = _named("channel", rules.channels, context, "plan_channel")
    made = made_plan()
    rollout = None if made is None else made.planned.plan.rollout
    if rollout is not None:
        measures = list(rollout[["village_code_bps", "measure", "year"]].itertuples(index=False, name=None))
    else:
        kept = context.decisions.settings.get("plan")
        measures = [
            (str(code), str(kind), int(year)) for code, kind, year in (kept.value.get("rows", []) if kept else [])
        ]
    new = plan_rows(measures, context.analysis.villages, channel, [line.proposal for line in lines])
    st.caption(words("proposals.plan_count", count=len(measures), new=len(new)))

    def add() -> None:
        changed(
            words,
            lambda: store.proposals.add(new, store_access.acting(), action="plan"),
            "proposals.plan_done",
            count=len(new),
        )

    st.button(words("proposals.plan_take"), key="plan_take", type="primary", disabled=not new, on_click=add)


def _deadlines(context: Context) -> None:
    """When each channel closes, as the office knows it."""
    words, kept = context.words, context.decisions.deadlines or {}
    with st.form("deadlines", border=False):
        st.caption(words("proposals.deadlines_help"))
        said = {}
        for key, channel in proposal_rules().channels.items():
            day = dt.date.fromisoformat(kept[key]) if key in kept else None
            found = st.date_input(
                channel.name.in_language(words.language), day, key=f"deadline_{key}", format="DD/MM/YYYY"
            )
            said[key] = found.isoformat() if isinstance(found, dt.date) else None
        if st.form_submit_button(words("proposals.deadlines_keep"), type="primary"):
            told = {key: day for key, day in said.items() if day}
            office.decide(context, "proposals", {"deadlines": told} if told else None)
            st.rerun(scope="app")
    office.show_decided(context, "proposals")
