"""The only module that imports numba.

numba looks for the test tool that shares our package's name (``import coverage``) and crashes on ours (numba issue
10705). So our entry in ``sys.modules`` is hidden while numba is imported.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

_ours = sys.modules.get("coverage")
sys.modules["coverage"] = None  # type: ignore[assignment]
try:
    import numba
finally:
    if _ours is None:
        del sys.modules["coverage"]
    else:
        sys.modules["coverage"] = _ours

CORE = ("base", "land", "places", "ranking", "reach", "rollout", "villages_served")
"""Rooms with compiled functions; the others are not read."""
F = TypeVar("F", bound=Callable[..., Any])


def compiled(checked: bool = True, fused: bool = False, inlined: bool = False) -> Callable[[F], F]:
    """Compile a function to machine code without the GIL, cached on disk.

    Not ``checked``, a division by zero is infinite, as in NumPy: only so do loops go through vector units, and only
    where what they call is part of them: long functions are not, unless ``inlined``. Where ``fused``, products are
    added without rounding them first, in one step instead of two.
    """

    def decorate(function: F) -> F:
        relaxed = {"contract"} if fused else False
        model: Literal["python", "numpy"] = "python" if checked else "numpy"
        made: Any = numba.njit(cache=True, nogil=True, error_model=model, fastmath=relaxed, forceinline=inlined)(
            function
        )
        made._cache._cache_file._source_stamp = (made._cache._cache_file._source_stamp, _fingerprint())
        _mend_cache(made)
        return cast(F, made)

    return decorate


@cache
def _fingerprint() -> str:
    """Digest of all compiled functions: numba looks at a caller's file alone, which holds what it calls."""
    digest = hashlib.sha256()
    for file in sorted(file for room in CORE for file in (Path(__file__).parents[1] / room).rglob("*.py")):
        if b"compiled(" in (source := file.read_bytes()):
            digest.update(source)
    return digest.hexdigest()


def _mend_cache(made: Any) -> None:
    """Compile anew where a file of the cache is cut off: numba itself fails at every call until somebody deletes it."""
    cache = made._cache
    load = cache.load_overload

    def load_or_forget(signature: Any, context: Any) -> Any:
        try:
            return load(signature, context)
        except Exception:  # whatever pickle and LLVM say of what is damaged
            with suppress(Exception):
                cache.flush()
            return None

    cache.load_overload = load_or_forget
