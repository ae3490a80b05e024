"""Raster overlays of terrain and signal, fetched by address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coverage.base.schema import SIGNAL_CLASSES
from coverage.exports.overlays import (
    COLOURS,
    COUNT_COLOURS,
    DISTURBED_COLOURS,
    REACH_COLOURS,
    SERVER_COLOURS,
    Bounds,
    Overlay,
    coloured_overlay,
    hillshade_overlay,
    signal_overlay,
)
from coverage.language.words import Words
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import radio_of
from coverage.reach.signal import Tower
from coverage.reach.signal_views import (
    access_of,
    classes,
    disturbed,
    next_best,
    of_operator,
    of_tower,
    operators_heard,
    served_by,
    told_apart,
    towers_heard,
)
from coverage.reach.terrain import Terrain
from coverage.run.result import Analysis
from coverage.store.losses import loss_cache
from coverage.web.addresses import picture_url
from coverage.web.maps.layers import STORE
from coverage.web.run_cache import cached_per_run

BEST = "best"
"""View of the best server; others are ``operator:<name>``, ``operator:<name>/<access>``, ``technology:/<access>`` and
``tower:<asset_id>``."""
SERVER, SECOND, HEARD, OVERLAP, DISTURBED = "server", "second", "heard", "overlap", "disturbed"
"""Views of which tower serves where, of the next best mast, of how many operators, or towers, are heard, and of
interference."""
COUNTED = (HEARD, OVERLAP, DISTURBED)


def _css(colours: Iterable[tuple[int, int, int, int]]) -> list[str]:
    """Colours as CSS has them."""
    return [f"rgba({red}, {green}, {blue}, {opacity / 255:.2f})" for red, green, blue, opacity in colours]


CLASS_COLOURS, REACH_CSS = (dict(zip(one, _css(one.values()), strict=True)) for one in (COLOURS, REACH_COLOURS))
"""CSS colours of the signal classes, and of where proposals reach, for the legend."""


@dataclass(frozen=True)
class RasterOverlay:
    """Address of an overlay and its corners (south, west), (north, east) in degrees."""

    url: str
    bounds: Bounds

    def to_browser(self) -> dict[str, Any]:
        """As ``map.js`` takes it."""
        return {"url": self.url, "bounds": [list(corner) for corner in self.bounds]}


def relief(analysis: Analysis) -> RasterOverlay | None:
    """Hillshade; None without elevation."""
    return None if analysis.terrain is None else addressed(_relief(analysis))


def of_view(analysis: Analysis, view: str) -> RasterOverlay | None:
    """Signal in a view; None where there is none."""
    made = _signal(analysis, view)
    return None if made is None else addressed(made)


def views(analysis: Analysis) -> list[str]:
    """Views of a run's signal: best server, each operator, each tower."""
    signal, assets = analysis.reached.signal, analysis.assets
    if signal is None or assets is None:
        return []
    ids = sorted({str(assets["asset_id"].iloc[tower.position]) for tower in signal.towers})
    radio = radio_of(analysis.parameters)
    of_both: set[tuple[str | None, str]] = {(None, access_of(one, radio)) for one in signal.towers}
    of_both |= {(name, access_of(one, radio)) for one in signal.towers for name in one.operators}
    by_access = [
        f"{'technology' if name is None else 'operator'}:{name or ''}/{access}"
        for name, access in sorted(of_both, key=lambda one: (one[0] or "", one[1]))
        if (name, "lte" if access == "nr" else "nr") in of_both
    ]
    return [
        BEST,
        SERVER,
        *((SECOND,) if len(signal.levels_dbm) > 1 else ()),
        *(COUNTED if signal.operators else (OVERLAP,)),
        *(f"operator:{name}" for name in signal.operators),
        *by_access,
        *(f"tower:{one}" for one in ids),
    ]


def tower_of(analysis: Analysis, asset_id: str) -> Tower | None:
    """The tower of an asset; None where it does not transmit in this run."""
    signal, assets = analysis.reached.signal, analysis.assets
    if signal is None or assets is None:
        return None
    ids = assets["asset_id"]
    return next((tower for tower in signal.towers if ids.iloc[tower.position] == asset_id), None)


def class_names(analysis: Analysis, words: Words) -> dict[str, str]:
    """Signal classes with their limits in dBm."""
    if not isinstance(analysis.parameters.radio, RadioParameters):
        return {}
    limits = analysis.parameters.radio.thresholds
    return {
        name: words(f"signal.class.{name}", strong=limits.strong_dbm, weak=limits.weak_dbm) for name in SIGNAL_CLASSES
    }


@cached_per_run
def _relief(analysis: Analysis) -> Overlay:
    assert analysis.terrain is not None
    return hillshade_overlay(analysis.terrain)


@cached_per_run
def _signal(analysis: Analysis, view: str) -> Overlay | None:
    terrain, signal = analysis.terrain, analysis.reached.signal
    if terrain is None or signal is None:
        return None
    radio, (kind, _, name) = radio_of(analysis.parameters), view.partition(":")
    if view == SERVER:
        numbers = served_by(signal, radio)
        colours = told_apart(numbers, len(SERVER_COLOURS))
        numbers = _known(terrain, np.append(colours, np.int32(-1))[numbers])
        return coloured_overlay(terrain, numbers, SERVER_COLOURS)
    if view in COUNTED:
        if view == DISTURBED:
            counted = disturbed(terrain, signal, radio, loss_cache())
        else:
            counted = operators_heard(signal) if view == HEARD else towers_heard(signal, radio)
        numbers = _known(terrain, np.minimum(counted, len(COUNT_COLOURS) - 1))
        return coloured_overlay(terrain, numbers, DISTURBED_COLOURS if view == DISTURBED else COUNT_COLOURS)
    tower = tower_of(analysis, name) if kind == "tower" else None
    if view == BEST:
        rsrp = signal.rsrp_dbm
    elif view == SECOND:
        rsrp, _ = next_best(signal)
    elif kind in ("operator", "technology"):
        operator, _, access = name.partition("/")
        if operator and operator not in signal.operators:
            return None
        rsrp = of_operator(terrain, signal, operator or None, radio, loss_cache(), access or None)
    elif tower is not None:
        rsrp = of_tower(terrain, tower, radio, loss_cache())
    else:
        return None
    return signal_overlay(terrain, classes(rsrp, radio, terrain))


def _known(terrain: Terrain, numbers: NDArray[Any]) -> NDArray[Any]:
    """Nothing where elevation or land cover is missing."""
    for known in (terrain.known, terrain.clutter_known):
        numbers = numbers if known is None else np.where(known, numbers, -1)
    return numbers


def legend_of(view: str, words: Words) -> tuple[tuple[str | None, str], ...]:
    """Colours of a view and what they mean; empty for the signal classes."""
    if view == SERVER:
        return ((None, words("signal.view.server_note")),)
    if view not in COUNTED:
        return ()
    colours = _css(DISTURBED_COLOURS if view == DISTURBED else COUNT_COLOURS)
    return tuple((colour, words(f"signal.view.{view}_{count}")) for count, colour in enumerate(colours))


def addressed(overlay: Overlay) -> RasterOverlay:
    """A picture under its address; stored again at every use, as it may have been evicted."""
    return RasterOverlay(picture_url(STORE.put_picture(overlay.png)), overlay.bounds)
