"""A reconciled list of villages in words, as table and CSV."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coverage.exports.tables import csv_bytes
from coverage.language.words import Words
from coverage.places.reconcile import RESULT

COLUMNS = [name for name in RESULT if name != "reason_details"]


def reason_sentence(reason: str, details: dict[str, Any], words: Words) -> str:
    """Why a row got its status, and further remarks."""
    values = {name: str(value or "–") for name, value in details.items() if name != "notes"}
    sentences = [words(f"reconcile.reason.{reason}", **values)]
    sentences += [words(f"reconcile.note.{note}", **values) for note in details.get("notes", ())]
    return " ".join(sentences)


def reconciliation_table(result: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Result of :func:`coverage.places.reconcile.reconcile` for planners.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, a row per row of the list, in its order; only ``reason`` is a sentence.
    """
    sentences = [
        reason_sentence(reason, details, words)
        for reason, details in zip(result["reason"], result["reason_details"], strict=True)
    ]
    return result.assign(reason=pd.Series(sentences, index=result.index, dtype=object))[COLUMNS]


def write_reconciliation(result: pd.DataFrame, words: Words) -> bytes:
    """Return a reconciled list as CSV: UTF-8, comma, formulas neutralised; codes are text."""
    return csv_bytes(reconciliation_table(result, words))
