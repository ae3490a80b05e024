"""Blank pockets: connected groups of people without service inside a village.

A village of which a tenth is without signal is *served*, and yet a whole hamlet may be that tenth.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from coverage.base.compiled import compiled
from coverage.base.parameters import Parameters, PocketParameters, Rule
from coverage.base.projection import WGS84
from coverage.base.schema import CERTAINTIES, POCKETS, check
from coverage.land.cells import Land
from coverage.land.scanlines import Floats, Integers
from coverage.reach.model import ReachResult, radio_of
from coverage.reach.terrain import Terrain
from coverage.villages_served.chances import SignalChances
from coverage.villages_served.village_service import NEAREST_FOR, nearest_for
from coverage.villages_served.village_signal import OBSTACLES, obstacles

ALMOST_NOBODY = 1e-9
"""Share of a village's people below which a piece of land counts as empty."""
MOSTLY = 0.5
"""Share of a piece that must be without service for it to be drawn; all of a pocket that has no such piece."""
FEW = 0.01
"""Share of a village's people below which a group is scattered, where people are not known."""
CELL_KEY = ("village_position", "row", "column")


@dataclass(frozen=True, eq=False)
class Pockets:
    """Pockets of a region under one rule.

    Attributes
    ----------
    table : Table POCKETS
    pieces
        Of each piece of land in a pocket: ``pocket`` (its row in ``table``), ``village_position``, ``row``, ``column``
        as in table CELLS, and ``unserved``, the share of it that is surely without service.
    corner, cell_m, crs, polygons : as of the land
    """

    table: pd.DataFrame
    pieces: pd.DataFrame
    corner: tuple[float, float]
    cell_m: float
    crs: pyproj.CRS
    polygons: NDArray[Any]

    @cached_property
    def shapes(self) -> gpd.GeoSeries:
        """Outlines of the pockets in the order of their table, EPSG:4326: their cells, cut at the village's border.

        Only cells that are :data:`MOSTLY` without service; of a pocket without any, all of its cells.
        """
        drawn = self._drawn
        label, row, column, village = (
            drawn[name].to_numpy() for name in ("pocket", "row", "column", "village_position")
        )
        # Cells that follow each other from west to east are one box.
        follows = (np.diff(label) == 0) & (np.diff(row) == 0) & (np.diff(column) == 1)
        first = np.flatnonzero(np.concatenate([[True], ~follows])[: len(drawn)])
        last = np.append(first, len(drawn))[1:] - 1
        (x0, y0), side = self.corner, self.cell_m
        south = y0 + row[first] * side
        boxes = shapely.box(x0 + column[first] * side, south, x0 + (column[last] + 1) * side, south + side)
        cut = shapely.intersection(boxes, self.polygons[village[first]])
        pocket, begins = np.unique(label[first], return_index=True)
        joined = np.full(len(self.table), None, dtype=object)
        joined[pocket] = [shapely.union_all(part) for part in np.split(cut, begins[1:])] if len(pocket) else []
        return gpd.GeoSeries(joined, crs=self.crs).to_crs(4326)

    def at(self, points: gpd.GeoSeries, within_m: float = 0.0) -> Integers:
        """Row in the table of the pocket that each point lies in, else of the nearest within a distance; -1 for none.

        Scattered remainders are no place.
        """
        row, point, metres = self.near(points, within_m)
        order = np.lexsort((row, metres, point))
        order = order[self.table["pocket"].to_numpy()[row[order]] > 0]
        first = order[np.unique(point[order], return_index=True)[1]]
        found = np.full(len(points), -1, dtype=np.int64)
        found[point[first]] = row[first]
        return found

    def near(self, points: gpd.GeoSeries, within_m: float) -> tuple[Integers, Integers, Floats]:
        """Pairs of a pocket (its row in the table) and a point (its position) no farther from it than a distance.

        Returns
        -------
        pocket, point : numpy.ndarray
        metres : numpy.ndarray
            From the point to the pocket's cells, 0 within them; those that are :data:`MOSTLY` served count for nothing.
        """
        row, column, village = (self._drawn[name].to_numpy() for name in ("row", "column", "village_position"))
        x, y = self.corner[0] + column * self.cell_m, self.corner[1] + row * self.cell_m
        boxes = shapely.box(x, y, x + self.cell_m, y + self.cell_m)
        places = points.to_crs(self.crs).to_numpy()
        point, piece = shapely.STRtree(boxes).query(places, "dwithin", within_m)
        metres = shapely.distance(places[point], shapely.intersection(boxes[piece], self.polygons[village[piece]]))
        point, piece, metres = (values[metres <= within_m] for values in (point, piece, metres))
        pairs = pd.DataFrame({"pocket": self._drawn["pocket"].to_numpy()[piece], "point": point, "metres": metres})
        pairs = pairs.groupby(["pocket", "point"])["metres"].min().reset_index()
        return pairs["pocket"].to_numpy(), pairs["point"].to_numpy(), pairs["metres"].to_numpy()

    @cached_property
    def _drawn(self) -> pd.DataFrame:
        """The pieces that count as its land: those mostly without service; of a pocket without any, all of them."""
        mostly, pocket = self.pieces["unserved"].to_numpy() >= MOSTLY, self.pieces["pocket"].to_numpy()
        has = np.bincount(pocket, mostly, len(self.table))[pocket] > 0
        return pd.DataFrame(self.pieces[mostly | ~has]).sort_values(["pocket", "row", "column"], kind="stable")


def rule_pockets(
    land: Land,
    cells: pd.DataFrame,
    villages: pd.DataFrame,
    rule: Rule,
    known: Set[str],
    reached: ReachResult,
    most: pd.DataFrame,
    assets: gpd.GeoDataFrame,
    service_reach: pd.DataFrame,
    parameters: Parameters,
    terrain: Terrain | None = None,
) -> Pockets | None:
    """Pockets of people without the service that a rule looks at, with what hides each.

    Parameters
    ----------
    known : services for which a list of assets was given
    most : Table REACH at the greatest stated reach, with what is not known counted as reached

    Returns
    -------
    Pockets or None
        None for a rule about a list, and where a list that the rule needs is missing.
    """
    if rule.method != "share" or not known >= set(rule.needs):
        return None
    at_most = 1 - most[rule.service].to_numpy(dtype=float)
    unserved = 1 - reached.most[rule.service].to_numpy(dtype=float)
    found = find_pockets(land, cells, villages, unserved, parameters.pockets, at_most)
    if terrain is not None and reached.signal is not None and "cellular" in rule.services and len(found.table):
        chances = SignalChances(land, cells, terrain, reached, assets, service_reach, parameters)
        found = _with_chances(found, chances, rule, villages, radio_of(parameters).uncertainty.sure_from, len(cells))
    gives = service_reach[service_reach["service"].isin(rule.services)]
    between = None
    if terrain is not None and "cellular" in rule.services and len(found.table):
        places = gpd.GeoSeries(gpd.points_from_xy(found.table["lon"], found.table["lat"]), crs=4326)
        between = obstacles(places, terrain, assets, gives, parameters.kinds, radio_of(parameters), reached.signal)
    return with_cause(found, assets, gives, between)


def _with_chances(
    found: Pockets, chances: SignalChances, rule: Rule, villages: pd.DataFrame, sure_from: float, pieces: int
) -> Pockets:
    """Add how likely it is that most of each pocket is without service."""
    group = np.full(pieces, -1, dtype=np.int64)
    group[found.pieces.index] = found.pieces["pocket"]
    people = villages.set_index("village_code_bps")["population"].astype(float)
    table = found.table
    population = np.asarray(people.reindex(table["village_code_bps"]), dtype=np.float64)
    drawn = chances.of_groups(rule, group, np.asarray(table["share"], dtype=np.float64), population, MOSTLY)
    certainty = np.where(drawn["chance"] >= sure_from, *CERTAINTIES)
    return replace(found, table=table.assign(**{name: drawn[name] for name in drawn.columns}, certainty=certainty))


def find_pockets(
    land: Land,
    cells: pd.DataFrame,
    villages: pd.DataFrame,
    unserved: Floats,
    parameters: PocketParameters,
    unserved_at_most: Floats,
) -> Pockets:
    """Find the pockets of every village.

    Two pieces of a village belong to one pocket where people without service live on both, and their cells are no
    farther apart than ``parameters.gap_m``, centre to centre. What has fewer people than ``parameters.least_people``
    (where people are not known: less than one per cent of the village's) is no pocket: it is taken together as the
    village's scattered remainder, so that pockets, remainder, people served and people not known make up the village.

    Parameters
    ----------
    cells : Table CELLS of the land
    villages : Table VILLAGES
    unserved
        Share of each piece that is surely without service; what is not known is left out.
    unserved_at_most
        The same at the greatest stated reach: a pocket of which the most stays is sure, else it is possible.

    Returns
    -------
    Pockets
        By village in the order of ``villages``; of a village the one with most people first, the remainder last.
        Without the columns of :func:`with_cause`.
    """
    village, share = (cells[name].to_numpy() for name in ("village_position", "people_share"))
    weight = share * unserved
    pieces = np.flatnonzero(weight > ALMOST_NOBODY)
    weight = weight[pieces]
    population = villages["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    near = _neighbours(cells, pieces, parameters.gap_m / land.cell_m)
    group, owner, scattered = _groups(near, weight, village[pieces], population, parameters)
    part = _sums(group, weight, len(owner))
    least = np.minimum(_sums(group, share[pieces] * unserved_at_most[pieces], len(owner)), part)
    at, served = np.column_stack(land.centres_of(pieces)), unserved[pieces] < MOSTLY
    middle = pieces[_centres(group, weight, near, at, served, len(owner))]
    table = _placed(land, villages, owner, scattered, middle)
    table["people"], table["people_least"] = part * population[owner], least * population[owner]
    table["share"] = np.minimum(part, 1)
    table["certainty"] = np.where(least >= MOSTLY * part, *CERTAINTIES)
    area = cells["area_m2"].to_numpy()[pieces] * unserved[pieces]
    table["area_km2"] = _sums(group, area, len(owner)) / 1e6
    places = {name: cells[name].to_numpy()[pieces] for name in CELL_KEY}
    of_pockets = pd.DataFrame({**places, "pocket": group, "unserved": unserved[pieces]}, cells.index[pieces])
    return Pockets(table, of_pockets, (land.x0, land.y0), land.cell_m, land.crs, land.polygons)


def with_cause(
    pockets: Pockets, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame, between: pd.DataFrame | None = None
) -> Pockets:
    """Tell what hides each pocket: the nearest asset, and the ground that stands in the line to it.

    Parameters
    ----------
    service_reach : rows of the services that the rule looks at
    between : what stands in the line to each pocket (:func:`coverage.villages_served.village_signal.obstacles`)

    Returns
    -------
    Pockets
        ``cause`` is ``nothing`` where no asset is there for the service, ``ground`` where the ground stands in the line
        to the nearest tower, ``weak`` where the line is free and the signal still too weak, else ``distance``.
    """
    table, told = pockets.table, between if between is not None else pd.DataFrame(columns=list(OBSTACLES))
    told = told.reindex(table.index)
    at = table.rename(columns={"lon": "centre_lon", "lat": "centre_lat"})
    at = gpd.GeoDataFrame(at, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)
    nearest = nearest_for(at, assets, service_reach) if len(table) else pd.DataFrame(columns=NEAREST_FOR)
    cause = np.select(
        [nearest["nearest_id"].isna(), told["blocked_by_m"].notna(), told["tower_m"].notna()],
        ["nothing", "ground", "weak"],
        default="distance",
    )
    blocked = {name: told[name].astype(float) for name in ("blocked_at_m", "blocked_by_m")}
    table = table.assign(**{name: nearest[name] for name in NEAREST_FOR}, cause=cause, **blocked)
    return replace(pockets, table=check(table[[name for name in POCKETS.names if name in table]], POCKETS))


def _groups(
    near: csr_array, weight: Floats, village: Integers, population: Floats, parameters: PocketParameters
) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """Group of each piece, in the order of the table; the village of each group, and whether it is a remainder."""
    count, group = connected_components(near, directed=False)
    owner = np.zeros(count, dtype=np.int64)
    owner[group] = village
    part = _sums(group, weight, count)
    people = part * population[owner]
    few = np.where(np.isnan(people), part < FEW, people < parameters.least_people)
    named, group = np.unique(np.where(few[group], count + village, group), return_inverse=True)
    owner = np.zeros(len(named), dtype=np.int64)
    owner[group] = village
    scattered, part = named >= count, _sums(group, weight, len(named))
    order = np.lexsort((named, -part, scattered, owner))
    row = np.empty(len(named), dtype=np.int64)
    row[order] = np.arange(len(named))
    return row[group], owner[order], scattered[order]


def _neighbours(cells: pd.DataFrame, pieces: Integers, gap: float) -> csr_array:
    """Graph of the pieces of one village that lie no farther apart than ``gap`` cells; next to each other always."""
    reach = max(1, int(gap))
    village, row, column = (cells[name].to_numpy()[pieces] for name in CELL_KEY)
    rows, columns = (most.max(initial=0) + 1 + 2 * reach for most in (row, column))
    key = (village * rows + row + reach) * columns + column + reach  # ascending, as the table is
    ways = [(north, east) for north in range(reach + 1) for east in range(-reach if north else 1, reach + 1)]
    near = [max(north, abs(east)) <= 1 or np.hypot(north, east) <= gap for north, east in ways]
    apart = np.array([north * columns + east for north, east in ways], np.int64)[near]
    a, b = np.concatenate([_pairs_apart(key, distance) for distance in apart], axis=1)
    return csr_array(coo_array((np.ones(len(a)), (a, b)), shape=(len(pieces), len(pieces))))


@compiled()
def _pairs_apart(key: Integers, distance: int) -> Integers:
    """Positions in ascending keys of those that lie a distance apart: two rows, first and second."""
    pairs = np.empty((2, key.size), np.int64)
    found, beside = 0, 0
    for at in range(key.size):
        while beside < key.size and key[beside] < key[at] + distance:
            beside += 1
        if beside == key.size:
            break
        if key[beside] == key[at] + distance:
            pairs[0, found], pairs[1, found] = at, beside
            found += 1
    return pairs[:, :found].copy()


def _centres(
    row: Integers, weight: Floats, near: csr_array, at: Floats, served: NDArray[np.bool_], count: int
) -> Integers:
    """Piece of each group around which most of its people live; of several the one nearest to the middle of them.

    One that is mostly ``served`` only where the group has no other.
    """
    around = weight
    for _ in range(2):  # twice, so that what is near counts more than what is just within the gap
        around = around + near @ around + near.T @ around
    total = _sums(row, weight, count)
    middle = np.column_stack([_sums(row, weight * at[:, k], count) / total for k in (0, 1)])
    away = np.hypot(*(at - middle[row]).T)
    order = np.lexsort((away, -np.round(around / total[row], 6), served, row))
    return order[np.searchsorted(row[order], np.arange(count))]


def _placed(
    land: Land, villages: pd.DataFrame, owner: Integers, scattered: NDArray[np.bool_], middle: Integers
) -> pd.DataFrame:
    """Village, number, place, distance and direction of pockets around the pieces ``middle``."""
    x, y = land.centres_of(middle)
    # The centre of a cell at the border may lie outside of the village.
    points, polygons = np.asarray(shapely.points(x, y)), land.polygons[owner]
    outside = ~shapely.contains_xy(polygons, x, y)
    nearest = shapely.shortest_line(polygons[outside], points[outside])
    points[outside] = shapely.get_point(nearest, 0)
    placed = gpd.GeoSeries(points, crs=land.crs).to_crs(4326)
    lon, lat = placed.x.to_numpy(), placed.y.to_numpy()
    of = villages.iloc[owner]
    bearing, _, metres = WGS84.inv(of["centre_lon"].to_numpy(), of["centre_lat"].to_numpy(), lon, lat)
    number = pd.Series(owner).groupby(owner).cumcount().to_numpy() + 1
    table: dict[str, Any] = {
        "village_code_bps": of["village_code_bps"].to_numpy(),
        "pocket": np.where(scattered, 0, number),
        "village": of["village"].to_numpy(),
        "subdistrict": of["subdistrict"].to_numpy(),
        "lon": lon,
        "lat": lat,
        "from_centre_m": metres,
        "bearing_deg": np.asarray(bearing) % 360,
    }
    return pd.DataFrame(table)


def _sums(position: Integers, values: Floats, length: int) -> Floats:
    return np.bincount(position, values, length).astype(np.float64)
