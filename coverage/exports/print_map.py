"""The map on paper: ``map.png``, and what was chosen on the screen as PNG or PDF, with legend, scale and sources."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text
from pyproj import Transformer

from coverage.exports import drawing, map_furniture, map_layers
from coverage.exports.figures import totals
from coverage.exports.fonts import drawing_style, printable
from coverage.exports.ground import draw_basemap, draw_credit
from coverage.exports.map_choice import Form, MapChoice
from coverage.exports.pictures import blank_figure, png
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.tables import default_rule, villages_table
from coverage.language.reasons import people_range, state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

LINE_MM = 0.475
"""Height of a line per point of text, on A3."""
CHARACTERS = 5.52
"""Characters of one point per millimetre, on A3."""
FOOT = 18.0
"""Millimetres of a column, on A3, that the last lines take."""
TYPE_SIZES = (1.0, 0.85, 0.72, 0.6)
"""Of the text beside the map: the largest that leaves room for all of it."""
PIXELS = 3000
"""Width of a picture that is drawn under a map."""
THROUGH = 0.55
"""Part of the villages' colours that stays over tiles."""
NEAR_M = 25.0
"""Metres a point of A3 below which the base map shows through the villages."""
POINT_SIZES = {"measured": 5.0, "landmarks": 5.0}
"""Across, in points on A3."""


@dataclass(frozen=True)
class Paper:
    """A paper size, lying unless turned."""

    width_mm: float
    height_mm: float

    @property
    def upright(self) -> Paper:
        """The same, upright."""
        return Paper(self.height_mm, self.width_mm)

    @property
    def size(self) -> float:
        """Its size by A3."""
        return max(self.width_mm, self.height_mm) / 420


A3, A4 = Paper(420, 297), Paper(297, 210)


def write_print_map(
    analysis: RunTables,
    words: Words,
    *,
    paper: Paper = A3,
    dpi: int = 300,
    choice: MapChoice | None = None,
    form: Form = "png",
) -> bytes:
    """Return the map as PNG, or as PDF with lines and letters.

    Parameters
    ----------
    dpi : dots per inch of a PNG; A3 at 300 is 4960 by 3507 pixels
    choice : extent, layers and colouring; everything by default
    """
    choice = choice or MapChoice()
    data = _chosen(drawing.map_data(analysis, words), choice)
    size = paper.size
    with drawing_style(**drawing.hatch(0.7 * size), **{"pdf.fonttype": 42, "pdf.use14corefonts": False}):
        figure = blank_figure(paper.width_mm, paper.height_mm, dpi)
        lying = paper.width_mm > paper.height_mm
        axes = _axes(figure, paper, *((11.8, 11.9, 294, 276) if lying else (11.8, 132, 274, 276)))
        if not _draw(axes, analysis, words, data, choice, size):
            choice = replace(choice, lacking=(*choice.lacking, words("web.map.layer.pictures")))
        shown = data if choice.bounds is None else drawing.within(data, drawing.seen(axes))
        for type_size in TYPE_SIZES:
            columns = _columns(figure, paper, type_size)
            _panel(columns, analysis, words, data, shown, choice)
            if min(column.y for column in columns) >= FOOT or type_size == TYPE_SIZES[-1]:
                break
            for column in columns:
                column.axes.set_visible(False)
        return png(figure) if form == "png" else _pdf(figure)


def _axes(figure: Figure, paper: Paper, left: float, bottom: float, width: float, height: float) -> Any:
    """Axes at a place in millimetres of A3."""
    x, y = paper.width_mm / paper.size, paper.height_mm / paper.size
    return figure.add_axes((left / x, bottom / y, width / x, height / y))


def _columns(figure: Figure, paper: Paper, type_size: float) -> list[_Column]:
    """Where title, legends and notes go."""
    if paper.width_mm > paper.height_mm:
        return [_Column(figure, paper, type_size, 313, 11.9, 98.7, 276)] * 3
    return [_Column(figure, paper, type_size, 9 + 95 * k, 9, 89, 112) for k in range(3)]


def _pdf(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": "Jangkau"})
    return file.getvalue()


def _chosen(data: drawing.MapData, choice: MapChoice) -> drawing.MapData:
    """The assets and the land that are drawn."""
    kinds = choice.kinds
    shown = [
        choice.shows("assets") and (kinds is None or kind in kinds) and status not in choice.hidden
        for kind, status in zip(data.assets["kind"], data.assets["status"], strict=True)
    ]
    return replace(data, assets=drawing.part(data.assets, shown))


def _draw(axes: Any, analysis: RunTables, words: Words, data: drawing.MapData, choice: MapChoice, size: float) -> bool:
    """Draw the map; whether all that is chosen could be."""
    if choice.bounds is None:
        drawing.frame(axes, data.bounds)
    else:
        to_grid = Transformer.from_crs(4326, data.crs, always_xy=True)
        drawing.frame(axes, to_grid.transform_bounds(*choice.bounds), margin=0)
        data = drawing.within(data, drawing.seen(axes))
    complete = _draw_layers(axes, analysis, data, choice, size)
    if choice.painted is None and choice.shows("villages"):
        drawing.draw_ranks(
            axes, data, points=7.5 * size, below=15 * size if choice.bounds else 0
        )  # villages have names
    if choice.bounds is not None:
        drawing.draw_village_names(axes, data, points=8.5 * size, only=choice.village)
    named = [name for one in choice.points for name in map_layers.names_of(one, data.crs)]
    fine = drawing.metres_per_point(axes)
    below = [(name, x, y - 8 * size * fine, 7 * size) for name, x, y in named]
    map_furniture.write_clear(axes, below, map_layers.MOST_NAMES, color=drawing.INK)
    if choice.shows("basemap"):
        map_furniture.draw_place_names(axes, analysis, data.crs, 7 * size)
    map_furniture.scale_bar(axes, words, points=10 * size)
    map_furniture.north_arrow(axes, words, 13 * size, data.crs)
    map_furniture.graticule(axes, words, 9 * size, data.crs)
    return complete


def _draw_layers(axes: Any, analysis: RunTables, data: drawing.MapData, choice: MapChoice, size: float) -> bool:
    """Draw each layer that is chosen, in its order; whether tiles are there, if they are asked for."""
    tiles = False
    if "pictures" in choice.also:
        with _lifted(axes, choice, "pictures"):
            tiles = map_layers.draw_tiles(axes, analysis, data.crs, PIXELS, choice.alpha("pictures"))
    usual = (0.85 if choice.shows("villages") else 0) * (THROUGH if tiles else 1)
    near = choice.bounds is not None and choice.shows("basemap") and drawing.metres_per_point(axes) < NEAR_M / size
    usual *= 0.5 if near else 1  # roads and rivers are what is looked for there, as on the screen
    alpha = choice.alpha("villages", usual)
    by: dict[str, Callable[[], None]] = {
        "villages": lambda: drawing.draw_villages(
            axes, data, 0.45 * size, choice.village, choice.painted, alpha, choice.only
        ),
        "people": lambda: map_layers.draw_people(axes, analysis, choice.alpha("people")),
        "areas": lambda: map_layers.draw_coverage(axes, choice.areas, data.crs, 1.4 * size, choice.alpha("areas")),
        "relief": lambda: drawing.draw_hillshade(axes, analysis, choice.alpha("relief", 0.75)),
        "land": lambda: drawing.draw_other_land(axes, data, line=0.6 * size),
        "basemap": lambda: draw_basemap(axes, data.ground, data.credit, line=0.6 * size),
        "pockets": lambda: drawing.draw_pockets(axes, analysis, data.crs, line=1.0 * size),
        "assets": lambda: drawing.draw_assets(axes, data, points=6 * size),
    }
    for layer, draw in by.items():
        if layer in choice.also if layer == "people" else choice.shows(layer) or layer == "villages":
            with _lifted(axes, choice, layer):
                draw()
    with _lifted(axes, choice, "borders"):
        drawing.draw_areas(axes, data, points=10 * size if choice.shows("borders") else 0, line=1.3 * size)
    for points in choice.points:
        wide = POINT_SIZES.get(points.layer, 6.5) * size
        with _lifted(axes, choice, points.layer):
            map_layers.draw_points(axes, points, data.crs, wide, choice.alpha(points.layer))
    if tiles and not (choice.shows("basemap") and len(data.ground["shape"])):
        draw_credit(axes, data.credit, line=0.6 * size)
    return tiles or "pictures" not in choice.also


@contextmanager
def _lifted(axes: Any, choice: MapChoice, layer: str) -> Iterator[None]:
    """Put what is drawn, but for its names, where the layer lies among the others."""
    before = set(axes.get_children())
    yield
    for artist in set(axes.get_children()) - before:
        if not isinstance(artist, Text):
            artist.set_zorder(artist.get_zorder() + choice.lifted(layer))


class _Column:
    """Text and legends under one another, in millimetres of A3; ``type_size`` is that of its text."""

    def __init__(
        self, figure: Figure, paper: Paper, type_size: float, left: float, bottom: float, width: float, height: float
    ) -> None:
        self.axes, self.size, self.width, self.y, self.type_size = (
            _axes(figure, paper, left, bottom, width, height),
            paper.size * type_size,
            width,
            height,
            type_size,
        )
        self.axes.set_axis_off()
        self.axes.set(xlim=(0, width), ylim=(0, height))

    def write(self, text: str, points: float, gap: float = 3.3, at: float | None = None, **properties: Any) -> None:
        """Text below what is there, or at a height."""
        lines = self.lines(text, points)
        self.axes.text(
            0,
            self.y if at is None else at,
            "\n".join(map(printable, lines)),
            fontsize=points * self.size,
            va="top",
            ha="left",
            color=drawing.INK,
            parse_math=False,
            linespacing=1.25,
            **properties,
        )
        if at is None:
            self.y -= self.type_size * (len(lines) * points * LINE_MM + gap)

    def lines(self, text: str, points: float) -> list[str]:
        """The text in lines of the column."""
        wide = round(CHARACTERS * self.width / (points * self.type_size))
        return textwrap.wrap(text, wide, break_long_words=True) or [""]

    def legend(self, handles: list[Any], title: str, row: float, **look: Any) -> None:
        """A legend below what is there; ``row`` is the height of a row."""
        if not handles:
            return
        made = self.axes.legend(
            handles=handles,
            title=title,
            bbox_to_anchor=(-0.02 * self.width, self.y),
            bbox_transform=self.axes.transData,
            loc="upper left",
            fontsize=11 * self.size,
            title_fontsize=12 * self.size,
            frameon=False,
            alignment="left",
            handlelength=2.2,
            borderaxespad=0,
            **look,
        )
        self.axes.add_artist(made)
        self.y -= self.type_size * (11.6 + row * len(handles))


def _panel(
    columns: list[_Column],
    analysis: RunTables,
    words: Words,
    data: drawing.MapData,
    shown: drawing.MapData,
    choice: MapChoice,
) -> None:
    """Title, legend, sources and marks beside the map, of which ``shown`` is what is seen."""
    about = provenance(analysis, words)
    head, keys, notes = columns
    found = totals(villages_table(analysis, words))
    head.write(choice.title or words("exports.print.title"), 19, weight="bold")
    head.write(about.region, 16, weight="bold")
    head.write(words("exports.map.rule", rule=words.rule(default_rule(analysis).name)), 11)
    unserved = words("exports.print.people", unserved=found.population_unserved, population=found.population)
    head.write(f"{unserved} {people_range(analysis.run, default_rule(analysis).name, words)}".strip(), 11)
    if choice.painted is None:
        called = state_words(words, default_rule(analysis))
        handles = map_furniture.state_handles(words, called, found.states, int(data.villages["possible"].sum()))
        title = words("exports.map.legend")
    else:
        handles = map_furniture.class_handles(words, choice.painted, data.villages["code"])
        title = choice.painted.title
    if not choice.shows("villages"):
        handles = []
    handles += map_furniture.land_handles(words, data.land) if choice.shows("land") else []
    handles += map_furniture.pocket_handles(words, analysis) if choice.shows("pockets") else []
    keys.legend(handles, "\n".join(map(printable, keys.lines(title, 12))), 6.13, handleheight=1.3, labelspacing=0.5)
    people = "people" in choice.also
    handles = map_layers.layer_handles(words, people, choice.areas, choice.points, 7 * keys.size)
    keys.legend(handles, words("web.map.layers"), 5.94, labelspacing=0.55)
    signs = map_furniture.asset_handles(words, data.assets, 9 * keys.size)
    keys.legend(signs, words("exports.map.layers_assets"), 5.94, labelspacing=0.55)
    _notes(notes, words, about, choice)
    if choice.painted is None and choice.shows("villages"):
        _ranks(columns[0] if columns[0] is not notes else notes, words, shown)
    head.write(words("exports.print.projection", crs=data.crs.name), 9, at=15.2)
    head.write(about.footer(words), 9, at=8.3)


def _notes(column: _Column, words: Words, about: Provenance, choice: MapChoice) -> None:
    """What is approximate, what the map rests on, and whom it credits."""
    if about.approximations:
        column.write(words("exports.about.approximate"), 11, gap=1.6, weight="bold")
    for text in about.approximations:
        column.write("• " + text, 9.5, gap=1.6)
    column.write(words("exports.about.source"), 11, gap=1.6, weight="bold")
    column.write(", ".join(name for name, _ in about.inputs), 9.5, gap=1.6)
    if about.credits:
        column.write("; ".join(about.credits), 9.5)
    for text in choice.notes:
        column.write(text, 9.5)
    if choice.lacking:
        column.write(words("exports.print.lacking", layers=", ".join(choice.lacking)), 9.5)


def _ranks(column: _Column, words: Words, data: drawing.MapData) -> None:
    """The first villages by rank, as many as there is room for."""
    ranked = data.ranked(drawing.MOST_RANKS)
    names = [
        f"{rank:.0f} {name[:30]}".replace(" ", "\u00a0")  # rank and name stay on one line
        for rank, name in zip(ranked["rank"], ranked["name"], strict=True)
    ]
    if not names:
        return
    title = words("exports.print.ranks")
    under = column.y - column.type_size * (len(column.lines(title, 11)) * 11 * LINE_MM + 1.6)
    room = math.floor((under - 20.7) / (9.5 * LINE_MM * column.type_size))
    if room < 1:
        column.y = 0.0  # smaller letters are tried, and after the smallest there are no ranks
        return
    column.write(title, 11, gap=1.6, weight="bold")
    width = round(CHARACTERS * column.width / (9.5 * column.type_size))
    lines = textwrap.wrap(", ".join(names), width, break_long_words=False, break_on_hyphens=False)
    if len(lines) > room:  # say how many there is no room for
        lines = lines[: room - 1]
        told = ", ".join(lines).count(", ") + 1 if lines else 0
        lines.append(words("exports.print.more_ranks", count=len(names) - told))
    for line in lines:
        column.write(line, 9.5, gap=0)
