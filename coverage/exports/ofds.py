"""``fibre_ofds.json``: fibre nodes and routes as an Open Fibre Data Standard 0.3 package.

Damaged becomes ``inactive``: the standard knows no damage. A route ends at a recorded node within
:data:`SAME_PLACE_M`, or is left open.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.projection import utm_crs
from coverage.exports.provenance import provenance
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.result import RunTables

SAME_PLACE_M = 50.0
_SCHEMA = (
    "https://raw.githubusercontent.com/Open-Telecoms-Data/open-fibre-data-standard/0__3__0/schema/network-schema.json"
)
_CRS = {"name": "urn:ogc:def:crs:OGC::CRS84", "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
_STATUS = {
    "operational": "operational", "damaged": "inactive", "planned": "planned",
    "under_construction": "underConstruction", "inactive": "inactive", "decommissioned": "decommissioned",
}  # fmt: skip


def write_ofds(analysis: RunTables, words: Words) -> bytes:
    """Return ``fibre_ofds.json``: a package of one network, empty without fibre."""
    about = provenance(analysis, words)
    return _package(
        analysis.assets,
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"jangkau:{about.run_id}")),
            "name": words("exports.ofds.name", region=about.region),
            "publicationDate": about.iso_date,
            "accuracyDetails": " ".join([about.footer(words) + ".", *about.approximations]),
            "language": words.language,
        },
    )


def write_inventory_ofds(assets: pd.DataFrame, name: str, date: str, language: str) -> bytes:
    """Return the fibre of an inventory as a package of one network.

    Parameters
    ----------
    assets : columns of :data:`coverage.base.schema.ASSETS`, EPSG:4326
    date : ISO date of publication
    language : of the texts, two letters
    """
    key = "\n".join(sorted(assets["asset_id"].astype(str)))
    return _package(
        assets,
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"jangkau:{name}:{key}")),
            "name": name,
            "publicationDate": date,
            "language": language,
        },
    )


def fiber_kinds() -> list[str]:
    """Kinds that are part of a fibre network."""
    return [name for name, kind in asset_kinds().items() if kind.fiber]


def _package(assets: pd.DataFrame | None, about: dict[str, Any]) -> bytes:
    fibre = (
        None
        if assets is None
        else gpd.GeoDataFrame(assets[assets["kind"].isin(fiber_kinds())].sort_values("asset_id", kind="stable"))
    )
    network: dict[str, Any] = {"id": about["id"], "name": about["name"]}
    if fibre is not None and len(fibre):
        organisations = _organisations(fibre)
        nodes, spans = _nodes(fibre, organisations), _spans(fibre, organisations)
        network |= {key: value for key, value in (("nodes", nodes), ("spans", spans)) if value}
        if organisations:
            network["organisations"] = [
                {"id": key, "name": name, "roles": ["physicalInfrastructureProvider"]}
                for name, key in organisations.items()
            ]
    network |= {key: value for key, value in about.items() if key not in network}
    network |= {"crs": _CRS, "links": [{"rel": "describedby", "href": _SCHEMA}]}
    return (json.dumps({"networks": [network]}, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _organisations(fibre: pd.DataFrame) -> dict[str, str]:
    """Owners by name, with our identifiers."""
    names = sorted({name for name in fibre["owner"].dropna() if name})
    return {name: f"pemilik-{at}" for at, name in enumerate(names, start=1)}


def _common(row: dict[Any, Any], organisations: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": row["asset_id"]}
    if isinstance(row["name"], str) and row["name"]:
        made["name"] = row["name"]
    made["status"] = _STATUS[row["status"]]
    if row["owner"] in organisations:
        made["physicalInfrastructureProvider"] = {"id": organisations[row["owner"]], "name": row["owner"]}
    return made


def _nodes(fibre: Any, organisations: dict[str, str]) -> list[dict[str, Any]]:
    part = fibre[~fibre["kind"].isin(asset_kinds().lines)]
    return [
        {
            **_common(row, organisations),
            "location": {"type": "Point", "coordinates": [round(shape.x, 6), round(shape.y, 6)]},
        }
        for row, shape in zip(part.drop(columns="geometry").to_dict("records"), part.geometry, strict=True)
    ]


def _spans(fibre: Any, organisations: dict[str, str]) -> list[dict[str, Any]]:
    """A span per part of a route."""
    metric = fibre.to_crs(utm_crs(fibre))
    is_route = fibre["kind"].isin(asset_kinds().lines)
    nodes = metric[~is_route]
    tree, ids = shapely.STRtree(nodes.geometry.to_numpy()), nodes["asset_id"].to_numpy()
    routes, lengths = fibre[is_route], metric[is_route]
    spans = []
    for row, shape, on_ground in zip(
        routes.drop(columns="geometry").to_dict("records"), routes.geometry, lengths.geometry, strict=True
    ):
        parts, metric_parts = shapely.get_parts(shape), shapely.get_parts(on_ground)
        for at, (line, metric_line) in enumerate(zip(parts, metric_parts, strict=True), start=1):
            span = _common(row, organisations)
            if len(parts) > 1:
                span["id"] = f"{row['asset_id']}-{at}"
            if isinstance(row["installed_on"], str) and len(row["installed_on"]) == 10:
                span["readyForServiceDate"] = row["installed_on"]
            for end, place in (("start", metric_line.coords[0]), ("end", metric_line.coords[-1])):
                near: Any = tree.query_nearest(shapely.Point(place), max_distance=SAME_PLACE_M) if len(ids) else []
                if len(near):
                    span[end] = str(min(ids[near]))
            coordinates = np.round(shapely.get_coordinates(line), 6).tolist()
            span["route"] = {"type": "LineString", "coordinates": coordinates}
            spans.append(span)
    return spans
