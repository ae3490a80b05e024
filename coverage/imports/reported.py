"""What people reported, taken in as lists are: official lists, complaints, field tests, surveys.

A row is about the village that it names, or about the one that it lies in; where it says both, they must agree. Rows in
are rows accepted and rows refused, as with assets.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import ColumnError, Place
from coverage.imports.coordinates import read_places
from coverage.imports.places import Region
from coverage.imports.raw import Note, Raw
from coverage.imports.said_villages import nearest_names
from coverage.imports.values import cleaned, date_order, read_date
from coverage.readers.tables import TextTable, plain
from coverage.readers.village_lists import find_columns, row_codes
from coverage.readers.vocabulary import spellings
from coverage.reconcile import reconcile
from coverage.schema import EVIDENCE, check

ReportKind = Literal["official_list", "field_test", "survey", "complaint"]
PLACED = "agreed"
"""The match of a row that was found by its position."""


@dataclass(frozen=True)
class Reported:
    """What a list of reports says, row by row.

    Attributes
    ----------
    accepted
        Per :data:`coverage.schema.EVIDENCE`.
    refused
        ``row, sheet, code, details, values, offer``, as of an import of assets.
    rows
        How many rows the list has.
    notes
        What was understood that is not plain.
    raw
        What this was made from.
    """

    accepted: pd.DataFrame
    refused: pd.DataFrame
    rows: int
    notes: list[Note]
    raw: Raw


def read_reports(
    raw: Raw,
    columns: dict[str, str],
    region: Region,
    kind: ReportKind,
    claim: str | None = None,
    date: str | None = None,
) -> Reported:
    """Read every row as a report about a village.

    Parameters
    ----------
    raw
        The rows as read.
    columns
        Which column holds the coordinates, the claim, the date; the village is looked for among all columns.
    region
        Its villages.
    kind
        What the list is.
    claim
        The state that every row claims (``blank``, ``weak``, ``served``); needed where no column says it, except for an
        official list of blank spots.
    date
        ISO date or year of every row, where no column says it.

    Raises
    ------
    ColumnError
        No column says where the rows are, or nothing says what they claim.
    """
    count = len(raw.frame)
    code = np.full(count, "", dtype=object)
    details: list[dict[str, Any]] = [{} for _ in range(count)]
    given, found = _named(raw, region)
    village = np.array(found["village_code_bps"].replace("", None), dtype=object)
    match = np.array(found["status"], dtype=object)
    notes: list[Note] = []
    lies = _located(raw, columns, region, code, details, notes)
    if found["none"].all() and lies is None:
        raise ColumnError("imports.no_village", Place(raw.file, raw.sheet), columns=raw.columns[:30])
    _settle(village, match, lies, found, given, code, details, region)
    claims = _claims(raw, columns, kind, claim, code, details)
    dates = _dates(raw, columns, date, code, details)
    good = code == ""
    begins = f"{str(region.villages['village_code_bps'].iloc[0])[:4]}/{_digest(raw)}/{raw.file.replace(':', '_')}"
    accepted = pd.DataFrame(
        {
            "evidence_id": [f"{begins}:{row}" for row in raw.frame.index[good]],
            "village_code_bps": village[good],
            "kind": kind,
            "claimed_state": claims[good],
            "match": match[good],
            "given_code": given["code"].replace("", None).to_numpy(dtype=object)[good],
            "given_village": given["village"].replace("", None).to_numpy(dtype=object)[good],
            "given_subdistrict": given["subdistrict"].replace("", None).to_numpy(dtype=object)[good],
            "source": raw.file,
            "date": dates[good],
        }
    )
    bad = np.flatnonzero(~good)
    refused = pd.DataFrame(
        {
            "row": raw.frame.index.to_numpy()[bad],
            "sheet": pd.Series([raw.sheet] * len(bad), dtype=object),
            "code": code[bad],
            "details": pd.Series([details[at] for at in bad], dtype=object),
            "values": pd.Series(raw.frame.iloc[bad].to_dict("records"), dtype=object),
            "offer": pd.Series([None] * len(bad), dtype=object),
        }
    )
    return Reported(check(accepted, EVIDENCE), refused, count, [*raw.notes, *notes], raw)


def _digest(raw: Raw) -> str:
    cells = raw.frame.astype(str).agg("\x1f".join, axis=1)
    return hashlib.sha256("\x1e".join(cells).encode("utf-8", "replace")).hexdigest()[:12]


def _named(raw: Raw, region: Region) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each row says of its village, and what it was matched with; ``none`` where it says nothing."""
    villages = pd.DataFrame(region.villages.drop(columns="geometry"))
    columns = find_columns(TextTable(raw.frame, raw.file, raw.sheet, raw.header_row), villages)
    given = pd.DataFrame(
        {
            what: cleaned(raw.frame[columns[what][0]].tolist()) if what in columns else None
            for what in ("village", "subdistrict", "regency")
        },
        index=range(len(raw.frame)),
    )
    given["code"] = cleaned(row_codes(raw.frame, columns).tolist())
    given = given.astype(object).where(given.notna(), "")
    found = reconcile(given.assign(row=raw.frame.index.to_numpy()), villages, region.crosswalk)
    return given, found.assign(none=((given["village"] == "") & (given["code"] == "")).to_numpy())


def _located(
    raw: Raw,
    columns: dict[str, str],
    region: Region,
    code: NDArray[np.object_],
    details: list[dict[str, Any]],
    notes: list[Note],
) -> NDArray[np.object_] | None:
    """The village that each row lies in; None where the list has no positions."""
    if raw.shapes is None and "coordinates" not in columns and not {"lat", "lon"} <= set(columns):
        return None
    places = read_places(raw, columns)
    lies = np.full(len(raw.frame), None, dtype=object)
    good = np.flatnonzero(places.fault == "")
    if len(good):
        placed = region.place(places.shapes[good])
        lies[good] = placed["village_code_bps"].astype(object).where(placed["village_code_bps"].notna(), None)
    missing = places.fault == "import.no_coordinates"
    for at in np.flatnonzero((places.fault != "") & ~missing):
        code[at] = places.fault[at]
        details[at] = {"lat": places.lat_text[at] or "–", "lon": places.lon_text[at] or "–"}
    notes.extend(places.notes)
    return lies


def _settle(
    village: NDArray[np.object_],
    match: NDArray[np.object_],
    lies: NDArray[np.object_] | None,
    found: pd.DataFrame,
    given: pd.DataFrame,
    code: NDArray[np.object_],
    details: list[dict[str, Any]],
    region: Region,
) -> None:
    """Decide on the village of each row, by name and code, else by position."""
    none, candidates = found["none"].to_numpy(dtype=bool), found["candidates"].tolist()
    for at in range(len(village)):
        if code[at]:
            continue
        here = None if lies is None else lies[at]
        unnamed = none[at] or (match[at] == "ambiguous" and isinstance(here, str) and here in candidates[at])
        if unnamed and isinstance(here, str):
            village[at], match[at] = here, PLACED
        elif none[at]:
            code[at] = "import.no_village"
        elif village[at] is None:
            name = given["village"].iloc[at]
            details[at] = {
                "village": name or "–",
                "code": given["code"].iloc[at] or "–",
                "subdistrict": given["subdistrict"].iloc[at] or "–",
                "candidates": candidates[at] or "–",
                "nearest": nearest_names(name, region),
            }
            code[at] = "import.unknown_village" if match[at] == "not_found" else "import.code_and_name_differ"


def _claims(
    raw: Raw,
    columns: dict[str, str],
    kind: ReportKind,
    claim: str | None,
    code: NDArray[np.object_],
    details: list[dict[str, Any]],
) -> NDArray[np.object_]:
    otherwise = claim or ("blank" if kind == "official_list" else None)
    if "claim" not in columns:
        if otherwise is None:
            raise ColumnError("imports.no_claim", Place(raw.file, raw.sheet), offered=["blank", "weak", "served"])
        return np.full(len(raw.frame), otherwise, dtype=object)
    known, written = spellings("claim"), cleaned(raw.frame[columns["claim"]].tolist())
    made = np.array([otherwise if text is None else known.get(plain(text)) for text in written], dtype=object)
    for at in np.flatnonzero(pd.isna(made) & (code == "")):
        code[at], details[at] = (
            "import.unknown_claim",
            {"value": written[at] or "–", "offered": sorted(set(known.values()))},
        )
    return made


def _dates(
    raw: Raw, columns: dict[str, str], date: str | None, code: NDArray[np.object_], details: list[dict[str, Any]]
) -> NDArray[np.object_]:
    made = np.full(len(raw.frame), date, dtype=object)
    if "installed_on" not in columns:
        return made
    written = cleaned(raw.frame[columns["installed_on"]].tolist())
    order = date_order(written.tolist())
    for at, text in enumerate(written):
        if text is not None:
            made[at], both = read_date(text, order)
            if both and not code[at]:
                code[at] = "import.date_order"
                details[at] = {"value": text, "first": both[0], "second": both[1]}
    return made
