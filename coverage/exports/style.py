"""Colours of states and signs of assets, shared by all exports and pages.

The palette is that of Okabe and Ito (2008), distinguishable for colour-blind people; in black and white the colours
differ by lightness, and ``blank`` is hatched.
"""

from __future__ import annotations

from collections.abc import Iterable

from coverage.base.kinds import NO_RECORD, AssetKind, LandmarkKind, Sign
from coverage.readers.kinds import asset_kinds, landmark_kinds

STATE_COLOURS: dict[str, str] = {"served": "#009E73", "weak": "#E69F00", "blank": "#D55E00", "unknown": "#BBBBBB"}
"""Fill by state, in legend order."""

STATE_TINTS: dict[str, str] = {"served": "#D6EFE7", "weak": "#FBEBCB", "blank": "#F9DCCB", "unknown": "#EEEEEE"}
"""Pale background by state, under black text."""

RAMP = ("#FFFFD4", "#FED98E", "#FE9929", "#D95F0E", "#993404")
"""Classes of a figure, least first: ColorBrewer YlOrBr, told apart without colour vision and in black and white."""

BLANK_OUTLINE = "#7A2E00"
"""Outline and hatch of blank spots."""

OTHER_LAND: dict[str, str] = {"forest": "#3B6B35", "water": "#2B6A99"}
"""Hatch of what is no village, by kind."""

POSSIBLE_OUTLINE = "#22303D"
"""Dashed outline of villages whose state is possible, not sure; that of blank spots keeps its colour."""

POSSIBLE_OUTLINES = {
    state: BLANK_OUTLINE if state == "blank" else POSSIBLE_OUTLINE for state in ("served", "weak", "blank")
}
"""Outline of a possible state; what is unknown has no certainty."""


def signs(kinds: Iterable[str]) -> dict[str, Sign]:
    """Sign per kind of asset or landmark that occurs, in the order of legends; others come last."""
    present = set(kinds)
    known: dict[str, AssetKind | LandmarkKind] = {**asset_kinds(), **landmark_kinds()}
    order = [*(name for name in known if name in present), *sorted(present - set(known))]
    return {name: (known.get(name) or NO_RECORD).sign for name in order}
