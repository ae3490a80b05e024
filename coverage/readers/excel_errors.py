"""Error cells of an Excel workbook (#REF!, #N/A), which calamine gives as empty."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>'
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Cells = dict[tuple[int, int], str]
"""Texts by row (from 1) and column (from 0)."""


def excel_errors(data: bytes) -> dict[str, Cells]:
    """Find the error cells of an xlsx workbook, with the text shown; anything that is no xlsx has none."""
    return by_sheet(data, _errors)


def _errors(archive: zipfile.ZipFile, member: str) -> Cells:
    content = archive.read(member)
    if b't="e"' not in content:
        return {}
    return {
        (int(row), column_at(letters)): text.decode("utf-8", "replace") for letters, row, text in _CELL.findall(content)
    }


def by_sheet(data: bytes, find: Callable[[zipfile.ZipFile, str], Cells]) -> dict[str, Cells]:
    """What ``find`` finds in the sheets of an xlsx workbook, as far as they can be read."""
    found: dict[str, Cells] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name, member in sheet_members(archive).items():
                if cells := find(archive, member):
                    found[name] = cells
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, ParseError, DefusedXmlException):
        return found
    return found


def sheet_members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Archive member of each sheet."""
    targets = {one.get("Id"): str(one.get("Target")) for one in fromstring(archive.read("xl/_rels/workbook.xml.rels"))}
    sheets = {}
    for one in fromstring(archive.read("xl/workbook.xml")).iter():
        target = targets.get(one.get(_RELATION)) if one.tag.endswith("}sheet") else None
        if target:
            sheets[str(one.get("name"))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return sheets


def column_at(letters: bytes) -> int:
    """Column index from letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
