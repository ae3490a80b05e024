"""Figures of villages for a run, read by the import chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, Place, RowError
from coverage.imports.asset_lists import NO_ASSETS, left_out
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.raw import Note
from coverage.imports.read import read
from coverage.imports.villages import figure_name, interpret_villages

ELSEWHERE = "import.unknown_village"
"""Verdict on rows that are left out: lists of a province are welcome."""


def read_figures(path: str | Path, region: Region) -> tuple[pd.DataFrame, list[Note]]:
    """Read figures by village.

    Parameters
    ----------
    path : as :func:`coverage.imports.read.read` takes it; villages by code, name or position

    Returns
    -------
    figures : DataFrame
        A column per column of numbers, NaN where unknown, indexed by ``village_code_bps``, sorted.
    notes : list of (code, values)
        What was assumed or left out.

    Raises
    ------
    FileRefusedError
        Not there, or not a table.
    ColumnError
        No column that identifies villages, or none of numbers.
    RowError
        A figure that cannot be read, a village twice, or none of the region.
    """
    raw = read(path)
    choices = guess(raw, record="villages")
    columns = dict(choices.columns)
    people = columns.pop("population", None)
    figures = (*([people] if people else []), *choices.figures)
    if not figures:
        raise ColumnError("criteria.no_numbers", Place(raw.file, raw.sheet), columns=raw.columns[:30])
    found = interpret_villages(raw, replace(choices.with_columns(columns), figures=figures), region)
    aside = np.isin(found.refused["code"], [*NO_ASSETS, *([ELSEWHERE] if found.accepted_rows else [])])
    for _, row in found.refused[~aside].head(1).iterrows():
        raise RowError(row["code"], Place(raw.file, row["sheet"], int(row["row"])), **row["details"])
    names = [figure_name(name) for name in figures]
    table = found.accepted.set_index("village_code_bps")[names].astype(float).sort_index()
    notes = [*found.notes, *left_out(found.refused)]
    return table, [(code, {"file": raw.file, **values}) for code, values in notes]
