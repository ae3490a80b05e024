"""What ``jangkau national`` left for this page: the regencies of a province with outlines, and their run."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import mapping

from coverage.base.errors import Place, UnavailableError
from coverage.exports.nation import PLANS, known_plans
from coverage.language.words import Language
from coverage.places.regencies import codes_of
from coverage.readers.costs import read_costs
from coverage.readers.nation import regencies as nation_regencies
from coverage.run.planning import default_request
from coverage.store.folder import data_folder

FOLDER = "nasional"
"""In the data folder: results of the nation, or a folder by province (``35``)."""
FILES = ("regencies.csv", "common_plan.csv", "summary.xlsx", "report.pdf", "nation.gpkg")
_OUTLINE_DEG = 0.005
"""Tolerance of the outlines on the page: some 500 m."""


@dataclass(frozen=True, eq=False)
class ProvinceResults:
    """A finished run of a province.

    Attributes
    ----------
    regencies
        The rows of ``regencies.csv`` of the province, with ``code`` of each workspace and outlines in EPSG:4326 (None
        where refused).
    about : ``run.json``, of all regencies of the run
    features : GeoJSON of each outline with ``code`` and ``regency``, made once; None without one
    """

    folder: Path
    regencies: gpd.GeoDataFrame
    about: dict[str, Any]
    features: list[dict[str, Any] | None]

    @property
    def of_more(self) -> int | None:
        """How many regencies the run is of, where not of these alone."""
        count = len(self.about["regencies"])
        return None if count == len(self.regencies) else count

    @property
    def idr_a_year(self) -> int | None:
        """Common budget of the mean year; None where it is assumed, or not for these regencies alone."""
        plan = self.about["common_plan"]
        if plan["budget_assumed"] or self.of_more is not None:
            return None
        return int(sum(plan["budgets"].values())) // len(plan["budgets"])


def folder_of(province: str) -> Path:
    """Where the results of a province are written."""
    return data_folder() / FOLDER / province


def found(province: str) -> ProvinceResults | None:
    """Results of a province by its Kemendagri code, its own before those of the nation; None without any."""
    for folder in (folder_of(province), data_folder() / FOLDER):
        made = folder / "run.json"
        if made.is_file():
            results = _read(folder, made.stat().st_mtime_ns, province)
            if len(results.regencies):
                return results
    return None


@lru_cache(8)
def _read(folder: Path, _: int, province: str) -> ProvinceResults:
    try:
        about = json.loads((folder / "run.json").read_text("utf-8"))
        regencies = gpd.read_file(folder / "nation.gpkg", layer="regencies")
    except (OSError, ValueError, RuntimeError) as error:
        raise UnavailableError("nation.unreadable", Place(file=str(folder)), problem=str(error)[:200]) from error
    regencies = regencies[regencies["regency_code_kemendagri"].str[:2] == province].reset_index(drop=True)
    regencies[[*PLANS]] = known_plans(regencies)  # earlier versions wrote zero there
    codes = nation_regencies().assign(code=codes_of).set_index("regency_code_kemendagri")["code"]
    regencies["code"] = codes.reindex(regencies["regency_code_kemendagri"]).to_numpy()
    regencies = regencies.set_geometry(regencies.simplify(_OUTLINE_DEG))
    shapes = zip(regencies.geometry, regencies["code"], regencies["regency"], strict=True)
    features = [
        None if shape is None else {"type": "Feature", "geometry": mapping(shape), "code": code, "regency": name}
        for shape, code, name in shapes
    ]
    return ProvinceResults(folder, regencies, about, features)


class ProvinceRun:
    """``jangkau national`` for a province, in a process of its own; under a budget a year, else an assumed one."""

    def __init__(self, province: str, language: Language, idr_a_year: int | None = None) -> None:
        folder = folder_of(province)
        self._finished = folder / "finished"
        self._log = folder / "run.log"
        workers = max(1, (os.cpu_count() or 1) - 1)  # one processor is left to pages
        command = [sys.executable, "-m", "coverage.cli", "national", "--regions", province, "--out", str(folder)]
        if idr_a_year is not None:
            command += [f"--budget={year}={idr_a_year}" for year in default_request(read_costs()).budgets]
        self._began = time.time() - 1
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603
                    [*command, "--workers", str(workers), "--lang", language],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
                )
        except OSError as error:
            raise UnavailableError(
                "output.not_written", Place(file=str(folder)), problem=error.strerror or "?"
            ) from error
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        """Whether it is not done yet."""
        return self._process.poll() is None

    @property
    def finished(self) -> int:
        """Regencies computed since it began."""
        return sum(path.stat().st_mtime >= self._began for path in self._finished.glob("*.zip"))

    @property
    def problem(self) -> str | None:
        """The last lines of one that failed."""
        if not self._process.poll():
            return None
        lines = self._log.read_text("utf-8", "replace").split("\n")
        return " ".join(line.strip() for line in lines if line.strip())[-400:]

    def stop(self) -> None:
        """End it; what is finished stays for the next."""
        self._process.terminate()


_lock = threading.Lock()
_runs: dict[str, ProvinceRun] = {}


def run_of(province: str) -> ProvinceRun | None:
    """The run of a province that is under way or was the last; None before the first."""
    return _runs.get(province)


def begin(province: str, language: Language, idr_a_year: int | None = None) -> None:
    """Start computing a province, its common plan under a budget a year or an assumed one; one at a time.

    Raises
    ------
    UnavailableError
        Another one is under way.
    """
    with _lock:
        if any(run.running for run in _runs.values()):
            raise UnavailableError("nation.busy")
        _runs[province] = ProvinceRun(province, language, idr_a_year)
