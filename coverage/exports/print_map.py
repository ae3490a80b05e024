"""``map.png``: the map at print size with legend, scale bar, north arrow, sources and date."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from coverage.exports import drawing, map_furniture
from coverage.exports.excel import rule_label
from coverage.exports.figures import totals
from coverage.exports.fonts import drawing_style, printable
from coverage.exports.ground import draw_basemap
from coverage.exports.pictures import blank_figure, png
from coverage.exports.provenance import provenance
from coverage.exports.tables import default_rule, villages_table
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

LINE = 0.00172
"""Line height per point of text, as a fraction of the panel, on A3."""
CHARACTERS = 545
"""Characters of one point per line of the panel."""


@dataclass(frozen=True)
class Paper:
    """A landscape paper size."""

    width_mm: float
    height_mm: float


A3, A4 = Paper(420, 297), Paper(297, 210)


def write_print_map(analysis: RunTables, words: Words, *, paper: Paper = A3, dpi: int = 300) -> bytes:
    """Return ``map.png``.

    Parameters
    ----------
    dpi : dots per inch; A3 at 300 is 4960 by 3507 pixels
    """
    about = provenance(analysis, words)
    data = drawing.map_data(analysis, words)
    size = paper.width_mm / A3.width_mm
    with drawing_style(**drawing.hatch(0.7 * size)):
        figure = blank_figure(paper.width_mm, paper.height_mm, dpi)
        axes = figure.add_axes((0.028, 0.04, 0.70, 0.93))
        drawing.frame(axes, data.bounds)
        drawing.draw_villages(axes, data, line=0.45 * size)
        drawing.draw_other_land(axes, data, line=0.6 * size)
        draw_basemap(axes, data.ground, data.credit, line=0.6 * size)
        drawing.draw_areas(axes, data, points=10 * size, line=1.3 * size)
        drawing.draw_assets(axes, data, points=6 * size)
        drawing.draw_ranks(axes, data, points=7.5 * size)
        map_furniture.scale_bar(axes, words, points=10 * size)
        map_furniture.north_arrow(axes, words, 13 * size, data.crs)
        map_furniture.graticule(axes, words, 9 * size, data.crs)
        _panel(figure, analysis, words, about, data, size)
        return png(figure)


def _first_ranked(data: drawing.MapData) -> list[str]:
    """Rank and name, joined by a no-break space."""
    ranked = data.ranked(drawing.MOST_RANKS)
    return [
        f"{rank:.0f} {name[:30]}".replace(" ", "\u00a0")
        for rank, name in zip(ranked["rank"], ranked["name"], strict=True)
    ]


def _panel(figure: Figure, analysis: RunTables, words: Words, about: Any, data: drawing.MapData, size: float) -> None:
    """Title, legend, sources and marks beside the map."""
    panel = figure.add_axes((0.745, 0.04, 0.235, 0.93))
    panel.set_axis_off()
    panel.set(xlim=(0, 1), ylim=(0, 1))
    table = villages_table(analysis, words)
    found = totals(table)

    def write(y: float, text: str, points: float, **properties: Any) -> float:
        wrapped = "\n".join(textwrap.wrap(text, round(CHARACTERS / points)) or [""])
        panel.text(
            0,
            y,
            "\n".join(map(printable, wrapped.split("\n"))),
            fontsize=points * size,
            va="top",
            ha="left",
            color=drawing.INK,
            parse_math=False,
            linespacing=1.25,
            **properties,
        )
        return y - (wrapped.count("\n") + 1) * points * LINE - 0.012

    y = write(1.0, words("exports.print.title"), 19, weight="bold")
    y = write(y, about.region, 16, weight="bold")
    y = write(y, words("exports.map.rule", rule=rule_label(default_rule(analysis).name, words)), 11)
    y = write(y, words("exports.print.people", unserved=found.population_unserved, population=found.population), 11)
    called = state_words(words, default_rule(analysis))
    handles = map_furniture.state_handles(words, called, found.states, int(data.villages["possible"].sum()))
    handles += map_furniture.land_handles(words, data.land)
    look: dict[str, Any] = {
        "loc": "upper left", "fontsize": 11 * size, "title_fontsize": 12 * size, "frameon": False, "alignment": "left",
        "handlelength": 2.2, "borderaxespad": 0,
    }  # fmt: skip
    title, at = words("exports.map.legend"), (-0.02, y)
    states = panel.legend(handles=handles, title=title, bbox_to_anchor=at, handleheight=1.3, labelspacing=0.5, **look)
    panel.add_artist(states)
    y -= 0.042 + 0.0222 * len(handles)
    signs = map_furniture.asset_handles(words, data.assets, 9 * size)
    if signs:
        title, at = words("exports.map.layers_assets"), (-0.02, y)
        panel.legend(handles=signs, title=title, bbox_to_anchor=at, labelspacing=0.55, **look)
        y -= 0.042 + 0.0215 * len(signs)
    y = write(y, words("exports.about.approximate"), 11, weight="bold") if about.approximations else y
    for text in about.approximations:
        y = write(y + 0.006, "• " + text, 9.5)
    y = write(y - 0.004, words("exports.about.source"), 11, weight="bold")
    y = write(y + 0.006, ", ".join(name for name, _ in about.inputs), 9.5)
    y = write(y + 0.006, "; ".join(about.credits), 9.5) if about.credits else y
    if names := _first_ranked(data):
        y = write(y - 0.004, words("exports.print.ranks"), 11, weight="bold")
        room = math.floor((y - 0.075) / (9.5 * LINE))
        lines = textwrap.wrap(", ".join(names), round(CHARACTERS / 9.5), break_long_words=False)
        for text in lines[: max(0, room)]:
            y = write(y + 0.012, text, 9.5)
    write(0.055, words("exports.print.projection", crs=data.crs.name), 9)
    write(0.03, about.footer(words), 9)
