"""Outlines without codes, with a proposal from the villages that ship."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.places.regencies import Regency, find_regencies
from coverage.places.village_matching import VILLAGE, propose_codes
from coverage.places.villages import ALIASES, find_columns
from coverage.readers.geofiles import read_geofile
from coverage.readers.nation import outlines, regencies, villages_of

UNSURE = ("place_only", "none")
"""Matches that are left out unless somebody says otherwise: no name speaks for them."""


def read_proposal(file: Path, name: str | None = None) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Read outlines and propose a village for each.

    Parameters
    ----------
    name : column with the village's name; found by its heading where it is left out

    Returns
    -------
    polygons : EPSG:4326
    proposal : :func:`coverage.places.village_matching.propose_codes`, a row per polygon
    villages : those that could be meant, of every regency that the outlines touch

    Raises
    ------
    FileRefusedError
        No polygons, or outside Indonesia.
    ColumnError
        No column with names.
    """
    features = read_geofile(file, prefer="villages")
    polygons = features[features.geometry.geom_type.isin(("Polygon", "MultiPolygon"))].reset_index(drop=True)
    if polygons.empty:
        raise FileRefusedError("villages.none", Place(file=file.name))
    columns = [str(column) for column in polygons.columns if column != polygons.geometry.name]
    named = [name] if name else find_columns(columns, "village")
    if not named or named[0] not in columns:
        raise ColumnError(
            "villages.no_name_column", Place(file=file.name), columns=columns[:30], offered=list(ALIASES["village"])
        )
    villages = _villages_around(polygons, file.name)
    return polygons, propose_codes(polygons, named[0], villages), villages


def with_codes(polygons: gpd.GeoDataFrame, villages: pd.DataFrame, codes: Sequence[str | None]) -> gpd.GeoDataFrame:
    """The polygons with the village that was confirmed for each; those without one are left out.

    Parameters
    ----------
    codes : BPS code, else Kemendagri code, of each polygon, or None
    """
    known = villages.set_index(key_of(villages))
    kept = np.array([code is not None for code in codes])
    rows = known.loc[[code for code in codes if code is not None], list(VILLAGE)].reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=polygons.geometry[kept].to_numpy(), crs=polygons.crs)


def key_of(villages: pd.DataFrame) -> pd.Series:
    """BPS code of each village, or its Kemendagri code where BPS has given none."""
    bps = villages["village_code_bps"].fillna("").astype(str)
    return bps.where(bps != "", villages["village_code_kemendagri"])


def _villages_around(polygons: gpd.GeoDataFrame, file: str) -> pd.DataFrame:
    known = outlines()
    box = polygons.total_bounds
    touched = known.cx[box[0] : box[2], box[1] : box[3]].index
    found: list[Regency] = [one for code in touched for one in find_regencies(str(code), regencies())]
    if not found:
        raise FileRefusedError("villages.outside_indonesia", Place(file=file, value=", ".join(f"{x:.4f}" for x in box)))
    return pd.concat([villages_of(one) for one in found], ignore_index=True)
