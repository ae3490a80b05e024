"""Boundaries of a regency that has none of its own: drawn from the list of all villages when first asked for, and kept.

A drawing lies in the data folder under a name made from the facts and the model that it comes from, so that it is drawn
once, and again when either changes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.errors import FileRefusedError, Place
from coverage.places.boundaries import MODEL, draw_boundaries
from coverage.places.regencies import Regency
from coverage.readers.nation import find_region, not_villages_of, outline_of, region_that_ships, villages_of
from coverage.readers.shipped import REGIONS, region_dir
from coverage.store.folder import data_folder
from coverage.store.replacing import not_written, put_in_place

_KEPT = ("village_code_bps", "village_code_kemendagri", "village", "subdistrict", "regency")


def boundary_file(region: str | Path | None, folder: Path | None = None) -> Path:
    """The boundaries of what was named as the region, where it keeps none of its own.

    Parameters
    ----------
    region
        A file of boundaries, which is returned as it is, or the code or name of a regency, whose boundaries ship or are
        drawn.

    Raises
    ------
    FileRefusedError
        If there is no such file, or no regency, or more than one, is called so, or its villages do not ship.
    UnavailableError
        If the data folder cannot be written to.
    """
    if Path(str(region)).is_file():
        return Path(str(region))
    suffix = Path(str(region)).suffix
    if suffix and not suffix.strip(". ").isdigit() and " " not in suffix:
        raise FileRefusedError("file.not_found", Place(file=str(region), value=str(region)))
    regency = region_that_ships(str(region))
    if regency.code in REGIONS:
        return region_dir(regency.code) / "villages.geojson"
    villages = villages_of(regency)
    place = _place(regency, villages, "batas_perkiraan", folder)
    if not place.is_file():
        drawn = draw_boundaries(_points(villages), _areas(villages), outline_of(regency), fill=True)
        _write(place, villages[[*_KEPT]].assign(boundary_quality="approximate"), drawn)
    return place


def not_village_file(region: str, folder: Path | None = None) -> Path | None:
    """The forests and waters of a regency, drawn; None where BPS names none.

    Features have ``village_code_bps``, ``name``, ``kind`` (``forest`` or ``water``) and ``boundary_quality``.
    """
    regency = find_region(region)
    known = not_villages_of(regency)
    if known.empty:
        return None
    place = _place(regency, known, "hutan_dan_perairan", folder)
    if not place.is_file():
        drawn = draw_boundaries(_points(known), _areas(known), outline_of(regency))
        kinds = np.where(known["village_code_bps"].str.endswith("888"), "water", "forest")
        table = known[["village_code_bps"]].assign(name=known["village"], kind=kinds, boundary_quality="approximate")
        _write(place, table, drawn)
    return place


def _points(table: pd.DataFrame) -> gpd.GeoSeries:
    return gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs="EPSG:4326")


def _areas(table: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return table["area_km2"].to_numpy(dtype=np.float64)


def _place(regency: Regency, facts: pd.DataFrame, stem: str, folder: Path | None) -> Path:
    digest = hashlib.sha256(MODEL.encode())
    digest.update(facts.to_csv(index=False).encode())
    digest.update(outline_of(regency).to_wkb().iloc[0])
    return (folder or data_folder()) / "drawn" / digest.hexdigest()[:16] / f"{stem}_{regency.code}.geojson"


def _write(place: Path, table: pd.DataFrame, shapes: gpd.GeoSeries) -> None:
    """GeoJSON, a feature a line, whole or not at all."""
    features = [
        json.dumps({"type": "Feature", "properties": row, "geometry": json.loads(shape)}, ensure_ascii=False)
        for row, shape in zip(table.to_dict("records"), shapely.to_geojson(shapes.to_numpy()), strict=True)
    ]
    content = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
    making = place.with_name(f".{uuid.uuid4().hex[:8]}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        making.write_text(content, "utf-8", newline="\n")
        put_in_place(making, place)
    except OSError as error:
        raise not_written(place.parent, error) from error
