"""Drawing villages and assets with matplotlib: the map of the papers, in the region's UTM zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path

from coverage.exports.fonts import printable
from coverage.exports.icons import corners
from coverage.exports.like import AnalysisLike
from coverage.exports.look import ASSET_SIGNS, BLANK_OUTLINE, STATE_COLOURS, Sign
from coverage.exports.outlines import areas_of, outlines_of
from coverage.exports.tables import shown_assets, villages_table
from coverage.words import Words

INK, WATER = "#1B2A3A", "#EEF3F6"
MOST_RANKS = 60
"""Villages that get a number on a map."""
HALO = [patheffects.withStroke(linewidth=2.2, foreground="white")]


@dataclass(frozen=True)
class MapData:
    """What is drawn, in the region's UTM zone; made once for many maps of a run."""

    villages: Any
    """``village_code_bps, village, state, rank, geometry``."""
    areas: Any
    """Subdistricts."""
    assets: Any

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        west, south, east, north = self.villages.total_bounds
        return float(west), float(south), float(east), float(north)


def within(data: MapData, bounds: tuple[float, float, float, float]) -> MapData:
    """What of a map touches ``bounds`` (west, south, east, north in metres)."""
    window = shapely.box(*bounds)
    tables = (data.villages, data.areas, data.assets)
    return MapData(*(table[shapely.intersects(table.geometry.to_numpy(), window)] for table in tables))


def map_data(analysis: AnalysisLike, words: Words, include_cctv: bool = False) -> MapData:
    """Prepare the tables that maps of a run are drawn from."""
    shapes = outlines_of(analysis)
    table = villages_table(analysis, words).set_index("village_code_bps").reindex(shapes["village_code_bps"])
    villages = gpd.GeoDataFrame(
        {
            "village_code_bps": shapes["village_code_bps"].to_numpy(),
            "village": shapes["village"].to_numpy(),
            "state": table["state"].to_numpy(),
            "rank": table["priority_rank"].to_numpy(dtype=float, na_value=np.nan),
        },
        geometry=shapes.geometry.to_numpy(),
        crs=shapes.crs,
    )
    assets = shown_assets(analysis, include_cctv).to_crs(shapes.crs)
    return MapData(villages, areas_of(analysis), assets)


def hatch(width: float) -> dict[str, Any]:
    """Return the settings of matplotlib for the hatch of blank spots."""
    return {"hatch.linewidth": width, "hatch.color": BLANK_OUTLINE}


def draw_villages(axes: Axes, data: MapData, line: float = 0.35, only: str | None = None) -> None:
    """Fill the villages by state, blank spots hatched with a thick outline; ``only`` outlines one of them as chosen."""
    for state, colour in STATE_COLOURS.items():
        shapes = data.villages.geometry[data.villages["state"] == state]
        if shapes.empty:
            continue
        paths = [_path(shape) for shape in shapes]
        axes.add_collection(
            PathCollection(paths, facecolors=colour, edgecolors="#5B6670", linewidths=line, alpha=0.85, zorder=2)
        )
        if state == "blank":
            axes.add_collection(
                PathCollection(
                    paths, facecolors="none", edgecolors=BLANK_OUTLINE, linewidths=line * 3, hatch="/////", zorder=3
                )
            )
    if only is not None:
        chosen = data.villages.geometry[data.villages["village_code_bps"] == only]
        axes.add_collection(
            PathCollection(
                [_path(shape) for shape in chosen],
                facecolors="none",
                edgecolors="#0B2F6B",
                linewidths=line * 8,
                zorder=6,
            )
        )


def draw_areas(axes: Axes, data: MapData, points: float, line: float = 1.0) -> None:
    """Draw the borders of the subdistricts and, where ``points`` is not zero, their names."""
    edges = [
        np.asarray(shapely.get_coordinates(part))
        for shape in data.areas.geometry
        for part in shapely.get_parts(shape.boundary)
    ]
    axes.add_collection(LineCollection(edges, colors=INK, linewidths=line, zorder=4))
    if not points:
        return
    taken = _rank_points(data, MOST_RANKS)
    high = points * metres_per_point(axes)
    for name, shape in zip(data.areas["subdistrict"], data.areas.geometry, strict=True):
        at = shape.representative_point()
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
    """Write the names of the villages in sight; the one in ``only`` larger."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    window = shapely.box(west, south, east, north)
    for code, name, shape in zip(
        data.villages["village_code_bps"], data.villages["village"], data.villages.geometry, strict=True
    ):
        seen = shape.intersection(window)
        if seen.is_empty or (seen.area < 0.02 * window.area and code != only):
            continue
        at = seen.representative_point()
        label(
            axes,
            at.x,
            at.y,
            str(name)[:40],
            points * (1.4 if code == only else 1.0),
            weight="bold" if code == only else "normal",
        )


def draw_assets(axes: Axes, data: MapData, points: float) -> None:
    """Draw assets by shape and colour of their kind, hollow where they are not in operation; lines below points."""
    for kind, sign in ASSET_SIGNS.items():
        part = data.assets[data.assets["kind"] == kind]
        for active in (True, False):
            rows = part[(part["status"] == "operational") == active]
            if rows.empty:
                continue
            if sign.shape == "line":
                edges = [
                    np.asarray(shapely.get_coordinates(line))
                    for shape in rows.geometry
                    for line in shapely.get_parts(shape)
                ]
                axes.add_collection(
                    LineCollection(
                        edges,
                        colors=sign.colour,
                        linewidths=points * 0.25,
                        zorder=7,
                        linestyles="solid" if active else (0, (4, 3)),
                    )
                )
            else:
                at = rows.geometry.centroid
                axes.plot(at.x, at.y, linestyle="none", zorder=8, **marker(sign, points, active))


def marker(sign: Sign, points: float, active: bool = True) -> dict[str, Any]:
    """Return how matplotlib draws a sign, ``points`` across."""
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
    """Metres on the ground per point (1/72 inch) of paper."""
    west, east = axes.get_xlim()
    return float((east - west) / (axes.get_position().width * _paper_inches(axes)[0] * 72))


def _paper_inches(axes: Axes) -> tuple[float, float]:
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("axes without a figure")
    width, height = figure.get_size_inches()
    return float(width), float(height)


def _rank_points(data: MapData, most: int) -> Any:
    """Where ranks are written: x, y, rank of the villages that are served first, the first one last."""
    ranked = data.villages[data.villages["rank"] <= most].sort_values("rank", ascending=False)
    at = ranked.geometry.representative_point()
    return np.column_stack([at.x, at.y, ranked["rank"]]).reshape(-1, 3)


def draw_ranks(axes: Axes, data: MapData, points: float, most: int = MOST_RANKS) -> None:
    """Write the rank in the middle of the villages that are served first."""
    for x, y, rank in _rank_points(data, most):
        axes.text(
            x,
            y,
            f"{rank:.0f}",
            fontsize=points,
            ha="center",
            va="center",
            color=INK,
            zorder=10,
            weight="bold",
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": "white", "edgecolor": BLANK_OUTLINE, "linewidth": 0.7},
        )


def label(axes: Axes, x: float, y: float, text: str, points: float, **properties: Any) -> Any:
    """Write text with a white edge; ``$`` is a dollar sign, not mathematics."""
    return axes.text(
        x,
        y,
        printable(text),
        fontsize=points,
        ha="center",
        va="center",
        color=INK,
        zorder=9,
        parse_math=False,
        path_effects=HALO,
        clip_on=True,
        **properties,
    )


def frame(axes: Axes, bounds: Sequence[float], margin: float = 0.03) -> None:
    """Show ``bounds`` (west, south, east, north in metres) with a margin, filling the axes."""
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
    """West, south, east, north of what the axes show."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west, south, east, north


def _path(shape: Any) -> Path:
    """Polygon or multipolygon as one path; holes wind the other way round."""
    parts = []
    for part in shapely.get_parts(shapely.orient_polygons(shape)):
        parts += [
            Path(np.asarray(shapely.get_coordinates(ring)), closed=True) for ring in (part.exterior, *part.interiors)
        ]
    return Path.make_compound_path(*parts)
