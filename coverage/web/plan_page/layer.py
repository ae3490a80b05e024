"""A rollout plan as a map layer: villages with year and measure, new routes, new sites."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import shapely

from coverage.run.planning import PlanResult
from coverage.web.maps.layers import DIGITS, STORE
from coverage.web.maps.map_view import PlanOnMap


def plan_layer(planned: PlanResult) -> dict[str, Any]:
    """``villages`` (year and measure by code), ``lines`` (fibre by year as GeoJSON) and ``sites`` (none)."""
    rollout = planned.plan.rollout
    villages = {
        code: {"year": int(year), "measure": measure}
        for code, year, measure in zip(rollout["village_code_bps"], rollout["year"], rollout["measure"], strict=True)
    }
    features: list[dict[str, Any]] = []
    routes = planned.survey.routes
    if routes is not None and any(planned.plan.piece_year):
        lines = routes.lines().assign(year=planned.plan.piece_year)
        lines = lines[lines["year"] > 0]
        shapes = shapely.to_geojson(shapely.set_precision(lines.geometry.to_numpy(), 10.0**-DIGITS))
        features = [
            {"type": "Feature", "geometry": json.loads(shape), "properties": {"year": int(year)}}
            for shape, year in zip(shapes, lines["year"], strict=True)
        ]
    return {"villages": villages, "lines": {"type": "FeatureCollection", "features": features}, "sites": []}


def on_map(planned: PlanResult) -> PlanOnMap:
    """Store the layer for the browser."""
    measures = tuple(sorted(set(planned.plan.rollout["measure"])))
    return PlanOnMap(STORE.put(plan_layer(planned)), tuple(int(year) for year in planned.plan.years["year"]), measures)


def sites_on_map(places: Sequence[tuple[float, float]]) -> PlanOnMap:
    """New sites as (latitude, longitude), by people added."""
    sites = [[round(lat, DIGITS), round(lon, DIGITS)] for lat, lon in places]
    empty: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    return PlanOnMap(STORE.put({"villages": {}, "lines": empty, "sites": sites}), (), ())
