"""Compare two runs: changed villages, and the assets behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from coverage.base.projection import utm_crs
from coverage.exports.tables import villages_table
from coverage.language.words import Words
from coverage.reach.assets import service_reach
from coverage.run.result import RunTables

MOST_CAUSES = 5
_ORDER = {"blank": 0, "weak": 1, "served": 2}
"""States from worst to best; ``unknown`` is incomparable."""
_NOTABLE_SHARE = 0.01
"""Change of the share served below which a village of the same state is unchanged."""


@dataclass(frozen=True)
class RunComparison:
    """Changes from one run to the other.

    Attributes
    ----------
    villages
        ``village_code_bps, village, subdistrict, change, state_before, state_after, share_before, share_after,
        population_served_before, population_served_after, because``; ``change`` is ``better``, ``worse``, ``told``
        (from or to unknown), ``same``, ``added`` or ``removed``; ``because`` lists asset ids, the nearest first.
    assets
        Changed assets: ``asset_id, kind, name, owner, change, status_before, status_after``; ``change`` is ``added``,
        ``removed``, ``status`` or ``moved`` (place or reach).
    inputs : ``name, before, after``: SHA-256 of differing inputs
    parameters : ``name, before, after``: differing parameters, as text
    """

    villages: pd.DataFrame
    assets: pd.DataFrame
    inputs: pd.DataFrame
    parameters: pd.DataFrame


def compare(before: RunTables, after: RunTables, words: Words) -> RunComparison:
    """Compare two runs under the default rule of each.

    A change is attributed to assets that began or ceased to reach the village: operational in one run only, moved, or
    with another reach, and no farther from its outline than they reach.
    """
    gained, lost = _reaching(before, after)
    return RunComparison(
        villages=_villages(before, after, gained, lost, words),
        assets=_assets(before.assets, after.assets, gained, lost),
        inputs=_differing(before.run.get("inputs") or {}, after.run.get("inputs") or {}),
        parameters=_differing(_flat(before.run.get("parameters") or {}), _flat(after.run.get("parameters") or {})),
    )


def _villages(before: RunTables, after: RunTables, gained: Any, lost: Any, words: Words) -> pd.DataFrame:
    keys = ["state", "share_served", "population_served"]
    old = villages_table(before, words).set_index("village_code_bps")
    new = villages_table(after, words).set_index("village_code_bps")
    codes = old.index.union(new.index).sort_values()
    left, right = old.reindex(codes), new.reindex(codes)
    table = pd.DataFrame(
        {
            "village_code_bps": codes,
            "village": right["village"].fillna(left["village"]).to_numpy(),
            "subdistrict": right["subdistrict"].fillna(left["subdistrict"]).to_numpy(),
        }
    )
    for name in keys:
        short = "share" if name == "share_served" else name
        table[f"{short}_before"], table[f"{short}_after"] = left[name].array, right[name].array
    states = zip(left["state"], right["state"], left["share_served"], right["share_served"], strict=True)
    table["change"] = [_change(*row) for row in states]
    table["because"] = _causes(table, before, after, gained, lost)
    first = ["village_code_bps", "village", "subdistrict", "change"]
    return table[[*first, *(name for name in table if name not in first)]]


def _change(old: Any, new: Any, share_before: float, share_after: float) -> str:
    if pd.isna(old):
        return "added"
    if pd.isna(new):
        return "removed"
    if old != new and "unknown" in (old, new):
        return "told"
    if old != new:
        return "better" if _ORDER[new] > _ORDER[old] else "worse"
    if share_after - share_before >= _NOTABLE_SHARE:
        return "better"
    return "worse" if share_before - share_after >= _NOTABLE_SHARE else "same"


def _reaching(before: RunTables, after: RunTables) -> tuple[Any, Any]:
    """Assets with their reach in one run only: gained, and lost; EPSG:4326."""
    tables = []
    for run in (before, after):
        if run.assets is None or run.assets.empty:
            tables.append(
                gpd.GeoDataFrame({"asset_id": [], "service": [], "reach_m": []}, geometry=[], crs="EPSG:4326")
            )
            continue
        reach = service_reach(run.assets, run.parameters.kinds)
        reach = reach[reach["reach_m"] > 0]  # a repeater that hears nothing has not moved
        rows = run.assets.iloc[reach["asset_position"]]
        tables.append(
            gpd.GeoDataFrame(
                {
                    "asset_id": rows["asset_id"].to_numpy(),
                    "service": reach["service"].to_numpy(),
                    "reach_m": reach["reach_m"].to_numpy(),
                },
                geometry=rows["geometry"].to_numpy(),
                crs="EPSG:4326",
            )
        )
    keys = [
        [(row.asset_id, row.service, row.reach_m, row.geometry.wkb) for row in table.itertuples()] for table in tables
    ]
    gained = tables[1].loc[[key not in set(keys[0]) for key in keys[1]]]
    lost = tables[0].loc[[key not in set(keys[1]) for key in keys[0]]]
    return gained, lost


def _causes(table: pd.DataFrame, before: RunTables, after: RunTables, gained: Any, lost: Any) -> list[str]:
    """Asset ids behind each village's change: those gained if better off, those lost if worse."""
    causes: dict[str, str] = {}
    for change, assets, villages in (("better", gained, after.villages), ("worse", lost, before.villages)):
        wanted = set(table.loc[table["change"] == change, "village_code_bps"])
        chosen = gpd.GeoDataFrame(villages[villages["village_code_bps"].isin(wanted)])
        if chosen.empty or assets.empty:
            continue
        crs = utm_crs(chosen)
        outlines, points = chosen.geometry.to_crs(crs).to_numpy(), assets.geometry.to_crs(crs).to_numpy()
        centres = shapely.centroid(outlines)
        asset_at, village_at = shapely.STRtree(outlines).query(points, predicate="dwithin", distance=assets["reach_m"])
        found = pd.DataFrame(
            {
                "village": chosen["village_code_bps"].to_numpy()[village_at],
                "asset": assets["asset_id"].to_numpy()[asset_at],
                "distance": shapely.distance(points[asset_at], centres[village_at]),
            }
        ).sort_values(["village", "distance", "asset"], kind="stable")
        for village, part in found.groupby("village"):
            ids = list(dict.fromkeys(part["asset"]))
            causes[str(village)] = ", ".join(ids[:MOST_CAUSES]) + (", …" if len(ids) > MOST_CAUSES else "")
    return [causes.get(code, "") for code in table["village_code_bps"]]


def _assets(before: pd.DataFrame | None, after: pd.DataFrame | None, gained: Any, lost: Any) -> pd.DataFrame:
    names = ["asset_id", "kind", "name", "owner", "change", "status_before", "status_after"]
    empty = pd.DataFrame(columns=["asset_id", "kind", "name", "owner", "status"])
    old = (empty if before is None else pd.DataFrame(before)).set_index("asset_id")
    new = (empty if after is None else pd.DataFrame(after)).set_index("asset_id")
    moved = set(gained["asset_id"]) & set(lost["asset_id"])
    rows = []
    for asset_id in sorted(set(old.index) | set(new.index)):
        was = None if asset_id not in old.index else old.loc[asset_id]
        now = None if asset_id not in new.index else new.loc[asset_id]
        status = [None if row is None else row["status"] for row in (was, now)]
        change = _asset_change(status[0], status[1], asset_id in moved)
        if change:
            shown = old.loc[asset_id] if now is None else new.loc[asset_id]
            rows.append([asset_id, shown["kind"], shown["name"], shown["owner"], change, *status])
    table = pd.DataFrame(rows, columns=names).astype(object)
    return table.where(table.notna(), None)


def _asset_change(before: str | None, after: str | None, moved: bool) -> str | None:
    """Change of an asset, by its status in each run (None where absent)."""
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if before != after:
        return "status"
    return "moved" if moved else None


def _differing(before: dict[str, Any], after: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"name": name, "before": before.get(name), "after": after.get(name)}
        for name in sorted(set(before) | set(after))
        if before.get(name) != after.get(name)
    ]
    return pd.DataFrame(rows, columns=["name", "before", "after"]).astype(object)


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    """Flatten parameters to dotted names; list entries go by their ``name``, if any."""
    if isinstance(value, dict):
        pairs = [(str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        pairs = [
            (str(inner["name"]) if isinstance(inner, dict) and "name" in inner else str(at), inner)
            for at, inner in enumerate(value)
        ]
    else:
        return {prefix: str(value)}
    made: dict[str, str] = {}
    for key, inner in pairs:
        made |= _flat(inner, f"{prefix}.{key}" if prefix else key)
    return made
