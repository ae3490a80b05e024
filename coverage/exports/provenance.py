"""Provenance stamped on every export: run id, date, sources, approximations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from coverage.language.notes import lacking_of, mark_sentence, notes_of
from coverage.language.words import Words
from coverage.places.regencies import regency_code
from coverage.run.result import RunTables

MOST_SOURCES = 5


@dataclass(frozen=True)
class Provenance:
    """Provenance of a run in the reader's language."""

    run_id: str
    version: str
    iso_date: str
    """Date of the run, else today."""
    date: str
    region: str
    rule: str
    """Label of the rule that decides the states."""
    inputs: tuple[tuple[str, str], ...]
    """File name and SHA-256 of every input."""
    approximations: tuple[str, ...]
    """Sentences on what is approximate or invented."""
    notes: tuple[str, ...]
    credits: tuple[str, ...] = ()
    """Who made the map that the run is drawn on."""
    lacking: tuple[str, ...] = ()
    """Those of the notes that say what is missing, which belong beside the figures."""

    def lines(self, words: Words) -> list[tuple[str, str]]:
        """Label and text, for a page of sources."""
        rows = [
            (words("exports.about.run_id"), self.run_id),
            (words("exports.about.date"), self.date),
            (words("exports.about.version"), self.version),
            (words("exports.about.region"), self.region),
            (words("exports.column.rule"), self.rule),
        ]
        source = words("exports.about.source")
        rows += [(source, f"{name} (SHA-256 {digest[:16]}…)" if digest else name) for name, digest in self.inputs]
        rows += [(words("exports.about.credit"), text) for text in self.credits]
        rows += [(words("exports.about.approximate"), text) for text in self.approximations]
        rows += [(words("exports.about.note"), text) for text in self.notes]
        return rows

    def footer(self, words: Words) -> str:
        """One line for a page footer."""
        return words("exports.about.footer", rule=self.rule, run_id=self.run_id, date=self.date, version=self.version)


def provenance(analysis: RunTables, words: Words) -> Provenance:
    """Collect the provenance of a run."""
    run = analysis.run
    iso_date = run_date(analysis)
    return Provenance(
        run_id=str(run["run_id"]),
        version=str(run.get("version", "")),
        iso_date=iso_date,
        date=words.date(iso_date),
        region=region_name(analysis.villages, words),
        rule=words.named("rule", analysis.parameters.default_rule),
        inputs=_inputs(run.get("inputs") or {}),
        approximations=tuple(mark_sentence(code, run, words) for code in run.get("approximations") or ()),
        notes=tuple(notes_of(run, words)),
        credits=tuple(map(str, run.get("credits") or ())),
        lacking=tuple(lacking_of(run, words)),
    )


def run_date(analysis: RunTables) -> str:
    """ISO date of the run, else today's."""
    return str(analysis.run.get("date") or dt.date.today().isoformat())[:10]


def region_name(villages: pd.DataFrame, words: Words) -> str:
    """Regencies and cities of the villages, at most three."""
    known = villages.dropna(subset="regency")
    named = known.assign(_area=regency_code(known["village_code_bps"])).drop_duplicates(["_area", "regency"])
    codes = zip(named["village_code_bps"], named["regency"], strict=True)
    names = sorted({regency_name(str(code), str(name), words) for code, name in codes})
    if len(names) > 3:
        return words("exports.about.many_regencies", count=len(names))
    return ", ".join(names)


def regency_name(code: str, name: str | None, words: Words) -> str:
    """Full name of a village's regency or city: Kabupaten Blitar, where the table says Blitar.

    Cities have 71 and above in digits 3 and 4 of the BPS code.
    """
    if not name or name.lower().startswith(("kab", "kota")):
        return name or "–"
    return words("exports.about.city" if code[2:4] >= "71" else "exports.about.regency", name=name)


def assets_source(assets: pd.DataFrame | None) -> str:
    """Sources of the assets, at most five; empty without assets."""
    if assets is None or assets.empty:
        return ""
    names = sorted({str(name) for name in assets["source"].dropna() if str(name)})
    return "; ".join([*names[:MOST_SOURCES], "…"] if len(names) > MOST_SOURCES else names)


def is_sample(assets: pd.DataFrame | None) -> bool:
    """Whether any asset is invented."""
    return assets is not None and bool((assets["source"] == "contoh").any())


def _inputs(files: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Base names (no local folders) and digests."""
    return tuple((PurePath(name.replace("\\", "/")).name, str(digest)) for name, digest in files.items())
