"""What the map says: names of layers, figures, kinds and tools in the reader's language."""

from __future__ import annotations

from typing import Any

from coverage.base.kinds import Sign
from coverage.base.schema import STATES, STATUSES
from coverage.exports.style import OTHER_LAND, signs
from coverage.language.reasons import claimed_word, state_word
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.web.html import capital
from coverage.web.maps import layers, pictures

LAYER_NAMES = (
    *("pictures", "basemap", "people", "villages", "areas", "land", "relief", "borders", "pockets", "landmarks"),
    *("proposals", "evidence", "measured", "assets"),
)
"""Layers that the panel offers."""
_PLAIN = (
    "measure", "measureHint", "areasHint", "screen", "paint", "opacity", "unstated", "layers", "up", "down",
    "statusTitle", "peopleTitle", "breaks", "quantiles", "making", "failed", "unplanned", "locate", "locating",
    "locateInsecure", "locateDenied", "locateFailed",
)  # fmt: skip
"""Words of the map without a figure in them, by their names there and in the locale."""
_FIGURES = ("state", "plan_year", *layers.FIGURES)


def figure_label(name: str, words: Words) -> str:
    """What a figure that villages are painted by is called: one of ours, or a criterion."""
    return words(f"web.map.figure.{name}") if name in _FIGURES else words.criterion(name)


def map_signs(analysis: Analysis) -> dict[str, Sign]:
    """Signs of the kinds there are, and of what the inventory has beside them."""
    return signs([*asset_kinds(), *(() if analysis.assets is None else analysis.assets["kind"].unique())])


def map_text(analysis: Analysis, words: Words) -> dict[str, Any]:
    """All words of ``map.js`` and its parts, by their names there."""
    approximate = "approximate_boundaries" in analysis.run["approximations"]
    return {
        "legend": words("web.map.legend"),
        "statesTitle": words("web.map.states"),
        "beside": words("web.map.beside", count="{count}"),
        "assetsTitle": words("web.map.assets"),
        "hollow": words("web.map.hollow"),
        "landmarks": words("web.map.landmarks"),
        "outside": words("exports.map.outside"),
        "andOutside": words("exports.map.and_outside", count="{count}", outside="{outside}"),
        "sample": words("core.mark.mark_sample"),
        "zoomIn": words("web.map.zoom_in"),
        "zoomOut": words("web.map.zoom_out"),
        "whole": words("web.map.whole"),
        "subdistrict": words("web.map.subdistrict", name="{name}"),
        "landTitle": words(f"core.land.{'drawn' if approximate else 'title'}"),
        "land": {kind: words(f"core.land.{kind}") for kind in OTHER_LAND},
        "attribution": words("web.map.boundaries_approximate") if approximate else "",
        "states": {state: capital(claimed_word(state, words)) for state in STATES},
        "some": {
            rule.name: [capital(some), capital(words("core.some.small_part", some=some))]
            for rule in analysis.parameters.rules
            if rule.asks_for_anybody and (some := state_word("served", rule, words))
        },
        "possible": words("core.certainty.possible"),
        "possibleLegend": capital(words("core.certainty.legend")),
        "kinds": {kind: capital(words.kind(kind)) for kind in map_signs(analysis)},
        "statuses": {status: words(f"core.status.{status}") for status in STATUSES},
        **{name: words(f"web.map.{name}") for name in _PLAIN},
        "find": words("web.find.label"),
        "findHint": words("web.find.hint"),
        "findNone": words("web.find.none"),
        "findCount": words("web.find.count", count="{count}"),
        "findFailed": words("web.find.failed"),
        "located": words("web.map.located", accuracy="{accuracy}"),
        "peopleNote": people_note(analysis, words),
        "layer": {name: words(f"web.map.layer.{name}") for name in LAYER_NAMES},
        **{name: words(f"web.map.{name}", distance="{distance}") for name in ("distance", "path", "around")},
        "area": words("web.map.area", area="{area}"),
        "figures": {name: figure_label(name, words) for name in (*_FIGURES, *layers.figure_names(analysis))},
        "signalTitle": words("signal.map.title"),
        "signalNote": words("signal.map.note"),
        **{name: words(f"signal.map.{name}") for name in ("changed", "drag", "reached", "new", "circle")},
        "classes": pictures.class_names(analysis, words),
        "site": words("signal.map.site", rank="{rank}"),
        "measured": words("signal.map.measured"),
        "pocket": words("pockets.people", people="{people}"),
    }


def people_note(analysis: Analysis, words: Words) -> str:
    """Where the density of people is from."""
    return words(f"web.map.people_{'even' if 'even_people' in analysis.run['approximations'] else 'map'}")
