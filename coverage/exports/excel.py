"""``priority.xlsx``: the priority list for budget meetings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coverage.base.parameters import Rule
from coverage.exports.columns import CellKind
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.sheets import Book, SheetColumn
from coverage.exports.tables import default_rule, priority_table
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

_UNITS: dict[str, CellKind] = {"people": "integer", "m": "metres", "1": "share"}
_YES_NO = ("centre_unserved", "officially_listed")
_TEXT_WIDTH = 84


def write_priority_workbook(analysis: RunTables, words: Words) -> bytes:
    """Return ``priority.xlsx``: ranked villages, method and sources."""
    about = provenance(analysis, words)
    book = Book(about, words, words("exports.priority.title"))
    rows = priority_table(analysis, words)
    add_priority_sheet(book, analysis, words, rows)
    add_criteria_sheet(book, analysis, words, rows)
    add_sources_sheet(book, analysis, words, about)
    return book.bytes()


def add_priority_sheet(book: Book, analysis: RunTables, words: Words, rows: pd.DataFrame) -> None:
    """Sheet of ranked villages."""
    sheet = book.sheet(words("exports.sheet.priority"))
    top = book.heading(
        sheet,
        words("exports.priority.heading", region=book.about.region),
        [
            words("exports.priority.remark", rule=words.rule(default_rule(analysis).name), count=len(rows)),
            *book.about.approximations,
        ],
    )
    columns = book.columns(
        "rank village subdistrict state population share_served reason score rank_best rank_worst village_code_bps "
        "village_code_kemendagri",
        state_words(words, default_rule(analysis)),
        reason="exports.column.reason_rank",
    )
    book.table(sheet, top, columns, rows, freeze_columns=2, state="state")


def add_criteria_sheet(book: Book, analysis: RunTables, words: Words, rows: pd.DataFrame) -> None:
    """Sheet of each criterion's raw value and part of the score."""
    sheet = book.sheet(words("exports.sheet.criteria"))
    top = book.heading(sheet, words("exports.criteria.heading"), [words("exports.criteria.remark")])
    columns = book.columns("rank village subdistrict score")
    for criterion in analysis.parameters.priority.criteria:
        name, label = criterion.name, words.criterion(criterion.name)
        if f"part_{name}" in rows:
            kind: CellKind = "yes_no" if name in _YES_NO else _UNITS.get(criterion.unit, "decimal")
            heading = f"{label} (m)" if criterion.unit == "m" else label
            columns.append(SheetColumn(f"value_{name}", heading, kind, 14))
            columns.append(SheetColumn(f"part_{name}", words("exports.column.part"), "score", 9))
    book.table(sheet, top, columns, rows, freeze_columns=2)


def add_sources_sheet(book: Book, analysis: RunTables, words: Words, about: Provenance) -> None:
    """Sheet of method, sources and approximations."""
    sheet = book.sheet(words("exports.sheet.sources"), landscape=False)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, _TEXT_WIDTH)
    top = book.heading(sheet, words("exports.sources.heading"))
    top = book.facts(sheet, top, about.lines(words), _TEXT_WIDTH) + 1
    top = book.facts(sheet, top, method_lines(analysis, words), _TEXT_WIDTH) + 1
    sheet.print_area(0, 0, top, 1)


def method_lines(analysis: RunTables, words: Words) -> list[tuple[str, str]]:
    """Label and text of the method: rules, weights, sources."""
    lines = [
        (
            words("exports.sources.rule"),
            words(
                "exports.sources.with_source",
                text=f"{words.rule(rule.name)}: {rule_meaning(rule, words)}",
                source=words.source(rule.source),
            ),
        )
        for rule in analysis.parameters.rules
        if rule.enabled
    ]
    total = sum(criterion.weight for criterion in analysis.parameters.priority.criteria) or 1.0
    lines += [
        (
            words("exports.sources.weight"),
            words(
                "exports.sources.with_source",
                source=words.source(c.source),
                text=f"{words.criterion(c.name)}: {words.percent(c.weight / total)}.",
            ),
        )
        for c in analysis.parameters.priority.criteria
    ]
    for kind, settings in analysis.parameters.kinds.items():
        lines += [
            (
                words("exports.sources.reach"),
                words(
                    "exports.sources.with_source",
                    source=words.source(gives.source),
                    text=words(
                        "exports.sources.gives",
                        kind=words.kind(kind),
                        reach=words.distance(gives.reach_m),
                        service=words(f"core.service.{gives.service}"),
                    ),
                ),
            )
            for gives in settings.gives
        ]
    return lines


def rule_meaning(rule: Rule, words: Words) -> str:
    """Sentence on when a rule calls a village a blank spot."""
    services = ", ".join(words(f"core.service.{service}") for service in rule.services)
    if words.has(f"exports.rule.{rule.method}"):
        below = {"blank": words.percent(rule.blank_below), "weak": words.percent(rule.weak_below)}
        return words(f"exports.rule.{rule.method}", services=services, **below)
    blank = (
        words("exports.rule.blank_below", share=words.percent(rule.blank_below), services=services)
        if rule.blank_below > 0
        else words("exports.rule.blank_nobody", services=services)
    )
    if rule.asks_for_anybody:
        return f"{blank} {words('exports.rule.anybody')}"
    weak = " " + words("exports.rule.weak_below", share=words.percent(rule.weak_below)) if rule.weak_below > 0 else ""
    return blank + weak


def anybody_remark(rules: Sequence[Rule], words: Words) -> str:
    """Sentence on what *served* means in counts under rules that ask for anybody in reach; empty without any."""
    named = [words.rule(rule.name) for rule in rules if rule.asks_for_anybody]
    return words("exports.rule.anybody_of", rules=", ".join(f'"{name}"' for name in named)) if named else ""
