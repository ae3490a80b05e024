"""The store where there is one; without one, the library of databases is not even imported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.store.folder import FILE_NAME, data_folder

if TYPE_CHECKING:
    from coverage.store.store import Store


def open_existing() -> Store | None:
    """The store to read from; None where none was ever made, so that reading alone makes none."""
    if not os.environ.get("JANGKAU_DATABASE_URL") and not (data_folder() / FILE_NAME).exists():
        return None
    from coverage.store.engine import address
    from coverage.store.store import open_store

    where = address(None)
    if where.get_backend_name() == "sqlite" and not Path(str(where.database)).exists():
        return None
    return open_store()
