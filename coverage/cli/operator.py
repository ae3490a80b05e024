"""The operator of the command line, and the opened inventory.

Whoever runs commands here can read the file anyway, so the operator acts as administrator under their system name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coverage.store.folder import user_name
from coverage.store.permissions import Actor

if TYPE_CHECKING:
    from coverage.store import Store


def current_operator() -> Actor:
    """The system user, as administrator."""
    return Actor(user_name(), "admin")


@contextmanager
def opened() -> Iterator[Store]:
    """The inventory, closed afterwards."""
    from coverage.store import open_store  # brings the library of databases

    store = open_store()
    try:
        yield store
    finally:
        store.close()
