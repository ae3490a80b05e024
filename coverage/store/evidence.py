"""Evidence from the field: added and withdrawn, never deleted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import Place, RowError
from coverage.base.schema import EVIDENCE, in_form
from coverage.store.database import Database, Writing
from coverage.store.models import evidence
from coverage.store.permissions import Actor, require


class EvidenceRecords:
    """The evidence that is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, frame: pd.DataFrame, who: Actor, note: str | None = None, change_id: str | None = None) -> int:
        """Add evidence (:data:`coverage.base.schema.EVIDENCE`) and return the number of rows.

        Raises
        ------
        SchemaError
            If the table breaks the schema.
        RowError
            If an identifier is taken.
        """
        rows = evidence_rows(frame)

        def work(writing: Writing) -> int:
            kept = set(writing.connection.execute(sa.select(evidence.c.evidence_id)).scalars())
            for position, row in enumerate(rows, start=1):
                if (name := row["evidence_id"]) in kept:
                    raise RowError("store.duplicate_evidence", Place(row=position, column="evidence_id", value=name))
            if rows:
                writing.connection.execute(
                    evidence.insert(), [{**row, "added_at": writing.at, "added_by": who.name} for row in rows]
                )
            return len(rows)

        return self._database.write(who, "add_evidence", work, note, change_id)

    def withdraw(self, evidence_ids: list[str], who: Actor) -> int:
        """Withdraw evidence, which stays in the store, and return the number of rows."""

        def work(writing: Writing) -> int:
            done = writing.connection.execute(
                evidence.update()
                .where(evidence.c.evidence_id.in_(evidence_ids), evidence.c.withdrawn_at.is_(None))
                .values(withdrawn_at=writing.at, withdrawn_by=who.name)
            )
            return int(done.rowcount)

        return self._database.write(who, "withdraw_evidence", work)

    def table(self, viewer: Actor | None, withdrawn: bool = False) -> pd.DataFrame:
        """Evidence (:data:`coverage.base.schema.EVIDENCE`, who added it and when), in order of arrival."""
        require(viewer, "view_evidence")
        condition = evidence.c.withdrawn_at.is_not(None) if withdrawn else evidence.c.withdrawn_at.is_(None)
        rows = self._database.rows(
            sa.select(evidence).where(condition).order_by(evidence.c.added_at, evidence.c.evidence_id)
        )
        table = pd.DataFrame([dict(row) for row in rows], columns=[c.name for c in evidence.c])
        return table.astype({name: float if name in ("lon", "lat") else "str" for name in table})


def evidence_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of table ``evidence`` from a checked table of evidence."""
    rows = in_form(frame, EVIDENCE).astype(object)
    values = rows.where(rows.notna(), None).itertuples(index=False, name=None)
    return [dict(zip(EVIDENCE.names, row, strict=True)) for row in values]
