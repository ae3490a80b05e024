"""The only module that imports numba.

numba looks for the test tool that shares our package's name (``import coverage``) and crashes on ours (numba issue
10705). So our entry in ``sys.modules`` is hidden while numba is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

_ours = sys.modules.get("coverage")
sys.modules["coverage"] = None  # type: ignore[assignment]
try:
    import numba
finally:
    if _ours is None:
        del sys.modules["coverage"]
    else:
        sys.modules["coverage"] = _ours

F = TypeVar("F", bound=Callable[..., Any])
prange = numba.prange


def compiled(parallel: bool = False, fastmath: bool = False) -> Callable[[F], F]:
    """Compile a function to machine code, cached on disk.

    Parameters
    ----------
    parallel
        Whether ``prange`` loops run on all cores (the GIL is released either way).
    fastmath
        Whether floating-point operations may be reordered.
    """

    def decorate(function: F) -> F:
        return cast(F, numba.njit(cache=True, nogil=True, parallel=parallel, fastmath=fastmath)(function))

    return decorate
