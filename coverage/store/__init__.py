"""The store: inventory and history, evidence, runs, scenarios and accounts.

:func:`open_store` gives a :class:`Store` on SQLite (one file, made on first use) or on PostgreSQL with PostGIS
(``JANGKAU_DATABASE_URL``), with one interface: a database, and a part for each thing that is kept. Nothing is deleted;
every change names the version it saw and writes its history in the same transaction.

Names are imported lazily, so that folder and permissions are available without the database library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverage.store.assets import SORTABLE, AssetPage, Change
    from coverage.store.backup import Manifest
    from coverage.store.conflicts import Conflict, Difference
    from coverage.store.filters import AssetFilter
    from coverage.store.folder import data_folder
    from coverage.store.history import Line, Reversal
    from coverage.store.imports import Imported
    from coverage.store.permissions import ACCOUNT_ROLES, ACTIONS, GRANTS, ROLES, Actor, may
    from coverage.store.saved_runs import SavedRun
    from coverage.store.store import Store, open_store, restore_store

__all__ = [
    "ACCOUNT_ROLES",
    "ACTIONS",
    "GRANTS",
    "ROLES",
    "SORTABLE",
    "Actor",
    "AssetFilter",
    "AssetPage",
    "Change",
    "Conflict",
    "Difference",
    "Imported",
    "Line",
    "Manifest",
    "Reversal",
    "SavedRun",
    "Store",
    "data_folder",
    "may",
    "open_store",
    "restore_store",
]

_HOMES = {
    "assets": ("SORTABLE", "Change", "AssetPage"),
    "backup": ("Manifest",),
    "conflicts": ("Conflict", "Difference"),
    "filters": ("AssetFilter",),
    "folder": ("data_folder",),
    "history": ("Line", "Reversal"),
    "imports": ("Imported",),
    "permissions": ("ACCOUNT_ROLES", "ACTIONS", "GRANTS", "ROLES", "Actor", "may"),
    "saved_runs": ("SavedRun",),
    "store": ("Store", "open_store", "restore_store"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name from its module."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
