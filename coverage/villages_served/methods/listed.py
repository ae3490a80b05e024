"""By the office's own list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.base.parameters import Rule
from coverage.villages_served.rule_methods import RuleInputs, rule_method


@rule_method("listed")
def by_list(rule: Rule, inputs: RuleInputs) -> pd.DataFrame:
    """Take the state that the office's list claims; a village that is not on it is unknown."""
    codes, listed = inputs.codes, inputs.listed
    states = codes.astype(object).map(listed or {}).astype(object)
    reasons = np.where(states.notna(), "listed", "no_official_list" if listed is None else "not_listed")
    return pd.DataFrame(
        {
            "village_code_bps": codes.to_numpy(),
            "rule": rule.name,
            "state": states.fillna("unknown").to_numpy(dtype=object),
            "reason": reasons,
            "share": np.nan,
            "reach_m": np.nan,
            "nearest_kind": None,
            "nearest_m": np.nan,
        }
    )
