"""A set of papers: contents, making, preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Condition, Lock
from typing import Any

import pandas as pd
from cachetools import LRUCache, cached

from coverage.exports.letterhead import Letterhead
from coverage.exports.registry import GROUPS, ExportFormat, formats_of
from coverage.language.words import Language, Words
from coverage.readers.costs import read_costs
from coverage.rollout.plan import PlanRequest, RolloutPlan
from coverage.run.decisions import Decisions
from coverage.run.planning import default_request
from coverage.run.result import Analysis, Ground
from coverage.web import visitor_work
from coverage.web.background_jobs import Job
from coverage.web.downloads import paper_name
from coverage.web.fair_queue import Visit
from coverage.web.workers import compute

WithCurve = tuple[RolloutPlan, pd.DataFrame]
MakePlan = Callable[[], WithCurve]
"""Makes a plan and its curve."""


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
    captions: bool
    """Whether columns of CSV are headed in the reader's language."""
    letterhead: Letterhead

    def of(self, names: Sequence[str]) -> PaperSet:
        """The same settings for other papers."""
        return replace(self, names=tuple(names))


def make_set(
    analysis: Analysis, chosen: PaperSet, plan_with_curve: MakePlan | None, tell: Callable[[Job[bytes]], None]
) -> bytes:
    """Return the set as ZIP."""
    made, words = plan_with_curve() if plan_with_curve else (None, None), Words(chosen.language)
    options = {name: getattr(chosen, name) for name in ("villages", "include_cctv", "captions", "letterhead")}
    titles = {name: paper_name(analysis, words, name) for name in chosen.names}
    given = (chosen.language, chosen.names, made, options, titles)
    job: Job[bytes] = Job(lambda job: compute(job, visitor_work.papers, analysis, None, *given))
    return job.followed(tell)


def request_of(decisions: Decisions, analysis: Analysis) -> PlanRequest:
    """Money and constraints of the plan that :func:`plan_of` makes."""
    return decisions.plan_request(analysis.priority) or default_request(read_costs())


def _key(analysis: Analysis, _ground: Ground, decisions: Decisions) -> tuple[str, str]:
    kept = decisions.settings.get("plan")
    return analysis.run["run_id"], kept.at if kept else ""


@cached(LRUCache(4), key=_key, condition=Condition())
def plan_of(analysis: Analysis, ground: Ground, decisions: Decisions) -> WithCurve:
    """The plan of a run (:func:`coverage.run.decisions.office_plan`) and its curve. Cached per run."""

    def work(job: Job[WithCurve]) -> WithCurve:
        made: WithCurve = compute(job, visitor_work.office_plan, analysis, ground, decisions)
        return made

    return Job(work, is_long=True, visit=Visit()).awaited()


_previews: LRUCache[Any, Job[bytes]] = LRUCache(8)


def preview(analysis: Analysis, language: Language, letterhead: Letterhead) -> bytes:
    """First page of the report as PNG, made once per run."""
    try:
        return _preview(analysis, language, letterhead).awaited()
    except BaseException:
        _previews.clear()  # to be made again
        raise


def _preview_key(analysis: Analysis, *of: Any) -> tuple[Any, ...]:
    return analysis.run["run_id"], *of


@cached(_previews, key=_preview_key, lock=Lock())
def _preview(analysis: Analysis, language: Language, letterhead: Letterhead) -> Job[bytes]:
    return Job(lambda job: compute(job, visitor_work.preview, analysis, None, language, letterhead), visit=Visit())
