"""A rollout plan as a map layer: villages with year and measure, new routes, new sites."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import shapely

from coverage.language.words import Words
from coverage.run.outcome import outcome_of
from coverage.run.planning import PlanResult
from coverage.run.result import RunTables
from coverage.web.maps.layers import DIGITS, STORE, collection, feature
from coverage.web.maps.map_view import PlanOnMap


def plan_layer(analysis: RunTables, planned: PlanResult, words: Words) -> dict[str, Any]:
    """``villages`` by code, ``lines`` (fibre by year as GeoJSON) and ``sites`` (none).

    A village has ``year``, ``measure``, ``outcome`` (:mod:`coverage.run.outcome`), ``left`` (on the official list and
    not served then) and ``said``, the outcome in words.
    """
    from coverage.exports.plan import outcome_label  # slow to import

    rollout, after = planned.plan.rollout, outcome_of(analysis, planned.plan).villages
    villages = {}
    for built, then in zip(rollout.to_dict("records"), after.to_dict("records"), strict=True):
        left = bool(then["listed"]) and then["outcome"] not in ("served", None)
        said = outcome_label(then["outcome"], then["share_after"], words)
        villages[built["village_code_bps"]] = {
            "year": int(built["year"]),
            "measure": built["measure"],
            "outcome": then["outcome"],
            "left": left,
            "said": f"{said}; {words('planning.map.outcome.left')}" if left else said,
        }
    features: list[dict[str, Any]] = []
    routes = planned.survey.routes
    if routes is not None and any(planned.plan.piece_year):
        lines = routes.lines().assign(year=planned.plan.piece_year)
        lines = lines[lines["year"] > 0]
        shapes = shapely.to_geojson(shapely.set_precision(lines.geometry.to_numpy(), 10.0**-DIGITS))
        features = [
            feature(json.loads(shape), year=int(year)) for shape, year in zip(shapes, lines["year"], strict=True)
        ]
    return {"villages": villages, "lines": collection(features), "sites": []}


def on_map(analysis: RunTables, planned: PlanResult, words: Words) -> PlanOnMap:
    """Store the layer for the browser."""
    measures = tuple(sorted(set(planned.plan.rollout["measure"])))
    years = tuple(int(year) for year in planned.plan.years["year"])
    return PlanOnMap(STORE.put(plan_layer(analysis, planned, words)), years, measures)


def sites_on_map(places: Sequence[tuple[float, float]]) -> PlanOnMap:
    """New sites as (latitude, longitude), by people added."""
    sites = [[round(lat, DIGITS), round(lon, DIGITS)] for lat, lon in places]
    return PlanOnMap(STORE.put({"villages": {}, "lines": collection([]), "sites": sites}), (), ())
