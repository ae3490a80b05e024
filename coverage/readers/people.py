"""People per village, from a table keyed by village code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, Place, RowError
from coverage.places.codes import parse_bps
from coverage.places.villages import ALIASES
from coverage.readers.tables import plain, read_table

CODE_COLUMNS = (*ALIASES["bps"], *ALIASES["code"])
POPULATION_COLUMNS = ("population", "penduduk", "jumlah_penduduk", "jml_penduduk", "total_penduduk", "jiwa")
BASIS_COLUMNS = ("population_basis",)
EMPTY = ("", "-", "–")


def read_population(path: str | Path, sheet: str | None = None) -> pd.DataFrame:
    """Read people per village.

    Parameters
    ----------
    path
        CSV or Excel with a column for the BPS code and one for the people. A row without a number of people is left
        out: unknown, not zero.
    sheet
        Of an Excel file that holds several tables.

    Returns
    -------
    DataFrame
        ``village_code_bps``, ``population`` (people), ``population_basis`` (the column of that name, else the name of
        the file), sorted by code.

    Raises
    ------
    FileRefusedError
        Not there, or not a table.
    ColumnError
        No column for the code or the people.
    RowError
        A code that cannot be read or is doubled, or people that are no number or below zero.
    """
    known = {*CODE_COLUMNS, *POPULATION_COLUMNS, *BASIS_COLUMNS}
    table = read_table(path, lambda cell: plain(cell) in known, sheet)
    raw, place = table.frame, Place(file=table.file, sheet=table.sheet)
    columns = {plain(name): name for name in reversed(list(raw.columns))}
    code, people = (_column(columns, names, place) for names in (CODE_COLUMNS, POPULATION_COLUMNS))
    given = raw[people].astype(str).str.strip()
    known_people = ~given.isin(EMPTY)
    numbers = given.map(_people).astype(float)
    codes = raw[code].map(parse_bps).astype(object)
    for bad, column, error in (
        (codes.isna(), code, "people.bad_code"),
        (codes.duplicated(), code, "people.duplicate_code"),
        (known_people & ~numbers.ge(0), people, "people.bad_number"),
    ):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise RowError(error, Place(place.file, place.sheet, int(raw.index[at]), column, str(raw[column].iloc[at])))
    basis = next((raw[columns[name]] for name in BASIS_COLUMNS if name in columns), table.file)
    found = pd.DataFrame({"village_code_bps": codes, "population": numbers, "population_basis": basis})
    return found[known_people].sort_values("village_code_bps", ignore_index=True)


def _people(text: str) -> float:
    """People are whole, so that ``1.234`` and ``1,234`` are thousands; ``5147.0`` is a spreadsheet's whole number."""
    text = text.replace(" ", "")
    if text.endswith(".0"):
        text = text[:-2]
    whole = text.replace(".", "").replace(",", "")
    groups = text.replace(",", ".").split(".")
    if not whole.isascii() or not whole.isdigit() or any(len(group) != 3 for group in groups[1:]):
        try:
            return float(text) if whole.isdigit() and text.count(".") == 1 and "," not in text else np.nan
        except ValueError:
            return np.nan
    return float(whole)


def _column(columns: dict[str, str], names: tuple[str, ...], place: Place) -> str:
    for name in names:
        if name in columns:
            return columns[name]
    raise ColumnError("people.no_column", place, offered=list(names), columns=list(columns.values())[:30])
