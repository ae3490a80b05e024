"""State of every village under every named rule, with the reason, and conflicts with the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.kinds import AssetKind
from coverage.base.parameters import Rule
from coverage.base.schema import BLANK_SPOTS, CONFLICTS, STATES, check
from coverage.reach import MEMBERS
from coverage.villages_served.rule_methods import RuleInputs, judged

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
    listed
        State that the office's list claims, by BPS code of the villages on it; None where there is no list. A village
        that is not on it is not known to be served for that.
    signal : Table VILLAGE_SIGNAL where elevation is given: how many have strong signal, and what stands in the way

    Returns
    -------
    pandas.DataFrame
        Table BLANK_SPOTS: a row per village and enabled rule, in the order of the rules.
    """
    inputs = _inputs(service, kinds, listed, signal)
    tables = [judged(rule, inputs) for rule in rules if rule.enabled]
    table = pd.concat(tables, ignore_index=True)
    table = table[[name for name in BLANK_SPOTS.names if name in table]]
    return check(table, BLANK_SPOTS)


def states_again(
    spots: pd.DataFrame,
    changed: AbstractSet[str],
    service: pd.DataFrame,
    rules: Sequence[Rule],
    kinds: Mapping[str, AssetKind],
    listed: Mapping[str, str] | None = None,
    signal: pd.DataFrame | None = None,
) -> NDArray[np.object_]:
    """States in the order of table BLANK_SPOTS, where some services reach otherwise than when it was made.

    Parameters
    ----------
    changed : those services; rules that look at none of them are not asked again
    """
    inputs, asked = _inputs(service, kinds, listed, signal), [rule for rule in rules if rule.enabled]
    before = np.split(spots["state"].to_numpy(dtype=object), len(asked))
    again = [not rule.is_list and not changed.isdisjoint((*rule.services, *MEMBERS[rule.service])) for rule in asked]
    return np.concatenate(
        [
            judged(rule, inputs)["state"].to_numpy(dtype=object) if anew else states
            for rule, anew, states in zip(asked, again, before, strict=True)
        ]
    )


def _inputs(
    service: pd.DataFrame, kinds: Mapping[str, AssetKind], listed: Mapping[str, str] | None, signal: pd.DataFrame | None
) -> RuleInputs:
    codes = service["village_code_bps"].drop_duplicates().reset_index(drop=True)
    heard = None if signal is None else signal.set_index("village_code_bps").reindex(codes)
    return RuleInputs(codes, service, services_listed(service), kinds, listed, heard)


def services_listed(service: pd.DataFrame) -> set[str]:
    """Services for which a list of assets was given, from table VILLAGE_SERVICE."""
    return set(service["service"].to_numpy(dtype=object)[service["known"].to_numpy(dtype=bool)])


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
    evidence : Table EVIDENCE, or None
    rule
        The rule whose states are held against the evidence. A computed ``unknown`` disagrees with nothing; ``weak``
        and ``blank`` agree that something is missing. A hint, of service somewhere, disagrees with ``blank`` alone.

    Returns
    -------
    pandas.DataFrame
        Table CONFLICTS.
    """
    if evidence is None or evidence.empty:
        return pd.DataFrame(columns=CONFLICTS.names)
    unsure = evidence[~evidence["match"].isin(SURE_MATCHES)].assign(kind="match", rule=None, computed_state=None)
    computed = spots[spots["rule"] == rule].set_index("village_code_bps")["state"]
    of_pocket = (evidence["kind"] == "decision") & evidence["lon"].notna() if "lon" in evidence else False
    told = evidence[evidence["village_code_bps"].notna() & ~pd.Series(of_pocket, evidence.index)].copy()
    told["computed_state"] = told["village_code_bps"].map(computed)
    lacking, fine = ("blank", "weak"), ("served",)
    disagree = (told["claimed_state"].isin(lacking) & told["computed_state"].isin(fine)) | (
        told["claimed_state"].isin(fine) & told["computed_state"].isin(lacking)
    )
    disagree &= (told["kind"] != "hint") | (told["computed_state"] == "blank")
    state = told[disagree].assign(kind="state", rule=rule, match=None)
    parts = [part for part in (state, unsure) if len(part)]
    if not parts:
        return pd.DataFrame(columns=CONFLICTS.names)
    table = pd.concat([part[CONFLICTS.names].astype(object) for part in parts], ignore_index=True)
    return check(table.where(table.notna(), None), CONFLICTS)
