"""First page of the report: totals, map, first villages by priority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from PIL.Image import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepInFrame, Spacer, Table, TableStyle

from coverage.base.schema import STATES
from coverage.exports import drawing, map_furniture
from coverage.exports.figures import Totals, totals
from coverage.exports.fonts import drawing_style
from coverage.exports.ground import draw_basemap
from coverage.exports.listing import listing
from coverage.exports.pdf import HEIGHT, WIDTH, paragraph
from coverage.exports.pictures import DPI, ImageFlowable, blank_figure, painted
from coverage.exports.provenance import Provenance
from coverage.exports.style import STATE_COLOURS
from coverage.exports.tables import default_rule, priority_table
from coverage.language.reasons import people_range, state_word, state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

_MAP_MM, _HEAD_MM = 128, 24


def summary_page(
    analysis: RunTables,
    words: Words,
    about: Provenance,
    villages: pd.DataFrame,
    data: drawing.MapData,
    head: Sequence[Flowable] = (),
) -> list[Flowable]:
    """Totals and map on one page, below ``head``, which the map makes room for."""
    tall = _MAP_MM - (_HEAD_MM if head else 0)
    found = totals(villages)
    rule = default_rule(analysis)
    called = state_words(words, rule)
    story: list[Flowable] = [
        *head,
        paragraph(words("exports.report.heading", region=about.region), "title"),
        paragraph(f"{about.date} · {words('exports.map.rule', rule=words.rule(rule.name))}", "small"),
        Spacer(1, 3 * mm),
        cards(found, called, words),
        Spacer(1, 2 * mm),
        paragraph(_answer(found, analysis, words)),
        ImageFlowable(lambda: overview_map(words, called, data, found, tall), WIDTH / mm, tall),
        Spacer(1, 1 * mm),
    ]
    story += _first_to_serve(analysis, words, most=10)
    told = (*about.lacking, *about.approximations)
    story += [Spacer(1, 2 * mm), *(paragraph("• " + text, "small") for text in told)]
    return [KeepInFrame(WIDTH, HEIGHT, story, mode="shrink")]


def _first_to_serve(analysis: RunTables, words: Words, most: int) -> list[Flowable]:
    """First villages by priority, as many as fit."""
    rows = priority_table(analysis, words).head(most)
    if rows.empty:
        return []
    rows["reason"] = [short(reason, 64) for reason in rows["reason"]]
    names = "rank village subdistrict population reason"
    return [
        paragraph(words("exports.report.first"), "subheading"),
        *listing(rows, names, [12, 25, 23, 16, 108], words, {"reason": "exports.column.reason_rank"}),
    ]


def short(text: str, most: int) -> str:
    """Text up to the first semicolon."""
    while len(text) > most and "; " in text:
        text = text.rpartition("; ")[0]
    return text


def _answer(found: Totals, analysis: RunTables, words: Words) -> str:
    """Summary in a sentence or two."""
    text = words(
        "exports.report.answer",
        villages=found.villages,
        blank=found.states["blank"],
        weak=found.states["weak"],
        served=found.states["served"],
        called=state_word("served", default_rule(analysis), words),
    )
    if found.states["unknown"]:
        text += " " + words("exports.report.answer_unknown", unknown=found.states["unknown"])
    if found.population_unserved is not None and found.population:
        text += " " + words(
            "exports.report.answer_people",
            unserved=found.population_unserved,
            population=found.population,
            share=words.share(found.population_unserved / found.population),
        )
        text += " " + people_range(analysis.run, default_rule(analysis).name, words)
    return text.strip()


def cards(found: Totals, called: Mapping[str, str], words: Words) -> Table:
    """Main figures side by side, with a bar in the state's colour."""
    entries: list[tuple[str, str, str]] = [(words("exports.summary.villages"), words.number(found.villages), "#1F4E79")]
    entries += [(called[state], words.number(found.states[state]), STATE_COLOURS[state]) for state in STATES]
    entries.append(
        (words("exports.summary.population_unserved"), words.number(found.population_unserved), STATE_COLOURS["blank"])
    )
    made = Table(
        [
            [paragraph(value, "figure") for _, value, _ in entries],
            [paragraph(label, "small") for label, _, _ in entries],
        ],
        colWidths=[WIDTH / len(entries)] * len(entries),
        hAlign="LEFT",
    )
    made.setStyle(
        TableStyle(
            [
                *[("LINEBEFORE", (at, 0), (at, 1), 3, HexColor(colour)) for at, (_, _, colour) in enumerate(entries)],
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
                ("LEFTPADDING", (0, 0), (-1, -1), 6),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return made


def overview_map(
    words: Words, called: Mapping[str, str], data: drawing.MapData, found: Totals, height_mm: float
) -> Image:
    """Map of the region with its legend."""
    with drawing_style(**drawing.hatch(0.4)):
        figure = blank_figure(WIDTH / mm, height_mm, DPI)
        legend_part = 16 / height_mm
        axes = figure.add_axes((0.002, legend_part, 0.996, 1 - legend_part - 0.002))
        drawing.frame(axes, data.bounds)
        drawing.draw_villages(axes, data, line=0.25)
        drawing.draw_other_land(axes, data, line=0.3)
        draw_basemap(axes, data.ground, data.credit, line=0.3)
        drawing.draw_areas(axes, data, points=6, line=0.7)
        drawing.draw_assets(axes, data, points=3)
        drawing.draw_ranks(axes, data, points=4.6, most=30)
        map_furniture.scale_bar(axes, words, points=6.5)
        map_furniture.north_arrow(axes, words, 8, data.crs)
        first = figure.legend(
            handles=map_furniture.state_handles(words, called, found.states, int(data.villages["possible"].sum())),
            loc="lower left",
            ncols=5,
            fontsize=7.5,
            frameon=False,
            bbox_to_anchor=(0, legend_part * 0.45),
            borderaxespad=0,
        )
        figure.add_artist(first)
        figure.legend(
            handles=[
                *map_furniture.asset_handles(words, data.assets, 5),
                *map_furniture.land_handles(words, data.land),
            ],
            loc="lower left",
            ncols=6,
            fontsize=7,
            frameon=False,
            bbox_to_anchor=(0, 0),
            borderaxespad=0,
            columnspacing=1.2,
            handletextpad=0.4,
        )
        return painted(figure)
