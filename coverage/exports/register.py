"""The register of proposals as Excel, CSV and GeoPackage, and its warnings and items in words."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import xlsxwriter

from coverage.base.kinds import Sign
from coverage.exports.columns import sentence_case as capital
from coverage.exports.kml import write_points_kmz
from coverage.exports.run_memo import cached_per_run
from coverage.exports.sanitize import neutral, neutral_frame
from coverage.exports.sheets import HEAD
from coverage.language.words import Words
from coverage.proposals.completeness import ItemState, completeness
from coverage.proposals.proposal import Attachment, Proposal
from coverage.proposals.rules import ProposalRules
from coverage.proposals.warnings import ProposalWarning
from coverage.readers.proposals import proposal_rules
from coverage.run.proposals import PointFound
from coverage.run.result import RunTables
from coverage.villages_served.blank_spots import listed_codes

COLUMNS = (
    "proposal_id", "name", "village_code_bps", "village", "subdistrict", "hamlet", "lat", "lon", "pocket", "asked",
    "channel", "year", "stage", "stage_on", "reference", "reply", "letter", "note",
)  # fmt: skip
"""Columns of the register in their order; after them one an item."""
NUMBERS = ("lat", "lon", "pocket", "year")
MOST_NAMED = 5
"""Facilities that are named."""
MOST_ROWS = 2000
"""Rows prepared for new proposals."""


def value_in_words(name: str, value: Any, words: Words) -> Any:
    """A value of a field as it is read: what is asked for, the channel and the stage by their names."""
    if name == "channel":
        channel = proposal_rules().channels.get(str(value))
        return str(value) if channel is None else channel.name.in_language(words.language)
    return words.label(f"proposals.{name}", str(value)) if name in ("asked", "stage") else value


def warning_sentence(warning: ProposalWarning, words: Words, rule: str = "") -> str:
    """A warning in words; ``rule`` is what the run's rule is called."""
    told = {name: value_in_words(name, value, words) for name, value in warning.values.items()}
    for name in ("since", "last", "date"):
        if name in told:
            told[name] = words.date(told[name])
    return words(f"proposals.warning.{warning.code}", rule=rule, **told)


def item_sentence(state: ItemState, words: Words) -> str:
    """What an item has, in words; empty where it has nothing."""
    said = state.value
    if said is not None and state.origin == "run":
        said = words("proposals.filled.run", value=said)
    if not state.item.files or not state.count:
        return said or ""
    what = "photos" if state.item.filled == "photos" else "files"
    key = what if state.done else f"few_{what}"
    counted = words(f"proposals.filled.{key}", count=state.count, needed=state.item.files)
    phone = state.count - len(state.files)
    from_phone = words("proposals.filled.from_phone", count=phone) if phone else ""
    return " · ".join(filter(None, (counted, from_phone, said)))


def photo_sentence(file: Attachment, words: Words, caption: str | None = None, from_point: str = "") -> str:
    """What a photo is of, when and where it was taken, as it says itself."""
    when = words.moment(file.taken_at) if file.taken_at else words("proposals.no_time")
    where = f"{file.lat:.5f}, {file.lon:.5f}{from_point}" if file.lat is not None else words("proposals.no_position")
    return " · ".join(filter(None, (caption or file.note, when, where)))


def known_of(point: PointFound | None, words: Words, listed: bool | None = None) -> dict[str, str]:
    """What a run knows of a point, in words, by what it fills (:class:`coverage.proposals.rules.Item`)."""
    if point is None:
        return {}
    told = {
        "people": None
        if point.people is None
        else words(f"proposals.known.{'pocket' if point.in_pocket else 'village'}", people=round(point.people)),
        "tower": None if point.tower_m is None else words.distance(point.tower_m),
        "fiber": None if point.fiber_m is None else words.distance(point.fiber_m),
        "official": None if listed is None else words(f"exports.{'yes' if listed else 'no'}"),
        "signal": _signal(point.measured, words),
        "facilities": _facilities(point, words),
    }
    return {name: text for name, text in told.items() if text}


_listed = cached_per_run(lambda analysis: listed_codes(analysis.evidence))


def items_of(analysis: RunTables, one: Proposal, point: PointFound | None, words: Words) -> list[ItemState]:
    """State of the items of a proposal's channel; ``point`` is what the run knows of its place."""
    on_lists: set[str] | None = _listed(analysis)
    listed = None if on_lists is None else one.village_code_bps in on_lists
    return completeness(one, proposal_rules(), known_of(point, words, listed), point.photos if point else 0)


def _facilities(point: PointFound, words: Words) -> str | None:
    """The nearest service points by name, and how many there are."""
    if point.facilities is None and not point.nearby:
        return None
    named = [
        f"{name} ({words.distance(metres)})" if metres is not None else name
        for name, metres in point.nearby[:MOST_NAMED]
    ]
    count = round(point.facilities or len(point.nearby))
    return ", ".join(named) + ("; " if named else "") + words("proposals.known.facilities", count=count)


def _signal(measured: pd.DataFrame, words: Words) -> str | None:
    """Measurements by operator: what was found and how often, the last date."""
    told = []
    for operator, rows in measured.fillna({"operator": "–"}).groupby("operator", sort=True):
        found = rows["class"].value_counts()
        classes = ", ".join(
            f"{words(f'start.result.{name}')} {words.number(int(found[name]))}×" for name in found.index
        )
        last = rows["date"].dropna().max() if rows["date"].notna().any() else None
        told.append(f"{operator}: {classes}" + (f" ({words.date(last)})" if last else ""))
    return "; ".join(told) or None


def register_table(
    proposals: Sequence[Proposal], villages: pd.DataFrame, words: Words, rules: ProposalRules
) -> pd.DataFrame:
    """The register in words, a row a proposal: :data:`COLUMNS` and the items, by their keys."""
    names = villages.set_index("village_code_bps")[["village", "subdistrict"]]
    rows = []
    for one in proposals:
        values: dict[str, Any] = {**one.as_values(), **one.answers}
        if one.village_code_bps in names.index:
            values["village"], values["subdistrict"] = names.loc[one.village_code_bps]
        rows.append({name: value_in_words(name, value, words) for name, value in values.items()})
    return pd.DataFrame(rows, columns=[*COLUMNS, *rules.items], dtype=object)


def headings(words: Words, rules: ProposalRules) -> dict[str, str]:
    """How columns of the register are headed, by key."""
    items = {key: item.name.in_language(words.language) for key, item in rules.items.items()}
    return {**{name: words(f"proposals.field.{name}") for name in COLUMNS}, **items}


def write_register_csv(proposals: Sequence[Proposal], villages: pd.DataFrame, words: Words) -> bytes:
    """Return the register as CSV, headed in the reader's language."""
    rules = proposal_rules()
    table = neutral_frame(register_table(proposals, villages, words, rules))
    return table.rename(columns=headings(words, rules)).to_csv(index=False).encode("utf-8-sig")


def _places(table: pd.DataFrame, villages: pd.DataFrame) -> gpd.GeoSeries:
    """Points of the register; of a proposal without one its village's centre."""
    centres = villages.set_index("village_code_bps")[["centre_lon", "centre_lat"]].reindex(table["village_code_bps"])
    lon, lat = (
        pd.Series(table[name].astype(float).to_numpy()).fillna(pd.Series(centres[f"centre_{name}"].to_numpy()))
        for name in ("lon", "lat")
    )
    return gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326)


def register_frame(proposals: Sequence[Proposal], villages: pd.DataFrame, words: Words) -> gpd.GeoDataFrame:
    """The register as points; a proposal without a point lies at its village's centre and says so (``placed``)."""
    table = register_table(proposals, villages, words, proposal_rules())[list(COLUMNS)]
    return gpd.GeoDataFrame(
        table.astype({"lon": float, "lat": float, "pocket": float, "year": int}).assign(placed=table["lon"].notna()),
        geometry=_places(table, villages),
    )


def write_register_gpkg(proposals: Sequence[Proposal], villages: pd.DataFrame, words: Words) -> bytes:
    """Return the register as a layer of points."""
    frame = register_frame(proposals, villages, words)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = Path(folder) / "proposals.gpkg"
        pyogrio.write_dataframe(frame, path, layer="proposals", driver="GPKG", geometry_type="Point")
        return path.read_bytes()


def write_register_kmz(proposals: Sequence[Proposal], villages: pd.DataFrame, words: Words) -> bytes:
    """Return the register for Google Earth, a folder a stage; a proposal without a point says that it has none."""
    rules = proposal_rules()
    table, heads = register_table(proposals, villages, words, rules), headings(words, rules)
    folders: dict[str, list[tuple[str, float, float, list[tuple[str, str]]]]] = {}
    for row, point in zip(table.to_dict("records"), _places(table, villages), strict=True):
        told = [(heads[str(name)], str(value)) for name, value in row.items() if isinstance(value, str) and value]
        told += [] if pd.notna(row["lon"]) else [(words("proposals.place"), words("proposals.warning.no_place"))]
        folders.setdefault(capital(row["stage"]), []).append((row["name"], point.x, point.y, told))
    return write_points_kmz(words("proposals.title"), folders, Sign(shape="star", colour="#CC0000"))


def write_register_xlsx(proposals: Sequence[Proposal], villages: pd.DataFrame, words: Words) -> bytes:
    """Return the register as a workbook that can be filled and taken in again, with choices to pick from."""
    rules, buffer = proposal_rules(), io.BytesIO()
    table, heads = register_table(proposals, villages, words, rules), headings(words, rules)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime(2026, 1, 1)})  # the same bytes every day
    sheet, lists = book.add_worksheet(words("proposals.title")), book.add_worksheet("daftar")
    lists.hide()
    head = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "text_wrap": True, "valign": "top", "border": 1}
    )
    text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
    place = book.add_format({"num_format": "0.000000", "valign": "top"})
    choices = _choices(villages, words, rules)
    for at, name in enumerate(table.columns):
        heading = heads[name][:1].upper() + heads[name][1:]
        sheet.write_string(0, at, heading, head)
        number = name in NUMBERS
        sheet.set_column(at, at, 12 if number else 18, None if number else text)
        for down, value in enumerate(table[name], start=1):
            if value is None or value is pd.NA or value != value:
                continue
            if number:
                sheet.write_number(down, at, value, place if name in ("lat", "lon") else None)
            else:
                sheet.write_string(down, at, neutral(str(value)), text)
        if name in choices:
            lists.write_column(0, at, choices[name])
            source = f"=daftar!${chr(65 + at)}$1:${chr(65 + at)}${len(choices[name])}"
            sheet.data_validation(1, at, len(table) + MOST_ROWS, at, {"validate": "list", "source": source})
    sheet.set_row(0, 45)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return buffer.getvalue()


def _choices(villages: pd.DataFrame, words: Words, rules: ProposalRules) -> dict[str, list[str]]:
    named: dict[str, Iterable[str]] = {"asked": rules.asked, "channel": rules.channels, "stage": rules.stages}
    told = {name: [str(value_in_words(name, key, words)) for key in keys] for name, keys in named.items()}
    return {**told, "subdistrict": sorted(set(villages["subdistrict"]))}


WRITERS = {
    ".xlsx": write_register_xlsx,
    ".csv": write_register_csv,
    ".gpkg": write_register_gpkg,
    ".kmz": write_register_kmz,
}
