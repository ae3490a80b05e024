"""The rollout plan in the report."""

from __future__ import annotations

import pandas as pd
from PIL.Image import Image
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from coverage.exports.fonts import drawing_style
from coverage.exports.listing import listing
from coverage.exports.pdf import WIDTH, heading, paragraph
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
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables

_CURVE_MM = 62


def plan_story(
    analysis: RunTables, plan: RolloutPlan, words: Words, curve: pd.DataFrame | None = None
) -> list[Flowable]:
    """Pages of the plan: by year, the list of villages, and people against money."""
    rows = rollout_table(analysis, plan, words)
    shares = zip(rows["outcome"], rows["share_after"], rows["reason"], strict=True)
    rows = rows.assign(
        measure=[measure_label(name, words) for name in rows["measure"]],
        reason=[f"{outcome_label(name, share, words)}; {reason}" for name, share, reason in shares],
    )
    years = "year budget_idr capital_idr running_idr villages people_newly_served people_total"
    names = "year village_code_bps village subdistrict measure cost_idr people_newly_served reason"
    story: list[Flowable] = [
        *heading(words("exports.plan.heading")),
        paragraph(plan_quality(plan, words)),
        *(paragraph(text) for text in outcome_sentences(analysis, plan, words)),
        paragraph(budget_sentence(analysis, plan, words)),
        paragraph(words("exports.plan.indicative")),
        *listing(plan.years, years, [11, 25, 25, 25, 12, 19, 17], words),
    ]
    if curve is not None and len(curve):
        story += heading(words("exports.plan.curve"), "subheading", (_CURVE_MM + 12) * mm)
        story.append(ImageFlowable(lambda: draw_curve(curve, words), WIDTH / mm, _CURVE_MM))
        story += [paragraph(text, "small") for text in curve_sentences(curve, words)]
    story += heading(words("exports.plan.list"), "subheading")
    story += listing(rows, names, [10, 18, 24, 21, 20, 22, 17, 48], words)
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
