"""QGIS styles (QML), so that a GeoPackage looks like the app.

Written for QGIS 3.22 and later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import quoteattr

from coverage.base.kinds import Sign
from coverage.exports.style import BLANK_OUTLINE, POSSIBLE_OUTLINES, STATE_COLOURS, signs
from coverage.language.words import Words

_MARKERS = {
    "circle": "circle",
    "square": "square",
    "triangle": "equilateral_triangle",
    "diamond": "diamond",
    "star": "star",
    "cross": "cross_fill",
}


def village_style(called: Mapping[str, str], possible: str) -> str:
    """Villages by state, blank spots hatched, *possible* states with a dashed outline, labelled from 1:120,000."""
    entries = [(state, called[state], _village_symbol(state)) for state in STATE_COLOURS]
    entries += [
        (f"{state} possible", f"{called[state]} · {possible}", _village_symbol(state) + _outline(colour, 0.5, "dash"))
        for state, colour in POSSIBLE_OUTLINES.items()
    ]
    by = "concat(\"state\", if(\"certainty\" = 'possible', ' possible', ''))"
    return _qml(_categories(by, "fill", entries), _labels("village", 7, 120_000))


def blank_spot_style() -> str:
    """Blank spots with thick outline, hatch and label."""
    symbol = _symbol("fill", "0", _hatch() + _outline(BLANK_OUTLINE, 0.9))
    renderer = (
        f'<renderer-v2 type="singleSymbol" symbollevels="0" forceraster="0"><symbols>{symbol}</symbols></renderer-v2>'
    )
    return _qml(renderer, _labels("village", 9, 0, bold=True))


def asset_style(words: Words, kinds: Iterable[str]) -> str:
    """Points by kind."""
    entries = [(kind, words.kind(kind), _marker(sign)) for kind, sign in signs(kinds).items()]
    return _qml(_categories("kind", "marker", entries), "")


def route_style(words: Words, kinds: Iterable[str]) -> str:
    """Lines by kind."""
    entries = [(kind, words.kind(kind), _line(sign)) for kind, sign in signs(kinds).items()]
    return _qml(_categories("kind", "line", entries), "")


def area_style(words: Words, kinds: Iterable[str]) -> str:
    """Areas by kind: outlines that the villages show through."""
    entries = [(kind, words.kind(kind), _outline(sign.colour, 0.6)) for kind, sign in signs(kinds).items()]
    return _qml(_categories("kind", "fill", entries), "")


def _line(sign: Sign) -> str:
    return _layer(
        "SimpleLine",
        line_color=_rgba(sign.colour),
        line_width="0.7",
        line_width_unit="MM",
        line_style="solid",
        capstyle="round",
        joinstyle="round",
    )


def _village_symbol(state: str) -> str:
    fill = _layer(
        "SimpleFill",
        color=_rgba(STATE_COLOURS[state], 190),
        style="solid",
        outline_color="80,80,80,255",
        outline_style="solid",
        outline_width="0.15",
        outline_width_unit="MM",
    )
    return fill + (_hatch() + _outline(BLANK_OUTLINE, 0.5) if state == "blank" else "")


def _hatch() -> str:
    line = _symbol(
        "line",
        "@hatch",
        _layer(
            "SimpleLine", line_color=_rgba(BLANK_OUTLINE), line_width="0.25", line_width_unit="MM", line_style="solid"
        ),
    )
    return _layer(
        "LinePatternFill",
        line,
        angle="45",
        distance="1.8",
        distance_unit="MM",
        line_width="0.25",
        line_width_unit="MM",
        color=_rgba(BLANK_OUTLINE),
    )


def _outline(colour: str, width_mm: float, style: str = "solid") -> str:
    return _layer(
        "SimpleFill",
        style="no",
        color="0,0,0,0",
        outline_color=_rgba(colour),
        outline_style=style,
        outline_width=str(width_mm),
        outline_width_unit="MM",
    )


def _marker(sign: Sign) -> str:
    return _layer(
        "SimpleMarker",
        name=_MARKERS.get(sign.shape, "circle"),
        color=_rgba(sign.colour),
        outline_color="255,255,255,255",
        outline_style="solid",
        outline_width="0.2",
        outline_width_unit="MM",
        size=str(round(3 * sign.size, 2)),
        size_unit="MM",
        scale_method="diameter",
    )


def _categories(attribute: str, kind: str, entries: Sequence[tuple[str, str, str]]) -> str:
    categories = "".join(
        f'<category value={quoteattr(value)} symbol="{at}" label={quoteattr(label)} render="true" type="string"/>'
        for at, (value, label, _) in enumerate(entries)
    )
    symbols = "".join(_symbol(kind, str(at), layers) for at, (_, _, layers) in enumerate(entries))
    return (
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(attribute)} symbollevels="0" forceraster="0" '
        'enableorderby="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
    )


def _symbol(kind: str, name: str, layers: str) -> str:
    return f'<symbol type="{kind}" name={quoteattr(name)} alpha="1" clip_to_extent="1" force_rhr="0">{layers}</symbol>'


def _layer(layer_class: str, inside: str = "", /, **options: str) -> str:
    """A symbol layer, with options both as a map (QGIS 3.24 and later) and as properties (before)."""
    as_map = "".join(f'<Option type="QString" name={quoteattr(k)} value={quoteattr(v)}/>' for k, v in options.items())
    as_properties = "".join(f"<prop k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in options.items())
    return (
        f'<layer class="{layer_class}" enabled="1" locked="0" pass="0"><Option type="Map">{as_map}</Option>'
        f"{as_properties}{inside}</layer>"
    )


def _labels(field: str, points: int, largest_scale: int, bold: bool = False) -> str:
    limited = f'scaleVisibility="1" scaleMax="{largest_scale}" scaleMin="0"' if largest_scale else 'scaleVisibility="0"'
    return (
        f'<labeling type="simple"><settings calloutType="simple"><text-style fieldName="{field}" isExpression="0" '
        f'fontSize="{points}" fontSizeUnit="Point" fontWeight="{75 if bold else 50}" textColor="20,20,20,255" '
        'textOpacity="1" namedStyle=""><text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="1"/></text-style>'
        f'<placement placement="0" priority="{9 if bold else 4}"/>'
        f'<rendering drawLabels="1" obstacle="0" {limited}/></settings></labeling>'
    )


def _qml(renderer: str, labels: str) -> str:
    enabled = ' labelsEnabled="1"' if labels else ' labelsEnabled="0"'
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22.0" styleCategories="Symbology|Labeling"{enabled}>{renderer}{labels}</qgis>\n'
    )


def _rgba(colour: str, alpha: int = 255) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"
