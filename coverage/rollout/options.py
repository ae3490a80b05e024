"""Options: which measure is possible in which village, what it gives and costs, and why the others are not.

Reason codes of table MEASURES: ``possible``; ``adds_nobody`` (nobody not yet served lives within its reach);
``people_unknown``; ``does_not_count`` (its service is not what the rule asks for); ``no_connection_near``,
``no_feed_near``, ``no_clear_line``, ``no_node``, ``no_route`` (none over land), ``route_too_long``, with the
distance that decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.kinds import AssetKind
from coverage.base.schema import MEASURES, check
from coverage.base.table_form import rows_of
from coverage.rollout.measures import Costs, Integers, Measure, present_value
from coverage.rollout.routes import Routes

Floats = NDArray[np.float64]


def possible_measures(
    codes: Collection[str],
    village_service: pd.DataFrame,
    nearest: pd.DataFrame,
    unserved: pd.DataFrame,
    routes: Routes | None,
    kinds: Mapping[str, AssetKind],
    costs: Costs,
    services: Collection[str],
    links: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell for every village and measure whether it is possible, what it gives and what it costs.

    Parameters
    ----------
    codes : villages asked about
    unserved
        People not yet served within each reach, by village (:func:`coverage.rollout.gained_people.unserved_within`).
    routes : the shared fibre tree, or None where there is no node to start from
    kinds : which of them a radio link may start from
    costs : measures and their costs
    services : services that count as served under the rule of the plan
    links
        Where terrain was checked: ``village_code_bps``, ``asset_id``, ``distance_m``, ``clear`` (whether there is a
        line of sight with some mast) and ``mast_m`` (the mast that it needs). A village without a row was not checked.

    Returns
    -------
    pandas.DataFrame
        Table MEASURES, with ``piece``, the last piece of the fibre tree (-1 where there is none), and ``mast_m``, the
        mast that a link needs (0 where none is needed), in order of village and of the measures in ``costs``.
    """
    index = pd.Index(sorted(codes), name="village_code_bps")
    starts = [name for name, kind in kinds.items() if kind.feeds]
    feeds = nearest[nearest["kind"].isin(starts)].sort_values(["distance_m", "asset_id"], kind="stable")
    tables = [
        _table(
            measure, index, _condition(measure, index, village_service, feeds, routes, links), unserved, costs, services
        )
        for measure in costs.measures
        if measure.enabled
    ]
    if not tables or index.empty:
        return pd.DataFrame({name: [] for name in [*MEASURES.names, "piece", "mast_m"]})
    by_village = np.arange(len(tables) * len(index)).reshape(len(tables), -1).T.ravel()
    table = pd.concat(tables, ignore_index=True).take(by_village).reset_index(drop=True)
    return check(table, MEASURES)


def _condition(
    measure: Measure,
    index: pd.Index,
    village_service: pd.DataFrame,
    feeds: pd.DataFrame,
    routes: Routes | None,
    links: pd.DataFrame | None,
) -> pd.DataFrame:
    """Per village: ``reason``, ``distance_m``, ``feed``, ``route_m``, ``mast_m``, ``piece``."""
    blank = pd.DataFrame(
        {
            "reason": "possible",
            "distance_m": np.nan,
            "feed": None,
            "route_m": 0.0,
            "mast_m": measure.mast_m.value if measure.mast_m else 0.0,
            "piece": -1,
        },
        index=index,
    )
    if measure.needs == "connection":
        rows = rows_of(village_service, "service", "backhaul", index)
        return _near(blank, rows["nearest_asset_m"], rows["nearest_asset_id"], measure, "no_connection_near")
    if measure.needs == "route":
        return _route(blank, routes, measure)
    if measure.needs == "link":
        return _link(blank, feeds, links, measure)
    return blank


def _near(table: pd.DataFrame, distance: pd.Series, feed: pd.Series, measure: Measure, reason: str) -> pd.DataFrame:
    assert measure.longest_m is not None
    near = (distance <= measure.longest_m.value).to_numpy(dtype=bool, na_value=False)
    return table.assign(
        reason=np.where(near, "possible", reason),
        feed=feed.where(near, None),
        distance_m=distance.to_numpy(dtype=np.float64, na_value=np.nan),
    )


def _route(table: pd.DataFrame, routes: Routes | None, measure: Measure) -> pd.DataFrame:
    assert measure.longest_m is not None
    if routes is None:
        return table.assign(reason="no_node")
    rows = routes.of_villages().reindex(table.index)
    length = rows["route_m"].to_numpy(dtype=np.float64)
    reason = np.select([np.isnan(length), length > measure.longest_m.value], ["no_route", "route_too_long"], "possible")
    return table.assign(
        reason=reason,
        distance_m=length,
        feed=rows["node_id"],
        route_m=np.nan_to_num(length),
        piece=rows["piece"].fillna(-1).clip(lower=-1).astype(np.int64),
    )


def _link(table: pd.DataFrame, feeds: pd.DataFrame, links: pd.DataFrame | None, measure: Measure) -> pd.DataFrame:
    """Nearest feed within the unchecked distance; for checked villages the lowest clear mast."""
    assert measure.longest_m is not None
    first = feeds.drop_duplicates("village_code_bps").set_index("village_code_bps").reindex(table.index)
    unchecked = (measure.longest_unchecked_m or measure.longest_m).value
    short = measure.model_copy(update={"longest_m": measure.longest_m.model_copy(update={"value": unchecked})})
    table = _near(table, first["distance_m"], first["asset_id"], short, "no_feed_near")
    if links is None or links.empty:
        return table
    checked = links[links["village_code_bps"].isin(table.index)]
    clear = checked[checked["clear"].astype(bool) & (checked["distance_m"] <= measure.longest_m.value)]
    best = clear.sort_values(["mast_m", "distance_m", "asset_id"]).drop_duplicates("village_code_bps")
    best = best.set_index("village_code_bps")
    table.loc[checked["village_code_bps"].unique(), ["reason", "feed"]] = ["no_clear_line", None]
    table.loc[best.index, "reason"] = "possible"
    for column, source in (("feed", "asset_id"), ("distance_m", "distance_m"), ("mast_m", "mast_m")):
        table.loc[best.index, column] = best[source]
    return table


def _table(
    measure: Measure,
    index: pd.Index,
    condition: pd.DataFrame,
    unserved: pd.DataFrame,
    costs: Costs,
    services: Collection[str],
) -> pd.DataFrame:
    people = np.floor(unserved.loc[index, float(measure.reach_m.value)].to_numpy(dtype=np.float64) + 1e-6)
    route, mast = (condition[name].to_numpy(dtype=np.float64) for name in ("route_m", "mast_m"))
    capital = measure.capital_idr(route, mast)
    running = measure.running_idr(capital, np.ones(len(index)))
    counted = measure.service in services
    met = (condition["reason"] == "possible").to_numpy()
    reason = np.select(
        [~met, np.full(len(index), not counted), np.isnan(people), people < 1],
        [condition["reason"], "does_not_count", "people_unknown", "adds_nobody"],
        "possible",
    )
    value = present_value(capital, running, int(costs.horizon_years.value), costs.discount_rate.value)

    feed = condition["feed"].astype(object)

    def where_met(amounts: Integers) -> pd.arrays.IntegerArray:
        return pd.arrays.IntegerArray(amounts, ~met)

    return pd.DataFrame(
        {
            "village_code_bps": index,
            "measure": measure.name,
            "possible": reason == "possible",
            "reason": reason,
            "distance_m": condition["distance_m"].to_numpy(),
            "people_newly_served": pd.array(people, dtype="Int64"),
            "capital_idr": where_met(capital),
            "running_idr": where_met(running),
            "present_value_idr": where_met(value),
            "feed": feed.where(feed.notna(), None).reset_index(drop=True),
            "piece": condition["piece"].to_numpy(),
            "mast_m": condition["mast_m"].to_numpy(),
        }
    )
