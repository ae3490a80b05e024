"""Services of each asset, and their reach."""

from __future__ import annotations

import re
import weakref
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.base.kinds import AssetKind, ServiceReach, giving_alone
from coverage.base.projection import in_plane, keep_in_plane, on_earth, utm_crs
from coverage.base.schema import ASSETS, NOT_YET, SERVICES

EDGE_M = {"official": 500.0, "approximate": 2000.0}
"""How far outlines may be off, by their quality: official ones of two sources differ by hundreds of metres."""
FAR_M = 50_000.0
"""Nothing reaches farther, not even a fibre route (``longest_m`` in ``data/costs.toml``)."""
ALONG_M = 1000.0
"""Spacing of points along outlines by which distances are told first."""
SERVING_STATUS = "operational"
"""The status in which an asset serves."""
SECTOR = ("site_id", "tilt_deg", "eirp_dbm", "technology", "antenna")
"""Columns of ASSETS that only lists of sectors or services have."""
OF_SECTOR = ("azimuth_deg", *SECTOR)
"""Columns of ASSETS that tell of a sector or service."""


_NO_REACH = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))


def told_columns(assets: pd.DataFrame) -> list[str]:
    """Columns of ASSETS; of those of sectors, the ones that tell anything."""
    return [one for one in ASSETS.names if one not in SECTOR or (one in assets and bool(assets[one].notna().any()))]


def service_reach(
    assets: gpd.GeoDataFrame, kinds: dict[str, AssetKind], end: Literal["reach_min_m", "reach_max_m"] | None = None
) -> pd.DataFrame:
    """Tell which service each operational point asset gives, and how far.

    The reach is the asset's own ``reach_m`` for the first service of its kind, where it has one; else that of the first
    entry of its kind that fits its band and fibre (see :class:`coverage.base.kinds.ServiceReach`).

    Parameters
    ----------
    assets : per :data:`coverage.base.schema.ASSETS`
    end
        An end of the stated range in place of the reach, where an asset has no reach of its own and its kind says one.

    Returns
    -------
    DataFrame
        ``asset_position`` (position in ``assets``), ``service``, ``reach_m`` (metres), ``main`` (whether the kind is
        there for that service), sorted by the first two; at most one row for an asset and service. Assets in any other
        status, lines and areas have none. What repeats out of reach of all that gives the service has ``reach_m`` 0,
        and is there for none.
    """
    own = assets["reach_m"].to_numpy(dtype=float)
    rows = []
    for kind, service, at, gives in _serving(assets, kinds):
        reach = np.full(len(at), (getattr(gives, end) if end else None) or gives.reach_m)
        main = service == kinds[kind].service
        if main:
            reach = np.where(np.isnan(own[at]), reach, own[at])
        rows.append((at, np.full(len(at), SERVICES.index(service)), reach, np.full(len(at), main)))
    at, of, reach, is_main = (np.concatenate(each) for each in zip(_NO_REACH, *rows, strict=True))
    silent = ~_hears(assets, kinds, at, of, reach)
    reach[silent], is_main[silent] = 0.0, False
    order = np.lexsort((np.argsort(np.argsort(SERVICES))[of], at))  # by the names of services
    names = pd.array(np.array(SERVICES, dtype=object)[of[order]], dtype="str")
    return pd.DataFrame(
        {"asset_position": at[order], "service": names, "reach_m": reach[order], "main": is_main[order]}
    )


_last: dict[str, tuple[Any, Any, list[tuple[str, str, NDArray[np.int64], ServiceReach]]]] = {}


def _serving(
    assets: gpd.GeoDataFrame, kinds: dict[str, AssetKind]
) -> list[tuple[str, str, NDArray[np.int64], ServiceReach]]:
    """Entries of kinds with the assets that serve by each; the last is kept, for a run asks four times."""
    table, its_kinds, found = _last.get("serving", (None, None, []))
    if table is None or table() is not assets or its_kinds is not kinds:
        points = shapely.get_type_id(assets.geometry.to_numpy()) == 0
        serving = (assets["status"].to_numpy(dtype=object) == SERVING_STATUS) & points
        entries = _entries(assets, kinds)
        found = [(kind, service, np.flatnonzero(fits & serving), gives) for kind, service, fits, gives in entries]
        _last["serving"] = (weakref.ref(assets), kinds, found)
    return found


def no_assets() -> gpd.GeoDataFrame:
    """An empty table ASSETS."""
    empty: gpd.GeoDataFrame = gpd.GeoDataFrame(
        {name: [] for name in ASSETS.names if name not in SECTOR}, geometry="geometry", crs=4326
    )
    return empty


def services_known(assets: gpd.GeoDataFrame | None, kinds: dict[str, AssetKind]) -> set[str]:
    """Tell for which services an asset list of the region was given at all.

    Parameters
    ----------
    assets
        Per :data:`coverage.base.schema.ASSETS`, or None where there is no list. Those of ``neighbour`` (see
        :func:`with_neighbours`) say nothing of a list of the region itself.

    Returns
    -------
    set of str
        Services that at least one asset gives, gave, or would give once repaired. The others are unknown: a missing
        list of towers is not a region without towers, and neither a list of repeaters nor one of what is only planned
        or being built is a list of the towers that there are.
    """
    if assets is None:
        return set()
    if "neighbour" in assets:
        assets = assets[~assets["neighbour"].astype(bool)]
    stands = ~assets["status"].isin(NOT_YET).to_numpy()
    entries = _entries(assets, kinds)
    return {service for kind, service, fits, _ in entries if (fits & stands).any() and not kinds[kind].repeats}


def repeating(assets: gpd.GeoDataFrame, kinds: Mapping[str, AssetKind]) -> NDArray[np.bool_]:
    """Which assets are repeaters."""
    return np.asarray(assets["kind"].isin([name for name, kind in kinds.items() if kind.repeats]))


def donors_of(assets: gpd.GeoDataFrame, kinds: Mapping[str, AssetKind], service: str) -> NDArray[np.bool_]:
    """Which assets give a service by themselves, and may be repeated: points in operation."""
    own = assets["kind"].isin(giving_alone(kinds, service))
    here = (assets["status"] == SERVING_STATUS) & own & (assets.geometry.geom_type == "Point")
    return np.asarray(here & ~assets.geometry.is_empty)


def operators_of(value: object) -> tuple[str, ...]:
    """Operators of one asset, separated by a comma, semicolon, slash or plus."""
    names = re.split(r"[,;/+]", value) if isinstance(value, str) else []
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def would_give(
    places: gpd.GeoSeries,
    assets: gpd.GeoDataFrame | None,
    kinds: dict[str, AssetKind],
    kind: str,
    operator: str | None = None,
) -> NDArray[np.bool_]:
    """At which places an asset of a kind would give its service: one that repeats only within reach of others."""
    if not kinds[kind].repeats or not len(places):
        return np.ones(len(places), bool)
    names = ["kind", "status", "operator", "band_mhz", "reach_m", "on_fiber"]
    told = {"kind": kind, "status": SERVING_STATUS, "operator": operator, "band_mhz": np.nan, "reach_m": np.nan}
    new = gpd.GeoDataFrame(
        {**told, "on_fiber": None}, geometry=places.to_numpy(), index=range(len(places)), crs=places.crs
    )
    listed = no_assets() if assets is None else assets
    columns = {name: np.concatenate([listed[name].astype(object), new[name].astype(object)]) for name in names}
    shapes = np.concatenate([listed.geometry.to_crs(4326), new.geometry.to_crs(4326)])
    gives = service_reach(gpd.GeoDataFrame(columns, geometry=shapes, crs=4326), kinds)
    return np.isin(np.arange(len(places)) + len(listed), gives.loc[gives["reach_m"] > 0, "asset_position"])


def shared_operators(repeater: Collection[str], mast: Collection[str]) -> tuple[str, ...] | None:
    """Operators of a mast that a repeater repeats; None for none. What names none may be any's."""
    if not repeater or not mast:
        return tuple(repeater or mast)
    names = {name.casefold() for name in repeater}
    return tuple(name for name in mast if name.casefold() in names) or None


def may_repeat(repeaters: pd.Series, masts: pd.Series) -> NDArray[np.bool_]:
    """Which repeater (row) may repeat which mast (column), by their operators."""
    (of_one, ones), (of_other, others) = (pd.factorize(one.fillna("").astype(str)) for one in (repeaters, masts))
    named = [[operators_of(text) for text in texts] for texts in (ones, others)]
    fits = [[shared_operators(one, other) is not None for other in named[1]] for one in named[0]]
    return np.asarray(np.array(fits, bool).reshape(len(ones), len(others))[of_one][:, of_other])


def with_neighbours(assets: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Mark assets outside the region as neighbours, and leave out those that are too far to matter.

    Returns
    -------
    tuple
        Table ASSETS with column ``neighbour``, and how many lie beyond :data:`FAR_M` and were left out. The border is
        as sure as :data:`EDGE_M` says.
    """
    crs = utm_crs(villages)
    outlines, places = villages.geometry.to_crs(crs).to_numpy(), in_plane(assets, crs)
    somewhere = ~(shapely.is_missing(places) | shapely.is_empty(places))
    edge = max(EDGE_M[str(quality)] for quality in villages["boundary_quality"].unique())
    metres = np.zeros(len(assets))
    metres[somewhere] = _metres_outside(places[somewhere], outlines, (edge, FAR_M))
    near = metres <= FAR_M
    marked = assets.assign(neighbour=metres > edge)[near].reset_index(drop=True)
    keep_in_plane(marked, crs, places[near])
    return marked, int((~near).sum())


def _metres_outside(places: NDArray[Any], outlines: NDArray[Any], limits: tuple[float, ...]) -> NDArray[np.float64]:
    """Distance of places from outlines in metres, exact where it decides on which side of the limits they lie.

    Elsewhere that to the nearest of points along the outlines, which is at most half of their spacing too long.
    """
    tree, metres = shapely.STRtree(outlines), np.zeros(len(places))
    beyond = np.ones(len(places), dtype=bool)
    beyond[tree.query(places, "intersects")[0]] = False
    outside = np.flatnonzero(beyond)
    points = outside[shapely.get_type_id(places[outside]) == 0]
    along = shapely.get_coordinates(shapely.segmentize(outlines, ALONG_M))
    nearest = cKDTree(along, balanced_tree=False, compact_nodes=False)  # twice as fast for points in rings
    metres[points] = nearest.query(shapely.get_coordinates(places[points]))[0]
    unsure = shapely.get_type_id(places) != 0
    for limit in limits:
        unsure |= (metres > limit) & (metres <= limit + ALONG_M)
    unsure = outside[unsure[outside]]
    metres[unsure] = shapely.distance(places[unsure], outlines[tree.nearest(places[unsure])])
    return metres


def _hears(
    assets: gpd.GeoDataFrame,
    kinds: dict[str, AssetKind],
    at: NDArray[np.int64],
    of: NDArray[np.int64],
    reach_m: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether each service of an asset is its own, or that of another within whose reach it stands."""
    repeats = repeating(assets, kinds)[at]
    hears = ~repeats
    if not repeats.any():
        return hears
    shapes = gpd.GeoSeries(assets.geometry.iloc[at], crs=assets.crs or 4326).to_crs(4326).to_numpy()
    somewhere = ~shapely.is_empty(shapes)
    places = on_earth(shapely.get_x(shapes), shapely.get_y(shapes))
    for service in np.unique(of[repeats]):
        own, donors = (
            np.flatnonzero((of == service) & which & somewhere) for which in (repeats, ~repeats & (reach_m > 0))
        )
        if len(own) and len(donors):
            pairs = cKDTree(places[own]).sparse_distance_matrix(
                cKDTree(places[donors]), reach_m[donors].max(), output_type="ndarray"
            )
            named = may_repeat(*(assets["operator"].iloc[at[rows]] for rows in (own, donors)))
            near = (pairs["v"] <= reach_m[donors[pairs["j"]]]) & named[pairs["i"], pairs["j"]]
            hears[own[pairs["i"][near]]] = True
    return hears


def _entries(
    assets: pd.DataFrame, kinds: dict[str, AssetKind]
) -> Iterator[tuple[str, str, NDArray[np.bool_], ServiceReach]]:
    """Yield kind, service, matching assets, and entry; no asset twice for a service."""
    band = assets["band_mhz"].to_numpy(dtype=float)
    on_fiber = (assets["on_fiber"] == True).to_numpy(dtype=bool)  # noqa: E712  empty is neither yes nor no
    off_fiber = (assets["on_fiber"] == False).to_numpy(dtype=bool)  # noqa: E712
    kind_of = assets["kind"].to_numpy(dtype=object)
    for kind, what in kinds.items():
        of_kind = kind_of == kind
        for service in SERVICES:
            entries = [gives for gives in what.gives if gives.service == service]
            left = of_kind.copy() if entries else of_kind
            for gives in entries:
                fits = left & _fits_band(band, gives, entries)
                if gives.on_fiber is not None:
                    fits &= on_fiber if gives.on_fiber else off_fiber
                left &= ~fits
                yield kind, service, fits, gives


def _has_band(gives: ServiceReach) -> bool:
    return gives.band_min_mhz is not None or gives.band_max_mhz is not None


def _fits_band(band: NDArray[np.float64], gives: ServiceReach, entries: list[ServiceReach]) -> NDArray[np.bool_]:
    """Assets within the band of an entry; one without a band takes the entry without a condition, else the first."""
    low = -np.inf if gives.band_min_mhz is None else gives.band_min_mhz
    high = np.inf if gives.band_max_mhz is None else gives.band_max_mhz
    without = not _has_band(gives) or (all(map(_has_band, entries)) and gives is entries[0])
    return np.where(np.isnan(band), without, (band >= low) & (band < high))
