"""Cache of intermediate results of a run, shared by its exports."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def cached_per_run(make: Callable[P, R]) -> Callable[P, R]:
    """Cache results for the lifetime of the run, the first argument.

    Further arguments are keyed by ``language`` where they have one, else by value. Every call gets a copy.
    """
    kept: dict[tuple[Any, ...], tuple[weakref.ref[Any], Any]] = {}

    @wraps(make)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        run, *others = args
        key = (id(run), *(getattr(other, "language", other) for other in others), *sorted(kwargs.items()))
        found = kept.get(key)
        if found is not None and found[0]() is run:
            result: Any = found[1]
        else:
            result = make(*args, **kwargs)
            kept[key] = (weakref.ref(run, lambda _: kept.pop(key, None)), result)
        copied: R = copy.copy(result)
        return copied

    return remembered
