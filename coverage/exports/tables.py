"""Tables of a run for planners, as CSV: villages, priority, conflicts, assets.

Columns keep the names of :mod:`coverage.base.schema`; only reasons are sentences. Approximations have columns of their
own. There is no date: equal input gives equal bytes, and the run id leads to the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.base.parameters import Rule
from coverage.base.schema import ASSETS, CONNECTION, SERVICES, STATUSES, VILLAGE_SIGNAL, VILLAGE_TERRAIN
from coverage.base.table_form import rows_of
from coverage.exports.provenance import assets_source
from coverage.exports.run_memo import cached_per_run
from coverage.exports.sanitize import neutral_frame
from coverage.language.reasons import claimed_word, rank_reason, state_reasons, state_word
from coverage.language.words import Words
from coverage.reach.assets import SECTOR
from coverage.run.result import RunTables
from coverage.run.road_distance import road_distances

SHARE_DIGITS = 6


def enabled_rules(analysis: RunTables) -> list[Rule]:
    """Rules of the run in its table of blank spots, in the order of the parameters."""
    present = set(analysis.blank_spots["rule"].to_numpy(dtype=object))
    return [rule for rule in analysis.parameters.rules if rule.name in present]


def default_rule(analysis: RunTables) -> Rule:
    """The default rule."""
    return analysis.parameters.rule()


@cached_per_run
def villages_table(analysis: RunTables, words: Words) -> pd.DataFrame:
    """Make the table of ``villages.csv``: a row per village, ordered by code.

    Returns
    -------
    pandas.DataFrame
        ``village_code_bps, village_code_kemendagri, village, subdistrict, population, population_served, share_served,
        state, reason, rule`` under the default rule; ``share_<service>, nearest_<service>_m`` for every service
        (``road_<service>_m`` beside it, where the region keeps roads) and
        ``connection``; ``state_<rule>, reason_<rule>`` for every rule; where elevation was given, the ground and the
        signal of the village (tables VILLAGE_TERRAIN and VILLAGE_SIGNAL); then of how many people it is not known
        (``share_unknown, population_unknown``), rank, area, centre, and what the figures rest on.
    """
    villages = analysis.villages
    codes = pd.Index(villages["village_code_bps"])
    spots = analysis.blank_spots.assign(
        sentence=state_reasons(analysis.blank_spots, analysis.parameters.rules, analysis.parameters.kinds, words)
    )
    by_rule, services = _parts(spots, "rule", codes), _parts(analysis.village_service, "service", codes)
    chosen = default_rule(analysis)
    decisive, roads = services[chosen.service], road_distances(analysis)
    table: dict[str, Any] = {
        "village_code_bps": villages["village_code_bps"].to_numpy(),
        "village_code_kemendagri": villages["village_code_kemendagri"].to_numpy(),
        "village": villages["village"].to_numpy(),
        "subdistrict": villages["subdistrict"].to_numpy(),
        "population": whole(villages["population"]),
        "population_served": whole(decisive["population_served"]),
        "share_served": _rounded(decisive["share_served"], SHARE_DIGITS),
        "state": by_rule[chosen.name]["state"].to_numpy(),
        "reason": by_rule[chosen.name]["sentence"].to_numpy(),
        "rule": chosen.name,
    }
    for service in (*SERVICES, CONNECTION):
        if service in services:
            table[f"share_{service}"] = _rounded(services[service]["share_served"], SHARE_DIGITS)
            table[f"nearest_{service}_m"] = whole(services[service]["nearest_asset_m"])
            if roads is not None and service in roads:
                table[f"road_{service}_m"] = whole(roads[service].reindex(codes))
    for rule in enabled_rules(analysis):
        table[f"state_{rule.name}"] = by_rule[rule.name]["state"].to_numpy()
        table[f"reason_{rule.name}"] = by_rule[rule.name]["sentence"].to_numpy()
    table |= _ground_and_signal(analysis, codes)
    ranks = analysis.priority.set_index("village_code_bps")["rank"].reindex(codes)
    unknown = share_unknown(by_rule[chosen.name])
    table["share_unknown"] = _rounded(unknown, SHARE_DIGITS)
    table["population_unknown"] = whole(unknown.to_numpy() * villages["population"].astype(float))
    told = by_rule[chosen.name]
    table["certainty"] = told["certainty"].to_numpy() if "certainty" in told else None
    if "chance" in told:
        people = villages["population"].astype(float).set_axis(codes)
        table["chance"], table["chance_blank"] = told["chance"].to_numpy(), told["chance_blank"].to_numpy()
        table["population_unserved_low"] = whole(people * (1 - told["share_high"]))
        table["population_unserved_high"] = whole(people * (1 - told["share_low"]))
    if analysis.pockets is not None:
        table["pockets"] = analysis.pocket_counts().reindex(codes, fill_value=0).to_numpy()
    table["margin"] = _rounded(told["margin"], SHARE_DIGITS) if "margin" in told else np.nan
    table["priority_rank"] = whole(ranks)
    table["centre_served"] = decisive["centre_served"].astype("boolean").array
    table["regency"] = villages["regency"].to_numpy()
    table["area_km2"] = _rounded(villages["area_km2"], 4)
    table["centre_lon"] = _rounded(villages["centre_lon"], 6)
    table["centre_lat"] = _rounded(villages["centre_lat"], 6)
    table["boundary_quality"] = villages["boundary_quality"].to_numpy()
    table["population_basis"] = villages["population_basis"].to_numpy()
    table["assets_source"] = assets_source(analysis.assets)
    table["run_id"] = str(analysis.run["run_id"])
    return pd.DataFrame(table).sort_values("village_code_bps", kind="stable", ignore_index=True)


def _parts(table: pd.DataFrame, column: str, codes: pd.Index) -> dict[str, pd.DataFrame]:
    """Rows of a table by the names in a column, each in the order of the villages."""
    return {str(name): rows_of(table, column, name, codes) for name in dict.fromkeys(table[column])}


def told_state(row: Mapping[Any, Any], rule: Rule, words: Words) -> str:
    """What the state of a row of ``villages.csv`` under a rule is called."""
    share = known(row.get(f"share_{rule.service}"))
    pockets = int(row.get("pockets") or 0) if rule.name == row["rule"] else 0
    return state_word(row[f"state_{rule.name}"], rule, words, share, pockets)


def with_told_states(rows: pd.DataFrame, analysis: RunTables, words: Words) -> pd.DataFrame:
    """Rows of ``villages.csv`` with *served* in other words: served in part, or under rules that ask for anybody in
    reach.
    """
    told, records_ = {}, rows.to_dict("records")
    for rule in (one for one in enabled_rules(analysis) if one.asks_for_anybody or one == default_rule(analysis)):
        names = [f"state_{rule.name}", *(["state"] if rule == default_rule(analysis) else [])]
        said = [told_state(row, rule, words) if row[names[0]] == "served" else row[names[0]] for row in records_]
        told.update(dict.fromkeys(names, said))
    return rows.assign(**told)


def told_states(states: pd.Series, shares: pd.Series, rule: Rule, words: Words) -> list[Any]:
    """What states under a rule are called, with the shares served; missing stays missing."""
    pairs = zip(states, shares, strict=True)
    return [state_word(one, rule, words, known(share)) if isinstance(one, str) else None for one, share in pairs]


def share_unknown(rows: pd.DataFrame) -> pd.Series:
    """Share of people of whom it is not known, from rows of table BLANK_SPOTS; a run saved earlier has none."""
    if "share_unknown" not in rows:
        return pd.Series(np.nan, index=rows.index)
    return rows["share_unknown"].astype(float)


def _ground_and_signal(analysis: RunTables, codes: pd.Index) -> dict[str, Any]:
    """Columns of VILLAGE_TERRAIN and VILLAGE_SIGNAL, if any."""
    columns: dict[str, Any] = {}
    for column in VILLAGE_TERRAIN.columns[1:]:
        if column.name in analysis.villages:
            columns[column.name] = _rounded(analysis.villages[column.name], 1)
    if analysis.village_signal is None:
        return columns
    signal = analysis.village_signal.set_index("village_code_bps").reindex(codes)
    for column in VILLAGE_SIGNAL.columns[1:]:
        if column.name not in signal:
            continue
        values = signal[column.name]
        name = column.name if column.name in ("operators", "single_operator") else f"signal_{column.name}"
        if column.kind == "text":
            columns[name] = values.to_numpy()
        elif column.name.startswith(("people_", "operators")) or column.unit == "m":
            columns[name] = whole(values)
        else:
            columns[name] = _rounded(values, {"dBm": 1}.get(column.unit, SHARE_DIGITS))
    if analysis.agreement is not None:
        told = analysis.agreement.set_index("village_code_bps").reindex(codes)
        columns["measurements"] = whole(told["measured"])
        columns["measurements_share_agreed"] = _rounded(told["share_agreed"], SHARE_DIGITS)
    return columns


@cached_per_run
def priority_table(analysis: RunTables, words: Words) -> pd.DataFrame:
    """Table of ``priority.csv``: a row per ranked village.

    Returns
    -------
    pandas.DataFrame
        ``rank, village_code_bps, village, subdistrict, score, rank_best, rank_worst, reason``, then
        ``part_<criterion>`` (they add up to the score), ``value_<criterion>`` (raw), state, people, and marks.
    """
    ranked = analysis.priority.sort_values("rank", kind="stable", ignore_index=True)
    villages = villages_table(analysis, words).set_index("village_code_bps").reindex(ranked["village_code_bps"])
    table = ranked[["rank", "village_code_bps", "village", "subdistrict"]].copy()
    table["score"] = _rounded(ranked["score"], SHARE_DIGITS)
    table["rank_best"] = whole(ranked["rank_best"])
    table["rank_worst"] = whole(ranked["rank_worst"])
    table["reason"] = [rank_reason(text, words) for text in ranked["reasons"]]
    for name in ranked.columns:
        if name.startswith("part_"):
            table[name] = _rounded(ranked[name], SHARE_DIGITS)
    for name in ranked.columns:
        if name.startswith("value_"):
            table[name] = _rounded(ranked[name], SHARE_DIGITS)
    also = ["village_code_kemendagri", "state", "rule", "population", "share_served"]
    for name in (*also, "boundary_quality", "population_basis", "assets_source", "run_id"):
        table[name] = villages[name].to_numpy()
    return table


def conflicts_table(analysis: RunTables, words: Words) -> pd.DataFrame:
    """Table of ``conflicts.csv``: contradictions of evidence and computed state."""
    rows = analysis.conflicts.reset_index(drop=True)
    names = analysis.villages.set_index("village_code_bps")[["village_code_kemendagri", "village", "subdistrict"]]
    found = names.reindex(rows["village_code_bps"].to_numpy())
    table = pd.DataFrame(
        {
            "village_code_bps": rows["village_code_bps"].to_numpy(),
            "village_code_kemendagri": found["village_code_kemendagri"].to_numpy(),
            "village": found["village"].to_numpy(),
            "subdistrict": found["subdistrict"].to_numpy(),
        }
    )
    for name in ("kind", "rule", "computed_state", "claimed_state", "match"):
        table[name] = rows[name].to_numpy()
    table["reason"] = [conflict_reason(row, analysis, words) for row in rows.to_dict("records")]
    table["evidence_id"] = rows["evidence_id"].to_numpy()
    given = ("given_code", "given_village", "given_subdistrict", "source", "date")
    evidence = analysis.evidence
    if evidence is not None and len(rows):
        told = evidence.drop_duplicates("evidence_id").set_index("evidence_id").reindex(rows["evidence_id"])
        for name in given:
            table[name] = told[name].to_numpy()
    else:
        for name in given:
            table[name] = pd.Series([None] * len(table), dtype=object)
    table["run_id"] = str(analysis.run["run_id"])
    return table.sort_values(["evidence_id", "kind"], kind="stable", ignore_index=True)


def conflict_reason(row: Mapping[Any, Any], analysis: RunTables, words: Words) -> str:
    """What disagrees."""
    if row["kind"] == "match":
        return words("exports.conflict.match", match=words(f"core.match.{row['match']}"))
    return words(
        "exports.conflict.state",
        computed=state_word(row["computed_state"], analysis.parameters.rule(row["rule"]), words),
        claimed=claimed_word(row["claimed_state"], words),
    )


def assets_table(analysis: RunTables) -> pd.DataFrame:
    """Assets without geometry, by kind and id; lines by a point on them."""
    shown = shown_assets(analysis)
    table = pd.DataFrame(shown.drop(columns="geometry"))
    if not is_neighbour(table).any():
        table = table.drop(columns="neighbour", errors="ignore")
    points = shown.geometry.representative_point()
    table["longitude"] = _rounded(points.x, 6)
    table["latitude"] = _rounded(points.y, 6)
    return table.reset_index(drop=True)


def assets_in_words(assets: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Kinds and statuses as words; the column of names is ``asset_name``."""
    statuses = {status: words(f"core.status.{status}") for status in STATUSES}
    told = assets.assign(kind=assets["kind"].map(words.kind), status=assets["status"].map(statuses))
    return told.rename(columns={"name": "asset_name"})


def shown_assets(analysis: RunTables) -> Any:
    """Assets as GeoDataFrame by kind and id, empty where there are none."""
    assets = analysis.assets
    if assets is None:
        columns = {name: pd.Series(dtype=object) for name in ASSETS.names if name not in ("geometry", *SECTOR)}
        return gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:4326")
    return gpd.GeoDataFrame(assets.sort_values(["kind", "asset_id"], kind="stable", ignore_index=True))


def is_neighbour(assets: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which assets lie outside the region; a run saved earlier does not tell."""
    found = assets["neighbour"] if "neighbour" in assets else np.zeros(len(assets))
    return np.asarray(found, dtype=bool)


def counted(inside: int, outside: int, words: Words) -> str:
    """How many assets of a kind there are, as a legend says it: those outside the region apart."""
    if not outside:
        return words.number(inside)
    return words("exports.map.and_outside", count=inside, outside=outside)


def csv_bytes(table: pd.DataFrame) -> bytes:
    r"""Write CSV: UTF-8, comma, decimal point, ``\\n``, formulas neutralised."""
    text: str = neutral_frame(table).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8", "replace")


def write_villages(analysis: RunTables, words: Words) -> bytes:
    """Return ``villages.csv``."""
    return csv_bytes(villages_table(analysis, words))


def write_priority(analysis: RunTables, words: Words) -> bytes:
    """Return ``priority.csv``."""
    return csv_bytes(priority_table(analysis, words))


def write_conflicts(analysis: RunTables, words: Words) -> bytes:
    """Return ``conflicts.csv``."""
    return csv_bytes(conflicts_table(analysis, words))


def write_assets(analysis: RunTables) -> bytes:
    """Return ``assets.csv`` with the place as WKT, EPSG:4326, so that it can be read again."""
    shown = shown_assets(analysis)
    table = assets_table(analysis)
    table["geometry"] = shapely.to_wkt(shown.geometry.to_numpy(), rounding_precision=7)
    table["run_id"] = str(analysis.run["run_id"])
    return csv_bytes(table)


def whole(values: Any) -> pd.Series:
    """Round to nullable integers."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(pd.array(np.rint(numbers), dtype="Int64"))


def _rounded(values: Any, digits: int) -> npt.NDArray[np.float64]:
    """Round without negative zero."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(np.round(numbers, digits) + 0.0, dtype=np.float64)


def known(value: Any) -> float | None:
    """A number, or None where missing."""
    return None if value is None or pd.isna(value) else float(value)


def records(frame: pd.DataFrame) -> list[Mapping[Any, Any]]:
    """Rows with None for missing values."""
    plain = frame.astype(object)
    return list(plain.where(plain.notna(), None).to_dict("records"))
