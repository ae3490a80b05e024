"""``proposals.pdf``: per village the fields of ministry applications, filled where known and marked where not.

The fields follow the calls of BAKTI for access points (a permanent public-service building with electricity, without
internet of its own, signal weak or none) and for towers (3T area or priority location, blank spot, donated land of
20 m by 20 m, a caretaker).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepInFrame, PageBreak, Spacer, Table

from coverage.base.kinds import AssetKind, fiber_nodes, giving
from coverage.base.parameters import Rule
from coverage.exports.excel import rule_label
from coverage.exports.letterhead import Letterhead, letterhead_of
from coverage.exports.pdf import HEIGHT, WIDTH, build, office_head, paragraph, signature, table
from coverage.exports.provenance import provenance, regency_name
from coverage.exports.tables import enabled_rules, known, told_state, villages_table
from coverage.language.words import Words
from coverage.run.result import RunTables
from coverage.villages_served.blank_spots import listed_codes

FIELDS = (
    "village", "codes", "centre", "people", "signal", "fiber", "tower", "official", "rank", "building",
    "building_permanent", "electricity", "own_internet", "land", "caretaker", "area_3t",
)  # fmt: skip
"""Fields in the order of the sheet."""


def proposal_rows(analysis: RunTables, words: Words, codes: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    """Rows of each village's sheet: label, value (empty where not known), basis.

    Raises KeyError if a code is none of the run's villages.
    """
    table_ = villages_table(analysis, words).set_index("village_code_bps")
    distances = {
        (row["village_code_bps"], row["kind"]): row["distance_m"] for row in analysis.nearest.to_dict("records")
    }
    rules, on_lists = enabled_rules(analysis), listed_codes(analysis.evidence)
    made = {}
    for code in codes:
        listed = None if on_lists is None else code in on_lists
        row = table_.loc[code].to_dict()
        values = _known_values(code, row, distances, rules, analysis.parameters.kinds, listed, words)
        made[code] = [
            (words(f"exports.proposal.{name}"), *values.get(name, ("", words("exports.proposal.to_fill"))))
            for name in FIELDS
        ]
    return made


def _known_values(
    code: str,
    row: Mapping[Any, Any],
    distances: Mapping[Any, float],
    rules: Sequence[Rule],
    kinds: Mapping[str, AssetKind],
    listed: bool | None,
    words: Words,
) -> dict[str, tuple[str, str]]:
    """Value and basis of fields that the run can fill."""
    values = {
        "village": (f"{row['village']}, {row['subdistrict']}, {regency_name(code, row['regency'], words)}", ""),
        "codes": (f"{code}; {row['village_code_kemendagri'] or '–'}", ""),
        "centre": (f"{row['centre_lat']:.6f}, {row['centre_lon']:.6f}", ""),
    }
    people, served = known(row["population"]), known(row["population_served"])
    if people is not None:
        unserved = words.number(people - served) if served is not None else "–"
        values["people"] = (f"{words.number(people)}; {unserved}", words.source(str(row["population_basis"] or "")))
    known_signal = [rule for rule in rules if rule.is_about("cellular") and row[f"state_{rule.name}"] != "unknown"]
    if known_signal:
        worse = [rule for rule in known_signal if row[f"state_{rule.name}"] in ("blank", "weak")]
        decisive = (*worse, *known_signal)[0]
        told = f"{told_state(row, decisive, words)}: {row[f'reason_{decisive.name}']}"
        values["signal"] = (told, rule_label(decisive.name, words))
    masts = [name for name in giving(kinds, "cellular") if not kinds[name].small_cell]
    for name, of in (("fiber", fiber_nodes(kinds)), ("tower", masts)):
        metres = [distances[code, kind] for kind in of if (code, kind) in distances]
        if metres:
            values[name] = (words.distance(min(metres)), words("exports.fact.centre").split(" (")[0])
    for rule in [rule.name for rule in rules if rule.method == "listed" and listed is not None][:1]:
        values["official"] = (words("exports.yes" if listed else "exports.no"), rule_label(rule, words))
    if known(row["priority_rank"]) is not None:
        values["rank"] = (words.number(row["priority_rank"]), "")
    return values


def _signatures(office: Letterhead, date: str, words: Words) -> Table:
    """The village's signature and the office's, side by side."""
    village: list[Flowable] = [Spacer(1, 8 * mm), paragraph(words("exports.proposal.signature")), Spacer(1, 20 * mm)]
    village.append(paragraph("……………………………………"))
    return Table(
        [[village, signature(office, date, words)]],
        colWidths=[WIDTH / 2, WIDTH / 2],
        style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
    )


def write_proposals(analysis: RunTables, words: Words, codes: Sequence[str], letterhead: Any = None) -> bytes:
    """Return ``proposals.pdf``: a page per village, in the given order."""
    about, office = provenance(analysis, words), letterhead_of(letterhead)
    names = analysis.villages.set_index("village_code_bps")["village"]
    columns = [words(f"exports.proposal.{name}") for name in ("field", "value", "basis")]
    story: list[Flowable] = []
    for code, rows in proposal_rows(analysis, words, codes).items():
        cells = [(label, value or Spacer(1, 10 * mm), basis) for label, value, basis in rows]
        page = [
            *office_head(office),
            paragraph(words("exports.proposal.title", village=str(names[code])[:80]), "title"),
            paragraph(words("exports.proposal.intro")),
            table(columns, cells, [62, 68, 50]),
            Spacer(1, 6 * mm),
            _signatures(office, about.date, words),
            Spacer(1, 6 * mm),
            *(paragraph("• " + text, "small") for text in about.approximations),
        ]
        story += [PageBreak()] if story else []
        story.append(KeepInFrame(WIDTH, HEIGHT, page, mode="shrink"))
    return build(story or [paragraph(words("exports.report.nothing"))], about, words, words("exports.sheet.proposal"))
