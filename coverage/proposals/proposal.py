"""A proposal: a point, what is asked for, through which channel, in which year, and its stage."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import pandas as pd

from coverage.base.errors import Place, RowError
from coverage.places.codes import parse_key
from coverage.places.regencies import regency_code
from coverage.proposals.rules import ProposalRules

TEXT_LIMIT = 2000
YEARS = (2000, 2100)
TEXTS = ("name", "hamlet", "reference", "reply", "letter", "note")


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a proposal.

    Attributes
    ----------
    version : name among the region's files (:class:`coverage.store.region_files.RegionFiles`)
    item : item of ``data/proposals.toml`` that it fills
    taken_at, lon, lat : where and when a photo says that it was taken
    """

    version: str
    name: str
    item: str
    sha256: str
    size: int
    taken_at: str | None = None
    lon: float | None = None
    lat: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A proposed point.

    Attributes
    ----------
    lon, lat : EPSG:4326; None where only the village is known
    pocket : number of the blank pocket in the village
    asked : what is asked for
    stage_on : ISO date of the stage
    reply, letter : what was answered, and number and date of the letter
    answers : what the office says to items of the channel
    struck_out : whether it was entered by mistake
    """

    proposal_id: str
    name: str
    village_code_bps: str
    asked: str
    channel: str
    year: int
    stage: str
    stage_on: str
    hamlet: str | None = None
    lon: float | None = None
    lat: float | None = None
    pocket: int | None = None
    reference: str | None = None
    reply: str | None = None
    letter: str | None = None
    note: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Attachment, ...] = ()
    struck_out: bool = False

    @property
    def has_place(self) -> bool:
        """Whether the point itself is known."""
        return self.lon is not None and self.lat is not None

    @property
    def region(self) -> str:
        """Code of the regency that it belongs to."""
        return str(regency_code(pd.Series([self.village_code_bps], dtype=str)).iloc[0])

    def as_values(self) -> dict[str, Any]:
        """Its fields as JSON takes them."""
        return asdict(self)


FIELDS = tuple(one.name for one in fields(Proposal))
EDITED = tuple(name for name in FIELDS if name not in ("proposal_id", "stage", "files", "struck_out"))
"""What a person fills in a form or a sheet, beside the stage."""


def proposal_of(values: Mapping[str, Any]) -> Proposal:
    """Proposal from :meth:`Proposal.as_values`; fields that an older version lacks have their defaults."""
    known = {name: value for name, value in values.items() if name in FIELDS}
    return Proposal(**{**known, "files": tuple(Attachment(**one) for one in known.get("files", ()))})


def checked(values: Mapping[str, Any], rules: ProposalRules, row: int | None = None) -> Proposal:
    """Make a proposal of values.

    Raises
    ------
    RowError
        Naming the field, its value and what may stand there.
    """
    given = {name: _plain(value) for name, value in values.items()}
    if unknown := sorted(set(given) - set(FIELDS)):
        raise RowError("store.unknown_field", Place(row=row, column=unknown[0]), offered=list(FIELDS))
    for name in TEXTS:
        given[name] = _text(given.get(name), name, row)
    for name, offered in (("asked", rules.asked), ("channel", rules.channels), ("stage", rules.stages)):
        _one_of(given.get(name), name, list(offered), row)
    takes = rules.channels[given["channel"]].takes
    if given["asked"] not in takes:
        raise RowError("proposals.not_taken", Place(row=row, column="asked", value=given["asked"]), offered=list(takes))
    if given["name"] is None:
        raise RowError("store.required", Place(row=row, column="name"))
    code = str(given.get("village_code_bps") or "")
    given["village_code_bps"] = parse_key(code)
    if given["village_code_bps"] is None:
        raise RowError("proposals.no_village", Place(row=row, column="village_code_bps", value=code or None))
    given["year"] = _whole(given.get("year"), "year", *YEARS, row)
    given["pocket"] = None if given.get("pocket") is None else _whole(given["pocket"], "pocket", 0, 10_000, row)
    _check_place(given, row)
    given["stage_on"] = _date(given.get("stage_on"), row)
    given["answers"] = _answers(given.get("answers") or {}, rules, row)
    return proposal_of(given)


def moved(proposal: Proposal, stage: str, on: str, rules: ProposalRules, **told: str | None) -> Proposal:
    """The proposal at its next stage.

    Parameters
    ----------
    on : ISO date of the stage
    told : ``reply``, ``letter``, ``reference`` where they are new

    Raises
    ------
    RowError
        If the stage cannot follow the present one, or the date lies before it.
    """
    new = {name: value for name, value in told.items() if value is not None}
    after = checked({**proposal.as_values(), **new, "stage": stage, "stage_on": on}, rules)
    if stage == proposal.stage:
        raise RowError("proposals.no_such_step", Place(column="stage", value=stage), **_steps(proposal, rules))
    require_step(proposal, after, rules)
    return after


def require_step(before: Proposal, after: Proposal, rules: ProposalRules, row: int | None = None) -> None:
    """Refuse a stage that cannot follow, or that begins before the one before it; RowError as :func:`moved`."""
    if after.stage == before.stage:
        return
    if after.stage not in rules.stages[before.stage].next:
        place = Place(row=row, column="stage", value=after.stage)
        raise RowError("proposals.no_such_step", place, **_steps(before, rules))
    if after.stage_on < before.stage_on:
        raise RowError(
            "proposals.earlier", Place(row=row, column="stage_on", value=after.stage_on), since=before.stage_on
        )


def _steps(proposal: Proposal, rules: ProposalRules) -> dict[str, Any]:
    return {"stage": proposal.stage, "offered": list(rules.stages[proposal.stage].next)}


def with_file(proposal: Proposal, file: Attachment) -> Proposal:
    """Add a file; the same once more is the one that is there."""
    return replace(proposal, files=(*(one for one in proposal.files if one.version != file.version), file))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if isinstance(value, str) and not value.strip() else value


def _text(value: Any, name: str, row: int | None) -> str | None:
    text = None if value is None else str(value).strip()
    if text is not None and len(text) > TEXT_LIMIT:
        raise RowError("store.too_long", Place(row=row, column=name), limit=TEXT_LIMIT)
    if text is not None and any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise RowError("store.bad_text", Place(row=row, column=name))
    return text


def _one_of(value: Any, name: str, offered: list[str], row: int | None) -> None:
    if value not in offered:
        raise RowError("store.unknown_value", Place(row=row, column=name, value=value), offered=offered)


def _whole(value: Any, name: str, least: int, most: int, row: int | None) -> int:
    try:
        number = float(value)
        fits = not isinstance(value, bool) and number.is_integer() and least <= number <= most
    except (TypeError, ValueError):
        fits = False
    if not fits:
        place = Place(row=row, column=name, value=value)
        raise RowError("store.out_of_range", place, minimum=str(least), maximum=str(most), unit="")
    return int(float(value))


def _check_place(given: dict[str, Any], row: int | None) -> None:
    """Both coordinates or none, on Earth."""
    for name, most in (("lon", 180), ("lat", 90)):
        if (value := given.get(name)) is None:
            continue
        try:
            given[name] = float(value)
            fits = not isinstance(value, bool) and abs(given[name]) <= most
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise RowError("store.not_a_number", Place(row=row, column=name, value=value))
    if (given.get("lon") is None) != (given.get("lat") is None):
        missing = "lon" if given.get("lon") is None else "lat"
        raise RowError("store.required", Place(row=row, column=missing))


def _date(value: Any, row: int | None) -> str:
    try:
        return dt.date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise RowError("store.not_a_date", Place(row=row, column="stage_on", value=value)) from error


def _answers(given: Mapping[str, Any], rules: ProposalRules, row: int | None) -> dict[str, str]:
    if unknown := sorted(set(given) - set(rules.items)):
        raise RowError("store.unknown_field", Place(row=row, column=unknown[0]), offered=list(rules.items))
    told = {name: _text(_plain(given[name]), name, row) for name in rules.items if name in given}
    return {name: text for name, text in told.items() if text}
