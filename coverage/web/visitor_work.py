"""What visitors may have computed, each called in a process apart (:mod:`coverage.web.workers`) with its task first."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.base.schema import STATES
from coverage.exports.bundle import output_files, paper_files, write_zip
from coverage.exports.evidence_pack import PackPoint, write_pack_pdf, write_pack_zip
from coverage.exports.letterhead import Letterhead
from coverage.exports.map_choice import DrawnArea, Form, MapChoice
from coverage.exports.overlays import MOST_REACH_PIXELS, Overlay, reach_overlay
from coverage.exports.pockets import pockets_table
from coverage.exports.public_page import public_files
from coverage.exports.registry import formats_of
from coverage.language.words import Language, Words
from coverage.reach.added_asset import people_gained
from coverage.reach.assets import would_give
from coverage.reach.model import radio_of
from coverage.reach.signal_views import reached_by
from coverage.rollout.measures import Costs
from coverage.rollout.new_sites import grid_candidates
from coverage.rollout.new_sites import new_sites as search_new_sites
from coverage.rollout.plan import PlanRequest, RolloutPlan
from coverage.rollout.site_survey import SiteSurvey
from coverage.rollout.sites import Sites
from coverage.run.analysis import analyze
from coverage.run.areas import area_of
from coverage.run.best_sites import best_sites as rank_sites
from coverage.run.decisions import Decisions
from coverage.run.decisions import office_plan as make_office_plan
from coverage.run.inputs import Inputs
from coverage.run.planning import FreePlan, PlanResult, make_plan, money_curve, survey_of
from coverage.run.planning import plan_again as make_plan_again
from coverage.run.pockets import pockets_of
from coverage.run.privacy import for_outsiders
from coverage.run.repeaters import MastHeard, masts_heard
from coverage.run.what_if import TrialAsset
from coverage.run.what_if import what_if as with_and_without
from coverage.store.losses import loss_cache
from coverage.web.work_process import Task

GAP = 0.001
SECONDS, CURVE_SECONDS, SITES_SECONDS, OFFICE_SECONDS = 120.0, 3.0, 30.0, 10.0
"""Time limits of a plan, of each point of its curve, of new sites, and of a plan for papers."""
KEPT_CURVE_SECONDS = 1.0
"""Time limit of each point of the curve of a plan that is opened again."""
_PREVIEW_SCALE = 1.6
"""Pixels per point: an A4 page is 950 pixels wide."""


@dataclass(frozen=True)
class TrialEffect:
    """Effect of proposals, without the (large) run.

    ``villages`` and ``pockets`` are those that change (:class:`coverage.run.what_if.WhatIf`); ``people`` are the newly
    served, None where not known; ``people_unknown`` are reached too, but not known to be without service now;
    ``before`` and ``after`` count villages by state; ``picture`` shows where the signal of the proposals reaches, if
    any; ``circles`` are the radii in metres of the others by their number from 0; ``heard`` is what repeaters hear.
    """

    villages: pd.DataFrame
    pockets: pd.DataFrame
    people: float | None
    people_unknown: float | None
    before: dict[str, int]
    after: dict[str, int]
    picture: Overlay | None
    circles: dict[int, float]
    seconds: float
    heard: tuple[MastHeard, ...] = ()

    def changed(self) -> tuple[tuple[str, str], ...]:
        """Changed villages with their new state."""
        rows = self.villages[self.villages["before"] != self.villages["after"]]
        codes, states = rows["village_code_bps"].astype(str), rows["after"].astype(str)
        return tuple(zip(codes, states, strict=True))


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


def survey(task: Task, costs: Costs, roads: gpd.GeoDataFrame | None, allow_sea: bool) -> SiteSurvey:
    """Possible measures (:func:`coverage.run.planning.survey_of`)."""
    task.begin("plan")
    return survey_of(task.analysis, task.ground, costs, roads, allow_sea)


def plan_again(
    task: Task,
    costs: Costs,
    roads: tuple[gpd.GeoDataFrame | None, str | None],
    allow_sea: bool,
    request: PlanRequest,
    kept: Mapping[str, Any],
    with_curve: bool,
) -> tuple[PlanResult, pd.DataFrame | None]:
    """A saved plan on today's tables (:func:`coverage.run.planning.plan_again`), its curve; roads, their name."""
    found = survey(task, costs, roads[0], allow_sea)
    planned = make_plan_again(task.analysis, found, costs, request, kept, roads[1])
    task.begin("curve")
    return planned, money_curve(task.analysis, planned, KEPT_CURVE_SECONDS, task.watch) if with_curve else None


def office_plan(task: Task, decisions: Decisions) -> tuple[RolloutPlan, pd.DataFrame]:
    """The plan of papers (:func:`coverage.run.decisions.office_plan`) and its curve."""
    task.begin("plan")
    planned = make_office_plan(task.analysis, task.ground, decisions, OFFICE_SECONDS)
    return planned.plan, money_curve(task.analysis, planned, OFFICE_SECONDS)


def new_sites(
    task: Task, kind: str, candidates: gpd.GeoDataFrame | str, reach_m: float, count: int
) -> tuple[gpd.GeoDataFrame, Sites]:
    """The sites where assets of a kind serve most people, of points, of the villages' ``centres``, or of a ``grid``.

    Of repeaters only those where they hear a mast.
    """
    task.begin("plan")
    villages, land = task.analysis.villages, task.ground.land
    if not isinstance(candidates, gpd.GeoDataFrame):
        if candidates == "grid":
            candidates = grid_candidates(land, 500 if reach_m < 1000 else 1000)
        else:
            centres = gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"])
            candidates = gpd.GeoDataFrame(geometry=centres, crs="EPSG:4326")
    served, kinds = task.analysis.reached.most, task.analysis.parameters.kinds
    candidates = candidates[would_give(candidates.geometry, task.analysis.assets, kinds, kind)]
    rest = (kinds[kind].service or "", candidates, reach_m, count, SITES_SECONDS, task.watch)
    return search_new_sites(land, villages, task.analysis.cells, served, *rest)


def best_sites(task: Task, wanted: TrialAsset, within_m: float) -> pd.DataFrame:
    """The best places for an asset around where it stands (:func:`coverage.run.what_if.best_sites`)."""
    return rank_sites(task.analysis, task.ground, wanted.lon, wanted.lat, within_m, wanted, between=task.go_on)


def own_pockets(task: Task, by: str, value: str, language: Language) -> tuple[pd.DataFrame, int]:
    """Pockets without one operator or technology (:func:`coverage.run.pockets.pockets_of`) as a table, as outsiders may
    see them, and how many assets may be its own."""
    task.begin("trial")
    analysis = replace(task.analysis, land=task.ground.land, cells=task.ground.cells)
    found, unknown = pockets_of(analysis, by, value)
    return pockets_table(for_outsiders(found), Words(language)), unknown


def what_if(task: Task, proposals: Sequence[TrialAsset], rule: str) -> TrialEffect:
    """The effect of proposed assets (:func:`coverage.run.what_if.what_if`)."""
    task.begin("trial")
    began = time.perf_counter()
    run, ground = task.analysis, task.ground
    found = with_and_without(run, ground, proposals, rule)
    before, after = (states.value_counts() for states in (found.before, found.after))
    counts = [{state: int(counted.get(state, 0)) for state in STATES} for counted in (before, after)]
    people = (found.people_newly_served, found.people_unknown)
    new, picture = found.new_towers(run), None
    if new and run.terrain is not None and run.reached.usable is not None:
        radio = radio_of(run.parameters)
        given = (run.terrain, run.reached.usable, new, radio, ground.kept)
        picture = reach_overlay(run.terrain, *reached_by(*given, most=MOST_REACH_PIXELS))
    circles = found.circles(len(proposals))
    first = len(found.assets) - len(proposals)
    heard = masts_heard(found.assets, first, found.gives, found.reached, run.parameters, run.terrain)
    tables, seconds = (found.villages, found.pockets), time.perf_counter() - began
    return TrialEffect(*tables, *people, counts[0], counts[1], picture, circles, seconds, heard)


def run_with(task: Task, inputs: Inputs) -> dict[str, Any]:
    """The run of other assets, which are no list: its fields that differ from the task's run."""
    task.begin("trial")
    calibrated, run = replace(inputs, calibrate=False), task.analysis  # the parameters of the task's run are
    after = analyze(calibrated, run.parameters, task.ground, earlier=run.reached, known=run.known)
    every = {field.name: getattr(after, field.name) for field in fields(after)}
    return {name: value for name, value in every.items() if value is not getattr(task.analysis, name)}


def people_lost(task: Task, assets: gpd.GeoDataFrame, broken: Sequence[str]) -> dict[str, float]:
    """People who lose their connection by each of some assets (:func:`coverage.reach.added_asset.people_gained`)."""
    task.begin("trial")
    run, ground = task.analysis, task.ground
    rest = (assets, run.parameters.kinds, broken, run.heard(ground.kept))
    return people_gained(ground.land, ground.cells, run.villages, *rest, between=task.go_on)


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


def printed_map(
    task: Task,
    language: Language,
    include_cctv: bool,
    choice: MapChoice,
    areas: Sequence[tuple[str, str, str]],
    paper: str,
    upright: bool,
    form: Form,
) -> bytes:
    """The map on paper as it was chosen on the screen, with coverage areas (what they are of, and their names)."""
    task.begin("papers")
    from coverage.exports.print_map import A3, A4, write_print_map

    outlines = [(name, area_of(task.analysis, by, value, loss_cache())) for by, value, name in areas]
    drawn = tuple(DrawnArea(name, outline) for name, outline in outlines if outline is not None)
    shown, size = task.analysis if include_cctv else for_outsiders(task.analysis), A3 if paper == "A3" else A4
    wanted = size.upright if upright else size
    return write_print_map(shown, Words(language), paper=wanted, choice=replace(choice, areas=drawn), form=form)


def pack(task: Task, language: Language, points: Sequence[PackPoint], letterhead: Letterhead, whole: bool) -> bytes:
    """The evidence pack of proposals as PDF, or as ZIP; without cameras, as it leaves the office."""
    task.begin("papers")
    write = write_pack_zip if whole else write_pack_pdf
    return write(for_outsiders(task.analysis), Words(language), points, letterhead)


def preview(task: Task, language: Language, letterhead: Letterhead) -> bytes:
    """First page of the report as PNG."""
    import pypdfium2

    buffer = io.BytesIO()
    content = papers(task, language, ["report.pdf"], (None, None), {"letterhead": letterhead}, None)
    with pypdfium2.PdfDocument(content) as document:
        document[0].render(scale=_PREVIEW_SCALE).to_pil().save(buffer, format="PNG")
    return buffer.getvalue()


def public_page(task: Task, held_back: Sequence[str]) -> dict[str, bytes]:
    """Make the files of the public page."""
    return public_files(task.analysis, held_back)
