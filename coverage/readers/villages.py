"""Village boundary files as the table of villages."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.base.errors import FileRefusedError, Place
from coverage.places.villages import Note, make_villages
from coverage.readers.geofiles import read_geofile
from coverage.readers.shipped import REGIONS, region_dir


def read_villages(path: str | Path, crosswalk: pd.DataFrame | None = None) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Read the villages of a region from a boundary file.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ or GeoParquet, with the columns of HDX COD-AB, BPS, BIG or
        Kemendagri.
    crosswalk
        Both codes of every village, see :func:`places.villages.make_villages`. Where it is missing, or does not know
        all the villages, the tables of the regions that ship are used as far as they go.

    Returns
    -------
    villages : GeoDataFrame
        Per :data:`coverage.base.schema.VILLAGES`.
    notes : list of (code, values)
        What was left out, repaired or joined: the key of a sentence and the values it names.

    Raises
    ------
    InputError
        See :func:`coverage.readers.geofiles.read_geofile` and :func:`coverage.places.villages.make_villages`.
    """
    path = Path(path)
    features = read_geofile(path, prefer="villages")
    if features.empty:
        raise FileRefusedError("villages.none", Place(file=path.name))
    return make_villages(features, _joined(crosswalk, shipped_crosswalk()), path.name)


def _joined(own: pd.DataFrame | None, shipped: pd.DataFrame) -> pd.DataFrame:
    """The planner's crosswalk, completed from the shipped one."""
    if own is None:
        return shipped
    keyed = [
        table.dropna(subset=["village_code_bps"]).drop_duplicates("village_code_bps").set_index("village_code_bps")
        for table in (own, shipped)
    ]
    return keyed[0].combine_first(keyed[1]).reset_index()


def shipped_crosswalk() -> pd.DataFrame:
    """Codes and names of all villages that ship, as text."""
    wanted = ["village_code_bps", "village_code_kemendagri", "village", "subdistrict", "regency"]
    return pd.concat(
        [pd.read_csv(region_dir(code) / "villages.csv", dtype="str")[wanted].astype(object) for code in REGIONS],
        ignore_index=True,
    )
