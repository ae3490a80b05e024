"""A file as it is: rows of text under the names of its columns, with their own row numbers; nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Note = tuple[str, dict[str, Any]]
"""The key of a sentence in the locale files, and the values that it names."""


STEP = 10_000_000


@dataclass(frozen=True)
class Raw:
    """The rows of a file.

    Attributes
    ----------
    frame
        Cells as text, empty where there is nothing; columns as in the header (``#3`` for a column without a name). The
        index holds the row numbers of the file, from 1 as Excel shows them; features are counted from 1.
    file, sheet
        Where it came from; ``sheet`` is the sheet or layer, None where there is only one.
    header_row
        Row number of the first header; None where there is none.
    block
        For each row the title of its block, where a sheet holds several blocks with a header each; else empty.
    faults
        For each row the code of what is wrong with the row itself (``import.ragged``), else empty.
    shapes
        Geometry of each row in EPSG:4326, None where it has none; None for a table.
    unfinished
        Whether a text file ends in the middle of a line: its last cell may be cut off.
    standard
        Whether it is a package of a published standard, which says itself what its coordinates are.
    declared, authority
        Name and code of the projected reference system of a map, where it had one.
    notes
        What was skipped or assumed on reading.
    sha256, self_checking
        Fingerprint of the file, and whether its format notices by itself that bits of it were changed on the way (sums
        in a zip, the index of a GeoPackage); in text a damaged digit is a digit like any other.
    sheets
        Names of the sheets that were joined, empty for a single one. Rows of the second are then counted from
        :data:`STEP`, those of the third from twice that, so that every row has a number of its own.
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

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in the order of the file."""
        return [str(name) for name in self.frame.columns]

    def sheets_of(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.object_]:
        """The sheet of each row, or of some."""
        numbers = self.frame.index.to_numpy() if rows is None else self.frame.index.to_numpy()[rows]
        if self.sheets:
            return np.array([self.sheets[number // STEP] for number in numbers.tolist()], dtype=object)
        return np.full(len(numbers), self.sheet, dtype=object)

    def row_text(self, row: int) -> int | str:
        """A row's number as its file shows it, after the name of its sheet where there are several."""
        return f"{self.sheets[row // STEP]} {row % STEP}" if self.sheets else row

    def samples(self, column: str, count: int = 3) -> list[str]:
        """The first different values of a column, to show beside its name."""
        values = self.frame[column]
        return list(dict.fromkeys(values[values != ""].iloc[:200]))[:count]
