"""Data folder and name of the user."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import platformdirs

FILE_NAME = "jangkau.db"
_BEFORE = {"win32": ("AppData", "Local"), "darwin": ("Library", "Application Support")}
"""Where earlier versions looked, below the home folder."""


def user_name() -> str:
    """Name of the system's user; a neutral one where the system tells none, such as a Windows service."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # ImportError: Windows without USERNAME, before Python 3.13
        return "komputer ini"


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """``JANGKAU_DATA_DIR``, else where an earlier version kept its data, else the usual place of the system."""
    if environment.get("JANGKAU_DATA_DIR"):
        return Path(environment["JANGKAU_DATA_DIR"])
    before = Path.home().joinpath(*_BEFORE.get(sys.platform, ()), "jangkau")
    if sys.platform in _BEFORE and before.is_dir():
        return before
    return platformdirs.user_data_path("jangkau", appauthor=False)
