"""Village boundaries drawn from centre points and areas, for where no boundary file is at hand.

Every place ``x`` goes to the village with the highest score

    s_i(x) = w_i + b_i · (x - c_i) - (x - c_i)ᵀ Q_i (x - c_i) / a_i ,

with ``c_i`` the known centre, ``a_i`` the known area and ``Q_i`` a stretch of unit determinant; to nobody where all
scores are below a level ``λ``. With ``Q_i`` fixed, the weights ``w``, the tilts ``b`` and the level are those at which
every village gets its area, the centroid of what it gets lies near its centre, and nobody's land gets the rest of the
outline: the minimum of the convex function

    F = ∫ ε log(Σ_i exp(s_i(x) / ε) + exp(λ / ε)) dx - Σ_i a_i w_i - r λ + ρ/2 Σ_i a_i² |b_i|²,

whose gradient is area and first moment given less area and first moment known (semi-discrete optimal transport with a
partial target; ε blurs the borders so that the gradient is smooth, ρ lets the centroid give way where centre and
outline cannot both be right). Then every ``Q_i`` takes on part of the stretch that its village has got, and the weights
are solved again. Plain Thiessen polygons are the case without ``w``, ``b``, ``Q`` and ``λ``. Figures, and what was
tried: docs/decisions/0002-drawn-boundaries.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from coverage.base.compiled import compiled
from coverage.base.projection import utm_crs
from coverage.places.mosaic import draw_mosaic

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

POINTS_PER_VILLAGE = 160
"""Grid points in a village of mean area."""
CANDIDATES = 24
"""Nearest centres that compete for a point."""
BLUR = 0.03
STIFFNESS = 0.1
STRETCH = 0.5
ROUNDS = 4
STEPS = 150


def draw_boundaries(
    centres: gpd.GeoSeries, areas_km2: Floats, outline: gpd.GeoSeries, neighbours: gpd.GeoSeries
) -> gpd.GeoSeries:
    """Draw one outline around every village centre.

    Parameters
    ----------
    centres
        n points, in any CRS: the centroids of the villages as far as known.
    areas_km2
        (n,) official areas in km²; NaN where not known, which takes the area of the Thiessen polygon.
    outline
        One polygon: the region.
    neighbours
        Centres of villages of other regions. Those outside the outline say nothing that the outline does not; those
        inside (an enclave) take land of their own.

    Returns
    -------
    GeoSeries
        n polygons in EPSG:4326, valid, without overlaps, neighbours sharing their vertices, coordinates rounded to six
        decimals. Where the areas add up to less than the outline (forests), the rest belongs to no village; where they
        add up to more, all shrink alike.
    """
    crs = utm_crs(centres)
    region = shapely.union_all(shapely.make_valid(outline.to_crs(crs).to_numpy()))
    near = shapely.get_coordinates(neighbours.to_crs(crs).to_numpy()).reshape(-1, 2)
    near = near[shapely.contains_xy(region, near)] if len(near) else near
    known = shapely.get_coordinates(centres.to_crs(crs).to_numpy())
    division = solve_division(known, areas_km2 * 1e6, region, near)
    shapes = draw_mosaic(division.scores, len(known), region, division.spacing)
    drawn = gpd.GeoSeries(shapes, index=centres.index, crs=crs).to_crs("EPSG:4326")
    return _rounded(drawn)


def _rounded(drawn: gpd.GeoSeries) -> gpd.GeoSeries:
    """Coordinates rounded to six decimals (0.1 m), so that shared vertices stay equal."""
    shapes = shapely.transform(drawn.to_numpy(), lambda xy: np.round(xy, 6))
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return gpd.GeoSeries(shapes, index=drawn.index, crs=drawn.crs)


@dataclass
class Division:
    """A solved division of land: who scores how much where. Lengths within are in units of ``unit`` metres.

    Attributes
    ----------
    sites : (m, 2) array
        Centres in metres: the villages, then the neighbours inside the outline.
    areas : (m,) array
        Areas aimed at, in units².
    spacing
        Of the grid that it was solved on, in metres.
    stretch : (m, 2, 2) array
        Q: unit determinant.
    weights, tilts, level
        w, b (in 1/units), λ.
    """

    sites: Floats
    areas: Floats
    villages: int
    unit: float
    spacing: float
    stretch: Floats
    weights: Floats = field(init=False)
    tilts: Floats = field(init=False)
    level: float = -0.5

    def __post_init__(self) -> None:
        self.weights = np.zeros(len(self.sites))
        self.tilts = np.zeros((len(self.sites), 2))

    def offsets(self, points: Floats) -> tuple[Ints, Floats, Floats]:
        """Candidates (p, k), offsets (p, k, 2) and costs (p, k) of p points in metres."""
        count = min(CANDIDATES, len(self.sites))
        nearest = cKDTree(self.sites).query(points, k=count)[1].reshape(len(points), count)
        away = (points[:, None, :] - self.sites[nearest]) / self.unit
        cost = np.einsum("pki,pkij,pkj->pk", away, self.stretch[nearest], away) / self.areas[nearest]
        return nearest, away, cost

    def scores(self, points: Floats) -> tuple[Ints, Floats]:
        """Candidates (p, k) and scores of p points in metres; number n is nobody."""
        nearest, away, cost = self.offsets(points)
        scores = self.weights[nearest] + np.einsum("pki,pki->pk", away, self.tilts[nearest]) - cost
        nobody = np.full((len(points), 1), self.level)
        nearest = np.hstack([np.minimum(nearest, self.villages), np.full((len(points), 1), self.villages)])
        return nearest, np.hstack([scores, nobody])


def solve_division(centres: Floats, areas: Floats, region: BaseGeometry, neighbours: Floats) -> Division:
    """Divide a region among villages; see the formula at the top of the module.

    Parameters
    ----------
    centres
        (n, 2) in metres.
    areas
        (n,) in m²; NaN where not known.
    region
        Polygon in metres.
    neighbours
        (k, 2) centres inside the region that are no villages of it, in metres.
    """
    sites = np.vstack([centres, neighbours])
    spacing = float(np.sqrt(region.area / len(sites) / POINTS_PER_VILLAGE))
    west, south, east, north = region.bounds
    grid = np.meshgrid(np.arange(west + spacing / 2, east, spacing), np.arange(south + spacing / 2, north, spacing))
    points = np.column_stack([axis.ravel() for axis in grid])
    points = points[shapely.contains_xy(region, points)]
    thiessen = np.bincount(cKDTree(sites).query(points)[1], minlength=len(sites)) * spacing**2
    wanted = np.concatenate([areas, np.full(len(neighbours), np.nan)])
    wanted = np.where(np.isnan(wanted), np.maximum(thiessen, spacing**2), wanted)
    land = len(points) * spacing**2
    wanted *= min(1.0, land / wanted.sum())
    unit = float(np.sqrt(np.median(wanted)))
    division = Division(sites, wanted / unit**2, len(centres), unit, spacing, np.tile(np.eye(2), (len(sites), 1, 1)))
    for turn in range(ROUNDS):
        _solve_weights(division, points)
        if turn < ROUNDS - 1:
            _take_stretch(division, points)
    return division


def _solve_weights(division: Division, points: Floats) -> None:
    """Minimise F over weights, tilts and level by L-BFGS on the convex dual."""
    nearest, away, cost = division.offsets(points)
    count, areas = len(division.sites), division.areas
    piece = (division.spacing / division.unit) ** 2
    rest = max(len(points) * piece - areas.sum(), 1e-9)
    size = np.sqrt(areas)[:, None]

    def dual(unknowns: Floats) -> tuple[float, Floats]:
        weights, level = unknowns[:count], float(unknowns[-1])
        turned = unknowns[count:-1].reshape(count, 2)
        mass, moment = np.zeros(count), np.zeros((count, 2))
        total, left = _blurred_best(weights, turned / size, level, nearest, away, cost, BLUR, mass, moment)
        value = total * piece - areas @ weights - rest * level + STIFFNESS / 2 * (areas[:, None] * turned**2).sum()
        slope = moment * piece / size + STIFFNESS * areas[:, None] * turned
        return value, np.concatenate([mass * piece - areas, slope.ravel(), [left * piece - rest]])

    start = np.concatenate([division.weights, (division.tilts * size).ravel(), [division.level]])
    found = minimize(dual, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 20}).x
    division.weights, division.level = found[:count], float(found[-1])
    division.tilts = found[count:-1].reshape(count, 2) / size


@compiled()
def _blurred_best(
    weights: Floats,
    tilts: Floats,
    level: float,
    nearest: Ints,
    away: Floats,
    cost: Floats,
    blur: float,
    mass: Floats,
    moment: Floats,
) -> tuple[float, float]:
    """Sum over points of ε log Σ exp(s / ε), and the points of nobody; accumulates shares in place."""
    total, left = 0.0, 0.0
    count = nearest.shape[1]
    scores = np.empty(count)
    for point in range(nearest.shape[0]):
        best = level
        for k in range(count):
            site = nearest[point, k]
            scores[k] = (
                weights[site] + tilts[site, 0] * away[point, k, 0] + tilts[site, 1] * away[point, k, 1] - cost[point, k]
            )
            best = max(best, scores[k])
        nobody = np.exp((level - best) / blur)
        everybody = nobody
        for k in range(count):
            scores[k] = np.exp((scores[k] - best) / blur) if scores[k] > best - 20 * blur else 0.0
            everybody += scores[k]
        total += best + blur * np.log(everybody)
        left += nobody / everybody
        for k in range(count):
            if scores[k] > 0:
                share, site = scores[k] / everybody, nearest[point, k]
                mass[site] += share
                moment[site, 0] += share * away[point, k, 0]
                moment[site, 1] += share * away[point, k, 1]
    return total, left


def _take_stretch(division: Division, points: Floats) -> None:
    """Update each stretch to the inverse covariance of the village's shape to the power ``STRETCH``."""
    nearest, away, cost = division.offsets(points)
    scores = division.weights[nearest] + np.einsum("pki,pki->pk", away, division.tilts[nearest]) - cost
    best = scores.argmax(axis=1)
    rows = np.arange(len(points))
    mine = scores[rows, best] > division.level
    owner, xy = nearest[rows, best][mine], away[rows, best][mine]
    count = np.bincount(owner, minlength=len(division.sites))
    sums = [np.bincount(owner, values, minlength=len(count)) for values in (*xy.T, *(xy.T**2), xy.prod(axis=1))]
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y, xx, yy, both = (total / count for total in sums)
    covariance = np.stack([np.stack([xx - x * x, both - x * y], -1), np.stack([both - x * y, yy - y * y], -1)], -2)
    usable = np.flatnonzero((count >= 15) & (np.linalg.det(np.nan_to_num(covariance)) > 0))
    spread, axes = np.linalg.eigh(covariance[usable])
    spread /= np.sqrt(spread.prod(axis=1))[:, None]
    division.stretch[usable] = np.einsum("vik,vk,vjk->vij", axes, spread**-STRETCH, axes)
