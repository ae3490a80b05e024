"""Read any office file into :class:`~coverage.imports.raw.Raw`; the format is told by content, never by name."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

from coverage.base.errors import FileRefusedError, Place
from coverage.imports.blocks import make_raw
from coverage.imports.columns import is_header
from coverage.imports.features import raw_of_features, raw_of_json
from coverage.imports.messages import chat_in_zip, is_chat, raw_of_chat
from coverage.imports.raw import Note, Raw
from coverage.imports.sheets import ALL_SHEETS, layers_together, together
from coverage.readers import web_tables
from coverage.readers.geofiles import read_geofile, sniff
from coverage.readers.tables import (
    LOOK_AHEAD,
    MAX_BYTES,
    NOT_TABLES,
    WORKBOOKS,
    Rows,
    choose_sheet,
    csv_rows,
    decode,
    workbook_rows,
)
from coverage.readers.web_tables import excel_xml_rows, html_rows, is_excel_xml, is_web_table
from coverage.readers.zones import known_crs

SELF_CHECKING = (b"PK", b"SQLite format 3")
"""Magic bytes of formats that detect damage."""
RASTERS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Magic bytes of TIFF."""


def read(path: str | Path, sheet: str | None = None, crs: str | None = None, name: str | None = None) -> Raw:
    """Read a list.

    Parameters
    ----------
    path
        Excel (xlsx, xlsb, xls), OpenDocument, CSV of any separator and encoding, GeoJSON, JSON, KML, KMZ, zipped
        Shapefile, GeoPackage, GeoParquet, GPX, a chat exported by WhatsApp (text or zip), or an Open Fibre Data
        Standard package.
    sheet : sheet or layer, where there are several; :data:`ALL_SHEETS` for all sheets with a list, joined
    crs : what the coordinates are, such as ``EPSG:32749``; it counts also where the file says otherwise
    name : file name to show, where ``path`` is a copy of an upload

    Raises
    ------
    FileRefusedError
        Missing, too large, damaged, unknown, hostile, or without rows; ``table.several_sheets`` and
        ``geofile.several_layers`` offer the sheets (``details["offered"]``) or layers to name.
    CrsError
        ``geofile.no_crs``: nothing says what the coordinates are; ``geofile.unknown_crs``: ``crs`` is none.
    ColumnError
        Two columns of one name.
    """
    path = Path(path)
    file = clean_name(name or path.name)
    data = _content(path, file)
    if crs is not None:
        known_crs(crs, file)
    if sheet not in (None, ALL_SHEETS) and not _has_layers(data):
        raise FileRefusedError("table.no_sheets", Place(file=file, sheet=sheet))
    raw = _read(path, data, file, sheet, crs)
    return replace(
        raw,
        given_crs=(crs or raw.given_crs) if raw.shapes is None else None,
        sha256=hashlib.sha256(data).hexdigest(),
        self_checking=data.startswith(SELF_CHECKING),
    )


def _read(path: Path, data: bytes, file: str, sheet: str | None, crs: str | None) -> Raw:
    if data.startswith(WORKBOOKS) and not _is_geozip(data):
        return _workbook(data, file, sheet)
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"{", b"[", b"\x1e{")) or re.match(rb"(?:var|let|const)\s+\w+\s*=\s*[\[{]", head):
        return raw_of_json(data, file, sheet, crs)
    if sniff(path) is not None:
        return _map(path, file, sheet, crs)
    if data.startswith(RASTERS):
        raise FileRefusedError("table.raster", Place(file=file))
    if data.startswith(NOT_TABLES):
        raise FileRefusedError("table.not_a_table", Place(file=file))
    if head.startswith(b"<") and len(data) > web_tables.MAX_BYTES:
        raise FileRefusedError("table.too_large", Place(file=file), limit_mb=web_tables.MAX_BYTES // 2**20)
    if is_excel_xml(data[:4096]):
        return _from_sheets(excel_xml_rows(data, file), {}, [], file, sheet)
    return _text(data, decode(data, file, markup=True), file)


def _text(data: bytes, text: str, file: str) -> Raw:
    """A web page's table, a chat, or a text of cells."""
    if is_web_table(text):
        return make_raw(html_rows(text, file), file)
    if text.lstrip().startswith("<"):
        raise FileRefusedError("table.not_a_table", Place(file=file))
    if is_chat(text):
        return raw_of_chat(text, file)
    raw = _all_or_refuse(csv_rows(text, file), file)
    if not _says_encoding(data):
        raw.notes.append(("imports.note.encoding", {"file": file}))
    return replace(raw, unfinished=_unfinished(text))


def _says_encoding(data: bytes) -> bool:
    """Whether a text file is UTF-8, or UTF-16 as its zeros show; any other encoding is a guess."""
    if 0 in data[:2000]:
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _map(path: Path, file: str, sheet: str | None, crs: str | None) -> Raw:
    """The only layer of a map, the one that was named, or all of them as one list; a chat in a zip."""
    if (chat := chat_in_zip(path, file)) is not None:
        return raw_of_chat(chat, file)
    wanted = None if sheet == ALL_SHEETS else sheet
    try:
        features = read_geofile(path, prefer=wanted or "assets", crs=crs, loose=True, name=file)
    except FileRefusedError as several:
        if sheet != ALL_SHEETS or several.code != "geofile.several_layers":
            raise
        layers = [str(name) for name in several.details["layers"]]
        found = [(name, read_geofile(path, prefer=name, crs=crs, loose=True, name=file)) for name in layers]
        return layers_together([raw_of_features(one, file, name) for name, one in found if not one.empty], file)
    return raw_of_features(features, file, wanted)


def clean_name(name: str) -> str:
    """Base name without control characters, for display only."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120] or "-"


def _has_layers(data: bytes) -> bool:
    """Whether a file's format has sheets or layers, so that a wrong name was refused already."""
    return data.startswith((*WORKBOOKS, b"SQLite format 3")) or is_excel_xml(data[:4096])


def _content(path: Path, file: str) -> bytes:
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileRefusedError("table.too_large", Place(file=file), limit_mb=MAX_BYTES // 2**20)
        return path.read_bytes()
    except OSError as error:
        raise FileRefusedError("file.unreadable", Place(file=file), problem=error.strerror or str(error)) from error


def _is_geozip(data: bytes) -> bool:
    """Whether a zip holds a map rather than a workbook."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [member.filename for member in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return not any(name in ("[Content_Types].xml", "mimetype") or name.startswith("xl/") for name in names)


def _workbook(data: bytes, file: str, sheet: str | None) -> Raw:
    tables, notes, merged = workbook_rows(data, file, None if sheet == ALL_SHEETS else sheet)
    return _from_sheets(tables, merged, notes, file, sheet)


def _from_sheets(
    tables: dict[str, Rows], merged: dict[str, list[list[int]]], notes: list[Note], file: str, sheet: str | None
) -> Raw:
    """The only sheet with a list, the named one, or all joined."""
    if sheet == ALL_SHEETS:
        return together(tables, merged, notes, file)
    if sheet is not None and sheet in tables:
        tables = {sheet: tables[sheet]}
    chosen = choose_sheet(tables, is_header, file)
    raw = make_raw(tables[chosen], file, chosen, merged=merged.get(chosen, []))
    raw.notes.extend(notes)
    return raw


def _all_or_refuse(rows: Rows, file: str) -> Raw:
    """Rows of a text file, unless nothing in it looks like a table."""
    if not any(len(cells) > 1 for _, cells in rows) and not any(is_header(cells[0]) for _, cells in rows[:LOOK_AHEAD]):
        raise FileRefusedError("table.not_a_table", Place(file=file))
    return make_raw(rows, file, None, ragged=True)


def _unfinished(text: str) -> bool:
    """Whether a text file ends mid-line."""
    return bool(text) and text[-1] not in "\r\n"
