"""Missing data of a run and their consequences: heights under villages and towers, lists that the rule needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from coverage.base.parameters import Parameters, Rule
from coverage.base.table_form import rows_of
from coverage.land.cells import Land
from coverage.reach.model import ReachResult, radio_of
from coverage.reach.terrain import Terrain
from coverage.villages_served.village_service import PART_UNKNOWN


def answerable(parameters: Parameters, known: Collection[str], has_list: bool) -> Parameters:
    """The parameters with a default rule that can be answered: the planner's, else the strictest that can be.

    Returns
    -------
    Parameters
        The same where the default rule can be answered, or none can.
    """

    def can(rule: Rule) -> bool:
        return has_list if rule.is_list else bool(rule.needs) and set(rule.needs) <= set(known)

    def strictness(rule: Rule) -> tuple[bool, int, float, float]:
        return not rule.is_list, len(set(asked.services) & set(rule.services)), rule.weak_below, rule.blank_below

    rules = [rule for rule in parameters.rules if rule.enabled]
    asked = parameters.rule()
    possible = [rule for rule in rules if can(rule)]
    if can(asked) or not possible:
        return parameters
    # A list of Wi-Fi points alone says nothing of phones: it comes after the office's own list.
    reach = [rule for rule in possible if rule.services != ("public_wifi",)] or possible
    return parameters.model_copy(update={"default_rule": max(reach, key=strictness).name})


def rule_note(asked: Parameters, used: Parameters, known: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
    """Note that another rule than the planner's decides, with the missing lists; None otherwise."""
    if asked.default_rule == used.default_rule:
        return []
    rule = asked.rule()
    missing = [service for service in rule.needs if service not in known]
    return [("core.note.rule_instead", {"asked": rule.name, "used": used.default_rule, "missing": missing})]


def assets_note(assets: pd.DataFrame | None, far: int) -> list[tuple[str, dict[str, Any]]]:
    """Note of assets outside the region: neighbours, and those too far to matter."""
    notes: list[tuple[str, dict[str, Any]]] = []
    if far:
        notes.append(("core.note.far_assets", {"count": far, "kept": 0 if assets is None else len(assets)}))
    neighbours = 0 if assets is None else int(assets["neighbour"].sum())
    if neighbours:
        notes.append(("core.note.neighbours", {"count": neighbours}))
    return notes


def antenna_note(
    assets: pd.DataFrame | None, reached: ReachResult, parameters: Parameters
) -> list[tuple[str, dict[str, Any]]]:
    """Note of antennas that the list names and no pattern is known of."""
    if assets is None or reached.signal is None or "antenna" not in assets:
        return []
    known = {one.name.casefold() for one in radio_of(parameters).antennas}
    named = assets["antenna"].iloc[[tower.position for tower in reached.signal.towers]].dropna()
    unknown = named[~named.str.casefold().isin(known)]
    names = ", ".join(sorted(set(unknown))[:5])
    return [("run.note.antennas", {"count": len(unknown), "names": names})] if len(unknown) else []


def ground_note(told: dict[str, Any]) -> str:
    """Key of the sentence for what :func:`about_ground` found; another where people are not known."""
    return f"elevation.note.missing_{told['counts']}" + ("_cells" if told["people"] is None else "")


def about_ground(
    land: Land,
    terrain: Terrain,
    villages: pd.DataFrame,
    service: pd.DataFrame,
    spots: pd.DataFrame,
    reached: ReachResult,
) -> dict[str, Any] | None:
    """Count what rests on missing heights, as ``run.json`` says it; None where all heights are there.

    Returns
    -------
    dict or None
        ``counts`` (``unknown`` or ``radius``, as the parameter ``missing_ground`` says), ``cells`` (of the land, of
        which cellular reach is not known, or without a height), ``people`` (None where not known) and
        ``villages`` that this concerns, ``villages_unknown`` (under any rule), ``towers`` without a height.
    """
    missing = reached.missing
    people = villages["population"].to_numpy(dtype=float, na_value=np.nan)
    if missing is not None and reached.unknown is not None:
        rows = rows_of(service, "service", "cellular", pd.Index(villages["village_code_bps"]))
        share = rows["share_unknown"].to_numpy(dtype=float)
        cells, towers = int((reached.unknown["cellular"] > 0).sum()), missing.towers
        if not cells:
            return None
    else:
        here = ~terrain.holds(*terrain.indices(*land.centres))
        if not here.any():
            return None
        village, area = land.cells["village_position"].to_numpy(), land.cells["area_m2"].to_numpy()
        share = np.bincount(village, area * here, len(villages)) / np.bincount(village, area, len(villages))
        cells, towers = int(here.sum()), 0
    unknown = spots.loc[spots["reason"] == "no_ground", "village_code_bps"].nunique()
    concerned = np.nan_to_num(share) > 0
    told = people[concerned] * share[concerned]
    return {
        "counts": "radius" if missing is None else "unknown",
        "cells": cells,
        "people": None if np.isnan(told).any() else round(float(told.sum())),
        "villages": int((np.nan_to_num(share) > PART_UNKNOWN).sum()),
        "villages_unknown": int(unknown),
        "towers": towers,
    }
