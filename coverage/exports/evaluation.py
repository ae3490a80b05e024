"""Yearly evaluation: ``comparison.xlsx`` of two runs, and indicators by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from coverage.base.schema import STATES, STATUSES
from coverage.exports.comparison import RunComparison, compare
from coverage.exports.figures import totals
from coverage.exports.indicators import indicators
from coverage.exports.provenance import provenance, run_date
from coverage.exports.sanitize import neutral
from coverage.exports.sheets import Book, SheetColumn
from coverage.exports.tables import csv_bytes, default_rule, told_states, villages_table
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

_DETAILS = {
    "villages_in_state": "state",
    "villages_with_service": "service",
    "people_in_reach": "service",
    "assets": "kind",
    "assets_in_status": "status",
    "repaired": "kind",
}
"""Vocabulary of the detail of an indicator; the others hold names."""


def write_comparison(before: RunTables, after: RunTables, words: Words) -> bytes:
    """Return ``comparison.xlsx``: totals, changed villages, assets and inputs."""
    found = compare(before, after, words)
    book = Book(provenance(after, words), words, words("exports.comparison.title"))
    _add_totals(book, before, after, found, words)
    _add_villages(book, in_words(found.villages, before, after, words), words)
    _add_assets(book, found, words)
    _add_inputs(book, found, words)
    return book.bytes()


def write_comparison_csv(before: RunTables, after: RunTables, words: Words) -> bytes:
    """Return ``comparison.csv``: a row per village, with both run ids."""
    table = compare(before, after, words).villages
    table["run_id_before"], table["run_id_after"] = str(before.run["run_id"]), str(after.run["run_id"])
    return csv_bytes(table)


def write_indicators(runs: Mapping[int, RunTables], words: Words) -> bytes:
    """Return ``indicators.xlsx``: a row per indicator, a column per year."""
    shown = indicator_table(runs, words)
    last = runs[max(runs)]
    book = Book(provenance(last, words), words, words("exports.indicators.title"))
    sheet = book.sheet(words("exports.sheet.indicators"), landscape=False)
    top = book.heading(
        sheet,
        words("exports.indicators.heading", region=book.about.region),
        [words("exports.indicators.remark"), *book.about.approximations],
    )
    years = [str(year) for year in sorted(runs)]
    columns = [
        SheetColumn("indicator", words("exports.column.indicator"), "wrapped", 44),
        SheetColumn("detail", words("exports.column.detail"), "text", 30),
        *(SheetColumn(year, year, "integer", 13) for year in years),
    ]
    book.table(sheet, top, columns, shown, freeze_columns=2)
    return book.bytes()


def indicator_table(runs: Mapping[int, RunTables], words: Words) -> pd.DataFrame:
    """:func:`coverage.exports.indicators.indicators` in words."""
    table, called = indicators(runs), state_words(words, *(default_rule(run) for run in runs.values()))
    return table.assign(
        indicator=[words(f"exports.indicator.{name}") for name in table["indicator"]],
        detail=[_detail(row, called, words) for row in table[["indicator", "detail"]].itertuples(index=False)],
    )


def _detail(row: Any, called: Mapping[str, str], words: Words) -> str:
    indicator, detail = row
    if indicator in _DETAILS:
        return called[detail] if indicator == "villages_in_state" else words.named(_DETAILS[indicator], detail)
    return str(detail) or words("exports.indicators.no_owner")


def _add_totals(book: Book, before: RunTables, after: RunTables, found: RunComparison, words: Words) -> None:
    sheet = book.sheet(words("exports.sheet.summary"), landscape=False)
    for at, width in enumerate((44, 20, 20, 14)):
        sheet.set_column(at, at, width)
    top = book.heading(sheet, words("exports.comparison.heading", region=book.about.region))
    runs = [
        (str(run.run["run_id"]), words.date(run_date(run)), words.rule(default_rule(run).name))
        for run in (before, after)
    ]
    old, new = (totals(villages_table(run, words)) for run in (before, after))
    rows: list[tuple[str, Any, Any]] = [
        (words("exports.about.run_id"), runs[0][0], runs[1][0]),
        (words("exports.about.date"), runs[0][1], runs[1][1]),
        (words("exports.column.rule"), runs[0][2], runs[1][2]),
        (words("exports.summary.villages"), old.villages, new.villages),
    ]
    called = state_words(words, default_rule(before), default_rule(after))
    rows += [(called[state], old.states[state], new.states[state]) for state in STATES]
    rows += [
        (words("exports.summary.population"), old.population, new.population),
        (words("exports.summary.population_unserved"), old.population_unserved, new.population_unserved),
    ]
    head = book.look(bold=True, font_color="#FFFFFF", bg_color="#1F4E79", align="center")
    for at, name in enumerate(("before", "after", "difference"), start=1):
        sheet.write_string(top, at, words(f"exports.comparison.{name}"), head)
    sheet.write_string(top, 0, "", head)
    for row in rows:
        top += 1
        sheet.write_string(top, 0, neutral(row[0]), book.cell_look("text"))
        for at, value in enumerate([*row[1:], row[2] - row[1] if _numbers(*row[1:]) else None], start=1):
            if isinstance(value, str):
                sheet.write_string(top, at, neutral(value), book.cell_look("text"))
            elif value is not None:
                sheet.write_number(top, at, value, book.cell_look("integer"))
    counts = found.villages["change"].value_counts()
    top += 2
    for change in ("better", "worse", "told", "added", "removed", "same"):
        sheet.write_string(top, 0, words(f"exports.change.{change}"), book.cell_look("text"))
        sheet.write_number(top, 1, int(counts.get(change, 0)), book.cell_look("integer"))
        top += 1
    sheet.print_area(0, 0, top, 3)


def _numbers(old: Any, new: Any) -> bool:
    return isinstance(old, int | float) and isinstance(new, int | float)


def in_words(rows: pd.DataFrame, before: RunTables, after: RunTables, words: Words) -> pd.DataFrame:
    """Rows of :attr:`RunComparison.villages` with what each state is called under the rule of its run."""
    told = {}
    for when, run in (("before", before), ("after", after)):
        told[f"state_{when}"] = told_states(rows[f"state_{when}"], rows[f"share_{when}"], default_rule(run), words)
    return rows.assign(**told)


def _add_villages(book: Book, villages: pd.DataFrame, words: Words) -> None:
    """Changed villages, worse ones first."""
    order = {"worse": 0, "better": 1, "told": 2, "removed": 3, "added": 4}
    rows = villages[villages["change"].isin(list(order))]
    rows = rows.assign(_order=rows["change"].map(order)).sort_values(["_order", "village_code_bps"], kind="stable")
    rows["change"] = [words(f"exports.change.{change}") for change in rows["change"]]
    sheet = book.sheet(words("exports.sheet.changed_villages"))
    top = book.heading(sheet, words("exports.comparison.villages"), [words("exports.comparison.villages_remark")])
    columns = book.columns(
        "village_code_bps village subdistrict change state_before state_after share_before share_after because"
    )
    book.table(sheet, top, columns, rows.reset_index(drop=True), freeze_columns=2)


def _add_assets(book: Book, found: RunComparison, words: Words) -> None:
    statuses = {status: words(f"core.status.{status}") for status in STATUSES}
    rows = found.assets.assign(
        kind=found.assets["kind"].map(words.kind),
        change=[words(f"exports.asset_change.{change}") for change in found.assets["change"]],
        status_before=found.assets["status_before"].map(statuses),
        status_after=found.assets["status_after"].map(statuses),
    )
    sheet = book.sheet(words("exports.sheet.changed_assets"))
    top = book.heading(sheet, words("exports.comparison.assets"))
    columns = book.columns(
        "asset_id kind name owner change status_before status_after", name="exports.column.asset_name"
    )
    book.table(sheet, top, columns, rows, freeze_columns=1)


def _add_inputs(book: Book, found: RunComparison, words: Words) -> None:
    rows = pd.concat([found.inputs, found.parameters], ignore_index=True)
    sheet = book.sheet(words("exports.sheet.changed_inputs"))
    top = book.heading(sheet, words("exports.comparison.inputs"))
    columns = [
        SheetColumn("name", words("exports.column.input"), "wrapped", 46),
        SheetColumn("before", words("exports.comparison.before"), "wrapped", 46),
        SheetColumn("after", words("exports.comparison.after"), "wrapped", 46),
    ]
    book.table(sheet, top, columns, rows)
