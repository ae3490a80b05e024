"""Who works at the command line, and the inventory opened for them.

Whoever may run commands on this computer may read the file anyway, so the command line acts as an administrator under
the name of the person at the computer.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from coverage.store import Actor, Store, open_store


def current_operator() -> Actor:
    """The person at the computer, as an administrator."""
    return Actor(getpass.getuser(), "admin")


@contextmanager
def opened() -> Iterator[Store]:
    """The inventory, closed again afterwards."""
    store = open_store()
    try:
        yield store
    finally:
        store.close()
