"""How large a table may get, asked before it is made: one wide row pads all others to its width."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.child import MAX_CELLS

MOST_COLUMNS = 16_384
"""As many as a sheet of Excel has."""


def refuse_too_many(rows: int, columns: int, file: str | None, sheet: str | None = None) -> None:
    """Refuse a table of more cells than we take; FileRefusedError (``table.too_many_cells``)."""
    if columns > MOST_COLUMNS or rows * columns > MAX_CELLS:
        raise FileRefusedError("table.too_many_cells", Place(file=file, sheet=sheet), limit=MAX_CELLS)


def columns_of(records: Iterable[Mapping[str, Any]], count: int, file: str) -> list[str]:
    """Names of all fields of ``count`` records in their order; refused as soon as their table would be too large."""
    names: dict[str, None] = {}
    for record in records:
        names |= dict.fromkeys(record)
        if len(names) > MOST_COLUMNS or len(names) * count > MAX_CELLS:
            refuse_too_many(count, len(names), file)
    return list(names)
