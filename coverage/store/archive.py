"""Evidence, saved runs, scenarios and column mappings."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import Place, RowError, StaleVersionError, StoreError
from coverage.base.schema import EVIDENCE, check
from coverage.store.assets import named
from coverage.store.base import Writing
from coverage.store.frames import frame_of_lines
from coverage.store.imports import ImportStore
from coverage.store.models import evidence, mappings, run_tables, runs, scenarios
from coverage.store.permissions import Actor, require
from coverage.store.records import as_json, rows_of


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


class ArchiveStore(ImportStore):
    """Evidence, runs, scenarios and mappings."""

    def add_evidence(
        self, frame: pd.DataFrame, who: Actor, note: str | None = None, change_id: str | None = None
    ) -> int:
        """Add evidence (:data:`coverage.base.schema.EVIDENCE`) and return the number of rows.

        Raises
        ------
        SchemaError
            If the table breaks the schema.
        RowError
            If an identifier is taken.
        """
        columns = EVIDENCE.names
        rows = [
            {name: None if pd.isna(value) else value for name, value in zip(columns, values, strict=True)}
            for values in check(frame, EVIDENCE)[columns].itertuples(index=False, name=None)
        ]

        def work(writing: Writing) -> int:
            kept = set(writing.connection.execute(sa.select(evidence.c.evidence_id)).scalars())
            for position, row in enumerate(rows, start=1):
                if row["evidence_id"] in kept:
                    raise RowError(
                        "store.duplicate_evidence", Place(row=position, column="evidence_id", value=row["evidence_id"])
                    )
            if rows:
                writing.connection.execute(
                    evidence.insert(), [{**row, "added_at": writing.at, "added_by": who.name} for row in rows]
                )
            return len(rows)

        return self.write(who, "add_evidence", work, note, change_id)

    def withdraw_evidence(
        self, evidence_ids: list[str], who: Actor, note: str | None = None, change_id: str | None = None
    ) -> int:
        """Withdraw evidence, which stays in the store, and return the number of rows."""

        def work(writing: Writing) -> int:
            done = writing.connection.execute(
                evidence.update()
                .where(evidence.c.evidence_id.in_(evidence_ids), evidence.c.withdrawn_at.is_(None))
                .values(withdrawn_at=writing.at, withdrawn_by=who.name)
            )
            return int(done.rowcount)

        return self.write(who, "withdraw_evidence", work, note, change_id)

    def evidence(self, viewer: Actor | None, withdrawn: bool = False) -> pd.DataFrame:
        """Evidence (:data:`coverage.base.schema.EVIDENCE`, who added it and when), in order of arrival."""
        require(viewer, "view_evidence")
        condition = evidence.c.withdrawn_at.is_not(None) if withdrawn else evidence.c.withdrawn_at.is_(None)
        with self.reading() as connection:
            rows = (
                connection.execute(
                    sa.select(evidence).where(condition).order_by(evidence.c.added_at, evidence.c.evidence_id)
                )
                .mappings()
                .all()
            )
        return pd.DataFrame([dict(row) for row in rows], columns=[c.name for c in evidence.c]).astype("str")

    def save_mapping(self, name: str, content: Mapping[str, Any], who: Actor) -> None:
        """Save a column mapping (JSON values), replacing one of that name."""

        def work(writing: Writing) -> None:
            writing.connection.execute(mappings.delete().where(mappings.c.name == name))
            writing.connection.execute(
                mappings.insert().values(
                    name=name, content=json.dumps(content, ensure_ascii=False), saved_at=writing.at, saved_by=who.name
                )
            )

        self.write(who, "import", work, name)

    def forget_mapping(self, name: str, who: Actor) -> None:
        """Delete a mapping, if there."""

        def work(writing: Writing) -> None:
            writing.connection.execute(mappings.delete().where(mappings.c.name == name))

        self.write(who, "import", work, name)

    def mappings(self, viewer: Actor | None) -> dict[str, dict[str, Any]]:
        """Mappings by name."""
        require(viewer, "view_imports")
        with self.reading() as connection:
            rows = connection.execute(sa.select(mappings.c.name, mappings.c.content).order_by(mappings.c.name)).all()
        return {row.name: json.loads(row.content) for row in rows}

    def save_run(
        self,
        run: Mapping[str, Any],
        tables: Mapping[str, pd.DataFrame],
        name: str,
        who: Actor,
        change_id: str | None = None,
    ) -> str:
        """Save a run for later comparison and return its identifier.

        Parameters
        ----------
        run
            Description by :func:`coverage.run.analysis.analyze`: ``run_id``, ``parameters`` and other JSON values.
        tables
            Tables by name; those with geometry as GeoDataFrame.
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

        return self.write(who, "save_run", work, name, change_id)

    def runs(self, viewer: Actor | None) -> list[dict[str, Any]]:
        """Saved runs, newest first: ``run_id, name, saved_at, saved_by``."""
        require(viewer, "view_runs")
        columns = (runs.c.run_id, runs.c.name, runs.c.saved_at, runs.c.saved_by)
        with self.reading() as connection:
            return [
                dict(row) for row in connection.execute(sa.select(*columns).order_by(runs.c.saved_at.desc())).mappings()
            ]

    def load_run(self, run_id: str, viewer: Actor | None) -> SavedRun:
        """Load a saved run.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        require(viewer, "view_runs")
        with self.reading() as connection:
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

    def save_scenario(
        self,
        name: str,
        frame: gpd.GeoDataFrame,
        who: Actor,
        note: str | None = None,
        scenario_id: str | None = None,
        version: int | None = None,
        change_id: str | None = None,
    ) -> str:
        """Save a set of proposed assets, apart from the inventory, and return its identifier.

        Parameters
        ----------
        scenario_id, version
            Of a scenario to replace, as ``who`` saw it.

        Raises
        ------
        StaleVersionError
            If it was saved since.
        RowError
            If an asset breaks the schema.
        """
        rows = [
            row if isinstance(row.get("asset_id"), str) and row["asset_id"] else {**row, "asset_id": f"{position:04d}"}
            for position, row in enumerate(rows_of(frame), start=1)
        ]
        given = scenario_id or uuid.uuid4().hex

        def work(writing: Writing) -> str:
            content = json.dumps([as_json(record) for record in named(writing.connection, rows)])
            there = (
                writing.connection.execute(sa.select(scenarios).where(scenarios.c.scenario_id == given))
                .mappings()
                .first()
            )
            if scenario_id is not None and (there is None or there["version"] != version):
                raise StaleVersionError("store.stale_scenario", name=name, who=there["saved_by"] if there else None)
            values = {
                "version": (version or 0) + 1,
                "name": name,
                "note": note,
                "assets": content,
                "struck_out": False,
                "saved_at": writing.at,
                "saved_by": who.name,
            }
            target: sa.Insert | sa.Update = scenarios.update().where(scenarios.c.scenario_id == given)
            if there is None:
                target = scenarios.insert().values(scenario_id=given)
            writing.connection.execute(target.values(values))
            return given

        return self.write(who, "save_scenario", work, note, change_id)

    def scenarios(self, viewer: Actor | None) -> list[dict[str, Any]]:
        """Scenarios by name: ``scenario_id, version, name, note, saved_at, saved_by``."""
        require(viewer, "view_scenarios")
        columns = (column for column in scenarios.c if column.name not in ("assets", "struck_out"))
        with self.reading() as connection:
            rows = connection.execute(
                sa.select(*columns)
                .where(sa.not_(scenarios.c.struck_out))
                .order_by(scenarios.c.name, scenarios.c.scenario_id)
            )
            return [dict(row) for row in rows.mappings()]

    def scenario(self, scenario_id: str, viewer: Actor | None) -> gpd.GeoDataFrame:
        """Assets of a scenario, with the columns of the inventory.

        Raises
        ------
        StoreError
            If there is none of that identifier.
        """
        require(viewer, "view_scenarios")
        with self.reading() as connection:
            row = (
                connection.execute(sa.select(scenarios).where(scenarios.c.scenario_id == scenario_id))
                .mappings()
                .first()
            )
        if row is None:
            raise StoreError("store.no_such_scenario", Place(value=scenario_id))
        marks = {"version": row["version"], "at": row["saved_at"], "who": row["saved_by"]}
        return frame_of_lines([{**marks, "after": text} for text in json.loads(row["assets"])])


def _as_parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _from_parquet(content: bytes) -> pd.DataFrame:
    try:
        return gpd.read_parquet(io.BytesIO(content))  # type: ignore[no-any-return]
    except ValueError:  # no geometry in it
        return pd.read_parquet(io.BytesIO(content))
