"""Put a finished file or folder in its place by one rename, also while somebody reads the old one.

Windows refuses to replace a file that another program has open, if only for the moment of a virus scan or a read.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_HELD = frozenset({5, 32, 33})
"""Windows: access denied, sharing violation, lock violation."""
WAITS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)


def put_in_place(made: Path | str, place: Path | str) -> None:
    """Rename ``made`` to ``place``, replacing what is there; tried again for two seconds while that is held.

    Raises
    ------
    OSError
        As :func:`os.replace`.
    """
    for wait in WAITS_S:
        try:
            os.replace(made, place)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _HELD:
                raise
            time.sleep(wait)
        else:
            return
    os.replace(made, place)
