"""Questionnaires on page Data: forms to hand out, who has not answered, and what answers contradict."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from coverage.exports.columns import sentence_case
from coverage.exports.questionnaire import write_questionnaire, write_xlsform
from coverage.exports.registry import XLSX
from coverage.language.reasons import claimed_word, state_word
from coverage.readers.kinds import landmark_kinds
from coverage.villages_served.answers import DOUBTS, answers
from coverage.villages_served.landmarks import hamlets_by_village
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.html import put, tag
from coverage.web.tables import show_table


def show(context: Context) -> None:
    """Render the forms, and what came back."""
    words, run = context.words, context.analysis
    put(tag("h3", words("questionnaire.sheet")))
    with st.popover(words("questionnaire.take"), key="questionnaire_take"):
        _forms(context)
    if run.evidence is None or not (run.evidence["kind"] == "survey").any():
        return
    rule = run.parameters.rule()
    table = answers(run.villages, run.evidence, run.blank_spots, rule.name)
    table = table.loc[table[list(DOUBTS)].any(axis=1).sort_values(ascending=False, kind="stable").index]
    silent, doubtful = table["claim"].isna(), table[list(DOUBTS)].any(axis=1)
    missing = int(silent.sum())
    put(tag("p", words("questionnaire.answered", answered=len(table) - missing, count=len(table), missing=missing)))
    lines = [tag("li", words(f"questionnaire.doubts.{name}", count=int(table[name].sum()))) for name in DOUBTS]
    put(tag("ul", *lines, cls="jk-list"))
    if st.toggle(words("questionnaire.only"), value=True, key="answers_only"):
        table = table[silent | doubtful]
    remarks = [
        words("questionnaire.no_answer")
        if pd.isna(row["claim"])
        else "; ".join(words(f"questionnaire.against.{name}") for name in DOUBTS if row[name])
        for row in table.to_dict("records")
    ]
    told = {
        "questionnaire.village": table["village"],
        "questionnaire.subdistrict": table["subdistrict"],
        "questionnaire.answer": [claimed_word(one, words) if isinstance(one, str) else None for one in table["claim"]],
        "questionnaire.date": [words.date(one) if isinstance(one, str) else None for one in table["date"]],
        "questionnaire.computed": [
            sentence_case(state_word(one, rule, words)) if isinstance(one, str) else None for one in table["computed"]
        ],
        "questionnaire.remark": remarks,
    }
    frame = pd.DataFrame({words(name): values for name, values in told.items()})
    show_table(frame, f"answers_{words.language}", words("questionnaire.answer"), rows_shown=8)


def _forms(context: Context) -> None:
    """The workbook of a subdistrict, and the form of the region for KoboToolbox and ODK."""
    words, villages = context.words, context.analysis.villages
    chosen = st.selectbox(
        words("questionnaire.subdistrict"), sorted(villages["subdistrict"].unique()), key="questionnaire_of"
    )
    hamlets = hamlets_by_village(context.analysis.landmarks, landmark_kinds("hamlet"))
    name = partial(file_name, context.analysis, words)
    form = partial(write_questionnaire, villages, chosen, words, hamlets)
    title = words("questionnaire.title", subdistrict=chosen)
    take_button(title, form, name(title, ".xlsx"), XLSX, key="questionnaire_file")
    regency = ", ".join(villages["regency"].unique())
    kobo = partial(write_xlsform, villages, context.region, regency)
    take_button(words("questionnaire.kobo"), kobo, name("XLSForm", ".xlsx"), XLSX, key="questionnaire_kobo")
