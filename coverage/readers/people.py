"""People per village, from a table keyed by village code."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.errors import ColumnError, FileRefusedError, Place, RowError
from coverage.villages import ALIASES, parse_bps

POPULATION_COLUMNS = ("population", "penduduk", "jumlah_penduduk", "jml_penduduk", "jiwa", "total_penduduk")
CODE_COLUMNS = (*ALIASES["bps"], *ALIASES["code"])


def read_population(path: str | Path) -> pd.DataFrame:
    """Read people per village.

    Parameters
    ----------
    path
        CSV or Excel with a column for the BPS code and one for the people; rows without a number of people are left
        out: unknown, not zero.

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
    path = Path(path)
    raw = _table(path)
    plain = {re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_"): str(name) for name in reversed(list(raw.columns))}
    code, people = (_column(plain, names, path.name) for names in (CODE_COLUMNS, POPULATION_COLUMNS))
    given = raw[people].str.strip()
    known = ~given.isin(["", "-"])
    numbers = pd.to_numeric(given.where(known), errors="coerce")
    codes = raw[code].map(parse_bps)
    for bad, column, error in ((codes.isna(), code, "people.bad_code"),
                               (codes.duplicated(), code, "people.duplicate_code"),
                               (known & ~(np.isfinite(numbers) & numbers.ge(0)), people, "people.bad_number")):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise RowError(error, Place(file=path.name, row=at + 2, column=column, value=raw[column].iloc[at]))
    basis = raw[plain["population_basis"]] if "population_basis" in plain else path.name
    table = pd.DataFrame({"village_code_bps": codes.astype(object), "population": numbers.astype(float),
                          "population_basis": basis})
    return table[known].sort_values("village_code_bps", ignore_index=True)


def _column(plain: dict[str, str], names: tuple[str, ...], file: str) -> str:
    for name in names:
        if name in plain:
            return plain[name]
    raise ColumnError("people.no_column", Place(file=file), offered=list(names), columns=list(plain.values())[:30])


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    try:
        if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
            return pd.read_excel(path, dtype=str, engine="calamine").fillna("")
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=None, engine="python")
    except (OSError, ValueError) as error:
        raise FileRefusedError("file.unreadable", Place(file=path.name), problem=type(error).__name__) from error
