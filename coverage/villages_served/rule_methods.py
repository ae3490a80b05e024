"""The registry of methods of blank-spot rules: how a rule gives every village a state and a reason.

A new method is one module in :mod:`coverage.villages_served.methods` and its sentences in the locale: ``core.reason``
for its reason codes, ``exports.rule.<method>`` for what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.discovery import import_modules
from coverage.base.errors import ParameterError, Place
from coverage.base.kinds import AssetKind
from coverage.base.parameters import Rule


@dataclass(frozen=True, eq=False)
class RuleInputs:
    """What a rule may look at.

    Attributes
    ----------
    codes : BPS codes of the villages, in order
    known : services for which a list of assets was given
    listed : state that the office's list claims, by BPS code; None where there is no list
    signal : Table VILLAGE_SIGNAL in the order of ``codes``, indexed by them; None where elevation is not given
    """

    codes: pd.Series
    service: pd.DataFrame
    known: set[str]
    kinds: Mapping[str, AssetKind]
    listed: Mapping[str, str] | None
    signal: pd.DataFrame | None

    def of_service(self, name: str) -> pd.DataFrame:
        """Rows of a service in the order of ``codes``, indexed by them; those of several rules are made once."""
        if name not in self._of_service:
            rows = self._by_village[self._services == name]
            self._of_service[name] = rows if rows.index.equals(self._index) else rows.reindex(self.codes)
        return self._of_service[name]

    @cached_property
    def _by_village(self) -> pd.DataFrame:
        return self.service.set_index("village_code_bps")

    @cached_property
    def _services(self) -> NDArray[np.object_]:
        return self.service["service"].to_numpy(dtype=object)

    @cached_property
    def _index(self) -> pd.Index:
        made: pd.Index = pd.Index(self.codes)
        return made

    @cached_property
    def _of_service(self) -> dict[str, pd.DataFrame]:
        return {}


RuleMethod = Callable[[Rule, RuleInputs], pd.DataFrame]
"""Makes rows of table BLANK_SPOTS, one a village, in the order of ``codes``; looks at the rule's services alone."""
_FOUND: dict[str, RuleMethod] = {}


def rule_method(name: str) -> Callable[[RuleMethod], RuleMethod]:
    """Register a method."""

    def register(judge: RuleMethod) -> RuleMethod:
        _FOUND[name] = judge
        return judge

    return register


@cache
def rule_methods() -> dict[str, RuleMethod]:
    """Every method by name."""
    import_modules("coverage.villages_served.methods")
    return dict(sorted(_FOUND.items()))


def judged(rule: Rule, inputs: RuleInputs) -> pd.DataFrame:
    """Rows of table BLANK_SPOTS under a rule, by its method; ParameterError if there is no such method."""
    method = rule_methods().get(rule.method)
    if method is None:
        offered = ", ".join(rule_methods())
        raise ParameterError("parameters.invalid", Place(value=rule.method), field="rule.method", problem=offered)
    return method(rule, inputs)
