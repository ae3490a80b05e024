"""``priority.xlsx``: the priority list as a planner takes it into a budget meeting."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from coverage.exports.like import AnalysisLike
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.sheets import Book, CellKind, SheetColumn
from coverage.exports.tables import default_rule, priority_table
from coverage.words import Words

_UNITS: dict[str, CellKind] = {"people": "integer", "m": "metres", "1": "share"}


def write_priority_workbook(
    analysis: AnalysisLike, words: Words, *, only: Collection[str] | None = None
) -> bytes:
    """Return ``priority.xlsx``: the ranked villages, and a sheet of method and sources.

    Parameters
    ----------
    only
        BPS codes of the villages to keep, where the reader has filtered the list; ranks stay those of the whole list.
    """
    about = provenance(analysis, words)
    book = Book(about, words, words("exports.priority.title"))
    add_priority_sheet(book, analysis, words, only)
    add_sources_sheet(book, analysis, words, about)
    return book.bytes()


def add_priority_sheet(
    book: Book, analysis: AnalysisLike, words: Words, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Add the sheet of ranked villages; return its rows."""
    rows = priority_table(analysis, words)
    if only is not None:
        rows = rows[rows["village_code_bps"].isin(set(only))].reset_index(drop=True)
    sheet = book.sheet(words("exports.sheet.priority"))
    rule = default_rule(analysis)
    top = book.heading(sheet, words("exports.priority.heading", region=book.about.region), [
        words("exports.priority.remark", rule=rule_label(rule.name, words), count=words.number(len(rows))),
        *book.about.approximations])
    book.table(sheet, top, priority_columns(analysis, words), rows, freeze_columns=4, state="state")
    return rows


def priority_columns(analysis: AnalysisLike, words: Words) -> list[SheetColumn]:
    """Columns of the priority sheet: what decides first, the parts of the score last."""
    columns = [
        SheetColumn("rank", words("exports.column.rank"), "integer", 7),
        SheetColumn("village", words("exports.column.village"), "text", 18),
        SheetColumn("subdistrict", words("exports.column.subdistrict"), "text", 15),
        SheetColumn("state", words("exports.column.state"), "state", 12),
        SheetColumn("population", words("exports.column.population"), "integer", 10),
        SheetColumn("share_served", words("exports.column.share_served"), "share", 10),
        SheetColumn("reason", words("exports.column.reason_rank"), "wrapped", 52),
        SheetColumn("score", words("exports.column.score"), "score", 8),
        SheetColumn("rank_best", words("exports.column.rank_best"), "integer", 9),
        SheetColumn("rank_worst", words("exports.column.rank_worst"), "integer", 9),
        SheetColumn("village_code_bps", words("exports.column.village_code_bps"), "text", 12),
        SheetColumn("village_code_kemendagri", words("exports.column.village_code_kemendagri"), "text", 14),
    ]
    for criterion in analysis.parameters.priority.criteria:
        if f"part_{criterion.name}" in analysis.priority:
            label = criterion_label(criterion.name, words)
            columns.append(SheetColumn(f"value_{criterion.name}", label, _UNITS.get(criterion.unit, "decimal"), 13))
            columns.append(SheetColumn(f"part_{criterion.name}", words("exports.column.part", criterion=label), "score", 13))
    return columns


def add_sources_sheet(book: Book, analysis: AnalysisLike, words: Words, about: Provenance) -> None:
    """Add the sheet that says how the list was made, from what, and what in it is not exact."""
    sheet = book.sheet(words("exports.sheet.sources"), landscape=False)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 78)
    top = book.heading(sheet, words("exports.sources.heading"))
    top = book.facts(sheet, top, about.lines(words)) + 1
    top = book.facts(sheet, top, method_lines(analysis, words)) + 1
    sheet.print_area(0, 0, top, 1)


def method_lines(analysis: AnalysisLike, words: Words) -> list[tuple[str, str]]:
    """Label and text of the method: the rules, the weights, and where each value is from."""
    lines = [(words("exports.sources.rule"), f"{rule_label(rule.name, words)}: {rule.source}")
             for rule in analysis.parameters.rules if rule.enabled]
    total = sum(criterion.weight for criterion in analysis.parameters.priority.criteria) or 1.0
    lines += [(words("exports.sources.weight"),
               f"{criterion_label(c.name, words)}: {words.percent(c.weight / total)}. {c.source}")
              for c in analysis.parameters.priority.criteria]
    for kind, settings in analysis.parameters.kinds.items():
        lines += [(words("exports.sources.reach"),
                   f"{words(f'core.kind.{kind}')}, {words(f'core.service.{gives.service}')}: "
                   f"{words.distance(gives.reach_m)}. {gives.source}") for gives in settings.gives]
    return lines


def rule_label(name: str, words: Words) -> str:
    """Name of a rule in the reader's language; a rule of the planner's own keeps its name."""
    return words(f"core.rule.{name}") if words.has(f"core.rule.{name}") else name


def criterion_label(name: str, words: Words) -> str:
    """Name of a criterion in the reader's language; one of the planner's own keeps its name."""
    return words(f"priority.criterion.{name}") if words.has(f"priority.criterion.{name}") else name
