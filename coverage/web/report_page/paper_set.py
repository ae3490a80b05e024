"""A set of papers: contents, making, preview."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Condition

import pandas as pd
from cachetools import LRUCache, cached

from coverage.exports.bundle import output_files, paper_files, write_zip
from coverage.exports.registry import GROUPS, ExportFormat, formats_of
from coverage.language.words import Language, Words
from coverage.readers.costs import read_costs
from coverage.rollout.plan import PlanRequest, RolloutPlan
from coverage.run.decisions import Decisions, office_plan
from coverage.run.planning import default_request, money_curve
from coverage.run.result import Analysis, Ground
from coverage.web.run_cache import cached_per_run

MakePlan = Callable[[], tuple[RolloutPlan, pd.DataFrame]]
"""Makes a plan and its curve."""
PLAN_SECONDS = 10.0
_PREVIEW_SCALE = 1.6
"""Pixels per point: an A4 page is 950 pixels wide."""


def groups(analysis: Analysis, with_plan: bool) -> dict[str, list[ExportFormat]]:
    """Papers of a run by group; those of the plan or the signal only where there is one."""
    offered = formats_of(analysis, with_plan)
    return {group: [one for one in offered if one.group == group] for group in GROUPS}


@dataclass(frozen=True)
class PaperSet:
    """Contents and settings of a set."""

    names: tuple[str, ...]
    villages: tuple[str, ...]
    language: Language
    plan: str | None
    """Signature of the plan, None without one."""
    include_cctv: bool

    def of(self, names: Sequence[str]) -> PaperSet:
        """The same settings for other papers."""
        return replace(self, names=tuple(names))


def make_set(
    analysis: Analysis,
    chosen: PaperSet,
    plan_with_curve: MakePlan | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> bytes:
    """Return the set as ZIP."""
    plan, curve = plan_with_curve() if plan_with_curve else (None, None)
    offered = {one.name for one in formats_of(analysis, plan is not None)}
    names = [name for name in chosen.names if name in offered]
    return write_zip(
        output_files(
            analysis,
            Words(chosen.language),
            names,
            plan=plan,
            curve=curve,
            villages=chosen.villages,
            include_cctv=chosen.include_cctv,
            progress=progress,
        )
    )


def request_of(decisions: Decisions, analysis: Analysis) -> PlanRequest:
    """Money and constraints of the plan that :func:`plan_of` makes."""
    return decisions.plan_request(analysis.priority) or default_request(read_costs())


def _key(analysis: Analysis, _ground: Ground, decisions: Decisions) -> tuple[str, str]:
    kept = decisions.settings.get("plan")
    return analysis.run["run_id"], kept.at if kept else ""


@cached(LRUCache(4), key=_key, condition=Condition())
def plan_of(analysis: Analysis, ground: Ground, decisions: Decisions) -> tuple[RolloutPlan, pd.DataFrame]:
    """The plan of a run (:func:`coverage.run.decisions.office_plan`) and its curve. Cached per run."""
    planned = office_plan(analysis, ground, decisions, PLAN_SECONDS)
    return planned.plan, money_curve(analysis, planned, seconds=PLAN_SECONDS)


@cached_per_run
def preview(analysis: Analysis, language: Language) -> bytes:
    """First page of the report as PNG, cached per run."""
    import pypdfium2

    buffer = io.BytesIO()
    with pypdfium2.PdfDocument(paper_files(analysis, Words(language), ["report.pdf"])["report.pdf"]) as document:
        document[0].render(scale=_PREVIEW_SCALE).to_pil().save(buffer, format="PNG")
    return buffer.getvalue()
