"""Smart-city indicators, one row an indicator and one column a year.

A year's figures are from its run; repairs compare it with the run of the year before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.base.kinds import giving
from coverage.base.schema import SERVICES, STATES, STATUSES
from coverage.exports.style import signs
from coverage.reach.masts import of_masts, statuses_of_masts
from coverage.run.result import RunTables

COLUMNS = ("indicator", "detail")


def indicators(runs: Mapping[int, RunTables]) -> pd.DataFrame:
    """Make the table of indicators.

    Parameters
    ----------
    runs : the run that stands for each year

    Returns
    -------
    pandas.DataFrame
        ``indicator, detail`` and a column a year. Indicators, each with what ``detail`` holds: ``villages_in_state``
        (state), ``villages_with_service`` (service: somebody in reach), ``people_in_reach`` (service), ``assets``
        (kind), ``assets_in_status`` (status), ``assets_of_owner`` (owner), ``cctv_in_subdistrict`` (subdistrict),
        ``repaired`` (kind: damaged in the year before, in operation now). Empty where not known.
    """
    columns = {}
    years = sorted(runs)
    for at, year in enumerate(years):
        figures = _figures(runs[year])
        if at:
            figures |= _repaired(runs[years[at - 1]].assets, runs[year].assets)
        columns[year] = pd.Series(figures, dtype="Float64")
    order: dict[tuple[str, str], None] = {}
    for series in columns.values():
        order |= dict.fromkeys(series.index)
    names = list(dict.fromkeys(name for name, _ in order))
    keys = sorted(order, key=lambda key: names.index(key[0]))
    table = pd.DataFrame({"indicator": [name for name, _ in keys], "detail": [detail for _, detail in keys]})
    for year, series in columns.items():
        table[str(year)] = series.reindex(pd.MultiIndex.from_tuples(keys)).array
    return table


def _figures(run: RunTables) -> dict[tuple[str, str], float | None]:
    rule = run.parameters.default_rule
    states = run.blank_spots.loc[run.blank_spots["rule"] == rule, "state"]
    made: dict[tuple[str, str], float | None] = {
        ("villages_in_state", state): float((states == state).sum()) for state in STATES
    }
    for service in SERVICES:
        rows = run.village_service[run.village_service["service"] == service]
        known = rows["share_served"].notna()
        made["villages_with_service", service] = float((rows["share_served"] > 0).sum()) if known.any() else None
    for service in SERVICES:
        people = run.village_service.loc[run.village_service["service"] == service, "population_served"]
        made["people_in_reach", service] = round(float(people.sum())) if people.notna().any() else None
    assets = run.assets
    if assets is None or assets.empty:
        return made
    by_status = statuses_of_masts(assets, run.parameters.kinds)["status"]
    assets = of_masts(assets, run.parameters.kinds)
    made |= {("assets", kind): float((assets["kind"] == kind).sum()) for kind in signs(assets["kind"])}
    made |= {("assets_in_status", status): float((by_status == status).sum()) for status in STATUSES}
    owners = assets["owner"].fillna("").value_counts().sort_index()
    made |= {("assets_of_owner", str(owner)): float(count) for owner, count in owners.items()}
    made |= {("cctv_in_subdistrict", name): count for name, count in _cameras(run).items()}
    return made


def _cameras(run: RunTables) -> dict[str, float]:
    """Cameras by subdistrict; every subdistrict is named, those without a camera too."""
    villages = gpd.GeoDataFrame(run.villages[["subdistrict", "geometry"]])
    cameras = gpd.GeoDataFrame(run.assets)[["kind", "geometry"]]
    inside = gpd.sjoin(
        cameras[cameras["kind"].isin(giving(run.parameters.kinds, "surveillance"))], villages, predicate="within"
    )
    inside = inside[~inside.index.duplicated()]
    counts = inside["subdistrict"].value_counts()
    return {str(name): float(counts.get(name, 0)) for name in sorted(set(villages["subdistrict"].dropna()))}


def _repaired(before: pd.DataFrame | None, after: pd.DataFrame | None) -> dict[tuple[str, str], float | None]:
    if before is None or after is None:
        return {}
    broken = set(before.loc[before["status"] == "damaged", "asset_id"])
    fixed: Any = after[after["asset_id"].isin(broken) & (after["status"] == "operational")]
    return {
        ("repaired", kind): float((fixed["kind"] == kind).sum()) for kind in signs([*before["kind"], *after["kind"]])
    }
