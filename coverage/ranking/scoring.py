"""The registry of decision methods: how a matrix of criteria becomes one score.

Every method takes values already on the common scale of :mod:`coverage.ranking.criteria` (1 is most urgent) and returns
scores that are higher for what is to be served first, so that the same ranking and the same stability figures serve
them all. A score may be asked for under many weights at once. A new method is one module in
:mod:`coverage.ranking.methods` and its name in the locale (``priority.method``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from coverage.base.discovery import import_modules
from coverage.base.errors import ParameterError, Place

Floats = npt.NDArray[np.float64]
Scorer = Callable[[Floats], Floats]
"""From weights, shape (criteria,) or (draws, criteria), to scores, shape (villages,) or (draws, villages)."""
Prepare = Callable[[Floats], Scorer]
"""From scaled values, shape (villages, criteria), 0 to 1, 1 most urgent, to a scorer from 0 to 1, higher is sooner."""


@dataclass(frozen=True)
class DecisionMethod:
    """A decision method; ``most`` is how many villages it can rank, where that is limited."""

    name: str
    prepare: Prepare
    place: int
    most: int | None

    def can_rank(self, villages: int) -> bool:
        """Whether there are not too many villages for it."""
        return self.most is None or villages <= self.most


_FOUND: dict[str, DecisionMethod] = {}


def decision_method(name: str, place: int = 100, most: int | None = None) -> Callable[[Prepare], Prepare]:
    """Register a method; ``place`` is its order among the others."""

    def register(prepare: Prepare) -> Prepare:
        _FOUND[name] = DecisionMethod(name, prepare, place, most)
        return prepare

    return register


@cache
def decision_methods() -> dict[str, DecisionMethod]:
    """Every method by name, in order."""
    import_modules("coverage.ranking.methods")
    return {one.name: one for one in sorted(_FOUND.values(), key=lambda one: (one.place, one.name))}


def scorer(scaled: Floats, method: str = "weighted_sum") -> Scorer:
    """Prepare a method for scoring villages under any weights.

    Parameters
    ----------
    scaled : shape (villages, criteria), 0 to 1, 1 most urgent
    method : any of :func:`decision_methods`

    Returns
    -------
    Scorer
        Scores from 0 to 1, higher is sooner; each row of weights adds up to 1.

    Raises
    ------
    ParameterError
        If there is no such method, or there are more villages than it can rank.
    """
    chosen = decision_methods().get(method)
    if chosen is None:
        offered = ", ".join(decision_methods())
        raise ParameterError("parameters.invalid", Place(value=method), field="priority.method", problem=offered)
    if not chosen.can_rank(len(scaled)):
        raise ParameterError("priority.too_many_for_method", Place(value=len(scaled)), method=method, limit=chosen.most)
    return chosen.prepare(scaled)
