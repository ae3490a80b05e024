"""XML of strangers (KML, GPX, Excel's XML): no entities, nothing outside it, and no more elements than we take."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from coverage.base.errors import FileRefusedError, Place

MOST_ELEMENTS = 3_000_000
"""A hundred thousand placemarks of a dozen fields; three million take a gigabyte of memory."""


def parse_document(content: bytes, file: str) -> Element:
    """Parse a document.

    Raises
    ------
    FileRefusedError
        Not well-formed, with a document type, or too many elements (counted before they are made).
    """
    if content.count(b"<") - content.count(b"</") > MOST_ELEMENTS:
        raise FileRefusedError("file.too_many_elements", Place(file=file), limit=MOST_ELEMENTS)
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FileRefusedError("file.unreadable", Place(file=file), problem=type(error).__name__) from error
    return root
