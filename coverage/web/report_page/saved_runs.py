"""Runs saved for the yearly evaluation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition
from typing import Any

from cachetools import LRUCache, cached

from coverage.base.parameters import Parameters
from coverage.places.regencies import region_of
from coverage.reach.link_budget import RadioParameters
from coverage.run.result import Analysis, RunTables
from coverage.store import Actor, Store
from coverage.store.permissions import require

TABLES = (
    "villages", "assets", "evidence", "village_service", "nearest", "village_signal", "agreement", "blank_spots",
    "conflicts", "priority", "pockets", "landmarks",
)  # fmt: skip
"""Tables that are saved; a comparison needs no cells, reach or signal grid."""
_KEPT = 6


@dataclass(frozen=True)
class SavedRunEntry:
    """A saved run in the list."""

    key: str
    run_id: str
    note: str
    saved_at: str
    saved_by: str

    @property
    def year(self) -> int:
        """Year in which it was saved."""
        return int(self.saved_at[:4])


def keep(store: Store, analysis: Analysis, note: str, who: Actor) -> str:
    """Save a run under its id and today's date, replacing one of the same day; returns its key."""
    today = dt.date.today().isoformat()
    key = f"{analysis.run['run_id']}-{today}"
    tables = {name: table for name in TABLES if (table := getattr(analysis, name)) is not None}
    return store.runs.save(
        region_of(analysis.villages), {**analysis.run, "run_id": key, "date": today}, tables, note, who
    )


def entries(store: Store, region: str, who: Actor | None) -> list[SavedRunEntry]:
    """Saved runs of a region, newest first."""
    return [
        SavedRunEntry(row["run_id"], row["run_id"].partition("-")[0], row["name"], row["saved_at"], row["saved_by"])
        for row in store.runs.all(region, who)
    ]


def load(store: Store, entry: SavedRunEntry, who: Actor | None) -> RunTables:
    """Load a saved run; an LRU cache holds the latest."""
    require(who, "view_runs")
    return _load(store, entry, who)


@cached(LRUCache(_KEPT), key=lambda _store, entry, _who: (entry.key, entry.saved_at), condition=Condition())
def _load(store: Store, entry: SavedRunEntry, who: Actor | None) -> RunTables:
    saved = store.runs.load(entry.key, who)
    run = {**saved.about, "run_id": entry.run_id, "parameters": saved.parameters}
    tables: dict[str, Any] = {name: saved.tables.get(name) for name in TABLES}
    return RunTables(**tables, parameters=_parameters(saved.parameters), run=run)


def _parameters(kept: dict[str, Any]) -> Parameters:
    """Parameters from saved JSON, with the radio parameters."""
    radio = kept.get("radio")
    return Parameters.model_validate({**kept, "radio": radio and RadioParameters.model_validate(radio)})


def one_a_year(kept: list[SavedRunEntry]) -> Mapping[int, SavedRunEntry]:
    """Latest run of each year."""
    return {entry.year: entry for entry in sorted(kept, key=lambda entry: entry.saved_at)}
