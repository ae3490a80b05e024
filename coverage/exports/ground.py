"""The base map on papers: roads, railways and waters under what a map says, with the credit of who made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.exports.run_memo import cached_per_run
from coverage.readers.basemap import kept_features
from coverage.run.result import RunTables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"water": "#6FAAD0", "rail": "#5F6870", "road": "#7A6A4C"}
IMPORTANT = (
    "river", "lake", "motorway", "trunk", "primary", "rail", "secondary", "tertiary", "canal", "stream", "local",
)  # fmt: skip
"""Classes that papers draw, the most important first."""
WIDTHS = {"motorway": 2.4, "trunk": 2.2, "primary": 2.0, "river": 1.6, "secondary": 1.4, "rail": 1.2, "tertiary": 1.0}
MOST_VERTICES = 60_000
SIMPLER_M = 15.0

Columns = Mapping[str, NDArray[Any]]


@cached_per_run
def ground_of(analysis: RunTables, crs: Any = None) -> Columns:
    """Lines and areas of the base map in a CRS, by ``layer, class, shape``; empty without one."""
    empty = np.array([], dtype=object)
    if analysis.basemap is None:
        return {"layer": empty, "class": empty, "shape": empty}
    found = kept_features(analysis.basemap.path)
    found = found[found["class"].isin(IMPORTANT)].to_crs(crs)
    shapes = shapely.simplify(found.geometry.to_numpy(), SIMPLER_M, preserve_topology=False)
    there = ~shapely.is_empty(shapes)
    columns = {"layer": found["layer"].to_numpy(dtype=object), "class": found["class"].to_numpy(dtype=object)}
    return {**{name: values[there] for name, values in columns.items()}, "shape": shapes[there]}


PLACES = {"city": (1.6, 400.0), "town": (1.35, 250.0), "village": (1.1, 110.0), "suburb": (1.1, 60.0),
    "hamlet": (1.0, 45.0), "locality": (0.9, 15.0)}  # fmt: skip
"""Classes of places: size of their names, and metres per point of paper up to which they are written."""
MOST_NAMES = 150


@cached_per_run
def places_of(analysis: RunTables) -> gpd.GeoDataFrame:
    """Named places of the base map, the largest first; EPSG:4326."""
    if analysis.basemap is None:
        return gpd.GeoDataFrame({"class": [], "name": []}, geometry=[], crs="EPSG:4326")
    found = kept_features(analysis.basemap.path)
    found = found[(found["layer"] == "place") & found["name"].notna() & found["class"].isin(PLACES)]
    return found.iloc[np.argsort([[*PLACES].index(name) for name in found["class"]], kind="stable")]


def credits_of(analysis: RunTables) -> str:
    """Who is named where the run is drawn on a map."""
    return "; ".join(str(credit) for credit in analysis.run.get("credits") or ())


def legible(ground: Columns, bounds: tuple[float, float, float, float]) -> Columns:
    """What can be told apart within ``bounds``: classes by their importance, as long as there is room for one more."""
    there = shapely.intersects(ground["shape"], shapely.box(*bounds))
    ground = {name: values[there] for name, values in ground.items()}
    counts, room, kept = shapely.get_num_coordinates(ground["shape"]), MOST_VERTICES, np.zeros(there.sum(), dtype=bool)
    for name in IMPORTANT:
        of_class = ground["class"] == name
        room -= int(counts[of_class].sum())
        if room < 0:
            break
        kept |= of_class
    return {name: values[kept] for name, values in ground.items()}


def draw_basemap(axes: Axes, ground: Columns, credit: str, line: float = 0.4) -> None:
    """Draw the base map on a map that has its extent, and its credit in the corner."""
    # Imported late: map.html takes its lines from here, and draws nothing.
    from matplotlib.collections import LineCollection, PolyCollection

    (west, east), (south, north) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    ground = legible(ground, (west, south, east, north))
    if not len(ground["shape"]):
        return
    flat = shapely.get_dimensions(ground["shape"])
    areas = shapely.get_exterior_ring(shapely.get_parts(ground["shape"][flat == 2]))
    rings = [shapely.get_coordinates(one) for one in areas]
    axes.add_collection(PolyCollection(rings, facecolors=COLOURS["water"], alpha=0.8, zorder=2.4))
    for name in reversed(IMPORTANT):
        chosen = (ground["class"] == name) & (flat == 1)
        if chosen.any():
            colour = COLOURS[str(ground["layer"][chosen][0])]
            lines = [shapely.get_coordinates(one) for one in shapely.get_parts(ground["shape"][chosen])]
            width = line * WIDTHS.get(name, 0.7)
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, alpha=0.8, zorder=2.45))
    draw_credit(axes, credit, line)


def draw_credit(axes: Axes, credit: str, line: float = 0.4) -> None:
    """Whom the ground of a map credits, in its corner."""
    from coverage.exports.fonts import printable

    box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.2}
    place: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "va": "bottom", "bbox": box, "zorder": 12}
    size = max(4.5, 11 * line)
    axes.text(0.995, 0.006, printable(credit), fontsize=size, color="#1B2A3A", parse_math=False, **place)


def ground_lines(analysis: RunTables, crs: Any) -> list[tuple[str, str, gpd.GeoSeries]]:
    """Class, colour and lines in degrees, least important first: what a map of the whole region can show."""
    found = ground_of(analysis, crs)
    if not len(found["shape"]):
        return []
    west, south, east, north = map(float, shapely.total_bounds(found["shape"]))
    ground = legible(found, (west, south, east, north))
    rows = []
    for name in reversed(IMPORTANT):
        chosen = ground["class"] == name
        if chosen.any():
            shapes = ground["shape"][chosen]
            edges = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
            lines = gpd.GeoSeries(shapely.get_parts(edges), crs=crs).to_crs(4326)
            rows.append((name, COLOURS[str(ground["layer"][chosen][0])], lines))
    return rows
