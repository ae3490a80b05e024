"""Blank spots: the state of every village under every named rule, with the reason, and where the evidence disagrees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.parameters import AssetKind, Rule
from coverage.base.schema import BLANK_SPOTS, CONFLICTS, CONNECTION, check

SURE_MATCHES = ("agreed", "spelling")


def blank_spots(
    service: pd.DataFrame,
    rules: Sequence[Rule],
    kinds: Mapping[str, AssetKind],
    listed: Collection[str] | None = None,
    signal: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell the state of every village under every enabled rule.

    A share in reach is a lower bound where a list of assets is missing: it can prove that a village is served, never
    that it is blank. So a village out of reach is ``unknown`` unless lists for all that the rule needs were given.

    Parameters
    ----------
    service
        Table VILLAGE_SERVICE.
    rules
        The rules; disabled ones are passed over.
    kinds
        Asset kinds, for the reach that a reason names.
    listed
        BPS codes of the villages on the office's list; None where there is no list.
    signal
        Table VILLAGE_SIGNAL where elevation is given: how many have strong signal, and what stands in the way.

    Returns
    -------
    pandas.DataFrame
        Table BLANK_SPOTS: a row per village and enabled rule, in the order of the rules.
    """
    codes = service["village_code_bps"].drop_duplicates().reset_index(drop=True)
    known = set(service.loc[service["known"].astype(bool), "service"])
    heard = None if signal is None else signal.set_index("village_code_bps").reindex(codes)
    tables = [
        _listed(codes, rule, listed)
        if rule.method == "listed"
        else _by_share(codes, service, rule, known, kinds, heard if "cellular" in rule.services else None)
        for rule in rules
        if rule.enabled
    ]
    table = pd.concat(tables, ignore_index=True)
    table = table[[name for name in BLANK_SPOTS.names if name in table]]
    return check(table, BLANK_SPOTS)


def _by_share(
    codes: pd.Series,
    service: pd.DataFrame,
    rule: Rule,
    known: set[str],
    kinds: Mapping[str, AssetKind],
    heard: pd.DataFrame | None,
) -> pd.DataFrame:
    rows = service[service["service"] == rule.service].set_index("village_code_bps").reindex(codes)
    share = rows["share_served"].to_numpy(dtype=float, na_value=np.nan)
    complete = set(rule.needs) <= known
    reached = (share > 0) & (share >= rule.blank_below)
    strong = np.full(len(codes), np.nan)
    if rule.strong and rule.service == "cellular" and heard is not None:
        strong = heard["share_strong"].to_numpy(dtype=float)
    enough = reached & (np.where(np.isnan(strong), share, strong) >= rule.weak_below)
    otherwise = "blank" if complete else "unknown"
    weak = "weak" if complete else "unknown"
    state = np.select([np.isnan(share), enough, reached], ["unknown", "served", weak], default=otherwise)
    has_nearest = rows["nearest_asset_m"].notna().to_numpy()
    reason = np.select(
        [state == "unknown", state == "served", (share > 0) & has_nearest, share > 0, has_nearest],
        [
            "no_asset_list",
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


def _by_signal(
    reason: NDArray[Any], known: NDArray[np.bool_], strong: NDArray[np.float64], share: NDArray[np.float64], rule: Rule
) -> NDArray[Any]:
    """The same reasons, told of the signal where it is known: no radius decides there."""
    told = {"in_reach": "in_signal", "few_in_reach": "few_in_signal", "none_in_reach": "none_in_signal"}
    renamed = np.array([told.get(code, code) for code in reason], dtype=object)
    renamed[(renamed == "few_in_signal") & (strong < rule.weak_below) & (share >= rule.weak_below)] = "weak_signal"
    return np.where(known, renamed, reason)


def longest_reach_m(kinds: Mapping[str, AssetKind], services: Sequence[str]) -> float:
    """Return the longest reach in metres by which any kind of asset gives one of ``services``; NaN where none does."""
    reaches = [gives.reach_m for kind in kinds.values() for gives in kind.gives if gives.service in services]
    return max(reaches, default=float("nan"))


def _listed(codes: pd.Series, rule: Rule, listed: Collection[str] | None) -> pd.DataFrame:
    if listed is None:
        state, reason = "unknown", "no_official_list"
        states = np.full(len(codes), state)
        reasons = np.full(len(codes), reason)
    else:
        on_list = codes.isin(list(listed)).to_numpy()
        states = np.where(on_list, "blank", "served")
        reasons = np.where(on_list, "listed", "not_listed")
    return pd.DataFrame(
        {
            "village_code_bps": codes.to_numpy(),
            "rule": rule.name,
            "state": states,
            "reason": reasons,
            "share": np.nan,
            "reach_m": np.nan,
            "nearest_kind": None,
            "nearest_m": np.nan,
        }
    )


def listed_codes(evidence: pd.DataFrame | None) -> set[str] | None:
    """Return the BPS codes of the villages that an official list names; None where there is no such list.

    A village whose row is in conflict but could be told (a wrong code beside a certain name) is on the list; the
    conflict is shown beside it (see :func:`conflicts`).
    """
    if evidence is None:
        return None
    rows = evidence[(evidence["kind"] == "official_list") & (evidence["claimed_state"] == "blank")]
    return set(rows["village_code_bps"].dropna()) if len(rows) else None


def conflicts(spots: pd.DataFrame, evidence: pd.DataFrame | None, rule: str) -> pd.DataFrame:
    """List where the evidence disagrees with what was computed, or cannot be matched with certainty.

    Parameters
    ----------
    spots
        Table BLANK_SPOTS.
    evidence
        Table EVIDENCE, or None.
    rule
        The rule whose states are held against the evidence. A computed ``unknown`` disagrees with nothing; ``weak``
        and ``blank`` agree that something is missing.

    Returns
    -------
    pandas.DataFrame
        Table CONFLICTS.
    """
    if evidence is None or evidence.empty:
        return pd.DataFrame(columns=CONFLICTS.names)
    unsure = evidence[~evidence["match"].isin(SURE_MATCHES)].assign(kind="match", rule=None, computed_state=None)
    computed = spots[spots["rule"] == rule].set_index("village_code_bps")["state"]
    told = evidence[evidence["village_code_bps"].notna()].copy()
    told["computed_state"] = told["village_code_bps"].map(computed)
    lacking, fine = ("blank", "weak"), ("served",)
    disagree = (told["claimed_state"].isin(lacking) & told["computed_state"].isin(fine)) | (
        told["claimed_state"].isin(fine) & told["computed_state"].isin(lacking)
    )
    state = told[disagree].assign(kind="state", rule=rule, match=None)
    parts = [part for part in (state, unsure) if len(part)]
    if not parts:
        return pd.DataFrame(columns=CONFLICTS.names)
    table = pd.concat([part[CONFLICTS.names].astype(object) for part in parts], ignore_index=True)
    return check(table.where(table.notna(), None), CONFLICTS)
