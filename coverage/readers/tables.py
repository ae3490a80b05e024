"""CSV and Excel tables as text: every cell as written, every row with its number.

Nothing is interpreted: a spreadsheet number comes out as ``'3505030003.0'``. The format is told by content, never by
name.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.readers.child import MAX_CELLS, clean
from coverage.readers.confined import read_workbook_confined
from coverage.readers.excel_errors import excel_errors
from coverage.readers.excel_hidden import hidden_notes
from coverage.readers.excel_links import excel_places
from coverage.readers.limits import MOST_COLUMNS, refuse_too_many

MAX_BYTES = 200 * 2**20
MAX_RATIO = 100
SEPARATORS = (";", "\t", "|", ",")
LOOK_AHEAD = 40
"""Rows searched for the header."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
NOT_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"SQLite format 3", b"GIF8", b"Rar!", b"7z\xbc\xaf")

Rows = list[tuple[int, list[str]]]
Note = tuple[str, dict[str, Any]]
"""Locale key and values of a sentence."""
IsHeader = Callable[[str], bool]


@dataclass(frozen=True)
class TextTable:
    """A table read as text.

    Attributes
    ----------
    frame
        Columns named as in the header (``#3`` for an unnamed third); cells are text, empty for none. The index, named
        ``row``, holds row numbers from 1, as Excel shows them.
    file, sheet : origin; ``sheet`` is None for CSV
    header_row : row number of the header; None where the first row holds data
    notes : what was skipped: titles, column numbers, repeated headers, hidden sheets
    spanning : row and column of cells that are one with cells below them
    """

    frame: pd.DataFrame
    file: str
    sheet: str | None = None
    header_row: int | None = None
    notes: list[Note] = field(default_factory=list)
    spanning: frozenset[tuple[int, str]] = frozenset()


def read_table(path: str | Path, is_header: IsHeader | None = None, sheet: str | None = None) -> TextTable:
    """Read a CSV, TSV, Excel (xlsx, xlsb, xls) or OpenDocument table as text.

    Parameters
    ----------
    path : CSV with comma, semicolon, tab or bar; UTF-8 with or without BOM, UTF-16, or Windows-1252
    is_header
        Whether a cell's text is one of the column names that the caller knows: finds the header below title rows, and
        the sheet where there are several. Without it the header is the first row that looks like one.
    sheet : name of the sheet; needed where several hold such a table

    Raises
    ------
    FileRefusedError
        Not there, not a table, protected, damaged, too large, without rows, or with several sheets to choose from.
    ColumnError
        Two columns of one name.
    """
    path = Path(path)
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileRefusedError("table.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
        data = path.read_bytes()
    except OSError as error:
        raise FileRefusedError(
            "file.unreadable", Place(file=path.name), problem=error.strerror or str(error)
        ) from error
    return read_table_bytes(data, path.name, is_header, sheet)


def read_table_bytes(data: bytes, file: str, is_header: IsHeader | None = None, sheet: str | None = None) -> TextTable:
    """:func:`read_table` for content in memory; ``file`` is for messages."""
    if data.startswith(NOT_TABLES):
        raise FileRefusedError("table.not_a_table", Place(file=file))
    if data.startswith(WORKBOOKS):
        return _from_workbook(data, file, is_header, sheet)
    rows = csv_rows(decode(data, file), file)
    return make_table(rows, file, None, is_header)


def decode(data: bytes, file: str, markup: bool = False) -> str:
    """Decode bytes by BOM, else as UTF-16, UTF-8, or Windows-1252.

    ``markup`` lets web pages pass, which are no table otherwise.
    """
    boms = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    encoding = next((name for bom, name in boms if data.startswith(bom)), None)
    head = data[:2000]
    if encoding is None and head.count(0) > len(head) // 4:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    for name in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        marked = re.match(r"\s*<(?:!doctype|html|\?xml|table)", text[:200], re.IGNORECASE)
        if "\0" not in text and (markup or not marked):
            return re.sub(r"\x1a\s*$", "", text)  # by which DOS ended a text
        break
    raise FileRefusedError("table.not_a_table", Place(file=file))


def csv_rows(text: str, file: str) -> Rows:
    """Split text into rows of cells by the most consistent separator; empty lines keep their number."""
    if text.count("\n") + text.count("\r") > 2 * MAX_CELLS:  # before millions of empty lines are read one by one
        raise FileRefusedError("table.too_many_cells", Place(file=file), limit=MAX_CELLS)
    told = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    separator = told[1] if told else sniff_separator(text)
    try:
        records = _counted(csv.reader(io.StringIO(text, newline=""), delimiter=separator), file)
    except csv.Error as error:
        raise FileRefusedError("file.unreadable", Place(file=file), problem=str(error)) from error
    rows = [
        (number, [clean(cell) for cell in record])
        for number, record in enumerate(records, start=1)
        if any(map(str.strip, record)) and not (told and number == 1)
    ]
    return _unquoted(rows, file) or rows


def _unquoted(rows: Rows, file: str) -> Rows:
    """Rows of which each stands in quotes as a whole, split once more; none where they are no such rows."""
    if len(rows) < 2 or any(len(record) != 1 or "\n" in record[0] for _, record in rows):
        return []
    lines = [record[0] for _, record in rows]
    split = csv_rows("\n".join(lines), file) if sniff_separator("\n".join(lines)) in lines[0] else []
    widths = {len(record) for _, record in split}
    if len(split) != len(rows) or len(widths) != 1 or widths == {1}:
        return []
    return [(number, record) for (number, _), (_, record) in zip(rows, split, strict=True)]


def _counted(records: Iterable[list[str]], file: str) -> list[list[str]]:
    """All records; refused as soon as there are too many cells, or lines, which may be empty ones."""
    found, cells = [], 0
    for record in records:
        cells += len(record) or 1
        if cells > MAX_CELLS or len(record) > MOST_COLUMNS:
            raise FileRefusedError("table.too_many_cells", Place(file=file), limit=MAX_CELLS)
        found.append(record)
    return found


def sniff_separator(text: str) -> str:
    """Separator with the most rows of equal cell count, at least two."""
    sample = text[:200_000].splitlines()[:300]
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        try:
            counts = [len(record) for record in csv.reader(sample, delimiter=separator) if any(map(str.strip, record))]
        except csv.Error:
            continue
        width, rows = max(
            Counter(count for count in counts if count > 1).items(), key=lambda item: (item[1], item[0]), default=(1, 0)
        )
        score = (round(rows / len(counts), 1) if counts else 0.0, width)
        if width > 1 and score > best_score:
            best, best_score = separator, score
    return best


def _from_workbook(data: bytes, file: str, is_header: IsHeader | None, sheet: str | None) -> TextTable:
    tables, notes, merged = workbook_rows(data, file, sheet)
    chosen = choose_sheet(tables, is_header, file)
    table = make_table(tables[chosen], file, chosen, is_header)
    header = dict(tables[chosen]).get(table.header_row or 0, [])
    spanning = frozenset((top, header[at]) for top, at, _ in merged.get(chosen, ()) if at < len(header))
    return replace(table, notes=[*table.notes, *notes], spanning=spanning)


def workbook_rows(
    data: bytes, file: str, sheet: str | None = None
) -> tuple[dict[str, Rows], list[Note], dict[str, list[list[int]]]]:
    """Read the sheets of a workbook as rows of text.

    Parameters
    ----------
    data : content of an Excel or OpenDocument file
    sheet : the one sheet that is wanted; left out, every sheet that is not hidden

    Returns
    -------
    dict
        Rows by sheet, sheets without any left out.
    list of Note
        Which sheets are hidden.
    dict
        By sheet the cells that are one over several rows: first row, column (from 0), last row.

    Raises
    ------
    FileRefusedError
        Protected, damaged, a bomb, too many cells, or without that sheet.
    """
    refuse_bomb(data, file)
    try:
        book = read_workbook_confined(data, sheet)
    except (ValueError, OSError) as error:
        raise FileRefusedError("file.unreadable", Place(file=file), problem=str(error)[:200]) from error
    if "protected" in book:
        raise FileRefusedError("table.protected", Place(file=file))
    names, shown = book["names"], book["shown"]
    if sheet is not None and sheet not in names:
        raise FileRefusedError("table.no_such_sheet", Place(file=file, sheet=sheet), offered=names)
    if "too_many" in book:
        raise FileRefusedError("table.too_many_cells", Place(file=file, sheet=book["too_many"]), limit=MAX_CELLS)
    tables: dict[str, Rows] = {
        name: [(number, cells) for number, cells in rows] for name, rows in book["tables"].items()
    }
    _put(tables, excel_errors(data))
    _put(tables, excel_places(data), beside=True)
    hidden = [name for name in names if name not in shown and name not in tables]
    notes: list[Note] = []
    if hidden:
        notes.append(("tables.note.hidden_sheets", {"file": file, "sheets": ", ".join(hidden)}))
    notes += hidden_notes(tables, data, file)
    return {name: rows for name, rows in tables.items() if rows}, notes, book.get("merged", {})


def refuse_bomb(data: bytes, file: str) -> None:
    """Refuse a decompression bomb; FileRefusedError above 200 MB, or a hundred times its size."""
    if not data.startswith(WORKBOOKS[0]):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            packed = max(1, sum(member.compress_size for member in archive.infolist()))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileRefusedError("file.unreadable", Place(file=file), problem=str(error)[:200]) from error
    if unpacked > MAX_BYTES or unpacked > MAX_RATIO * packed:
        raise FileRefusedError("geofile.bomb", Place(file=file), limit_mb=MAX_BYTES // 2**20, ratio=MAX_RATIO)


def _put(tables: dict[str, Rows], found: dict[str, dict[tuple[int, int], str]], beside: bool = False) -> None:
    """Add what calamine does not give: errors, and links behind text."""
    for name, cells in found.items():
        rows = dict(tables.get(name, []))
        for (number, column), text in cells.items():
            row = rows.setdefault(number, [])
            refuse_too_many(1, column + 1, None, name)
            row.extend([""] * (column + 1 - len(row)))
            row[column] = f"{row[column]} {text}".strip() if beside else text
        if name in tables:
            tables[name] = sorted(rows.items())


def choose_sheet(tables: dict[str, Rows], is_header: IsHeader | None, file: str) -> str:
    """The only sheet with content, or with a known header."""
    if not tables:
        raise FileRefusedError("table.no_rows", Place(file=file))
    if len(tables) > 1 and is_header is not None:
        known = [
            name
            for name, rows in tables.items()
            if any(sum(map(is_header, cells)) >= 2 for _, cells in rows[:LOOK_AHEAD])
        ]
        tables = {name: tables[name] for name in known} or tables
    if len(tables) > 1:
        raise FileRefusedError("table.several_sheets", Place(file=file), offered=list(tables))
    return next(iter(tables))


def make_table(rows: Rows, file: str, sheet: str | None, is_header: IsHeader | None = None) -> TextTable:
    """Find the header among rows of text, and make the rest a table.

    Raises
    ------
    FileRefusedError
        No row below the header.
    ColumnError
        Two columns of one name.
    """
    place = Place(file=file, sheet=sheet)
    at = find_header([cells for _, cells in rows], is_header)
    notes: list[Note] = []
    if at:
        titles = rows[0][0] if at == 1 else f"{rows[0][0]}–{rows[at - 1][0]}"
        notes.append(("tables.note.title_rows", {"file": file, "rows": titles}))
    header_row, header = (None, []) if at is None else rows[at]
    body = rows if at is None else rows[at + 1 :]
    if body and header and counts_columns(body[0][1]):
        notes.append(("tables.note.numbering_row", {"file": file, "rows": body[0][0]}))
        body = body[1:]
    first = next((at for at, cell in enumerate(header) if cell), 0)
    again = [
        number
        for number, cells in body
        if header
        and len(cells) > first
        and cells[first]
        and cells[first].casefold() == header[first].casefold()
        and _same(cells, header)
    ]
    if again:
        notes.append(("tables.note.repeated_header", {"file": file, "rows": ", ".join(map(str, again[:5]))}))
        body = [(number, cells) for number, cells in body if number not in set(again)]
    if not body:
        raise FileRefusedError("table.no_rows", place)
    width = max(len(header), *(len(cells) for _, cells in body))
    refuse_too_many(len(body), width, file, sheet)
    padded = [cells + [""] * (width - len(cells)) for _, cells in body]
    frame = pd.DataFrame(padded, dtype=object, index=pd.Index([number for number, _ in body], name="row"))
    names = [*header, *[""] * (width - len(header))]
    kept = [at for at in range(width) if names[at] or frame[at].ne("").any()]
    frame = frame[kept]
    frame.columns = pd.Index([names[at] or f"#{at + 1}" for at in kept], dtype=object)
    _refuse_doubled(list(frame.columns), place, header_row)
    return TextTable(frame, file, sheet, header_row, notes)


def _refuse_doubled(names: Sequence[str], place: Place, row: int | None) -> None:
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice:
        raise ColumnError("table.duplicate_header", Place(place.file, place.sheet, row, twice[0]), columns=twice)


def find_header(rows: Sequence[Sequence[str]], is_header: IsHeader | None = None) -> int | None:
    """Position of the header among rows of text, None where the first row is data.

    The row with most known column names; else the first row of words, at least half as many as the widest row has
    cells, with something below it.
    """
    ahead = rows[:LOOK_AHEAD]
    if is_header is not None:
        hits = [sum(map(is_header, cells)) if not any(map(is_number, cells)) else 0 for cells in ahead]
        best = max(hits, default=0)
        if best >= 2 or (best == 1 and len({len(_filled(cells)) for cells in ahead}) == 1):
            return hits.index(best)
    width = max((len(_filled(cells)) for cells in ahead), default=0)
    for at, cells in enumerate(ahead):
        filled = _filled(cells)
        if any(map(is_number, filled)):
            return at - 1 if at and _is_words(ahead[at - 1]) and len(_filled(ahead[at - 1])) > 1 else None
        if len(filled) * 2 > width and (len(filled) > 1 or width == 1) and _is_words(cells):
            return at
    return None


def _filled(cells: Collection[str]) -> list[str]:
    return [cell for cell in cells if cell]


def is_number(cell: str) -> bool:
    """Whether a cell is a number or like one: a date, a dotted code."""
    if not cell or cell.isdecimal():
        return bool(cell)
    return not any(c.isalpha() for c in cell) and sum(c.isdigit() for c in cell) * 2 >= len(cell)


def _is_words(cells: Sequence[str]) -> bool:
    filled = _filled(cells)
    return len(set(filled)) == len(filled) and not any(map(is_number, filled))


def counts_columns(cells: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3), which Excel makes -1 -2 -3."""
    numbers = [re.fullmatch(r"[(\-]?\s*(\d{1,2})(?:\.0)?\s*\)?", cell) for cell in _filled(cells)]
    found = [int(number[1]) for number in numbers if number]
    if len(found) < 3 or len(found) < len(numbers) or found[0] > 2:
        return False
    return found == list(range(found[0], found[0] + len(found)))


def _same(cells: Sequence[str], header: Sequence[str]) -> bool:
    return [cell.casefold() for cell in _filled(cells)] == [cell.casefold() for cell in _filled(header)]


def plain(name: str) -> str:
    """Normalised column name: lower case, alphanumeric words joined by ``_``."""
    text = unicodedata.normalize("NFKD", name).casefold()
    return "_".join(re.findall(r"[a-z0-9]+", "".join(c for c in text if not unicodedata.combining(c))))
