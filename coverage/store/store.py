"""The store, composed of its parts."""

from __future__ import annotations

from pathlib import Path

from coverage.base.errors import DamagedStoreError
from coverage.store.accounts import Accounts
from coverage.store.assets import Assets
from coverage.store.backup import Backups, restore_in_place
from coverage.store.database import Clock, Database, utc_now
from coverage.store.engine import Opened, address
from coverage.store.evidence import EvidenceRecords
from coverage.store.history import History
from coverage.store.imports import Imports
from coverage.store.opening import open_postgres, open_sqlite
from coverage.store.permissions import Actor
from coverage.store.proposals import Proposals
from coverage.store.reports import FieldReports
from coverage.store.run_days import RunDays
from coverage.store.saved_mappings import SavedMappings
from coverage.store.saved_runs import SavedRuns
from coverage.store.scenarios import Scenarios
from coverage.store.settings import Settings
from coverage.store.tokens import Tokens
from coverage.store.villages import Villages


class Store:
    """One database and what is kept in it, a part each; see :func:`open_store`.

    Changes take ``who`` and check their role; reads take the ``viewer``, None for an anonymous reader.
    """

    def __init__(self, opened: Opened, clock: Clock = utc_now) -> None:
        self.database = Database(opened, clock)
        self.villages = Villages(self.database)
        self.assets = Assets(self.database, self.villages)
        self.history = History(self.database, self.villages)
        self.imports = Imports(self.database, self.villages)
        self.evidence = EvidenceRecords(self.database)
        self.reports = FieldReports(self.database)
        self.mappings = SavedMappings(self.database)
        self.runs = SavedRuns(self.database)
        self.scenarios = Scenarios(self.database)
        self.settings = Settings(self.database)
        self.proposals = Proposals(self.database)
        self.run_days = RunDays(self.database)
        self.accounts = Accounts(self.database)
        self.tokens = Tokens(self.database)
        self.backups = Backups(self.database)

    def close(self) -> None:
        """Close all connections."""
        self.database.engine.dispose()


def open_store(url: str | None = None, clock: Clock = utc_now) -> Store:
    """Open the store, creating it on first use.

    Parameters
    ----------
    url
        ``postgresql://...``, ``sqlite:///FILE`` or a file name; by default ``JANGKAU_DATABASE_URL``, else
        ``jangkau.db`` in the data folder (``JANGKAU_DATA_DIR``, else the usual place of the system).

    Raises
    ------
    DamagedStoreError
        If the SQLite file is damaged: :func:`restore_store` replaces it by a backup.
    UnavailableError
        If the PostgreSQL server does not answer.
    StoreError
        If the database is of another program, or of a newer version.
    """
    where = address(url)
    if where.get_backend_name() == "postgresql":
        return Store(open_postgres(where), clock)
    return Store(open_sqlite(Path(str(where.database))), clock)


def restore_store(
    url: str | None, archive: Path, who: Actor, keep: Path | None = None, carry: Path | None = None
) -> Path | None:
    """Restore a backup, also over a missing or damaged SQLite file.

    Returns
    -------
    Path or None
        Where the earlier state is: ``keep``, or the damaged file.

    Raises
    ------
    FileRefusedError
        If ``archive`` is not a complete backup; nothing is changed then.
    """
    where = address(url)
    file = None if where.get_backend_name() == "postgresql" else Path(str(where.database))
    if file is not None and not file.exists():
        return restore_in_place(archive, file, who)
    try:
        store = open_store(url)
    except DamagedStoreError:
        if file is None:
            raise
        return restore_in_place(archive, file, who)
    try:
        store.backups.restore(archive, who, keep, carry)
        return keep
    finally:
        store.close()
