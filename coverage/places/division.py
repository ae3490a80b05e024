"""Land divided among villages by who scores highest where: the model behind drawn boundaries.

Every place ``x`` goes to the village with the highest score

    s_i(x) = w_i + b_i · (x - c_i) - (x - c_i)ᵀ Q_i (x - c_i) / a_i ,

with ``c_i`` the known centre, ``a_i`` the known area and ``Q_i`` a stretch of unit determinant; to nobody where all
scores are below a level ``λ``. With ``Q_i`` fixed, the weights ``w``, the tilts ``b`` and the level are those at which
every village gets its area, the centroid of what it gets lies near its centre, and nobody's land gets the rest: the
minimum of the convex function

    F = ∫ ε log(Σ_i exp(s_i(x) / ε) + exp(λ / ε)) dx - Σ_i a_i w_i - r λ + ρ/2 Σ_i a_i² |b_i|²,

whose gradient is area and first moment given less area and first moment known (semi-discrete optimal transport with a
partial target; ε blurs the borders so that the gradient is smooth, ρ lets the centroid give way where centre and
outline cannot both be right). Then every ``Q_i`` takes on part of the stretch that its village has got, and the weights
are solved again. Plain Thiessen polygons are the case without ``w``, ``b``, ``Q`` and ``λ``. Figures, and what was
tried: docs/decisions/0002-drawn-boundaries.md.

The integral is a sum over points that lie closer where villages are smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry
from threadpoolctl import threadpool_limits

from coverage.base.compiled import compiled

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

POINTS_PER_VILLAGE = 36
"""Points in a village, whatever its size."""
LEAST_POINTS = 1000
"""Points on a piece of land with a few villages."""
GRADING = 0.3
"""Squares grow by so much of the distance from where a village may lie."""
SIXTEENTHS = (-0.375, -0.125, 0.125, 0.375)
"""Where a square is looked at, in sides from its middle, to tell how much of it is land."""
NEAREST, CANDIDATES = 10, 10
"""Of so many nearest centres of each class of size, those at the least cost compete for a place."""
SIZE_STEP = 4.0
"""Areas in one class of size differ by this factor at most."""
BLUR = 0.03
STIFFNESS = 0.05
STRETCH = 0.5
ROUNDS = ((20, 0.1), (10, 0.1), (10, 0.1), (20, 0.03))
"""Steps of the minimisation, and how far areas give way, in each round; in between, villages take on their stretch."""
FAR = 12.0
"""A score this many blurs below the best one counts for nothing: exp(-12) is 6e-6."""


class LandPoints(NamedTuple):
    """Points spread over a piece of land and around it.

    Attributes
    ----------
    xy : (p, 2) array
        In metres.
    size : (p,) array
        Side of the square that each point stands for, in metres.
    land : (p,) array
        How much of the square is land, in m².
    inside : (p,) array
        Whether the point itself lies on the land.
    """

    xy: Floats
    size: Floats
    land: Floats
    inside: NDArray[np.bool_]


def spread_points(land: BaseGeometry, sites: Floats, areas: Floats) -> LandPoints:
    """Spread points over land, closer where the nearest villages are smaller: a quadtree.

    Parameters
    ----------
    land : polygon in metres
    sites : (n, 2) centres in metres
    areas : (n,) in m²
    """
    shapely.prepare(land)
    tree, fine = cKDTree(sites), np.sqrt(areas / max(POINTS_PER_VILLAGE, LEAST_POINTS / len(sites)))
    west, south, east, north = land.bounds
    # Everything of a small land is wanted, and no more than some 100 squares across a large one to begin with.
    size = float(np.clip(fine.max(), max(east - west, north - south) / 400, max(east - west, north - south) / 4))
    grid = np.meshgrid(np.arange(west - size / 2, east + size, size), np.arange(south - size / 2, north + size, size))
    squares = np.column_stack([axis.ravel() for axis in grid])
    count = min(3, len(sites))
    xy, sizes = [], []
    while len(squares):
        squares = squares[shapely.dwithin(land, shapely.points(squares), 1.5 * size)]
        away, nearest = (found.reshape(len(squares), count) for found in tree.query(squares, k=count))
        beyond = np.maximum(away - 0.8 * np.sqrt(areas[nearest]), 0.0)
        large = size > np.sqrt(2) * (fine[nearest] + GRADING * beyond).min(axis=1)
        xy.append(squares[~large])
        sizes.append(np.full(len(xy[-1]), size))
        size /= 2
        quarters = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) * size / 2
        squares = (squares[large][:, None, :] + quarters).reshape(-1, 2)
    # Four corners far out: a net of triangles over the points has no flat ones on its rim then.
    middle, reach = np.array([west + east, south + north]) / 2, 2 * max(east - west, north - south)
    xy.append(middle + reach * np.array([[-1, -1.1], [1.1, -1], [1, 1.1], [-1.1, 1]]))
    sizes.append(np.zeros(4))
    points, side = np.vstack(xy), np.concatenate(sizes)
    share = np.zeros(len(points))
    for east in SIXTEENTHS:
        for north in SIXTEENTHS:
            share += shapely.contains_xy(land, points + side[:, None] * [east, north]) / len(SIXTEENTHS) ** 2
    return LandPoints(points, side, share * side**2, shapely.contains_xy(land, points))


@dataclass
class Division:
    """A solved division of land: who scores how much where. Lengths within are in units of ``unit`` metres.

    Attributes
    ----------
    sites : (n, 2) array
        Centres in metres.
    areas : (n,) array
        Areas aimed at, in units².
    rest : land of nobody, in units²
    stretch : (n, 2, 2) array
        Q: unit determinant.
    weights, tilts, level : w, b (in 1/units), λ
    """

    sites: Floats
    areas: Floats
    rest: float
    unit: float
    stretch: Floats = field(init=False)
    weights: Floats = field(init=False)
    tilts: Floats = field(init=False)
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.weights = np.zeros(len(self.sites))
        self.tilts = np.zeros((len(self.sites), 2))
        self.stretch = np.tile(np.eye(2), (len(self.sites), 1, 1))
        self.level = -0.5 if self.rest > 0 else -1e9

    def offsets(self, xy: Floats) -> tuple[Ints, Floats, Floats]:
        """Candidates (p, k), their offsets (p, k, 2) and costs (p, k) for p points in metres."""
        nearest = _nearest_of_each_size(self.sites, self.areas, xy)
        count = nearest.shape[1]
        away = (xy[:, None, :] - self.sites[nearest]) / self.unit
        q = self.stretch[nearest]
        x, y = away[..., 0], away[..., 1]
        cost = (q[..., 0, 0] * x * x + 2 * q[..., 0, 1] * x * y + q[..., 1, 1] * y * y) / self.areas[nearest]
        if count > CANDIDATES:
            kept = np.argpartition(cost, CANDIDATES - 1, axis=1)[:, :CANDIDATES]
            nearest, cost = np.take_along_axis(nearest, kept, axis=1), np.take_along_axis(cost, kept, axis=1)
            away = np.take_along_axis(away, kept[..., None], axis=1)
        return nearest, np.ascontiguousarray(away), cost

    def scores(self, xy: Floats) -> tuple[Ints, Floats]:
        """Candidates (p, k + 1) and their scores for p points in metres; nobody is number n."""
        nearest, away, cost = self.offsets(xy)
        scores = self.weights[nearest] + (away * self.tilts[nearest]).sum(axis=2) - cost
        nobody = np.full((len(xy), 1), len(self.sites))
        return np.hstack([nearest, nobody]), np.hstack([scores, np.full((len(xy), 1), self.level)])


def _nearest_of_each_size(sites: Floats, areas: Floats, xy: Floats) -> Ints:
    """Nearest sites of every class of size for each point: far inside a large village all near ones may be small."""
    sizes = np.floor(np.log(areas / areas.min()) / np.log(SIZE_STEP)).astype(np.int64)
    found = []
    for size in np.unique(sizes):
        members = np.flatnonzero(sizes == size)
        count = min(NEAREST, len(members))
        found.append(members[cKDTree(sites[members]).query(xy, k=count)[1].reshape(len(xy), count)])
    return np.hstack(found)


def solve_division(sites: Floats, areas: Floats, points: LandPoints, fill: bool) -> Division:
    """Divide land among villages; see the formula at the top of the module.

    Parameters
    ----------
    sites : (n, 2) centres in metres
    areas : (n,) in m²; they shrink alike where they exceed the land
    points : from :func:`spread_points`
    fill : whether the areas also grow alike until no land is left; else what they leave is nobody's
    """
    held = points.land > 0
    xy, size = points.xy[held], points.land[held]
    land = float(size.sum())
    wanted = areas * (land / areas.sum() if fill else min(1.0, land / areas.sum()))
    unit = float(np.sqrt(np.median(wanted)))
    rest = max(land - wanted.sum(), 0.0) / unit**2
    division = Division(sites, wanted / unit**2, rest if rest > 1e-6 * land / unit**2 else 0.0, unit)
    pieces = size / unit**2
    for turn, (steps, give) in enumerate(ROUNDS):
        near = division.offsets(xy)
        _solve(division, near, pieces, steps, give)
        if turn < len(ROUNDS) - 1:
            _take_stretch(division, near, pieces)
    return division


def _solve(division: Division, near: tuple[Ints, Floats, Floats], pieces: Floats, steps: int, give: float) -> None:
    """Minimise F over weights, tilts and level, from where they are; L-BFGS on the convex dual.

    The unknowns are taken in units of 1 / sqrt(a), in which a village of any size bends F about alike.
    """
    count, areas, size = len(division.sites), division.areas, np.sqrt(division.areas)
    levels = int(division.rest > 0)
    units = np.concatenate([1 / size, np.repeat(1 / size, 2), np.ones(levels)])

    def parts(unknowns: Floats) -> tuple[Floats, Floats, float]:
        given = unknowns * units
        level = float(given[-1]) if levels else division.level
        return given[:count], given[count : 3 * count].reshape(-1, 2), level

    def dual(unknowns: Floats) -> tuple[float, Floats]:
        weights, turned, level = parts(unknowns)
        mass, moment = np.zeros(count), np.zeros((count, 2))
        total, left = _blurred_best(weights, turned / size[:, None], level, *near, pieces, BLUR, mass, moment)
        held = STIFFNESS * (areas[:, None] * turned**2).sum() + give * (areas * weights**2).sum()
        value = total - areas @ weights - division.rest * level * levels + held / 2
        slope = (moment / size[:, None] + STIFFNESS * areas[:, None] * turned).ravel()
        slopes = [mass - areas + give * areas * weights, slope, np.full(levels, left - division.rest)]
        return value, np.concatenate(slopes) * units

    from scipy.optimize import minimize  # slow import: made regions are kept, and seldom drawn anew

    turned = (division.tilts * size[:, None]).ravel()
    start = np.concatenate([division.weights, turned, np.full(levels, division.level)]) / units
    options = {"maxiter": steps, "maxcor": 20}
    with threadpool_limits(1, "blas"):  # or the last digits hang on the number of processors
        found = minimize(dual, start, jac=True, method="L-BFGS-B", options=options).x
    division.weights, turned, division.level = parts(found)
    division.tilts = turned / size[:, None]


@compiled()
def _blurred_best(
    weights: Floats,
    tilts: Floats,
    level: float,
    nearest: Ints,
    away: Floats,
    cost: Floats,
    pieces: Floats,
    blur: float,
    mass: Floats,
    moment: Floats,
) -> tuple[float, float]:
    """Integral of ε log Σ exp(s / ε), and the land of nobody; adds up who gets how much in place."""
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
            if scores[k] > best - FAR * blur:
                scores[k] = np.exp((scores[k] - best) / blur)
                everybody += scores[k]
            else:
                scores[k] = 0.0
        piece = pieces[point]
        total += piece * (best + blur * np.log(everybody))
        left += piece * nobody / everybody
        for k in range(count):
            if scores[k] > 0:
                share, site = piece * scores[k] / everybody, nearest[point, k]
                mass[site] += share
                moment[site, 0] += share * away[point, k, 0]
                moment[site, 1] += share * away[point, k, 1]
    return total, left


def _take_stretch(division: Division, near: tuple[Ints, Floats, Floats], pieces: Floats) -> None:
    """Let every stretch follow the shape its village has got: the inverse covariance to the power ``STRETCH``."""
    nearest, away, cost = near
    scores = division.weights[nearest] + (away * division.tilts[nearest]).sum(axis=2) - cost
    best = scores.argmax(axis=1)
    rows = np.arange(len(best))
    mine = scores[rows, best] > division.level
    owner, xy, share = nearest[rows, best][mine], away[rows, best][mine], pieces[mine]
    n = len(division.sites)
    mass = np.bincount(owner, share, minlength=n)
    values = (*xy.T, *(xy.T**2), xy.prod(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y, xx, yy, both = (np.bincount(owner, share * value, minlength=n) / mass for value in values)
    covariance = np.stack([np.stack([xx - x * x, both - x * y], -1), np.stack([both - x * y, yy - y * y], -1)], -2)
    many = np.bincount(owner, minlength=n) >= 15
    usable = np.flatnonzero(many & (np.linalg.det(np.nan_to_num(covariance)) > 0))
    spread, axes = np.linalg.eigh(covariance[usable])
    spread /= np.sqrt(spread.prod(axis=1))[:, None]
    division.stretch[usable] = np.einsum("vik,vk,vjk->vij", axes, spread**-STRETCH, axes)
