"""Imports: a list applied as one change, undone as one.

Rows of history, evidence and figures carry the identifier of their import.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import StoreError
from coverage.base.schema import LANDMARKS, check
from coverage.store.assets import named
from coverage.store.database import Database, Writing
from coverage.store.evidence import evidence_rows
from coverage.store.history import Reversal, revert_lines
from coverage.store.lines import Edit, in_chunks, present, write_edits
from coverage.store.models import asset_history, evidence, figures, imports, landmarks, state
from coverage.store.permissions import Actor, require
from coverage.store.records import STORED, rows_of
from coverage.store.villages import Villages


@dataclass(frozen=True)
class Imported:
    """Result of an import: identifier, and numbers of assets added, changed, unchanged."""

    import_id: str
    added: int
    changed: int
    unchanged: int


class Imports:
    """Imports, all or nothing."""

    def __init__(self, database: Database, villages: Villages) -> None:
        self._database, self._villages = database, villages

    def add_assets(
        self,
        frame: gpd.GeoDataFrame,
        source: str,
        who: Actor,
        note: str | None = None,
        import_id: str | None = None,
        revision: int | None = None,
    ) -> Imported:
        """Apply a list of assets as one change: new identifiers are added, known ones changed.

        Columns that the list lacks stay, so a second import changes nothing. An ``import_id`` sent twice is applied
        once.

        Parameters
        ----------
        frame : columns of :data:`coverage.base.schema.ASSETS`, EPSG:4326; ``asset_id`` may be empty for new ones
        revision : of the inventory that the list was compared with

        Raises
        ------
        StoreError
            ``store.plan_outdated``: the inventory has changed since.
        RowError
            Naming the row (the first is 1); nothing is applied then.
        """
        name = import_id or uuid.uuid4().hex

        def work(writing: Writing) -> dict[str, Any]:
            writing.import_id = name
            if revision is not None and writing.connection.execute(sa.select(state.c.revision)).scalar() != revision:
                raise StoreError("store.plan_outdated")
            edits = _edits(writing.connection, frame)
            written = write_edits(writing, edits, self._villages.locator)
            added = sum(edit.before is None for edit in edits)
            counts = {"added": added, "changed": len(written) - added, "unchanged": len(edits) - len(written)}
            return _noted(writing, "assets", source, counts)

        return Imported(**self._database.write(who, "import", work, note, change_id=name))

    def add_evidence(
        self,
        frame: pd.DataFrame,
        source: str,
        who: Actor,
        note: str | None = None,
        import_id: str | None = None,
        withdrawn: Collection[str] = (),
        unchanged: int = 0,
        changed: int = 0,
        revision: str | None = None,
    ) -> Imported:
        """Add evidence and withdraw what it replaces, as one change.

        Parameters
        ----------
        frame : per :data:`coverage.base.schema.EVIDENCE`, with new identifiers
        unchanged, changed : numbers of rows already kept, and of replacing rows, for the list of imports
        revision : of :meth:`records_revision` that the list was compared with

        Raises
        ------
        SchemaError
            If the table breaks the schema.
        StoreError
            ``store.plan_outdated``: evidence or figures have changed since.
        """
        name = import_id or uuid.uuid4().hex
        rows = evidence_rows(frame)

        def work(writing: Writing) -> dict[str, Any]:
            _require_revision(writing.connection, revision)
            writing.import_id = name
            for part in in_chunks(sorted(withdrawn)):
                writing.connection.execute(
                    evidence.update()
                    .where(evidence.c.evidence_id.in_(part), evidence.c.withdrawn_at.is_(None))
                    .values(withdrawn_at=writing.at, withdrawn_by=who.name, withdrawn_import=name)
                )
            if rows:
                writing.connection.execute(
                    evidence.insert(),
                    [{**row, "added_at": writing.at, "added_by": who.name, "import_id": name} for row in rows],
                )
            counts = {"added": len(rows) - changed, "changed": changed, "unchanged": unchanged}
            return _noted(writing, "evidence", source, counts)

        return Imported(**self._database.write(who, "import", work, note, change_id=name))

    def add_figures(
        self,
        frame: pd.DataFrame,
        source: str,
        who: Actor,
        note: str | None = None,
        import_id: str | None = None,
        unchanged: int = 0,
        changed: int = 0,
        revision: str | None = None,
    ) -> Imported:
        """Add figures by village as one change.

        Parameters
        ----------
        frame : ``village_code_bps, figure, value``; a missing value removes the figure
        unchanged, changed : numbers of villages without news, and of those with other figures before
        revision : as for :meth:`add_evidence`

        Raises
        ------
        StoreError
            ``store.plan_outdated``: evidence or figures have changed since.
        """
        lines = [
            {"village_code_bps": code, "figure": figure, "value": None if pd.isna(value) else float(value)}
            for code, figure, value in frame[["village_code_bps", "figure", "value"]].itertuples(index=False, name=None)
        ]

        added = len({line["village_code_bps"] for line in lines}) - changed - unchanged
        counts = {"added": added, "changed": changed, "unchanged": unchanged}
        return self._add_lines(figures, lines, counts, source, who, note, import_id, revision)

    def figures(self, viewer: Actor | None) -> pd.DataFrame:
        """Current figures by village: ``village_code_bps, figure, value, source, at``, in a fixed order."""
        require(viewer, "view")
        columns = (figures.c.village_code_bps, figures.c.figure, figures.c.value, imports.c.source, imports.c.at)
        rows = self._database.rows(
            sa.select(*columns)
            .join(imports, imports.c.import_id == figures.c.import_id)
            .where(imports.c.taken_back_at.is_(None))
            .order_by(imports.c.at, figures.c.import_id)
        )
        found = pd.DataFrame([tuple(row.values()) for row in rows], columns=[column.name for column in columns])
        found = found.drop_duplicates(["village_code_bps", "figure"], keep="last").dropna(subset=["value"])
        return found.astype({"value": float}).sort_values(["village_code_bps", "figure"], ignore_index=True)

    def add_landmarks(
        self,
        frame: pd.DataFrame,
        source: str,
        who: Actor,
        note: str | None = None,
        import_id: str | None = None,
        removed: Mapping[str, str] | None = None,
        unchanged: int = 0,
        changed: int = 0,
        revision: str | None = None,
    ) -> Imported:
        """Add landmarks (:data:`coverage.base.schema.LANDMARKS`) as one change.

        Parameters
        ----------
        removed : landmarks that are no longer there: village by identifier
        unchanged, changed, revision : as for :meth:`add_figures`

        Raises
        ------
        SchemaError
            If the table breaks the schema.
        StoreError
            ``store.plan_outdated``: evidence, figures or landmarks have changed since.
        """
        rows = check(frame, LANDMARKS)[LANDMARKS.names].astype(object)
        lines = [
            {
                "landmark_id": row["landmark_id"],
                "village_code_bps": row["village_code_bps"],
                "content": json.dumps(row, ensure_ascii=False),
            }
            for row in rows.where(rows.notna(), None).to_dict("records")
        ]
        lines += [
            {"landmark_id": one, "village_code_bps": village, "content": None}
            for one, village in (removed or {}).items()
        ]

        counts = {"added": len(rows) - changed - unchanged, "changed": changed, "unchanged": unchanged}
        return self._add_lines(landmarks, lines, counts, source, who, note, import_id, revision)

    def _add_lines(
        self,
        table: sa.Table,
        lines: Sequence[Mapping[str, Any]],
        counts: Mapping[str, int],
        source: str,
        who: Actor,
        note: str | None,
        import_id: str | None,
        revision: str | None,
    ) -> Imported:
        """Add lines to a table in which the latest of each key counts, as one change named like the table."""
        name = import_id or uuid.uuid4().hex

        def work(writing: Writing) -> dict[str, Any]:
            _require_revision(writing.connection, revision)
            writing.import_id = name
            done = _noted(writing, table.name, source, dict(counts))
            if lines:
                writing.connection.execute(table.insert(), [{**line, "import_id": name} for line in lines])
            return done

        return Imported(**self._database.write(who, "import", work, note, change_id=name))

    def landmarks(self, viewer: Actor | None) -> pd.DataFrame:
        """Current landmarks (:data:`coverage.base.schema.LANDMARKS`), sorted by identifier."""
        require(viewer, "view")
        rows = self._database.rows(
            sa.select(landmarks.c.landmark_id, landmarks.c.content)
            .join(imports, imports.c.import_id == landmarks.c.import_id)
            .where(imports.c.taken_back_at.is_(None))
            .order_by(imports.c.at, landmarks.c.import_id)
        )
        latest = {row["landmark_id"]: row["content"] for row in rows}
        found = [json.loads(content) for _, content in sorted(latest.items()) if content is not None]
        table = pd.DataFrame(found, columns=LANDMARKS.names)
        return table.astype({name: float for name in ("lon", "lat", "people")})

    def records_revision(self) -> str:
        """Token that changes with evidence or figures."""
        with self._database.reading() as connection:
            return _records_revision(connection)

    def take_back(self, import_id: str, who: Actor, note: str | None = None) -> Reversal:
        """Undo an import as a new change: additions are struck out, changes reverted.

        Later edits stay and are named in the result. Its evidence is withdrawn and what it had withdrawn restored;
        figures fall back to the earlier ones, unless a later import overrides them.

        Raises
        ------
        StoreError
            If there is no such import, or it was undone before.
        """

        def work(writing: Writing) -> dict[str, Any]:
            found = writing.connection.execute(
                sa.select(imports.c.taken_back_at, imports.c.record).where(imports.c.import_id == import_id)
            ).first()
            if found is None or found.taken_back_at is not None:
                raise StoreError("store.no_such_import", import_id=import_id)
            writing.connection.execute(
                imports.update()
                .where(imports.c.import_id == import_id)
                .values(taken_back_at=writing.at, taken_back_by=who.name)
            )
            if found.record != "assets":
                return {"set_back": _BACK[found.record](writing, import_id), "kept": {}}
            return revert_lines(writing, asset_history.c.import_id == import_id, self._villages.locator)

        return Reversal(**self._database.write(who, "take_back_import", work, note))

    def all(self, viewer: Actor | None, limit: int = 100) -> list[dict[str, Any]]:
        """Imports, newest first, as columns of table ``imports``."""
        require(viewer, "view_imports")
        lines = sa.select(imports).order_by(imports.c.at.desc()).limit(limit)
        return [dict(line) for line in self._database.rows(lines)]


def _noted(writing: Writing, record: str, source: str, counts: dict[str, int]) -> dict[str, Any]:
    """Record the import and return its result."""
    writing.connection.execute(
        imports.insert().values(
            import_id=writing.import_id,
            at=writing.at,
            who=writing.who.name,
            source=source,
            note=writing.note,
            record=record,
            **counts,
        )
    )
    return {"import_id": writing.import_id, **counts}


def _records_revision(connection: sa.Connection) -> str:
    asked = (
        sa.select(
            sa.func.count(),
            sa.func.max(evidence.c.added_at),
            sa.func.max(evidence.c.withdrawn_at),
            sa.func.count(evidence.c.withdrawn_at),
        ).select_from(evidence),
        sa.select(sa.func.max(imports.c.at), sa.func.max(imports.c.taken_back_at)).where(imports.c.record != "assets"),
    )
    return "/".join(str(value or "") for query in asked for value in connection.execute(query).one())


def _require_revision(connection: sa.Connection, revision: str | None) -> None:
    if revision is not None and _records_revision(connection) != revision:
        raise StoreError("store.plan_outdated")


def _evidence_back(writing: Writing, import_id: str) -> list[str]:
    """Withdraw evidence of an import, and restore what it withdrew."""
    there, gone = evidence.c.withdrawn_at.is_(None), evidence.c.withdrawn_import == import_id
    connection, own = writing.connection, sa.and_(evidence.c.import_id == import_id, there)
    touched = list(connection.execute(sa.select(evidence.c.evidence_id).where(sa.or_(own, gone))).scalars())
    connection.execute(evidence.update().where(own).values(withdrawn_at=writing.at, withdrawn_by=writing.who.name))
    connection.execute(
        evidence.update().where(gone).values(withdrawn_at=None, withdrawn_by=None, withdrawn_import=None)
    )
    return sorted(touched)


def _figures_back(writing: Writing, import_id: str) -> list[str]:
    """Villages whose figures an import brought; marking it undone suffices."""
    found = sa.select(figures.c.village_code_bps).where(figures.c.import_id == import_id).distinct()
    return sorted(writing.connection.execute(found).scalars())


def _landmarks_back(writing: Writing, import_id: str) -> list[str]:
    """Landmarks that an import brought; marking it undone suffices."""
    found = sa.select(landmarks.c.landmark_id).where(landmarks.c.import_id == import_id)
    return sorted(writing.connection.execute(found).scalars())


_BACK = {"evidence": _evidence_back, "figures": _figures_back, "landmarks": _landmarks_back}


def _edits(connection: sa.Connection, frame: gpd.GeoDataFrame) -> list[Edit]:
    rows = rows_of(frame)
    given = [row["asset_id"].strip() for row in rows if isinstance(row.get("asset_id"), str)]
    there = {}
    for part in in_chunks(sorted(set(given))):
        there.update(present(connection, part))
    columns = [name for name in STORED if name in frame.columns and name not in ("asset_id", "struck_out")]
    records = named(
        connection,
        [
            {**there[asset_id].record, **{name: row[name] for name in columns}}
            if isinstance(asset_id := row.get("asset_id"), str) and (asset_id := asset_id.strip()) in there
            else row
            for row in rows
        ],
    )
    return [
        Edit(there[record["asset_id"]].record, record, there[record["asset_id"]].version + 1)
        if record["asset_id"] in there
        else Edit(None, record, 1)
        for record in records
    ]
