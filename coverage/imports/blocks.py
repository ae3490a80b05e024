"""Find tables in the rows of a sheet: below titles, headers of one or two rows, one block or several."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.imports.columns import field_of, is_header
from coverage.imports.degrees_apart import is_parts, joined
from coverage.imports.raw import Note, Raw
from coverage.readers.limits import refuse_too_many
from coverage.readers.tables import LOOK_AHEAD, Rows, counts_columns, find_header, is_number

_TOTAL = re.compile(
    r"(?:grand |sub ?)?(?:jumlah|total)(?: keseluruhan| seluruhnya| akhir| total| jumlah)?[ :]*", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?")
MOST_MERGED = 2_000_000
"""Most rows that a merged cell may span."""
EXCEL_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"})


def _told_apart(name: str, header: Sequence[str]) -> bool:
    """Whether columns of one name differ in case and hold nothing of a list: ODK has ``deviceid`` and ``DeviceID``."""
    return field_of(name) == "skip" and max(Counter(filter(None, header)).values()) == 1


@dataclass
class _Block:
    """Rows below one header."""

    title: str
    header_row: int | None
    header: list[str]
    body: Rows = field(default_factory=list)


def make_raw(
    rows: Rows, file: str, sheet: str | None = None, ragged: bool = False, merged: Sequence[Sequence[int]] = ()
) -> Raw:
    """Find the tables among rows of text and join them.

    Parameters
    ----------
    ragged : whether the number of cells of a row is meaningful: in CSV, not in a workbook
    merged : cells merged over rows (first row, column from 0, last row): below a header each row has the value

    Raises
    ------
    FileRefusedError
        No row below a header.
    ColumnError
        Two columns of one name.
    """
    place = Place(file=file, sheet=sheet)
    notes: list[Note] = []
    blocks = [block for block in _cut(rows, notes, file) if block.body]
    if not blocks:
        raise FileRefusedError("table.no_rows", place)
    for block in blocks:
        heads = Counter(map(str.casefold, filter(None, block.header)))
        twice = [name for name, count in heads.items() if count > 1 and not _told_apart(name, block.header)]
        if twice:
            raise ColumnError("table.duplicate_header", Place(file, sheet, block.header_row, twice[0]), columns=twice)
    spanning = frozenset(cell for block in blocks for cell in _fill_merged(block, merged))
    if len(blocks) > 1:
        notes.append(("imports.note.blocks", {"file": file, "count": len(blocks)}))
    frames = [_frame(block) for block in blocks]
    frame = joined(frames[0] if len(frames) == 1 else pd.concat(frames).fillna(""))
    title = np.concatenate([np.full(len(block.body), block.title, dtype=object) for block in blocks])
    faults = np.concatenate([_faults(block, ragged) for block in blocks])
    return Raw(frame, file, sheet, blocks[0].header_row, title, faults, notes=notes, spanning=spanning)


def _fill_merged(block: _Block, merged: Sequence[Sequence[int]]) -> set[tuple[int, str]]:
    """Give each row the text of a cell merged over several, in place; the row and column of those cells."""
    spanning: set[tuple[int, str]] = set()
    body = {number: cells for number, cells in block.body}
    left = MOST_MERGED
    for top, column, bottom in merged:
        text = body[top][column] if top in body and column < len(body[top]) else ""
        left -= bottom - top if text else 0
        for number in range(top + 1, bottom + 1) if text and left >= 0 else ():
            if number in body:
                cells = body[number]
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = cells[column] or text
                spanning |= {(top, _column_name(block, column)), (number, _column_name(block, column))}
    return spanning


def _column_name(block: _Block, at: int) -> str:
    return (block.header[at] if at < len(block.header) else "") or f"#{at + 1}"


def _cut(rows: Rows, notes: list[Note], file: str) -> list[_Block]:
    heads = _header_rows(rows)
    if not heads:
        return [_Block("", None, [], list(rows))]
    blocks: list[_Block] = []
    titles: list[tuple[int, str]] = [(number, _title(cells)) for number, cells in rows[: heads[0]]]
    skipped = [number for number, _ in titles]
    for at, head in enumerate(heads):
        end = heads[at + 1] if at + 1 < len(heads) else len(rows)
        header, used = _header(rows, head, end)
        body = rows[head + used : end]
        if body and counts_columns(body[0][1]):
            notes.append(("tables.note.numbering_row", {"file": file, "rows": body[0][0]}))
            body = body[1:]
        block = _Block(titles[-1][1] if titles else "", rows[head][0], header)
        titles = []
        while at + 1 < len(heads) and body and _is_title(body[-1][1], header):
            titles.insert(0, (body[-1][0], _title(body[-1][1])))
            body = body[:-1]
        skipped += [number for number, _ in titles]
        block.body = list(body)
        blocks.append(block)
    if skipped:
        told = ", ".join(map(str, skipped[:8]))
        notes.append(("tables.note.title_rows", {"file": file, "rows": told}))
    return blocks


def _header_rows(rows: Rows) -> list[int]:
    """Positions of header rows: those with known column names, or the one that looks like a header."""
    words = [not any(map(_is_value, cells)) for _, cells in rows[:LOOK_AHEAD]]
    known = [sum(map(is_header, row[1])) if fits else 0 for row, fits in zip(rows, words, strict=False)]
    best = max(known, default=0)
    if best < 2:
        found = find_header([cells for _, cells in rows])
        first = [] if found is None else [found]
    else:
        first = [at for at, hits in enumerate(known) if hits >= max(2, best - 1)][:1]
    if not first:
        return []
    head = first[0]
    width = len([cell for cell in rows[head][1] if cell])
    mark = {cell.casefold() for cell in rows[head][1] if cell}
    again = []
    for at in range(head + 1, len(rows)):
        same = len(mark.intersection(map(str.casefold, rows[at][1])))
        if not same and is_number(rows[at][1][0]):
            continue
        cells = [cell for cell in rows[at][1] if cell]
        if len(cells) >= 2 and (same * 2 > max(len(cells), width) or _looks_like_header(cells)):
            again.append(at)
    # The row right below the header belongs to it where it names columns too.
    return [head, *[at for at in again if at > head + 1 or _same_words(rows[head][1], rows[at][1])]]


def _looks_like_header(cells: list[str]) -> bool:
    if len(cells) < 3 or any(map(is_number, cells)) or any(len(cell) > 40 for cell in cells):
        return False
    fields = {field_of(cell) for cell in cells} - {None}
    return bool({"lat", "lon", "coordinates"} & fields) and len(fields) >= 3 and len(fields) * 2 > len(cells)


def _same_words(left: list[str], right: list[str]) -> bool:
    return [cell.casefold() for cell in left if cell] == [cell.casefold() for cell in right if cell]


def _header(rows: Rows, head: int, end: int) -> tuple[list[str], int]:
    """Column names from one row, or two where cells were merged; and how many rows they take."""
    top = rows[head][1]
    if head + 1 >= end:
        return list(top), 1
    below = rows[head + 1][1]
    filled = [at for at, cell in enumerate(below) if cell]
    gaps = [at for at in filled if at >= len(top) or not top[at]]
    under = [at for at in filled if is_header(below[at])]
    apart = is_parts(below) and len(gaps) >= 2
    if not apart and (not filled or any(map(_is_value, below)) or not gaps):
        return list(top), 1
    if not apart and len(under) * 2 <= len(filled) and not _above_numbers(rows, head + 2, end, filled):
        return list(top), 1
    width = max(len(top), len(below))
    names, parent = [], ""
    for at in range(width):
        upper = top[at] if at < len(top) else ""
        lower = below[at] if at < len(below) else ""
        parent = upper or (parent if lower else "")
        names.append(" ".join(filter(None, (parent if lower else upper, lower))))
    return names, 2


def _above_numbers(rows: Rows, at: int, end: int, columns: list[int]) -> bool:
    """Whether most cells below are numbers in some columns, and the next row does not count columns."""
    while at < end and counts_columns(rows[at][1]):
        at += 1
    cells = rows[at][1] if at < end else []
    return sum(column < len(cells) and is_number(cells[column]) for column in columns) * 2 > len(columns)


def _is_value(cell: str) -> bool:
    """Whether a cell is a number that no header has; a year may name a column."""
    return is_number(cell) and _YEAR.fullmatch(cell) is None


def _is_title(cells: list[str], header: list[str]) -> bool:
    """Whether a row before a header is its title: one cell of words."""
    filled = [cell for cell in cells if cell]
    return (
        len(filled) <= max(1, sum(map(bool, header)) // 4)
        and any(c.isalpha() for cell in filled for c in cell)
        and not _TOTAL.fullmatch(filled[0])
    )


def _title(cells: list[str]) -> str:
    return " ".join(cell for cell in cells if cell)[:200]


def _frame(block: _Block) -> pd.DataFrame:
    width = max(len(block.header), *(len(cells) for _, cells in block.body))
    refuse_too_many(len(block.body), width, None)
    cells = [cells + [""] * (width - len(cells)) for _, cells in block.body]
    index = pd.Index([number for number, _ in block.body], name="row")
    frame = pd.DataFrame(cells, dtype=object, index=index)
    unnamed = [at >= len(block.header) or not block.header[at] for at in range(width)]
    kept = [at for at in range(width) if not unnamed[at] or frame[at].ne("").any()]
    frame = frame[kept]
    frame.columns = pd.Index([_column_name(block, at) for at in kept], dtype=object)
    return frame


def _faults(block: _Block, ragged: bool) -> NDArray[np.object_]:
    """Faults of rows as such: wrong number of cells, totals, Excel errors."""
    found = np.full(len(block.body), "", dtype=object)
    lengths = np.array([len(cells) for _, cells in block.body])
    expected = len(block.header)
    if ragged and expected:
        usual = Counter(lengths.tolist()).most_common(1)[0]
        if usual[0] != expected and usual[1] * 2 > len(lengths):
            expected = usual[0]
        found[lengths != expected] = "import.ragged"
    for at, (_, cells) in enumerate(block.body):
        if any(_TOTAL.fullmatch(cell) for cell in cells[:4] if cell[:1] in "jJtTgGsS" and cell):
            found[at] = "import.totals_row"
        elif any(cell in EXCEL_ERRORS for cell in cells if cell[:1] == "#"):
            found[at] = "import.excel_error"
    return found
