"""Keep what a region is drawn on: its base map and raster tiles, made into one file of ours each."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from coverage.base.errors import FileRefusedError, Place
from coverage.base.projection import widened
from coverage.readers.basemap import take_in
from coverage.readers.tiles import take_in_tiles
from coverage.store.permissions import Actor, require
from coverage.store.region_files import STEMS, SUFFIXES, Kind, RegionFiles, Version

MARGIN_KM = 5.0
"""How far around the region a base map is kept."""


def keep_drawn_on(
    files: RegionFiles,
    kind: Kind,
    paths: Sequence[Path],
    villages: gpd.GeoDataFrame,
    about: Mapping[str, Any],
    who: Actor,
) -> Version:
    """Read a base map or raster tiles in the confined process, and keep it as the region's.

    Parameters
    ----------
    kind : one of :data:`coverage.store.region_files.SHOWN_ON`
    villages : of the region; what lies farther than :data:`MARGIN_KM` around them is left out of a base map
    about : as of :meth:`RegionFiles.stage`; ``attribution``, else ``title``, is credited where the files name nobody

    Raises
    ------
    InputError
        The files are none, or nothing in them lies in the region.
    """
    require(who, "import")
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        target = Path(folder) / f"{STEMS[kind]}{SUFFIXES[kind][0]}"
        credit = str(about.get("attribution") or about.get("title") or "")
        if kind == "tiles":
            if len(paths) != 1:
                raise FileRefusedError("data.one_file", Place(file=", ".join(path.name for path in paths)))
            return files.put(kind, [target], {**about, **take_in_tiles(paths[0], credit, target)}, who)
        west, south, east, north = map(float, villages.total_bounds)
        told = take_in(paths, widened((west, south, east, north), MARGIN_KM), credit, target)
        return files.put(kind, [target], {**about, **told}, who)
