"""Landmarks for a run, read by the import chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.base.errors import Place, RowError
from coverage.imports.asset_lists import NO_ASSETS, left_out
from coverage.imports.landmarks import as_landmarks
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.raw import Note
from coverage.imports.read import read
from coverage.imports.villages import interpret_villages

ELSEWHERE = ("import.unknown_village", "import.outside_region", "import.in_neighbour")
"""Verdicts on rows that a run leaves out: lists of a province are welcome."""


def read_landmarks(path: str | Path, region: Region, kind: str | None = None) -> tuple[pd.DataFrame, list[Note]]:
    """Read a list of landmarks for a run.

    Parameters
    ----------
    path : as :func:`coverage.imports.read.read` takes it
    kind : what rows are that do not say it

    Returns
    -------
    landmarks : Table LANDMARKS
    notes : list of (code, values)
        What was assumed or left out; rows of other regions among them.

    Raises
    ------
    FileRefusedError, ColumnError, CrsError
        As the chain raises them.
    RowError
        The first row that cannot be read.
    """
    raw = read(path)
    choices = guess(raw, record="landmarks")
    found = interpret_villages(raw, replace(choices, kind=kind or choices.kind), region)
    aside = np.isin(found.refused["code"], [*NO_ASSETS, *(ELSEWHERE if found.accepted_rows else ())])
    for _, row in found.refused[~aside].head(1).iterrows():
        raise RowError(row["code"], Place(raw.file, row["sheet"], int(row["row"])), **row["details"])
    notes = [*found.notes, *left_out(found.refused)]
    return as_landmarks(found.accepted), [(code, {"file": raw.file, **values}) for code, values in notes]
