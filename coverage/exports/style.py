"""The look that every export and every page shares: a colour per state, a shape and a colour per kind of asset.

The colours are from the palette of Okabe and Ito (2008), which colour-blind people can tell apart; in a black-and-white
print they differ by lightness, and ``blank`` is hatched as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["circle", "square", "triangle", "diamond", "star", "cross", "line"]

STATE_COLOURS: dict[str, str] = {"served": "#009E73", "weak": "#E69F00", "blank": "#D55E00", "unknown": "#BBBBBB"}
"""Fill colour per state, in the order of legends."""

STATE_TINTS: dict[str, str] = {"served": "#D6EFE7", "weak": "#FBEBCB", "blank": "#F9DCCB", "unknown": "#EEEEEE"}
"""Pale background per state, for rows of tables under black text."""

BLANK_OUTLINE = "#7A2E00"
"""Outline and hatch of blank spots."""


@dataclass(frozen=True)
class Sign:
    """How a kind of asset is drawn."""

    shape: Shape
    colour: str
    size: float
    """Size relative to the others, 1 for most."""


ASSET_SIGNS: dict[str, Sign] = {
    "tower": Sign("triangle", "#222222", 1.1),
    "microcell": Sign("triangle", "#0072B2", 0.8),
    "wifi": Sign("circle", "#0072B2", 0.9),
    "fiber_node": Sign("square", "#AA3377", 0.8),
    "fiber_route": Sign("line", "#AA3377", 1.0),
    "radio_link": Sign("diamond", "#56B4E9", 1.1),
    "cctv": Sign("cross", "#444444", 0.9),
}
"""Shape, colour and size per kind of asset, in the order of legends."""
