"""Priority: the ranking of blank and weak villages, with each criterion's contribution."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from coverage.base.parameters import PriorityParameters
from coverage.base.schema import CONNECTION, PRIORITY, check
from coverage.ranking.criteria import criterion_values, filled, scale_ends, scaled
from coverage.ranking.scoring import Scorer, decision_methods, scorer
from coverage.ranking.stability import DIGITS, agreement, rank_range, ranks, swap_weights
from coverage.ranking.weights import entropy_weights, pairwise_matrix, pairwise_weights
from coverage.villages_served.blank_spots import listed_codes

REASONS = 3
"""Criteria named as reasons of a rank."""


@dataclass(frozen=True)
class Decision:
    """Decision matrix of a ranking, shared by table, comparisons and stability.

    Attributes
    ----------
    places : ``village`` and ``subdistrict`` of the ranked villages, indexed by BPS code and sorted by it
    values : raw values, same index, a column per criterion; NaN where not known
    units
        Scaled values, missing ones filled (:func:`coverage.ranking.criteria.filled`); a column no village has is NaN.
    missing : which values were not known
    weights : by criterion, adding up to 1; 0 for a criterion that no village has
    consistency_ratio : of pairwise comparisons, if used; above 0.1 they are inconsistent
    """

    places: pd.DataFrame
    values: pd.DataFrame
    units: pd.DataFrame
    missing: pd.DataFrame
    weights: pd.Series
    consistency_ratio: float | None
    parameters: PriorityParameters

    @property
    def parts(self) -> pd.DataFrame:
        """Contribution of each criterion to the weighted sum."""
        return self.units.fillna(0.0) * self.weights

    def scorer(self, method: str) -> Scorer:
        """Scorer of ``method``."""
        return scorer(self.units.fillna(0.0).to_numpy(), method)


def decide(
    villages: pd.DataFrame,
    village_service: pd.DataFrame,
    blank_spots: pd.DataFrame,
    parameters: PriorityParameters,
    default_rule: str,
    evidence: pd.DataFrame | None = None,
    extra: pd.DataFrame | None = None,
    service: str = CONNECTION,
) -> Decision:
    """Gather criteria and weights for the villages that are ranked.

    Those are the villages in a ranked state, and those on the office's list of which nothing can be computed.

    Parameters
    ----------
    villages, village_service, blank_spots : tables of the flow, of the whole region
    parameters : criteria, weights, method, and the states that are ranked
    default_rule : the rule whose states decide who is ranked
    evidence : Table EVIDENCE, or None
    extra : columns that the planner brings, keyed by ``village_code_bps``
    service : service behind ``centre_unserved``
    """
    spots = blank_spots[blank_spots["rule"] == default_rule]
    listed = (spots["state"] == "unknown") & spots["village_code_bps"].isin(list(listed_codes(evidence) or ()))
    wanted = spots.loc[spots["state"].isin(parameters.states) | listed, "village_code_bps"]
    criteria = parameters.criteria
    values = criterion_values(villages, village_service, blank_spots, criteria, default_rule, evidence, extra, service)
    ends = scale_ends(values, criteria, villages)
    # Sorted by code: input order never changes a result, not even the last digit of a sum.
    ranked = values.loc[values.index.isin(set(wanted))].sort_index()
    units, missing = filled(scaled(ranked, criteria, ends))
    weights, ratio = decision_weights(units, parameters)
    names = pd.DataFrame(villages.set_index("village_code_bps")[["village", "subdistrict"]])
    return Decision(names.loc[ranked.index], ranked, units, missing, weights, ratio, parameters)


def decision_weights(units: pd.DataFrame, parameters: PriorityParameters) -> tuple[pd.Series, float | None]:
    """Weights by criterion that add up to 1, and the consistency ratio of pairwise comparisons."""
    names = [criterion.name for criterion in parameters.criteria]
    known = units.notna().any(axis=0).to_numpy()
    ratio = None
    if parameters.weighting == "pairwise":
        pairs = {(pair.first, pair.second): pair.times for pair in parameters.comparisons}
        pairwise = pairwise_weights(pairwise_matrix(names, pairs))
        raw, ratio = pairwise.weights, pairwise.consistency_ratio
    elif parameters.weighting == "entropy":
        raw = entropy_weights(units.fillna(0.0).to_numpy())
    else:
        raw = np.array([criterion.weight for criterion in parameters.criteria], dtype=np.float64)
    raw = np.where(known, raw, 0.0)
    return pd.Series(raw / raw.sum() if raw.sum() > 0 else raw, index=names), ratio


def rank_villages(
    villages: pd.DataFrame,
    village_service: pd.DataFrame,
    blank_spots: pd.DataFrame,
    parameters: PriorityParameters,
    default_rule: str,
    evidence: pd.DataFrame | None = None,
    extra: pd.DataFrame | None = None,
    service: str = CONNECTION,
) -> pd.DataFrame:
    """Rank the villages in a ranked state: :func:`ranking` of :func:`decide`."""
    return ranking(decide(villages, village_service, blank_spots, parameters, default_rule, evidence, extra, service))


def ranking(decision: Decision) -> pd.DataFrame:
    """The order of villages, with what each criterion adds and how far the order can be trusted.

    Under the weighted sum, ``score`` is the sum over the criteria of ``part_<criterion>`` = weight x scaled
    value; under another method the parts stay those of the weighted sum. Equal scores go by village code.

    Returns
    -------
    pandas.DataFrame
        Table PRIORITY in order of rank; ``rank_median`` and ``share_first_k`` under weights near the chosen
        ones; for each criterion ``value_<criterion>`` (raw, NaN where not known) and ``part_<criterion>``;
        ``reasons``, a JSON list of up to three ``[criterion, value]``, the largest parts first; ``missing``,
        a JSON list of the criteria whose value is not known.
    """
    parameters, names = decision.parameters, list(decision.values.columns)
    weights, parts = decision.weights.to_numpy(), decision.parts
    score_of = decision.scorer(parameters.method)
    score = np.asarray(np.round(np.clip(score_of(weights), 0, 1), DIGITS), dtype=np.float64)
    stability = rank_range(
        score_of, len(parts), weights, parameters.draws, parameters.spread, parameters.seed, parameters.first
    )
    table = decision.places.reset_index().assign(rank=ranks(score), score=score)
    columns: dict[str, Any] = {name: stability[name].to_numpy() for name in stability.columns}
    columns |= {f"value_{name}": decision.values[name].to_numpy() for name in names}
    columns |= {f"part_{name}": parts[name].to_numpy() for name in names}
    columns["reasons"] = _reasons(decision.values, parts.mask(decision.missing, 0.0))
    columns["missing"] = [
        json.dumps([n for n, absent in zip(names, row, strict=True) if absent]) for row in decision.missing.to_numpy()
    ]
    table = pd.concat([table, pd.DataFrame(columns, index=table.index)], axis=1)
    table[["reasons", "missing"]] = table[["reasons", "missing"]].astype("str")
    rest = [name for name in table.columns if name not in PRIORITY.names]
    return check(table[[*PRIORITY.names, *rest]].sort_values("rank", ignore_index=True), PRIORITY)


def _reasons(values: pd.DataFrame, parts: pd.DataFrame) -> list[str]:
    """Largest contributions to each score, as JSON; ties in the criteria's order."""
    names = list(values.columns)
    numbers, shares = values.to_numpy(), np.round(parts.to_numpy(), DIGITS)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :REASONS]
    return [
        json.dumps([[names[j], round(float(numbers[i, j]), 6)] for j in row if shares[i, j] > 0])
        for i, row in enumerate(order)
    ]


def compare_methods(decision: Decision, methods: Sequence[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank by several methods with the same weights; by all that can rank so many villages where none are named.

    Returns
    -------
    tuple of pandas.DataFrame
        Ranks, indexed by village code with a column per method; and how far the methods agree
        (:func:`coverage.ranking.stability.agreement`).
    """
    weights = decision.weights.to_numpy()
    chosen = methods or [one.name for one in decision_methods().values() if one.can_rank(len(decision.values))]
    scores = {method: decision.scorer(method)(weights) for method in chosen}
    orders = {method: ranks(score) for method, score in scores.items()}
    return pd.DataFrame(orders, index=decision.values.index), agreement(scores)


def neighbour_swaps(decision: Decision) -> pd.DataFrame:
    """Weight changes that would swap neighbours in the ranking by weighted sum.

    Returns
    -------
    pandas.DataFrame
        As :func:`coverage.ranking.stability.swap_weights`, on weights that add up to 1.
    """
    score = decision.scorer("weighted_sum")(decision.weights.to_numpy())
    order = np.argsort(ranks(score), kind="stable")
    return swap_weights(decision.units.iloc[order], decision.weights.tolist())


def compare_villages(decision: Decision, first: str, second: str) -> pd.DataFrame:
    """Two villages side by side, the most separating criterion first.

    Parameters
    ----------
    first, second : BPS codes of ranked villages

    Returns
    -------
    pandas.DataFrame
        A row per criterion: ``criterion``, ``weight``, ``value_first``, ``value_second``, ``part_first``,
        ``part_second``, ``difference`` (of the parts; above 0 favours the first).

    Raises
    ------
    KeyError
        If a village is not ranked.
    """
    values, parts = decision.values, decision.parts
    table = pd.DataFrame(
        {
            "criterion": list(values.columns),
            "weight": decision.weights.to_numpy(),
            "value_first": values.loc[first].to_numpy(),
            "value_second": values.loc[second].to_numpy(),
            "part_first": parts.loc[first].to_numpy(),
            "part_second": parts.loc[second].to_numpy(),
        }
    )
    table["difference"] = table["part_first"] - table["part_second"]
    return table.sort_values("difference", key=lambda column: -column.abs(), kind="stable", ignore_index=True)
