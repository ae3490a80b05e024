"""Which parts of the installation are there: the extras of the distribution."""

from __future__ import annotations

from importlib.util import find_spec

from coverage.base.errors import UnavailableError


def require_extra(extra: str, *modules: str) -> None:
    """Refuse to go on where the libraries of an extra are not installed.

    Parameters
    ----------
    extra
        Name of the extra, as in ``pip install "jangkau[web]"``.
    *modules
        Top-level modules that the extra brings.

    Raises
    ------
    UnavailableError
        If one of them is missing.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UnavailableError("installation.extra_missing", extra=extra, modules=missing)
