"""By the share of people in reach of services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.kinds import AssetKind
from coverage.base.parameters import Rule
from coverage.base.schema import CONNECTION
from coverage.villages_served.rule_methods import RuleInputs, rule_method


@rule_method("share")
def by_share(rule: Rule, inputs: RuleInputs) -> pd.DataFrame:
    """Judge by the share of people in reach, a lower bound where a list or the height of the ground is missing."""
    codes, known, kinds = inputs.codes, inputs.known, inputs.kinds
    heard = inputs.signal if "cellular" in rule.services else None
    rows = inputs.of_service(rule.service)
    share = rows["share_served"].to_numpy(dtype=float, na_value=np.nan)
    missing = [name for name in rule.needs if name not in known]
    least = np.nan_to_num(share)
    most = np.ones(len(codes)) if missing else np.where(np.isnan(share), 1.0, least + _column(rows, "share_unknown"))
    strong = _column(heard, "share_strong", np.nan) if heard is not None else np.full(len(codes), np.nan)
    strong_least, strong_most = least, most
    if rule.strong and rule.service == "cellular" and heard is not None:
        # Where circles count for lack of heights, they count here too.
        by_circles = np.maximum(least - _column(heard, "share_strong") - _column(heard, "share_weak"), 0)
        strong_least = np.where(np.isnan(strong), least, strong + by_circles)
        strong_most = np.where(np.isnan(strong), most, strong_least + _column(heard, "share_strong_unknown"))
        strong = np.where(np.isnan(strong), np.nan, strong_least)
    state = _agreed(states_by_share(least, strong_least, rule), states_by_share(most, strong_most, rule))
    has_nearest = rows["nearest_asset_m"].notna().to_numpy()
    reason = np.select(
        [state == "unknown", state == "served", (share > 0) & has_nearest, share > 0, has_nearest],
        [
            "no_asset_list" if missing or not known & set(rule.services) else "no_ground",
            "in_reach",
            "few_in_reach",
            "few_in_reach_no_asset",
            "none_in_reach_any" if rule.service == CONNECTION else "none_in_reach",
        ],
        default="none_in_reach_no_asset",
    )
    if rule.service == "cellular" and heard is not None:
        reason = _by_signal(reason, heard["share_none"].notna().to_numpy(), strong, share, rule)
    table = pd.DataFrame(
        {
            "village_code_bps": codes.to_numpy(),
            "rule": rule.name,
            "state": state,
            "reason": reason,
            "share": share,
            "share_unknown": most - least,
            "missing": " ".join(missing) or None,
            "reach_m": longest_reach_m(kinds, rule.services),
            "nearest_kind": rows["nearest_asset_kind"].to_numpy(),
            "nearest_m": rows["nearest_asset_m"].to_numpy(dtype=float, na_value=np.nan),
        }
    )
    if heard is not None:
        table["share_strong"] = strong
        hidden = heard["blocked_at_m"].notna().to_numpy() & np.isin(state, ["blank", "weak"])
        for name in ("tower_id", "tower_m", "blocked_at_m", "blocked_by_m"):
            table[name] = heard[name].where(hidden).to_numpy()
    return table


def _column(rows: pd.DataFrame, name: str, otherwise: float = 0.0) -> NDArray[np.float64]:
    """Numbers of an optional column."""
    values = rows[name].to_numpy(dtype=float, na_value=np.nan) if name in rows else np.full(len(rows), otherwise)
    return np.where(np.isnan(values), otherwise, values)


def states_by_share(share: NDArray[np.float64], strong: NDArray[np.float64], rule: Rule) -> NDArray[Any]:
    """State by the share of people in reach, and by that of those who count against ``weak_below``."""
    reached = (share > 0) & (share >= rule.blank_below)
    return np.select([reached & (strong >= rule.weak_below), reached], ["served", "weak"], default="blank")


def _agreed(least: NDArray[Any], most: NDArray[Any]) -> NDArray[Any]:
    return np.where(least == most, least, "unknown")


def _by_signal(
    reason: NDArray[Any], known: NDArray[np.bool_], strong: NDArray[np.float64], share: NDArray[np.float64], rule: Rule
) -> NDArray[Any]:
    """Reasons in terms of signal, where known: no radius decides there."""
    told = {"in_reach": "in_signal", "few_in_reach": "few_in_signal", "none_in_reach": "none_in_signal"}
    renamed = np.array([told.get(code, code) for code in reason], dtype=object)
    renamed[(renamed == "few_in_signal") & (strong < rule.weak_below) & (share >= rule.weak_below)] = "weak_signal"
    return np.where(known, renamed, reason)


def longest_reach_m(kinds: Mapping[str, AssetKind], services: Sequence[str]) -> float:
    """Longest reach in metres by which any kind gives one of ``services``; NaN where none does."""
    reaches = [gives.reach_m for kind in kinds.values() for gives in kind.gives if gives.service in services]
    return max(reaches, default=float("nan"))
