"""What visitors may have computed, each called in a process apart (:mod:`coverage.web.workers`) with its task first."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.exports.bundle import output_files, paper_files, write_zip
from coverage.exports.letterhead import Letterhead
from coverage.exports.registry import formats_of
from coverage.language.words import Language, Words
from coverage.rollout.measures import Costs
from coverage.rollout.new_sites import grid_candidates
from coverage.rollout.new_sites import new_sites as search_new_sites
from coverage.rollout.plan import PlanRequest, RolloutPlan
from coverage.rollout.sites import Sites
from coverage.run.decisions import Decisions
from coverage.run.decisions import office_plan as make_office_plan
from coverage.run.planning import FreePlan, PlanResult, make_plan, money_curve, survey_of
from coverage.run.what_if import best_sites as rank_sites
from coverage.web.work_process import Task

GAP = 0.001
SECONDS, CURVE_SECONDS, SITES_SECONDS, OFFICE_SECONDS = 120.0, 3.0, 30.0, 10.0
"""Time limits of a plan, of each point of its curve, of new sites, and of a plan for papers."""
_PREVIEW_SCALE = 1.6
"""Pixels per point: an A4 page is 950 pixels wide."""


def plan(
    task: Task,
    costs: Costs,
    roads: gpd.GeoDataFrame | None,
    allow_sea: bool,
    request: PlanRequest,
    free: FreePlan | None = None,
) -> tuple[PlanResult, pd.DataFrame]:
    """A rollout plan and its curve."""
    task.begin("plan")
    found = survey_of(task.analysis, task.ground, costs, roads, allow_sea)
    planned = make_plan(task.analysis, found, costs, request, GAP, SECONDS, task.watch, free)
    task.begin("curve")
    return planned, money_curve(task.analysis, planned, CURVE_SECONDS, task.watch)


def office_plan(task: Task, decisions: Decisions) -> tuple[RolloutPlan, pd.DataFrame]:
    """The plan of papers (:func:`coverage.run.decisions.office_plan`) and its curve."""
    task.begin("plan")
    planned = make_office_plan(task.analysis, task.ground, decisions, OFFICE_SECONDS)
    return planned.plan, money_curve(task.analysis, planned, OFFICE_SECONDS)


def new_sites(
    task: Task, service: str, candidates: gpd.GeoDataFrame | str, reach_m: float, count: int
) -> tuple[gpd.GeoDataFrame, Sites]:
    """The sites that serve most people, of points, of the villages' ``centres``, or of a ``grid``."""
    task.begin("plan")
    villages, land = task.analysis.villages, task.ground.land
    if not isinstance(candidates, gpd.GeoDataFrame):
        if candidates == "grid":
            candidates = grid_candidates(land, 500 if reach_m < 1000 else 1000)
        else:
            centres = gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"])
            candidates = gpd.GeoDataFrame(geometry=centres, crs="EPSG:4326")
    served = task.analysis.reached.most
    rest = (service, candidates, reach_m, count, SITES_SECONDS, task.watch)
    return search_new_sites(land, villages, task.analysis.cells, served, *rest)


def best_sites(task: Task, lon: float, lat: float, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """High points for a tower (:func:`coverage.run.what_if.best_sites`)."""
    return rank_sites(task.analysis, task.ground, lon, lat, **wanted, between=task.go_on)


def papers(
    task: Task,
    language: Language,
    names: Sequence[str],
    made: tuple[RolloutPlan | None, pd.DataFrame | None],
    options: Mapping[str, Any],
    titles: Mapping[str, str] | None,
) -> bytes:
    """One paper, or a set under ``titles`` as ZIP with its ``run.json``; ``options`` are those of ``paper_files``."""
    task.begin("papers")

    def begins(name: str, done: float) -> None:
        task.go_on()
        task.begin(name, done)

    (rollout, curve), words = made, Words(language)
    given: dict[str, Any] = {"plan": rollout, "curve": curve, **options}
    if titles is None:
        (content,) = paper_files(task.analysis, words, names, **given, progress=begins).values()
        return content
    offered = {one.name for one in formats_of(task.analysis, rollout is not None)}
    chosen = [name for name in names if name in offered]
    return write_zip(output_files(task.analysis, words, chosen, **given, title=titles.__getitem__, progress=begins))


def preview(task: Task, language: Language, letterhead: Letterhead) -> bytes:
    """First page of the report as PNG."""
    import pypdfium2

    buffer = io.BytesIO()
    content = papers(task, language, ["report.pdf"], (None, None), {"letterhead": letterhead}, None)
    with pypdfium2.PdfDocument(content) as document:
        document[0].render(scale=_PREVIEW_SCALE).to_pil().save(buffer, format="PNG")
    return buffer.getvalue()
