"""Attributes of assets beside the position; unreadable values become remarks, to be checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.kinds import giving
from coverage.base.schema import NOT_YET, STATUSES
from coverage.imports.columns import cells
from coverage.imports.list_options import Choices
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.spellings import MergedSpelling, gather_companies, gather_words, status_in
from coverage.imports.values import (
    amounts,
    are_ahead,
    bands,
    cleaned,
    date_order,
    identifiers,
    is_serial,
    read_bands,
    read_date,
    remarks,
    yes_no,
)
from coverage.readers.kinds import asset_kinds
from coverage.readers.tables import plain

NOTED = ("address", "broken_since")
"""Fields that the inventory keeps in the note, under the heading of the list."""
_COUNTS = frozenset({"jumlah", "jml", "qty", "kuantitas", "jumlah_unit", "unit", "banyaknya", "jumlah_titik", "volume"})
"""Names of a column that says how many assets a row stands for."""
_TELLS_SECTORS = ("operator", "technology", "band_mhz", "azimuth_deg")
MOST_REACH = 4.0
"""A list may give an asset so many times the greatest reach of its kind."""
Fault = tuple[str, NDArray[np.bool_], dict[int, dict[str, Any]]]
"""Code, row positions, and the values for its sentence."""


@dataclass
class Fields:
    """Attributes by row, and faults.

    Attributes
    ----------
    unread : rows with an unreadable value, which stays in ``note``
    kept : columns whose values stay in ``note``
    """

    table: pd.DataFrame
    faults: list[Fault]
    notes: list[Note]
    gathered: list[MergedSpelling]
    unread: NDArray[np.bool_]
    filled: tuple[str, ...]
    kept: set[str]


def _shortly(value: object) -> str:
    return "" if value is None or value != value else f"/{value:g}" if isinstance(value, float) else f"/{value}"


class _Reader:
    def __init__(self, raw: Raw, choices: Choices) -> None:
        self.raw, self.choices = raw, choices
        self.count = len(raw.frame)
        self.faults: list[Fault] = []
        self.notes: list[Note] = []
        self.gathered: list[MergedSpelling] = []
        self.unread = np.zeros(self.count, dtype=bool)
        self.remarks: list[tuple[str, NDArray[np.object_]]] = []

    def text(self, what: str) -> NDArray[np.object_]:
        """Text of a column, None where empty."""
        if what not in self.choices.columns:
            return np.full(self.count, None, dtype=object)
        return cleaned(cells(self.raw, self.choices.columns, self.choices.also, what))

    def words(self, what: str, otherwise: str | None) -> pd.Series:
        """Kind or status in schema terms; the choice for all where there is no column."""
        if what not in self.choices.columns:
            return pd.Series([otherwise] * self.count, dtype=object)
        written = pd.Series(self.text(what), dtype=object).fillna("")
        found, merged = gather_words(what, written)
        self.gathered += merged
        if what == "status":
            empty = (written == "").to_numpy()
            found = found.where(~empty, otherwise)
            note_count(self.notes, "imports.note.status_assumed", empty)
        bad = found.isna().to_numpy()
        offered = list(asset_kinds()) if what == "kind" else list(STATUSES)
        told = {int(at): {"value": written[at] or "–", "offered": offered} for at in np.flatnonzero(bad)}
        self.faults.append((f"import.unknown_{what}", bad, told))
        return found

    def companies(self, what: str) -> pd.Series:
        """Owner or operator, spellings merged."""
        written = pd.Series(self.text(what), dtype=object).fillna("")
        found, told = gather_companies(what, written, self.choices.keep)
        self.gathered += told
        return found

    def keep(self, what: str, written: NDArray[np.object_], unread: NDArray[np.bool_]) -> None:
        """Keep unreadable values as remarks."""
        if unread.any():
            column = self.choices.columns[what]
            self.remarks.append((column, np.where(unread, written, np.array(None, dtype=object))))
            self.unread |= unread
            values = {"count": int(unread.sum()), "value": str(written[np.flatnonzero(unread)[0]])[:60]}
            self.notes.append(("imports.note.unread", {"column": column, **values}))

    def numbers(self, what: str) -> NDArray[np.float64]:
        """Quantities in the unit of the schema."""
        written = self.text(what)
        numbers, unread = amounts(what, written.tolist())
        self.keep(what, written, unread)
        return numbers

    def reaches(self, kinds: pd.Series) -> NDArray[np.float64]:
        """Reach of each asset; one that its kind cannot have is a remark, and the kind's own counts."""
        numbers, written = self.numbers("reach_m"), self.text("reach_m")
        most = {
            name: MOST_REACH * max((one.reach_max_m or one.reach_m for one in kind.gives), default=0)
            for name, kind in asset_kinds().items()
        }
        with np.errstate(invalid="ignore"):
            beyond = (numbers > kinds.map(most).to_numpy(dtype=float)) | (numbers == 0)
        self.keep("reach_m", written, beyond)
        return np.where(beyond, np.nan, numbers)

    def said_status(self, status: pd.Series) -> pd.Series:
        """Status that name, note, folder or a date of break-down tell where no cell of a status does."""
        assumed = np.ones(self.count, bool) if "status" not in self.choices.columns else pd.isna(self.text("status"))
        found = status.copy()
        columns = [self.choices.columns.get("name"), self.choices.columns.get("note"), "folder", "layer"]
        saying = np.full(self.count, "", dtype=object)
        for column in columns:
            if column in self.raw.frame:
                texts = self.raw.frame[column].astype(str).reset_index(drop=True)
                said = texts.map({text: status_in(text, alone=column != columns[0]) for text in texts.unique()})
                here = assumed & (said.notna() & (found == status)).to_numpy(dtype=bool)
                found, saying[here] = found.where(~here, said), texts[here]
        broken = self.text("broken_since")
        here = (
            assumed & (found == status).to_numpy() & np.array([bool(re.search(r"\d", text or "")) for text in broken])
        )
        found, saying[here] = found.where(~here, "damaged"), broken[here]
        told = (found != status).to_numpy() & status.notna().to_numpy()
        if told.any():
            self.unread |= told
            self.notes.append(("imports.note.status_said", {"count": int(told.sum()), "value": saying[told][0][:60]}))
        return found

    def several(self) -> set[str]:
        """Column that counts assets: a row stays one asset, and how many it stands for is kept and told."""
        free = [name for name in self.raw.columns if name not in self.choices.used() and plain(name) in _COUNTS]
        for column in free[:1]:
            counts = pd.to_numeric(self.raw.frame[column], errors="coerce").to_numpy(dtype=float)
            if (counts > 1).any():
                told = {"column": column, "count": int((counts > 1).sum()), "total": int(np.nansum(counts))}
                self.notes.append(("imports.note.several_assets", told))
                self.unread |= counts > 1
                return {column}
        return set()

    def answers(self, what: str) -> NDArray[np.object_]:
        """Yes, no or empty."""
        written = self.text(what)
        found, unread = yes_no(written.tolist())
        self.keep(what, written, unread)
        return found

    def bands(self) -> NDArray[np.float64]:
        """The lowest carrier frequency of each row; where a row names several, all of them stay as a remark."""
        written = self.text("band_mhz")
        lowest, several, unread = bands(written.tolist())
        if several.any():
            column, first = self.choices.columns["band_mhz"], str(written[np.flatnonzero(several)[0]])
            self.remarks.append((column, np.where(several, written, np.array(None, dtype=object))))
            told = {"column": column, "count": int(several.sum()), "value": first[:60]}
            listed = " / ".join(f"{band:g}" for band in read_bands(first))
            self.notes.append(("imports.note.bands", told | {"listed": listed}))
        self.keep("band_mhz", written, unread)
        return lowest

    def dates(self, what: str) -> NDArray[np.object_]:
        """ISO dates or years; an ambiguous order of day and month is refused."""
        written = self.text(what)
        order = self.choices.dates or date_order(written.tolist())
        made = np.full(self.count, None, dtype=object)
        unread, unsure = np.zeros(self.count, dtype=bool), np.zeros(self.count, dtype=bool)
        told: dict[int, dict[str, Any]] = {}
        zones, serials = 0, [text for text in written if text is not None and is_serial(text)]
        for at, text in enumerate(written):
            if text is None:
                continue
            made[at], both = read_date(text, order)
            unsure[at], unread[at] = bool(both), made[at] is None and not both
            zones += bool(re.search(r"\dT\d", text)) or text.endswith(("WIB", "WITA", "WIT", "Z"))
            if both:
                told[at] = {"value": text, "first": both[0], "second": both[1]}
        if zones:
            self.notes.append(("imports.note.moments", {"count": zones}))
        if serials:
            first = {"value": serials[0].removesuffix(".0"), "day": read_date(serials[0], None)[0]}
            self.notes.append(("imports.note.serial_dates", {"count": len(serials), **first}))
        self.faults.append(("import.date_order", unsure, told))
        self.keep(what, written, unread)
        return made

    def look_ahead(self, table: pd.DataFrame) -> None:
        """Point out dates of installation in the future, but of what is not built yet."""
        built = ~table["status"].isin(NOT_YET)
        ahead = are_ahead(table["installed_on"]) & built.to_numpy()
        if ahead.any():
            self.unread |= ahead
            first = table["installed_on"].to_numpy()[ahead][0]
            self.notes.append(("imports.note.future_dates", {"count": int(ahead.sum()), "value": first}))

    def ids(self, table: pd.DataFrame) -> NDArray[np.object_]:
        """Identifiers; doubled ones, and those that lost digits, are refused."""
        found, damaged = identifiers(self.text("asset_id").tolist())
        found = self._of_sectors(found, table)
        twice = pd.Series(found).duplicated(keep=False).to_numpy() & pd.notna(found)
        for code, where in (("import.damaged_number", damaged), ("import.duplicate_id", twice)):
            self.faults.append((code, where, {int(at): {"value": found[at]} for at in np.flatnonzero(where)}))
        self._near_ids(found)
        return found

    def _of_sectors(self, found: NDArray[np.object_], table: pd.DataFrame) -> NDArray[np.object_]:
        """Codes of sectors and services whose list has the code of their site alone, at one place in each row."""
        codes, cellular = pd.Series(found), table["kind"].isin(giving(asset_kinds(), "cellular"))
        where = [self.choices.columns[one] for one in ("lat", "lon", "coordinates") if one in self.choices.columns]
        doubled = cellular & codes.notna() & codes.duplicated(keep=False)
        if not where or not doubled.any():
            return found
        places = self.raw.frame[where].reset_index(drop=True).agg("/".join, axis=1)
        own = codes.fillna("")
        for one in _TELLS_SECTORS:
            own = own + table[one].map(_shortly)
        rows, told, at = (one.groupby(codes).transform("nunique") for one in (pd.Series(codes.index), own, places))
        apart = (at > 1) | (told < rows)
        sectors = (doubled & ~apart).to_numpy()
        if sectors.any():
            table["site_id"] = table["site_id"].where(table["site_id"].notna() | ~sectors, codes)
            self.notes.append(("imports.note.sectors", {"count": int(sectors.sum()), "value": own[sectors].iloc[0]}))
        return np.where(sectors, own, found)

    def _near_ids(self, found: NDArray[np.object_]) -> None:
        """Point out identifiers that differ in case and blanks alone."""
        key = pd.Series(found).map(lambda text: "".join(text.split()).casefold() if isinstance(text, str) else None)
        spelt = pd.Series(found).groupby(key).transform("nunique").fillna(0)
        near = (spelt > 1).to_numpy()
        if near.any():
            first = key[near].iloc[0]
            told = " / ".join(dict.fromkeys(str(text) for text in found[(key == first).to_numpy()]))
            self.unread |= near
            self.notes.append(("imports.note.near_ids", {"count": int(near.sum()), "values": told}))


def read_fields(raw: Raw, choices: Choices) -> Fields:
    """Read all attributes but the position."""
    reader = _Reader(raw, choices)
    kind = reader.words("kind", choices.kind)
    status = reader.said_status(reader.words("status", choices.status))
    table = pd.DataFrame(
        {
            "asset_id": pd.Series([None] * len(raw.frame), dtype=object),
            "site_id": pd.Series(reader.text("site_id"), dtype=object),
            "kind": kind,
            "name": reader.text("name"),
            "status": status,
            "owner": reader.companies("owner"),
            "operator": reader.companies("operator"),
            "height_m": reader.numbers("height_m"),
            "band_mhz": reader.bands(),
            "reach_m": reader.reaches(kind),
            **{name: reader.numbers(name) for name in ("azimuth_deg", "tilt_deg", "eirp_dbm")},
            **{name: reader.text(name) for name in ("technology", "antenna")},
            "on_fiber": reader.answers("on_fiber"),
            "installed_on": reader.dates("installed_on"),
            "source": reader.text("source"),
        }
    )
    table["asset_id"] = reader.ids(table)
    reader.look_ahead(table)
    if "status" not in choices.columns:
        reader.notes.append(("imports.note.status_assumed", {"count": len(raw.frame)}))
    routes_by_id = kind.isin(asset_kinds().lines).to_numpy()
    if raw.shapes is None and routes_by_id.any():
        # The points of a route share its identifier.
        reader.faults = [
            (code, where & ~routes_by_id if code == "import.duplicate_id" else where, told)
            for code, where, told in reader.faults
        ]
    parts: list[tuple[str, NDArray[np.object_]]] = [("", reader.text("note"))]
    kept = {choices.columns[what] for what in NOTED if what in choices.columns} | reader.several()
    parts += [(column, cleaned(raw.frame[column].astype(str).tolist())) for column in raw.columns if column in kept]
    table["note"] = remarks([*parts, *reader.remarks], len(raw.frame))
    filled = tuple(name for name in table.columns if name in choices.columns)
    if kept or reader.remarks:
        filled = (*filled, "note") if "note" not in filled else filled
    return Fields(table, reader.faults, reader.notes, reader.gathered, reader.unread, filled, kept)
