"""Coverage areas: where the operational assets of one service, operator or technology reach, as one outline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from numpy.typing import NDArray
from rasterio.transform import Affine

from coverage.base.schema import SERVICES
from coverage.reach.assets import service_reach
from coverage.reach.line_of_sight import seen_by_observers
from coverage.reach.model import ReachResult, cells_of, radio_of
from coverage.reach.radials import LossStore
from coverage.reach.repeaters import seeing
from coverage.reach.signal import Tower, signal_map
from coverage.run.pockets import company, names_of
from coverage.run.result import Analysis
from coverage.villages_served.village_signal import centres_of

UNSTATED = ""
"""Value of masts of which the operator or the band is not known."""
FINE, COARSE = 500, 20_000
"""Circles up to which each quarter has 16 chords, and from which it has 2."""


def area_choices(analysis: Analysis) -> list[tuple[str, str]]:
    """Pairs of ``service``, ``operator`` or ``technology`` and a value, of assets in operation.

    Operators and technologies are those of cellular assets; :data:`UNSTATED` stands for masts of which none is known.
    """
    assets = analysis.assets
    if assets is None:
        return []
    gives, reached = service_reach(assets, analysis.parameters.kinds), analysis.reached
    found = [("service", service) for service in SERVICES if (gives["service"] == service).any()]
    listed = (gives["service"] == "cellular").to_numpy()
    listed = listed if reached.signal is None else listed & ~reached.of_model
    masts = assets.iloc[gives.loc[listed, "asset_position"]]
    for by in ("operator", "technology"):
        names = names_of(masts, by, analysis.parameters) if len(masts) else []
        values = {name for each in names for name in each or [UNSTATED]}
        values.update(name for _, each in _of_towers(analysis, by) for name in each)
        found += [(by, value) for value in sorted(values, key=lambda name: (name == UNSTATED, name))]
    return found


def area_of(analysis: Analysis, by: str, value: str, kept: LossStore | None = None) -> shapely.Geometry | None:
    """Outline in EPSG:4326 of where assets reach: by the run's model, and as circles what it does not stand for.

    Parameters
    ----------
    by, value : one of :func:`area_choices`
    kept : cache of each tower's losses

    Returns
    -------
    shapely.Geometry
        Or None where nothing reaches anywhere. Right to about a cell of the terrain; of tens of thousands of circles,
        each is an octagon of the same area.
    """
    assets, reached = analysis.assets, analysis.reached
    if assets is None or analysis.land is None:
        return None
    gives = service_reach(assets, analysis.parameters.kinds)
    chosen = (gives["service"] == (value if by == "service" else "cellular")).to_numpy()
    if by != "service":
        names = names_of(assets, by, analysis.parameters)
        own = np.array([value in (each or [UNSTATED]) for each in names], dtype=bool)
        chosen = chosen & own[gives["asset_position"].to_numpy()]
    circles = gives[chosen & _by_circle(gives, reached)]
    points = assets.geometry.iloc[circles["asset_position"]].to_crs(analysis.land.crs)
    chords = 16 if len(points) <= FINE else 4 if len(points) < COARSE else 2
    corner = np.pi / (2 * chords)
    radius = circles["reach_m"].to_numpy() * np.sqrt(corner / np.sin(corner))  # a polygon of the circle's area
    parts = [*shapely.buffer(points.to_numpy(), radius, quad_segs=chords)]
    by_model = gives.loc[chosen & reached.of_model, "asset_position"].to_numpy(dtype=np.int64)
    if by == "service":
        parts += _modelled(analysis, reached.usable) if len(by_model) else []
    elif towers := [tower for tower, names in _of_towers(analysis, by) if value in names]:
        parts += _modelled(analysis, _usable(analysis, towers, kept))
    elif len(by_model) and reached.signal is None:
        parts += _modelled(analysis, _seen(analysis, by_model.tolist()))
    whole = shapely.union_all(parts)
    if whole.is_empty:
        return None
    outline: shapely.Geometry = gpd.GeoSeries([whole], crs=analysis.land.crs).to_crs(4326).iloc[0]
    return outline


def _by_circle(gives: pd.DataFrame, reached: ReachResult) -> NDArray[np.bool_]:
    """Which services count as circles: where heights are missing, none of a mast on ground without one."""
    found: NDArray[np.bool_] = ~reached.of_model & (gives["reach_m"] > 0).to_numpy()
    return found if reached.missing is None else found & (gives["service"] != "cellular").to_numpy()


def _of_towers(analysis: Analysis, by: str) -> Iterator[tuple[Tower, list[str]]]:
    """Towers of the signal with their operators or technology: of a repeater those of what it hears."""
    if analysis.reached.signal is None:
        return
    assert analysis.assets is not None
    names = names_of(analysis.assets, by, analysis.parameters)
    for tower in analysis.reached.signal.towers:
        sent = [tower.technology] if by == "technology" else [company(name) for name in tower.operators]
        yield tower, (sent if tower.repeats else names[tower.position]) or [UNSTATED]


def _usable(analysis: Analysis, towers: Sequence[Tower], kept: LossStore | None) -> NDArray[np.bool_]:
    """Where some towers alone have signal."""
    assert analysis.terrain is not None
    radio = radio_of(analysis.parameters)
    found = signal_map(analysis.terrain, towers, radio, kept).rsrp_dbm
    return np.asarray(found >= np.float32(radio.thresholds.weak_dbm))


def _seen(analysis: Analysis, positions: Sequence[int]) -> NDArray[np.bool_]:
    """What is in sight of some assets."""
    assert analysis.terrain is not None
    assert analysis.assets is not None
    kinds, radio = analysis.parameters.kinds, radio_of(analysis.parameters)
    sees = seeing(analysis.assets, positions, kinds, radio, analysis.terrain)
    return seen_by_observers(analysis.assets.iloc[sees], analysis.terrain, kinds, radio).astype(bool)


def _modelled(analysis: Analysis, usable: NDArray[np.bool_] | None) -> list[shapely.Geometry]:
    """Outlines of where the model finds service, in the land's plane."""
    terrain = analysis.terrain
    assert terrain is not None
    assert analysis.land is not None
    assert usable is not None
    for known in (terrain.known, terrain.clutter_known):
        usable = usable if known is None else usable & known
    place = Affine(terrain.cell_m, 0, terrain.x0, 0, terrain.cell_m, terrain.y0)
    found = rasterio.features.shapes(usable.astype(np.uint8), mask=usable, transform=place)
    shapes = gpd.GeoSeries([shapely.geometry.shape(outline) for outline, _ in found], crs=terrain.crs)
    return [*shapes.simplify(terrain.cell_m / 3).to_crs(analysis.land.crs)]


def operators_at_centres(analysis: Analysis) -> list[tuple[str, ...]] | None:
    """Operators that serve the centre of each village, :data:`UNSTATED` last, in the order of the villages.

    None where it is not known of any: no asset names one, or the run's model tells operators not apart.
    """
    assets, reached, villages = analysis.assets, analysis.reached, analysis.villages
    if assets is None or analysis.land is None or (reached.of_model.any() and reached.signal is None):
        return None
    crs, centres = analysis.land.crs, centres_of(villages)
    found: list[set[str]] = [set() for _ in range(len(villages))]
    gives = service_reach(assets, analysis.parameters.kinds)
    circles = gives[(gives["service"] == "cellular").to_numpy() & _by_circle(gives, reached)]
    names = names_of(assets.iloc[circles["asset_position"]], "operator", analysis.parameters)
    masts = assets.geometry.iloc[circles["asset_position"]].to_crs(crs).to_numpy()
    tree = shapely.STRtree(centres.to_crs(crs).to_numpy())
    for mast, village in zip(*tree.query(masts, "dwithin", distance=circles["reach_m"].to_numpy()), strict=True):
        found[village].update(names[mast] or [UNSTATED])
    if reached.signal is not None and analysis.terrain is not None:
        row, column, held = cells_of(analysis.terrain, centres)
        heard = np.where(held, reached.signal.heard[row, column], 0)
        for bit, operator in enumerate(reached.signal.operators):
            for village in np.flatnonzero((heard >> bit) & 1):
                found[village].add(company(operator))
        nameless = np.array([not tower.operators for tower in reached.signal.towers] + [False])  # the last: no server
        by_nameless = nameless[reached.signal.server[row, column]]
        heard_at_all = reached.signal.rsrp_dbm[row, column] >= radio_of(analysis.parameters).thresholds.weak_dbm
        for village in np.flatnonzero(held & by_nameless & heard_at_all):
            found[village].add(UNSTATED)
    in_order = [tuple(sorted(each, key=lambda name: (name == UNSTATED, name))) for each in found]
    return in_order if any(map(any, found)) else None
