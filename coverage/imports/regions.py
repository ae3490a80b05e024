"""Region that a list is checked against: one with kept boundaries or shipped, or a boundary file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coverage.base.errors import FileRefusedError, Place
from coverage.imports.places import Region
from coverage.readers.shipped import REGIONS, region_dir
from coverage.readers.village_lists import read_crosswalk
from coverage.readers.villages import read_villages
from coverage.store.region_files import Kind, files_of

_OWN: tuple[Kind, ...] = ("boundaries", "crosswalk")


def read_region(region: str | Path | None = None, crosswalk: Path | None = None) -> Region:
    """Read a region to check lists against.

    Parameters
    ----------
    region
        A boundary file, or the code of a region that ships or has boundaries of its own. None is the current region; if
        that is the shipped one, the list may turn out to be of another.
    crosswalk
        BPS and Kemendagri codes.

    Raises
    ------
    FileRefusedError
        Missing or unusable.
    """
    kept = files_of(region)
    own = {kind: version.files[0] for kind in _OWN if kept and (version := kept.current(kind)) and version.files}
    crosswalk = crosswalk or own.get("crosswalk")
    codes = read_crosswalk(crosswalk) if crosswalk else None
    code = kept.code if kept else region
    folder = region_dir(str(code)) if str(code) in REGIONS else None
    if region is not None and Path(region).is_file():
        boundaries = Path(region)
    elif "boundaries" in own:
        boundaries = own["boundaries"]
    elif folder is not None:
        boundaries = folder / "villages.geojson"
    else:
        wrong = "file.not_found" if Path(str(region)).suffix else "region.unknown"
        raise FileRefusedError(wrong, Place(file=str(region), value=str(region)), offered=sorted(REGIONS))
    neighbours = pd.read_csv(folder / "neighbours.csv", dtype={"village_code_bps": "str"}) if folder else None
    chosen = region is not None or "boundaries" in own
    return Region(read_villages(boundaries, codes)[0], neighbours, codes, chosen=chosen)
