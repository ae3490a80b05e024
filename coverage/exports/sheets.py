"""Styled sheets of a workbook: numbers as numbers, no live formulas, printable on A4."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from coverage.exports.columns import CellKind, heading_of, kind_of
from coverage.exports.provenance import Provenance
from coverage.exports.sanitize import neutral
from coverage.exports.style import STATE_COLOURS, STATE_TINTS
from coverage.language.words import Words

INK, HEAD = "#1B2A3A", "#1F4E79"
LINE = 13.5
"""Line height in points."""
LONGEST_TEXT = 32_000
WIDEST_TEXT = 38
"""Most characters of a column without wrapping."""
_PATTERNS = {
    "integer": "#,##0", "decimal": "#,##0.0#", "score": "0.000", "share": '[=0]0%;[<0.01]"<1%";0%', "metres": "#,##0",
    "year": "0", "degrees": "0.00000", "money": '"Rp" #,##0',
}  # fmt: skip
_HEAD = {
    "bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "text_wrap": True, "valign": "vcenter", "align": "center",
    "border": 1, "border_color": "#FFFFFF",
}  # fmt: skip
_WIDTHS: dict[CellKind, int] = {
    "integer": 11, "decimal": 9, "score": 8, "share": 10, "money": 20, "state": 14, "wrapped": 45, "year": 8,
}  # fmt: skip
"""Widths in characters; 12 for other kinds, and text is as wide as its longest."""


@dataclass(frozen=True)
class SheetColumn:
    """A column: source, heading, format, width, and what states are called under its rule, where it has any."""

    name: str
    heading: str
    kind: CellKind = "text"
    width: float = 12
    called: Mapping[str, str] = field(default_factory=dict)


class Book:
    """A deterministic workbook under construction."""

    def __init__(self, about: Provenance, words: Words, title: str) -> None:
        self.words, self.about, self.title = words, about, title
        self._buffer = io.BytesIO()
        self.file = xlsxwriter.Workbook(
            self._buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self.file.set_properties(
            {
                "title": title,
                "subject": about.region,
                "author": "Jangkau",
                "comments": about.footer(words),
                "created": dt.datetime.fromisoformat(about.iso_date),
            }
        )
        self.file.set_size(2400, 1500)
        self._formats: dict[tuple[Any, ...], Any] = {}

    def look(self, **properties: Any) -> Any:
        """Cell format, cached by properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(
                {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top", **properties}
            )
        return self._formats[key]

    def cell_look(self, kind: CellKind, tint: str | None = None, **properties: Any) -> Any:
        """Format of a table cell of a kind."""
        chosen: dict[str, Any] = {"bottom": 1, "bottom_color": "#D5DBE1"}
        if kind in _PATTERNS:
            chosen |= {"num_format": self.words.style.excel + _PATTERNS[kind], "align": "right"}
        else:
            chosen |= {"align": "left", "indent": 1}
        if kind == "wrapped":
            chosen["text_wrap"] = True
        if tint:
            chosen["bg_color"] = tint
        return self.look(**{**chosen, **properties})

    def sheet(self, name: str, landscape: bool = True, tab: str = HEAD, one_page: bool = False) -> Any:
        """Add a sheet for A4: margins, page numbers, run id in the footer, one page wide."""
        sheet = self.file.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_tab_color(tab)
        sheet.set_paper(9)
        (sheet.set_landscape if landscape else sheet.set_portrait)()
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 1 if one_page else 0)
        footer = f"{self.about.region} · {self.about.footer(self.words)}".replace("&", "&&")[:200]
        sheet.set_header(f"&L&9{_plain(self.title)}&R&9{_plain(name)}")
        sheet.set_footer(f"&L&8{footer}&R&8&P / &N")
        return sheet

    def heading(self, sheet: Any, text: str, lines: Sequence[str] = ()) -> int:
        """Write title and remarks; return the next free row."""
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, text, self.look(bold=True, font_size=15, font_color=HEAD, valign="vcenter"))
        for at, line in enumerate(lines, start=1):
            sheet.write_string(at, 0, neutral(line), self.look(italic=True, font_color="#5A6773"))
        return len(lines) + 2

    def columns(self, names: str, called: Mapping[str, str] = {}, **headings: str) -> list[SheetColumn]:
        """Columns by their names, separated by spaces; ``headings`` are locale keys of those headed otherwise.

        ``called`` is what states are called (:func:`coverage.language.reasons.state_words`), where columns show any.
        """
        made = []
        for name in names.split():
            heading = self.words(headings[name]) if name in headings else heading_of(name, self.words, called)
            made.append(SheetColumn(name, heading, kind_of(name), _WIDTHS.get(kind_of(name), 12), called))
        return made

    def table(
        self,
        sheet: Any,
        top: int,
        columns: Sequence[SheetColumn],
        rows: pd.DataFrame,
        *,
        freeze_columns: int = 0,
        state: str | None = None,
        whole_sheet: bool = True,
    ) -> int:
        """Write a table with heading, filter and frozen panes; return the row after it.

        Parameters
        ----------
        state : column whose state tints the cell of column ``state`` where that is said in other words
        whole_sheet : whether it is the only table of its sheet: filter, frozen panes and repeated heading
        """
        if whole_sheet:
            columns = [_wide_enough(column, rows[column.name]) for column in columns]
            if rows.empty:
                sheet.write_string(top + 1, 0, self.words("exports.report.nothing"), self.cell_look("text"))
        head = self.look(**_HEAD)
        for at, column in enumerate(columns):
            if whole_sheet:
                sheet.set_column(at, at, column.width)
            sheet.write_string(top, at, column.heading, head)
        sheet.set_row(top, 15 * max(_lines(column.heading, column.width) for column in columns) + 4)
        self._row_heights(sheet, top, columns, rows)
        states = rows[state].tolist() if state else []
        for at, column in enumerate(columns):
            write = self._writer(sheet, column, at)
            for down, value in enumerate(rows[column.name].tolist(), start=top + 1):
                write(down, value, states[down - top - 1] if column.name == "state" and state else None)
        if whole_sheet:
            last = max(top + len(rows), top + 1)
            sheet.autofilter(top, 0, last, len(columns) - 1)
            sheet.freeze_panes(top + 1, freeze_columns)
            sheet.repeat_rows(top)
            sheet.print_area(0, 0, last, len(columns) - 1)
        return top + 1 + len(rows)

    def _row_heights(self, sheet: Any, top: int, columns: Sequence[SheetColumn], rows: pd.DataFrame) -> None:
        """Set row heights for wrapped text: not every program does on opening."""
        wrapped = [column for column in columns if column.kind == "wrapped"]
        for at, row in enumerate(rows[[column.name for column in wrapped]].itertuples(index=False), start=top + 1):
            lines = max((_lines(str(text), column.width) for text, column in zip(row, wrapped, strict=True)), default=1)
            sheet.set_row(at, LINE * min(lines, 20) + 2)

    def _writer(self, sheet: Any, column: SheetColumn, at: int) -> Callable[[int, Any, str | None], None]:
        """Cell writer of a column."""
        plain, mark = self.cell_look(column.kind), self.words("exports.unknown_mark")
        missing = self.cell_look("text", font_color="#8A949E", align="right" if column.kind in _PATTERNS else "left")

        def write(row: int, value: Any, state: str | None) -> None:
            if _is_missing(value):
                sheet.write_string(row, at, mark, missing)
            elif column.kind == "state":
                text = column.called[str(value)] if value in STATE_TINTS else str(value)
                value = value if value in STATE_TINTS else state
                tint = STATE_TINTS.get(str(value))
                sheet.write_string(
                    row,
                    at,
                    text,
                    self.cell_look(
                        "text", tint, bold=value == "blank", left=5, left_color=STATE_COLOURS.get(str(value), INK)
                    ),
                )
            elif column.kind == "yes_no":
                sheet.write_string(row, at, self.words("exports.yes" if value else "exports.no"), plain)
            elif column.kind in _PATTERNS:
                sheet.write_number(row, at, float(value), plain)
            else:
                sheet.write_string(row, at, neutral(str(value))[:LONGEST_TEXT], plain)

        return write

    def facts(self, sheet: Any, top: int, rows: Sequence[tuple[str, str]], width: float) -> int:
        """Write pairs of label and text, ``width`` characters wide; return the row after them."""
        label, text = self.look(bold=True, text_wrap=True), self.look(text_wrap=True)
        before = ""
        for at, (name, value) in enumerate(rows, start=top):
            sheet.set_row(at, LINE * _lines(value, width) + 2)
            sheet.write_string(at, 0, neutral(name) if name != before else "", label)
            sheet.write_string(at, 1, neutral(value)[:LONGEST_TEXT], text)
            before = name
        return top + len(rows)

    def bytes(self) -> bytes:
        """Close and return the workbook."""
        self.file.close()
        return self._buffer.getvalue()


def address(row: int, column: int) -> str:
    """A1 notation of a cell."""
    return str(xl_rowcol_to_cell(row, column))


def _wide_enough(column: SheetColumn, values: pd.Series) -> SheetColumn:
    """Column width for its texts, within reason."""
    if column.kind != "text":
        return column
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return replace(column, width=max(column.width, min(longest + 2, WIDEST_TEXT)))


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value == "" or (isinstance(value, float) and not np.isfinite(value))


def _lines(text: str, width: float) -> int:
    """Lines of a heading at a width in characters."""
    lines, used = 1, 0.0
    for word in text.split():
        if used and used + 1 + len(word) > width * 1.05:
            lines, used = lines + 1, 0.0
        used += len(word) + (1 if used else 0)
    return lines


def _plain(text: str) -> str:
    return text.replace("&", "&&")[:100]
