"""Body of ``jangkau national``."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa

from coverage import __version__
from coverage.base.errors import Place, UnavailableError
from coverage.base.schema import STATES
from coverage.cli.cluster import ClusterRequest, Finished, compute
from coverage.cli.common import progress_bar, say
from coverage.cli.rollout import read_budgets
from coverage.exports import write_outputs
from coverage.exports.nation import RegencyArchive, common_plan, province_table, regency_table, write_partitions
from coverage.exports.nation_papers import (
    nation_map,
    nation_report,
    nation_tiles,
    nation_workbook,
    plan_sentence,
    village_shapes,
)
from coverage.exports.tables import csv_bytes
from coverage.language.words import Words
from coverage.places.regencies import Regency
from coverage.readers.nation import regencies
from coverage.readers.remote import local_copy
from coverage.run.nation import (
    RegencyTask,
    boundaries_by_regency,
    kept_now,
    make_tasks,
    read_nation_assets,
    regencies_of,
)
from coverage.run.sources import Sources
from coverage.store.replacing import sha256_of

PLAN_SECONDS = 120.0
"""Time limit of the common plan; its gap is in ``run.json``."""


@dataclass(frozen=True)
class NationalRequest:
    """Options of the command."""

    regions: tuple[str, ...]
    assets: str | None
    boundaries: str | None
    people: str | None
    parameters: Path | None
    budget: list[str]
    out: Path
    tiles: bool = False


def run_national(asked: NationalRequest, where: ClusterRequest, words: Words) -> None:
    """Read, compute what is not finished yet, write, report."""
    began = time.perf_counter()
    chosen = regencies_of(asked.regions)
    budgets = read_budgets(asked.budget) if asked.budget else None
    if where.scheduler is not None:
        say(words("nation.files_alone"))
    kept: dict[str, RegencyArchive] = {}
    keys: dict[str, str] = {}
    again = 0
    with progress_bar() as bar:
        bar_task = bar.add_task(words("cli.step.read"), total=len(chosen))
        parts = None if asked.boundaries is None else boundaries_by_regency(asked.boundaries)
        if parts is not None:
            chosen = [one for one in chosen if one.kemendagri in parts]
        assets = None if asked.assets is None else read_nation_assets(asked.assets)

        def done(task: RegencyTask, content: bytes, before: bool) -> None:
            nonlocal again
            again += before
            code = task.regency.kemendagri
            kept[code], keys[code] = RegencyArchive(content), task.key
            bar.update(bar_task, description=task.regency.name, advance=1)

        kept_here = "" if where.scheduler is not None else kept_now()
        order, sources = _largest_first(chosen), _sources(asked, where)
        tasks = make_tasks(order, sources, parts, assets, None, words.language, kept_here)
        compute(tasks, _areas(), Finished(asked.out / "finished"), where, done)
        bar.update(bar_task, description=words("rollout.step"))
        _write(asked, [kept[code] for code in sorted(kept)], keys, budgets, words, assets, began)
    say(words("nation.reused", count=again)) if again else None


def _sources(asked: NationalRequest, where: ClusterRequest) -> Sources:
    alone = where.scheduler is not None
    given: dict[str, Any] = dict.fromkeys(("no_inventory", "no_evidence", "no_figures", "no_settings"), alone)
    return Sources(people=None if asked.people is None else Path(asked.people), parameters=asked.parameters, **given)


def _areas() -> dict[str, float]:
    table = regencies()
    return dict(zip(table["regency_code_kemendagri"], table["area_km2"].astype(float), strict=True))


def _largest_first(chosen: Sequence[Regency]) -> list[Regency]:
    areas = _areas()
    return sorted(chosen, key=lambda one: (-areas.get(one.kemendagri, 0.0), one.kemendagri))


def _write(
    asked: NationalRequest,
    kept: Sequence[RegencyArchive],
    keys: dict[str, str],
    budgets: dict[int, int] | None,
    words: Words,
    assets: gpd.GeoDataFrame | None,
    began: float,
) -> None:
    computed = time.perf_counter()
    common, proof, budget = common_plan(kept, budgets, PLAN_SECONDS)
    table = regency_table(kept, common)
    provinces = province_table(table)
    rows = _write_folders(asked.out, kept)
    shapes = None if rows is None else village_shapes(rows)
    with_people = sum(one.figures.get("villages_with_people", 0) for one in kept)
    about: dict[str, Any] = {
        "run_id": hashlib.sha256("".join(f"{code}{keys[code]}" for code in sorted(keys)).encode()).hexdigest()[:12],
        "version": __version__,
        "counts": {"villages": int(table["villages"].sum()), "villages_with_people": with_people},
        "inputs": {
            Path(one).name: sha256_of(path)
            for one in (asked.assets, asked.boundaries, asked.people)
            if one is not None and (path := local_copy(one)).is_file()
        },
        "assets": None if assets is None else len(assets),
        "regencies": {code: {"key": keys[code], **one.figures} for code, one in zip(sorted(keys), kept, strict=True)},
        "common_plan": {
            "budgets": budget,
            "budget_assumed": budgets is None,
            "villages": len(common),
            "people_newly_served": int(common["people_newly_served"].sum()),
            "status": proof.status,
            "gap": proof.gap,
        },
        "seconds": {"regencies": round(computed - began, 1), "whole": round(time.perf_counter() - began, 1)},
    }
    files = {
        "regencies.csv": csv_bytes(table),
        "common_plan.csv": csv_bytes(common),
        "summary.xlsx": nation_workbook(table, provinces, about, words),
        "report.pdf": nation_report(table, provinces, about, words),
        "nation.gpkg": nation_map(shapes, table),
    }
    if asked.tiles and shapes is not None:
        files["villages.pmtiles"] = nation_tiles(shapes)
    files["run.json"] = (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode()
    write_outputs(asked.out, files)
    _tell(asked.out, table, about, words)


def _write_folders(out: Path, kept: Sequence[RegencyArchive]) -> pa.Table | None:
    """Write ``villages/`` and ``pockets/`` beside their place, and put them there; returns the villages."""
    found: dict[str, Any] = {}
    try:
        for name in ("villages", "pockets"):
            making = out / f".jangkau-{name}"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            found[name] = write_partitions(making, name, kept)
            shutil.rmtree(out / name, ignore_errors=True)
            making.rename(out / name)
    except OSError as error:
        raise UnavailableError("output.not_written", Place(file=str(out)), problem=error.strerror or "?") from error
    return found["villages"]


def _tell(out: Path, table: Any, about: dict[str, Any], words: Words) -> None:
    sums = {state: int(table[state].sum()) for state in STATES}
    say(words("nation.summary", regencies=len(table), villages=int(table["villages"].sum()), **sums))
    say(plan_sentence(about, table, words))
    for row in table[table["problem"].notna()].itertuples():
        say("! " + words("nation.refused", regency=row.regency, problem=row.problem))
    say(words("nation.written", out=str(out)))
