"""Reasons in words, from the codes and numbers of the core."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from coverage.base.kinds import AssetKind, giving
from coverage.base.parameters import Rule
from coverage.base.schema import STATES
from coverage.language.words import Words

MOST = 0.5
"""Share from which something is so in most of a village (BPS PODES: "sebagian besar")."""


def state_word(state: str, rule: Rule, words: Words, share: float | None = None, pockets: int = 0) -> str:
    """What a state is called under a rule, with the share of people and the pockets if it is that of one village.

    Where a rule asks for no more than anybody in reach, its villages are not called *served*; where pockets of people
    without service are left in a served village, it is served in part.
    """
    if state == "served" and pockets:
        some = state_word(state, rule, words, share) if rule.asks_for_anybody else words("core.some.in_part")
        return words("core.some.with_pockets", some=some, count=pockets)
    if state != "served" or not rule.asks_for_anybody:
        return claimed_word(state, words)
    some = words(f"core.some.{rule.service}")
    if share is None or not share < MOST:
        return some
    return f"{words('core.some.small_part', some=some)} ({words.share(share)})"


def state_words(words: Words, *rules: Rule) -> dict[str, str]:
    """What each state is called in legends and counts under a rule, or under several that share a heading."""
    said = {state: [state_word(state, rule, words) for rule in rules] for state in STATES}
    return {state: " / ".join(dict.fromkeys(each)) for state, each in said.items()}


def claimed_word(state: str, words: Words) -> str:
    """What a state is called that somebody told of a village, or before any rule is asked."""
    return words(f"core.state.{state}")


def state_reason(row: Mapping[Any, Any], rule: Rule, kinds: Mapping[str, AssetKind], words: Words) -> str:
    """Say why a village has its state under a rule.

    ``row`` is one of table BLANK_SPOTS. The kinds of the run that reach furthest are named where a service is missing;
    where the ground hides the nearest tower, a second clause says where and by how much.
    """
    return _reason(row, rule, _reaching_furthest(rule, kinds, words), words)


def _reaching_furthest(rule: Rule, kinds: Mapping[str, AssetKind], words: Words) -> str:
    return " / ".join(words.kind(kind) for service in rule.services for kind in _furthest(kinds, service))


def _reason(row: Mapping[Any, Any], rule: Rule, furthest: str, words: Words) -> str:
    nearest, distance = row["nearest_kind"], row["nearest_m"]
    missing = row.get("missing")
    lacking = missing.split() if isinstance(missing, str) else (rule.needs or rule.services)
    reason = words(
        f"core.reason.{row['reason']}",
        share=lambda: words.share(row["share"], rule.blank_below, rule.weak_below),
        service=lambda: words(f"core.service.{rule.service}") if rule.services else "",
        services=lambda: ", ".join(words(f"core.service.{service}") for service in lacking),
        kinds=furthest,
        reach=lambda: words.distance(row["reach_m"]),
        nearest=lambda: words.kind(nearest) if isinstance(nearest, str) else "",
        distance=lambda: words.distance(distance, row["reach_m"]),
        strong=lambda: words.share(row.get("share_strong")),
        unknown=lambda: words.share(row.get("share_unknown")),
    )
    if row.get("certainty") == "possible":
        reason += _perhaps(row, rule, words)
    if pd.isna(row.get("blocked_at_m")):
        return reason
    return reason + words(
        "core.reason.blocked",
        tower=row["tower_id"],
        distance=words.distance(row["tower_m"]),
        above=words.distance(row["blocked_by_m"]),
        at=words.distance(row["blocked_at_m"]),
    )


def _furthest(kinds: Mapping[str, AssetKind], service: str) -> list[str]:
    """Kinds that are there for a service and whose usual reach is the longest."""
    reach = {name: kinds[name].reach_m or 0.0 for name in giving(kinds, service)}
    return [name for name, metres in reach.items() if metres == max(reach.values())]


def certainty_label(row: Mapping[Any, Any], words: Words) -> str:
    """Say whether a state is sure or possible, with its chance where it was drawn; nothing where that is not told."""
    certainty = row.get("certainty")
    if not isinstance(certainty, str):
        return ""
    told = words(f"core.certainty.{certainty}")
    chance = _chance(row, "chance", words)
    return words("core.certainty.drawn", certainty=told, chance=chance) if chance else told


def people_range(run: Mapping[str, Any], rule: str, words: Words) -> str:
    """People without service in the region between the ends of the draws; nothing where none were drawn."""
    ends = (run.get("people_unserved_range") or {}).get(rule)
    return words("core.certainty.range", low=ends[0], high=ends[1]) if ends else ""


def _chance(row: Mapping[Any, Any], name: str, words: Words) -> str | None:
    """A chance in words; some hundred draws never make it nothing or all."""
    chance = row.get(name)
    return None if chance is None or pd.isna(chance) else words.share(min(max(chance, 0.005), 0.995))


def _perhaps(row: Mapping[Any, Any], rule: Rule, words: Words) -> str:
    """Say how likely the state is, or what it would be at the ends of the stated reach, or that it is close."""
    state = row["state"]
    chance, blank = _chance(row, "chance", words), _chance(row, "chance_blank", words)
    if chance and blank:
        range_ = (words.share(row[name]) for name in ("share_low", "share_high"))
        named = dict(zip(("low", "high"), range_, strict=True))
        return words("core.certainty.chance", chance=chance, blank=blank, **named)
    if state == row["state_least"] == row["state_most"]:
        return words("core.certainty.close")
    ends = (state_word(row[name], rule, words) for name in ("state_least", "state_most"))
    return words("core.certainty.flips", **dict(zip(("least", "most"), ends, strict=True)))


def state_reasons(
    spots: pd.DataFrame, rules: Sequence[Rule], kinds: Mapping[str, AssetKind], words: Words
) -> pd.Series:
    """Reasons of table BLANK_SPOTS, as a Series on its index."""
    by_name = {rule.name: (rule, _reaching_furthest(rule, kinds, words)) for rule in rules}
    return pd.Series(
        [_reason(row, *by_name[row["rule"]], words) for row in spots.to_dict("records")], index=spots.index, dtype=str
    )


def rank_reason(reasons: str, words: Words) -> str:
    """Why a village has its rank, from the JSON ``[criterion, value]`` list in column ``reasons``."""
    return "; ".join(criterion_value(name, value, words) for name, value in json.loads(reasons))


def criterion_value(name: str, value: float | None, words: Words) -> str:
    """A criterion with its value, such as "3.092 penduduk belum terlayani"."""
    key = f"priority.reason.{name}"
    if not words.has(key):
        return f"{name} {words.number(value, 2)}"
    return words(
        key, value=words.number(value, 2), people=value, share=words.share(value), distance=words.distance(value)
    )
