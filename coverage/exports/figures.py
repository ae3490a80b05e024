"""Figures of summaries, computed once for all papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from coverage.base.kinds import AssetKind
from coverage.base.schema import STATES, STATUSES
from coverage.exports.style import signs
from coverage.exports.tables import enabled_rules, villages_table
from coverage.language.words import Words
from coverage.reach.asset_counts import sectors_by_kind
from coverage.reach.masts import of_masts, statuses_of_masts
from coverage.run.result import RunTables


@dataclass(frozen=True)
class Totals:
    """Totals under the default rule."""

    villages: int
    subdistricts: int
    area_km2: float
    states: dict[str, int]
    """Villages per state."""
    population: float | None
    """None where not known for any village."""
    population_unserved: float | None
    """People surely out of reach, in villages with known population."""
    population_unknown: float | None
    """People of unknown service, in villages with known population."""
    villages_without_population: int


def totals(table: pd.DataFrame) -> Totals:
    """Totals of ``villages.csv``."""
    people = table["population"].astype("Float64")
    unknown = table["population_unknown"].astype("Float64")
    unserved = people - table["population_served"].astype("Float64") - unknown.fillna(0)
    unserved = unserved.where(table["state"] != "unknown")
    return Totals(
        villages=len(table),
        subdistricts=int(table.groupby(["regency", "subdistrict"], dropna=False).ngroups),
        area_km2=float(table["area_km2"].sum()),
        states={state: int((table["state"] == state).sum()) for state in STATES},
        population=float(people.sum()) if people.notna().any() else None,
        population_unserved=float(unserved.sum()) if unserved.notna().any() else None,
        population_unknown=float(unknown.sum()) if unknown.notna().any() else None,
        villages_without_population=int(people.isna().sum()),
    )


def by_rule(analysis: RunTables) -> pd.DataFrame:
    """Villages per rule and state: ``rule`` and a column per state."""
    spots = analysis.blank_spots
    rows = [
        {
            "rule": rule.name,
            **{state: int(((spots["rule"] == rule.name) & (spots["state"] == state)).sum()) for state in STATES},
        }
        for rule in enabled_rules(analysis)
    ]
    return pd.DataFrame(rows, columns=["rule", *STATES])


def by_subdistrict(table: pd.DataFrame) -> pd.DataFrame:
    """Totals of ``villages.csv`` by subdistrict, most people out of reach first.

    Returns
    -------
    pandas.DataFrame
        ``subdistrict, villages``, a column per state, ``population, population_unserved, share_served`` (of the people
        in villages where both are known, less those of unknown service; empty where none is).
    """
    known = table["population"].notna() & table["population_served"].notna()
    told = table["population"].astype("Float64") - table["population_unknown"].astype("Float64").fillna(0)
    people = told.where(known)
    served = table["population_served"].astype("Float64").where(known)
    everybody = table["population"].astype("Float64").where(known)
    flat = table.assign(
        _people=people, _served=served, _all=everybody, **{state: table["state"] == state for state in STATES}
    )
    groups = flat.groupby(["regency", "subdistrict"], dropna=False)
    summed = groups[[*STATES, "_people", "_served", "_all"]].sum(min_count=1)
    made = pd.DataFrame(
        {
            "subdistrict": [key[1] for key in summed.index],
            "villages": groups.size().to_numpy(),
            **{state: summed[state].astype(int).to_numpy() for state in STATES},
            "population": summed["_all"].astype("Float64").array,
            "population_unserved": (summed["_people"] - summed["_served"]).astype("Float64").array,
            "share_served": (summed["_served"] / summed["_people"].where(summed["_people"] > 0))
            .astype("Float64")
            .array,
        }
    )
    order = made.assign(_unserved=made["population_unserved"].fillna(-1)).sort_values(
        ["_unserved", "blank", "subdistrict"], ascending=[False, False, True], kind="stable"
    )
    return order.drop(columns="_unserved").reset_index(drop=True)


def assets_by_kind(assets: pd.DataFrame | None, kinds: Mapping[str, AssetKind]) -> pd.DataFrame:
    """Assets by kind, sectors by their mast: a column per status, ``total``, and ``sectors`` if more.

    A mast with antennas of two statuses counts in both, once in the total.
    """
    if assets is None:
        return pd.DataFrame(columns=["kind", *STATUSES, "total", "sectors"])
    masts = of_masts(assets, kinds)
    by_status = statuses_of_masts(assets, kinds)
    made = pd.crosstab(by_status["kind"], by_status["status"]).reindex(
        index=list(signs(masts["kind"])), columns=STATUSES, fill_value=0
    )
    made = made.assign(total=masts["kind"].value_counts(), sectors=made.index.map(sectors_by_kind(masts)))
    return made.fillna({"sectors": 0}).astype(int).rename_axis(index="kind", columns=None).reset_index()


def blank_spot_table(analysis: RunTables, words: Words) -> pd.DataFrame:
    """Rows of ``villages.csv`` without service under the default rule, or on an official list.

    Blank spots first, then weak villages, then the others, each by rank and code.
    """
    table = villages_table(analysis, words)
    listed = [f"state_{rule.name}" for rule in enabled_rules(analysis) if rule.is_list]
    place = table["state"].map({"blank": 0, "weak": 1}).fillna(2)
    wanted = (place < 2) | (table[listed] == "blank").any(axis=1)
    order = table.assign(_place=place, _rank=table["priority_rank"].fillna(1_000_000))[wanted]
    order = order.sort_values(["_place", "_rank", "village_code_bps"], kind="stable")
    return order.drop(columns=["_place", "_rank"]).reset_index(drop=True)
