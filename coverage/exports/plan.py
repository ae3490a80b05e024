"""The rollout plan as tables (``rollout.csv``, workbook sheets) and sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from coverage.exports.excel import add_sources_sheet
from coverage.exports.provenance import provenance
from coverage.exports.sheets import Book
from coverage.exports.style import STATE_COLOURS
from coverage.exports.tables import csv_bytes, known, records
from coverage.language.words import Words
from coverage.rollout.edits import PlanEdit
from coverage.rollout.plan import RolloutPlan
from coverage.run.outcome import outcome_of
from coverage.run.result import RunTables

BLUE = "#0072B2"
MOST_NAMED = 3
"""Villages named of those on the same cable."""


def rollout_table(analysis: RunTables, plan: RolloutPlan, words: Words) -> pd.DataFrame:
    """Table of ``rollout.csv``: a row per village served, by year and village.

    Returns
    -------
    pandas.DataFrame
        ``year, village_code_bps, village_code_kemendagri, village, subdistrict, measure, cost_idr, running_idr,
        people_newly_served, parent, reason, cost_basis, population_basis, rule, budget_basis, run_id, budget_idr`` (of
        the year), and how far the village is served then: ``outcome, share_after, people_left, on_official_list``;
        ``alone_idr`` is the measure's cost if only this village were served.
    """
    rows = plan.rollout.sort_values(["year", "village_code_bps"], kind="stable", ignore_index=True)
    villages = analysis.villages.set_index("village_code_bps").reindex(rows["village_code_bps"])
    made = rows[["year", "village_code_bps"]].copy()
    made["village_code_kemendagri"] = villages["village_code_kemendagri"].to_numpy()
    for name in ("village", "subdistrict", "measure", "cost_idr", "running_idr", "people_newly_served", "parent"):
        made[name] = rows[name].to_numpy()
    names = village_names(plan)
    made["reason"] = [plan_reason(text, words, names) for text in rows["reasons"]]
    made["cost_basis"] = "indicative"
    made["population_basis"] = villages["population_basis"].to_numpy()
    made = with_basis(made, analysis, plan)
    made["budget_idr"] = made["year"].map(plan.years.set_index("year")["budget_idr"])
    left = outcome_of(analysis, replace(plan, rollout=rows)).villages
    made["outcome"] = left["outcome"].to_numpy()
    made["share_after"] = left["share_after"].astype(float).round(6).to_numpy()
    made["people_left"] = left["people_left"].round().astype("Int64").to_numpy()
    made["on_official_list"] = left["listed"].to_numpy()
    made["alone_idr"] = rows["alone_idr"].to_numpy()
    return made


def outcome_label(name: str | None, share: float | None, words: Words) -> str:
    """Say how far a village is served after the plan: the outcome and the share of its people."""
    return "–" if name is None else words(f"rollout.outcome.{name}", share=words.share(share))


def outcome_sentences(analysis: RunTables, plan: RolloutPlan, words: Words) -> list[str]:
    """Say how many people stay without service, how far the villages are served, and which listed ones hardly are."""
    found = outcome_of(analysis, plan)
    said = []
    if found.before is not None and found.left is not None:
        said.append(words("rollout.left", before=found.before, left=found.left))
        if found.uncounted:
            said.append(words("rollout.left_uncounted", villages=found.uncounted))
    if len(plan.rollout):
        counts = {name: words.number(count) for name, count in found.counts.items()}
        said.append(words("rollout.outcomes", villages=len(plan.rollout), **counts))
    rows = found.villages[found.villages["listed"] & (found.villages["outcome"] != "served")]
    if len(rows):
        names = dict(zip(plan.rollout["village_code_bps"], plan.rollout["village"], strict=True))
        told = [
            f"{names[code]} ({words.share(share)})"
            for code, share in zip(rows["village_code_bps"], rows["share_after"], strict=True)
        ]
        said.append(words("rollout.listed_left", villages=", ".join(told)))
    return said


def write_rollout(analysis: RunTables, plan: RolloutPlan, words: Words) -> bytes:
    """Return ``rollout.csv``."""
    return csv_bytes(rollout_table(analysis, plan, words))


def plan_lines(analysis: RunTables, plan: RolloutPlan, words: Words) -> dict[str, list[str]]:
    """What is built in each village, a line for its sheet."""
    made: dict[str, list[str]] = {}
    names, reasons = (
        village_names(plan),
        dict(zip(plan.rollout["village_code_bps"], plan.rollout["reasons"], strict=True)),
    )
    for row in records(rollout_table(analysis, plan, words)):
        why = plan_reason(reasons[row["village_code_bps"]], words, names, measure_only=True)
        made.setdefault(row["village_code_bps"], []).append(
            words(
                "exports.plan.line",
                year=str(row["year"]),
                measure=measure_label(row["measure"], words),
                cost=words.money(row["cost_idr"]),
                people=row["people_newly_served"],
            )
            + "; "
            + outcome_label(row["outcome"], row["share_after"], words)
            + (f"; {why}" if why else "")
        )
    return made


def village_names(plan: RolloutPlan) -> dict[str, str]:
    """Names of the villages in a plan, by code."""
    return dict(zip(plan.rollout["village_code_bps"], plan.rollout["village"], strict=True))


def plan_reason(reasons: str, words: Words, names: Mapping[str, str], measure_only: bool = False) -> str:
    """Why a village is built when it is and by that measure, from the JSON list of ``[code, value]`` in ``reasons``."""
    told = []
    for code, value in json.loads(reasons):
        if code == "pinned":
            told.append(by_office(value["who"], words))
            continue
        if measure_only and not isinstance(value, dict):
            continue
        key = next((key for key in (f"rollout.reason.{code}", f"exports.plan_reason.{code}") if words.has(key)), None)
        if key is None:
            told.append(f"{code} {value}")
        elif isinstance(value, dict):
            compared = _compared(value, words, names)
            told.append(words(key, **compared))
            if compared["villages"] and not code.startswith("cable"):
                told.append(words("rollout.reason.with_others", **compared))
        else:
            told.append(words(key, value=str(value), people=value, money=words.money(value), year=str(value)))
    return "; ".join(told)


def by_office(who: str | None, words: Words) -> str:
    """Say that the office decided something, and by whom; of a trial or a command only that it was by hand."""
    return words("rollout.by_office", who=who) if who else words("rollout.by_hand_alone")


def edit_sentence(edit: PlanEdit, names: Mapping[str, str], words: Words) -> str:
    """A decision by hand in words: the village, the measure, the year, and by whom."""
    village = words("rollout.edit.everywhere") if edit.village is None else names.get(edit.village, edit.village)
    measure = words("rollout.edit.any") if edit.measure is None else measure_label(edit.measure, words)
    year = words("rollout.edit.any_year") if edit.year is None else str(edit.year)
    said = words(f"rollout.edit.{edit.action}", village=village, measure=measure, year=year)
    if edit.paid_by:
        said = words("rollout.edit.paid_by", said=said, by=edit.paid_by)
    return f"{said} ({edit.who})" if edit.who else said


def _compared(value: dict[str, Any], words: Words, names: Mapping[str, str]) -> dict[str, str]:
    """The measure compared with, its money and people, and villages on the same cable, in words."""
    codes = value.get("villages", [])
    shown = ", ".join(names.get(code, code) for code in codes[:MOST_NAMED])
    more = len(codes) - MOST_NAMED
    return {
        "alone": words.money(value["alone_idr"]),
        "other": measure_label(value.get("other", ""), words),
        "other_money": words.money(value.get("other_idr")),
        "people": words.number(value.get("other_people")),
        "villages": words("rollout.and_more", villages=shown, count=more) if more > 0 else shown,
    }


def measure_label(name: str, words: Words) -> str:
    """Localised name of a measure; one of the planner's own keeps its name."""
    keys = (f"rollout.measure.{name}", f"exports.measure.{name}")
    return next((words(key) for key in keys if words.has(key)), name)


def add_plan_sheet(book: Book, analysis: RunTables, plan: RolloutPlan, words: Words) -> None:
    """Sheets of the plan: by village, and by year with a chart."""
    rows = rollout_table(analysis, plan, words)
    rows["measure"] = [measure_label(name, words) for name in rows["measure"]]
    shares = zip(rows["outcome"], rows["share_after"], strict=True)
    rows["outcome"] = [outcome_label(name, share, words) for name, share in shares]
    sheet = book.sheet(words("exports.sheet.plan"))
    top = book.heading(
        sheet,
        words("exports.plan.heading"),
        [
            plan_quality(plan, words),
            *outcome_sentences(analysis, plan, words),
            budget_sentence(analysis, plan, words),
            words("exports.plan.indicative"),
        ],
    )
    columns = book.columns(
        "year village_code_bps village subdistrict measure cost_idr running_idr alone_idr "
        "people_newly_served outcome people_left parent reason"
    )
    book.table(sheet, top, columns, rows, freeze_columns=3)
    _add_years(book, plan, words, budget_sentence(analysis, plan, words))


def write_plan_workbook(analysis: RunTables, plan: RolloutPlan, words: Words) -> bytes:
    """Return ``rollout.xlsx``: the plan by village and year, and its sources."""
    about = provenance(analysis, words)
    book = Book(about, words, words("exports.plan.heading"))
    add_plan_sheet(book, analysis, plan, words)
    add_sources_sheet(book, analysis, words, about)
    return book.bytes()


def _add_years(book: Book, plan: RolloutPlan, words: Words, rests_on: str) -> None:
    sheet = book.sheet(words("exports.sheet.years"), landscape=False, one_page=True)
    top = book.heading(sheet, words("exports.plan.by_year"), [rests_on])
    columns = book.columns(
        "year budget_idr capital_idr running_idr unspent_idr villages people_newly_served people_total"
    )
    below = book.table(sheet, top, columns, plan.years)
    chart = book.file.add_chart({"type": "column"})
    last, name = top + len(plan.years), sheet.get_name()
    chart.add_series(
        {
            "name": words("exports.column.people_newly_served"),
            "categories": [name, top + 1, 0, last, 0],
            "values": [name, top + 1, 6, last, 6],
            "fill": {"color": STATE_COLOURS["served"]},
            "gap": 60,
        }
    )
    line = book.file.add_chart({"type": "line"})
    line.add_series(
        {
            "name": words("exports.column.people_total"),
            "categories": [name, top + 1, 0, last, 0],
            "values": [name, top + 1, 7, last, 7],
            "line": {"color": BLUE, "width": 2.25},
        }
    )
    chart.combine(line)
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis(
        {
            "num_format": book.words.style.excel + "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": "#E3E7EB"}},
        }
    )
    chart.set_size({"width": 760, "height": 320})
    sheet.insert_chart(below + 1, 0, chart)
    sheet.print_area(0, 0, below + 18, len(columns) - 1)


def budget_sentence(analysis: RunTables, plan: RolloutPlan, words: Words) -> str:
    """Name the budget and the rule that the plan rests on; a budget that nobody gave is said to be assumed."""
    said = words(
        "rollout.budget_assumed" if plan.assumed else "rollout.budget_given",
        budget=words.money(float(plan.years["budget_idr"].sum())),
        first=str(plan.years["year"].min()),
        last=str(plan.years["year"].max()),
        rule=words.rule(analysis.parameters.default_rule),
    )
    return " ".join([said, *(remark_sentence(key, values, words) for key, values in plan.remarks)])


def remark_sentence(key: str, values: Mapping[str, Any], words: Words) -> str:
    """A remark of a plan in words: measures and reasons by their names, money as such."""
    told: dict[str, Any] = {name: words.money(value) for name, value in values.items() if name.endswith("money")}
    if "edits" in values:
        told["edits"] = "; ".join(edit_sentence(edit, values["names"], words) for edit in values["edits"])
    if "measure" in values:
        told["measure"] = measure_label(values["measure"], words)
    if "reason" in values:
        told["reason"] = words(f"rollout.condition.{values['reason']}", distance=words.distance(values["distance_m"]))
    return words(key, **{**values, **told})


def with_basis(table: pd.DataFrame, analysis: RunTables, plan: RolloutPlan) -> pd.DataFrame:
    """Add to a table of the plan what it rests on: ``rule``, ``budget_basis`` (given or assumed), ``run_id``."""
    basis = "assumed" if plan.assumed else "given"
    return table.assign(rule=analysis.parameters.default_rule, budget_basis=basis, run_id=str(analysis.run["run_id"]))


def curve_sentences(curve: pd.DataFrame, words: Words) -> list[str]:
    """Say why a line of the curve falls with more money, where one does (:func:`coverage.rollout.plan.curve`)."""
    said = []
    for column, key in (("people_naive", "rollout.naive_falls"), ("people", "rollout.weighted_falls")):
        falls = (curve[column].diff() < 0).to_numpy().nonzero()[0]
        if len(falls):
            before, after = curve.iloc[falls[0] - 1], curve.iloc[falls[0]]
            values = {"before": words.money(before["budget_idr"]), "after": words.money(after["budget_idr"])}
            said.append(words(key, **values, people=before[column], fewer=after[column]))
    return said


def proof_sentence(plan: RolloutPlan, words: Words) -> str:
    """Say how many people another plan for the same money may serve more."""
    if plan.people_short is None:
        return words("planning.summary.unproved")
    if plan.status == "optimal" and plan.people_short == 0:
        return words("planning.summary.best")
    return words("rollout.exact" if plan.status == "optimal" else "rollout.stopped", more=plan.people_short)


def plan_quality(plan: RolloutPlan, words: Words) -> str:
    """Quality of the plan: proven optimal, gap, or unproven."""
    people = words.number(plan.people)
    if plan.status == "optimal":
        if plan.people_short == 0:
            return words("exports.plan.surely_best", people=people)
        return words("exports.plan.optimal", people=people, more=plan.people_short)
    if known(plan.gap) is not None:
        return words("exports.plan.limit", people=people, more=plan.people_short)
    return words("exports.plan.unproved", people=people)
