"""Stability: how far an order of villages can be trusted when the weights are a matter of opinion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DIGITS = 12
"""Scores equal to this many decimals are a tie, so that the order of a sum never decides a rank."""


def ranks(scores: Floats) -> Integers:
    """Rank scores, highest first; the earlier row wins a tie.

    Parameters
    ----------
    scores
        Shape (n,) or (draws, n).

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
    """Draw weights at random around the chosen ones.

    Each weight is multiplied by a number drawn evenly from ``1 - spread`` to ``1 + spread``; then all are
    divided by their sum. The first row is the chosen weights themselves.

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
    scaled: Floats, weights: Floats, draws: int, spread: float, seed: int, first: int = 10
) -> pd.DataFrame:
    """Best and worst rank of every village under weights near the chosen ones.

    Parameters
    ----------
    scaled
        Values from 0 to 1, shape (villages, criteria), villages in the order that settles ties.
    weights
        Chosen weights, shape (criteria,).
    draws, spread, seed
        As for :func:`draw_weights`.
    first
        The k of ``share_first_k``.

    Returns
    -------
    pandas.DataFrame
        ``rank_best``, ``rank_worst``, ``rank_median`` and ``share_first_k`` (share of draws in which the
        village is among the first k), a row per village in the order given.
    """
    drawn = draw_weights(weights, draws, spread, seed)
    n = len(scaled)
    best, worst = np.full(n, n, dtype=np.int64), np.ones(n, dtype=np.int64)
    among = np.zeros(n)
    counts: list[Integers] = []
    step = max(1, 4_000_000 // max(n, 1))  # 4 million ranks at a time keep the memory below 200 MB
    for start in range(0, len(drawn), step):
        part = ranks(drawn[start:start + step] @ scaled.T)
        best, worst = np.minimum(best, part.min(axis=0)), np.maximum(worst, part.max(axis=0))
        among += (part <= first).sum(axis=0)
        counts.append(part.astype(np.int32))
    median = np.median(np.vstack(counts), axis=0) if n else np.zeros(0)
    return pd.DataFrame({"rank_best": best, "rank_worst": worst, "rank_median": median,
                         "share_first_k": among / len(drawn)})
