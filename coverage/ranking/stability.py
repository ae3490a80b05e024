"""Stability of a ranking under uncertain weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DIGITS = 12
"""Decimals to which scores are compared, so that summation order never decides a rank."""

RANKS_AT_ONCE = 4_000_000
"""Ranks computed at a time: memory stays below 200 MB."""


def ranks(scores: Floats) -> Integers:
    """Rank scores, highest first; the earlier row wins a tie.

    Parameters
    ----------
    scores : shape (n,) or (draws, n)

    Returns
    -------
    numpy.ndarray
        Ranks from 1, same shape.
    """
    order = np.argsort(-np.round(scores, DIGITS), axis=-1, kind="stable")
    result = np.empty(order.shape, dtype=np.int64)
    np.put_along_axis(result, order, np.broadcast_to(np.arange(1, order.shape[-1] + 1), order.shape), axis=-1)
    return result


def draw_weights(weights: Floats, draws: int, spread: float, seed: int) -> Floats:
    """Draw random weights around the chosen ones.

    Each weight is multiplied by a uniform number from ``1 - spread`` to ``1 + spread``, then all are normalised. The
    first row is the chosen weights.

    Returns
    -------
    numpy.ndarray
        Shape (draws + 1, criteria), rows adding up to 1 (or all zero where the weights are).
    """
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, size=(draws, len(weights)))
    drawn = np.vstack([np.ones(len(weights)), factors]) * weights
    total = drawn.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0))


def rank_range(
    score: Callable[[Floats], Floats],
    villages: int,
    weights: Floats,
    draws: int,
    spread: float,
    seed: int,
    first: int = 10,
) -> pd.DataFrame:
    """Best and worst rank of every village under weights near the chosen ones.

    Parameters
    ----------
    score : from weights, shape (draws, criteria), to scores, shape (draws, villages); the earlier village wins a tie
    weights : chosen weights, shape (criteria,)
    draws, spread, seed : as for :func:`draw_weights`
    first : the k of ``share_first_k``

    Returns
    -------
    pandas.DataFrame
        ``rank_best``, ``rank_worst``, ``rank_median`` and ``share_first_k`` (share of draws in which the
        village is among the first k), a row per village in the order given.
    """
    drawn = draw_weights(weights, draws, spread, seed)
    n = villages
    best, worst = np.full(n, n, dtype=np.int64), np.ones(n, dtype=np.int64)
    among = np.zeros(n)
    counts: list[Integers] = []
    step = max(1, RANKS_AT_ONCE // max(n, 1))
    for start in range(0, len(drawn), step):
        part = ranks(score(drawn[start : start + step]))
        best, worst = np.minimum(best, part.min(axis=0)), np.maximum(worst, part.max(axis=0))
        among += (part <= first).sum(axis=0)
        counts.append(part.astype(np.int32))
    median = np.median(np.vstack(counts), axis=0) if n else np.zeros(0)
    return pd.DataFrame(
        {"rank_best": best, "rank_worst": worst, "rank_median": median, "share_first_k": among / len(drawn)}
    )


def swap_weights(units: pd.DataFrame, weights: Sequence[float]) -> pd.DataFrame:
    """What change of one weight would swap two neighbours in the order of the weighted sum.

    With d the difference of the neighbours' scaled values and w the weights as the planner gave them, the score
    difference is D = Σ w d; changing weight j alone makes it zero at ``w_j - D / d_j``, where that is not negative.

    Parameters
    ----------
    units : scaled values, a row per village in order of rank, a column per criterion
    weights : weights in the planner's own numbers, in the order of the columns

    Returns
    -------
    pandas.DataFrame
        A row per pair of neighbours that some weight can swap: ``upper``, ``lower`` (labels of ``units``),
        ``criterion``, ``weight``, ``weight_swap`` (from there on the lower one is ahead), ``change`` (the
        smallest over the criteria, as a share of the sum of all weights).
    """
    given = np.asarray(weights, dtype=np.float64)
    values = units.fillna(0.0).to_numpy()
    differences = values[:-1] - values[1:]
    change = np.divide(
        -(differences @ given)[:, None],
        differences,
        out=np.full_like(differences, np.nan),
        where=np.abs(differences) > 10.0**-DIGITS,
    )
    change[given + change < 0] = np.nan
    possible = np.flatnonzero(~np.isnan(change).all(axis=1))
    criterion = np.nanargmin(np.abs(change[possible]), axis=1)
    smallest = change[possible, criterion]
    return pd.DataFrame(
        {
            "upper": units.index[possible],
            "lower": units.index[possible + 1],
            "criterion": units.columns.to_numpy()[criterion],
            "weight": given[criterion],
            "weight_swap": given[criterion] + smallest,
            "change": smallest / (given.sum() or 1.0),
        }
    )


def agreement(orders: Mapping[str, Floats]) -> pd.DataFrame:
    """Rank correlation of several orders of the same villages.

    Parameters
    ----------
    orders : by method, the scores of the villages, in one order of villages

    Returns
    -------
    pandas.DataFrame
        ``first``, ``second`` (methods), ``kendall`` (τ-b) and ``spearman`` (ρ), each -1 to 1; NaN below two villages or
        where a method ties all.
    """
    names = list(orders)
    scores: dict[str, Floats] = {name: np.asarray(np.round(orders[name], DIGITS), dtype=np.float64) for name in names}
    rows = [
        (a, b, _kendall(scores[a], scores[b]), _spearman(scores[a], scores[b]))
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]
    return pd.DataFrame(rows, columns=["first", "second", "kendall", "spearman"])


def _kendall(a: Floats, b: Floats) -> float:
    """Kendall's τ-b [1]_.

    References
    ----------
    .. [1] Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
    """
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    from scipy.stats import kendalltau  # slow import, rarely needed

    return float(kendalltau(a, b).statistic)


def _spearman(a: Floats, b: Floats) -> float:
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
