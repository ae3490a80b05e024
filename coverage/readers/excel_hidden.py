"""Columns and rows that Excel hides: calamine reads them as any other, so what nobody sees is told."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from coverage.readers.excel_errors import Cells, by_sheet

_COLUMN = re.compile(rb"<col\b[^>]*>")
_SAID = re.compile(rb'(\w+)="(\w*)"')
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d{1,7})"')
MOST_COLUMNS = 16_384
_WHOLE = -1
"""In place of the column of a hidden row; a hidden column is in row 0."""


def hidden_notes(
    tables: Mapping[str, Sequence[tuple[int, list[str]]]], data: bytes, file: str
) -> list[tuple[str, dict[str, Any]]]:
    """Notes on hidden columns and rows of an xlsx workbook of which something is read."""
    notes: list[tuple[str, dict[str, Any]]] = []
    for sheet, cells in by_sheet(data, _hidden).items():
        columns = {at for row, at in cells if row == 0}
        texts: dict[int, str] = {}
        for _, row in tables.get(sheet, ()) if columns else ():
            texts |= {at: row[at] for at in columns - texts.keys() if at < len(row) and row[at]}
        if texts:
            said = ", ".join(f"{cells[0, at]} ({text[:60]})" for at, text in sorted(texts.items()))
            notes.append(("tables.note.hidden_columns", {"file": file, "columns": said}))
        rows = [number for number, _ in tables.get(sheet, ()) if (number, _WHOLE) in cells]
        if rows:
            some = ", ".join(map(str, rows[:5]))
            notes.append(("tables.note.hidden_rows", {"file": file, "count": len(rows), "rows": some}))
    return notes


def _hidden(archive: zipfile.ZipFile, member: str) -> Cells:
    content = archive.read(member)
    if b"hidden=" not in content:
        return {}
    found: Cells = {(int(row), _WHOLE): row.decode() for row in _HIDDEN_ROW.findall(content)}
    for text in _COLUMN.findall(content[: content.find(b"<sheetData")]):
        said = dict(_SAID.findall(text))
        if said.get(b"hidden") in (b"1", b"true"):
            first, last = int(said[b"min"]), min(int(said[b"max"]), MOST_COLUMNS)
            found |= {(0, at - 1): letters_of(at - 1) for at in range(first, last + 1)}
    return found


def letters_of(column: int) -> str:
    """Letters of a column index, as Excel shows them."""
    letters = ""
    while column >= 0:
        letters, column = chr(65 + column % 26) + letters, column // 26 - 1
    return letters
