"""Blank pockets in words: a table for files, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.exports.tables import csv_bytes, known, whole
from coverage.language.reasons import certainty_label
from coverage.language.words import Words
from coverage.run.result import RunTables
from coverage.villages_served.methods.share import longest_reach_m

DRAWN = ("chance", "people_low", "people_high")
"""Columns that rest on draws of the signal."""
DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
AT_THE_CENTRE_M = 250.0
"""Distance below which a pocket is said to be at the village centre."""


def pockets_table(analysis: RunTables, words: Words) -> pd.DataFrame:
    """Table of ``pockets.csv``: a row per pocket, the first by rank first, scattered remainders last."""
    found = analysis.pockets
    assert found is not None
    found = found.sort_values(["rank", "village_code_bps"], na_position="last", kind="stable", ignore_index=True)
    codes = analysis.villages.set_index("village_code_bps")["village_code_kemendagri"]
    rows, parameters, reach_m = found.to_dict("records"), analysis.parameters, _reach_m(analysis)
    drawn = {name: found[name] if name == "chance" else whole(found[name]) for name in DRAWN if name in found}
    return pd.DataFrame(
        {
            "rank": found["rank"],
            "village_code_bps": found["village_code_bps"],
            "village_code_kemendagri": codes.reindex(found["village_code_bps"]).to_numpy(),
            "pocket": found["pocket"],
            "village": found["village"],
            "subdistrict": found["subdistrict"],
            "hamlets": [hamlets_of(row, words) for row in rows],
            "population_unserved": whole(found["people"]),
            **place_columns(found),
            "people_least": whole(found["people_least"]),
            "certainty": [certainty_label(row, words) for row in rows],
            **drawn,
            "nearest_asset_id": found["nearest_id"],
            "nearest_asset_m": whole(found["nearest_m"]),
            "reason": [pocket_sentence(row, words, reach_m) for row in rows],
            "rule": ", ".join(filter(None, (parameters.default_rule, analysis.run.get("pockets_of")))),
            "run_id": str(analysis.run["run_id"]),
        }
    )


def place_columns(found: pd.DataFrame) -> dict[str, pd.Series]:
    """Share of the village, area and place of groups of people."""
    return {
        "share_of_village": found["share"].round(6),
        "area_km2": found["area_km2"].round(4),
        "longitude": found["lon"].round(6),
        "latitude": found["lat"].round(6),
        "from_centre_m": whole(found["from_centre_m"]),
        "bearing_deg": whole(found["bearing_deg"]),
    }


def write_pockets(analysis: RunTables, words: Words) -> bytes:
    """Return ``pockets.csv``."""
    return csv_bytes(pockets_table(analysis, words))


def pockets_frame(analysis: RunTables, words: Words) -> gpd.GeoDataFrame | None:
    """:func:`pockets_table` with outlines, EPSG:4326; None where there are none, and of a saved run."""
    shapes = analysis.pocket_shapes
    if analysis.pockets is None or shapes is None or not len(shapes):
        return None
    key = ["village_code_bps", "pocket"]
    outlines = analysis.pockets[key].assign(geometry=shapes.to_numpy())
    return gpd.GeoDataFrame(pockets_table(analysis, words).merge(outlines, on=key), geometry="geometry", crs=4326)


def pocket_name(row: Mapping[Any, Any], words: Words) -> str:
    """Village and number of a pocket, with its hamlets in words where ``hamlets`` has them."""
    name = words("pockets.name" if row["pocket"] else "pockets.scattered", village=row["village"], number=row["pocket"])
    return words("pockets.name_of", name=name, hamlets=row["hamlets"]) if row.get("hamlets") else name


def hamlets_of(row: Mapping[Any, Any], words: Words) -> str:
    """Hamlets of a pocket (table POCKETS), the most central first; empty without a list."""
    how = row.get("hamlets_are")
    if not isinstance(how, str) or how == "unplaced":
        return words("pockets.hamlet_unplaced") if how == "unplaced" else ""
    *others, last = str(row["hamlets"]).split("\n")
    named = words("pockets.hamlet_and", first=", ".join(others), last=last) if others else last
    return named if how == "inside" else words("pockets.hamlet_near", name=named)


def pocket_sentence(row: Mapping[Any, Any], words: Words, reach_m: float) -> str:
    """Where a pocket is, and what hides it.

    ``reach_m`` is the longest usual reach for the service: a distance beyond it is written so that it shows.
    """
    if not row["pocket"]:
        return words("pockets.remainder")
    direction = DIRECTIONS[round(row["bearing_deg"] / 45) % 8]
    place = "pockets.at_centre" if row["from_centre_m"] < AT_THE_CENTRE_M else "pockets.away"
    cause = words(
        f"pockets.cause.{row['cause']}",
        nearest=words.kind(row["nearest_kind"]) if isinstance(row["nearest_kind"], str) else "",
        distance=words.distance(row["nearest_m"], reach_m),
        above=words.distance(row["blocked_by_m"]),
        at=words.distance(row["blocked_at_m"]),
    )
    return words(
        place,
        distance=words.distance(row["from_centre_m"]),
        direction=words(f"pockets.direction.{direction}"),
        cause=cause,
    )


def pockets_by_village(analysis: RunTables, words: Words) -> dict[str, str]:
    """How many pockets a village has and how many people live in them, by code; not of one without any."""
    if analysis.pockets is None:
        return {}
    named = analysis.pockets[analysis.pockets["pocket"] > 0]
    told = {}
    for code, rows in named.groupby("village_code_bps"):
        people = rows["people"].sum(min_count=len(rows))
        key = "pockets.of_village_unknown" if pd.isna(people) else "pockets.of_village"
        told[str(code)] = words(key, count=len(rows), people=words.number(known(people)))
    return told


def pockets_of_village(analysis: RunTables, code: str, words: Words) -> list[str]:
    """A line for each pocket of a village: people, place, what hides it."""
    if analysis.pockets is None:
        return []
    rows = analysis.pockets[analysis.pockets["village_code_bps"] == code].to_dict("records")
    reach_m, lines = _reach_m(analysis), []
    for row in rows:
        hamlets = hamlets_of(row, words)
        values = {
            "number": row["pocket"],
            "hamlets": hamlets,
            "people": words.number(row["people"]),
            "sentence": pocket_sentence(row, words, reach_m),
            "certainty": certainty_label(row, words),
        }
        key = "line_scattered" if not row["pocket"] else "line_named" if hamlets else "line"
        lines.append(words(f"pockets.{key}", **values))
    return lines


def _reach_m(analysis: RunTables) -> float:
    """Longest usual reach of what the rule counts."""
    return longest_reach_m(analysis.parameters.kinds, analysis.parameters.rule().services)
