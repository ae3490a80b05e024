"""Open Fibre Data Standard 0.3 packages: nodes and spans as features."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from coverage.base.errors import FileRefusedError, Place
from coverage.readers.kinds import asset_kinds


def is_ofds(content: Any) -> bool:
    """Whether a JSON document is a network package."""
    return isinstance(content, dict) and isinstance(content.get("networks"), list)


def features_of_ofds(content: dict[str, Any], file: str) -> gpd.GeoDataFrame:
    """Nodes and spans of every network.

    Returns
    -------
    GeoDataFrame
        A row per node and span, EPSG:4326: ``asset_id, kind, name, status, owner, operator, installed_on, source``.

    Raises
    ------
    FileRefusedError
        A network or node without an identifier, or doubled within its network.
    """
    rows: list[dict[str, Any]] = []
    fiber = {kind.geometry: name for name, kind in reversed(asset_kinds().items()) if kind.fiber}
    node, route = fiber["point"], fiber["line"]
    for network in content["networks"]:
        if not isinstance(network, dict) or not network.get("id"):
            raise FileRefusedError("imports.ofds_invalid", Place(file=file), problem="networks/id")
        for part, place, kind in (("nodes", "location", node), ("spans", "route", route)):
            found = network.get(part) or []
            ids = (
                [item.get("id") if isinstance(item, dict) else None for item in found]
                if isinstance(found, list)
                else [None]
            )
            if not all(isinstance(name, str) and name for name in ids) or len(set(ids)) < len(ids):
                raise FileRefusedError("imports.ofds_invalid", Place(file=file), problem=f"{part}/id")
            rows += [_row(item, place, kind, network) for item in found]
    if not rows:
        raise FileRefusedError("table.no_rows", Place(file=file))
    taken = [row["asset_id"] for row in rows]
    twice = {name for name in taken if taken.count(name) > 1} if len(set(taken)) < len(taken) else set()
    for row in rows:
        if row["asset_id"] in twice:
            row["asset_id"] = f"{'node' if row['kind'] == node else 'span'}-{row['asset_id']}"
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def _row(item: dict[str, Any], place: str, kind: str, network: dict[str, Any]) -> dict[str, Any]:
    owner = item.get("physicalInfrastructureProvider")
    providers = item.get("networkProviders") or []
    return {
        "asset_id": item["id"],
        "kind": kind,
        "name": item.get("name"),
        "status": item.get("status"),
        "owner": owner.get("name") if isinstance(owner, dict) else None,
        "operator": ", ".join(str(one["name"]) for one in providers if isinstance(one, dict) and one.get("name"))
        or None,
        "installed_on": item.get("readyForServiceDate"),
        "source": network.get("name"),
        "geometry": _shape(item.get(place)),
    }


def _shape(value: Any) -> shapely.Geometry | None:
    import json

    if not isinstance(value, dict):
        return None
    return shapely.from_geojson(json.dumps(value), on_invalid="ignore")
