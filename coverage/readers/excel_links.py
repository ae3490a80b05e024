"""Hyperlinks to maps in Excel cells, of which calamine gives only the text."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from urllib.parse import unquote

from defusedxml.ElementTree import fromstring

from coverage.readers.excel_errors import Cells, by_sheet, column_at

_LINK = re.compile(rb"<hyperlink\b[^>]*>")
_REF = re.compile(rb'\bref="([A-Z]{1,3})(\d{1,7})"')
_TARGET = re.compile(rb'\br:id="([^"]{1,40})"')
_PLACE = re.compile(r"-?\d{1,3}\.\d{3,}")
MOST = 200_000


def excel_places(data: bytes) -> dict[str, Cells]:
    """Find the links of an xlsx workbook whose address holds coordinates; anything that is no xlsx has none."""
    return by_sheet(data, _places)


def _places(archive: zipfile.ZipFile, member: str) -> Cells:
    links = _LINK.findall(archive.read(member))[:MOST]
    return _addresses(links, _targets(archive, member)) if links else {}


def _targets(archive: zipfile.ZipFile, member: str) -> dict[str, str]:
    folder, file = posixpath.split(member)
    relations = fromstring(archive.read(f"{folder}/_rels/{file}.rels"))
    return {str(one.get("Id")): str(one.get("Target")) for one in relations}


def _addresses(links: list[bytes], targets: dict[str, str]) -> Cells:
    made = {}
    for link in links:
        cell, of = _REF.search(link), _TARGET.search(link)
        address = unquote(html.unescape(targets.get(of[1].decode("ascii", "replace"), ""))) if of else ""
        if cell and address.startswith(("http://", "https://")) and len(_PLACE.findall(address)) >= 2:
            made[int(cell[2]), column_at(cell[1])] = address[:500]
    return made
