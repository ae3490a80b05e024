"""A list as read: rows of text with their row numbers, not interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Note = tuple[str, dict[str, Any]]
"""Locale key and values of a sentence."""
STEP = 10_000_000


def note_count(notes: list[Note], key: str, where: NDArray[np.bool_]) -> None:
    """Note how many rows are meant, if any."""
    if where.any():
        notes.append((key, {"count": int(where.sum())}))


@dataclass(frozen=True)
class Raw:
    """Rows of a file.

    Attributes
    ----------
    frame
        Cells as text, empty for none; columns as in the header (``#3`` for an unnamed one). The index holds row
        numbers, from 1 as Excel shows them; features are counted from 1.
    file, sheet : origin; ``sheet`` is the sheet or layer, None where there is only one
    header_row : row number of the first header, or None
    block : title of each row's block, where a sheet holds several with a header each; else empty
    faults : fault code of the row as such (``import.ragged``), else empty
    shapes : geometry of each row in EPSG:4326, or None; None for a table
    unfinished : whether a text file ends mid-line: its last cell may be cut off
    standard : whether it is a package of a published standard, which states its CRS
    declared, authority : name and code of a map's projected CRS, if any
    notes : what was skipped or assumed on reading
    sha256, self_checking
        Hash of the file, and whether its format detects damage (zip checksums, GeoPackage index); a damaged digit in
        text goes unnoticed.
    sheets
        Names of the sheets that were joined, empty for a single one. Rows of the second are then counted from
        :data:`STEP`, those of the third from twice that, so that every row has a number of its own.
    spanning : row number and column of cells that are one over several rows: each row has its text
    given_crs : what somebody said that the coordinates of a table are
    """

    frame: pd.DataFrame
    file: str
    sheet: str | None = None
    header_row: int | None = None
    block: NDArray[np.object_] | None = None
    faults: NDArray[np.object_] | None = None
    shapes: NDArray[np.object_] | None = None
    unfinished: bool = False
    standard: bool = False
    declared: str | None = None
    authority: str | None = None
    notes: list[Note] = field(default_factory=list)
    sha256: str = ""
    self_checking: bool = False
    sheets: tuple[str, ...] = ()
    given_crs: str | None = None
    spanning: frozenset[tuple[int, str]] = frozenset()

    @property
    def columns(self) -> list[str]:
        """Column names in file order."""
        return [str(name) for name in self.frame.columns]

    def sheets_of(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.object_]:
        """Sheet of each row, or of some."""
        numbers = self.frame.index.to_numpy() if rows is None else self.frame.index.to_numpy()[rows]
        if self.sheets:
            return np.array([self.sheets[number // STEP] for number in numbers.tolist()], dtype=object)
        return np.full(len(numbers), self.sheet, dtype=object)

    def row_text(self, row: int) -> int | str:
        """Row number as the file shows it, with its sheet where there are several."""
        return f"{self.sheets[row // STEP]} {row % STEP}" if self.sheets else row

    def samples(self, column: str, count: int = 3) -> list[str]:
        """First distinct values of a column."""
        values = self.frame[column]
        return list(dict.fromkeys(values[values != ""].iloc[:200]))[:count]
