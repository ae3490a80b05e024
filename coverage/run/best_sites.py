"""The best places for an asset near a place, by the people that it would newly serve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import repeat

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coverage.land.cells import Land
from coverage.land.scanlines import Floats, Integers
from coverage.reach.assets import service_reach, would_give
from coverage.reach.model import radio_of
from coverage.reach.repeaters import by_asset, towers_of
from coverage.reach.signal_views import newly_heard
from coverage.reach.terrain import Terrain
from coverage.run.result import Analysis, Ground
from coverage.run.what_if import TrialAsset, with_proposals

STEPS_IN_REACH = 8
"""Candidates lie so many steps apart in the radius of a circle."""


def best_sites(
    analysis: Analysis,
    ground: Ground,
    lon: float,
    lat: float,
    within_m: float = 3000.0,
    wanted: TrialAsset | None = None,
    count: int = 12,
    between: Callable[[], None] | None = None,
) -> pd.DataFrame:
    """Rank places around a place by the people that an asset there would newly serve.

    Parameters
    ----------
    analysis, ground
        A run and its ground.
    lon, lat
        The place, EPSG:4326.
    wanted
        What is to stand there; a tower of 42 m by default.
    between
        Called after each site; ends the search by an error of its own.

    Returns
    -------
    pandas.DataFrame
        ``lon, lat, ground_m`` (missing without elevation), ``people_newly_served, villages`` (where somebody is newly
        served), ``highest`` (the highest ground of all within reach) and ``here`` (the place itself, where anybody is
        newly served from there), most people first. By signal the highest points; by circles the cells from where most
        are reached, and the highest one.
    """
    wanted = wanted or TrialAsset(lon, lat, height_m=42.0, band_mhz=900.0)
    terrain, land = ground.terrain, ground.land
    x, y = pyproj.Transformer.from_crs(4326, land.crs, always_xy=True).transform(lon, lat)
    top = np.zeros((0, 2))
    by_signal = analysis.reached.usable is not None and analysis.parameters.kinds[wanted.kind].service == "cellular"
    if terrain is not None:
        rows, columns = high_points(terrain, x, y, within_m, count if by_signal else 1)
        top = np.column_stack([columns + 0.5, rows + 0.5]) * terrain.cell_m + (terrain.x0, terrain.y0)
    village = ground.cells["village_position"].to_numpy()
    people = ground.cells["people_share"].to_numpy() * analysis.villages["population"].to_numpy(dtype=float)[village]
    if not np.isnan(people).all():
        people = np.nan_to_num(people)  # villages whose people are not known do not count
    if by_signal:
        sites = np.concatenate([[(x, y)], top])
        gained = _heard_newly(analysis, ground, sites, wanted, people)
    else:
        around = _in_circles(analysis, ground, (x, y), within_m, wanted, people, count)
        sites = np.concatenate([[(x, y)], around, top])
        gained = _circled_newly(analysis, ground, sites, wanted, people)
    found: list[tuple[float, int]] = []
    for newly in gained:
        found.append((float(newly.sum()), int((np.bincount(village, newly) >= 0.5).sum())))
        if between:
            between()
    height = np.full(len(sites), np.nan)
    if terrain is not None and len(sites):
        row, column = terrain.indices(sites[:, 0], sites[:, 1])
        held = terrain.holds(row, column)
        height[held] = terrain.height_m[row[held], column[held]]
    places_lon, places_lat = pyproj.Transformer.from_crs(land.crs, 4326, always_xy=True).transform(*sites.T)
    highest = (np.arange(len(sites)) == len(sites) - len(top)) & (len(top) > 0)  # the first of the highest points
    table = pd.DataFrame(
        {
            "lon": places_lon,
            "lat": places_lat,
            "ground_m": height,
            "people_newly_served": [one for one, _ in found],
            "villages": [one for _, one in found],
            "highest": highest,
            "here": np.arange(len(sites)) == 0,
        }
    )
    table = table[~table["here"] | (table["people_newly_served"] >= 0.5)]
    return table.sort_values(["people_newly_served", "ground_m"], ascending=False, kind="stable", ignore_index=True)


def _heard_newly(
    analysis: Analysis, ground: Ground, sites: Floats, wanted: TrialAsset, people: Floats
) -> Iterator[Floats]:
    """People on each piece of the land who would newly have a signal from each site."""
    terrain, usable, radio = analysis.terrain, analysis.reached.usable, radio_of(analysis.parameters)
    assert terrain is not None
    assert usable is not None
    places = zip(*pyproj.Transformer.from_crs(ground.land.crs, 4326, always_xy=True).transform(*sites.T), strict=True)
    kinds, listed = analysis.parameters.kinds, analysis.assets
    assets = with_proposals(listed, [replace(wanted, lon=lon, lat=lat) for lon, lat in places], kinds, radio)
    first = len(assets) - len(sites)
    towers = towers_of(assets, range(first, len(assets)), kinds, radio, terrain)
    if analysis.reached.unknown is not None:  # unknown is no gain
        people = people * (1 - analysis.reached.unknown["cellular"].to_numpy(dtype=float))
    shares = newly_heard(ground.land, terrain, usable, towers, radio, ground.kept)
    brought, at = by_asset(towers, shares), first
    for position, share in brought:
        yield from repeat(np.zeros(len(people)), position - at)  # a repeater that hears nothing brings nothing
        yield people * share
        at = position + 1
    yield from repeat(np.zeros(len(people)), len(assets) - at)


def _in_circles(
    analysis: Analysis,
    ground: Ground,
    centre: tuple[float, float],
    within_m: float,
    wanted: TrialAsset,
    people: Floats,
    count: int,
) -> Floats:
    """Middles of cells around which most people without the service live, a quarter of ``within_m`` apart, (n, 2)."""
    service, reach_m = _main_reach(analysis, wanted)
    places = np.column_stack(ground.land.centres)
    away = np.hypot(*(places - centre).T)
    left = people * (1 - analysis.reached.most[service].to_numpy(dtype=float))
    step = max(int(reach_m / STEPS_IN_REACH / ground.land.cell_m), 1)
    row, column = (ground.cells[name].to_numpy() for name in ("row", "column"))
    there = np.flatnonzero((away <= within_m) & (row % step == 0) & (column % step == 0))
    there = there[_counts(analysis, ground.land, places[there], wanted)]
    there = there[np.unique(places[there], axis=0, return_index=True)[1]]  # a cell at a border is of two villages
    near = (away <= within_m + reach_m) & (left > 0)
    tree, weight = cKDTree(places[near]), left[near]
    gained = np.array([weight[found].sum() for found in tree.query_ball_point(places[there], reach_m)])
    chosen: list[int] = []
    for at in np.argsort(-gained, kind="stable"):
        if len(chosen) == count or gained[at] <= 0:
            break
        if (np.hypot(*(places[there[chosen]] - places[there[at]]).T) >= within_m / 4).all():
            chosen.append(int(at))
    return places[there[chosen]]


def _circled_newly(
    analysis: Analysis, ground: Ground, sites: Floats, wanted: TrialAsset, people: Floats
) -> Iterator[Floats]:
    """People on each piece of the land whom a circle around each site would newly reach."""
    (service, reach_m), before = _main_reach(analysis, wanted), analysis.reached.most
    unserved = 1 - before[service].to_numpy(dtype=float)
    assert analysis.reached.circles is not None
    for (x, y), counts in zip(sites, _counts(analysis, ground.land, sites, wanted), strict=True):
        yield (
            counts
            * people
            * np.minimum(analysis.reached.circles.gained(ground.land, service, (x, y, reach_m)), unserved)
        )


def _main_reach(analysis: Analysis, wanted: TrialAsset) -> tuple[str, float]:
    """Service of what is wanted, and the radius in metres of its circle, of a repeater where it hears something."""
    kinds = analysis.parameters.kinds
    alone = with_proposals(None, [wanted], kinds, radio_of(analysis.parameters))
    gives = service_reach(alone, {name: kind.model_copy(update={"repeats": False}) for name, kind in kinds.items()})
    main = gives[gives["main"]].iloc[0]
    return str(main["service"]), float(main["reach_m"])


def _counts(analysis: Analysis, land: Land, places: Floats, wanted: TrialAsset) -> NDArray[np.bool_]:
    """At which of some places a circle would count: that of a repeater where it hears something."""
    points = gpd.GeoSeries(gpd.points_from_xy(*places.T), crs=land.crs).to_crs(4326)
    return would_give(points, analysis.assets, analysis.parameters.kinds, wanted.kind, wanted.operator)


def high_points(terrain: Terrain, x: float, y: float, within_m: float, count: int) -> tuple[Integers, Integers]:
    """Row and column of the highest cells around a place, the highest first.

    They lie at least a quarter of ``within_m`` apart, so there may be fewer than ``count``.
    """
    cells = max(int(within_m / terrain.cell_m), 1)
    row, column = (int(k[0]) for k in terrain.indices(np.array([x]), np.array([y])))
    rows, columns = np.mgrid[row - cells : row + cells + 1, column - cells : column + cells + 1]
    left = ((rows - row) ** 2 + (columns - column) ** 2 <= cells**2) & terrain.holds(rows, columns)
    height = np.full(rows.shape, -np.inf)
    height[left] = terrain.height_m[rows[left], columns[left]]
    found: list[int] = []
    while left.any() and len(found) < count:
        top = int(np.argmax(np.where(left, height, -np.inf)))
        found.append(top)
        apart = (rows - rows.flat[top]) ** 2 + (columns - columns.flat[top]) ** 2
        left &= apart >= (cells / 4) ** 2
    return rows.ravel()[found], columns.ravel()[found]
