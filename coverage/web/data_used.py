"""What a run uses of each kind of data, in words: said alike on pages Data and Mulai."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coverage.language.notes import note_sentence
from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis

COVER = tuple(f"elevation.note.{name}" for name in ("land_cover", "surface_model", "footprints", "cover_partly"))
"""Notes of what stands on the ground."""
HINTS = {"cells.note.read": "cells", "speed_tiles.note.read": "tests"}
"""Notes of hints of service, and whose licence counts for them."""


def used_data(kind: str, analysis: Analysis, inputs: Inputs, words: Words) -> tuple[str, tuple[str, ...]]:
    """Source of a kind in a run, and what is approximate about it."""
    villages, marks = analysis.villages, analysis.run["approximations"]
    count = words.number(len(villages))
    if kind == "boundaries":
        area = words.number(float(villages["area_km2"].sum()))
        return words("data.used.boundaries", count=count, area=area), _of(marks, "approximate_boundaries")
    if kind == "population":
        known = villages["population"].notna()
        total = words.number(float(villages["population"].sum()))
        told = (
            words("data.used.population", known=int(known.sum()), count=count, total=total)
            if known.any()
            else words("data.used.no_population")
        )
        if inputs.people_imported:
            told += " " + words("data.used.people_imported", count=inputs.people_imported)
        return told, _of(marks, "estimated_people")
    if kind == "people":
        evenly = inputs.people_places is None
        return words("data.used.even" if evenly else "data.used.places"), _of(marks, "even_people")
    if kind in ("elevation", "clutter"):
        return _ground_used(kind, analysis, inputs, words), ()
    if kind == "crosswalk":
        coded = int(villages["village_code_kemendagri"].notna().sum())
        return words("data.used.crosswalk", coded=coded, count=count), ()
    if kind in ("evidence", "hints"):
        return (_evidence_used if kind == "evidence" else _hints_used)(analysis, words), ()
    if kind == "measurements":
        return _measurements_used(analysis, inputs, words), ()
    if kind == "facilities":
        return _facilities_used(inputs, words), ()
    if kind in ("basemap", "tiles"):
        return _drawn_on(kind, analysis, words), ()
    assets = analysis.assets
    if assets is None:
        return words("data.used.no_assets"), ()
    return words("data.used.assets", count=len(assets)), _of(marks, "sample_assets")


def _ground_used(kind: str, analysis: Analysis, inputs: Inputs, words: Words) -> str:
    tiles: Sequence[Path] = inputs.elevation if kind == "elevation" else inputs.clutter
    if not tiles:
        return words(f"data.used.no_{kind}")
    told = [note for note in analysis.run["notes"] if note["code"] in COVER]
    if kind == "elevation" or not told:
        return words("data.used.elevation" if kind == "elevation" else "data.used.clutter_alone", count=len(tiles))
    return " ".join(note_sentence(note, words) for note in told)


def _drawn_on(kind: str, analysis: Analysis, words: Words) -> str:
    kept = analysis.basemap if kind == "basemap" else analysis.tiles
    if kept is None:
        return words(f"data.used.no_{kind}")
    if kind == "tiles":
        return words("data.used.tiles", count=kept.counts.get("tiles", 0))
    roads, places = (kept.counts.get(name, 0) for name in ("road", "place"))
    return words("data.used.basemap", count=sum(kept.counts.values()), roads=roads, places=places)


def _of(marks: Sequence[str], *wanted: str) -> tuple[str, ...]:
    return tuple(mark for mark in wanted if mark in marks)


def _hints_used(analysis: Analysis, words: Words) -> str:
    named = hint_licences(analysis, words)
    if not named or analysis.evidence is None:
        return words("data.used.no_hints")
    hints = analysis.evidence[analysis.evidence["kind"] == "hint"]
    return words("data.used.hints", villages=hints["village_code_bps"].nunique(), licences="; ".join(named))


def _codes_of(analysis: Analysis) -> list[str]:
    """Codes of the notes of a run, each once."""
    return list(dict.fromkeys(str(note["code"]) for note in analysis.run["notes"]))


def _evidence_used(analysis: Analysis, words: Words) -> str:
    evidence = analysis.evidence
    evidence = None if evidence is None else evidence[evidence["kind"] != "hint"]
    if evidence is None or evidence.empty:
        return words("data.used.no_evidence")
    sure = int(evidence["match"].isin(("agreed", "spelling")).sum())
    return words("data.used.evidence", count=len(evidence), sure=sure, unsure=len(evidence) - sure)


def _measurements_used(analysis: Analysis, inputs: Inputs, words: Words) -> str:
    if inputs.measurements is None:
        return words("data.used.no_measurements")
    about = analysis.run.get("measurements")
    count = words.number(len(inputs.measurements))
    if about is None:
        return words("data.used.measurements_alone", count=count)
    applied = about["calibration_applied_db"]
    if applied:
        return words("data.used.measurements_applied", count=count, applied=words.number(applied, 1))
    return words("data.used.measurements_too_few" if inputs.calibrate else "data.used.measurements", count=count)


def _facilities_used(inputs: Inputs, words: Words) -> str:
    if inputs.criteria is None or "facilities" not in inputs.criteria:
        return words("data.used.no_facilities")
    return words("data.used.facilities", count=float(inputs.criteria["facilities"].sum()))


def hint_licences(analysis: Analysis, words: Words) -> list[str]:
    """Whom the hints of a run credit."""
    return [words(f"data.used.licence_{HINTS[code]}") for code in _codes_of(analysis) if code in HINTS]
