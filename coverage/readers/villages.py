"""Village boundary files as the table of villages."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.base.errors import FileRefusedError, Place
from coverage.places.codes import read_code
from coverage.places.regencies import far_from_list, is_bps
from coverage.places.villages import Note, find_columns, make_other_land, make_villages
from coverage.readers.geofiles import read_geofile
from coverage.readers.nation import villages_among_regencies

_CROSSWALK = ("village_code_bps", "village_code_kemendagri", "village", "subdistrict", "regency")


def read_villages(path: str | Path, crosswalk: pd.DataFrame | None = None) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Read the villages of a region from a boundary file.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ or GeoParquet, with the columns of HDX COD-AB, BPS, BIG or
        Kemendagri.
    crosswalk
        Both codes of every village, see :func:`places.villages.make_villages`. Where it is missing, or does not know
        all the villages, the list of all of Indonesia that ships is used as far as it goes.

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
    return villages_among(read_geofile(path, prefer="villages"), path.name, crosswalk)


def villages_among(
    features: gpd.GeoDataFrame, file: str, crosswalk: pd.DataFrame | None = None
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """As :func:`read_villages`, of the features of a file that is called so."""
    if features.empty:
        raise FileRefusedError("villages.none", Place(file=file))
    known = villages_among_regencies(_begins(features))
    villages, notes = make_villages(features, _joined(crosswalk, known), file)
    return villages, [*notes, *far_from_list(villages, known, file)]


def other_land_among(features: gpd.GeoDataFrame, file: str, crosswalk: pd.DataFrame | None = None) -> gpd.GeoDataFrame:
    """Forests and waters among the features of a boundary file (:func:`coverage.places.villages.make_other_land`)."""
    return make_other_land(features, _joined(crosswalk, villages_among_regencies(_begins(features))), file)


def _begins(features: pd.DataFrame) -> set[str]:
    """The four digits that the codes of a file begin with, as they stand and as they are read."""
    names = [str(name) for name in features.columns if name != "geometry"]
    columns = {column for what in ("bps", "kemendagri", "code") for column in find_columns(names, what)}
    read = re.compile(r"\D*(\d\d)\D*(\d\d)")
    texts = {text for column in columns for text in features[column].dropna().astype(str)}
    written = {"".join(found.groups()) for text in texts if (found := read.match(text))}
    return written | {begin for text in texts if len(begin := read_code(text).digits[:4]) == 4}


def _joined(own: pd.DataFrame | None, shipped: pd.DataFrame) -> pd.DataFrame:
    """The planner's crosswalk, completed from the shipped one."""
    shipped = shipped[[*_CROSSWALK]].astype(object)
    if own is None:
        return shipped
    # A village that the planner knows the BPS code of no longer goes by its Kemendagri code.
    coded = own.loc[own["village_code_bps"].notna(), "village_code_kemendagri"]
    shipped = shipped[is_bps(shipped["village_code_bps"]) | ~shipped["village_code_kemendagri"].isin(coded)]
    keyed = [
        table.dropna(subset=["village_code_bps"]).drop_duplicates("village_code_bps").set_index("village_code_bps")
        for table in (own, shipped)
    ]
    return keyed[0].combine_first(keyed[1]).reset_index()
