"""What a region still lacks for an answer: the checklist of page Mulai."""

from __future__ import annotations

from typing import Literal, NamedTuple

from coverage.run.inputs import Inputs
from coverage.run.result import Analysis

Readiness = Literal["missing", "approximate", "ready"]


class ChecklistItem(NamedTuple):
    """One kind of data, and how good it is now; approximate is also what is invented or in part."""

    kind: str
    readiness: Readiness


def checklist(analysis: Analysis, inputs: Inputs) -> list[ChecklistItem]:
    """Readiness of each kind of data that changes the answer, in the order in which to bring it in."""
    marks = analysis.run["approximations"]
    known = analysis.villages["population"].notna()
    sure = analysis.evidence is not None and bool((analysis.evidence["kind"] != "hint").any())
    found: dict[str, Readiness] = {
        "boundaries": "approximate" if "approximate_boundaries" in marks else "ready",
        "assets": _readiness(inputs.assets is not None and bool(analysis.known), "sample_assets" not in marks),
        "population": _readiness(bool(known.any()), bool(known.all()) and "estimated_people" not in marks),
        "people": "approximate" if inputs.people_places is None else "ready",
        "evidence": _readiness(sure, True),
        "elevation": _readiness(bool(inputs.elevation), True),
        "measurements": _readiness(inputs.measurements is not None, True),
    }
    return [ChecklistItem(kind, readiness) for kind, readiness in found.items()]


def progress(items: list[ChecklistItem]) -> tuple[int, int]:
    """How many kinds of data are ready, and of how many."""
    return sum(item.readiness == "ready" for item in items), len(items)


def _readiness(there: bool, whole: bool) -> Readiness:
    return "missing" if not there else "ready" if whole else "approximate"
