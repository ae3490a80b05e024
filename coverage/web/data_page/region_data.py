"""The data that a run was made from: source, age and quality."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from coverage.base.errors import JangkauError
from coverage.base.parameters import Rule
from coverage.base.schema import STATES
from coverage.imports.values import read_date
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.readers.shipped import REGIONS
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.store.region_files import Kind, RegionFiles, Version
from coverage.web import facts
from coverage.web.data_used import used_data

SHOWN: tuple[str, ...] = ("boundaries", "population", "people", "elevation", "clutter", "crosswalk")
SHOWN += ("evidence", "measurements", "hints", "facilities", "assets", "basemap", "tiles")
"""Kinds of data, most important first."""
OLD_YEARS = 5
SHIPPED_DATES = {"boundaries": "2020", "population": "2020", "crosswalk": "2025", "evidence": "2023"}
NATION_DATES = {"boundaries": "2025", "crosswalk": "2025"}
"""What ships for every other regency."""


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
    rule: Rule
    """The default rule."""


def outcome(analysis: Analysis) -> RunTotals:
    """Totals of a run under its default rule."""
    rule = analysis.parameters.rule()
    found = facts.summary(analysis, rule)
    villages = analysis.villages.set_index("village_code_bps")
    names = villages["village"] + " (" + villages["subdistrict"] + ")"
    people = (found.population, found.without_service)
    return RunTotals(found.counts, len(villages), *people, analysis.states(), names, rule)


def comparison(before: RunTotals, after: RunTotals, words: Words) -> list[tuple[str, str, str]]:
    """Compared figures: caption, before, after."""
    called = state_words(words, before.rule, after.rule)
    rows: list[tuple[str, float | None, float | None]] = [
        (words("data.compare.villages"), before.villages, after.villages),
        *((words("data.compare.state", state=called[one]), before.counts[one], after.counts[one]) for one in STATES),
        (words("data.compare.population"), before.population, after.population),
        (words("data.compare.without"), before.without, after.without),
    ]
    return [(caption, words.number(old), words.number(new)) for caption, old, new in rows]


def changed_states(before: RunTotals, after: RunTotals) -> pd.DataFrame:
    """Villages of both runs whose state differs, by code: ``name, before, after``."""
    both = before.states.index.intersection(after.states.index).sort_values()
    found = pd.DataFrame({"name": after.names[both], "before": before.states[both], "after": after.states[both]})
    return found[found["before"] != found["after"]].reset_index(drop=True)


def holdings(
    analysis: Analysis, inputs: Inputs, sources: Sources, files: RegionFiles | None, from_inventory: bool, words: Words
) -> list[Holding]:
    """Describe the data of a region, in the order of :data:`SHOWN`.

    ``files`` is None where the region was given as a file; ``from_inventory`` tells whose the assets are.
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
        origin, dated = _version_origin(version, words), _date_text(version.about.get("dated"), words)
        return Holding(kind, used, origin, dated, marks, version, undoable)
    ours = files is not None and files.code in REGIONS
    dates = SHIPPED_DATES if ours else NATION_DATES
    shipped = files is not None and kind in dates and version is None
    origin = f"data.origin.{'shipped' if ours else 'nation'}.{kind}" if shipped else "data.origin.none"
    if not shipped and kind == "population" and inputs.villages["population"].notna().any():
        every = inputs.people_imported >= int(inputs.villages["population"].notna().sum())
        origin = "data.origin.imported" if every else "data.origin.in_boundaries"
    dated = _date_text(dates[kind], words) if shipped else "–"
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
        "clutter": list(sources.clutter),
        "crosswalk": [sources.crosswalk] if sources.crosswalk else [],
        "evidence": list(sources.evidence),
        "measurements": list(sources.measurements),
        "hints": list(sources.hints),
    }.get(kind, [])


def _assets_origin(inputs: Inputs, sources: Sources, from_inventory: bool, words: Words) -> str:
    if sources.assets:
        return words("data.origin.given", files=", ".join(path.name for path in sources.assets))
    if from_inventory:
        return words("data.origin.inventory")
    return words("data.origin.none" if inputs.assets is None else "data.origin.shipped.assets")


def _version_origin(version: Version, words: Words) -> str:
    about = version.about
    when, key = words.date(str(about["added_at"])), "fetch" if about.get("origin") == "fetch" else "upload"
    parts = [words(f"data.origin.{key}", title=about.get("title") or "–", when=when, who=about.get("added_by"))]
    more = [name for name in ("licence", "attribution") if about.get(name)]
    return " ".join([*parts, *(words(f"data.origin.{name}", **{name: str(about[name])}) for name in more)])


def _date_text(dated: str | None, words: Words) -> str:
    """Date of the data, and whether they are old."""
    if not dated:
        return words("data.dated.unknown")
    year = int(dated[:4]) if re.match(r"\d{4}", dated) else None
    told = words("data.dated.of", date=words.date(dated) if read_date(dated, "dmy")[0] == dated else dated)
    if year is not None and dt.date.today().year - year > OLD_YEARS:
        return words("data.dated.old", told=told, years=dt.date.today().year - year)
    return told
