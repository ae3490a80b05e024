"""Facts of a region, a village or an asset as plain text, ready to be rendered.

Names are as in the files, however hostile: :mod:`coverage.web.html` escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from coverage.base.parameters import Rule
from coverage.base.schema import SERVICES, SIGNAL_CLASSES, STATES
from coverage.exports import provenance, run_memo
from coverage.exports.landmarks import village_lines
from coverage.exports.pockets import pockets_of_village
from coverage.exports.provenance import regency_name
from coverage.language.reasons import certainty_label, claimed_word, rank_reason, state_reason, state_word
from coverage.language.words import Words
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import radio_of
from coverage.reach.signal import assumed
from coverage.run.result import Analysis, people_unserved
from coverage.run.road_distance import road_distances
from coverage.web.maps.layers import Viewer, visible_assets
from coverage.web.run_cache import cached_per_run


@dataclass(frozen=True)
class StateSummary:
    """Totals of a region under one rule."""

    counts: dict[str, int]
    """Villages by state."""
    population: float | None
    """None where any village's is not known."""
    without_service: float | None
    """People surely without it, in the villages where that can be told; None where there is no such village."""


def summary(analysis: Analysis, rule: Rule) -> StateSummary:
    """Count villages by state, and people without the service of the rule, in whole people as in every export.

    Under a rule about a list, the people of the listed villages are counted.
    """
    counts = analysis.states(rule.name).value_counts()
    people = analysis.villages["population"].astype(float).round()
    without = people_unserved(analysis, rule)
    return StateSummary(
        counts={state: int(counts.get(state, 0)) for state in STATES},
        population=None if people.isna().any() else float(people.sum()),
        without_service=float(without.sum()) if without.notna().any() else None,
    )


def rules_of(analysis: Analysis) -> dict[str, Rule]:
    """Enabled rules by name, in order."""
    return {rule.name: rule for rule in analysis.parameters.rules if rule.enabled}


@run_memo.cached_per_run
def region_name(analysis: Analysis, words: Words) -> str:
    """Name of the region, as on paper: its regencies, or how many they are."""
    return provenance.region_name(analysis.villages, words) or "–"


@cached_per_run
def village_label(analysis: Analysis) -> dict[str, str]:
    """Searchable label by BPS code: name, subdistrict, both codes."""
    villages = analysis.villages.sort_values(["village", "subdistrict"])
    codes = zip(villages["village_code_bps"], villages["village_code_kemendagri"], strict=True)
    both = [f"{bps} · {kemendagri}" if isinstance(kemendagri, str) else bps for bps, kemendagri in codes]
    labels = villages["village"] + ", " + villages["subdistrict"] + " · " + both
    return dict(zip(villages["village_code_bps"], labels, strict=True))


@dataclass(frozen=True)
class RuleFact:
    """The state of a village under one rule."""

    rule: str
    state: str
    told: str
    """What the state is called under the rule."""
    reason: str
    certainty: str = ""


@dataclass(frozen=True)
class ServiceFact:
    """Reach of a service in a village; ``share`` is None where not known."""

    service: str
    share: float | None
    people: str
    centre: str


@dataclass(frozen=True)
class VillageProfile:
    """The facts of one village."""

    code: str
    name: str
    place: str
    state: str
    told: str
    kemendagri: str
    area: str
    population: str
    rank: str
    rank_reason: str
    services: list[ServiceFact]
    rules: list[RuleFact]
    nearest: list[tuple[str, ...]]
    signal: list[tuple[str, str]]
    """Signal and ground, where elevation was given: label and value."""
    evidence: list[str]
    pockets: list[str]
    """Pockets of people without service, under the office's rule."""
    landmarks: list[str]
    """Hamlets and service points in reach and out of it, under the office's rule."""


def village_facts(analysis: Analysis, code: str, rule: str, words: Words) -> VillageProfile:
    """Collect the facts of a village."""
    village: dict[str, Any] = _rows(analysis.villages, code)[0]
    rules = rules_of(analysis)
    spots = _rows(analysis.blank_spots, code)
    found = [
        RuleFact(
            words.rule(row["rule"]),
            row["state"],
            state_word(row["state"], rules[row["rule"]], words, row["share"], _pockets(analysis, code, row["rule"])),
            state_reason(row, rules[row["rule"]], analysis.parameters.kinds, words),
            certainty_label(row, words),
        )
        for row in spots
    ]
    kemendagri = village["village_code_kemendagri"]
    rank, why = _rank(analysis, code, words) if rule == analysis.parameters.default_rule else ("–", "")
    return VillageProfile(
        code=code,
        name=village["village"],
        place=words(
            "web.place.village",
            subdistrict=village["subdistrict"],
            regency=regency_name(code, village["regency"], words),
        ),
        state=str(analysis.states(rule)[code]),
        told=next(fact.told for fact in found if fact.rule == words.rule(rule)),
        kemendagri=kemendagri if isinstance(kemendagri, str) else "–",
        area=f"{words.number(village['area_km2'], 2)} km²",
        population=words.number(village["population"]),
        rank=rank,
        rank_reason=why,
        services=_services(analysis, code, words),
        rules=found,
        nearest=_nearest(analysis, code, words),
        signal=_signal(analysis, village, words),
        evidence=[_evidence_line(row, words) for row in _rows(analysis.evidence, code)],
        pockets=pockets_of_village(analysis, code, words) if rule == analysis.parameters.default_rule else [],
        landmarks=village_lines(analysis, code, words) if rule == analysis.parameters.default_rule else [],
    )


def _pockets(analysis: Analysis, code: str, rule: str) -> int:
    return int(analysis.pocket_counts(rule).get(code, 0))


def _services(analysis: Analysis, code: str, words: Words) -> list[ServiceFact]:
    rows = {row["service"]: row for row in _rows(analysis.village_service, code)}
    facts = []
    for service in SERVICES:
        if service not in rows:
            continue
        row = rows[service]
        known = bool(row["known"]) and pd.notna(row["share_served"])
        share, people = (float(row["share_served"]), words.number(row["population_served"])) if known else (None, "–")
        told = known and pd.notna(row["centre_served"])
        centre = words("web.facts.yes" if row["centre_served"] else "web.facts.no") if told else "–"
        facts.append(ServiceFact(words(f"core.service.{service}"), share, people, centre))
    return facts


def _rank(analysis: Analysis, code: str, words: Words) -> tuple[str, str]:
    rows = _rows(analysis.priority, code)
    if not rows:
        return words("web.facts.not_ranked"), ""
    rank, count = words.number(rows[0]["rank"]), words.number(len(analysis.priority))
    return words("web.facts.ranked", rank=rank, count=count), rank_reason(rows[0]["reasons"], words)


def _nearest(analysis: Analysis, code: str, words: Words) -> list[tuple[str, ...]]:
    """Kind and distance of the nearest assets, and the distance by road where the region keeps roads."""
    rows = analysis.nearest[analysis.nearest["village_code_bps"] == code].sort_values("distance_m")
    pairs = [
        (words.kind(kind), words.distance(metres))
        for kind, metres in zip(rows["kind"], rows["distance_m"], strict=True)
    ]
    roads = road_distances(analysis)
    if roads is None:
        return [*pairs]
    along = roads.loc[code].reindex(rows["kind"]).to_numpy(dtype=float)
    told = [words.distance(float(metres)) if np.isfinite(metres) else "–" for metres in along]
    return [(*pair, metres) for pair, metres in zip(pairs, told, strict=True)]


def _signal(analysis: Analysis, village: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    facts = []
    rows = _rows(analysis.village_signal, village["village_code_bps"])
    if rows and pd.notna(rows[0]["share_none"]):
        row = rows[0]
        for name in reversed(SIGNAL_CLASSES):
            people = words(
                "web.facts.signal_people", people=row[f"people_{name}"], share=words.share(row[f"share_{name}"])
            )
            facts.append((words(f"web.facts.signal_{name}"), people))
        facts += _in_both_places(row, village["population"], radio_of(analysis.parameters), words)
        centre = row["centre_class"]
        known = words(f"web.facts.class_{centre}") if isinstance(centre, str) else "–"
        strength = f" ({words.number(row['centre_rsrp_dbm'])} dBm)" if pd.notna(row["centre_rsrp_dbm"]) else ""
        facts.append((words("web.facts.signal_centre"), known + strength))
        alone = row["single_operator"]
        single = words("web.facts.only_operator", operator=alone) if isinstance(alone, str) else None
        facts.append((words("web.facts.operators"), single or words.number(row["operators"])))
        if (row.get("share_one_operator") or 0) > 0:
            facts.append((words("web.facts.one_operator"), words.share(row["share_one_operator"])))
        if told := assumed_words(analysis, row.get("server_id"), words):
            facts.append((words("web.facts.assumed"), told))
        if "second_id" in row and isinstance(row["server_id"], str) and pd.notna(row["operators"]):
            second = row["second_id"] if isinstance(row["second_id"], str) else words("web.facts.no_second")
            facts.append((words("web.facts.second"), second))
    if pd.notna(village.get("elevation_m")):
        facts.append((words("web.facts.elevation"), f"{words.number(village['elevation_m'])} m"))
        facts.append((words("web.facts.slope"), f"{words.number(village['slope_deg'], 1)}°"))
    return facts


def _in_both_places(
    row: Mapping[str, Any], population: float, radio: RadioParameters, words: Words
) -> list[tuple[str, str]]:
    """People with signal outdoors and indoors, and which of the two decides the state."""
    rows = []
    for place in ("outdoors", "indoors"):
        share = row.get(f"share_{place}")
        if share is None or pd.isna(share):
            continue
        told = words("web.facts.signal_people", people=share * population, share=words.share(share))
        counts = f" · {words('signal.place.counts')}" if place.startswith(radio.phone.place) else ""
        rows.append((words(f"signal.place.{place}_{radio.phone.building}"), told + counts))
    return rows


def _evidence_line(row: dict[str, Any], words: Words) -> str:
    kind, source, date = words(f"core.evidence.{row['kind']}"), _text(row["source"]), _date(row["date"], words)
    if row["kind"] == "hint":
        who = words("web.facts.hint_of", operators=row["operator"]) if isinstance(row.get("operator"), str) else ""
        return words("web.facts.hint_line", kind=kind, who=who, source=source, date=date)
    return words(
        "web.facts.evidence_line",
        kind=kind,
        state=claimed_word(row["claimed_state"], words),
        given_village=_text(row["given_village"]),
        given_code=_text(row["given_code"]),
        match=words(f"core.match.{row['match']}"),
        source=source,
        date=date,
    )


def _rows(table: pd.DataFrame | None, code: str) -> list[dict[Any, Any]]:
    """The rows of a village, as plain values."""
    return [] if table is None else table[table["village_code_bps"] == code].to_dict("records")


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "–"


def _date(value: object, words: Words) -> str:
    return words.date(value if isinstance(value, str) else None)


@dataclass(frozen=True)
class AssetFacts:
    """The facts of one asset."""

    name: str
    pairs: list[tuple[str, str]]
    sample: bool
    """Whether it is invented."""


def asset_facts(analysis: Analysis, viewer: Viewer, asset_id: str, words: Words) -> AssetFacts | None:
    """Collect the facts of an asset; None if there is none that this viewer may see."""
    assets = visible_assets(analysis, viewer)
    rows = None if assets is None else assets[assets["asset_id"] == asset_id]
    if rows is None or rows.empty:
        return None
    row = rows.iloc[0]
    height = f"{words.number(row['height_m'])} m" if pd.notna(row["height_m"]) else "–"
    facts = [
        (words("web.asset.kind"), words.kind(row["kind"])),
        (words("web.asset.status"), words(f"core.status.{row['status']}")),
        (words("web.asset.owner"), _text(row["owner"])),
        (words("web.asset.operator"), _text(row["operator"])),
        (words("web.asset.height"), height),
        (words("web.asset.installed"), _date(row["installed_on"], words)),
        (words("web.asset.id"), str(row["asset_id"])),
    ]
    signal = analysis.reached.signal
    sends = set() if signal is None else {one.position for one in signal.towers}
    at = set(np.flatnonzero(analysis.assets["asset_id"] == asset_id)) if analysis.assets is not None else set()
    told = assumed_words(analysis, asset_id, words) if at & sends else None
    facts += [(words("web.asset.assumed"), told)] if told else []
    return AssetFacts(_text(row["name"]), facts, row["source"] == "contoh")


def assumed_words(analysis: Analysis, asset_id: object, words: Words) -> str | None:
    """What is assumed of an antenna as its list does not tell it; None where nothing is."""
    assets = analysis.assets
    if assets is None or not isinstance(asset_id, str):
        return None
    row, parameters = assets[assets["asset_id"] == asset_id].head(1), analysis.parameters
    rows = assumed(row, parameters.kinds, radio_of(parameters))
    return ", ".join(words(f"signal.assumed.{name}") for name in rows if rows[name].any()) or None
