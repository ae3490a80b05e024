"""Region that a list is checked against: a regency or a boundary file, and the villages around it."""

from __future__ import annotations

from pathlib import Path

from coverage.imports.places import Region
from coverage.readers.nation import neighbours_of
from coverage.readers.village_lists import read_crosswalk
from coverage.readers.villages import read_villages
from coverage.store.drawn import boundary_file
from coverage.store.region_files import Kind, files_of

_OWN: tuple[Kind, ...] = ("boundaries", "crosswalk")


def read_region(region: str | Path | None = None, crosswalk: Path | None = None) -> Region:
    """Read a region to check lists against.

    Parameters
    ----------
    region
        A boundary file, or the code or name of a regency. None is the current region; if that is the shipped one, the
        list may turn out to be of another.

    Raises
    ------
    FileRefusedError
        Missing or unusable.
    """
    kept = files_of(region)
    own = {kind: version.files[0] for kind in _OWN if kept and (version := kept.current(kind)) and version.files}
    crosswalk = crosswalk or own.get("crosswalk")
    codes = read_crosswalk(crosswalk) if crosswalk else None
    boundaries = own.get("boundaries") or boundary_file(region if region is not None or kept is None else kept.code)
    chosen = region is not None or "boundaries" in own
    villages = read_villages(boundaries, codes)[0]
    return Region(villages, neighbours_of(villages), codes, chosen=chosen)
