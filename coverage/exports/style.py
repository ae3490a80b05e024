"""The look that every export and every page shares: a colour per state, a shape and a colour per kind of asset.

The colours are from the palette of Okabe and Ito (2008), which colour-blind people can tell apart; in a black-and-white
print they differ by lightness, and ``blank`` is hatched as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from coverage.base.kinds import Sign
from coverage.readers.kinds import asset_kinds

STATE_COLOURS: dict[str, str] = {"served": "#009E73", "weak": "#E69F00", "blank": "#D55E00", "unknown": "#BBBBBB"}
"""Fill colour per state, in the order of legends."""

STATE_TINTS: dict[str, str] = {"served": "#D6EFE7", "weak": "#FBEBCB", "blank": "#F9DCCB", "unknown": "#EEEEEE"}
"""Pale background per state, for rows of tables under black text."""

BLANK_OUTLINE = "#7A2E00"
"""Outline and hatch of blank spots."""


def signs(kinds: Iterable[str]) -> dict[str, Sign]:
    """Sign per kind that occurs, in the order of legends; those without a record come last, with the default sign."""
    present, known = set(kinds), asset_kinds()
    order = [*(name for name in known if name in present), *sorted(present - set(known))]
    return {name: known.of(name).sign for name in order}
