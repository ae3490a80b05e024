"""The whole flow in one call: villages and assets in; reach, blank spots and priority out."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
import shapely

from coverage import __version__
from coverage.base.parameters import Parameters
from coverage.base.schema import ASSETS, EVIDENCE, LANDMARKS, STATES, VILLAGES, check
from coverage.land.cells import make_land
from coverage.land.people import fill_population, spread_evenly
from coverage.ranking.criteria import single_operator
from coverage.ranking.priority import rank_villages
from coverage.reach.assets import OF_SECTOR, no_assets, service_reach, services_known, told_columns, with_neighbours
from coverage.reach.masts import mast_of
from coverage.reach.model import Model, ReachResult, at_ends, radio_of, reach
from coverage.reach.radials import LossStore
from coverage.reach.signal import Signal
from coverage.readers.people_places import people_on_land
from coverage.run.inputs import Inputs
from coverage.run.missing import about_ground, answerable, antenna_note, assets_note, ground_note, rule_note
from coverage.run.pockets import with_pockets
from coverage.run.result import Analysis, Ground, SignalSoFar
from coverage.villages_served.blank_spots import blank_spots, conflicts, listed_states, states_again
from coverage.villages_served.calibration import calibrated, calibration
from coverage.villages_served.certainty import with_certainty
from coverage.villages_served.chances import SignalChances
from coverage.villages_served.field_evidence import about_measurements, agreement, compare
from coverage.villages_served.village_service import nearest_assets, village_service
from coverage.villages_served.village_signal import centres_of, signal_at_end, village_signal
from coverage.villages_served.village_terrain import village_terrain


class RunProgress(Protocol):
    """Is told the name of a step of :data:`STEPS`, the fraction done, and the signal that there is so far."""

    def __call__(self, step: str, done: float, so_far: SignalSoFar | None = None, /) -> None:
        """Take note."""


WORDS_ABOUT_ASSETS = ("name", "owner", "installed_on", "source", "note")
"""Columns of assets that do not enter the computation."""
STEPS = ("land", "people", "reach", "village_service", "blank_spots", "priority")


def call_here(reader: Callable[..., Any], *args: Any) -> Any:
    """Call a reader in this process."""
    return reader(*args)


def prepare(
    inputs: Inputs, parameters: Parameters, kept: LossStore | None = None, call: Callable[..., Any] = call_here
) -> Ground:
    """Cut the villages into cells, distribute people and read the terrain: all that does not depend on assets.

    Parameters
    ----------
    call
        Calls a reader of a file: here, or in a process with limits (:func:`coverage.readers.apart.read_within`).
    """
    land = make_land(inputs.villages, parameters.cell_m, parameters.row_m)
    ground = Ground(land, land.cells if inputs.people_places is not None else spread_evenly(land), kept=kept)
    if inputs.people_places is not None:
        known = inputs.villages["population"]
        official = None if known.isna().any() else float(known.sum())
        people, notes = call(people_on_land, land, inputs.people_places, inputs.people_measure, official)
        ground = replace(ground, cells=people.cells, population=people.population, notes=tuple(notes))
    if inputs.elevation:
        from coverage.readers.elevation import read_terrain  # rasterio is slow to import and seldom needed

        radio = radio_of(parameters)
        cell_m, clutter = parameters.terrain_cell_m, (inputs.clutter, radio.clutter)
        terrain, told = call(read_terrain, land, inputs.elevation, radio.air.reach_m, cell_m, *clutter)
        ground = replace(ground, terrain=terrain, relief=village_terrain(land, terrain), notes=(*ground.notes, *told))
    return ground


def analyze(
    inputs: Inputs,
    parameters: Parameters,
    ground: Ground | None = None,
    progress: RunProgress | None = None,
    earlier: ReachResult | None = None,
    known: AbstractSet[str] | None = None,
) -> Analysis:
    """Run the whole flow; twice where measurements calibrate the signal.

    Too few measurements calibrate nothing: see ``run["measurements"]``.

    Parameters
    ----------
    ground
        From :func:`prepare`, of an earlier run with the same villages and people.
    earlier
        ``reached`` of an earlier run on the same ground and parameters: the signal is computed anew only where assets
        that came, went or changed bear on it.
    known
        Services for which there is a list; those of ``inputs`` by default. One with what is only tried out is none.

    Raises
    ------
    SchemaError
        If a table breaks its schema.
    """
    if not inputs.calibrate:
        return _analyzed(inputs, parameters, ground, progress, earlier, known)
    ground = ground or prepare(inputs, parameters)
    found = _analyzed(inputs, parameters, ground, progress, known=known)
    offset = None if found.compared is None else calibration(found.compared, parameters)
    return found if offset is None else _analyzed(inputs, calibrated(parameters, offset), ground, progress, known=known)


def _analyzed(
    inputs: Inputs,
    parameters: Parameters,
    ground: Ground | None = None,
    progress: RunProgress | None = None,
    earlier: ReachResult | None = None,
    known: AbstractSet[str] | None = None,
) -> Analysis:
    """The flow with given parameters."""
    clock = _Clock(progress)
    villages = check(inputs.villages, VILLAGES)
    assets, far = (None, 0) if inputs.assets is None else with_neighbours(check(inputs.assets, ASSETS), villages)
    evidence = None if inputs.evidence is None else check(inputs.evidence, EVIDENCE)
    clock.begins("land")
    ground = ground or prepare(inputs, parameters)
    if ground.population is not None:
        villages = fill_population(villages, ground.population)
    if ground.relief is not None:
        villages = villages.assign(**{name: ground.relief[name].to_numpy() for name in ground.relief.columns[1:]})
    clock.begins("reach")
    known = services_known(assets, parameters.kinds) if known is None else known
    listed = listed_states(evidence)
    asked, parameters = parameters, answerable(parameters, known, listed is not None)
    present = no_assets() if assets is None else assets
    gives = service_reach(present, parameters.kinds)
    terrain = ground.terrain

    def so_far(done: float, signal: Signal) -> None:
        if terrain is not None:
            count = round(done * len({one.position for one in signal.towers}))
            clock.part(done, SignalSoFar(villages, terrain, radio_of(parameters), signal, count))

    reached = reach(ground.land, present, gives, parameters, terrain, ground.kept, so_far, earlier)
    clock.begins("village_service")
    centre = reached.served(terrain, centres_of(villages), ground.land) if terrain is not None else None
    service = village_service(
        villages, ground.cells, reached.table, present, gives, known, centre, reached.of_model, reached.unknown
    )
    nearest = nearest_assets(villages, present)
    heard, cellular = None, gives["service"].eq("cellular") & gives["reach_m"].gt(0)
    if terrain is not None and ("cellular" in known or cellular.any()):
        heard = village_signal(
            villages,
            ground.land,
            ground.cells,
            terrain,
            reached,
            present,
            gives,
            parameters.kinds,
            radio_of(parameters),
        )
    beside = None
    if inputs.measurements is not None:
        beside = compare(inputs.measurements, villages, terrain, reached.signal, parameters, ground.kept)
    clock.begins("blank_spots")
    spots = blank_spots(service, parameters.rules, parameters.kinds, listed, heard)
    ends, most = [], reached.most
    for given, end in at_ends(reached, ground.land, present, parameters, terrain, ground.kept):
        anew = given["reach_m"].to_numpy() != gives["reach_m"].to_numpy()
        other = set(given["service"].to_numpy(dtype=object)[anew])
        other |= set() if reached.model == "radius" else {"cellular"}
        at_end = (end.table, present, given, known, None, end.of_model, end.unknown)
        there = village_service(villages, ground.cells, *at_end, service, service, other)
        loud = None if heard is None else signal_at_end(heard, ground.land, ground.cells, end)
        most = end.most
        ends.append(states_again(spots, other, there, parameters.rules, parameters.kinds, listed, loud))
    chances, unserved_range = None, None
    if terrain is not None and reached.signal is not None:
        drawn = SignalChances(ground.land, ground.cells, terrain, reached, present, gives, parameters)
        chances = drawn.of_villages(spots, parameters.rules)
        people = villages["population"].to_numpy(dtype=float, na_value=np.nan)
        unserved_range = drawn.unserved_range(spots, parameters.rules, people)
        reached = replace(reached, drawn=drawn.drawn, anew=None)
    sure_from = radio_of(parameters).uncertainty.sure_from if chances is not None else 1.0
    spots = with_certainty(spots, parameters.rules, ends[0], ends[1], chances, sure_from)
    disagreements = conflicts(spots, evidence, parameters.default_rule)
    clock.begins("priority")
    extra = criterion_columns(replace(inputs, villages=villages), parameters, heard)
    ranked = rank_villages(villages, service, spots, parameters.priority, parameters.default_rule, evidence, extra)
    seconds = clock.ends()
    name = run_id(inputs, parameters)
    untold = None if terrain is None else about_ground(ground.land, terrain, villages, service, spots, reached)
    told = [] if untold is None else [(ground_note(untold), dict(untold))]
    told += [
        *assets_note(assets, far),
        *antenna_note(assets, reached, parameters),
        *rule_note(asked, parameters, known),
    ]
    used = replace(inputs, villages=villages, assets=assets, notes=(*inputs.notes, *ground.notes, *told))
    run = _run(name, used, parameters, spots, seconds, reached)
    run["missing_ground"] = untold
    run["people_unserved_range"] = unserved_range
    agreed = None if beside is None or reached.signal is None else agreement(beside)
    if beside is not None and agreed is not None:
        run["measurements"] = about_measurements(beside, agreed, parameters)
    analysis = Analysis(
        villages=villages,
        assets=assets,
        evidence=evidence,
        cells=ground.cells,
        reach=reached.table,
        village_service=service,
        nearest=nearest,
        village_signal=heard,
        reached=reached,
        terrain=terrain,
        compared=beside,
        agreement=agreed,
        blank_spots=spots,
        reach_most=most,
        land=ground.land,
        conflicts=disagreements,
        priority=ranked,
        landmarks=None if inputs.landmarks is None else check(inputs.landmarks, LANDMARKS),
        other_land=inputs.other_land,
        basemap=inputs.basemap,
        tiles=inputs.tiles,
        parameters=parameters,
        run=run,
    )
    return with_pockets(analysis, extra)


def criterion_columns(inputs: Inputs, parameters: Parameters, signal: pd.DataFrame | None = None) -> pd.DataFrame:
    """Columns for criteria beside those of the flow: the planner's own, and ``single_operator``.

    ``signal`` is table VILLAGE_SIGNAL: operators heard where known, else circles around the towers.
    """
    codes = pd.Index(inputs.villages["village_code_bps"], name="village_code_bps")
    table = pd.DataFrame(index=codes) if inputs.criteria is None else inputs.criteria.reindex(codes)
    wanted = any((c.column or c.name) == "single_operator" for c in parameters.priority.criteria)
    if wanted and "single_operator" not in table:
        alone = single_operator(inputs.villages, inputs.assets, parameters.kinds).to_numpy()
        if signal is not None:
            told = signal["single_operator"].notna().to_numpy(dtype=float)
            alone = np.where(signal["operators"].notna(), told, alone)
        table = table.assign(single_operator=alone)
    return table


def reworded(before: Analysis, inputs: Inputs, ground: Ground) -> Analysis | None:
    """The run ``before`` with :data:`WORDS_ABOUT_ASSETS` as ``inputs`` have them now.

    Parameters
    ----------
    before
        A run with the same villages and parameters.

    Returns
    -------
    Analysis or None
        None where assets or evidence differ in anything else.
    """
    if before.assets is None or inputs.assets is None:
        return None
    assets, _ = with_neighbours(check(inputs.assets, ASSETS), inputs.villages)
    counted = [name for name in told_columns(assets) if name not in WORDS_ABOUT_ASSETS]
    if (
        told_columns(assets) != told_columns(before.assets)
        or not assets[counted].equals(before.assets[counted])
        or not _same(inputs.evidence, before.evidence)
    ):
        return None
    used = replace(inputs, villages=before.villages, assets=assets, notes=(*inputs.notes, *ground.notes))
    name = run_id(inputs, before.parameters)
    run = _run(name, used, before.parameters, before.blank_spots, before.run["seconds"], before.reached)
    run |= {name: before.run[name] for name in ("missing_ground", "people_unserved_range")}
    run["notes"] += [note for note in before.run["notes"] if note not in run["notes"]]
    return replace(before, assets=assets, basemap=inputs.basemap, tiles=inputs.tiles, run=run)


def _same(given: pd.DataFrame | None, before: pd.DataFrame | None) -> bool:
    if given is None or before is None:
        return given is before
    return check(given, EVIDENCE).equals(before)


class _Clock:
    """Seconds per step, and progress."""

    def __init__(self, progress: RunProgress | None) -> None:
        self._progress = progress
        self._started: dict[str, float] = {}

    def begins(self, step: str) -> None:
        self._started[step] = time.perf_counter()
        if self._progress:
            self._progress(step, STEPS.index(step) / len(STEPS))

    def part(self, done: float, so_far: SignalSoFar) -> None:
        """Report progress within the step."""
        if self._progress and self._started:
            step = next(reversed(self._started))
            self._progress(step, (STEPS.index(step) + done) / len(STEPS), so_far)

    def ends(self) -> dict[str, float]:
        times = [*self._started.values(), time.perf_counter()]
        return {step: round(end - start, 3) for step, start, end in zip(self._started, times, times[1:], strict=False)}


def run_id(inputs: Inputs, parameters: Parameters) -> str:
    """Hash of the content of inputs, parameters and version; independent of the order of rows."""
    digest = hashlib.sha256(f"{__version__}\n{parameters.model_dump_json()}\n".encode())
    for table, key in (
        (inputs.villages, "village_code_bps"),
        (
            None if inputs.assets is None else inputs.assets[told_columns(inputs.assets)],
            "asset_id",
        ),  # not who edited one, and when
        (inputs.evidence, "evidence_id"),
        (inputs.measurements, "measurement_id"),
    ):
        digest.update(b"\n--\n")
        if table is None:
            continue
        ordered = table if table[key].is_monotonic_increasing else table.sort_values(key, kind="stable")
        plain = pd.DataFrame(ordered.drop(columns="geometry", errors="ignore"))
        digest.update(_json(plain))
        if "geometry" in ordered:
            digest.update(b"".join(shapely.to_wkb(ordered.geometry.to_numpy())))
    if inputs.people_places is not None or inputs.elevation:
        digest.update(f"{inputs.people_measure}\n".encode())
        digest.update(json.dumps(inputs.files, sort_keys=True).encode())
    if inputs.landmarks is not None:
        digest.update(_json(inputs.landmarks))
    if inputs.criteria is not None:
        digest.update(inputs.criteria.sort_index().to_json(orient="split", double_precision=12).encode())
    return digest.hexdigest()[:12]


def _json(table: pd.DataFrame) -> bytes:
    """``to_json(orient="split", index=False, double_precision=12)``, which pandas makes slowly, value by value."""
    text = table.reset_index(drop=True).to_json(orient="split", double_precision=12)
    head, _, rest = text.partition(',"index":[')
    data = rest.partition('],"data":')[2]
    return f'{head},"data":{data}'.encode()


def _run(
    name: str,
    inputs: Inputs,
    parameters: Parameters,
    spots: pd.DataFrame,
    seconds: dict[str, float],
    reached: ReachResult,
) -> dict[str, Any]:
    assets = inputs.assets
    rules, states = (spots[name].to_numpy(dtype=object) for name in ("rule", "state"))
    counts = {
        "villages": len(inputs.villages),
        "subdistricts": int(inputs.villages["subdistrict"].nunique()),
        "villages_with_people": int(inputs.villages["population"].notna().sum()),
        "population": _total(inputs.villages["population"]),
        "area_km2": round(float(inputs.villages["area_km2"].sum()), 3),
        "assets": None if assets is None else _by_kind(assets, False, parameters),
        "assets_neighbours": None if assets is None else _by_kind(assets, True, parameters),
        "states": {
            rule: {state: int((states[rules == rule] == state).sum()) for state in STATES}
            for rule in dict.fromkeys(rules)
        },
    }
    return {
        "run_id": name,
        "version": __version__,
        "inputs": dict(sorted(inputs.files.items())),
        "parameters": parameters.model_dump(mode="json"),
        "counts": counts,
        "reach_model": reached.model,
        "approximations": approximations(inputs, reached.model),
        "notes": [{"code": code, **details} for code, details in inputs.notes],
        "credits": sorted({credit for map_ in (inputs.basemap, inputs.tiles) if map_ for credit in map_.credits}),
        "seconds": seconds,
    }


def _by_kind(assets: pd.DataFrame, neighbours: bool, parameters: Parameters) -> dict[str, int]:
    needed = ["kind", *(name for name in OF_SECTOR if name in assets), "geometry"]
    assets = pd.DataFrame(assets)[needed][assets["neighbour"].to_numpy() == neighbours]
    masts = np.unique(mast_of(assets, parameters.kinds))
    counts = Counter(assets["kind"].to_numpy(dtype=object)[masts])
    return {str(kind): counts[kind] for kind in sorted(counts)}


def _total(people: pd.Series) -> int | None:
    return None if people.isna().any() else round(float(people.sum()))


def approximations(inputs: Inputs, model: Model = "radius") -> list[str]:
    """What is invented or approximate in a run: keys of ``core.mark``."""
    marks = []
    if (inputs.villages["boundary_quality"] == "approximate").any():
        marks.append("approximate_boundaries")
    known = inputs.villages["population"].notna()
    if not known.all():
        marks.append("some_people" if known.any() else "no_people")
    if known.any() and inputs.population_estimated:
        marks.append("estimated_people")
    if inputs.people_places is None:
        marks.append("even_people")
    if inputs.assets is not None and (inputs.assets["source"] == "contoh").any():
        marks.append("sample_assets")
    if inputs.assets is not None:
        marks.append(f"reach_by_{model}")
        if model != "radius" and not inputs.clutter:
            marks.append("no_clutter")
    return marks
