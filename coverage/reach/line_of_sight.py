"""Line of sight over the curved earth, from point to point and over an area.

With an effective earth radius of k times the true one, a ray is straight, and the ground between its ends bulges by
d1 d2 / (12.74 k) m; the first Fresnel zone has a radius of 17.32 √(d1 d2 / (f d)) m (distances in km, f in GHz).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

import geopandas as gpd
import numpy as np
import shapely

from coverage.base.kinds import AssetKind
from coverage.reach.link_budget import RadioParameters
from coverage.reach.profile import Floats
from coverage.reach.radials import CHUNK, cell_of, rays_of, thread_count
from coverage.reach.terrain import Terrain
from coverage.reach.viewshed import Seen, by_profiles, by_rays, by_wavefront

Method = Literal["wavefront", "exact"]
BULGE_KM = 12.74
"""Of the rule above: twice the earth's radius in Mm."""
FRESNEL = 17.32


@dataclass(frozen=True, eq=False)
class SightLine:
    """A profile between two antennas, for one k. Arrays run along the profile.

    Attributes
    ----------
    k, frequency_ghz, clearance : what it was computed for; clearance in first Fresnel radii
    distance_km : from the first antenna
    ground_m, clutter_m : terrain above sea level, and what stands on it (nothing at the ends)
    bulge_m : how far the curved earth stands above the chord
    line_m : the ray above sea level
    fresnel_m : radius of the first Fresnel zone
    free_m
        What is left of ``line_m`` above ground, clutter, bulge and the share of the Fresnel zone asked for:
        blocked where negative.
    blocked, grazed : whether something stands in the ray, and whether something stands in the zone asked for
    worst_km : where least is left
    raise_first_m, raise_second_m, raise_both_m
        By how much the first antenna alone, the second alone, or both must be raised to clear the zone: 0 where clear.
    """

    k: float
    frequency_ghz: float
    clearance: float
    distance_km: Floats
    ground_m: Floats
    clutter_m: Floats
    bulge_m: Floats
    line_m: Floats
    fresnel_m: Floats
    free_m: Floats
    blocked: bool
    grazed: bool
    worst_km: float
    raise_first_m: float
    raise_second_m: float
    raise_both_m: float


def sight_line(
    distance_km: Floats,
    ground_m: Floats,
    clutter_m: Floats,
    first_height_m: float,
    second_height_m: float,
    frequency_ghz: float,
    k: float = 4 / 3,
    clearance: float = 0.6,
) -> SightLine:
    """Look along a profile.

    Parameters
    ----------
    distance_km, ground_m, clutter_m : as from :meth:`coverage.reach.terrain.Terrain.profile`
    first_height_m, second_height_m : antennas above ground at the start and at the end of the profile
    k : effective earth radius factor: 4/3 as a rule, below 1 in a bad hour
    clearance : share of the first Fresnel radius that is to be clear
    """
    d = float(distance_km[-1])
    share = distance_km / d
    between = distance_km * (d - distance_km)
    clutter = clutter_m.copy()
    clutter[[0, -1]] = 0.0
    bulge = between / (BULGE_KM * k)
    start, end = ground_m[0] + first_height_m, ground_m[-1] + second_height_m
    line = start + (end - start) * share
    fresnel = FRESNEL * np.sqrt(between / (frequency_ghz * d))
    above = line - (ground_m + clutter + bulge)
    free = above - clearance * fresnel
    inner = slice(1, -1)
    worst = 1 + int(np.argmin(free[inner]))
    lacking = np.maximum(-free[inner], 0.0)
    return SightLine(
        k,
        frequency_ghz,
        clearance,
        distance_km,
        ground_m,
        clutter,
        bulge,
        line,
        fresnel,
        free,
        blocked=bool((above[inner] < 0).any()),
        grazed=bool((free[inner] < 0).any()),
        worst_km=float(distance_km[worst]),
        raise_first_m=float((lacking / (1 - share[inner])).max()),
        raise_second_m=float((lacking / share[inner]).max()),
        raise_both_m=float(lacking.max()),
    )


@dataclass(frozen=True)
class Observer:
    """An antenna to look from: place in metres of the terrain's CRS, and height above ground."""

    x: float
    y: float
    height_m: float


@dataclass(frozen=True)
class Outlook:
    """How to look.

    Attributes
    ----------
    reach_m : how far
    target_m : height of the other end above its ground
    k : effective earth radius factor
    clearance, frequency_ghz
        Share of the first Fresnel radius that is to be clear, and the frequency that it is for; 0 asks for sight alone.
    method
        ``"wavefront"`` looks at each cell once (with a clearance, along rays that share their work);
        ``"exact"`` draws a profile to each cell.
    """

    reach_m: float
    target_m: float = 1.5
    k: float = 4 / 3
    clearance: float = 0.0
    frequency_ghz: float = 0.9
    method: Method = "wavefront"


@dataclass(frozen=True, eq=False)
class Viewshed:
    """A square of cells, ``seen`` is 1 in sight; ``row, column`` of its south-west cell in the terrain."""

    row: int
    column: int
    seen: Seen


class ViewshedStore(Protocol):
    """Cache of viewsheds."""

    def get(self, key: str) -> Viewshed | None:
        """Return a viewshed, or None."""

    def put(self, key: str, viewshed: Viewshed) -> None:
        """Store a viewshed."""


def viewshed(terrain: Terrain, observer: Observer, outlook: Outlook, threads: int | None = None) -> Viewshed:
    """Cells in sight of one observer, snapped to a cell centre.

    Raises InputError if the observer stands outside the terrain.
    """
    row, column = cell_of(terrain, observer.x, observer.y)
    cells = max(int(outlook.reach_m / terrain.cell_m), 1)
    seen = np.zeros((2 * cells + 1, 2 * cells + 1), np.uint8)
    clutter = np.zeros((0, 0), np.float32) if terrain.clutter_m is None else terrain.clutter_m
    cell_km = terrain.cell_m / 1000.0
    bulge = cell_km**2 / (BULGE_KM * outlook.k)
    zone = outlook.clearance**2 * FRESNEL**2 * cell_km / outlook.frequency_ghz
    place = (
        terrain.height_m,
        clutter,
        row,
        column,
        float(terrain.height_m[row, column]) + observer.height_m,
        outlook.target_m,
        bulge,
    )
    if outlook.method == "wavefront" and outlook.clearance == 0:
        by_wavefront(*place, seen)
        return Viewshed(row - cells, column - cells, seen)
    with ThreadPoolExecutor(threads or thread_count()) as pool:
        if outlook.method == "exact":
            tasks = [
                pool.submit(by_profiles, *place, zone, begin, min(begin + CHUNK, len(seen)), seen)
                for begin in range(0, len(seen), CHUNK)
            ]
        else:
            rays = rays_of(cells)
            count = len(rays.offset) - 1
            tasks = [
                pool.submit(
                    by_rays,
                    *place,
                    zone,
                    rays.offset,
                    rays.row,
                    rays.column,
                    rays.distance,
                    begin,
                    min(begin + CHUNK, count),
                    seen,
                )
                for begin in range(0, count, CHUNK)
            ]
        for task in tasks:
            task.result()
    return Viewshed(row - cells, column - cells, seen)


def viewsheds(
    terrain: Terrain,
    observers: Sequence[Observer],
    outlooks: Sequence[Outlook],
    store: ViewshedStore | None = None,
    threads: int | None = None,
) -> Iterator[Viewshed]:
    """Viewsheds of several observers, in order, each with its outlook.

    Raises InputError if an observer stands outside the terrain.
    """

    def one(observer: Observer, outlook: Outlook) -> Viewshed:
        key = viewshed_key(terrain, observer, outlook) if store else ""
        found = store.get(key) if store else None
        if found is None:
            found = viewshed(terrain, observer, outlook, threads=1)
            if store:
                store.put(key, found)
        return found

    count = threads or thread_count()
    with ThreadPoolExecutor(count) as pool:
        for begin in range(0, len(observers), 4 * count):
            batch = slice(begin, begin + 4 * count)
            yield from pool.map(one, observers[batch], outlooks[batch])


def viewshed_key(terrain: Terrain, observer: Observer, outlook: Outlook) -> str:
    """Hash of observer, surrounding terrain and outlook."""
    row, column = cell_of(terrain, observer.x, observer.y)
    place = f"sight 1 {row} {column} {observer.height_m!r} {outlook!r}".encode()
    ground = terrain.digest(row, column, max(int(outlook.reach_m / terrain.cell_m), 1))
    return hashlib.blake2b(place + ground, digest_size=16).hexdigest()


def seen_by_any(terrain: Terrain, sights: Iterator[Viewshed]) -> Seen:
    """Union of viewsheds on the terrain's grid."""
    seen = np.zeros(terrain.shape, np.uint8)
    rows, columns = terrain.shape
    for sight in sights:
        height, width = sight.seen.shape
        top, left = max(sight.row, 0), max(sight.column, 0)
        bottom, right = min(sight.row + height, rows), min(sight.column + width, columns)
        seen[top:bottom, left:right] |= sight.seen[
            top - sight.row : bottom - sight.row, left - sight.column : right - sight.column
        ]
    return seen


def seen_by_observers(
    towers: gpd.GeoDataFrame,
    terrain: Terrain,
    kinds: dict[str, AssetKind],
    parameters: RadioParameters,
    store: ViewshedStore | None = None,
    threads: int | None = None,
) -> Seen:
    """Union of the viewsheds of cellular assets, on the terrain's grid."""
    observers, outlooks = _observers(towers, terrain, kinds, parameters)
    return seen_by_any(terrain, viewsheds(terrain, observers, outlooks, store, threads))


def _observers(
    towers: gpd.GeoDataFrame, terrain: Terrain, kinds: dict[str, AssetKind], parameters: RadioParameters
) -> tuple[list[Observer], list[Outlook]]:
    """Antennas on the terrain, with their outlooks."""
    points = towers.to_crs(terrain.crs).geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    on_terrain = terrain.holds(*terrain.indices(x, y))
    default = towers["kind"].map(lambda kind: kinds[kind].height_m if kind in kinds else None).astype(float)
    height = towers["height_m"].astype(float).where(lambda own: own > 0, default).fillna(1.0).to_numpy()
    band, own = towers["band_mhz"].to_numpy(dtype=float), towers["reach_m"].to_numpy(dtype=float)
    sight = parameters.sight
    reach = np.where(np.isnan(own), np.where(band >= sight.high_band_mhz, sight.reach_high_band_m, sight.reach_m), own)
    observers, outlooks = [], []
    for k in np.flatnonzero(on_terrain):
        observers.append(Observer(float(x[k]), float(y[k]), float(height[k])))
        frequency = parameters.technology_of(None if math.isnan(band[k]) else float(band[k])).frequency_mhz / 1000
        outlooks.append(Outlook(float(reach[k]), parameters.phone.height_m, sight.k, sight.area_clearance, frequency))
    return observers, outlooks
