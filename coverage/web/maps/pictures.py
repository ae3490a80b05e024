"""Pictures of the terrain and the signal, by address, to lay over the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coverage.base.schema import SIGNAL_CLASSES
from coverage.exports.overlays import COLOURS, Bounds, Overlay, hillshade_overlay, signal_overlay
from coverage.language.words import Words
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import radio_of
from coverage.reach.signal import Tower
from coverage.reach.signal_views import classes, of_operator, of_tower
from coverage.run.result import Analysis
from coverage.store.losses import kept_losses
from coverage.web.addresses import picture_url
from coverage.web.maps.layers import STORE
from coverage.web.run_cache import kept_per_run

BEST = "best"
"""View of the best tower everywhere; others are ``operator:<name>`` and ``tower:<asset_id>``."""
CLASS_COLOURS = {
    name: f"rgba({red}, {green}, {blue}, {opacity / 255:.2f})" for name, (red, green, blue, opacity) in COLOURS.items()
}
"""As the picture has them, for the legend."""


@dataclass(frozen=True)
class Picture:
    """A picture by its address, and where it lies: (south, west), (north, east) in degrees."""

    url: str
    bounds: Bounds

    def to_browser(self) -> dict[str, Any]:
        """As ``map.js`` takes it."""
        return {"url": self.url, "bounds": [list(corner) for corner in self.bounds]}


def relief(analysis: Analysis) -> Picture | None:
    """The shaded relief; None without elevation."""
    return None if analysis.terrain is None else _addressed(_relief(analysis))


def of_view(analysis: Analysis, view: str) -> Picture | None:
    """The signal as a view shows it; None where the run has no signal or the view names nothing that is there."""
    made = _signal(analysis, view)
    return None if made is None else _addressed(made)


def views(analysis: Analysis) -> list[str]:
    """Every view of a run's signal: the best tower, each operator, each tower."""
    signal, assets = analysis.reached.signal, analysis.assets
    if signal is None or assets is None:
        return []
    ids = sorted({str(assets["asset_id"].iloc[tower.position]) for tower in signal.towers})
    return [BEST, *(f"operator:{name}" for name in signal.operators), *(f"tower:{one}" for one in ids)]


def tower_of(analysis: Analysis, asset_id: str) -> Tower | None:
    """The tower of an asset; None where it sends nothing in this run."""
    signal, assets = analysis.reached.signal, analysis.assets
    if signal is None or assets is None:
        return None
    ids = assets["asset_id"]
    return next((tower for tower in signal.towers if ids.iloc[tower.position] == asset_id), None)


def class_names(analysis: Analysis, words: Words) -> dict[str, str]:
    """The classes of signal with their limits in dBm."""
    if not isinstance(analysis.parameters.radio, RadioParameters):
        return {}
    limits = analysis.parameters.radio.thresholds
    return {
        name: words(f"signal.class.{name}", strong=words.number(limits.strong_dbm), weak=words.number(limits.weak_dbm))
        for name in SIGNAL_CLASSES
    }


@kept_per_run
def _relief(analysis: Analysis) -> Overlay:
    assert analysis.terrain is not None
    return hillshade_overlay(analysis.terrain)


@kept_per_run
def _signal(analysis: Analysis, view: str) -> Overlay | None:
    terrain, signal = analysis.terrain, analysis.reached.signal
    if terrain is None or signal is None:
        return None
    radio, (kind, _, name) = radio_of(analysis.parameters), view.partition(":")
    tower = tower_of(analysis, name) if kind == "tower" else None
    if view == BEST:
        rsrp = signal.rsrp_dbm
    elif kind == "operator" and name in signal.operators:
        rsrp = of_operator(terrain, signal, name, radio, kept_losses())
    elif tower is not None:
        rsrp = of_tower(terrain, tower, radio, kept_losses())
    else:
        return None
    return signal_overlay(terrain, classes(rsrp, radio, terrain))


def _addressed(overlay: Overlay) -> Picture:
    """Put into the store at every use: it may have had to make room."""
    return Picture(picture_url(STORE.put_picture(overlay.png)), overlay.bounds)
