"""Draw villages and assets with matplotlib, in the region's UTM zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from matplotlib import patheffects, rc_context
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from numpy.typing import NDArray

from coverage.base.kinds import Sign
from coverage.exports.fonts import printable
from coverage.exports.ground import credits_of, ground_of
from coverage.exports.icons import corners
from coverage.exports.map_choice import Painted
from coverage.exports.outlines import areas_of, other_land_of, outlines_of
from coverage.exports.overlays import hillshade_within
from coverage.exports.run_memo import cached_per_run
from coverage.exports.style import BLANK_OUTLINE, OTHER_LAND, POSSIBLE_OUTLINES, STATE_COLOURS, signs
from coverage.exports.tables import is_neighbour, shown_assets, villages_table
from coverage.language.words import Words
from coverage.reach.masts import mast_of
from coverage.reach.terrain import Terrain
from coverage.run.result import RunTables

INK, WATER = "#1B2A3A", "#EEF3F6"
MOST_RANKS = 60
"""Villages numbered on a map."""
LAND_HATCHES = {"forest": "\\\\\\", "water": "---"}
POCKET_LOOK: dict[str, Any] = {"colors": BLANK_OUTLINE, "linestyles": [(0, (1, 1.6))]}
HALO = [patheffects.withStroke(linewidth=2.2, foreground="white")]
_CENTRED: dict[str, Any] = {"ha": "center", "va": "center", "color": INK, "clip_on": True}
_IN_CIRCLE = {"boxstyle": "circle,pad=0.22", "facecolor": "white", "edgecolor": BLANK_OUTLINE, "linewidth": 0.7}


Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class MapData:
    """Prepared geometry in the region's UTM zone, shared by all maps of a run. Parallel arrays by name."""

    crs: Any
    villages: Columns
    """``code, name, state, possible, rank, shape, path``."""
    areas: Columns
    """Subdistricts: ``name, shape``."""
    assets: Columns
    """``kind, active, status, neighbour, shape``."""
    land: Columns
    """Forests and waters: ``land, shape, path``."""
    ground: Columns
    """The base map: :func:`coverage.exports.ground.ground_of`."""
    credit: str

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        west, south, east, north = shapely.total_bounds(self.villages["shape"])
        return float(west), float(south), float(east), float(north)

    def ranked(self, most: int) -> Columns:
        """Villages in the order of priority."""
        order = np.argsort(self.villages["rank"], kind="stable")
        return part(self.villages, order[self.villages["rank"][order] <= most])


def part(columns: Columns, chosen: Any) -> Columns:
    """Rows of parallel arrays."""
    chosen = np.asarray(chosen) if len(chosen) else np.zeros(0, dtype=bool)
    return {name: values[chosen] for name, values in columns.items()}


def within(data: MapData, bounds: tuple[float, float, float, float]) -> MapData:
    """Part of a map that touches ``bounds`` (west, south, east, north in metres)."""
    window = shapely.box(*bounds)
    tables = {name: getattr(data, name) for name in ("villages", "areas", "assets", "land")}
    parts: dict[str, Any] = {
        name: part(table, shapely.intersects(table["shape"], window)) for name, table in tables.items()
    }
    return replace(data, **parts)


@cached_per_run
def map_data(analysis: RunTables, words: Words) -> MapData:
    """Prepare the map data of a run."""
    shapes, areas = outlines_of(analysis), areas_of(analysis)
    table = villages_table(analysis, words).set_index("village_code_bps").reindex(shapes["village_code_bps"])
    outlines = shapes.geometry.to_numpy()
    land = other_land_of(analysis).to_crs(shapes.crs)
    assets = shown_assets(analysis).to_crs(shapes.crs)
    return MapData(
        shapes.crs,
        {
            "code": shapes["village_code_bps"].to_numpy(dtype=object),
            "name": shapes["village"].to_numpy(dtype=object),
            "state": table["state"].to_numpy(dtype=object),
            "possible": (table["certainty"] == "possible").to_numpy(dtype=bool, na_value=False),
            "rank": table["priority_rank"].to_numpy(dtype=float, na_value=np.nan),
            "shape": outlines,
            "path": _paths(outlines),
        },
        {"name": areas["subdistrict"].to_numpy(dtype=object), "shape": areas.geometry.to_numpy()},
        {
            "kind": assets["kind"].to_numpy(dtype=object),
            "active": (assets["status"] == "operational").to_numpy(dtype=bool),
            "status": assets["status"].to_numpy(dtype=object),
            "neighbour": is_neighbour(assets),
            "mast": mast_of(assets, analysis.parameters.kinds),
            "shape": assets.geometry.to_numpy(),
        },
        {
            "land": land["land"].to_numpy(dtype=object),
            "shape": land.geometry.to_numpy(),
            "path": _paths(land.geometry.to_numpy()),
        },
        ground_of(analysis, shapes.crs),
        credits_of(analysis),
    )


def _paths(shapes: NDArray[Any]) -> NDArray[Any]:
    paths = np.empty(len(shapes), dtype=object)
    paths[:] = [path_of(shape) for shape in shapely.orient_polygons(shapes)]
    return paths


def hatch(width: float) -> dict[str, Any]:
    """Hatch settings of blank spots."""
    return {"hatch.linewidth": width, "hatch.color": BLANK_OUTLINE}


def draw_villages(
    axes: Axes,
    data: MapData,
    line: float = 0.35,
    only: str | None = None,
    painted: Painted | None = None,
    alpha: float = 0.85,
    kept: frozenset[str] | None = None,
) -> None:
    """Fill villages by state, blank spots hatched and thickly outlined, possible ones dashed; or by a figure, with
    blank spots outlined. ``only`` is outlined, too; all but ``kept`` are pale. Without ``alpha``, outlines only.
    """
    state, possible = data.villages["state"], data.villages["possible"]
    strong = np.array([kept is None or code in kept for code in data.villages["code"]], dtype=bool)
    for colour, chosen in _fills(data, painted):
        for there, share in ((strong, 1.0), (~strong, 0.15)):
            fill = {"facecolors": colour, "alpha": alpha * share} if alpha else {"facecolors": "none"}
            _add_paths(axes, data, chosen & there, edgecolors="#5B6670", linewidths=line, zorder=2, **fill)
    state = np.where(strong, state, "")
    blank, look = state == "blank", {"facecolors": "none", "zorder": 3}
    if alpha and painted is None:
        _add_paths(axes, data, blank, edgecolors=BLANK_OUTLINE, linewidths=line, hatch="/////", **look)
        for name, edge in POSSIBLE_OUTLINES.items():
            style = [(0, (2.5, 1.5))]
            chosen = (state == name) & possible
            _add_paths(axes, data, chosen, edgecolors=edge, linewidths=line * 3, linestyles=style, **look)
    if alpha:
        sure = blank if painted else blank & ~possible
        _add_paths(axes, data, sure, edgecolors=BLANK_OUTLINE, linewidths=line * 3, **look)
    chosen, look = data.villages["code"] == only, look | {"zorder": 6}
    _add_paths(axes, data, chosen, edgecolors="#0B2F6B", linewidths=line * 8, **look)


def _fills(data: MapData, painted: Painted | None) -> list[tuple[str, NDArray[np.bool_]]]:
    """Colours, and the villages that have them."""
    if painted is None:
        return [(colour, data.villages["state"] == state) for state, colour in STATE_COLOURS.items()]
    classes = painted.classes(data.villages["code"])
    colours = [STATE_COLOURS["unknown"], *painted.colours]
    return [(colour, classes == number - 1) for number, colour in enumerate(colours)]


def _add_paths(axes: Axes, data: MapData, chosen: NDArray[np.bool_], **look: Any) -> None:
    if paths := data.villages["path"][chosen].tolist():
        axes.add_collection(PathCollection(paths, **look))


def draw_hillshade(axes: Axes, analysis: RunTables, alpha: float = 1.0) -> None:
    """Shade the slopes, where the run has its terrain; a saved one has none."""
    terrain: Terrain | None = getattr(analysis, "terrain", None)
    limits = axes.get_xlim(), axes.get_ylim()
    found = None if terrain is None else hillshade_within(terrain, (*limits[0], *limits[1]))
    if found is not None:
        picture, extent = found
        axes.imshow(picture, extent=extent, origin="lower", alpha=alpha, zorder=2.3, interpolation="bilinear")
        axes.set(xlim=limits[0], ylim=limits[1])


def draw_pockets(axes: Axes, analysis: RunTables, crs: Any, line: float = 1.0) -> None:
    """Outline pockets without service, dotted, where the run has their shapes."""
    shapes = pocket_lines(analysis)
    if shapes is not None:
        lines = _lines(shapely.boundary(shapes.to_crs(crs).to_numpy()))
        axes.add_collection(LineCollection(lines, **POCKET_LOOK, linewidths=line, zorder=4.5))


def pocket_lines(analysis: RunTables) -> Any:
    """Pockets by name, EPSG:4326; None without their shapes. Scattered remainders are left out."""
    shapes = analysis.pocket_shapes
    if shapes is None or analysis.pockets is None:
        return None
    named = shapes[(analysis.pockets["pocket"] > 0).to_numpy()]
    return named if len(named) else None


def draw_other_land(axes: Axes, data: MapData, line: float = 0.5) -> None:
    """Hatch forests and waters, which are no villages."""
    for kind, colour in OTHER_LAND.items():
        paths = data.land["path"][data.land["land"] == kind].tolist()
        with rc_context({"hatch.color": colour}):
            axes.add_collection(
                PathCollection(
                    paths, facecolors="none", edgecolors=colour, linewidths=line, hatch=LAND_HATCHES[kind], zorder=2.5
                )
            )


def draw_areas(axes: Axes, data: MapData, points: float, line: float = 1.0) -> None:
    """Draw subdistrict borders and, unless ``points`` is zero, names."""
    axes.add_collection(
        LineCollection(_lines(shapely.boundary(data.areas["shape"])), colors=INK, linewidths=line, zorder=4)
    )
    if not points:
        return
    taken = _rank_points(data, MOST_RANKS)
    high = points * metres_per_point(axes)
    window = shapely.box(*seen(axes))
    visible = shapely.intersection(data.areas["shape"], window)
    area = shapely.area(visible)
    there = area > np.minimum(0.7 * shapely.area(data.areas["shape"]), 0.03 * window.area)  # not a corner of one
    for name, at in zip(data.areas["name"][there], shapely.point_on_surface(visible[there]), strict=True):
        wide = 0.3 * high * len(str(name)) + 0.5 * high
        y = next(
            (
                at.y + step * high
                for step in (0, -1.5, 1.5, -2.5, 2.5)
                if not np.any((abs(taken[:, 0] - at.x) < wide) & (abs(taken[:, 1] - at.y - step * high) < 1.3 * high))
            ),
            at.y,
        )
        label(axes, at.x, y, str(name), points, weight="bold")


def draw_village_names(axes: Axes, data: MapData, points: float, only: str | None = None) -> None:
    """Label visible villages, clear of map furniture; the one in ``only`` larger."""
    west, south, east, north = seen(axes)
    wide, high = east - west, north - south
    bar = shapely.box(west, south, west + 0.32 * wide, south + 0.12 * high)
    arrow = shapely.box(east - 0.13 * wide, north - 0.18 * high, east, north)
    window = shapely.box(west, south, east, north).difference(bar).difference(arrow)
    visible = shapely.intersection(data.villages["shape"], window)
    chosen = data.villages["code"] == only
    shown = ~shapely.is_empty(visible) & ((shapely.area(visible) >= 0.02 * window.area) | chosen)
    places = shapely.point_on_surface(visible[shown])
    for name, at, is_only in zip(data.villages["name"][shown], places, chosen[shown], strict=True):
        label(
            axes, at.x, at.y, str(name)[:40], points * (1.4 if is_only else 1.0), weight="bold" if is_only else "normal"
        )


def draw_assets(axes: Axes, data: MapData, points: float) -> None:
    """Draw assets by kind, hollow if not operational; lines and outlines of areas below points."""
    for kind, sign in signs(data.assets["kind"]).items():
        of_kind = data.assets["kind"] == kind
        for active in (True, False):
            shapes = data.assets["shape"][of_kind & (data.assets["active"] == active)]
            if not len(shapes):
                continue
            if sign.shape in ("line", "area"):
                axes.add_collection(
                    LineCollection(
                        _lines(shapes if sign.shape == "line" else shapely.boundary(shapes)),
                        colors=sign.colour,
                        linewidths=points * 0.25,
                        zorder=7,
                        linestyles="solid" if active else (0, (4, 3)),
                    )
                )
            else:
                at = shapely.get_coordinates(shapely.centroid(shapes))
                axes.plot(at[:, 0], at[:, 1], linestyle="none", zorder=8, **marker(sign, points, active))


def _lines(shapes: NDArray[Any]) -> list[NDArray[np.float64]]:
    """Coordinates of each part of each line."""
    coordinates, owner = shapely.get_coordinates(shapely.get_parts(shapes), return_index=True)
    return np.split(coordinates, np.flatnonzero(np.diff(owner)) + 1)


def marker(sign: Sign, points: float, active: bool = True) -> dict[str, Any]:
    """Marker of a sign, ``points`` across."""
    shape = corners(sign, 0.0, 0.0, 1.0)
    path = Path([(x, -y) for x, y in [*shape, shape[0]]], closed=True)
    return {
        "marker": path,
        "markersize": points * sign.size,
        "markerfacecolor": sign.colour if active else "white",
        "markeredgecolor": "white" if active else sign.colour,
        "markeredgewidth": 0.3 if active else 0.7,
    }


def metres_per_point(axes: Axes) -> float:
    """Ground metres per point (1/72 inch) of paper."""
    west, east = axes.get_xlim()
    return float((east - west) / (axes.get_position().width * _paper_inches(axes)[0] * 72))


def _paper_inches(axes: Axes) -> tuple[float, float]:
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("axes without a figure")
    width, height = figure.get_size_inches()
    return float(width), float(height)


def _rank_points(data: MapData, most: int) -> Any:
    """x, y, rank of the first villages, the first one last."""
    ranked = data.ranked(most)
    at = shapely.get_coordinates(shapely.point_on_surface(ranked["shape"]))
    return np.column_stack([at, ranked["rank"]])[::-1]


def draw_ranks(axes: Axes, data: MapData, points: float, most: int = MOST_RANKS, below: float = 0.0) -> None:
    """Write ranks at village centres, or so many points ``below`` them."""
    fine = metres_per_point(axes)
    drop = below * fine
    names = [
        (*text.get_position(), 0.32 * len(text.get_text()), float(text.get_fontsize()) * fine) for text in axes.texts
    ]
    for x, centre, rank in _rank_points(data, most):
        y = centre - drop
        for left, up, wide, high in names:  # below a name, not over it
            if abs(x - left) < wide * high + points * fine and abs(y - up) < 0.5 * high + points * fine:
                y = up - 0.6 * high - 1.1 * points * fine
        axes.text(x, y, f"{rank:.0f}", fontsize=points, zorder=10, weight="bold", bbox=_IN_CIRCLE, **_CENTRED)


def label(axes: Axes, x: float, y: float, text: str, points: float, **properties: Any) -> Any:
    """Text with a white halo; ``$`` is no mathtext."""
    look = {**_CENTRED, "zorder": 9, "parse_math": False, "path_effects": HALO, **properties}
    return axes.text(x, y, printable(text), fontsize=points, **look)


def frame(axes: Axes, bounds: Sequence[float], margin: float = 0.03) -> None:
    """Fit the axes to ``bounds`` (west, south, east, north in metres) with a margin."""
    west, south, east, north = bounds
    box = axes.get_position()
    width, height = _paper_inches(axes)
    ratio = (box.width * width) / (box.height * height)
    across, along = (east - west) * (1 + 2 * margin), (north - south) * (1 + 2 * margin)
    across, along = max(across, along * ratio), max(along, across / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - across / 2, x + across / 2)
    axes.set_ylim(y - along / 2, y + along / 2)
    axes.set_aspect("equal", adjustable="box")
    axes.set_facecolor(WATER)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set(color="#5B6670", linewidth=0.8)


def seen(axes: Axes) -> tuple[float, float, float, float]:
    """Bounds that the axes show."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west, south, east, north


def path_of(shape: Any) -> Path:
    """Polygon or multipolygon as one path with reversed holes."""
    parts = []
    for part in shapely.get_parts(shape):
        parts += [
            Path(np.asarray(shapely.get_coordinates(ring)), closed=True) for ring in (part.exterior, *part.interiors)
        ]
    return Path.make_compound_path(*parts)
