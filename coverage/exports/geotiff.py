"""GeoTIFF of a grid, such as the signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio import Affine
from rasterio.io import MemoryFile

from coverage.exports.provenance import Provenance, provenance
from coverage.language.words import Words
from coverage.run.result import RunTables

_NODATA = -9999.0


def write_geotiff(
    values: npt.NDArray[np.float32],
    west: float,
    north: float,
    cell_m: float,
    crs: Any,
    about: Provenance,
    words: Words,
    *,
    names: Sequence[str],
    unit: str,
) -> bytes:
    """Return a tiled, compressed GeoTIFF.

    Parameters
    ----------
    values : bands, rows from the north, columns from the west; NaN for no value
    west, north : outer corner of the north-western cell, in metres of ``crs``
    cell_m : side of a cell in metres
    crs : a projected CRS in metres
    names : band names, such as ``"RSRP"``
    unit : unit of all bands, such as ``"dBm"``

    Raises
    ------
    ValueError
        If there is not a name per band, or a value equals that for none.
    """
    bands, rows, columns = values.shape
    if len(names) != bands:
        raise ValueError(f"{bands} bands and {len(names)} names")
    if bool((values == _NODATA).any()):
        raise ValueError(f"a value equals the mark for none, {_NODATA}")
    filled = np.where(np.isnan(values), np.float32(_NODATA), values.astype(np.float32))
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=columns,
            height=rows,
            count=bands,
            dtype="float32",
            crs=crs,
            nodata=_NODATA,
            transform=Affine(cell_m, 0.0, west, 0.0, -cell_m, north),
            compress="deflate",
            predictor=3,
            tiled=True,
            blockxsize=256,
            blockysize=256,
        ) as raster:
            raster.write(filled)
            for band, name in enumerate(names, start=1):
                raster.set_band_description(band, name)
                raster.set_band_unit(band, unit)
            raster.update_tags(
                JANGKAU_RUN=about.run_id,
                JANGKAU_DATE=about.iso_date,
                JANGKAU_REGION=about.region,
                JANGKAU_APPROXIMATE=" ".join(about.approximations),
                TIFFTAG_SOFTWARE=f"Jangkau {about.version}",
                TIFFTAG_IMAGEDESCRIPTION=about.footer(words),
            )
        return bytes(memory.read())


def write_signal(analysis: RunTables, words: Words) -> bytes:
    """Return ``signal.tif``: RSRP of the best server in dBm; ValueError if the run has no signal."""
    raster = analysis.signal_raster
    if raster is None:
        raise ValueError("this run has no signal")
    about = provenance(analysis, words)
    return write_geotiff(
        raster.rsrp_dbm[None],
        raster.west,
        raster.north,
        raster.cell_m,
        raster.crs.to_wkt(),
        about,
        words,
        names=["RSRP"],
        unit="dBm",
    )
