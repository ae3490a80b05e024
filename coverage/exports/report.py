"""``report.pdf``: what is handed in; the answer with the map on one page, then method, lists, sources and marks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, KeepInFrame, PageBreak, Spacer, Table, TableStyle

from coverage.exports import drawing
from coverage.exports.excel import method_lines, rule_label, rule_meaning
from coverage.exports.figures import (
    Totals,
    assets_by_kind,
    blank_spot_table,
    by_rule,
    by_subdistrict,
    repair_list,
    totals,
)
from coverage.exports.fonts import family_names
from coverage.exports.like import AnalysisLike
from coverage.exports.look import STATE_COLOURS
from coverage.exports.pdf import HEIGHT, WIDTH, build, facts, fixed, known, paragraph, table
from coverage.exports.print_map import MM, png
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.tables import conflicts_table, default_rule, priority_table, villages_table
from coverage.schema import STATES, STATUSES
from coverage.words import Words

MOST_ROWS = 400
"""Rows of a list on paper; the files have them all."""


def write_report(analysis: AnalysisLike, words: Words, *, office: str = "", include_cctv: bool = False) -> bytes:
    """Return ``report.pdf``, A4.

    Parameters
    ----------
    office
        Name of the office, above the title.
    include_cctv
        Whether cameras are on the map; their positions are not for the public.
    """
    about = provenance(analysis, words)
    villages = villages_table(analysis, words)
    data = drawing.map_data(analysis, words, include_cctv)
    story = [*_summary(analysis, words, about, villages, data, office), PageBreak(),
             *_method(analysis, words), PageBreak(),
             *_blank_spots(analysis, words), *_priority(analysis, words),
             *_subdistricts(villages, words), *_assets(analysis, words), *_conflicts(analysis, words),
             *_sources(about, words)]
    return build(story, about, words, words("exports.report.title"))


def _summary(analysis: AnalysisLike, words: Words, about: Provenance, villages: pd.DataFrame, data: drawing.MapData,
             office: str) -> list[Flowable]:
    """One page: the answer in numbers and the map."""
    found = totals(villages)
    rule = default_rule(analysis)
    story: list[Flowable] = [paragraph(office, "subheading")] if office else []
    story += [
        paragraph(words("exports.report.heading", region=about.region), "title"),
        paragraph(f"{about.date} · {words('exports.map.rule', rule=rule_label(rule.name, words))}", "small"), Spacer(1, 3 * mm),
        cards(found, words), Spacer(1, 2 * mm), paragraph(_answer(found, analysis, words)),
        overview_map(analysis, words, data, found, height_mm=132), Spacer(1, 1 * mm)]
    story += _first_to_serve(analysis, words, most=10)
    story += [Spacer(1, 2 * mm), *(paragraph("• " + text, "small") for text in about.approximations)]
    return [KeepInFrame(WIDTH, HEIGHT, story, mode="shrink")]


def _first_to_serve(analysis: AnalysisLike, words: Words, most: int) -> list[Flowable]:
    """The villages to be served first, as many as fit below the map."""
    rows = priority_table(analysis, words).head(most)
    if rows.empty:
        return []
    cells = [[words.number(row["rank"]), row["village_code_bps"], row["village"], row["subdistrict"],
              words.number(known(row["population"])), short(row["reason"], 64)] for row in _records(rows)]
    head = [words(f"exports.column.{name}") for name in
            ("rank", "village_code_bps", "village", "subdistrict", "population", "reason_rank")]
    return [paragraph(words("exports.report.first"), "subheading"),
            table(head, cells, [12, 19, 25, 23, 15, 90], numbers=[0, 4])]


def short(text: str, most: int) -> str:
    """Text cut off at a semicolon, so that it fits on a line."""
    while len(text) > most and "; " in text:
        text = text.rpartition("; ")[0]
    return text


def _answer(found: Totals, analysis: AnalysisLike, words: Words) -> str:
    """The answer in a sentence or two."""
    text = words("exports.report.answer", villages=words.number(found.villages), blank=words.number(found.states["blank"]),
                 weak=words.number(found.states["weak"]), served=words.number(found.states["served"]))
    if found.states["unknown"]:
        text += " " + words("exports.report.answer_unknown", unknown=words.number(found.states["unknown"]))
    if found.population_unserved is not None and found.population:
        text += " " + words("exports.report.answer_people", unserved=words.number(found.population_unserved),
                            population=words.number(found.population),
                            share=words.percent(found.population_unserved / found.population, 1))
    return text


def cards(found: Totals, words: Words) -> Table:
    """The main figures side by side, a bar of the state's colour before each."""
    entries: list[tuple[str, str, str]] = [(words("exports.summary.villages"), words.number(found.villages), "#1F4E79")]
    entries += [(words(f"core.state.{state}"), words.number(found.states[state]), STATE_COLOURS[state]) for state in STATES]
    entries.append((words("exports.summary.population_unserved"), words.number(found.population_unserved), STATE_COLOURS["blank"]))
    made = Table([[paragraph(value, "figure") for _, value, _ in entries], [paragraph(label, "small") for label, _, _ in entries]],
                 colWidths=[WIDTH / len(entries)] * len(entries), hAlign="LEFT")
    made.setStyle(TableStyle([
        *[("LINEBEFORE", (at, 0), (at, 1), 3, HexColor(colour)) for at, (_, _, colour) in enumerate(entries)],
        ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0), ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return made


def overview_map(analysis: AnalysisLike, words: Words, data: drawing.MapData, found: Totals, height_mm: float) -> Image:
    """The map of the region with its legend below, as wide as the page."""
    with matplotlib.rc_context({"font.family": list(family_names()), "hatch.linewidth": 0.4, "hatch.color": "#7A2E00"}):
        figure = Figure(figsize=(WIDTH / mm * MM, height_mm * MM))
        FigureCanvasAgg(figure)
        legend_part = 16 / height_mm
        axes = figure.add_axes((0.002, legend_part, 0.996, 1 - legend_part - 0.002))
        drawing.frame(axes, data.bounds)
        drawing.draw_villages(axes, data, line=0.25)
        drawing.draw_areas(axes, data, points=6, line=0.7)
        drawing.draw_assets(axes, data, points=3)
        drawing.draw_ranks(axes, data, points=4.6, most=30)
        drawing.scale_bar(axes, words, points=6.5)
        drawing.north_arrow(axes, words, 8, data.villages.crs)
        first = figure.legend(handles=drawing.state_handles(words, found.states), loc="lower left", ncols=4, fontsize=7.5,
                              frameon=False, bbox_to_anchor=(0, legend_part * 0.45), borderaxespad=0)
        figure.add_artist(first)
        figure.legend(handles=drawing.asset_handles(words, data.assets, 5), loc="lower left", ncols=7, fontsize=7, frameon=False,
                      bbox_to_anchor=(0, 0), borderaxespad=0, columnspacing=1.2, handletextpad=0.4)
        return picture(figure, WIDTH, height_mm * mm)


def picture(figure: Figure, width: float, height: float, dpi: int = 250) -> Image:
    """A figure as a picture of a page."""
    return Image(io.BytesIO(png(figure, dpi)), width=width, height=height)


def _method(analysis: AnalysisLike, words: Words) -> list[Flowable]:
    """How it was computed: the rules with their counts, the weights, the reach."""
    counts = by_rule(analysis)
    rules = {rule.name: rule for rule in analysis.parameters.rules}
    rows = [[rule_label(row["rule"], words), rule_meaning(rules[row["rule"]], words), *(words.number(row[s]) for s in STATES)]
            for row in counts.to_dict("records")]
    head = [words("exports.column.rule"), words("exports.report.meaning"), *(words(f"core.state.{state}") for state in STATES)]
    return [
        paragraph(words("exports.report.method"), "heading"), paragraph(words("exports.report.method_text")),
        paragraph(words("exports.summary.by_rule"), "subheading"),
        table(head, rows, [22, 60, 12, 10, 12, 14], numbers=[2, 3, 4, 5]),
        paragraph(words("exports.report.values"), "subheading"), facts(method_lines(analysis, words), share=0.16)]


def _blank_spots(analysis: AnalysisLike, words: Words) -> list[Flowable]:
    rows = blank_spot_table(analysis, words)
    shown = rows.head(MOST_ROWS)
    cells = [[row["village_code_bps"], row["village_code_kemendagri"] or "–", row["village"], row["subdistrict"],
              words.number(known(row["population"])), words(f"core.state.{row['state']}"), row["reason"]]
             for row in _records(shown)]
    head = [words(f"exports.column.{name}") for name in
            ("village_code_bps", "village_code_kemendagri", "village", "subdistrict", "population", "state", "reason")]
    return [
        paragraph(words("exports.blank_spots.heading"), "heading"),
        paragraph(words("exports.report.blank_remark", rule=rule_label(default_rule(analysis).name, words))),
        *_or_nothing(cells, words, lambda: table(head, cells, [18, 21, 24, 21, 16, 17, 54], numbers=[4],
                                                 states=shown["state"].tolist(), state_column=5)),
        *_cut(len(rows), words)]


def _priority(analysis: AnalysisLike, words: Words) -> list[Flowable]:
    rows = priority_table(analysis, words)
    shown = rows.head(MOST_ROWS)
    cells = [[words.number(row["rank"]), row["village"], row["subdistrict"], words(f"core.state.{row['state']}"),
              words.number(known(row["population"])), words.percent(known(row["share_served"])), fixed(words, row["score"], 3),
              f"{words.number(row['rank_best'])}–{words.number(row['rank_worst'])}", row["reason"]]
             for row in _records(shown)]
    head = [words(f"exports.column.{name}") for name in
            ("rank", "village", "subdistrict", "state", "population", "share_served", "score")]
    head += [words("exports.report.range"), words("exports.column.reason_rank")]
    return [
        paragraph(words("exports.report.priority"), "heading"), paragraph(words("exports.report.priority_text")),
        *_or_nothing(cells, words, lambda: table(head, cells, [13, 23, 21, 17, 16, 16, 11, 14, 49], numbers=[0, 4, 5, 6, 7],
                                                 states=shown["state"].tolist(), state_column=3)),
        *_cut(len(rows), words)]


def _subdistricts(villages: pd.DataFrame, words: Words) -> list[Flowable]:
    rows = by_subdistrict(villages)
    cells = [[row["subdistrict"] or "–", words.number(row["villages"]), *(words.number(row[state]) for state in STATES),
              words.number(known(row["population"])), words.number(known(row["population_unserved"])),
              words.percent(known(row["share_served"]), 1)] for row in _records(rows)]
    head = [words("exports.column.subdistrict"), words("exports.column.villages"),
            *(words(f"core.state.{state}") for state in STATES), words("exports.column.population"),
            words("exports.column.population_unserved"), words("exports.column.share_served")]
    return [paragraph(words("exports.report.subdistricts"), "heading"),
            table(head, cells, [28, 11, 15, 11, 15, 17, 16, 16, 16], numbers=range(1, 9))]


def _assets(analysis: AnalysisLike, words: Words) -> list[Flowable]:
    counts = assets_by_kind(analysis.assets)
    story: list[Flowable] = [paragraph(words("exports.assets.heading"), "heading")]
    if counts.empty:
        return [*story, paragraph(words("exports.report.no_assets"))]
    cells = [[words(f"core.kind.{row['kind']}"), *(words.number(row[status]) for status in STATUSES), words.number(row["total"])]
             for row in _records(counts)]
    head = [words("exports.column.kind"), *(words(f"core.status.{status}") for status in STATUSES), words("exports.report.total")]
    story.append(table(head, cells, [24, 16, 14, 18, 16, 16, 16, 14], numbers=range(1, 8)))
    repairs = repair_list(analysis)
    if len(repairs):
        shown = repairs.head(60)
        story.append(paragraph(words("exports.repairs.heading"), "subheading"))
        story.append(paragraph(words("exports.repairs.remark", count=words.number(len(repairs)))))
        story.append(table(
            [words(f"exports.column.{name}") for name in ("asset_id", "kind", "asset_name", "status", "owner")],
            [[row["asset_id"], words(f"core.kind.{row['kind']}"), row["name"] or "–", words(f"core.status.{row['status']}"),
              row["owner"] or "–"] for row in _records(shown)], [20, 22, 40, 20, 28]))
        story += _cut(len(repairs), words, 60)
    return story


def _conflicts(analysis: AnalysisLike, words: Words) -> list[Flowable]:
    rows = conflicts_table(analysis, words)
    if rows.empty:
        return []
    cells = [[row["village_code_bps"] or "–", row["village"] or "–", row["reason"],
              " · ".join(str(row[name]) for name in ("given_code", "given_village", "given_subdistrict") if row[name]),
              row["source"] or "–"] for row in _records(rows.head(MOST_ROWS))]
    head = [words("exports.column.village_code_bps"), words("exports.column.village"), words("exports.report.what"),
            words("exports.report.given"), words("exports.column.source")]
    return [paragraph(words("exports.conflicts.heading"), "heading"), paragraph(words("exports.conflicts.remark")),
            table(head, cells, [18, 24, 44, 40, 34]), *_cut(len(rows), words)]


def _sources(about: Provenance, words: Words) -> list[Flowable]:
    return [paragraph(words("exports.report.sources"), "heading"), facts(about.lines(words), share=0.2)]


def _or_nothing(cells: list[Any], words: Words, make: Any) -> list[Flowable]:
    return [make()] if cells else [paragraph(words("exports.report.nothing"))]


def _cut(count: int, words: Words, most: int = MOST_ROWS) -> list[Flowable]:
    """Say so where a list is longer than the paper shows."""
    if count <= most:
        return []
    return [paragraph(words("exports.report.cut", shown=words.number(most), count=words.number(count)), "small")]


def _records(frame: pd.DataFrame) -> list[Mapping[Any, Any]]:
    """Rows with None for what is missing."""
    plain = frame.astype(object)
    return list(plain.where(plain.notna(), None).to_dict("records"))


