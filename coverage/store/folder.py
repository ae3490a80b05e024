"""Data folder of the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """``JANGKAU_DATA_DIR``, else the usual place of the system."""
    if environment.get("JANGKAU_DATA_DIR"):
        return Path(environment["JANGKAU_DATA_DIR"])
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "jangkau"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "jangkau"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jangkau"
