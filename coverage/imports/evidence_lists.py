"""Lists of evidence for a run, read by the import chain; a row whose village is not found stays, without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coverage.base.errors import Place, RowError
from coverage.base.schema import EVIDENCE, in_form
from coverage.imports.asset_lists import NO_ASSETS
from coverage.imports.list_options import Record, guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.imports.villages import judged_rows

UNSETTLED = (
    "import.unknown_village",
    "import.code_and_name_differ",
    "import.several_villages",
    "import.other_subdistrict",
    "import.no_village",
)
"""Verdicts on rows whose village is not found: kept as evidence of none, to be told with the conflicts."""


def read_evidence(path: str | Path, region: Region, kind: Record = "official_list") -> pd.DataFrame:
    """Read a list of evidence.

    Parameters
    ----------
    path : as :func:`coverage.imports.read.read` takes it
    kind : what the list is: one of :data:`coverage.imports.list_options.REPORTS`

    Returns
    -------
    DataFrame
        Per :data:`coverage.base.schema.EVIDENCE`, a row per row of the list; ``evidence_id`` is the file's name and the
        row's number in it, ``match`` the status of :func:`coverage.places.reconcile.reconcile`.

    Raises
    ------
    FileRefusedError, ColumnError, CrsError
        As the chain raises them.
    RowError
        A row that cannot be read: a state that is none, an ambiguous date, cells missing.
    """
    raw = read(path)
    table, verdicts, _ = judged_rows(raw, guess(raw, record=kind), region)
    kept = np.isin(verdicts.code, ("", *UNSETTLED))
    unread = kept & table["claimed_state"].isna().to_numpy() & (verdicts.code != "import.no_answer")
    verdicts.code[unread] = "import.unknown_claim"
    for at in np.flatnonzero(unread | (~kept & ~np.isin(verdicts.code, NO_ASSETS)))[:1]:
        place = Place(raw.file, raw.sheet, int(table["row"].iloc[at]))
        raise RowError(verdicts.code[at], place, **({"value": "–", "offered": []} | verdicts.details[at]))
    found = table[kept]
    made = found.assign(evidence_id=[f"{raw.file}:{row}" for row in found["row"]])
    return in_form(made.reset_index(drop=True), EVIDENCE)
