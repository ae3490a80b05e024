"""``refused.xlsx``: refused rows as written, with reasons, to correct and import again.

Columns are those of the list; the reason stands last under a name that no list uses.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from coverage.exports.sheets import HEAD
from coverage.imports.report import offer_sentence, reason_sentence
from coverage.imports.result import Interpretation
from coverage.language.words import Words

_WIDEST = 45


def refused_file(found: Interpretation, words: Words) -> bytes:
    """The refused rows as Excel, with the reason of each; corrected there, it can be imported as it is."""
    rows = [
        {
            "row": found.raw.row_text(line["row"]),
            "values": line["values"],
            "offered": offer_sentence(line["offer"], words),
            "reason": reason_sentence(line["code"], line["details"], words),
        }
        for line in found.refused.to_dict("records")
    ]
    return _workbook(rows, found.raw.columns, words)


def _workbook(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], words: Words) -> bytes:
    """Write the workbook.

    Parameters
    ----------
    rows : ``row``, ``reason``, ``offered`` (texts) and ``values`` (cells by column) of each refused row
    words : for headings. Every cell is text, so that no formula runs and no number changes
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet(words("imports.refused.sheet")[:31])
    text = book.add_format({"num_format": "@", "valign": "top"})
    wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, "bg_color": "#FFF4E0"})
    head = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "text_wrap": True, "valign": "top"}
    )
    headings = [*columns, *(words(f"imports.refused.{name}") for name in ("reason", "offered", "row"))]
    for at, heading in enumerate(headings):
        sheet.write_string(0, at, heading, head)
    for line, row in enumerate(rows, start=1):
        for at, column in enumerate(columns):
            value = str(row["values"].get(column, ""))
            if value:
                sheet.write_string(line, at, value[:32_000], text)
        for at, name in enumerate(("reason", "offered", "row"), start=len(columns)):
            sheet.write_string(line, at, str(row[name])[:32_000], wrapped)
    for at, column in enumerate(columns):
        longest = max([len(column), *(len(str(row["values"].get(column, ""))) for row in rows[:200])])
        sheet.set_column(at, at, min(_WIDEST, longest + 2), text)
    sheet.set_column(len(columns), len(columns), 60, wrapped)
    sheet.set_column(len(columns) + 1, len(columns) + 1, 36, wrapped)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
