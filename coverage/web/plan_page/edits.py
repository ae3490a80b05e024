"""Decisions by hand about a plan: the menu of a village, the list of what was decided, and undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import pandas as pd
import streamlit as st

from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.proposals.to_plan import paid_pins
from coverage.readers.proposals import proposal_rules
from coverage.rollout.edits import PlanEdit, with_edit
from coverage.run.result import Analysis
from coverage.store import may
from coverage.web import facts, office, store_access
from coverage.web.html import as_label, put, tag
from coverage.web.made_plan import BEFORE, CHANGED, EDITS, decide, made_plan, now
from coverage.web.maps.map_view import measure_name

CHOSEN = "plan_edit_of"


def changed() -> bool:
    """Whether something was decided since the last call, so that the plan is to follow."""
    return bool(st.session_state.pop(CHANGED, False))


def choose(edits: tuple[PlanEdit, ...]) -> None:
    """Load the decisions of a plan."""
    st.session_state[EDITS] = edits
    st.session_state.pop(BEFORE, None)


def _undo() -> None:
    st.session_state[EDITS] = st.session_state[BEFORE].pop()
    st.session_state[CHANGED] = True


def show(analysis: Analysis, words: Words) -> None:
    """List what was decided by hand, each with its way back; nothing where nothing was."""
    from coverage.exports.plan import edit_sentence  # slow to import

    names = dict(zip(analysis.villages["village_code_bps"], analysis.villages["village"], strict=True))
    if now():
        put(tag("h3", words("planning.edit.title")))
    for position, edit in enumerate(now()):
        with st.container(horizontal=True, vertical_alignment="center", key=f"plan_edit_{position}"):
            said = edit_sentence(edit, names, words)
            st.caption(as_label(said))
            rest, drop = tuple(one for one in now() if one != edit), words("planning.edit.drop")
            key, told = f"plan_drop_{position}", as_label(said)
            st.button(drop, key=key, type="tertiary", help=told, on_click=decide, args=(rest,))
    if st.session_state.get(BEFORE):
        st.button(words("planning.edit.undo"), key="plan_undo", on_click=_undo)


def offer_approved(analysis: Analysis, years: Collection[int], words: Words) -> None:
    """Take over what others pay by approved proposals of the register, where it is not decided yet."""
    store, who = store_access.opened_store().store, store_access.who()
    if store is None or not may(who, "view_proposals"):
        return
    made, language = made_plan(), words.language
    proposals = [line.proposal for line in store.proposals.all(region_of(analysis.villages), who)]
    rest = (years, lambda channel: channel.name.in_language(language))
    found = paid_pins(proposals, proposal_rules(), *rest, None if made is None else made.planned.survey.measures)
    pinned = {edit.village for edit in now() if edit.action == "pin"}
    new = tuple(edit for edit in found if edit.village not in pinned)
    if new:
        label, told = words("planning.edit.approved", count=len(new)), words("planning.edit.approved_help")
        st.button(label, key="plan_approved", help=told, on_click=decide, args=((*now(), *new),))


def menu(analysis: Analysis, measures: pd.DataFrame, code: str, words: Words, key: str) -> None:
    """The menu of a village: pin, replace by another of ``measures`` (Table MEASURES), move to another year, forbid."""
    offered = list(_offers(measures[measures["village_code_bps"] == code], code, words))
    said = dict(offered)

    def chosen() -> None:
        edit: PlanEdit | None = st.session_state[key]
        if edit is not None:
            who = store_access.who()
            by = who.name if who is not None and office.may_decide() else None  # a viewer tries out
            dated = PlanEdit(edit.action, edit.village, edit.measure, edit.year, by, dt.date.today().isoformat())
            decide(with_edit(now(), dated))

    village = facts.village_label(analysis).get(code, code).split(" · ")[0]
    st.menu_button(
        as_label(words("planning.edit.menu", village=village)),
        list(said),
        key=key,
        format_func=lambda edit: as_label(said[edit]),
        on_click=chosen,
        disabled=not said,
    )


def _offers(own: pd.DataFrame, code: str, words: Words) -> Iterator[tuple[PlanEdit, str]]:
    """What may be decided for a village, with its words: as it is built now, then what else would do."""
    made = made_plan()
    plan = None if made is None else made.planned.plan
    built = None if plan is None else plan.rollout[plan.rollout["village_code_bps"] == code]
    row = None if built is None or built.empty else built.iloc[0]
    by = None if row is None else str(row["measure"])
    if row is not None and plan is not None:
        year, named = int(row["year"]), measure_name(str(by), words)
        yield PlanEdit("pin", code, by, year), words("planning.edit.pin", measure=named, year=str(year))
        for other in (int(one) for one in plan.years["year"] if int(one) != year):
            yield PlanEdit("pin", code, by, other), words("planning.edit.move", year=str(other))
    possible = own[own["possible"].astype(bool) & (own["measure"] != by)]
    for one in possible.to_dict("records"):
        values = {
            "measure": measure_name(one["measure"], words),
            "cost": words.money(float(one["capital_idr"])),
            "people": float(one["people_newly_served"]),
        }
        way = "replace" if row is not None else "build"
        yield PlanEdit("pin", code, one["measure"]), words(f"planning.edit.{way}", **values)
    if by is not None:
        yield PlanEdit("forbid", code, by), words("planning.edit.forbid_here", measure=measure_name(by, words))
    yield PlanEdit("forbid", code), words("planning.edit.forbid")
    if by is not None:
        yield PlanEdit("forbid", None, by), words("planning.edit.forbid_all", measure=measure_name(by, words))


def of_a_row(analysis: Analysis, measures: pd.DataFrame, rows: pd.DataFrame, words: Words) -> None:
    """The menu of one row of the list: that of the row selected in the table, or of the village chosen here."""
    labels = dict(zip(rows["village_code_bps"], rows["village"] + ", " + rows["subdistrict"], strict=True))
    if st.session_state.get(CHOSEN) not in labels:
        st.session_state[CHOSEN] = None
    with st.container(horizontal=True, vertical_alignment="bottom", key="plan_edit_row"):
        code = st.selectbox(
            words("planning.edit.row"),
            list(labels),
            key=CHOSEN,
            index=None,
            format_func=labels.__getitem__,
            placeholder=words("planning.form.choose"),
        )
        if code is not None:
            menu(analysis, measures, code, words, f"plan_menu_{code}")
