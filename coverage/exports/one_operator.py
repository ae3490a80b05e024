"""Places where people hear one operator alone, as a table for files."""

from __future__ import annotations

import pandas as pd

from coverage.exports.pockets import place_columns
from coverage.exports.tables import csv_bytes, whole
from coverage.language.reasons import state_word
from coverage.language.words import Words
from coverage.run.one_operator import one_operator_places
from coverage.run.result import Analysis, RunTables


def write_one_operator(analysis: RunTables, words: Words) -> bytes:
    """Return ``one_operator.csv``."""
    assert isinstance(analysis, Analysis)
    found, rule = one_operator_places(analysis), analysis.parameters.rule()
    return csv_bytes(
        pd.DataFrame(
            {
                **{name: found[name] for name in ("village_code_bps", "village", "subdistrict")},
                "state": [state_word(state, rule, words) for state in found["state"]],
                "operator": found["operator"],
                "population": whole(found["people"]),
                **place_columns(found),
                "rule": rule.name,
                "run_id": str(analysis.run["run_id"]),
            }
        )
    )
