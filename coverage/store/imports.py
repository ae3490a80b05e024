"""Imports: a list that goes in as one change, and can be taken back as one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from coverage.errors import StoreError
from coverage.store.assets import named
from coverage.store.base import Writing
from coverage.store.history import HistoryStore, Reversal
from coverage.store.lines import Edit, in_chunks, present, write_edits
from coverage.store.models import asset_history, imports, state
from coverage.store.permissions import Actor, require
from coverage.store.records import STORED, rows_of


@dataclass(frozen=True)
class Imported:
    """What an import did: its name, and how many assets were added, changed, and left as they were."""

    import_id: str
    added: int
    changed: int
    unchanged: int


class ImportStore(HistoryStore):
    """Taking lists in, all or nothing."""

    def apply_import(self, frame: gpd.GeoDataFrame, source: str, who: Actor, note: str | None = None,
                     import_id: str | None = None, revision: int | None = None) -> Imported:
        """Take a list of assets in as one change: new identifiers are added, known ones changed.

        Columns that the list does not have are left as they are in known assets; so the same list taken in
        twice changes nothing the second time. ``import_id`` names the import; sent twice, it is done once.

        Parameters
        ----------
        frame
            Columns of :data:`coverage.schema.ASSETS`, EPSG:4326; ``asset_id`` may be empty for new ones.
        source
            Name of the file, as shown to people; never used as a path.
        revision
            Of the inventory that the list was compared with, where it was.

        Raises
        ------
        StoreError
            ``store.plan_outdated``: the inventory has changed since that revision.
        RowError
            Naming the row (the first is 1); nothing is taken in then.
        """
        name = import_id or uuid.uuid4().hex

        def work(writing: Writing) -> dict[str, Any]:
            writing.import_id = name
            if revision is not None and writing.connection.execute(sa.select(state.c.revision)).scalar() != revision:
                raise StoreError("store.plan_outdated")
            edits = _edits(writing.connection, frame)
            written = write_edits(writing, edits, self._locator)
            added = sum(edit.before is None for edit in edits)
            counts = {"added": added, "changed": len(written) - added, "unchanged": len(edits) - len(written)}
            writing.connection.execute(imports.insert().values(
                import_id=name, at=writing.at, who=who.name, source=source, note=note, **counts))
            return {"import_id": name, **counts}

        return Imported(**self.write(who, "import", work, note, change_id=name))

    def take_back_import(self, import_id: str, who: Actor, note: str | None = None,
                         change_id: str | None = None) -> Reversal:
        """Take an import back as a new change: what it added is struck out, what it changed is set back.

        Later edits stay: an added asset that was edited since is left as it is, and so is every field that
        was changed after the import; the result names them.

        Raises
        ------
        StoreError
            If there is no such import, or it was taken back before.
        """

        def work(writing: Writing) -> dict[str, Any]:
            found = writing.connection.execute(sa.select(imports.c.taken_back_at).where(
                imports.c.import_id == import_id)).first()
            if found is None or found.taken_back_at is not None:
                raise StoreError("store.no_such_import", import_id=import_id)
            writing.connection.execute(imports.update().where(imports.c.import_id == import_id).values(
                taken_back_at=writing.at, taken_back_by=who.name))
            lines = writing.connection.execute(sa.select(asset_history).where(
                asset_history.c.import_id == import_id).order_by(asset_history.c.asset_id)).mappings().all()
            return self._taken_back(writing, lines)

        return Reversal(**self.write(who, "take_back_import", work, note, change_id))

    def imports(self, viewer: Actor | None, limit: int = 100) -> list[dict[str, Any]]:
        """The last imports, newest first, as dictionaries of the columns of table ``imports``."""
        require(viewer, "view_imports")
        with self.reading() as connection:
            lines = connection.execute(sa.select(imports).order_by(imports.c.at.desc()).limit(limit))
            return [dict(line) for line in lines.mappings()]


def _edits(connection: sa.Connection, frame: gpd.GeoDataFrame) -> list[Edit]:
    rows = rows_of(frame)
    given = [row["asset_id"].strip() for row in rows if isinstance(row.get("asset_id"), str)]
    there = {}
    for part in in_chunks(sorted(set(given))):
        there.update(present(connection, part))
    columns = [name for name in STORED if name in frame.columns and name not in ("asset_id", "struck_out")]
    records = named(connection, [
        {**there[asset_id].record, **{name: row[name] for name in columns}}
        if isinstance(asset_id := row.get("asset_id"), str) and (asset_id := asset_id.strip()) in there
        else row
        for row in rows])
    return [Edit(there[record["asset_id"]].record, record, there[record["asset_id"]].version + 1)
            if record["asset_id"] in there else Edit(None, record, 1) for record in records]
