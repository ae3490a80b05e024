"""Rank of blank pockets, by the criteria and weights of the villages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.base.parameters import PriorityParameters
from coverage.ranking.criteria import criterion_values, filled, scale_ends, scaled
from coverage.ranking.priority import decision_weights
from coverage.ranking.scoring import scorer
from coverage.ranking.stability import DIGITS, ranks


def rank_pockets(
    pockets: pd.DataFrame,
    villages: pd.DataFrame,
    village_service: pd.DataFrame,
    blank_spots: pd.DataFrame,
    parameters: PriorityParameters,
    default_rule: str,
    evidence: pd.DataFrame | None = None,
    extra: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rank pockets as villages are ranked.

    People without service and their share of the village's people are the pocket's own; all other criteria are those of
    its village. Scattered remainders have no rank.

    Parameters
    ----------
    pockets : Table POCKETS
    villages, village_service, blank_spots, parameters, default_rule, evidence, extra
        As for :func:`coverage.ranking.priority.decide`.

    Returns
    -------
    pandas.DataFrame
        ``pockets`` with ``score`` and ``rank``; equal scores go by village code and number.
    """
    named = (pockets["pocket"] > 0).to_numpy()
    table = pockets.assign(score=np.nan, rank=pd.array([pd.NA] * len(pockets), dtype="Int64"))
    if not named.any():
        return table
    criteria = parameters.criteria
    of_villages = criterion_values(villages, village_service, blank_spots, criteria, default_rule, evidence, extra)
    ends = scale_ends(of_villages, criteria, villages)
    ordered = pockets[named].sort_values(["village_code_bps", "pocket"])
    values = of_villages.loc[ordered["village_code_bps"]].set_axis(ordered.index)
    own = {"people_unserved": "people", "share_unserved": "share"}
    values = values.assign(**{name: ordered[of] for name, of in own.items() if name in values})
    units, _ = filled(scaled(values, criteria, ends))
    weights, _ = decision_weights(units, parameters)
    score = np.round(np.clip(scorer(units.fillna(0.0).to_numpy(), "weighted_sum")(weights.to_numpy()), 0, 1), DIGITS)
    table.loc[ordered.index, "score"] = score
    table.loc[ordered.index, "rank"] = ranks(np.asarray(score))
    return table
