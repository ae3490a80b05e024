"""Priority: the order in which to serve blank and weak villages, with what each criterion adds to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.criteria import criterion_values, filled, scale_ends, scaled
from coverage.parameters import PriorityParameters
from coverage.schema import CONNECTION, PRIORITY, check
from coverage.stability import DIGITS, rank_range, ranks

REASONS = 3
"""How many criteria a rank names as its reasons."""


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
    """Put the villages in a ranked state in the order in which to serve them: a weighted sum of criteria.

    ``score`` is the sum over the criteria of ``part_<criterion>`` = weight / sum of weights x scaled value.
    Scale and missing values are as :mod:`coverage.criteria` states. Equal scores go by village code.

    Parameters
    ----------
    villages, village_service, blank_spots
        Tables of the flow, of the whole region.
    parameters
        Criteria, weights, the states that are ranked, and the draws for the range of ranks.
    default_rule
        The rule whose states decide who is ranked.
    evidence
        Table EVIDENCE, or None.
    extra
        Columns that the planner brings, keyed by ``village_code_bps``.
    service
        Service behind ``centre_unserved``.

    Returns
    -------
    pandas.DataFrame
        Table PRIORITY in order of rank, and for each criterion ``value_<criterion>`` (raw, NaN where not
        known) and ``part_<criterion>``; ``reasons``, a JSON list of up to three ``[criterion, value]``, the
        largest parts first; ``missing``, a JSON list of the criteria whose value is not known.
    """
    spots = blank_spots[blank_spots["rule"] == default_rule]
    wanted = spots.loc[spots["state"].isin(parameters.states), "village_code_bps"]
    criteria = parameters.criteria
    values = criterion_values(villages, village_service, blank_spots, criteria, default_rule, evidence, extra,
                              service)
    ends = scale_ends(values, criteria, villages)
    # Sorted by code, so that the order of the input decides nothing, not even the last digit of a sum.
    ranked = values.loc[values.index.isin(set(wanted))].sort_index()
    units, missing = filled(scaled(ranked, criteria, ends))
    weights = normalised_weights(units, [criterion.weight for criterion in criteria])
    parts = units.fillna(0.0) * weights
    score = parts.sum(axis=1).clip(0, 1).to_numpy()
    stability = rank_range(units.fillna(0.0).to_numpy(), weights, parameters.draws, parameters.spread,
                           parameters.seed)
    named = pd.DataFrame(villages.set_index("village_code_bps")).loc[ranked.index, ["village", "subdistrict"]]
    table = named.reset_index().assign(
        rank=ranks(score), score=score, rank_best=stability["rank_best"].to_numpy(),
        rank_worst=stability["rank_worst"].to_numpy())[PRIORITY.names]
    names = [criterion.name for criterion in criteria]
    columns: dict[str, Any] = {f"value_{name}": ranked[name].to_numpy() for name in names}
    columns |= {f"part_{name}": parts[name].to_numpy() for name in names}
    columns["reasons"] = _reasons(ranked, parts.mask(missing, 0.0))
    columns["missing"] = [json.dumps([n for n, absent in zip(names, row, strict=True) if absent])
                          for row in missing.to_numpy()]
    table = pd.concat([table, pd.DataFrame(columns, index=table.index)], axis=1)
    table[["reasons", "missing"]] = table[["reasons", "missing"]].astype("str")
    return check(table.sort_values("rank", ignore_index=True), PRIORITY)


def normalised_weights(units: pd.DataFrame, weights: Sequence[float]) -> npt.NDArray[np.float64]:
    """Weights that add up to 1 over the criteria that any village has a value for; zero for the others.

    Parameters
    ----------
    units
        Scaled values after :func:`coverage.criteria.filled`.
    weights
        Weights as chosen; only their ratios count.
    """
    present = np.where(units.notna().any(axis=0).to_numpy(), np.asarray(weights, dtype=float), 0.0)
    total = present.sum()
    return present / total if total > 0 else present


def _reasons(values: pd.DataFrame, parts: pd.DataFrame) -> list[str]:
    """Per village the criteria that add most to its score, as JSON; equal parts in the criteria's order."""
    names = list(values.columns)
    numbers, shares = values.to_numpy(), np.round(parts.to_numpy(), DIGITS)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :REASONS]
    return [json.dumps([[names[j], round(float(numbers[i, j]), 6)] for j in row if shares[i, j] > 0])
            for i, row in enumerate(order)]
