"""Village boundaries drawn from centre points and areas, for where no boundary file is at hand.

The land is cut where villages score alike (:mod:`coverage.places.division`), island by island: an island belongs to the
villages that have their centre on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from coverage.base.projection import utm_crs
from coverage.places.mosaic import draw_mosaic

if TYPE_CHECKING:
    from coverage.places.division import LandPoints

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Shapes: TypeAlias = NDArray[np.object_]

MODEL = "2026-11-29"
"""Changes with everything that changes a drawing, so that kept drawings are drawn again."""
LEAST_SHARE = 0.3
"""A village keeps this share of its area on the island of its centre, however much other islands give it."""


def draw_boundaries(
    centres: gpd.GeoSeries,
    areas_km2: Floats,
    outline: gpd.GeoSeries,
    neighbours: gpd.GeoSeries | None = None,
    fill: bool = False,
) -> gpd.GeoSeries:
    """Draw one outline around every village centre.

    Parameters
    ----------
    centres : n points, in any CRS: the centroids of the villages as far as known
    areas_km2 : (n,) official areas in km²; NaN where not known, which takes the area of the Thiessen polygon
    outline
        Polygons: the region. A village that lies off it by more than its own radius gets a disc of its area: an island
        too small for the outline.
    neighbours
        Centres of villages of other regions. Those outside the outline say nothing that the outline does not; those
        inside (an enclave) take land of their own.
    fill
        Whether villages grow alike until no land is left where their areas add up to less than the outline, and islands
        without a village go to the nearest; else the rest belongs to no village.

    Returns
    -------
    GeoSeries
        n polygons in EPSG:4326, valid, without overlaps, neighbours sharing their vertices, coordinates rounded to six
        decimals. Where the areas add up to more than the land, all shrink alike.
    """
    crs = utm_crs(centres)
    region = shapely.union_all(shapely.make_valid(outline.to_crs(crs).to_numpy()))
    near = np.empty((0, 2))
    if neighbours is not None and len(neighbours):
        near = shapely.get_coordinates(neighbours.to_crs(crs).to_numpy())
        near = near[shapely.contains_xy(region, near)]
    sites = _apart(np.vstack([shapely.get_coordinates(centres.to_crs(crs).to_numpy()), near]))
    areas = np.concatenate([areas_km2 * 1e6, np.full(len(near), np.nan)])
    shapes = draw_shapes(sites, areas, region, fill)[: len(centres)]
    return _rounded(gpd.GeoSeries(shapes, index=centres.index, crs=crs).to_crs("EPSG:4326"))


def draw_shapes(sites: Floats, areas: Floats, region: BaseGeometry, fill: bool) -> Shapes:
    """Draw the land of every site: as :func:`draw_boundaries`, in metres and m²."""
    radii = np.sqrt(np.nan_to_num(areas) / np.pi)
    points = np.asarray(shapely.points(sites))
    off = (radii > 0) & (shapely.distance(region, points) > radii)
    discs = shapely.buffer(points[off], radii[off])
    islands = shapely.get_parts(shapely.union_all([region, *discs]))
    home = _home(points, islands)
    given: list[list[BaseGeometry]] = [[] for _ in sites]
    wanted = areas.copy()
    peopled = np.unique(home)
    for empty in np.setdiff1d(np.arange(len(islands)), peopled) if fill else ():
        owner = int(np.argmin(shapely.distance(islands[empty], points)))
        given[owner].append(islands[empty])
        wanted[owner] = max(wanted[owner] - islands[empty].area, LEAST_SHARE * areas[owner])
    for island in peopled:
        mine = np.flatnonzero(home == island)
        for site, shape in zip(mine, _share_out(sites[mine], wanted[mine], islands[island], fill), strict=True):
            given[site].append(shape)
    return np.array([parts[0] if len(parts) == 1 else shapely.union_all(parts) for parts in given], dtype=object)


def _share_out(sites: Floats, areas: Floats, land: BaseGeometry, fill: bool) -> Shapes:
    """Share one island out among the villages on it."""
    from coverage.places.division import solve_division, spread_points  # compiled: slow to import, and drawn once

    if len(sites) == 1 and fill:
        return np.array([land], dtype=object)
    known = ~np.isnan(areas)
    likely = np.where(known, areas, np.median(areas[known]) if known.any() else land.area / len(sites))
    points = spread_points(land, sites, likely)
    if not known.all():
        thiessen = np.bincount(cKDTree(sites).query(points.xy)[1], points.land, minlength=len(sites))
        areas = np.where(known, areas, np.maximum(thiessen, points.land[points.land > 0].min()))
    division = solve_division(sites, areas, points, fill)
    owners, scores = division.scores(points.xy)
    best = owners[np.arange(len(owners)), scores.argmax(axis=1)]
    _claim(best, points, sites, areas)
    return draw_mosaic(points.xy, points.inside, best, owners, scores, len(sites), land)


def _claim(best: Ints, points: LandPoints, sites: Floats, areas: Floats) -> None:
    """Give every site that is best nowhere the points around its centre, in place: each village has land."""
    land = np.flatnonzero(points.inside)
    lost = np.setdiff1d(np.arange(len(sites)), best[land])
    if not len(lost):
        return
    tree = cKDTree(points.xy[land])
    for site, radius in zip(lost, np.sqrt(areas[lost] / np.pi), strict=True):
        around = tree.query_ball_point(sites[site], radius) or [tree.query(sites[site])[1]]
        best[land[around]] = site


def _home(points: Shapes, islands: Shapes) -> Ints:
    """The island of each point: the one it is on, else the nearest."""
    at, found = shapely.STRtree(islands).query_nearest(points, all_matches=False)
    home = np.empty(len(points), dtype=np.int64)
    home[at] = found
    return home


def _apart(sites: Floats) -> Floats:
    """Move centres that are the same by a metre each, so that there is a border between them."""
    _, group, counts = np.unique(np.round(sites, 1), axis=0, return_inverse=True, return_counts=True)
    moved = sites.copy()
    for twice in np.flatnonzero(counts > 1):
        rows = np.flatnonzero(group.ravel() == twice)
        moved[rows, 0] += np.arange(len(rows))
    return moved


def _rounded(drawn: gpd.GeoSeries) -> gpd.GeoSeries:
    """Coordinates to six decimals (0.1 m), point by point, so that shared vertices stay equal."""
    shapes = shapely.transform(drawn.to_numpy(), lambda xy: np.round(xy, 6))
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return gpd.GeoSeries(shapes, index=drawn.index, crs=drawn.crs)
