"""Templates in Excel, to be filled and taken in on pages Impor and Data."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, NamedTuple

import pandas as pd
import xlsxwriter

from coverage.base.schema import STATES, STATUSES
from coverage.exports.sanitize import neutral
from coverage.language.reasons import claimed_word
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds, landmark_kinds

BLANK_ROWS = 500
"""Rows prepared with their choices, where there is not one a village."""
_HEAD = {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1}
_VILLAGE = ("village_code", "village", "subdistrict")


class _Template(NamedTuple):
    columns: tuple[str, ...]
    by_village: bool


TEMPLATES = {
    "assets": _Template(
        ("name", "kind", "status", "lat", "lon", "village", "subdistrict", "owner", "operator", "height_m", "note"),
        False,
    ),
    "population": _Template((*_VILLAGE, "population"), True),
    "evidence": _Template((*_VILLAGE, "claim", "reported_on", "note"), True),
    "landmarks": _Template(
        ("landmark_kind", "landmark_name", "village", "subdistrict", "lat", "lon", "electricity", "internet"), False
    ),
    "measurements": _Template(("lat", "lon", "village", "time", "operator", "rsrp", "result"), False),
}
"""By kind of data; ``by_village`` has a row a village already."""


def write_template(kind: str, villages: pd.DataFrame, words: Words) -> bytes:
    """Return a workbook whose headings the readers know, with choices to pick from.

    Parameters
    ----------
    kind : any of :data:`TEMPLATES`
    villages : Table VILLAGES of the region
    """
    template, buffer = TEMPLATES[kind], io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": dt.datetime(2026, 1, 1)})  # the same bytes every day
    sheet, lists = book.add_worksheet(words(f"start.file.{kind}")), book.add_worksheet("daftar")
    lists.hide()
    head, text = book.add_format(_HEAD), book.add_format({"num_format": "@"})
    rows = len(villages) if template.by_village else BLANK_ROWS
    ordered = villages.sort_values(["subdistrict", "village"])
    choices = _choices(ordered, words)
    for at, name in enumerate(template.columns):
        heading = words(f"start.column.{name}")
        sheet.write_string(0, at, heading, head)
        sheet.set_column(at, at, max(12, len(heading) + 4), text if name == "village_code" else None)
        if template.by_village and name in _VILLAGE:
            sheet.write_column(1, at, [neutral(value) for value in _values(ordered, name)], text)
        elif name in choices:
            lists.write_column(0, at, choices[name])
            chosen = f"=daftar!${chr(65 + at)}$1:${chr(65 + at)}${len(choices[name])}"
            strict = {} if name != "village" else {"error_type": "warning"}
            sheet.data_validation(1, at, rows, at, {"validate": "list", "source": chosen, **strict})
        else:
            sheet.data_validation(1, at, rows, at, _hint(name, words))
    sheet.freeze_panes(1, len(_VILLAGE) if template.by_village else 1)
    book.close()
    return buffer.getvalue()


def _values(villages: pd.DataFrame, name: str) -> list[str]:
    column = "village_code_bps" if name == "village_code" else name
    return villages[column].astype(str).tolist()


def _choices(villages: pd.DataFrame, words: Words) -> dict[str, list[str]]:
    """Values to pick from, in words that the readers understand."""
    return {
        "kind": [words.kind(name) for name, kind in asset_kinds().items() if kind.geometry == "point"],
        "landmark_kind": [words.kind(name) for name in landmark_kinds()],
        **{name: [words("exports.yes"), words("exports.no")] for name in ("electricity", "internet")},
        "status": [words(f"core.status.{status}") for status in STATUSES],
        "claim": [claimed_word(state, words) for state in STATES if state != "unknown"],
        "result": [words(f"start.result.{result}") for result in ("none", "weak", "strong")],
        "village": list(dict.fromkeys(_values(villages, "village"))),
        "subdistrict": list(dict.fromkeys(_values(villages, "subdistrict"))),
    }


def _hint(name: str, words: Words) -> dict[str, Any]:
    """What belongs into a column, shown when a cell is selected."""
    title, message = words(f"start.column.{name}"), words(f"start.hint.{name}")
    return {"validate": "any", "input_title": title, "input_message": message}
