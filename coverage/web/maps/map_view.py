"""The map: the only module that knows folium.

folium and streamlit-folium set up Leaflet in a frame; ``files/map.js`` draws layers fetched by address
(:mod:`coverage.web.maps.layers`). Two consequences of how streamlit-folium works:

- what changes with a selection goes into :class:`_Choice`, inside ``feature_group_to_add``: any other change of what
  folium writes reloads the frame;
- what folium writes is evaluated as a script, so no user text is ever handed to folium: only addresses, checked codes
  and our own words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import folium
import pandas as pd
import streamlit as st
from folium.elements import JSCSSMixin
from folium.template import Template

from coverage.base.kinds import giving
from coverage.base.schema import SIGNAL_CLASSES
from coverage.exports.map_choice import USUAL_OPACITY
from coverage.exports.style import BLANK_OUTLINE, OTHER_LAND, POSSIBLE_OUTLINE, RAMP, STATE_COLOURS
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.kinds import asset_kinds
from coverage.run.outcome import OUTCOMES
from coverage.run.result import Analysis
from coverage.web import linked, settings
from coverage.web.addresses import asset_url, layer_url, tile_url
from coverage.web.html import put, tag
from coverage.web.maps import layers, on_demand, pictures
from coverage.web.maps.basemap import ORDER, tiles_name
from coverage.web.maps.map_text import map_signs, map_text
from coverage.web.maps.sketch import Drawn, Sketch, read_drawn
from coverage.web.tables import ROW

HEIGHT = 560
"""Height of the frame in pixels before ``page.css`` fits it."""
LAYERS = ("villages", "subdistricts", "assets", "other_land", "pockets", "landmarks", "figures")
PARTS = (
    *("basemap", "tools", "find", "draw", "elements", "panel", "paint", "villages", "overlays", "areas", "assets"),
    *("marks", "trial", "legend"),
    "map",  # which starts the others
)
"""Scripts of the map."""
DRAWING = ("undo", "redo", "remove", "split", "snap", "count", "add", "choose", "nearer")
"""What the tools for drawing say."""
CLUSTER_FROM = 400
"""Points of one kind above which nearby ones are clustered."""


class _OfflineMap(folium.Map):
    """A map without tiles that loads Leaflet from this server only."""

    default_js = [("leaflet", asset_url("leaflet", "leaflet.js"))]  # noqa: RUF012
    default_css = [("leaflet_css", asset_url("leaflet", "leaflet.css"))]  # noqa: RUF012


class _Layers(JSCSSMixin):
    """Starts ``map.js`` with the layer addresses."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        jangkau.start({{ this._parent.get_name() }}, {{ this.config|tojson }});
        {% endmacro %}
    """)
    default_js = [  # noqa: RUF012
        ("markercluster", asset_url("gugus", "leaflet.markercluster.js")),
        *((name, asset_url("jangkau", f"{name}.js")) for name in PARTS),
    ]
    default_css = [  # noqa: RUF012
        ("markercluster_css", asset_url("gugus", "MarkerCluster.css")),
        ("jangkau_css", asset_url("jangkau", "map.css")),
    ]

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Layers"
        self.config = config


class _Choice(folium.MacroElement):
    """Tells ``map.js`` the selection."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        jangkau.show({{ this.choice|tojson }});
        {% endmacro %}
    """)

    def __init__(self, choice: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Choice"
        self.choice = choice


Shows = Literal["states", "signal"]
"""Fill of the villages; outlines only under a signal."""


@dataclass(frozen=True)
class Drawing:
    """Overlays of the signal map; places are (latitude, longitude).

    ``legend`` are colours of the picture and what they mean, where it does not show classes of signal, under a title.
    ``proposed`` are assets tried out, which are dragged: place, kind, and metres of the circle that counts, if any;
    ``reach`` is where the signal of the others arrives. ``sites`` are found places, best first: the map goes there when
    they change. ``states`` are villages that change and their new state; ``measured`` and ``circles`` are names of
    layers (:mod:`coverage.web.maps.layers`) of measured points and of how far towers are taken to reach (``reach_m``).
    """

    picture: pictures.RasterOverlay | None = None
    legend: tuple[tuple[str | None, str], ...] = ()
    legend_title: str | None = None
    opacity: float = 1.0
    point: tuple[float, float] | None = None
    line: tuple[tuple[float, float], tuple[float, float]] | None = None
    blocked: tuple[float, float] | None = None
    proposed: tuple[tuple[float, float, str, float | None], ...] = ()
    reach: pictures.RasterOverlay | None = None
    sites: tuple[tuple[float, float], ...] = ()
    states: tuple[tuple[str, str], ...] = ()
    measured: str | None = None
    circles: str | None = None

    def to_browser(self) -> dict[str, Any]:
        """As ``map.js`` takes it."""
        return {
            "picture": None if self.picture is None else self.picture.to_browser(),
            "legend": list(self.legend),
            "legendTitle": self.legend_title,
            "opacity": self.opacity,
            "point": self.point,
            "line": self.line,
            "blocked": self.blocked,
            "proposed": [
                {"at": [lat, lon], "kind": kind, "circle": metres} for lat, lon, kind, metres in self.proposed
            ],
            "reach": None if self.reach is None else self.reach.to_browser(),
            "sites": list(self.sites),
            "states": dict(self.states),
            "measured": layer_url(self.measured) if self.measured else None,
            "circles": layer_url(self.circles) if self.circles else None,
        }


@dataclass(frozen=True)
class PlanOnMap:
    """A plan as a layer (:func:`coverage.web.plan_page.layer.plan_layer`) with its years and measures."""

    layer: str
    years: tuple[int, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Marks:
    """A layer shown in place of the inventory, with the caption of each group.

    Its features have ``group``, ``said`` (lines of text) and, where a move is proposed, ``to`` (latitude, longitude).
    """

    layer: str
    groups: dict[str, str]


@dataclass(frozen=True)
class Click:
    """A click: the place, and the village or asset there; what was drawn; where what is tried out was dragged to."""

    lat: float
    lon: float
    village: str | None
    asset: str | None
    drawn: Drawn | None = None
    proposed: int | None = None


def show_map(
    analysis: Analysis,
    words: Words,
    viewer: layers.Viewer,
    rule: str,
    village: str | None = None,
    flight: int = 0,
    on_click: Callable[[Click], None] | None = None,
    key: str = "map",
    plan: PlanOnMap | None = None,
    marks: Marks | None = None,
    sketch: Sketch | None = None,
    shows: Shows = "states",
    drawing: Drawing | None = None,
    legend_states: bool = True,
    years: Mapping[str, int] | None = None,
    kept: pd.Series | None = None,
    find: str | None = None,
    on_print: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Show the region with the states under ``rule``, its assets, and the chosen village.

    Parameters
    ----------
    village : BPS code of the chosen village, to which the map goes when ``flight`` has grown
    on_click : called before the page runs again
    key : names this map among others of the visitor's session
    plan, marks : a rollout plan, drawn by year; marks in place of the states and the assets
    sketch : what is drawn on it by hand; the same or none at every call with this ``key``
    shows : what the villages are painted with; the same at every call with this ``key``
    drawing : what is laid over it
    years : in which year a plan serves villages, to be chosen as a colour
    kept : which villages are not dimmed, in the order of the villages; all without
    legend_states : whether the legend counts the states; not where the page does
    find : address of a search (:mod:`coverage.web.map_page.search`)
    on_print : called with what the map says of itself when it is asked for on paper
    """
    put(tag("a", words("web.map.skip"), href="#", cls="jk-skip"))
    # Imported late: streamlit-folium registers its component only inside a running page.
    from streamlit_folium import st_folium

    figure = _OfflineMap(
        location=_middle(analysis),
        tiles=None,
        zoom_control=False,
        zoom_start=10,
        max_zoom=18,
        font_size="13px",
        zoomSnap=0.1,
        fadeAnimation=False,  # every step of a tile's opacity composes the whole map anew
        zoomDelta=0.5,
        wheelPxPerZoomLevel=90,
    )
    config = _config(analysis, words, viewer, shows) | {"legendStates": legend_states, "find": find}
    if years:
        config |= {"planYears": layer_url(layers.STORE.put(layers.year_layer(years)))}
        config["figureNames"] = [*config["figureNames"], "plan_year"]
    config |= linked.map_options() | {"seat": f"{region_of(analysis.villages)}:{key}"}
    if plan is not None:
        config |= {"plan": _plan_config(plan, words)}
    if marks is not None:
        config |= {"assets": None, "marks": layer_url(marks.layer), "groups": list(marks.groups.items())}
    if sketch is not None:
        config |= {"draw": {name: words(f"web.map.draw.{name}", count="{count}") for name in DRAWING}}
    if on_print:
        config["text"]["print"] = words("web.print.title")
    _Layers(config).add_to(figure)
    choice = folium.FeatureGroup()
    codes = analysis.villages["village_code_bps"]
    codes = codes if kept is None else codes[kept.to_numpy()]
    _Choice(
        {
            "rule": rule,
            "village": village,
            "fly": flight,
            "draw": sketch and vars(sketch),
            "drawing": None if drawing is None else drawing.to_browser(),
            "only": None if kept is None else layer_url(layers.STORE.put({"codes": codes.tolist()})),
            "row": int(found[0]) if len(found := (codes == village).to_numpy().nonzero()[0]) else None,
        }
    ).add_to(choice)

    def clicked() -> None:
        value = st.session_state.get(key)
        if on_print and isinstance(value, dict) and isinstance(value.get("print"), dict):
            on_print(value["print"])
            return
        codes = set(analysis.villages["village_code_bps"])
        made = read_click(value, codes, _visible_ids(analysis, viewer))
        if made and on_click:
            on_click(made)

    st_folium(
        figure,
        key=key,
        height=HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=choice,
        on_change=clicked,
        render=False,  # twice the same: it does so itself
    )


def read_click(value: object, villages: Collection[str], assets: Collection[str]) -> Click | None:
    """Parse a click from the browser, which is not trusted; None if invalid."""
    if not isinstance(value, dict):
        return None
    lat, lon = value.get("lat"), value.get("lon")
    if not all(isinstance(x, int | float) and math.isfinite(x) for x in (lat, lon)):
        return None
    village, asset, proposed = value.get("village"), value.get("asset"), value.get("proposed")
    return Click(
        float(lat),  # type: ignore[arg-type]
        float(lon),  # type: ignore[arg-type]
        village if isinstance(village, str) and village in villages else None,
        asset if isinstance(asset, str) and asset in assets else None,
        read_drawn(value.get("drawn")),
        proposed if type(proposed) is int and proposed >= 0 else None,
    )


def _visible_ids(analysis: Analysis, viewer: layers.Viewer) -> set[str]:
    assets = layers.visible_assets(analysis, viewer)
    return set() if assets is None else set(assets["asset_id"])


def _middle(analysis: Analysis) -> list[float]:
    (south, west), (north, east) = layers.bounds(analysis)
    return [(south + north) / 2, (west + east) / 2]


def _config(analysis: Analysis, words: Words, viewer: layers.Viewer, shows: Shows = "states") -> dict[str, Any]:
    """Configuration of ``map.js``; constant, so that the frame is not reloaded."""
    names = {layer: layers.layer_name(analysis, layer, viewer) for layer in LAYERS}
    tiles = settings.tiles()
    relief = pictures.relief(analysis)
    kinds, drawn = asset_kinds(), map_signs(analysis)
    return {
        "shows": shows,
        "figureNames": layers.figure_names(analysis) if shows == "states" else None,
        "relief": relief.to_browser() if relief else None,
        "pocketRule": analysis.parameters.default_rule,
        "language": words.language,
        "locale": words.locale.replace("_", "-"),
        "bounds": layers.bounds(analysis),
        **{layer: layer_url(name) if name else None for layer, name in names.items()},
        "tiles": {"url": tiles.url, "attribution": tiles.attribution} if tiles else None,
        **_drawn_on(analysis),
        "states": list(STATE_COLOURS),
        "colours": STATE_COLOURS,
        "ramp": RAMP,
        "opacity": USUAL_OPACITY,
        "outline": BLANK_OUTLINE,
        "possibleOutline": POSSIBLE_OUTLINE,
        "landColours": OTHER_LAND,
        "signs": {
            kind: {"shape": sign.shape, "colour": sign.colour, "size": sign.size} for kind, sign in drawn.items()
        },
        "kinds": list(drawn),
        "shownKinds": list(kinds.public if shows == "states" else giving(kinds, "cellular")),
        "clusterFrom": CLUSTER_FROM,
        "rowHeight": ROW,
        "sampleAssets": "sample_assets" in analysis.run["approximations"],
        "classes": list(reversed(SIGNAL_CLASSES)),
        "classColours": pictures.CLASS_COLOURS,
        "reachColours": pictures.REACH_CSS,
        "text": map_text(analysis, words),
        **(on_demand.offered(analysis, words, viewer) if shows == "states" else {}),
    }


def _drawn_on(analysis: Analysis) -> dict[str, Any]:
    """Base map and raster tiles that the region keeps; whom they credit, which is text of users, goes by address."""
    found: dict[str, Any] = {"basemap": None, "pictures": None}
    for key, kept, suffix in (("basemap", analysis.basemap, "json"), ("pictures", analysis.tiles, "png")):
        if kept is not None and (name := tiles_name(kept)):
            credits = layer_url(layers.STORE.put({"credits": list(kept.credits)}))
            most = min(max(kept.counts.get("most_zoom", 18), 0), 24)
            found[key] = {"url": tile_url(name, suffix), "credits": credits, "most": most, "classes": ORDER}
    return found


def _plan_config(plan: PlanOnMap, words: Words) -> dict[str, Any]:
    return {
        "url": layer_url(plan.layer),
        "years": list(plan.years),
        "title": words("planning.map.title"),
        "left": words("planning.map.left"),
        "after": words("planning.map.after"),
        "outcomes": [[name, words(f"planning.map.outcome.{name}")] for name in (*OUTCOMES, "left")],
        "colours": {str(year): colour for year, colour in year_colours(plan.years).items()},
        "measures": {name: measure_name(name, words) for name in plan.measures},
    }


def measure_name(name: str, words: Words) -> str:
    """Localised name of a measure; one of the planner's own keeps its name."""
    return words.label("rollout.measure", name)


def year_colours(years: Sequence[int]) -> dict[int, str]:
    """Colour by year, dark to pale, in an order that survives black and white."""
    steps = max(len(years) - 1, 1)
    ends = ((20, 46, 84), (178, 208, 232))
    return {
        year: "#" + "".join(f"{round(a + (b - a) * place / steps):02X}" for a, b in zip(*ends, strict=True))
        for place, year in enumerate(years)
    }
