"""One proposal: what its channel asks for and what is missing, warnings, files, stages, history."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.exports.register import item_sentence, items_of, photo_sentence, value_in_words, warning_sentence
from coverage.language.words import Words
from coverage.proposals.completeness import ItemState, missing
from coverage.proposals.proposal import Attachment, Proposal
from coverage.readers.pairs import read_pair
from coverage.readers.proposals import proposal_rules
from coverage.run.proposals import Review
from coverage.store import Actor, Store
from coverage.store.proofs import keep_proof, proof_files
from coverage.store.proposals import ProposalLine
from coverage.store.region_files import RegionFiles
from coverage.web import store_access
from coverage.web.context import Context
from coverage.web.downloads import take_button
from coverage.web.html import Html, as_label, capital, definition_list, joined, put, scrolling, table, tag
from coverage.web.proposals_page import built, pack
from coverage.web.proposals_page.changes import changed
from coverage.web.uploads import as_file, uploader

FACTS = (
    "proposal_id", "asked", "channel", "year", "stage", "stage_on", "hamlet", "pocket", "reference", "letter", "reply",
    "note",
)  # fmt: skip


def _states(context: Context, one: Proposal, found: Review) -> list[ItemState]:
    return items_of(context.analysis, one, found.points.get(one.proposal_id), context.words)


def counted(context: Context, line: ProposalLine, found: Review) -> tuple[int, int]:
    """Items that are whole, and all."""
    states = _states(context, line.proposal, found)
    return len(states) - len(missing(states)), len(states)


def show(context: Context, store: Store, who: Actor | None, line: ProposalLine, found: Review, editing: bool) -> None:
    """Render one proposal."""
    words, one = context.words, line.proposal
    states = _states(context, one, found)
    with st.container(border=True, key="proposal_detail"):
        village = context.analysis.villages.set_index("village_code_bps")["village"].get(one.village_code_bps, "–")
        put(tag("h2", f"{one.name} · {village}"))
        told = found.warnings.get(one.proposal_id, ())
        if told:
            rule = words.rule(context.analysis.parameters.default_rule)
            put(tag("ul", *(tag("li", warning_sentence(one_, words, rule)) for one_ in told), cls="jk-list"))
        left, right = st.columns([42, 58], gap="medium")
        with left:
            put(_facts(one, context))
            with st.container(horizontal=True, key="proposal_steps"):
                if editing:
                    _stages(store, line, context)
                    with st.popover(words("proposals.edit"), key="proposal_edit"):
                        _edit(store, line, context)
                if editing:
                    built.show(context, store, line)
                pack.of_one(context, store, line, found)
            put(joined(tag("h3", words("inventory.history.title")), _history(store, who, one.proposal_id, context)))
        with right:
            put(joined(tag("h3", words("proposals.completeness")), scrolling(_items(states, context))))
            if editing:
                with st.container(horizontal=True, key="proposal_proof"):
                    with st.popover(words("proposals.fill"), key="proposal_fill"):
                        _fill(store, line, states, context)
                    with st.popover(words("proposals.attach"), key="proposal_attach"):
                        _attach(store, line, states, context)
            _files(store, line, context, editing)


def _facts(one: Proposal, context: Context) -> Html:
    words, pairs = context.words, []
    if one.has_place:
        pairs.append((capital(words("proposals.place")), f"{one.lat:.6f}, {one.lon:.6f}"))
    for name in FACTS:
        value = getattr(one, name)
        if value is not None:
            said = words.date(value) if name == "stage_on" else capital(str(value_in_words(name, value, words)))
            pairs.append((capital(words(f"proposals.field.{name}")), said))
    return definition_list(pairs)


def _items(states: list[ItemState], context: Context) -> Html:
    words = context.words
    heads = [words(f"proposals.item.{name}") for name in ("name", "value", "by")]
    rows = []
    for state in states:
        name = state.item.name.in_language(words.language)
        source = state.item.source.in_language(words.language)
        mark = tag("span", words("proposals.assumed"), cls="jk-mark", title=source) if state.item.assumed else None
        sign = tag("span", "✓ " if state.done else "○ ", aria_hidden="true")
        by = "–" if state.done else words(f"proposals.by.{state.item.by}")
        told = item_sentence(state, words) or words("proposals.lacking")
        rows.append([joined(sign, tag("span", name, title=source), " ", mark), told, by])
    left = missing(states)
    key = "missing" if left else "complete"
    told = words(f"proposals.filled.{key}", count=len(states), filled=len(states) - len(left))
    return joined(tag("p", told), table(heads, rows, words("proposals.completeness")))


def _stages(store: Store, line: ProposalLine, context: Context) -> None:
    words, one = context.words, line.proposal
    offered = proposal_rules().stages[one.stage].next
    with (
        st.popover(words("proposals.move"), key="proposal_move", disabled=not offered),
        st.form(f"move_{one.proposal_id}_{line.version}", border=False),
    ):
        stage = st.selectbox(
            words("proposals.next"),
            list(offered),
            format_func=lambda value: capital(str(value_in_words("stage", value, words))),
        )
        on = st.date_input(words("proposals.on"), "today", format="DD/MM/YYYY")
        names = ("reference", "letter", "reply", "note")
        said = {name: st.text_input(capital(words(f"proposals.field.{name}")), max_chars=500) for name in names}
        if st.form_submit_button(words("proposals.move_now"), type="primary"):
            told = {name: text.strip() or None for name, text in said.items()}
            who, code = store_access.acting(), one.proposal_id
            changed(
                words,
                lambda: store.proposals.move(code, line.version, str(stage), str(on), who, **told),
                "proposals.cli.moved",
                code=code,
                stage=value_in_words("stage", stage, words),
            )
            st.rerun(scope="app")
    if line.version > 1:
        st.button(
            words("inventory.undo"),
            key="proposal_undo",
            type="tertiary",
            help=words("proposals.undo_help"),
            on_click=partial(_undo, store, line, words),
        )


def _undo(store: Store, line: ProposalLine, words: Words) -> None:
    code, version = line.proposal.proposal_id, line.version
    changed(words, lambda: store.proposals.undo(code, version, store_access.acting()), "proposals.undone", code=code)


def _edit(store: Store, line: ProposalLine, context: Context) -> None:
    words, one = context.words, line.proposal
    with st.form(f"edit_{one.proposal_id}_{line.version}", border=False):
        fields = ("name", "hamlet", "reference", "letter", "reply", "note")
        said: dict[str, Any] = {
            name: st.text_input(capital(words(f"proposals.field.{name}")), getattr(one, name) or "", max_chars=500)
            for name in fields
        }
        there = f"{one.lat}, {one.lon}" if one.has_place else ""
        place = st.text_input(capital(words("proposals.place")), there, help=words("proposals.place_help"))
        said["year"] = st.number_input(capital(words("proposals.field.year")), 2000, 2100, one.year)
        struck = st.checkbox(words("proposals.strike_out"), help=words("proposals.strike_out_help"))
        if st.form_submit_button(words("proposals.keep"), type="primary"):

            def work() -> None:
                lon, lat = read_pair(place) if place.strip() else (None, None)
                values = {**said, "lat": lat, "lon": lon, "struck_out": struck}
                store.proposals.change(one.proposal_id, line.version, values, store_access.acting())

            changed(words, work, "proposals.kept", code=one.proposal_id)
            st.rerun(scope="app")


def _fill(store: Store, line: ProposalLine, states: list[ItemState], context: Context) -> None:
    words, one = context.words, line.proposal
    with st.form(f"fill_{one.proposal_id}_{line.version}", border=False):
        st.caption(words("proposals.fill_help"))
        said = {
            state.key: st.text_input(
                state.item.name.in_language(words.language),
                one.answers.get(state.key, ""),
                placeholder=state.value if state.origin == "run" else None,
                help=state.item.source.in_language(words.language),
                max_chars=1000,
            ).strip()
            for state in states
            if state.item.filled != "place"
        }
        if st.form_submit_button(words("proposals.keep"), type="primary"):
            answers = {**one.answers, **said}
            changed(
                words,
                lambda: store.proposals.change(
                    one.proposal_id, line.version, {"answers": answers}, store_access.acting()
                ),
                "proposals.kept",
                code=one.proposal_id,
            )
            st.rerun(scope="app")


def _attach(store: Store, line: ProposalLine, states: list[ItemState], context: Context) -> None:
    words, one = context.words, line.proposal
    with st.form(f"attach_{one.proposal_id}_{line.version}", border=False, clear_on_submit=True):
        items = sorted(states, key=lambda state: (not state.item.files, state.done))
        names = {state.key: state.item.name.in_language(words.language) for state in items}
        item = st.selectbox(words("proposals.attach_to"), list(names), format_func=names.__getitem__)
        uploads = uploader(
            words, words("proposals.file"), type=["jpg", "jpeg", "png", "pdf"], accept_multiple_files=True
        )
        note = st.text_input(words("proposals.file_note"), help=words("proposals.file_note_help"), max_chars=200)
        if st.form_submit_button(words("proposals.attach_now"), type="primary") and uploads:
            files, version, who = RegionFiles(one.region), line.version, store_access.acting()

            def work() -> None:
                nonlocal version
                for upload in uploads:
                    with as_file(upload) as path:
                        file = keep_proof(files, path, str(item), who, note or None, upload.name[-120:])
                    version = store.proposals.attach(one.proposal_id, version, file, who)

            changed(words, work, "proposals.attached", count=len(uploads))
            st.rerun(scope="app")


def _files(store: Store, line: ProposalLine, context: Context, editing: bool) -> None:
    """The files with what photos say of time and place, each to be taken away."""
    words, one = context.words, line.proposal
    if not one.files:
        return
    put(tag("h3", capital(words("proposals.field.files"))))
    for at, file in enumerate(one.files):
        with st.container(key=f"proof_{at}", horizontal=True, vertical_alignment="center"):
            try:
                whole, small = proof_files(RegionFiles(one.region), file)
            except JangkauError as error:
                st.caption(as_label(words.error(error)))
                continue
            put(_described(file, small.read_bytes() if small else None, context))
            kind = "application/pdf" if whole.suffix == ".pdf" else "image/jpeg"
            take_button(words("proposals.take_file"), whole.read_bytes, file.name, kind, key=f"proof_take_{at}")
            if editing:
                st.button(
                    words("proposals.detach"),
                    key=f"proof_off_{at}",
                    type="tertiary",
                    on_click=partial(_detach, store, line, file, context),
                )


def _detach(store: Store, line: ProposalLine, file: Attachment, context: Context) -> None:
    code = line.proposal.proposal_id
    changed(
        context.words,
        lambda: store.proposals.detach(code, line.version, file.version, store_access.acting()),
        "proposals.kept",
        code=code,
    )


def _described(file: Attachment, small: bytes | None, context: Context) -> Html:
    item = proposal_rules().items.get(file.item)
    name = file.item if item is None else item.name.in_language(context.words.language)
    picture = None
    if small is not None:
        data = "data:image/jpeg;base64," + base64.b64encode(small).decode()
        picture = tag("img", src=data, alt=f"{name}: {file.name}", width="120")
    said = photo_sentence(file, context.words) if small else file.note
    told = tag("p", tag("strong", file.name), f" · {name}", tag("br"), said)
    return tag("div", picture, told, cls="jk-proof")


def _history(store: Store, who: Actor | None, proposal_id: str, context: Context) -> Html:
    words = context.words
    rows = []
    for line in reversed(store.proposals.history(proposal_id, who)):
        what = words(f"proposals.action.{line.action}")
        if line.action in ("stage", "undo"):
            what += f": {value_in_words('stage', line.proposal.stage, words)} ({words.date(line.proposal.stage_on)})"
        rows.append([words.moment(line.at), line.who, what, line.note or "–"])
    heads = [words(f"inventory.history.{name}") for name in ("at", "who", "what", "why")]
    return scrolling(table(heads, rows, words("inventory.history.title")))
