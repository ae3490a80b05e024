"""Hamlets and service points in words: tables for files, lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.exports.columns import sentence_case
from coverage.exports.tables import csv_bytes, whole
from coverage.language.reasons import certainty_label
from coverage.language.words import Words
from coverage.readers.kinds import landmark_kinds
from coverage.run.result import RunTables

HAMLETS, POINTS = ("hamlet",), ("service", "watched")
"""Roles of the two lists."""


def landmarks_of(analysis: RunTables, *roles: str) -> pd.DataFrame:
    """Landmarks of these roles, table LANDMARKS_SERVED: candidates by rank, then by kind, village and name."""
    if analysis.landmarks is None:
        return pd.DataFrame()
    order = {name: at for at, (name, kind) in enumerate(landmark_kinds().items()) if kind.role in roles}
    found = analysis.landmarks[analysis.landmarks["kind"].isin(order)]
    found = found.assign(order=found["kind"].map(order))
    return found.sort_values(["rank", "order", "village_code_bps", "name"], ignore_index=True).drop(columns="order")


def landmarks_table(analysis: RunTables, words: Words, *roles: str) -> pd.DataFrame:
    """Table of ``hamlets.csv`` and ``service_points.csv``: a row per landmark, what is not known in words."""
    found = landmarks_of(analysis, *roles)
    rows, parameters = found.to_dict("records"), analysis.parameters
    codes = analysis.villages.set_index("village_code_bps")["village_code_kemendagri"]
    watched = found["kind"].isin(landmark_kinds("watched"))
    table = pd.DataFrame(
        {
            "rank": found["rank"],
            "kind": [sentence_case(words.kind(row["kind"])) for row in rows],
            "name": found["name"],
            "village": found["village"],
            "subdistrict": found["subdistrict"],
            "state": found["state"],
            "certainty": [certainty_label(row, words) for row in rows],
            "pocket": found["pocket"],
            "electricity": [_answer(row["electricity"], words) for row in rows],
            "internet": [_answer(row["internet"], words) for row in rows],
            "people": whole(found["people"]),
            "people_near": whole(found["people_near"]),
            "longitude": found["lon"].round(6),
            "latitude": found["lat"].round(6),
            "reason": [landmark_sentence(row, analysis, words) for row in rows],
            "village_code_bps": found["village_code_bps"],
            "village_code_kemendagri": codes.reindex(found["village_code_bps"]).to_numpy(),
            "rule": pd.Series(parameters.default_rule, found.index).mask(watched, "surveillance"),
            "run_id": str(analysis.run["run_id"]),
        }
    )
    without = {"hamlet": ["rank", "electricity", "internet", "people_near"]}
    return table.drop(columns=without["hamlet"] if roles == HAMLETS else ["people"])


def coverage_words(kinds: pd.Series, states: pd.Series, words: Words) -> list[str]:
    """Whether each landmark is in reach, in two or three words."""
    watched = kinds.isin(landmark_kinds("watched"))
    roles = (("watched" if one else "reach") for one in watched)
    return [words(f"landmarks.short.{role}.{state}") for role, state in zip(roles, states, strict=True)]


def write_landmarks(analysis: RunTables, words: Words, *roles: str) -> bytes:
    """Return ``hamlets.csv`` or ``service_points.csv``."""
    return csv_bytes(landmarks_table(analysis, words, *roles))


def landmarks_frame(analysis: RunTables, words: Words) -> gpd.GeoDataFrame | None:
    """Landmarks that have a place, as points with ``kind`` (its key), ``called`` and the rest; None without any."""
    parts = []
    for roles in (HAMLETS, POINTS):
        found = landmarks_of(analysis, *roles)
        if len(found):
            told = landmarks_table(analysis, words, *roles).rename(columns={"kind": "called"})
            parts.append(told.assign(kind=found["kind"])[found["lon"].notna()])
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if table.empty:
        return None
    points = gpd.points_from_xy(table["longitude"], table["latitude"])
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def landmark_sentence(row: Mapping[Any, Any], analysis: RunTables, words: Words) -> str:
    """Whether a landmark is in reach, and of a service point whether it is a candidate for an access point."""
    role = landmark_kinds()[row["kind"]].role if row["kind"] in landmark_kinds() else "service"
    if pd.isna(row["lon"]):
        place = words("landmarks.unplaced")
    elif role == "watched":
        place = words(f"landmarks.watched.{row['state']}")
    elif row["state"] == "unknown" and analysis.parameters.rule().is_list:
        place = words("landmarks.list_rule")
    else:
        place = words(f"landmarks.reach.{row['state']}")
        if pd.notna(row["pocket"]):
            place += " " + words("landmarks.in_pocket", number=row["pocket"])
    if role != "service":
        return place
    if pd.notna(row["rank"]):
        return f"{place} {words('landmarks.candidate', rank=row['rank'])}"
    return f"{place} {words('landmarks.internet_unknown' if row['internet'] is None else 'landmarks.has_internet')}"


def village_lines(analysis: RunTables, code: str, words: Words) -> list[str]:
    """A line for each kind of landmark of a village: how many are in reach, out of it, and not known."""
    if analysis.landmarks is None:
        return []
    found = analysis.landmarks[analysis.landmarks["village_code_bps"] == code]
    lines = []
    for kind in (name for name in landmark_kinds() if (found["kind"] == name).any()):
        states = found.loc[found["kind"] == kind, "state"].value_counts()
        role = "watched" if landmark_kinds()[kind].role == "watched" else "reach"
        told = [
            f"{words.number(states[state])} {words(f'landmarks.short.{role}.{state}')}"
            for state in ("blank", "served", "unknown")
            if state in states
        ]
        lines.append(f"{sentence_case(words.kind(kind))}: {', '.join(told)}")
    return lines


def _answer(value: Any, words: Words) -> str:
    """Yes, no, or not known."""
    if value is None or pd.isna(value):
        return words("landmarks.not_known")
    return words("exports.yes" if value else "exports.no")
