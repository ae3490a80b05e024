"""Service per village, and the nearest asset of each kind."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.base.compiled import compiled
from coverage.base.projection import WGS84, in_plane, on_earth, utm_crs
from coverage.base.schema import CONNECTION, NEAREST, VILLAGE_SERVICE
from coverage.land.scanlines import Floats, Integers, sums_of
from coverage.reach import MEMBERS
from coverage.reach.assets import SERVING_STATUS

_NEAREST = ("nearest_asset_id", "nearest_asset_kind", "nearest_asset_m")
NOTHING_KNOWN = 0.995
"""Share of people not known from which on a village's share is not told at all."""
PART_UNKNOWN = 0.005
"""Share of people not known from which on a village counts as one of which a part is not known."""
_NEEDED_FOR_CONNECTION = frozenset({"cellular", "backhaul"})


def village_service(
    villages: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    reach: pd.DataFrame,
    assets: gpd.GeoDataFrame | None,
    service_reach: pd.DataFrame,
    known: AbstractSet[str],
    cellular: Floats | None = None,
    of_model: NDArray[np.bool_] | None = None,
    unknown: pd.DataFrame | None = None,
    usual: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
    changed: AbstractSet[str] = frozenset(),
) -> pd.DataFrame:
    """Sum reach over each village: shares of people and area, the centre, the nearest asset.

    A service whose assets were never listed is not known, and everything about it is empty, but for what neighbours of
    the region reach. ``connection``, the union of cellular, public Wi-Fi and backhaul, is known where cellular and
    backhaul are; where only some of the three are, its row is filled from those and ``known`` stays false. Shares are
    lower bounds there, and where heights are missing: ``share_unknown`` tells by how much they may be too low.

    Parameters
    ----------
    cells, reach : tables CELLS and REACH, on one index
    assets : Table ASSETS, or None where no list was given
    service_reach
        Columns ``asset_position``, ``service``, ``reach_m``, ``main``: operational point assets only. The nearest is
        the nearest that is there for the service: a camera on fibre reaches people, but is no connection point.
    known : services for which a list of assets was given
    cellular, of_model
        By a terrain model: whether it finds cellular service at each village centre (1 or 0, missing where it knows
        nothing), and for which rows of ``service_reach`` it stands. Circles count for the others.
    unknown
        Share of each piece of which a service is not known (:attr:`coverage.reach.model.ReachResult.unknown`); circles
        count for nothing then.
    usual : the result at another reach of the same assets, whose nearest assets are these
    earlier, changed : the result before assets were added, and the services that they give

    Returns
    -------
    pandas.DataFrame
        Table VILLAGE_SERVICE, by village in the order of ``villages``, then by service.
    """
    centres = _centres(villages)
    sites = _sites(assets, centres.crs)
    gives, reaches = service_reach["service"].to_numpy(dtype=object), service_reach["reach_m"].to_numpy() > 0
    village = cells["village_position"].to_numpy()
    area = cells["area_m2"].to_numpy()
    village_area = sums_of(village, area, len(villages))
    share = cells["people_share"].to_numpy()
    population = villages["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    tables = []
    for name, members in MEMBERS.items():
        if earlier is not None and changed.isdisjoint(members):
            tables.append(_of_service(earlier, name))
            continue
        is_known = known >= _NEEDED_FOR_CONNECTION if name == CONNECTION else name in known
        table: dict[str, Any] = {"known": is_known}
        giving = np.isin(gives, members)
        if known.isdisjoint(members) and not (giving & reaches).any():
            tables.append(table | _EMPTY)
            continue
        fraction = reach[name].to_numpy()
        served_share, served_area = _sums(village, share, area, fraction, len(villages))
        served = np.clip(served_share, 0, 1)
        told = {
            "share_served": served,
            "share_area_served": np.clip(served_area / village_area, 0, 1),
            "population_served": served * population,
        }
        table["share_unknown"] = 0.0 if is_known else 1 - served
        if is_known and unknown is not None and name in unknown:
            untold = np.bincount(village, share * unknown[name].to_numpy(), len(villages))
            table["share_unknown"] = np.clip(untold, 0, 1 - served)
            nothing = table["share_unknown"] > NOTHING_KNOWN
            told = {column: np.where(nothing, np.nan, values) for column, values in told.items()}
        centre = _served(centres, sites, service_reach, giving, cellular, of_model, unknown is not None, name)
        table |= told | {"centre_served": centre}
        if usual is not None:
            table |= _of_service(usual, name, _NEAREST)
        else:
            main = giving & service_reach["main"].to_numpy(dtype=bool)
            nearest, metres = _nearest(centres, sites, pd.unique(service_reach["asset_position"].to_numpy()[main]))
            labels = (_picked(sites.ids, nearest), _picked(sites.kinds, nearest))
            table |= dict(zip(_NEAREST, (*labels, metres), strict=True))
        tables.append(table)
    return _by_village(villages["village_code_bps"].to_numpy(dtype=object), tables)


@compiled()
def _sums(village: Integers, share: Floats, area: Floats, fraction: Floats, villages: int) -> tuple[Floats, Floats]:
    """Sums of share and area in reach by village, in one pass over millions of pieces."""
    of_share, of_area = np.zeros(villages), np.zeros(villages)
    first = 0
    while first < village.size:  # pieces of a village follow each other
        own, in_share, in_area = village[first], 0.0, 0.0
        while first < village.size and village[first] == own:
            if fraction[first] != 0:
                in_share += share[first] * fraction[first]
                in_area += area[first] * fraction[first]
            first += 1
        of_share[own] += in_share
        of_area[own] += in_area
    return of_share, of_area


def nearest_assets(villages: gpd.GeoDataFrame, assets: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """The nearest operational asset of each kind to every village centre.

    Distances are on the ellipsoid WGS 84, right to 0.1 m below 50 km for points. Of assets at one spot, the
    one whose id sorts first is named.

    Returns
    -------
    pandas.DataFrame
        Table NEAREST; no rows for kinds without an operational asset.
    """
    if assets is None or not len(assets):
        return _nearest_table([])
    centres = _centres(villages)
    sites = _sites(assets, centres.crs)
    operational = (assets["status"].to_numpy() == SERVING_STATUS) & ~sites.nowhere
    tables = []
    for kind in sorted(set(sites.kinds[operational])):
        chosen = np.flatnonzero(operational & (sites.kinds == kind))
        lines = (shapely.get_type_id(sites.geometries[chosen]) != 0).any()
        nearest, metres = (_nearest_line if lines else _nearest)(centres, sites, chosen)
        tables.append(
            pd.DataFrame(
                {
                    "village_code_bps": villages["village_code_bps"].to_numpy(),
                    "kind": kind,
                    "asset_id": sites.ids[nearest],
                    "distance_m": metres,
                }
            )
        )
    return _nearest_table(tables)


def places_served(
    places: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    service_reach: pd.DataFrame,
    service: str,
    cellular: Floats | None = None,
    of_model: NDArray[np.bool_] | None = None,
    strict: bool = True,
) -> NDArray[Any]:
    """Tell whether places are in reach of a service, as village centres are.

    Parameters
    ----------
    places : places with ``centre_lon`` and ``centre_lat``
    service : one of :data:`MEMBERS`
    cellular, of_model : as for :func:`village_service`
    strict : whether a place of which the model knows nothing is not known; circles count there otherwise

    Returns
    -------
    numpy.ndarray
        True, False or None, in the order of ``places``.
    """
    centres = _Centres(places)
    sites, mine = _sites(assets, centres.crs), service_reach["service"].isin(MEMBERS[service]).to_numpy()
    return _served(centres, sites, service_reach, mine, cellular, of_model, strict, service)


NEAREST_FOR = ["nearest_id", "nearest_kind", "nearest_m"]


def nearest_for(places: gpd.GeoDataFrame, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame) -> pd.DataFrame:
    """The nearest asset that is there for a service, with its reach.

    Parameters
    ----------
    places : places with ``centre_lon`` and ``centre_lat``
    service_reach : rows of the service (:func:`coverage.reach.assets.service_reach`)

    Returns
    -------
    pandas.DataFrame
        Columns :data:`NEAREST_FOR` in the order of ``places``; empty where there is none.
    """
    centres = _Centres(places)
    sites = _sites(assets, centres.crs)
    nearest, metres = _nearest(centres, sites, service_reach.loc[service_reach["main"], "asset_position"].unique())
    return pd.DataFrame(
        {"nearest_id": _labels(sites.ids, nearest), "nearest_kind": _labels(sites.kinds, nearest), "nearest_m": metres}
    )


class _Centres:
    """Village centres: earth-centred (metres) and in the UTM zone."""

    def __init__(self, villages: gpd.GeoDataFrame) -> None:
        lon, lat = (villages[name].to_numpy(dtype=np.float64) for name in ("centre_lon", "centre_lat"))
        self.crs = utm_crs(villages)
        self.earth = on_earth(lon, lat)
        self.plane = gpd.GeoSeries(shapely.points(lon, lat), crs=4326).to_crs(self.crs).to_numpy()
        self.xy = shapely.get_coordinates(self.plane)
        self.east = np.argsort(self.xy[:, 0])


class _Sites:
    """Assets as arrays: ids, kinds, UTM geometries, earth-centred points (NaN for lines and areas)."""

    def __init__(self, assets: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> None:
        self.crs = crs
        self._trees: dict[bytes, tuple[NDArray[Any], cKDTree]] = {}
        if assets is None or not len(assets):
            self.ids = self.kinds = self.geometries = np.array([], dtype=object)
            self.earth = np.empty((0, 3))
            return
        self.ids = assets["asset_id"].to_numpy(dtype=object)
        self.kinds = assets["kind"].to_numpy(dtype=object)
        self.geometries = in_plane(assets, crs)
        degrees = assets.to_crs(4326).geometry.to_numpy()
        self.earth = on_earth(shapely.get_x(degrees), shapely.get_y(degrees))

    @cached_property
    def rank(self) -> Integers:
        """Place of each asset in the order of ids."""
        return np.asarray(pd.Series(self.ids).rank(method="min"), np.int64)

    @cached_property
    def _spot(self) -> Integers:
        """A number for each place: assets at one spot have the same."""
        spots = pd.DataFrame(self.earth).groupby([0, 1, 2], sort=False, dropna=False)
        return np.asarray(spots.ngroup(), np.int64)

    @cached_property
    def xy(self) -> Floats:
        """Place of each point in the plane, NaN for lines and areas."""
        return np.column_stack([shapely.get_x(self.geometries), shapely.get_y(self.geometries)])

    def tree(self, chosen: NDArray[Any]) -> tuple[NDArray[Any], cKDTree]:
        """Tree of some point assets, and which they are: those of a kind are mostly those of a service.

        One asset a spot, the first by id: which of two points at one place a tree finds depends on their order.
        """
        chosen = np.sort(chosen)
        key = chosen.tobytes()
        if key not in self._trees:
            chosen = chosen[np.argsort(self.rank[chosen], kind="stable")]
            chosen = np.sort(chosen[~pd.Series(self._spot[chosen]).duplicated().to_numpy()])
            self._trees[key] = chosen, cKDTree(self.earth[chosen], balanced_tree=False, compact_nodes=False)
        return self._trees[key]

    @property
    def nowhere(self) -> NDArray[np.bool_]:
        """Assets without a place."""
        return np.asarray(shapely.is_missing(self.geometries) | shapely.is_empty(self.geometries))


_last: dict[str, tuple[Any, pyproj.CRS, _Sites]] = {}
_last_centres: dict[str, tuple[Any, _Centres]] = {}


def _centres(villages: gpd.GeoDataFrame) -> _Centres:
    """Village centres; those of the table asked for last are kept, as :func:`_sites`."""
    table, centres = _last_centres.get("centres", (None, None))
    if table is None or centres is None or table() is not villages:
        centres = _Centres(villages)
        _last_centres["centres"] = (weakref.ref(villages), centres)
    return centres


def _sites(assets: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> _Sites:
    """Assets as arrays; those of the table asked for last are kept, for a run asks for the same one eight times."""
    if assets is None:
        return _Sites(None, crs)
    table, its_crs, sites = _last.get("sites", (None, None, None))
    if table is None or sites is None or table() is not assets or its_crs != crs:
        sites = _Sites(assets, crs)
        _last["sites"] = (weakref.ref(assets), crs, sites)
    return sites


def _nearest(centres: _Centres, sites: _Sites, chosen: NDArray[Any]) -> tuple[Integers, Floats]:
    """Position of the nearest ``chosen`` point asset to each centre (-1 for none), and distance in metres."""
    if not len(chosen):
        return np.full(len(centres.earth), -1, dtype=np.int64), np.full(len(centres.earth), np.nan)
    chosen, tree = sites.tree(chosen)
    chord, which = tree.query(centres.earth)
    radius = np.linalg.norm(centres.earth, axis=1)
    return chosen[which].astype(np.int64), 2 * radius * np.arcsin(np.minimum(chord / (2 * radius), 1))


def _nearest_line(centres: _Centres, sites: _Sites, chosen: NDArray[Any]) -> tuple[Integers, Floats]:
    """:func:`_nearest` for lines and areas: nearest in UTM, distance on the ellipsoid."""
    chosen = chosen[np.argsort(sites.ids[chosen], kind="stable")]
    which = shapely.STRtree(sites.geometries[chosen]).nearest(centres.plane)
    touching = shapely.get_coordinates(shapely.shortest_line(centres.plane, sites.geometries[chosen][which]))
    to_degrees = pyproj.Transformer.from_crs(sites.crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(touching[:, 0], touching[:, 1])
    metres = WGS84.inv(lon[::2], lat[::2], lon[1::2], lat[1::2])[2]
    return chosen[which].astype(np.int64), np.asarray(metres)


def _centre_served(
    centres: _Centres, sites: _Sites, service_reach: pd.DataFrame, mine: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether each village centre is within reach of an asset of some rows, in UTM."""
    position = service_reach["asset_position"].to_numpy(dtype=np.int64)[mine]
    reach_m = service_reach["reach_m"].to_numpy(dtype=np.float64)[mine]  # 0 where nothing is repeated, not even there
    return _within(centres.xy, centres.east, sites.xy[position], reach_m)


@compiled()
def _within(places: Floats, east: Integers, discs: Floats, reach_m: Floats) -> NDArray[np.bool_]:
    """Whether each place is in one of some discs; ``east`` is the order of the places from the west."""
    found, x = np.zeros(len(places), np.bool_), places[east, 0]
    for d in range(len(discs)):
        r = reach_m[d]
        if not r > 0:
            continue
        k = np.searchsorted(x, discs[d, 0] - r)
        while k < x.size and x[k] <= discs[d, 0] + r:
            if not found[east[k]]:
                across, along = x[k] - discs[d, 0], places[east[k], 1] - discs[d, 1]
                found[east[k]] = np.sqrt(across * across + along * along) <= r
            k += 1
    return found


def _served(
    centres: _Centres,
    sites: _Sites,
    service_reach: pd.DataFrame,
    mine: NDArray[np.bool_],
    cellular: Floats | None,
    of_model: NDArray[np.bool_] | None,
    strict: bool,
    service: str,
) -> NDArray[Any]:
    """Whether each centre is in reach of a service, whose rows are ``mine``: by the model, else by circles."""
    circles = _centre_served(centres, sites, service_reach, mine)
    if cellular is None or of_model is None or "cellular" not in MEMBERS[service]:
        return circles
    found = _centre_served(centres, sites, service_reach, mine & ~of_model) | (cellular == 1)
    otherwise = np.where(found, found, np.full(len(found), None, dtype=object)) if strict else circles
    return np.where(np.isnan(cellular), otherwise, found)


def _labels(values: NDArray[Any], position: Integers) -> pd.Series:
    """Text of the assets at ``position``, empty for none."""
    return pd.Series(_picked(values, position), dtype="str")


def _picked(values: NDArray[Any], position: Integers) -> NDArray[Any]:
    return np.concatenate([values, [None]])[position]


_DTYPES = {"known": bool, "centre_served": object, "nearest_asset_id": object, "nearest_asset_kind": object}
_EMPTY: dict[str, Any] = {name: None if _DTYPES.get(name) is object else np.nan for name in VILLAGE_SERVICE.names[3:]}
"""Columns of an unknown service."""


def _of_service(table: pd.DataFrame, name: str, columns: Sequence[str] = VILLAGE_SERVICE.names[2:]) -> dict[str, Any]:
    """Columns of a service from table VILLAGE_SERVICE, which has the services of a village in order."""
    rows = slice(list(MEMBERS).index(name), None, len(MEMBERS))
    kinds = {column: _DTYPES.get(column, float) for column in columns}
    return {
        column: table[column].array[rows].to_numpy(dtype=kind, na_value=None if kind is object else np.nan)
        for column, kind in kinds.items()
    }


def _by_village(codes: NDArray[Any], tables: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Table VILLAGE_SERVICE of the columns of each service: rows of a village follow each other."""
    columns: dict[str, Any] = {
        "village_code_bps": np.repeat(codes, len(tables)),
        "service": np.tile(np.array(list(MEMBERS), dtype=object), len(codes)),
    }
    for name in VILLAGE_SERVICE.names[2:]:
        values = np.empty((len(codes), len(tables)), dtype=_DTYPES.get(name, float))
        for at, table in enumerate(tables):
            values[:, at] = table[name]
        columns[name] = values.ravel()
    columns["centre_served"] = pd.array(columns["centre_served"], dtype="boolean")
    for name in _NEAREST[:2]:
        columns[name] = pd.array(columns[name], dtype="str")
    return pd.DataFrame(columns)


def _nearest_table(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate tables by kind, sorted by village and kind."""
    if not tables:
        return pd.DataFrame(
            {
                "village_code_bps": pd.Series(dtype="str"),
                "kind": pd.Series(dtype="str"),
                "asset_id": pd.Series(dtype="str"),
                "distance_m": pd.Series(dtype="float64"),
            }
        )
    stacked = pd.concat(tables, ignore_index=True)
    order = np.arange(len(stacked)).reshape(len(tables), -1).T.ravel()
    return stacked.iloc[order].reset_index(drop=True)[NEAREST.names].astype({"asset_id": "str"})
