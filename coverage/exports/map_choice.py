"""What of the map goes on paper: its extent, layers and colouring, as somebody chose them on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Form = Literal["png", "pdf"]
Bounds = tuple[float, float, float, float]


def class_breaks(values: NDArray[Any], most: int, by_hand: Sequence[float] = ()) -> tuple[float, ...]:
    """Where each class of a figure begins: classes of as many values each, a class each where few differ.

    The least or the greatest value, such as zero, is a class of its own where more share it than a class would hold.

    ``paint.js`` of the map has the same in the browser.

    Parameters
    ----------
    values : the figure; NaN where it is not known
    most : classes at most
    by_hand : where classes after the first begin, if set
    """
    known = np.sort(values[np.isfinite(values)])
    if not known.size:
        return ()
    each = np.unique(known)
    parts = each if len(each) <= most else _quantiles(known, most)
    begin = {float(least) for least in by_hand or parts if least > known[0]}
    return tuple(sorted({float(known[0]), *begin})[:most])


def _quantiles(known: NDArray[Any], most: int) -> list[float]:
    ends = [end for end in (known[0], known[-1]) if np.count_nonzero(known == end) > len(known) / most]
    rest = known[~np.isin(known, ends)]
    begin, start = [rest[0]], 0
    for left in range(most - len(ends), 1, -1):
        later = rest[rest > rest[start]]
        if not later.size:
            break
        least = max(rest[start + (len(rest) - start) // left], later[0])
        begin.append(least)
        start = int(np.searchsorted(rest, least))
    return [*begin, *ends]


def classes_of(values: NDArray[Any], breaks: Sequence[float]) -> NDArray[np.int64]:
    """Class of each value; -1 where it is not known."""
    found = np.maximum(np.searchsorted(breaks, values, side="right") - 1, 0)
    return np.where(np.isnan(values), -1, found)


@dataclass(frozen=True)
class Painted:
    """A figure that villages are coloured by in place of their state, in classes.

    Attributes
    ----------
    values : figure by BPS code; NaN, or left out, where it is not known
    breaks : where each class begins, ascending
    colours : of the classes, as many as ``breaks``
    is_share : whether the figure is a share, 0 to 1
    unstated : what a village without the figure is called
    """

    title: str
    values: Mapping[str, float]
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    is_share: bool = False
    unstated: str = ""

    def classes(self, codes: NDArray[Any]) -> NDArray[np.int64]:
        """Class of each village; -1 where the figure is not known."""
        return classes_of(np.array([self.values.get(code, np.nan) for code in codes], dtype=float), self.breaks)


@dataclass(frozen=True, eq=False)
class DrawnArea:
    """A coverage area of the screen: its name, and its outline in degrees."""

    title: str
    outline: shapely.Geometry


@dataclass(frozen=True, eq=False)
class DrawnPoints:
    """Points of one colour in a layer of the screen, and what they are called; ``edge`` is the colour of the rim.

    ``at`` has a row of longitude and latitude per point; ``names`` are written beside them, where there are any.
    """

    layer: str
    title: str
    colour: str
    edge: str
    at: NDArray[np.float64]
    names: tuple[str, ...] = ()


USUAL_OPACITY = {"people": 0.6}
"""Of layers under which what lies below is to stay seen, where nobody chose another."""

LEVELS = {
    "pictures": 1.0,
    "villages": 2.0,
    "people": 2.2,
    "areas": 2.25,
    "relief": 2.3,
    "basemap": 2.4,
    "land": 2.5,
    "borders": 4.0,
    "pockets": 4.5,
    "landmarks": 6.2,
    "proposals": 6.4,
    "evidence": 6.6,
    "measured": 6.8,
    "assets": 7.0,
}
"""Layers from the ground up. Lines of the base map lie over the colours of the villages, which are strong on paper."""


@dataclass(frozen=True)
class MapChoice:
    """Everything that a run has of its own, by default.

    Attributes
    ----------
    bounds : west, south, east, north in degrees; None for the whole region
    off : layers that are not drawn, by their names on the screen (``basemap``, ``relief``, ``land``, ``pockets``, ...)
    opacity : of layers, 0 to 1, where it is not the usual one
    kinds : kinds of assets that are drawn; None for all
    hidden : statuses of assets that are not drawn
    also : layers that are drawn only when asked for: ``people``, ``pictures``
    areas, points : coverage areas and points as the screen shows them
    order : layers from the ground up, if it is not the usual one
    village : BPS code of the village that is outlined
    only : BPS codes of the villages that a filter keeps, if one is set; the others are pale
    notes : what is told of the chosen layers
    lacking : names of layers of the screen that paper cannot show, to be told
    """

    title: str = ""
    bounds: Bounds | None = None
    off: frozenset[str] = frozenset()
    opacity: Mapping[str, float] = field(default_factory=dict)
    kinds: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    painted: Painted | None = None
    also: frozenset[str] = frozenset()
    areas: tuple[DrawnArea, ...] = ()
    points: tuple[DrawnPoints, ...] = ()
    order: tuple[str, ...] = ()
    village: str | None = None
    only: frozenset[str] | None = None
    notes: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def shows(self, layer: str) -> bool:
        """Whether a layer is drawn."""
        return layer not in self.off

    def alpha(self, layer: str, usual: float = 1.0) -> float:
        """Opacity of a layer."""
        return usual * self.opacity.get(layer, USUAL_OPACITY.get(layer, 1.0))

    def lifted(self, layer: str) -> float:
        """How much higher than usual a layer lies; the lines of the base map never under the colours of villages."""
        order = [name for name in dict.fromkeys(self.order) if name in LEVELS]
        order += [name for name in LEVELS if name not in order]
        if order.index("basemap") < order.index("villages"):
            order.remove("basemap")
            order.insert(order.index("villages") + 1, "basemap")
        at = sorted(LEVELS.values())[order.index(layer)]
        return at - LEVELS[layer] if self.order else 0.0
