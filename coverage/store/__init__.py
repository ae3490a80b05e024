"""What is kept: the inventory and its history, evidence, runs, scenarios and accounts.

:func:`open_store` gives a :class:`Store` on SQLite (one file, made on first use) or on PostgreSQL with
PostGIS (``JANGKAU_DATABASE_URL``), with one interface. Nothing is deleted, every change names the version it
saw, and every change writes its line of history in the same transaction.
"""

from coverage.store.archive import SavedRun
from coverage.store.assets import SORTABLE, Change, Page
from coverage.store.backup import Manifest
from coverage.store.conflicts import Conflict, Difference
from coverage.store.engine import data_folder
from coverage.store.filters import AssetFilter
from coverage.store.history import Line, Reversal
from coverage.store.imports import Imported
from coverage.store.permissions import ACCOUNT_ROLES, ACTIONS, GRANTS, ROLES, Actor, may
from coverage.store.store import Store, open_store, restore_store

__all__ = ["ACCOUNT_ROLES", "ACTIONS", "GRANTS", "ROLES", "SORTABLE", "Actor", "AssetFilter", "Change",
           "Conflict", "Difference", "Imported", "Line", "Manifest", "Page", "Reversal", "SavedRun", "Store",
           "data_folder", "may", "open_store", "restore_store"]
