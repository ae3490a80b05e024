"""The rollout plan in the report."""

from __future__ import annotations

import pandas as pd
from PIL.Image import Image
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from coverage.exports.fonts import drawing_style
from coverage.exports.pdf import WIDTH, heading, paragraph, table
from coverage.exports.pictures import DPI, ImageFlowable, blank_figure, painted
from coverage.exports.plan import (
    BLUE,
    budget_sentence,
    curve_sentences,
    measure_label,
    outcome_label,
    outcome_sentences,
    plan_quality,
    rollout_table,
)
from coverage.exports.tables import records
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables

MOST_ROWS = 400
_CURVE_MM = 62


def plan_story(
    analysis: RunTables, plan: RolloutPlan, words: Words, curve: pd.DataFrame | None = None
) -> list[Flowable]:
    """Pages of the plan: by year, the list of villages, and people against money."""
    years = [
        [
            str(row["year"]),
            *(words.money(row[name]) for name in ("budget_idr", "capital_idr", "running_idr")),
            *(words.number(row[name]) for name in ("villages", "people_newly_served", "people_total")),
        ]
        for row in records(plan.years)
    ]
    head = [
        words(f"exports.column.{name}")
        for name in (
            "year",
            "budget_idr",
            "capital_idr",
            "running_idr",
            "villages",
            "people_newly_served",
            "people_total",
        )
    ]
    rows = rollout_table(analysis, plan, words)
    cells = [
        [
            str(row["year"]),
            row["village_code_bps"],
            row["village"],
            row["subdistrict"],
            measure_label(row["measure"], words),
            words.money(row["cost_idr"]),
            words.number(row["people_newly_served"]),
            outcome_label(row["outcome"], row["share_after"], words) + "; " + row["reason"],
        ]
        for row in records(rows.head(MOST_ROWS))
    ]
    columns = [
        words(f"exports.column.{name}")
        for name in (
            "year",
            "village_code_bps",
            "village",
            "subdistrict",
            "measure",
            "cost_idr",
            "people_newly_served",
            "reason",
        )
    ]
    story: list[Flowable] = [
        *heading(words("exports.plan.heading")),
        paragraph(plan_quality(plan, words)),
        *(paragraph(text) for text in outcome_sentences(analysis, plan, words)),
        paragraph(budget_sentence(analysis, plan, words)),
        paragraph(words("exports.plan.indicative")),
        table(head, years, [11, 25, 25, 25, 12, 19, 17], numbers=range(1, 7)),
    ]
    if curve is not None and len(curve):
        story += heading(words("exports.plan.curve"), "subheading", (_CURVE_MM + 12) * mm)
        story.append(ImageFlowable(lambda: draw_curve(curve, words), WIDTH / mm, _CURVE_MM))
        story += [paragraph(text, "small") for text in curve_sentences(curve, words)]
    story += heading(words("exports.plan.list"), "subheading")
    story.append(
        table(columns, cells, [10, 18, 24, 21, 20, 22, 17, 48], numbers=[0, 5, 6])
        if cells
        else paragraph(words("exports.report.nothing"))
    )
    if len(rows) > MOST_ROWS:
        story.append(
            paragraph(
                words("exports.report.cut", shown=words.number(MOST_ROWS), count=words.number(len(rows))), "small"
            )
        )
    return story


def draw_curve(curve: pd.DataFrame, words: Words) -> Image:
    """People served against money, beside the naive plan."""
    with drawing_style(**{"font.size": 8}):
        figure = blank_figure(WIDTH / mm, _CURVE_MM, DPI)
        axes = figure.add_axes((0.09, 0.19, 0.89, 0.76))
        money = curve["budget_idr"] / 1e9
        axes.plot(money, curve["people"], color=BLUE, marker="o", label=words("exports.plan.best"))
        axes.plot(
            money, curve["people_naive"], color="#8A949E", marker="s", linestyle="--", label=words("exports.plan.naive")
        )
        axes.set(ylim=(0, None), xlim=(0, None), xlabel=words("exports.plan.money_axis"))
        axes.yaxis.set_major_formatter(lambda value, _: words.number(value))
        axes.xaxis.set_major_formatter(lambda value, _: words.number(value, 1))
        axes.set_ylabel(words("exports.column.people_newly_served"))
        axes.grid(color="#E3E7EB")
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, loc="lower right")
        return painted(figure)
