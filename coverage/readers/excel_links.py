"""Hyperlinks to maps in Excel cells, of which calamine gives only the text."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from coverage.readers.excel_errors import column_at, sheet_members

_LINK = re.compile(rb"<hyperlink\b[^>]*>")
_REF = re.compile(rb'\bref="([A-Z]{1,3})(\d{1,7})"')
_TARGET = re.compile(rb'\br:id="([^"]{1,40})"')
_PLACE = re.compile(r"-?\d{1,3}\.\d{3,}")
MOST = 200_000


def excel_places(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Find the links of an xlsx workbook whose address holds coordinates.

    Parameters
    ----------
    data : its content; anything that is no xlsx has none

    Returns
    -------
    dict
        By sheet, by row (from 1) and column (from 0), the address.
    """
    found: dict[str, dict[tuple[int, int], str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name, member in sheet_members(archive).items():
                links = _LINK.findall(archive.read(member))[:MOST]
                if links:
                    found[name] = _addresses(links, _targets(archive, member))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, ParseError, DefusedXmlException):
        return found
    return found


def _targets(archive: zipfile.ZipFile, member: str) -> dict[str, str]:
    folder, file = posixpath.split(member)
    relations = fromstring(archive.read(f"{folder}/_rels/{file}.rels"))
    return {str(one.get("Id")): str(one.get("Target")) for one in relations}


def _addresses(links: list[bytes], targets: dict[str, str]) -> dict[tuple[int, int], str]:
    made = {}
    for link in links:
        cell, of = _REF.search(link), _TARGET.search(link)
        address = unquote(html.unescape(targets.get(of[1].decode("ascii", "replace"), ""))) if of else ""
        if cell and address.startswith(("http://", "https://")) and len(_PLACE.findall(address)) >= 2:
            made[int(cell[2]), column_at(cell[1])] = address[:500]
    return made
