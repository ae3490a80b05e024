"""State of every village under every named rule, with the reason, and conflicts with the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.kinds import AssetKind
from coverage.base.parameters import Rule
from coverage.base.schema import BLANK_SPOTS, CONFLICTS, CONNECTION, STATES, check

SURE_MATCHES = ("agreed", "spelling")


def blank_spots(
    service: pd.DataFrame,
    rules: Sequence[Rule],
    kinds: Mapping[str, AssetKind],
    listed: Mapping[str, str] | None = None,
    signal: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell the state of every village under every enabled rule.

    A share in reach is a lower bound where a list of assets or the height of the ground is missing: it can prove that a
    village is served, never that it is blank. A village is ``unknown`` where its state would be another one if all that
    is not known were reached.

    Parameters
    ----------
    service
        Table VILLAGE_SERVICE.
    rules
        The rules; disabled ones are passed over.
    kinds
        Asset kinds, for the reach that a reason names.
    listed
        State that the office's list claims, by BPS code of the villages on it; None where there is no list. A village
        that is not on it is not known to be served for that.
    signal
        Table VILLAGE_SIGNAL where elevation is given: how many have strong signal, and what stands in the way.

    Returns
    -------
    pandas.DataFrame
        Table BLANK_SPOTS: a row per village and enabled rule, in the order of the rules.
    """
    codes = service["village_code_bps"].drop_duplicates().reset_index(drop=True)
    known = services_listed(service)
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


def services_listed(service: pd.DataFrame) -> set[str]:
    """Services for which a list of assets was given, from table VILLAGE_SERVICE."""
    return set(service.loc[service["known"].astype(bool), "service"])


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
    state = _agreed(_states(least, strong_least, rule), _states(most, strong_most, rule))
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


def _states(share: NDArray[np.float64], strong: NDArray[np.float64], rule: Rule) -> NDArray[Any]:
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


def _listed(codes: pd.Series, rule: Rule, listed: Mapping[str, str] | None) -> pd.DataFrame:
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


def listed_states(evidence: pd.DataFrame | None) -> dict[str, str] | None:
    """Return the state that official lists claim by BPS code of the village; None where there is no such list.

    A village whose row is in conflict but could be told (a wrong code beside a certain name) is on the list; the
    conflict is shown beside it (see :func:`conflicts`). Of several rows about a village the latest counts, of equally
    late ones the one that claims the least service.
    """
    if evidence is None:
        return None
    rows = evidence[(evidence["kind"] == "official_list") & evidence["village_code_bps"].notna()]
    if rows.empty:
        return None
    ordered = rows.assign(
        _date=rows["date"].fillna("") if "date" in rows else "",
        _need=rows["claimed_state"].map({state: k for k, state in enumerate(STATES[:3])}),
    ).sort_values(["_date", "_need"], kind="stable", na_position="first")
    return dict(zip(ordered["village_code_bps"], ordered["claimed_state"], strict=True))


def listed_codes(evidence: pd.DataFrame | None) -> set[str] | None:
    """Return the BPS codes of the villages that official lists call blank spots; None where there is no list."""
    states = listed_states(evidence)
    return None if states is None else {code for code, state in states.items() if state == "blank"}


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
