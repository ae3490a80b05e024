"""Facts of each village in words, for map, village sheet and balloon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coverage.base.schema import CONNECTION, SERVICES
from coverage.exports.columns import sentence_case
from coverage.exports.landmarks import village_lines
from coverage.exports.pockets import pockets_by_village
from coverage.exports.provenance import regency_name
from coverage.exports.run_memo import cached_per_run
from coverage.exports.tables import (
    conflict_reason,
    default_rule,
    enabled_rules,
    known,
    priority_table,
    told_state,
    villages_table,
)
from coverage.language.reasons import certainty_label, claimed_word
from coverage.language.words import Words
from coverage.run.result import RunTables


@dataclass(frozen=True)
class VillageFacts:
    """Facts in the reader's language; lists are parallel to :class:`FactNames`."""

    code: str
    code_kemendagri: str | None
    name: str
    place: str
    state: str
    told: str
    """What the state is called under the rule."""
    possible: bool
    certainty: str
    """Whether the state is sure or possible; empty where that is not told."""
    reason: str
    basics: tuple[str | None, ...]
    services: tuple[tuple[str, str], ...]
    """Share in reach; kind of and distance to the nearest asset that is there for the service; by service."""
    rules: tuple[tuple[str, str, str], ...]
    """State, what it is called, and reason, by rule."""
    rank: tuple[str, ...] | None
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FactNames:
    """Captions of the lists in :class:`VillageFacts`."""

    basics: tuple[str, ...]
    services: tuple[str, ...]
    rules: tuple[str, ...]
    rank: tuple[str, ...]


_BASICS = (
    "code_bps", "code_kemendagri", "population", "population_served", "area", "centre", "boundary", "pockets",
    "landmarks",
)  # fmt: skip


def fact_names(analysis: RunTables, words: Words) -> FactNames:
    """Captions of the facts."""
    return FactNames(
        basics=tuple(words(f"exports.fact.{name}") for name in _BASICS),
        services=tuple(words(f"core.service.{service}") for service in _services(analysis)),
        rules=tuple(words.rule(rule.name) for rule in enabled_rules(analysis)),
        rank=tuple(words(f"exports.fact.{name}") for name in ("rank", "rank_range", "rank_reason")),
    )


@cached_per_run
def village_facts(analysis: RunTables, words: Words) -> list[VillageFacts]:
    """Facts of every village, by code."""
    ranks = {str(row["village_code_bps"]): row for row in priority_table(analysis, words).to_dict("records")}
    pockets = pockets_by_village(analysis, words)
    told, kinds = _evidence(analysis, words), _nearest_kinds(analysis)
    services, rules = _services(analysis), enabled_rules(analysis)
    return [
        VillageFacts(
            code=row["village_code_bps"],
            code_kemendagri=_text(row["village_code_kemendagri"]),
            name=row["village"],
            place=words("exports.fact.place", subdistrict=row["subdistrict"], regency=_regency(row, words)),
            state=row["state"],
            told=told_state(row, default_rule(analysis), words),
            possible=row["certainty"] == "possible",
            certainty=certainty_label(row, words),
            reason=sentence_case(row["reason"]),
            basics=(
                *_basics(row, words),
                pockets.get(row["village_code_bps"]),
                "; ".join(village_lines(analysis, row["village_code_bps"], words)) or None,
            ),
            services=tuple(
                (
                    words.share(row[f"share_{service}"]),
                    _nearest(kinds.get((row["village_code_bps"], service)), row[f"nearest_{service}_m"], words),
                )
                for service in services
            ),
            rules=tuple(
                (row[f"state_{rule.name}"], told_state(row, rule, words), row[f"reason_{rule.name}"]) for rule in rules
            ),
            rank=_rank(ranks.get(row["village_code_bps"]), words),
            evidence=tuple(told.get(row["village_code_bps"], ())),
        )
        for row in villages_table(analysis, words).to_dict("records")
    ]


def _nearest_kinds(analysis: RunTables) -> dict[Any, Any]:
    """Kind of the nearest asset by village and service."""
    return analysis.village_service.set_index(["village_code_bps", "service"])["nearest_asset_kind"].to_dict()


def _nearest(kind: Any, metres: Any, words: Words) -> str:
    distance = words.distance(known(metres))
    return f"{words.kind(kind)}, {distance}" if isinstance(kind, str) else distance


def _services(analysis: RunTables) -> Sequence[str]:
    present = set(analysis.village_service["service"])
    return [service for service in (*SERVICES, CONNECTION) if service in present]


def _basics(row: Mapping[Any, Any], words: Words) -> tuple[str | None, ...]:
    people = known(row["population"])
    basis = _text(row["population_basis"])
    return (
        row["village_code_bps"],
        _text(row["village_code_kemendagri"]),
        words("exports.fact.people_with_basis", people=people, basis=words.source(basis))
        if people is not None and basis
        else words.number(people),
        words.number(known(row["population_served"])),
        f"{words.number(row['area_km2'], 2)} km²",
        f"{row['centre_lat']:.5f}, {row['centre_lon']:.5f}",
        words(f"core.boundary_quality.{row['boundary_quality']}"),
    )


def _rank(row: Mapping[Any, Any] | None, words: Words) -> tuple[str, ...] | None:
    if row is None:
        return None
    return (
        words.number(row["rank"]),
        words("exports.fact.best_to_worst", best=row["rank_best"], worst=row["rank_worst"]),
        sentence_case(row["reason"]),
    )


def _evidence(analysis: RunTables, words: Words) -> dict[str, list[tuple[str, str]]]:
    """Evidence and conflicts per village."""
    told: dict[str, list[tuple[str, str]]] = {}
    if analysis.evidence is not None:
        for row in analysis.evidence.dropna(subset="village_code_bps").to_dict("records"):
            text = words(
                "exports.fact.evidence",
                state=claimed_word(row["claimed_state"], words),
                match=words(f"core.match.{row['match']}"),
                source=_text(row["source"]) or "–",
            )
            told.setdefault(row["village_code_bps"], []).append((words(f"core.evidence.{row['kind']}"), text))
    for row in analysis.conflicts.dropna(subset="village_code_bps").to_dict("records"):
        told.setdefault(row["village_code_bps"], []).append(
            (words("exports.fact.conflict"), conflict_reason(row, analysis, words))
        )
    return told


def _regency(row: Mapping[Any, Any], words: Words) -> str:
    return regency_name(str(row["village_code_bps"]), _text(row["regency"]), words)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
