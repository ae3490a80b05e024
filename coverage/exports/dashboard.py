"""Figures of the dashboard: a region by subdistrict on a day, by year, and how long repairs have waited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from coverage.base.schema import NEEDS_REPAIR
from coverage.base.table_form import rows_of
from coverage.run.result import RunTables

SERVICES = ("cellular", "public_wifi")
FIGURES = ("people", *SERVICES, "pockets", "pocket_people")
WAITS = (30, 180, 365)
"""Days of waiting at which another class begins."""


def day_figures(run: RunTables) -> list[dict[str, Any]]:
    """Figures by subdistrict as JSON takes them, None where not known for any of its villages.

    ``subdistrict, villages``; ``people`` who live there; ``cellular`` and ``public_wifi``, the people in reach;
    ``pockets`` and ``pocket_people`` under the default rule.
    """
    villages = run.villages[["village_code_bps", "subdistrict", "population"]].set_index("village_code_bps")
    columns = {"people": villages["population"].astype(float)}
    for service in SERVICES:
        rows = rows_of(run.village_service, "service", service, villages.index)
        columns[service] = rows["population_served"].astype(float)
    table = pd.DataFrame(columns).groupby(villages["subdistrict"].fillna("–")).sum(min_count=1).round()
    table.insert(0, "villages", villages.groupby(villages["subdistrict"].fillna("–")).size())
    if run.pockets is not None:
        named = run.pockets[run.pockets["pocket"] > 0].groupby("subdistrict")["people"]
        table["pockets"] = named.size().reindex(table.index, fill_value=0)
        table["pocket_people"] = named.sum(min_count=1).round().reindex(table.index)
        table.loc[table["pockets"] == 0, "pocket_people"] = 0
    plain = table.reindex(columns=["villages", *FIGURES]).reset_index().astype(object)
    found = plain.where(plain.notna(), None).to_dict("records")
    return [{str(key): int(one) if isinstance(one, float) else one for key, one in row.items()} for row in found]


def by_year(days: Mapping[int, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """Sums of the region, a row a year: ``year`` and each of :data:`FIGURES`, empty where not known."""
    sums = {year: pd.DataFrame(rows, columns=FIGURES).astype("Float64").sum(min_count=1) for year, rows in days.items()}
    table = pd.DataFrame(sums).T.sort_index().reindex(columns=FIGURES)
    return table.rename_axis("year").reset_index()


def waiting(since: Mapping[str, str], assets: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Assets that wait for repair, by asset: ``subdistrict`` (None where unknown), ``days`` (empty where unknown), and
    ``waits``, the class by :data:`WAITS`, the last one of those that nobody noted when they stopped working.

    Parameters
    ----------
    since : moment (ISO) at which each was noted to have stopped working, where that is known
    assets : the inventory
    """
    rows = assets[assets["status"].isin(NEEDS_REPAIR)].set_index("asset_id")
    known = {name: (today - dt.date.fromisoformat(at[:10])).days for name, at in since.items()}
    days = pd.Series(known, dtype="Int64").reindex(rows.index)
    waits = np.where(days.isna(), len(WAITS) + 1, np.searchsorted(WAITS, days.fillna(0).astype(int), side="right"))
    return pd.DataFrame({"subdistrict": rows["subdistrict"], "waits": waits, "days": days}, index=rows.index)
