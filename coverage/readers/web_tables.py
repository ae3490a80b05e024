"""Tables of HTML and Excel 2003 XML, often saved as ``.xls``, as rows of text."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.child import MAX_CELLS, clean
from coverage.readers.documents import parse_document

MAX_SPAN = 200
MAX_BYTES = 30 * 2**20
"""Size limit of a page."""
_SHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
Rows = list[tuple[int, list[str]]]


class _RowParser(HTMLParser):
    """Collects table rows; a spanning cell fills its first place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._span = 1
        self._over: dict[int, int] = {}
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_cell()
            self.rows.append([])
            self._over = {column: rows - 1 for column, rows in self._over.items() if rows > 1}
        elif tag in ("td", "th") and self.rows:
            self._end_cell()
            while len(self.rows[-1]) in self._over:
                self.rows[-1].append("")
            told = dict(attrs)
            self._cell, self._span = [], _count(told.get("colspan"))
            self.cells += self._span
            if self.cells > MAX_CELLS:
                raise ValueError("cells")
            if (down := _count(told.get("rowspan"))) > 1:
                self._over |= dict.fromkeys(range(len(self.rows[-1]), len(self.rows[-1]) + self._span), down)
        elif tag in ("br", "p", "div") and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or not self.rows:
            return
        text = clean(" ".join("".join(self._cell).split()))
        self.rows[-1] += [text, *[""] * (self._span - 1)]
        self._cell = None


def _count(text: str | None) -> int:
    return min(int(text), MAX_SPAN) if text and text.isdecimal() and len(text) < 8 and int(text) else 1


def is_web_table(text: str) -> bool:
    """Whether a text is HTML with a table."""
    return "<table" in text[:200_000].casefold() and "<tr" in text.casefold()


def html_rows(text: str, file: str) -> Rows:
    """Rows of all tables, from 1; FileRefusedError for too many cells."""
    reader = _RowParser()
    try:
        reader.feed(text)
        reader.close()
    except ValueError as error:
        raise FileRefusedError("table.too_many_cells", Place(file=file), limit=MAX_CELLS) from error
    return [(number, cells) for number, cells in enumerate(reader.rows, start=1) if any(cells)]


def is_excel_xml(head: bytes) -> bool:
    """Whether a file begins as Excel 2003 XML."""
    return b"urn:schemas-microsoft-com:office:spreadsheet" in head


def excel_xml_rows(data: bytes, file: str) -> dict[str, Rows]:
    """Rows of all sheets of Excel 2003 XML; FileRefusedError if not well-formed, or with entities."""
    root = parse_document(data, file)
    made: dict[str, Rows] = {}
    for sheet in root.iter(f"{_SHEET}Worksheet"):
        rows: Rows = []
        number = 0
        for row in sheet.iter(f"{_SHEET}Row"):
            number = _index(row) or number + 1
            rows.append((number, _cells(row)))
        made[str(sheet.get(f"{_SHEET}Name") or len(made) + 1)] = [(at, cells) for at, cells in rows if any(cells)]
    return {name: rows for name, rows in made.items() if rows}


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_SHEET}Cell"):
        at = _index(cell)
        if at and len(cells) < at - 1 <= MAX_SPAN:
            cells += [""] * (at - 1 - len(cells))
        data = cell.find(f"{_SHEET}Data")
        cells.append("" if data is None else clean("".join(data.itertext())))
        across = cell.get(f"{_SHEET}MergeAcross")
        cells += [""] * (_count(across) if across and across != "0" else 0)
    return cells


def _index(element: Element) -> int:
    text = element.get(f"{_SHEET}Index")
    return int(text) if text and text.isdecimal() and len(text) < 8 else 0
