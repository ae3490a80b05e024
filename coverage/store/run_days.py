"""Figures of every day on which a run was computed: the series by year, without saving runs by hand."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from coverage.store.database import Database
from coverage.store.models import run_days


class RunDays:
    """One line a region and day: the figures of the last run of the day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, region: str, day: str, run_id: str, figures: Any) -> None:
        """Keep the figures of a run under a day (ISO), in place of those of an earlier run of that day.

        Whoever looks at a page has its run computed, so it takes no permission; nothing else may be written here.
        """
        if not self._database.writable:
            return
        here = (run_days.c.region == region) & (run_days.c.day == day)
        if self._database.scalar(sa.select(run_days.c.run_id).where(here)) == run_id:
            return
        with self._database.transaction() as (connection, _):
            connection.execute(run_days.delete().where(here))
            line = {"region": region, "day": day, "run_id": run_id, "figures": json.dumps(figures)}
            connection.execute(run_days.insert().values(**line))

    def last_of_years(self, region: str) -> dict[int, tuple[str, Any]]:
        """Day and figures of the last day of each year that has any, the years in order."""
        last = sa.select(sa.func.max(run_days.c.day)).where(run_days.c.region == region)
        days = last.group_by(sa.func.substr(run_days.c.day, 1, 4))
        rows = self._database.rows(
            sa.select(run_days).where(run_days.c.region == region, run_days.c.day.in_(days)).order_by(run_days.c.day)
        )
        return {int(row["day"][:4]): (row["day"], json.loads(row["figures"])) for row in rows}
