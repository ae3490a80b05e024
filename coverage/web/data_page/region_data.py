"""The data that a run was made from: source, age and quality."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from coverage.base.errors import JangkauError
from coverage.base.schema import STATES
from coverage.language.words import Words
from coverage.readers.shipped import REGIONS
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.store.region_files import Kind, RegionFiles, Version
from coverage.web import facts
from coverage.web.data_used import used_data

SHOWN = (
    "boundaries",
    "population",
    "people",
    "elevation",
    "crosswalk",
    "evidence",
    "measurements",
    "facilities",
    "assets",
)
"""Kinds of data, most important first."""
OLD_YEARS = 5
SHIPPED_DATES = {"boundaries": "2020", "population": "2020", "crosswalk": "2025", "evidence": "2023"}


@dataclass(frozen=True)
class Holding:
    """One kind of data of a region, in words."""

    kind: str
    used: str
    origin: str
    dated: str
    marks: tuple[str, ...] = ()
    version: Version | None = None
    undoable: bool = False
    given: bool = False
    """Whether it was given at the start, and cannot be replaced on the screen."""


@dataclass(frozen=True)
class RunTotals:
    """Totals of a run, for comparison."""

    counts: dict[str, int]
    villages: int
    population: float | None
    without: float | None
    states: pd.Series
    """State by BPS code under the default rule."""
    names: pd.Series
    """Village and subdistrict by BPS code."""


def outcome(analysis: Analysis) -> RunTotals:
    """Totals of a run under its default rule."""
    rule = next(rule for rule in analysis.parameters.rules if rule.name == analysis.parameters.default_rule)
    found = facts.summary(analysis, rule)
    villages = analysis.villages.set_index("village_code_bps")
    names = villages["village"] + " (" + villages["subdistrict"] + ")"
    return RunTotals(found.counts, len(villages), found.population, found.without_service, analysis.states(), names)


def comparison(before: RunTotals, after: RunTotals, words: Words) -> list[tuple[str, str, str]]:
    """Compared figures: caption, before, after."""
    rows = [(words("data.compare.villages"), words.number(before.villages), words.number(after.villages))]
    rows += [
        (
            words("data.compare.state", state=words(f"core.state.{state}")),
            words.number(before.counts[state]),
            words.number(after.counts[state]),
        )
        for state in STATES
    ]
    rows += [
        (words("data.compare.population"), words.number(before.population), words.number(after.population)),
        (words("data.compare.without"), words.number(before.without), words.number(after.without)),
    ]
    return rows


def changed_states(before: RunTotals, after: RunTotals) -> pd.DataFrame:
    """Villages of both runs whose state differs, by code: ``name, before, after``."""
    both = before.states.index.intersection(after.states.index).sort_values()
    moved = [code for code in both if before.states[code] != after.states[code]]
    return pd.DataFrame(
        {
            "name": [after.names[code] for code in moved],
            "before": [before.states[code] for code in moved],
            "after": [after.states[code] for code in moved],
        }
    )


def holdings(
    analysis: Analysis, inputs: Inputs, sources: Sources, files: RegionFiles | None, from_inventory: bool, words: Words
) -> list[Holding]:
    """Describe the data of a region, in the order of :data:`SHOWN`.

    Parameters
    ----------
    analysis, inputs
        The current run and its inputs.
    sources
        What was given at the start.
    files
        Kept files; None where the region was given as a file.
    from_inventory
        Whether the assets are those of the inventory.
    """
    return [_holding(kind, analysis, inputs, sources, files, from_inventory, words) for kind in SHOWN]


def _holding(
    kind: str,
    analysis: Analysis,
    inputs: Inputs,
    sources: Sources,
    files: RegionFiles | None,
    from_inventory: bool,
    words: Words,
) -> Holding:
    used, marks = used_data(kind, analysis, inputs, words)
    if kind == "assets":
        return Holding(kind, used, _assets_origin(inputs, sources, from_inventory, words), "–", marks)
    if kind == "facilities":
        return Holding(kind, used, "–", "–", marks)
    given = _given(kind, sources)
    if given:
        names = ", ".join(path.name for path in given)
        return Holding(kind, used, words("data.origin.given", files=names), _date_text(None, words), marks, given=True)
    kept: Kind = kind  # type: ignore[assignment]
    version = _safely(files, kept)
    undoable = bool(files and files.before(kept))
    if version is not None and version.files:
        return Holding(
            kind,
            used,
            _version_origin(version, words),
            _date_text(version.about.get("dated"), words),
            marks,
            version,
            undoable,
        )
    shipped = files is not None and files.code in REGIONS and kind in SHIPPED_DATES and version is None
    origin = "data.origin.shipped." + kind if shipped else "data.origin.none"
    if not shipped and kind == "population" and inputs.villages["population"].notna().any():
        every = inputs.people_imported >= int(inputs.villages["population"].notna().sum())
        origin = "data.origin.imported" if every else "data.origin.in_boundaries"
    dated = _date_text(SHIPPED_DATES[kind], words) if shipped else "–"
    return Holding(kind, used, words(origin), dated, marks, version, undoable)


def _safely(files: RegionFiles | None, kind: Kind) -> Version | None:
    try:
        return files.current(kind) if files else None
    except JangkauError:
        return None  # the run was refused for it before anything is shown


def _given(kind: str, sources: Sources) -> list[Path]:
    """Files of a kind given at the start."""
    region = [Path(sources.region)] if sources.region and Path(sources.region).is_file() else []
    people = [sources.people] if sources.people else []
    elevation: Sequence[Path] = sources.elevation
    return {
        "boundaries": region,
        "population": people,
        "people": people,
        "elevation": list(elevation),
        "crosswalk": [sources.crosswalk] if sources.crosswalk else [],
        "evidence": list(sources.evidence),
        "measurements": list(sources.measurements),
    }.get(kind, [])


def _assets_origin(inputs: Inputs, sources: Sources, from_inventory: bool, words: Words) -> str:
    if sources.assets:
        return words("data.origin.given", files=", ".join(path.name for path in sources.assets))
    if from_inventory:
        return words("data.origin.inventory")
    return words("data.origin.none" if inputs.assets is None else "data.origin.shipped.assets")


def _version_origin(version: Version, words: Words) -> str:
    about = version.about
    title = str(about.get("title") or "–")
    when = words.date(str(about["added_at"]))
    parts = [
        words(
            f"data.origin.{'fetch' if about.get('origin') == 'fetch' else 'upload'}",
            title=title,
            when=when,
            who=str(about.get("added_by", "–")),
        )
    ]
    if about.get("licence"):
        parts.append(words("data.origin.licence", licence=str(about["licence"])))
    if about.get("attribution"):
        parts.append(words("data.origin.attribution", attribution=str(about["attribution"])))
    return " ".join(parts)


def _date_text(dated: str | None, words: Words) -> str:
    """Date of the data, and whether they are old."""
    if not dated:
        return words("data.dated.unknown")
    year = int(dated[:4]) if re.match(r"\d{4}", dated) else None
    told = words("data.dated.of", date=words.date(dated) if _is_date(dated) else dated)
    if year is not None and dt.date.today().year - year > OLD_YEARS:
        return words("data.dated.old", told=told, years=dt.date.today().year - year)
    return told


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
