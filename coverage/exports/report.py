"""``report.pdf``: summary with map on one page, then method, lists, sources and marks."""

from __future__ import annotations

from typing import Any

import pandas as pd
from reportlab.platypus import Flowable, KeepTogether, PageBreak

from coverage.base.schema import STATES, STATUSES
from coverage.exports import drawing
from coverage.exports.excel import method_lines, rule_label, rule_meaning
from coverage.exports.figures import assets_by_kind, blank_spot_table, by_rule, by_subdistrict
from coverage.exports.pdf import build, facts, fixed, heading, paragraph, table
from coverage.exports.plan_pages import plan_story
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.report_summary import summary_page
from coverage.exports.tables import conflicts_table, default_rule, known, priority_table, records, villages_table
from coverage.exports.village_facts import sentence_case
from coverage.language.words import Words
from coverage.reach.asset_counts import repair_list
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables

MOST_ROWS = 400
"""Rows of a list on paper; the data files are complete."""


def write_report(
    analysis: RunTables,
    words: Words,
    *,
    plan: RolloutPlan | None = None,
    curve: pd.DataFrame | None = None,
    office: str = "",
) -> bytes:
    """Return ``report.pdf``, A4.

    Parameters
    ----------
    plan, curve : the rollout plan and its curve of people against money, where there are any
    office : name of the office, above the title
    """
    about = provenance(analysis, words)
    villages = villages_table(analysis, words)
    data = drawing.map_data(analysis, words)
    story = [
        *summary_page(analysis, words, about, villages, data, office),
        PageBreak(),
        *_method(analysis, words),
        PageBreak(),
        *_blank_spots(analysis, words),
        *_priority(analysis, words),
        *([] if plan is None else plan_story(analysis, plan, words, curve)),
        *_subdistricts(villages, words),
        *_assets(analysis, words),
        *_conflicts(analysis, words),
        *_sources(about, words),
    ]
    return build(story, about, words, words("exports.report.title"))


def _method(analysis: RunTables, words: Words) -> list[Flowable]:
    """Rules with counts, weights, reach."""
    counts = by_rule(analysis)
    rules = {rule.name: rule for rule in analysis.parameters.rules}
    rows = [
        [
            rule_label(row["rule"], words),
            rule_meaning(rules[row["rule"]], words),
            *(words.number(row[s]) for s in STATES),
        ]
        for row in counts.to_dict("records")
    ]
    head = [
        words("exports.column.rule"),
        words("exports.report.meaning"),
        *(sentence_case(words(f"core.state.{state}")) for state in STATES),
    ]
    return [
        *heading(words("exports.report.method")),
        paragraph(words("exports.report.method_text")),
        *heading(words("exports.summary.by_rule"), "subheading"),
        table(head, rows, [22, 60, 12, 10, 12, 14], numbers=[2, 3, 4, 5]),
        *heading(words("exports.report.values"), "subheading"),
        facts(method_lines(analysis, words), share=0.16),
    ]


def _blank_spots(analysis: RunTables, words: Words) -> list[Flowable]:
    rows = blank_spot_table(analysis, words)
    shown = rows.head(MOST_ROWS)
    cells = [
        [
            row["village_code_bps"],
            row["village_code_kemendagri"] or "–",
            row["village"],
            row["subdistrict"],
            words.number(known(row["population"])),
            words(f"core.state.{row['state']}"),
            row["reason"],
        ]
        for row in records(shown)
    ]
    head = [
        words(f"exports.column.{name}")
        for name in (
            "village_code_bps",
            "village_code_kemendagri",
            "village",
            "subdistrict",
            "population",
            "state",
            "reason",
        )
    ]
    return [
        *heading(words("exports.blank_spots.heading")),
        paragraph(words("exports.report.blank_remark", rule=rule_label(default_rule(analysis).name, words))),
        *_or_nothing(
            cells,
            words,
            lambda: table(
                head, cells, [18, 21, 24, 21, 16, 17, 54], numbers=[4], states=shown["state"].tolist(), state_column=5
            ),
        ),
        *_cut(len(rows), words),
    ]


def _priority(analysis: RunTables, words: Words) -> list[Flowable]:
    rows = priority_table(analysis, words)
    shown = rows.head(MOST_ROWS)
    cells = [
        [
            words.number(row["rank"]),
            row["village"],
            row["subdistrict"],
            words(f"core.state.{row['state']}"),
            words.number(known(row["population"])),
            words.share(known(row["share_served"])),
            fixed(words, row["score"], 3),
            f"{words.number(row['rank_best'])}–{words.number(row['rank_worst'])}",
            row["reason"],
        ]
        for row in records(shown)
    ]
    head = [
        words(f"exports.column.{name}")
        for name in ("rank", "village", "subdistrict", "state", "population", "share_served", "score")
    ]
    head += [words("exports.report.range"), words("exports.column.reason_rank")]
    return [
        *heading(words("exports.report.priority")),
        paragraph(words("exports.report.priority_text")),
        *_or_nothing(
            cells,
            words,
            lambda: table(
                head,
                cells,
                [12, 21, 21, 16, 15, 15, 10, 13, 57],
                numbers=[0, 4, 5, 6, 7],
                states=shown["state"].tolist(),
                state_column=3,
            ),
        ),
        *_cut(len(rows), words),
    ]


def _subdistricts(villages: pd.DataFrame, words: Words) -> list[Flowable]:
    rows = by_subdistrict(villages)
    cells = [
        [
            row["subdistrict"] or "–",
            words.number(row["villages"]),
            *(words.number(row[state]) for state in STATES),
            words.number(known(row["population"])),
            words.number(known(row["population_unserved"])),
            words.share(known(row["share_served"])),
        ]
        for row in records(rows)
    ]
    head = [
        words("exports.column.subdistrict"),
        words("exports.column.villages"),
        *(sentence_case(words(f"core.state.{state}")) for state in STATES),
        words("exports.column.population"),
        words("exports.column.population_unserved"),
        words("exports.column.share_served"),
    ]
    return [
        *heading(words("exports.report.subdistricts")),
        table(head, cells, [28, 11, 15, 11, 15, 17, 16, 16, 16], numbers=range(1, 9)),
    ]


def _assets(analysis: RunTables, words: Words) -> list[Flowable]:
    counts = assets_by_kind(analysis.assets)
    story = heading(words("exports.assets.heading"))
    if counts.empty:
        return [*story, paragraph(words("exports.report.no_assets"))]
    cells = [
        [words.kind(row["kind"]), *(words.number(row[status]) for status in STATUSES), words.number(row["total"])]
        for row in records(counts)
    ]
    head = [
        words("exports.column.kind"),
        *(sentence_case(words(f"core.status.{status}")) for status in STATUSES),
        words("exports.report.total"),
    ]
    story.append(table(head, cells, [24, 16, 14, 18, 16, 16, 16, 14], numbers=range(1, 8)))
    repairs = repair_list(analysis.assets)
    if len(repairs):
        shown = repairs.head(60)
        story += heading(words("exports.repairs.heading"), "subheading")
        story.append(paragraph(words("exports.repairs.remark", count=words.number(len(repairs)))))
        story.append(
            table(
                [words(f"exports.column.{name}") for name in ("asset_id", "kind", "asset_name", "status", "owner")],
                [
                    [
                        row["asset_id"],
                        words.kind(row["kind"]),
                        row["name"] or "–",
                        words(f"core.status.{row['status']}"),
                        row["owner"] or "–",
                    ]
                    for row in records(shown)
                ],
                [20, 22, 40, 20, 28],
            )
        )
        story += _cut(len(repairs), words, 60)
    return story


def _conflicts(analysis: RunTables, words: Words) -> list[Flowable]:
    rows = conflicts_table(analysis, words)
    if rows.empty:
        return []
    cells = [
        [
            row["village_code_bps"] or "–",
            row["village"] or "–",
            row["reason"],
            " · ".join(str(row[name]) for name in ("given_code", "given_village", "given_subdistrict") if row[name]),
            row["source"] or "–",
        ]
        for row in records(rows.head(MOST_ROWS))
    ]
    head = [
        words("exports.column.village_code_bps"),
        words("exports.column.village"),
        words("exports.report.what"),
        words("exports.report.given"),
        words("exports.column.source"),
    ]
    return [
        *heading(words("exports.conflicts.heading")),
        paragraph(words("exports.conflicts.remark")),
        table(head, cells, [18, 24, 44, 40, 34]),
        *_cut(len(rows), words),
    ]


def _sources(about: Provenance, words: Words) -> list[Flowable]:
    title = paragraph(words("exports.report.sources"), "heading")
    return [KeepTogether([title, facts(about.lines(words), share=0.2)])]


def _or_nothing(cells: list[Any], words: Words, make: Any) -> list[Flowable]:
    return [make()] if cells else [paragraph(words("exports.report.nothing"))]


def _cut(count: int, words: Words, most: int = MOST_ROWS) -> list[Flowable]:
    """Remark that a list is truncated."""
    if count <= most:
        return []
    return [paragraph(words("exports.report.cut", shown=words.number(most), count=words.number(count)), "small")]
