"""Installed extras of the distribution."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from coverage.base.errors import JangkauError, UnavailableError

OTHER = "coverage"
"""Distribution of the tool whose package has the name of ours."""


def require_extra(extra: str, *modules: str) -> None:
    """Refuse to go on where the libraries of an extra are not installed.

    Parameters
    ----------
    extra : name of the extra, as in ``pip install "jangkau[web]"``
    *modules : top-level modules that the extra brings

    Raises
    ------
    UnavailableError
        If one of them is missing.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UnavailableError("installation.extra_missing", extra=extra, modules=missing)


def require_own_package() -> None:
    """Refuse to go on where another distribution has put its ``coverage/__init__.py`` in place of ours.

    Raises UnavailableError if it is not ours, or gone.
    """
    if "load_inputs" not in getattr(sys.modules["coverage"], "__all__", ()):  # hasattr would import the whole flow
        raise UnavailableError("installation.package_replaced", folder=str(_folder()))


def package_shared() -> JangkauError | None:
    """What to say where coverage.py was installed into the same folder before: it is broken by that, Jangkau is not."""
    try:
        theirs = Path(str(distribution(OTHER).locate_file("coverage")))
    except PackageNotFoundError:
        return None
    same = theirs.is_dir() and theirs.resolve() == _folder()
    return UnavailableError("installation.package_shared", folder=str(_folder())) if same else None


def _folder() -> Path:
    return Path(__file__).resolve().parents[1]
