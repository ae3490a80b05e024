"""People per village, from a table keyed by village code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, Place, RowError
from coverage.places.codes import parse_key
from coverage.places.reconcile import reconcile
from coverage.places.villages import ALIASES
from coverage.readers.numbers import read_numbers
from coverage.readers.tables import TextTable, plain, read_table
from coverage.readers.village_lists import find_columns, role_of
from coverage.readers.vocabulary import column_ranks

CODE_COLUMNS = (*ALIASES["bps"], *ALIASES["code"])
POPULATION_COLUMNS = (*column_ranks()["population"], "jumlah", "total")
"""Column names of people, the most telling first."""
BASIS_COLUMNS = ("population_basis",)


def read_population(path: str | Path, villages: pd.DataFrame | None = None) -> pd.DataFrame:
    """Read people per village.

    Parameters
    ----------
    path
        CSV or Excel with a column for the BPS code and one for the people. A row without a number of people is left
        out: unknown, not zero.
    villages : those of the region: a table without codes is then matched with them by name

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
        A code that cannot be read or is doubled, or people that are no number, below zero, or one cell of several
        rows.
    """
    table = read_table(path, _is_header)
    raw, place = table.frame, Place(file=table.file, sheet=table.sheet)
    columns = {plain(name): name for name in reversed(list(raw.columns))}
    people = _column(columns, POPULATION_COLUMNS, place)
    code = next((columns[name] for name in CODE_COLUMNS if name in columns), None)
    if code is not None and raw[code].map(parse_key).notna().any():
        codes = raw[code].map(parse_key).astype(object)
    elif villages is not None:
        raw, code, codes = _by_name(table, villages, place)
    else:
        code = _column(columns, CODE_COLUMNS, place)
        codes = raw[code].map(parse_key).astype(object)
    numbers = read_numbers(raw[people].astype(str).tolist(), "cell")
    for bad, column, error in (
        (codes.isna(), code, "people.bad_code"),
        (codes.duplicated(), code, "people.duplicate_code"),
        (numbers.unread | (numbers.value < 0), people, "people.bad_number"),
        (np.array([(row, people) in table.spanning for row in raw.index]), people, "people.shared_number"),
    ):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise RowError(error, Place(place.file, place.sheet, int(raw.index[at]), column, str(raw[column].iloc[at])))
    basis = next((raw[columns[name]] for name in BASIS_COLUMNS if name in columns), table.file)
    found = pd.DataFrame({"village_code_bps": codes, "population": numbers.value, "population_basis": basis})
    return found[found["population"].notna()].sort_values("village_code_bps", ignore_index=True)


def _is_header(cell: str) -> bool:
    return plain(cell) in {*CODE_COLUMNS, *POPULATION_COLUMNS, *BASIS_COLUMNS} or role_of(cell) is not None


def _by_name(table: TextTable, villages: pd.DataFrame, place: Place) -> tuple[pd.DataFrame, str, pd.Series]:
    """Rows that name a village, the column, and their BPS codes; totals are no rows."""
    found = find_columns(table, villages)
    if "village" not in found:
        raise ColumnError(
            "people.no_column", place, offered=["kode desa", "desa, kecamatan"], columns=list(table.frame.columns)[:30]
        )
    name = found["village"][0]
    rows = table.frame[
        (table.frame[name] != "") & ~table.frame[name].map(plain).str.fullmatch("jumlah|total|sub_total")
    ]
    given = pd.DataFrame({"row": rows.index.to_numpy(), "village": rows[name].to_numpy()})
    for role in ("subdistrict", "regency"):
        if role in found:
            given[role] = rows[found[role][0]].to_numpy()
    matched = reconcile(given, villages)
    lost = (matched["village_code_bps"] == "").to_numpy()
    if lost.any():
        at = int(np.flatnonzero(lost)[0])
        raise RowError(
            "people.unknown_village",
            Place(place.file, place.sheet, int(rows.index[at]), name, str(rows[name].iloc[at])),
            candidates=matched["candidates"].iloc[at] or "–",
            count=int(lost.sum()),
        )
    return rows, name, matched["village_code_bps"].set_axis(rows.index).astype(object)


def _column(columns: dict[str, str], names: tuple[str, ...], place: Place) -> str:
    for name in names:
        if name in columns:
            return columns[name]
    raise ColumnError("people.no_column", place, offered=list(names), columns=list(columns.values())[:30])
