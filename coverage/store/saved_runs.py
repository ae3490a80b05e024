"""Saved runs of a region, for later comparison."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import Place, StoreError
from coverage.store.database import Database, Writing
from coverage.store.models import run_tables, runs
from coverage.store.permissions import Actor, require


@dataclass(frozen=True)
class SavedRun:
    """A saved run: its description, and its tables by name."""

    run_id: str
    name: str
    saved_at: str
    saved_by: str
    parameters: dict[str, Any]
    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]


class SavedRuns:
    """Runs and their tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        region: str,
        run: Mapping[str, Any],
        tables: Mapping[str, pd.DataFrame],
        name: str,
        who: Actor,
        change_id: str | None = None,
    ) -> str:
        """Save a run for later comparison and return its identifier.

        Parameters
        ----------
        run : description by :func:`coverage.run.analysis.analyze`: ``run_id``, ``parameters`` and other JSON values
        tables : tables by name; those with geometry as GeoDataFrame
        """
        about = {key: value for key, value in run.items() if key != "parameters"}
        contents = {table: _as_parquet(frame) for table, frame in tables.items()}
        run_id = str(run["run_id"])

        def work(writing: Writing) -> str:
            connection = writing.connection
            connection.execute(run_tables.delete().where(run_tables.c.run_id == run_id))
            connection.execute(runs.delete().where(runs.c.run_id == run_id))
            connection.execute(
                runs.insert().values(
                    run_id=run_id,
                    region=region,
                    name=name,
                    saved_at=writing.at,
                    saved_by=who.name,
                    parameters=json.dumps(run.get("parameters", {})),
                    about=json.dumps(about, default=str),
                )
            )
            for table, content in contents.items():
                connection.execute(run_tables.insert().values(run_id=run_id, name=table, content=content))
            return run_id

        return self._database.write(who, "save_run", work, name, change_id)

    def all(self, region: str, viewer: Actor | None) -> list[dict[str, Any]]:
        """Saved runs of a region, newest first: ``run_id, name, saved_at, saved_by``."""
        require(viewer, "view_runs")
        columns = (runs.c.run_id, runs.c.name, runs.c.saved_at, runs.c.saved_by)
        here = sa.or_(runs.c.region == region, runs.c.region.is_(None))
        rows = sa.select(*columns).where(here).order_by(runs.c.saved_at.desc())
        return [dict(row) for row in self._database.rows(rows)]

    def load(self, run_id: str, viewer: Actor | None) -> SavedRun:
        """Load a saved run.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        require(viewer, "view_runs")
        with self._database.reading() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.run_id == run_id)).mappings().first()
            if row is None:
                raise StoreError("store.no_such_run", Place(value=run_id))
            contents = connection.execute(
                sa.select(run_tables.c.name, run_tables.c.content)
                .where(run_tables.c.run_id == run_id)
                .order_by(run_tables.c.name)
            ).all()
        return SavedRun(
            run_id,
            row["name"],
            row["saved_at"],
            row["saved_by"],
            json.loads(row["parameters"]),
            json.loads(row["about"]),
            {name: _from_parquet(bytes(content)) for name, content in contents},
        )


def _as_parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _from_parquet(content: bytes) -> pd.DataFrame:
    try:
        return gpd.read_parquet(io.BytesIO(content))  # type: ignore[no-any-return]
    except ValueError:  # no geometry in it
        return pd.read_parquet(io.BytesIO(content))
