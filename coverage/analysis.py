"""The whole flow as one call: villages and assets in; reach, blank spots and priority out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage import __version__
from coverage.assets import service_reach, services_known
from coverage.blank_spots import blank_spots, conflicts, listed_codes
from coverage.cells import Land, make_land
from coverage.inputs import Inputs
from coverage.parameters import Parameters
from coverage.people import fill_population, spread_evenly
from coverage.priority import rank_villages
from coverage.reach.radius import reach_by_radius
from coverage.readers.people_places import people_on_land
from coverage.scanlines import Floats
from coverage.schema import ASSETS, EVIDENCE, STATES, VILLAGES, check
from coverage.village_service import nearest_assets, village_service

Progress = Callable[[str, float], None]
STEPS = ("land", "people", "reach", "village_service", "blank_spots", "priority")


@dataclass(frozen=True)
class Analysis:
    """Everything that a run found; each table as in :mod:`coverage.schema`.

    ``run`` holds ``run_id, version, inputs, parameters, counts, seconds, notes, approximations``: what ``run.json``
    says, so that any number on paper can be reproduced.
    """

    villages: pd.DataFrame
    assets: pd.DataFrame | None
    evidence: pd.DataFrame | None
    cells: pd.DataFrame
    reach: pd.DataFrame
    village_service: pd.DataFrame
    nearest: pd.DataFrame
    blank_spots: pd.DataFrame
    conflicts: pd.DataFrame
    priority: pd.DataFrame
    parameters: Parameters
    run: dict[str, Any]

    def states(self, rule: str | None = None) -> pd.Series:
        """The state of each village (indexed by BPS code) under a rule; the default rule if none is named."""
        rows = self.blank_spots[self.blank_spots["rule"] == (rule or self.parameters.default_rule)]
        return rows.set_index("village_code_bps")["state"]


@dataclass(frozen=True)
class Ground:
    """What stays while assets change: the land cut into cells, and the people on it.

    ``population`` is that of the map of people, for villages without an official figure; ``notes`` tell of that map.
    """

    land: Land
    cells: pd.DataFrame
    population: Floats | None = None
    notes: tuple[tuple[str, dict[str, object]], ...] = ()


def prepare(inputs: Inputs, parameters: Parameters) -> Ground:
    """Cut the villages into cells and put the people there; the slow part that a change of assets leaves alone."""
    land = make_land(inputs.villages, parameters.cell_m, parameters.row_m)
    if inputs.people_places is None:
        return Ground(land, spread_evenly(land))
    known = inputs.villages["population"]
    official = None if known.isna().any() else float(known.sum())
    people, notes = people_on_land(land, inputs.people_places, inputs.people_measure, official)
    return Ground(land, people.cells, people.population, tuple(notes))


def analyze(
    inputs: Inputs,
    parameters: Parameters,
    ground: Ground | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Run the whole flow.

    Parameters
    ----------
    inputs
        Villages, assets, evidence.
    parameters
        Kinds, rules, weights.
    ground
        From :func:`prepare`, where the villages and people are those of an earlier run.
    progress
        Called with the name of a step of ``STEPS`` that begins and the part done, 0 to 1.

    Raises
    ------
    SchemaError
        If a table breaks its schema.
    """
    clock = _Clock(progress)
    villages = check(inputs.villages, VILLAGES)
    assets = None if inputs.assets is None else check(inputs.assets, ASSETS)
    evidence = None if inputs.evidence is None else check(inputs.evidence, EVIDENCE)
    clock.begins("land")
    ground = ground or prepare(inputs, parameters)
    if ground.population is not None:
        villages = fill_population(villages, ground.population)
    clock.begins("reach")
    known = services_known(assets, parameters.kinds)
    present = _no_assets() if assets is None else assets
    reached = service_reach(present, parameters.kinds)
    reach = reach_by_radius(ground.land, present, reached)
    clock.begins("village_service")
    service = village_service(villages, ground.cells, reach, present, reached, known)
    nearest = nearest_assets(villages, present)
    clock.begins("blank_spots")
    spots = blank_spots(service, parameters.rules, parameters.kinds, listed_codes(evidence))
    disagreements = conflicts(spots, evidence, parameters.default_rule)
    clock.begins("priority")
    ranked = rank_villages(villages, service, spots, parameters.priority, parameters.default_rule)
    seconds = clock.ends()
    name = run_id(inputs, parameters)
    used = replace(inputs, villages=villages, notes=(*inputs.notes, *ground.notes))
    run = _run(name, used, parameters, spots, seconds)
    return Analysis(
        villages, assets, evidence, ground.cells, reach, service, nearest, spots, disagreements, ranked, parameters, run
    )


class _Clock:
    """Seconds per step, and the progress bar."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._started: dict[str, float] = {}

    def begins(self, step: str) -> None:
        self._started[step] = time.perf_counter()
        if self._progress:
            self._progress(step, STEPS.index(step) / len(STEPS))

    def ends(self) -> dict[str, float]:
        times = [*self._started.values(), time.perf_counter()]
        return {step: round(end - start, 3) for step, start, end in zip(self._started, times, times[1:], strict=False)}


def _no_assets() -> pd.DataFrame:
    none: pd.DataFrame = gpd.GeoDataFrame({name: [] for name in ASSETS.names}, geometry="geometry", crs="EPSG:4326")
    return none


def run_id(inputs: Inputs, parameters: Parameters) -> str:
    """Return the hash that names a run: of the content of its inputs, its parameters and the version.

    Rows are put in the order of their key first, so that the order of a file never changes the name of a run.
    """
    digest = hashlib.sha256(f"{__version__}\n{parameters.model_dump_json()}\n".encode())
    for table, key in (
        (inputs.villages, "village_code_bps"),
        (inputs.assets, "asset_id"),
        (inputs.evidence, "evidence_id"),
    ):
        digest.update(b"\n--\n")
        if table is None:
            continue
        ordered = table.sort_values(key, kind="stable")
        plain = pd.DataFrame(ordered.drop(columns="geometry", errors="ignore"))
        digest.update(plain.to_json(orient="split", index=False, double_precision=12).encode())
        if "geometry" in ordered:
            for blob in ordered.geometry.to_wkb():
                digest.update(blob)
    if inputs.people_places is not None:
        digest.update(f"{inputs.people_measure}\n".encode())
        digest.update(json.dumps(inputs.files, sort_keys=True).encode())
    return digest.hexdigest()[:12]


def _run(
    name: str, inputs: Inputs, parameters: Parameters, spots: pd.DataFrame, seconds: dict[str, float]
) -> dict[str, Any]:
    counts = {
        "villages": len(inputs.villages),
        "subdistricts": int(inputs.villages["subdistrict"].nunique()),
        "population": _total(inputs.villages["population"]),
        "area_km2": round(float(inputs.villages["area_km2"].sum()), 3),
        "assets": None
        if inputs.assets is None
        else {k: int(v) for k, v in inputs.assets["kind"].value_counts().sort_index().items()},
        "states": {
            rule: {state: int((rows["state"] == state).sum()) for state in STATES}
            for rule, rows in spots.groupby("rule", sort=False)
        },
    }
    return {
        "run_id": name,
        "version": __version__,
        "inputs": dict(sorted(inputs.files.items())),
        "parameters": parameters.model_dump(mode="json"),
        "counts": counts,
        "approximations": approximations(inputs),
        "notes": [{"code": code, **details} for code, details in inputs.notes],
        "seconds": seconds,
    }


def _total(people: pd.Series) -> int | None:
    return None if people.isna().any() else round(float(people.sum()))


def approximations(inputs: Inputs) -> list[str]:
    """Name what is invented or approximate in a run: keys of ``core.mark``, shown wherever a figure is."""
    marks = []
    if (inputs.villages["boundary_quality"] == "approximate").any():
        marks.append("approximate_boundaries")
    if inputs.villages["population"].isna().any():
        marks.append("no_people")
    elif inputs.population_estimated:
        marks.append("estimated_people")
    if inputs.people_places is None:
        marks.append("even_people")
    if inputs.assets is not None and (inputs.assets["source"] == "contoh").any():
        marks.append("sample_assets")
    if inputs.assets is not None:
        marks.append("reach_by_radius")
    return marks
