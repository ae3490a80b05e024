"""``report.pdf``: summary with map on one page, then method, lists, sources and marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from reportlab.platypus import Flowable, KeepTogether, PageBreak

from coverage.base.schema import STATES, STATUSES
from coverage.exports import drawing
from coverage.exports.excel import method_lines, rule_meaning
from coverage.exports.figures import assets_by_kind, blank_spot_table, by_rule, by_subdistrict
from coverage.exports.letterhead import letterhead_of
from coverage.exports.listing import listing
from coverage.exports.pdf import build, contents, facts, heading, office_head, paragraph, signed
from coverage.exports.plan_pages import plan_story
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.report_summary import summary_page
from coverage.exports.tables import (
    assets_in_words,
    conflicts_table,
    default_rule,
    enabled_rules,
    priority_table,
    villages_table,
    with_told_states,
)
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.reach.asset_counts import repair_list
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables

MOST_REPAIRS = 60


def write_report(
    analysis: RunTables,
    words: Words,
    *,
    plan: RolloutPlan | None = None,
    curve: pd.DataFrame | None = None,
    letterhead: Any = None,
) -> bytes:
    """Return ``report.pdf``, A4; with the rollout plan and its curve of people against money, where there are any."""
    office = letterhead_of(letterhead)
    about = provenance(analysis, words)
    villages = villages_table(analysis, words)
    data = drawing.map_data(analysis, words)
    story = [
        *summary_page(analysis, words, about, villages, data, office_head(office)),
        PageBreak(),
        *heading(words("exports.report.contents"), "subheading"),
        contents(),
        *_method(analysis, words),
        *_blank_spots(analysis, words),
        *_priority(analysis, words),
        *([] if plan is None else plan_story(analysis, plan, words, curve)),
        *_subdistricts(villages, state_words(words, default_rule(analysis)), words),
        *_assets(analysis, words),
        *_conflicts(analysis, words),
        *_sources(about, words),
        *signed(office, about.date, words),
    ]
    return build(story, about, words, words("exports.report.title"))


def _method(analysis: RunTables, words: Words) -> list[Flowable]:
    """Rules with counts, weights, reach."""
    rules = {rule.name: rule for rule in analysis.parameters.rules}
    rows = by_rule(analysis)
    rows = rows.assign(
        meaning=[rule_meaning(rules[name], words) for name in rows["rule"]],
        rule=[words.rule(name) for name in rows["rule"]],
    )
    names, widths = f"rule meaning {' '.join(STATES)}", [22, 60, 12, 10, 12, 14]
    called = state_words(words, *enabled_rules(analysis))
    return [
        *heading(words("exports.report.method")),
        paragraph(words("exports.report.method_text")),
        *heading(words("exports.summary.by_rule"), "subheading"),
        *listing(rows, names, widths, words, {"meaning": "exports.report.meaning"}, called=called),
        *heading(words("exports.report.values"), "subheading"),
        facts(method_lines(analysis, words), share=0.16),
    ]


def _blank_spots(analysis: RunTables, words: Words) -> list[Flowable]:
    names = "village_code_bps village_code_kemendagri village subdistrict population state reason"
    rows = with_told_states(blank_spot_table(analysis, words), analysis, words)
    called = state_words(words, default_rule(analysis))
    return [
        *heading(words("exports.blank_spots.heading")),
        paragraph(words("exports.report.blank_remark", rule=words.rule(default_rule(analysis).name))),
        *listing(rows, names, [18, 21, 24, 21, 16, 17, 54], words, called=called),
    ]


def _priority(analysis: RunTables, words: Words) -> list[Flowable]:
    rows = priority_table(analysis, words)
    ends = zip(rows["rank_best"], rows["rank_worst"], strict=True)
    rows = rows.assign(range=[f"{words.number(best)}–{words.number(worst)}" for best, worst in ends])
    names = "rank village subdistrict state population share_served score range reason"
    headings = {"range": "exports.report.range", "reason": "exports.column.reason_rank"}
    called = state_words(words, default_rule(analysis))
    return [
        *heading(words("exports.report.priority")),
        paragraph(words("exports.report.priority_text")),
        *listing(rows, names, [12, 22, 24, 21, 16, 15, 11, 13, 61], words, headings, called=called),
    ]


def _subdistricts(villages: pd.DataFrame, called: Mapping[str, str], words: Words) -> list[Flowable]:
    names = f"subdistrict villages {' '.join(STATES)} population population_unserved share_served"
    return [
        *heading(words("exports.report.subdistricts")),
        *listing(by_subdistrict(villages), names, [28, 11, 15, 11, 15, 17, 16, 16, 16], words, called=called),
    ]


def _assets(analysis: RunTables, words: Words) -> list[Flowable]:
    counts = assets_by_kind(analysis.assets, analysis.parameters.kinds)
    story = heading(words("exports.assets.heading"))
    if counts.empty:
        return [*story, paragraph(words("exports.report.no_assets"))]
    counts = counts.assign(kind=[words.kind(*one) for one in counts[["kind", "sectors"]].itertuples(index=False)])
    widths = [24, 16, 14, 18, 16, 16, 16, 14]
    story += listing(counts, f"kind {' '.join(STATUSES)} total", widths, words, {"total": "exports.report.total"})
    repairs = assets_in_words(repair_list(analysis.assets), words)
    if len(repairs):
        story += heading(words("exports.repairs.heading"), "subheading")
        story.append(paragraph(words("exports.repairs.remark", count=len(repairs))))
        story += listing(
            repairs, "asset_id kind asset_name status owner", [20, 22, 40, 20, 28], words, most=MOST_REPAIRS
        )
    return story


def _conflicts(analysis: RunTables, words: Words) -> list[Flowable]:
    rows = conflicts_table(analysis, words)
    if rows.empty:
        return []
    given = rows[["given_code", "given_village", "given_subdistrict"]].fillna("").to_numpy()
    rows = rows.assign(given=[" · ".join(filter(None, row)) for row in given])
    headings = {"reason": "exports.report.what", "given": "exports.report.given"}
    return [
        *heading(words("exports.conflicts.heading")),
        paragraph(words("exports.conflicts.remark")),
        *listing(rows, "village_code_bps village reason given source", [18, 24, 44, 40, 34], words, headings),
    ]


def _sources(about: Provenance, words: Words) -> list[Flowable]:
    title = paragraph(words("exports.report.sources"), "heading")
    return [KeepTogether([title, facts(about.lines(words), share=0.2)])]
