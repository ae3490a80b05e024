"""The questionnaire of a subdistrict: a workbook to fill in, and the same as XLSForm for KoboToolbox and ODK.

Both come back through page Impor as a survey: their columns are named as its readers know them, and what is chosen is
stored in words, or codes, that they know.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence

import pandas as pd
import xlsxwriter

from coverage.base.schema import STATES
from coverage.exports.sanitize import neutral
from coverage.language.reasons import claimed_word
from coverage.language.words import LANGUAGES, STYLES, Words

CLAIMS = tuple(state for state in STATES if state != "unknown")
SPARE_ROWS = 40
"""Rows for hamlets that are in no list."""
_ASKED = ("claim", "reported_on", "note")
_HEAD = {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1}
_OPEN = {"locked": False, "bg_color": "#FFF8E1", "border": 1}
_MADE = {"created": dt.datetime(2026, 1, 1)}  # the same bytes every day


def write_questionnaire(
    villages: pd.DataFrame, subdistrict: str, words: Words, hamlets: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """Return a workbook with a row for each village of a subdistrict, and for each of its hamlets.

    What is filled in already is protected (without a password); signal and date are checked as they are entered.

    Parameters
    ----------
    villages : Table VILLAGES of the region
    hamlets : names by code of the village, where there is a list
    """
    own = villages[villages["subdistrict"] == subdistrict].sort_values("village")
    rows = [
        (code, name, subdistrict, hamlet)
        for code, name in zip(own["village_code_bps"], own["village"], strict=True)
        for hamlet in ((hamlets or {}).get(code) or ("",))
    ]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({**_MADE, "title": words("questionnaire.title", subdistrict=subdistrict)})
    sheet = book.add_worksheet(words("questionnaire.sheet"))
    text, free = book.add_format({"num_format": "@"}), book.add_format(_OPEN)
    day = book.add_format({**_OPEN, "num_format": "yyyy-mm-dd"})
    names = ("village_code", "village", "subdistrict", "hamlet", *_ASKED)
    for at, name in enumerate(names):
        heading = words("questionnaire.hamlet" if name == "hamlet" else f"start.column.{name}")
        sheet.write_string(0, at, heading, book.add_format(_HEAD))
        sheet.set_column(at, at, max(14, len(heading) + 4))
    places = [name for _, name, *_ in rows]
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(at, column, neutral(value), free if column == 3 and not value else text)
    last = len(rows) + SPARE_ROWS
    for at in range(1, last + 1):
        for column, form in ((4, free), (5, day), (6, free)):
            sheet.write_blank(at, column, None, form)
        if at > len(rows):  # a hamlet that is in no list: its village is chosen
            for column in range(4):
                sheet.write_blank(at, column, None, free)
    listed = book.add_worksheet("daftar")
    listed.hide()
    listed.write_column(0, 0, list(dict.fromkeys(places)))
    chosen = f"=daftar!$A$1:$A${len(set(places))}"
    sheet.data_validation(len(rows) + 1, 1, last, 1, {"validate": "list", "source": chosen})
    sheet.data_validation(len(rows) + 1, 2, last, 2, {"validate": "list", "source": [subdistrict]})
    states = [claimed_word(state, words) for state in CLAIMS]
    sheet.data_validation(1, 4, last, 4, {"validate": "list", "source": states})
    since = {"validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "ignore_blank": True}
    sheet.data_validation(1, 5, last, 5, {**since, "input_message": words("start.hint.reported_on")})
    sheet.protect("", {"format_columns": True, "autofilter": True, "sort": True})
    sheet.freeze_panes(1, 2)
    book.close()
    return buffer.getvalue()


def write_xlsform(villages: pd.DataFrame, region: str, name: str) -> bytes:
    """Return the same questions as XLSForm (https://xlsform.org), in every language, for KoboToolbox and ODK.

    The village is chosen within its subdistrict, and exported as its code; the place is optional. ``region`` is the
    code of the region called ``name``.
    """
    told = {language: Words(language) for language in LANGUAGES}
    labels = [f"label::{STYLES[language].name} ({language})" for language in LANGUAGES]
    kecamatan = {name: f"k{at}" for at, name in enumerate(sorted(villages["subdistrict"].unique()), start=1)}

    def asked(kind: str, field: str, key: str, **more: str) -> dict[str, str]:
        said = {label: words(f"questionnaire.{key}") for label, words in zip(labels, told.values(), strict=True)}
        return {"type": kind, "name": field, **said, **more}

    survey = [
        {"type": "start", "name": "start"},
        {"type": "deviceid", "name": "deviceid"},
        asked("begin_group", "wilayah", "where"),
        asked("select_one kecamatan", "bagian", "subdistrict", required="yes"),
        asked("select_one desa", "kode_desa", "village", required="yes", choice_filter="kecamatan=${bagian}"),
        asked("text", "dusun", "hamlet"),
        {"type": "end_group"},
        asked("begin_group", "jawaban", "answer"),
        asked("select_one sinyal", "sinyal", "signal", required="yes"),
        asked("date", "tanggal", "date", required="yes", default="today()", constraint=". <= today()"),
        asked("geopoint", "posisi", "place"),
        asked("image", "foto", "photo", parameters="max-pixels=1600"),
        asked("text", "catatan", "note"),
        {"type": "end_group"},
    ]
    same = {name: dict.fromkeys(labels, name) for name in kecamatan}
    choices = [{"list_name": "kecamatan", "name": code, **same[name]} for name, code in kecamatan.items()]
    ordered = villages.sort_values(["subdistrict", "village"])
    rows = zip(ordered["village_code_bps"], ordered["village"], ordered["subdistrict"], strict=True)
    choices += [
        {"list_name": "desa", "name": code, **dict.fromkeys(labels, village), "kecamatan": kecamatan[subdistrict]}
        for code, village, subdistrict in rows
    ]
    choices += [
        {"list_name": "sinyal", "name": state}
        | {label: claimed_word(state, words) for label, words in zip(labels, told.values(), strict=True)}
        for state in CLAIMS
    ]
    first = STYLES[LANGUAGES[0]]
    settings = {
        "form_title": f"{told[LANGUAGES[0]]('questionnaire.sheet')} {name}",
        "form_id": f"jangkau_{re.sub(r'[^0-9]', '_', region)}",
        "default_language": f"{first.name} ({LANGUAGES[0]})",
    }
    return _workbook({"survey": survey, "choices": choices, "settings": [settings]})


def _workbook(sheets: Mapping[str, list[dict[str, str]]]) -> bytes:
    """A sheet a table of texts; a heading for every field that any row has."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties(_MADE)
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        heads = list(dict.fromkeys(name for row in rows for name in row))
        for at, row in enumerate([dict(zip(heads, heads, strict=True)), *rows]):
            for column, name in enumerate(heads):
                if name in row:
                    sheet.write_string(at, column, row[name])
    book.close()
    return buffer.getvalue()
