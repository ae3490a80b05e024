"""Report of an import: counts, and the reason of each refused row."""

from __future__ import annotations

from typing import Any

from coverage.imports.plan import FAR_M, ImportPlan
from coverage.imports.raw import STEP
from coverage.imports.repairs import Offer
from coverage.imports.result import Interpretation
from coverage.imports.spellings import MergedSpelling
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds

CASES = {
    "import.swapped": 1,
    "import.metres": 5,
    "import.lost_minus": 7,
    "import.several_points": 6,
    "import.zero": 8,
    "import.nan": 9,
    "import.infinite": 10,
    "import.out_of_range": 11,
    "import.outside_region": 12,
    "import.in_neighbour": 12,
    "import.far_from_list": 12,
    "import.outside_indonesia": 12,
    "import.excel_date": 13,
    "import.lost_point": 15,
    "import.thousands": 16,
    "import.no_geometry": 18,
    "import.empty_geometry": 19,
    "import.wrong_geometry": 23,
    "import.bad_geometry": 27,
    "import.totals_row": 39,
    "import.excel_error": 40,
    "import.ragged": 43,
    "import.undotted_code": 48,
    "import.damaged_number": 50,
    "import.duplicate_id": 51,
    "import.unknown_kind": 52,
    "import.unknown_village": 53,
    "import.code_and_name_differ": 54,
    "import.date_order": 56,
}
"""Case number of each reason in the catalogue of file faults."""

_OF_WORDS = {"import.unknown_kind": "kind", "import.unknown_status": "status", "import.unknown_claim": "state"}
"""Fields whose words are offered, as an office writes them in a cell."""


def reason_sentence(code: str, details: dict[str, Any], words: Words) -> str:
    """Why a row was refused, and the remedy."""
    values = {
        key: ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        for key, value in details.items()
    }
    if code == "import.wrong_geometry":
        form = asset_kinds().of(values["kind"]).geometry
        values |= {"kind": words.kind(values["kind"]), "form": words(f"core.geometry.{form}")}
    if field := _OF_WORDS.get(code):
        values["offered"] = ", ".join(words.named(field, str(one)) for one in details.get("offered", ()))
    return words(f"imports.reason.{code.removeprefix('import.')}", **values)


def offer_sentence(offer: Offer | None, words: Words) -> str:
    """The offered repair and its position; empty for none."""
    if offer is None:
        return ""
    what = ", ".join(words(f"imports.offer.{part}") for part in offer.code.split("+"))
    zone = f" ({offer.detail})" if offer.detail else ""
    return f"{what}{zone}: {offer.lat:.6f}, {offer.lon:.6f}"


def plan_warnings(plan: ImportPlan, words: Words) -> list[str]:
    """Warnings about a plan: assets that would move far, and new ones that are called as a missing one."""
    found = []
    for what, table in (("moved", plan.moved), ("namesakes", plan.namesakes)):
        if len(table):
            first = {"asset": str(table["asset_id"].iloc[0]), "distance": float(table["distance_m"].iloc[0])}
            known = table["known"].iloc[0] if what == "namesakes" else ""
            found.append(words(f"imports.{what}", count=len(table), limit=FAR_M, known=known, **first))
    return found


def report(found: Interpretation, words: Words, plan: ImportPlan | None = None) -> dict[str, Any]:
    """The report as JSON-compatible values.

    Returns
    -------
    dict
        ``file, sheet, rows, accepted, refused`` (numbers of rows), ``refused_rows`` (a list of ``row, sheet, code,
        case, reason, values, offered``), ``columns`` (field to column), ``notes`` and ``gathered`` (texts), and the
        counts of the plan, if any. A code names the sentence ``imports.reason.<code>``; ``offered`` is a list of
        repairs, each with ``repair``, ``lat`` and ``lon``, or of values.
    """
    made: dict[str, Any] = {
        "file": found.raw.file,
        "sha256": found.raw.sha256,
        "sheet": found.raw.sheet,
        "rows": found.rows,
        "accepted": found.accepted_rows,
        "refused": len(found.refused),
        "refused_rows": [_refused(line, words) for line in found.refused.to_dict("records")],
        "notes": [words(key, **values) for key, values in found.notes],
        "record": found.choices.record,
        "columns": dict(found.choices.columns),
        "unused_columns": list(found.unused),
        "gathered": [_gathered(one, words) for one in found.gathered],
    }
    if found.choices.record == "villages":
        made["figures"] = list(found.choices.figures)
    if plan is not None:
        made["plan"] = {
            **plan.counts,
            "moved_far": plan.moved["asset_id"].tolist(),
            "namesakes": dict(zip(plan.namesakes["asset_id"], plan.namesakes["known"], strict=True)),
        }
    return made


def _gathered(one: MergedSpelling, words: Words) -> str:
    field = words(f"inventory.field.{one.field}")
    name = words.named(one.field, one.name)
    return words("imports.gathered", field=field, written=one.written, name=name, rows=one.rows)


def _refused(line: dict[Any, Any], words: Words) -> dict[str, Any]:
    offer, details = line["offer"], dict(line["details"])
    offered: list[Any] = []
    if isinstance(offer, Offer):
        zone = {"zone": offer.detail} if offer.detail else {}
        offered = [{"repair": offer.code, "lat": offer.lat, "lon": offer.lon, **zone}]
    else:
        for key in ("offered", "nearest", "first", "second"):
            value = details.get(key, [])
            offered += map(str, value if isinstance(value, list) else [value])
    return {
        "row": int(line["row"]) % STEP,
        "sheet": line["sheet"],
        "code": line["code"],
        "case": CASES.get(line["code"]),
        "reason": reason_sentence(line["code"], details, words),
        "values": dict(line["values"]),
        "offered": offered,
    }
