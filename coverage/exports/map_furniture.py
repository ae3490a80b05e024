"""Map furniture of printed maps: scale bar, north arrow, graticule, legends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon, Rectangle
from PIL.Image import Image
from pyproj import Transformer

from coverage.base.kinds import Sign
from coverage.exports import drawing
from coverage.exports.drawing import (
    HALO,
    INK,
    LAND_HATCHES,
    POCKET_LOOK,
    Columns,
    MapData,
    marker,
    metres_per_point,
    pocket_lines,
)
from coverage.exports.fonts import drawing_style, printable
from coverage.exports.ground import MOST_NAMES, PLACES, draw_basemap, places_of
from coverage.exports.map_choice import Painted, classes_of
from coverage.exports.pictures import DPI, blank_figure, painted
from coverage.exports.style import BLANK_OUTLINE, OTHER_LAND, POSSIBLE_OUTLINE, STATE_COLOURS, signs
from coverage.exports.tables import counted
from coverage.language.words import Words
from coverage.run.result import RunTables

_ABOVE: dict[str, Any] = {"ha": "center", "va": "bottom", "color": INK, "zorder": 11, "path_effects": HALO}
"""Text above the map, centred over its place."""


def draw_place_names(axes: Axes, analysis: RunTables, crs: Any, points: float) -> None:
    """Write the names of places, the largest first, none that is written already."""
    (west, east), (south, north) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    found = places_of(analysis).to_crs(crs)
    fits = np.array([metres_per_point(axes) <= PLACES[name][1] for name in found["class"]], dtype=bool)
    found = found[fits].cx[west:east, south:north]
    sizes = [points * PLACES[kind][0] for kind in found["class"]]
    names = [*zip(found["name"].astype(str), found.geometry.x, found.geometry.y, sizes, strict=True)]
    write_clear(axes, names, MOST_NAMES, color="#3A2F1B", style="italic")


def write_clear(axes: Axes, names: Iterable[tuple[str, float, float, float]], most: int, **look: Any) -> None:
    """Write names (text, x, y, points) up to ``most``, none over what is written, none twice."""
    fine = metres_per_point(axes)
    said = {text.get_text().casefold() for text in axes.texts}

    def around(x: float, y: float, size: float, text: str) -> tuple[float, float, float, float]:
        wide, high = 0.28 * size * fine * len(text), 0.7 * size * fine
        return x - wide, y - high, x + wide, y + high

    kept = [around(*text.get_position(), float(text.get_fontsize()), text.get_text()) for text in axes.texts]
    most += len(kept)
    for name, x, y, size in names:
        box = around(x, y, size, name)
        if name.casefold() in said or any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in kept
        ):
            continue
        if len(kept) == most:
            return
        kept.append(box)
        axes.text(
            *(x, y, printable(name)), fontsize=size, ha="center", va="center", parse_math=False, path_effects=HALO,
            zorder=8.5, clip_on=True, **look,
        )  # fmt: skip


def scale_bar(axes: Axes, words: Words, points: float) -> None:
    """Scale bar of a round length, lower left."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    wanted = (east - west) * 0.18
    step = 10 ** math.floor(math.log10(wanted))
    length = max(factor * step for factor in (1, 2, 5, 10) if factor * step <= wanted * 1.2)
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.035
    high = (north - south) * 0.008
    for at, colour in ((0, INK), (0.5, "white")):
        axes.add_patch(
            Rectangle((x + at * length, y), length / 2, high, facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=11)
        )
    for at, text in ((0.0, "0"), (0.5, words.number(length / 2000, 2)), (1.0, f"{words.number(length / 1000, 2)} km")):
        axes.text(x + at * length, y + high * 1.6, text, fontsize=points, **_ABOVE)


def north_arrow(axes: Axes, words: Words, points: float, crs: Any) -> None:
    """Arrow to true north, upper right; grid north of a UTM zone differs by up to a few degrees."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    size = (north - south) * 0.05
    x, y = east - (east - west) * 0.045, north - (north - south) * 0.11
    to_degrees, to_grid = (Transformer.from_crs(a, b, always_xy=True) for a, b in ((crs, 4326), (4326, crs)))
    lon, lat = to_degrees.transform(x, y)
    up_x, up_y = to_grid.transform(lon, lat + 0.01)
    angle = math.atan2(up_x - x, up_y - y)
    turned = [
        (
            x + size * (dx * math.cos(angle) + dy * math.sin(angle)),
            y + size * (dy * math.cos(angle) - dx * math.sin(angle)),
        )
        for dx, dy in ((0, 1), (0.38, -0.35), (0, -0.08), (-0.38, -0.35))
    ]
    axes.add_patch(Polygon(turned, closed=True, facecolor=INK, edgecolor="white", linewidth=0.8, zorder=11))
    axes.text(x, y + size * 1.12, words("exports.print.north"), fontsize=points, weight="bold", **_ABOVE)


def graticule(axes: Axes, words: Words, points: float, crs: Any) -> None:
    """Degree labels with ticks along the frame."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    to_degrees = Transformer.from_crs(crs, 4326, always_xy=True)
    across = np.linspace(west, east, 400)
    along = np.linspace(south, north, 400)
    lons = np.asarray(to_degrees.transform(across, np.full_like(across, south))[0])
    lats = np.asarray(to_degrees.transform(np.full_like(along, west), along)[1])
    step = _round_step(max(lons.max() - lons.min(), lats.max() - lats.min()) / 5)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    x_at = [(float(np.interp(lon, lons, across)), lon) for lon in _steps(lons.min(), lons.max(), step)]
    y_at = [(float(np.interp(lat, lats, along)), lat) for lat in _steps(lats.min(), lats.max(), step)]
    axes.set_xticks(
        [at for at, _ in x_at], [words("exports.print.east", degrees=words.number(lon, digits)) for _, lon in x_at]
    )
    axes.set_yticks(
        [at for at, _ in y_at],
        [
            words(f"exports.print.{'south' if lat < 0 else 'north_of_equator'}", degrees=words.number(abs(lat), digits))
            for _, lat in y_at
        ],
    )
    axes.tick_params(labelsize=points, length=3, width=0.6, colors="#5B6670", labelcolor=INK, pad=2)
    for text in axes.get_yticklabels():
        text.set(rotation=90, va="center")


def _round_step(wanted: float) -> float:
    size = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * size for factor in (1, 2, 5, 10) if factor * size >= wanted)


def _steps(low: float, high: float, step: float) -> list[float]:
    return [at * step for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def surroundings(
    data: MapData,
    words: Words,
    bounds: tuple[float, float, float, float],
    millimetres: float,
    village: str,
    points: float,
    draw: Callable[[Axes], None] | None = None,
) -> Image:
    """A square map of ``bounds`` (metres) with a village outlined, its names in ``points``, and what ``draw`` adds."""
    with drawing_style(**drawing.hatch(0.4)):
        figure = blank_figure(millimetres, millimetres, DPI)
        axes = figure.add_axes((0.005, 0.005, 0.99, 0.99))
        drawing.frame(axes, bounds, margin=0)
        data = drawing.within(data, drawing.seen(axes))
        drawing.draw_villages(axes, data, line=0.4, only=village)
        drawing.draw_other_land(axes, data, line=0.5)
        draw_basemap(axes, data.ground, data.credit, line=0.5)
        drawing.draw_areas(axes, data, points=0, line=1.0)
        drawing.draw_assets(axes, data, points=6)
        drawing.draw_village_names(axes, data, points=points, only=village)
        if draw is not None:
            draw(axes)
        scale_bar(axes, words, points=6.5)
        north_arrow(axes, words, 8, data.crs)
        return painted(figure)


def state_handles(words: Words, called: Mapping[str, str], counts: Mapping[str, int], possible: int = 0) -> list[Any]:
    """Legend of states, with counts, and of the outline of those that are possible, not sure."""
    handles: list[Any] = [
        Patch(
            facecolor=colour,
            edgecolor=BLANK_OUTLINE if state == "blank" else "#5B6670",
            linewidth=1.2 if state == "blank" else 0.6,
            hatch="/////" if state == "blank" else None,
            label=f"{called[state]} ({words.number(counts.get(state, 0))})",
        )
        for state, colour in STATE_COLOURS.items()
    ]
    if possible:
        text = f"{words('core.certainty.possible')} ({words.number(possible)})"
        handles.append(Line2D([], [], color=POSSIBLE_OUTLINE, linewidth=1.2, linestyle=(0, (2.5, 1.5)), label=text))
    return handles


def class_handles(words: Words, painted: Painted, codes: Any) -> list[Any]:
    """Legend of the classes of a figure, with counts."""
    classes = painted.classes(codes)
    known = np.array([value for value in painted.values.values() if value == value], dtype=float)
    whole = not painted.is_share and not np.mod([*known, *painted.breaks], 1).any()
    ends = [*(least - whole for least in painted.breaks[1:]), float(known.max()) if len(known) else math.nan]
    held = [np.unique(known[classes_of(known, painted.breaks) == number]) for number in range(len(ends))]
    ends = [
        least if [*one] == [least] else end for least, one, end in zip(painted.breaks, held, ends, strict=True)
    ]  # as in paint.js

    def said(value: float) -> str:
        return words.share(value) if painted.is_share else words.number(value, 0 if whole or abs(value) >= 10 else 1)

    rows = [
        (colour, said(least) if least == most else f"{said(least)} – {said(most)}", number)
        for number, (colour, least, most) in enumerate(zip(painted.colours, painted.breaks, ends, strict=True))
    ]
    if (classes < 0).any():
        rows.append((STATE_COLOURS["unknown"], painted.unstated or words("web.map.unstated"), -1))
    return [
        Patch(
            facecolor=colour,
            edgecolor="#5B6670",
            linewidth=0.6,
            label=f"{text} ({words.number(int((classes == number).sum()))})",
        )
        for colour, text, number in rows
    ]


def pocket_handles(words: Words, analysis: RunTables) -> list[Any]:
    """Legend of pockets without service."""
    if pocket_lines(analysis) is None:
        return []
    (style,) = POCKET_LOOK["linestyles"]
    return [Line2D([], [], color=BLANK_OUTLINE, linewidth=1.2, linestyle=style, label=words("exports.fact.pockets"))]


def land_handles(words: Words, land: Columns) -> list[Any]:
    """Legend of forests and waters, which are no villages, with counts."""
    handles: list[Any] = []
    for kind, colour in OTHER_LAND.items():
        if count := int((land["land"] == kind).sum()):
            text = words("core.land.legend", land=words(f"core.land.{kind}"), count=count)
            with rc_context({"hatch.color": colour}):
                patch = Patch(facecolor="none", edgecolor=colour, linewidth=0.6, hatch=LAND_HATCHES[kind], label=text)
            handles.append(patch)
    return handles


def asset_handles(words: Words, assets: Columns, points: float) -> list[Any]:
    """Legend of kinds that occur, with counts, and of non-operational assets."""
    handles: list[Any] = []
    for kind, sign in signs(assets["kind"]).items():
        of_kind = assets["kind"] == kind
        inside, outside = (
            len(set(assets["mast"][of_kind & where])) for where in (~assets["neighbour"], assets["neighbour"])
        )
        text = f"{words.kind(kind)} ({counted(inside, outside, words)})"
        handles.append(
            Line2D([], [], color=sign.colour, linewidth=points * 0.25, label=text)
            if sign.shape in ("line", "area")
            else Line2D([], [], linestyle="none", label=text, **marker(sign, points))
        )
    if not assets["active"].all():
        handles.append(
            Line2D(
                [],
                [],
                linestyle="none",
                label=words("exports.map.inactive"),
                **marker(Sign(shape="circle", size=0.9), points, active=False),
            )
        )
    return handles
