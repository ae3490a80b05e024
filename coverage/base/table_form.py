"""Schema of a table, and the check of a frame against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from coverage.base.errors import SchemaError

Kind = Literal["text", "integer", "number", "boolean", "geometry"]


@dataclass(frozen=True)
class Column:
    """A column; an ``optional`` one may be absent."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    nullable: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the flow and its ``key`` columns."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return ``frame`` unchanged if it keeps the schema of ``table``; columns beyond the schema are allowed.

    Raises SchemaError naming the table, the column and up to five offending row labels.
    """
    missing = [column.name for column in table.columns if not column.optional and column.name not in frame.columns]
    if missing:
        raise SchemaError("schema.missing_columns", table=table.name, columns=missing)
    plain = pd.DataFrame(frame)  # a table of geopandas is slow at each column
    for column in table.columns:
        if column.name not in plain.columns:
            continue
        bad = _offending(plain[column.name], column)
        if bad.any():
            raise SchemaError(
                "schema.bad_values",
                table=table.name,
                column=column.name,
                rows=list(frame.index[bad][:5]),
                values=list(frame.loc[bad, column.name].astype(str)[:5]),
            )
    if table.key and frame.duplicated(list(table.key)).any():
        twice = frame.loc[frame.duplicated(list(table.key)), list(table.key)]
        raise SchemaError("schema.duplicate_key", table=table.name, rows=twice.head().values.tolist())
    return frame


def in_form(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The columns of a table in order, checked: numbers as float, all else as object with None; empty ones added."""
    made = frame.reindex(columns=table.names).astype(object)
    made = made.where(made.notna(), None)
    return check(made.astype({one.name: float for one in table.columns if one.kind == "number"}), table)


def rows_of(table: pd.DataFrame, column: str, name: str, codes: pd.Index) -> pd.DataFrame:
    """Rows of a table with a name in a column, such as those of one rule: one for each of ``codes``, in that order."""
    rows: pd.DataFrame = table[table[column].to_numpy(dtype=object) == name].set_index("village_code_bps")
    return rows if rows.index.equals(codes) else rows.reindex(codes)


def _offending(series: pd.Series, column: Column) -> np.ndarray:
    is_text = isinstance(series.dtype, pd.StringDtype)
    if column.nullable and (column.kind == "geometry" or (column.kind == "text" and is_text and not column.values)):
        return np.zeros(len(series), dtype=bool)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "fiu" and column.kind in ("number", "integer"):
        return _wrong_numbers(series.to_numpy(dtype=float), column)
    empty = series.isna().to_numpy()
    bad = np.zeros(len(series), dtype=bool) if column.nullable else empty.copy()
    if column.kind == "geometry":
        return bad
    filled = series[~empty] if empty.any() else series
    wrong = np.zeros(len(filled), dtype=bool)
    if column.kind == "text":
        if not is_text:
            wrong = _not(str, "string", filled)
        if column.values:
            wrong |= ~filled.isin(column.values).to_numpy()
    elif column.kind == "boolean":
        if not pd.api.types.is_bool_dtype(filled.dtype):
            wrong = _not((bool, np.bool_), "boolean", filled)
    elif not pd.api.types.is_numeric_dtype(filled):
        wrong[:] = True
    else:
        wrong = _wrong_numbers(filled.to_numpy(dtype=float), column)
    bad[~empty] |= wrong
    return bad


def _wrong_numbers(numbers: np.ndarray, column: Column) -> np.ndarray:
    """Which numbers a column may not have; what is missing counts as such where it must be there."""
    wrong: np.ndarray = np.isinf(numbers) if column.nullable else ~np.isfinite(numbers)
    if column.minimum is not None:
        wrong |= numbers < column.minimum
    if column.maximum is not None:
        wrong |= numbers > column.maximum
    if column.kind == "integer":
        wrong |= ~np.isnan(numbers) & (numbers != np.floor(numbers))
    return wrong


def _not(kinds: type | tuple[type, ...], inferred: str, filled: pd.Series) -> np.ndarray:
    """Which values are of none of some types: asked one by one only where not all are."""
    if pd.api.types.infer_dtype(filled, skipna=False) == inferred:
        return np.zeros(len(filled), dtype=bool)
    return ~filled.map(lambda value: isinstance(value, kinds)).to_numpy(dtype=bool)
