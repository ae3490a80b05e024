"""Options of an import, guessed until a person confirms them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from coverage.base.errors import ParameterError, Place
from coverage.base.model_options import DateOrder
from coverage.imports.columns import code_fit, field_of, guess_columns, other_columns
from coverage.imports.coordinates import says_place
from coverage.imports.numbers import guess_figures
from coverage.imports.raw import Raw
from coverage.imports.spellings import known_word
from coverage.readers.tables import TextTable, plain
from coverage.readers.village_lists import find_columns
from coverage.readers.vocabulary import FIELDS, column_ranks, landmark_kind, spellings

Record = Literal[
    "assets", "official_list", "complaint", "field_test", "survey", "ministry", "podes", "operator", "villages",
    "landmarks",
]  # fmt: skip
"""What a list holds: assets, reports, figures of villages, or hamlets and public-service points."""
RECORDS: tuple[Record, ...] = get_args(Record)
REPORTS: tuple[Record, ...] = tuple(one for one in RECORDS if one not in ("assets", "villages", "landmarks"))
_FACILITIES = {"npsn", "sekolah", "madrasah", "puskesmas", "posyandu", "faskes", "pasar", "fasilitas"}
_SIGNAL = {"blank", "blankspot", "spot", "sinyal", "signal"}
_NETWORK = {"fiber", "fo", "site", "internet"}
_COMPLAINT = {"aduan", "pengaduan", "keluhan", "laporan", "pelapor", "pesan", "message"}
_SURVEY = {"podes", "survei", "survey", "pendataan", "sensus", "kekuatan", "kuesioner", "questionnaire"}
NO_STATES = frozenset(
    {"desa", "kelurahan", "mandiri", "maju", "berkembang", "tertinggal", "sangat_tertinggal", "swadaya"}
)
"""What a status of villages says that is no state of the signal: what they are, and how developed (IDM)."""
VILLAGE = ("village", "subdistrict", "regency", "village_code", "lat", "lon", "coordinates", "zone")
"""Fields that identify a village."""
FIELDS_OF: dict[Record, tuple[str, ...]] = {
    "assets": FIELDS,
    **dict.fromkeys(REPORTS, (*VILLAGE, "hamlet", "claim", "reported_on", "operator")),
    "complaint": (*VILLAGE, "hamlet", "claim", "reported_on", "operator", "text", "address"),
    "villages": (*VILLAGE, "population"),
    "landmarks": (*VILLAGE, "asset_id", "kind", "name", "hamlet", "electricity", "internet", "population"),
}
"""Fields by kind of list."""


@dataclass(frozen=True)
class Choices:
    """How a list is to be understood.

    Attributes
    ----------
    columns : from field (:data:`coverage.readers.vocabulary.FIELDS`) to the column that holds it
    kind : what every asset or landmark is; None where a column says it, or names do
    status : what rows have whose list says nothing of a status
    dates : whether 03/04/2024 is the third of April (``dmy``) or the fourth of March (``mdy``); None asks
    keep : ``(field, spelling)`` pairs of companies that are not to be gathered under another name
    repairs
        Codes of repairs (:class:`coverage.imports.repairs.Offer`) accepted for every row that they are offered for.
    repaired_rows : rows (numbers as in the file) for which the offered repair is accepted
    claim : the state that every report claims whose list does not say one; None where a column says it
    dated : ISO date or year of every report, where no column says it
    figures : columns of numbers by village. With none and no ``population``, rows are counted: each is a facility.
    also : further columns of a field that has one in ``columns``, see :func:`coverage.imports.columns.other_columns`
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    status: str = "operational"
    dates: DateOrder | None = None
    keep: frozenset[tuple[str, str]] = frozenset()
    repairs: frozenset[str] = frozenset()
    repaired_rows: frozenset[int] = frozenset()
    record: Record = "assets"
    claim: str | None = None
    dated: str | None = None
    figures: tuple[str, ...] = ()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_columns(self, columns: Mapping[str, str]) -> Choices:
        """A copy with other columns."""
        also = {what: more for what, more in self.also.items() if self.columns.get(what) == columns.get(what)}
        return replace(self, columns=dict(columns), also=also)

    def with_named(self, given: Sequence[str]) -> Choices:
        """A copy with columns as given: ``lat=KOLOM``, once more for a further one, ``lat=`` for none.

        Raises
        ------
        ParameterError
            Without a sign of equality, or for no field.
        """
        named: dict[str, list[str]] = {}
        known = FIELDS_OF[self.record]
        for text in given:
            what, sign, column = (part.strip() for part in text.partition("="))
            if not sign or what not in known:
                raise ParameterError("imports.bad_column", Place(value=text), offered=[f"{name}=" for name in known])
            named.setdefault(what, []).extend([column] if column else [])
        columns = {what: name for what, name in self.columns.items() if what not in named}
        columns |= {what: names[0] for what, names in named.items() if names}
        chosen = self.with_columns(columns)
        also = {what: more for what, more in chosen.also.items() if what not in named}
        return replace(chosen, also=also | {what: tuple(names[1:]) for what, names in named.items() if names[1:]})

    def used(self) -> set[str]:
        """Every column that something is taken from."""
        return {*self.columns.values(), *self.figures, *(name for more in self.also.values() for name in more)}


def guess(raw: Raw, kind: str | None = None, record: Record | None = None) -> Choices:
    """Guess the options, to be confirmed with sample values.

    Parameters
    ----------
    kind : kind of all assets, if known; else a column for it is looked for
    """
    record = record or ("assets" if kind else "complaint" if _holds_texts(raw) else _guess_record(raw))
    if record != "assets":
        columns = guess_columns(raw, FIELDS_OF[record]) | _village_columns(raw)
        if record == "landmarks":
            columns |= _landmark_column(raw, columns)
        if "text" in columns and field_of(columns.get("village_code", "")) != "village_code":
            columns.pop("village_code", None)  # the number of a complaint
        if record in REPORTS and "claim" not in columns:
            columns |= _claim_column(raw, columns) or _state_column(raw, columns, record)
        years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", raw.file)
        return Choices(
            columns,
            record=record,
            claim="blank" if record in ("official_list", "ministry") and "claim" not in columns else None,
            dated=years[0] if len(years) == 1 and record in REPORTS else None,
            figures=guess_figures(raw, columns.values()) if record == "villages" and not _repeats(raw, columns) else (),
            also=other_columns(raw, columns) | _more_of(raw, columns, "hamlet", "text"),
            kind=kind if record == "landmarks" else None,
        )
    columns = guess_columns(raw)
    if kind is not None:
        columns.pop("kind", None)
    return Choices(columns=columns, kind=kind, also=other_columns(raw, columns))


def _landmark_column(raw: Raw, columns: Mapping[str, str]) -> dict[str, str]:
    """Column whose values are kinds of landmark, whatever its name."""
    for name in raw.columns:
        values, told = raw.samples(name, 50), (None,) if field_of(name) == "kind" else (None, "hamlet")
        known = sum(landmark_kind(value) not in told for value in values)  # hamlets stand in addresses, too
        if name not in columns.values() and known * 2 > len(values):
            return {"name" if "name" not in columns and "hamlet" not in columns else "kind": name}
    return {}


def _more_of(raw: Raw, columns: Mapping[str, str], *fields: str) -> dict[str, tuple[str, ...]]:
    """Further columns of fields that several hold together, such as RT and RW, or title and text of a complaint."""
    found = {what: [name for name in raw.columns if field_of(name) == what] for what in fields if what in columns}
    return {what: tuple(more) for what, names in found.items() if (more := [n for n in names if n != columns[what]])}


def _village_columns(raw: Raw) -> dict[str, str]:
    """Columns that identify the village, as in other lists of villages."""
    found = find_columns(TextTable(raw.frame, raw.file, raw.sheet, raw.header_row))
    codes = [name for role in ("code_bps", "code", "code_kemendagri") for name in found.get(role, [])]
    codes = [name for name in codes if code_fit(raw, name) >= 0] or ([] if "village" in found else codes)
    named = {role: found[role][0] for role in ("village", "subdistrict", "regency") if role in found}
    if field_of(named.get("village", "")) == "name" and says_place(raw, guess_columns(raw, VILLAGE)):
        del named["village"]  # with only a name and a position of its own it is no village
    return named | ({"village_code": codes[0]} if codes else {})


def _repeats(raw: Raw, columns: Mapping[str, str]) -> bool:
    """Whether villages repeat: then a row is something in a village."""
    named = [columns[what] for what in ("village", "subdistrict") if what in columns]
    rows = raw.frame[raw.frame[columns["village"]] != ""] if "village" in columns else raw.frame.iloc[:0]
    return len(rows) > 3 and bool(rows.duplicated(named).mean() > 0.2)


def _claim_column(raw: Raw, columns: Mapping[str, str]) -> dict[str, str]:
    """Column whose values state the signal, whatever its name."""
    for name in raw.columns:
        values = raw.samples(name, 50)
        known = sum(known_word("claim", value) is not None for value in values)
        if name not in columns.values() and known * 2 > len(values):
            return {"claim": name}
    return {}


def _state_column(raw: Raw, columns: Mapping[str, str], record: Record) -> dict[str, str]:
    """Column of an official list named as one of states: its words are read or its rows refused, never all blank."""
    ranks = column_ranks()
    for name in raw.columns if record == "official_list" else ():
        said = {plain(value) for value in raw.samples(name, 50)}
        if name not in columns.values() and plain(name) in {**ranks["claim"], **ranks["status"]} and said - NO_STATES:
            return {"claim": name}
    return {}


def _asks(raw: Raw) -> bool:
    """Whether a column says yes or no of the electricity or internet of something."""
    columns = [name for name in raw.columns if field_of(name) in ("electricity", "internet")]
    known = [known_word("yes_no", value) is not None for name in columns for value in raw.samples(name, 50)]
    return sum(known) * 2 > len(known)


def _holds_texts(raw: Raw) -> bool:
    """Whether rows are complaints or messages in free text."""
    asset = guess_columns(raw, ("asset_id", "kind", "height_m", "owner", "band_mhz", "claim"))
    return bool(
        guess_columns(raw, ("text",)) and not asset and set(plain(" ".join(raw.columns)).split("_")) & _COMPLAINT
    )


def _guess_record(raw: Raw) -> Record:
    """Guess what a list holds by columns, title and file name; assets by default."""
    columns = guess_columns(raw, (*FIELDS, "claim", "population"))
    title = "" if raw.block is None or not len(raw.block) else str(raw.block[0])
    words = set(plain(f"{raw.file} {title} {' '.join(raw.columns)}").split("_"))
    network = {*_NETWORK, *(word for word in spellings("kind") if "_" not in word)}
    complaint = bool(words & _COMPLAINT)
    if "asset_id" in columns and not says_place(raw, columns) and code_fit(raw, columns["asset_id"]) >= 0:
        del columns["asset_id"]  # codes of villages
    if "claim" in columns and plain(columns.get("asset_id", "")) == "uuid":
        del columns["asset_id"]  # of a submission to KoboToolbox
    if {"owner", "operator", "height_m", "asset_id", "kind", "band_mhz"} & set(columns):
        return "field_test" if "claim" in columns and "uji" in words else "assets"
    of_hamlets = any(field_of(name) == "hamlet" for name in raw.columns) and not words & _SIGNAL
    if "claim" in columns:
        if "podes" in words:
            return "podes"
        return "complaint" if complaint else "survey" if words & _SURVEY else "field_test"
    if not {"village", "village_code"} & (set(columns) | set(_village_columns(raw))):
        return "assets"
    if says_place(raw, columns):
        if "population" in columns:
            return "landmarks" if of_hamlets else "villages"
        if complaint:
            return "complaint"
        network -= {"internet"} if _asks(raw) else set()
        return "landmarks" if of_hamlets or (words & _FACILITIES and not words & network) else "assets"
    if of_hamlets and "name" not in columns and not complaint:
        return "landmarks"
    taken = [*columns.values(), *_village_columns(raw).values()]
    if "population" in columns or guess_figures(raw, taken):
        return "villages"
    return "complaint" if complaint else "official_list"
