"""``run.json``: how to reproduce a run, and to verify its files."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from coverage.exports.provenance import run_date
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables

_PACKAGES = ("geopandas", "numba", "numpy", "pandas", "pyogrio", "pyproj", "shapely")


def write_run_file(analysis: RunTables, files: Mapping[str, bytes], plan: RolloutPlan | None = None) -> bytes:
    """Return ``run.json``: all of ``analysis.run``, date, versions, size and SHA-256 of ``files``.

    What a plan rests on is added where the run does not say more of it.
    """
    document = {
        **({} if plan is None else {"rollout": _about(plan)}),
        **analysis.run,
        "date": run_date(analysis),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        "outputs": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        },
    }
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n").encode("utf-8")


def _about(plan: RolloutPlan) -> dict[str, Any]:
    budgets = zip(plan.years["year"], plan.years["budget_idr"], strict=True)
    return {
        "wishes": {"budgets": {str(year): int(money) for year, money in budgets}},
        "budget_assumed": plan.assumed,
        "status": plan.status,
        "people_newly_served": plan.people,
        "remarks": [key for key, _ in plan.remarks],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
