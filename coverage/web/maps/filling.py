"""Picture of the signal while it is computed, filling tower by tower; nobody waits before an empty page."""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from coverage.exports.overlays import COLOURS, Overlay, coloured_overlay
from coverage.language.words import Words
from coverage.reach.signal_views import classes
from coverage.reach.terrain import Terrain
from coverage.run.result import SignalSoFar
from coverage.web.addresses import picture_url
from coverage.web.html import Html, tag
from coverage.web.maps.layers import STORE

MOST_PIXELS, MARGIN_M = 800, 3000.0
"""Longest side of the picture; what it shows around the villages."""
_LINE = (16, 38, 59, 90)
_MADE: WeakKeyDictionary[SignalSoFar, Overlay] = WeakKeyDictionary()
_MAKING = Lock()


def figure_of(so_far: SignalSoFar, words: Words) -> Html:
    """The picture with how far it is, and that what has no colour yet is not known."""
    with _MAKING:  # once for all who wait
        made = _MADE.get(so_far) or _MADE.setdefault(so_far, picture_of(so_far))
    told = words("web.so_far", done=so_far.done, count=len({one.position for one in so_far.signal.towers}))
    patches = {one: tag("span", cls=f"jk-swatch jk-signal-{one}", aria_hidden="true") for one in ("strong", "weak")}
    legend = (tag("span", patch, words(f"signal.class.short_{one}")) for one, patch in patches.items())
    image = tag("img", src=picture_url(STORE.put_picture(made.png)), alt=told)
    caption = tag("figcaption", tag("b", told), " ", words("web.so_far_note"), tag("small", *legend))
    return tag("figure", caption, image, cls="jk-filling")


def picture_of(so_far: SignalSoFar) -> Overlay:
    """Strong and weak signal so far, the outlines of the villages; clear elsewhere, where there may be signal yet."""
    terrain, cell = so_far.terrain, so_far.terrain.cell_m
    villages = so_far.villages.geometry.to_crs(terrain.crs)
    west, south, east, north = villages.total_bounds
    x, y = np.array([west - MARGIN_M, east + MARGIN_M]), np.array([south - MARGIN_M, north + MARGIN_M])
    row, column = terrain.indices(x, y)
    row, column = np.clip(row, 0, terrain.shape[0] - 2), np.clip(column, 0, terrain.shape[1] - 2)
    step = max(1, -(-max(int(np.ptp(row)), int(np.ptp(column))) // MOST_PIXELS))
    part = slice(row[0], row[1] + 2, step), slice(column[0], column[1] + 2, step)
    known, seen = (None if grid is None else grid[part] for grid in (terrain.known, terrain.clutter_known))
    x0, y0, wide = terrain.x0 + column[0] * cell, terrain.y0 + row[0] * cell, cell * step
    coarse = Terrain(terrain.height_m[part], x0, y0, wide, terrain.crs, known=known, clutter_known=seen)
    found = classes(so_far.signal.rsrp_dbm[part], so_far.radio, coarse)
    numbers = np.where(found > 0, found - 1, -1)
    lines = rasterize(shapely.boundary(villages.to_numpy()), numbers.shape, transform=Affine(wide, 0, x0, 0, wide, y0))
    numbers[lines == 1] = 2
    return coloured_overlay(coarse, numbers, [COLOURS["weak"], COLOURS["strong"], _LINE], MOST_PIXELS)
