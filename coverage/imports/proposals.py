"""A list of proposals, as the register writes it or as an office keeps it, taken into the register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, Place, RowError
from coverage.imports.places import Region
from coverage.imports.values import read_date
from coverage.land.cells import villages_of_points
from coverage.language.words import LANGUAGES, Words
from coverage.places.reconcile import reconcile
from coverage.proposals.proposal import EDITED, Proposal
from coverage.readers.numbers import read_number
from coverage.readers.proposals import proposal_rules
from coverage.readers.tables import plain, read_table
from coverage.readers.village_lists import is_header, role_of
from coverage.store import Actor, Store

_FIELDS = ("proposal_id", "stage", "village", "subdistrict", *(name for name in EDITED if name != "answers"))
_NUMBERS = ("lat", "lon", "pocket", "year")
_NAMED = ("asked", "channel", "stage")
_KEY = ("village_code_bps", "asked", "channel", "year")
"""Fields by which a row without a code is known again, with the name of the point."""
_OTHER = {
    "kode_bps": "village_code_bps", "kode_kemendagri": "village_code_bps", "kode": "village_code_bps",
    "desa": "village", "kelurahan": "village",
    "latitude": "lat", "longitude": "lon", "lokasi": "name", "nama_lokasi": "name",
    "lintang": "lat", "bujur": "lon", "usulan": "name", "tahun_usulan": "year", "keterangan": "note", "status": "stage",
    "jenis_usulan": "asked", "no_referensi": "reference", "nama_desa": "village", "nama_kecamatan": "subdistrict",
}  # fmt: skip
"""Further headings that offices use."""
_ROLES = {"code": "village_code_bps", "code_bps": "village_code_bps", "code_kemendagri": "village_code_bps"}
_ROLES |= {"village": "village", "subdistrict": "subdistrict"}
"""Fields of columns of a list of villages (:func:`coverage.readers.village_lists.role_of`)."""


@dataclass(frozen=True)
class RegisterList:
    """Rows of a list by field, and their numbers in the file."""

    file: str
    sheet: str | None
    rows: tuple[Mapping[str, Any], ...]
    numbers: tuple[int, ...]


@cache
def _headings() -> dict[str, str]:
    """Field or item by heading, in every language."""
    found = {plain(name): name for name in (*_FIELDS, *proposal_rules().items)} | _OTHER
    for words in map(Words, LANGUAGES):
        found |= {plain(words(f"proposals.field.{name}")): name for name in _FIELDS}
        found |= {plain(item.name.in_language(words.language)): key for key, item in proposal_rules().items.items()}
    return found


def headings_of(columns: Sequence[str]) -> set[str]:
    """Fields and items of the register that headings name as it does, but for those of other lists."""
    known = {heading: name for heading, name in _headings().items() if heading not in ("status")}
    return {known[plain(name)] for name in columns if plain(name) in known}


@cache
def _values(field: str) -> dict[str, str]:
    """Key by name of a stage, a channel or what is asked for, in every language."""
    rules = proposal_rules()
    keys = {"asked": rules.asked, "channel": tuple(rules.channels), "stage": tuple(rules.stages)}[field]
    found = {plain(key): key for key in keys}
    for words in map(Words, LANGUAGES):
        for key in keys:
            name = rules.channels[key].name.in_language(words.language) if field == "channel" else None
            found[plain(name or words(f"proposals.{field}.{key}"))] = key
    return found


def read_register(
    path: str | Path, region: Region, sheet: str | None = None, given: Mapping[str, Any] | None = None
) -> RegisterList:
    """Read a list of proposals; its villages are found by code and name, else by position.

    Parameters
    ----------
    path : CSV or Excel, headed in any of the languages
    given : values of fields that the list does not have, such as channel and year

    Raises
    ------
    FileRefusedError, ColumnError
        If it is no table, or has neither a village nor a position.
    RowError
        Naming the row, the column, the value and what may stand there.
    """
    known = _headings()
    table = read_table(path, lambda cell: plain(cell) in known or is_header(cell), sheet)
    columns: dict[str, str] = {}
    for name in table.frame.columns:
        if (field := known.get(plain(name)) or _ROLES.get(role_of(name) or "")) is not None:
            columns.setdefault(field, name)
    if not {"village_code_bps", "village", "lat"} & set(columns):
        place = Place(file=table.file, sheet=table.sheet)
        raise ColumnError("proposals.no_village_column", place, columns=list(table.frame.columns))
    rows = []
    for number, cells in table.frame.iterrows():
        written = {field: re.sub(r"^'(?=[=+\-@])", "", cells[name]).strip() for field, name in columns.items()}
        try:
            rows.append(_read({**(given or {}), **{field: text for field, text in written.items() if text}}))
        except RowError as error:
            raise _at(error, table.file, table.sheet, int(str(number))) from error
    numbers = tuple(int(number) for number in table.frame.index)
    made = RegisterList(table.file, table.sheet, tuple(rows), numbers)
    return RegisterList(made.file, made.sheet, tuple(_with_villages(made, region)), numbers)


def take_in_register(
    found: RegisterList, store: Store, region: str, who: Actor | None, note: str | None = None
) -> tuple[int, int]:
    """Add what is new and change what is there; returns how many of each, in one change or not at all.

    A row without a code is the proposal of the same point, kind, channel and year, where there is one.

    Raises
    ------
    RowError
        Naming file and row; nothing is kept then.
    """
    before = {line.proposal.proposal_id: line for line in store.proposals.all(region, who)}
    named = {_key(line.proposal.as_values()): name for name, line in before.items()}
    rows = [{**row, "proposal_id": row.get("proposal_id") or named.get(_key(row))} for row in found.rows]
    try:
        made = store.proposals.add(rows, who, note or found.file, action="import")
    except RowError as error:
        at = (error.place.row or 1) - 1
        raise _at(error, found.file, found.sheet, found.numbers[at]) from error
    after = {line.proposal.proposal_id: line for line in store.proposals.all(region, who)}
    changed = [name for name in made if name in before and after[name].version != before[name].version]
    return sum(name not in before for name in made), len(changed)


def _key(values: Mapping[str, Any]) -> tuple[str, ...]:
    return (*(str(values.get(name)) for name in _KEY), str(values.get("name") or "").casefold())


def _at(error: RowError, file: str, sheet: str | None, row: int) -> RowError:
    place = Place(file=file, sheet=sheet, row=row, column=error.place.column, value=error.place.value)
    return RowError(error.code, place, **error.details)


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    """Values of one row by field."""
    values: dict[str, Any] = {"answers": {}}
    items = proposal_rules().items
    for field, text in row.items():
        if field in items:
            values["answers"][field] = text
        elif field in _NAMED:
            values[field] = _values(field).get(plain(str(text)), text)
        elif field in _NUMBERS and isinstance(text, str):
            number = read_number(text)
            if np.isnan(number):
                raise RowError("store.not_a_number", Place(column=field, value=text))
            values[field] = number
        elif field == "stage_on":
            date, _ = read_date(str(text), "dmy")
            values[field] = f"{date}-01-01" if date and len(date) == 4 else date or text
        else:
            values[field] = text
    return values


def _with_villages(found: RegisterList, region: Region) -> list[dict[str, Any]]:
    """Rows with the village's key; RowError where a row names none that is known."""
    asked = pd.DataFrame(
        [
            {
                "code": row.get("village_code_bps", ""),
                **{name: row.get(name, "") for name in ("village", "subdistrict")},
            }
            for row in found.rows
        ]
    )
    villages = pd.DataFrame(region.villages.drop(columns="geometry"))
    matched = reconcile(asked.assign(row=list(found.numbers)), villages, region.crosswalk)
    lon, lat = (pd.Series([row.get(name) for row in found.rows], dtype=float) for name in ("lon", "lat"))
    here = villages_of_points(
        region.villages, gpd.GeoSeries(gpd.points_from_xy(lon.fillna(0), lat.fillna(0)), crs=4326)
    )
    made = []
    for at, (row, match) in enumerate(zip(found.rows, matched.to_dict("records"), strict=True)):
        code = match["village_code_bps"] or match["village_code_kemendagri"]
        if not code and not any(asked.iloc[at]) and here[at] >= 0 and not np.isnan(lon[at]):
            code = villages["village_code_bps"].iloc[here[at]]
        if not code:
            value = " ".join(filter(None, asked.iloc[at].tolist())) or None
            place = Place(found.file, found.sheet, found.numbers[at], "village", value)
            raise RowError("proposals.unknown_village", place, offered=match["candidates"] or "–")
        rest = {name: value for name, value in row.items() if name not in ("village", "subdistrict")}
        name = rest.get("name") or villages.set_index("village_code_bps")["village"].get(code, str(code))
        made.append({**rest, "village_code_bps": code, "name": name})
    return made


def plan_rows(
    measures: Sequence[tuple[str, str, int]], villages: pd.DataFrame, channel: str, kept: Sequence[Proposal]
) -> list[dict[str, Any]]:
    """Proposals of a plan's measures (village, measure, year) that the register does not have yet."""
    there = {(one.village_code_bps, one.asked, one.year) for one in kept}
    names = villages.set_index("village_code_bps")["village"]
    takes = proposal_rules().channels[channel].takes
    return [
        {"name": names[code], "village_code_bps": code, "asked": measure, "channel": channel, "year": year}
        for code, measure, year in measures
        if measure in takes and (code, measure, year) not in there
    ]
