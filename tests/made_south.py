"""The region that ships on made ground: a plain with towers, and a mountain range that hides the coast in the south.

The range runs from west to east along the northing of :data:`RANGE`, 700 m high and 3 km wide.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import Affine

UTM = 32749
WEST, SOUTH, EAST, NORTH = 584_000.0, 9_055_000.0, 683_000.0, 9_144_000.0
RANGE = 9_091_000.0
CELL_M = 150.0
TOWERS = (
    ("MNR-1", 618_000.0, 9_101_000.0, "Satu"),
    ("MNR-2", 633_000.0, 9_101_500.0, "Satu, Dua"),
    ("MNR-3", 648_000.0, 9_101_000.0, "Dua"),
    ("MNR-4", 640_000.0, 9_112_000.0, "Tiga"),
)
BEHIND = (632_500.0, 9_084_500.0)
"""On the coast behind the range."""


def degrees(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a place in metres."""
    point = gpd.GeoSeries([shapely.Point(x, y)], crs=UTM).to_crs(4326).iloc[0]
    return point.y, point.x


def write_elevation(path: Path) -> Path:
    """The ground as a GeoTIFF that reaches 20 km beyond the region."""
    columns, rows = int((EAST - WEST) / CELL_M), int((NORTH - SOUTH) / CELL_M)
    x = WEST + (np.arange(columns) + 0.5) * CELL_M
    y = NORTH - (np.arange(rows)[:, None] + 0.5) * CELL_M
    crest = RANGE + 600 * np.sin(x / 5000)
    height = 120 + 700 * np.exp(-(((y - crest) / 900) ** 2)) * (1 + 0.2 * np.sin(x / 2300))
    height = height + 25 * np.sin(x / 1700) * np.cos(y / 2100)
    place = Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=1,
        dtype="float32",
        crs=UTM,
        transform=place,
        nodata=-9999.0,
        tiled=True,
        compress="deflate",
    ) as file:
        file.write(height.astype(np.float32), 1)
    return path


def write_towers(path: Path) -> Path:
    """Four operational towers of 42 m at 900 MHz on the plain."""
    places = [degrees(x, y) for _, x, y, _ in TOWERS]
    pd.DataFrame(
        {
            "asset_id": [name for name, *_ in TOWERS],
            "kind": "tower",
            "name": [f"Menara {name}" for name, *_ in TOWERS],
            "status": "operational",
            "operator": [operator for *_, operator in TOWERS],
            "lon": [round(lon, 6) for _, lon in places],
            "lat": [round(lat, 6) for lat, _ in places],
            "height_m": 42,
            "band_mhz": 942,
        }
    ).to_csv(path, index=False)
    return path


def write_measurements(path: Path) -> Path:
    """A drive along the plain with good signal, and complaints of none on the coast."""
    drive = [(*degrees(x, 9_100_000.0), -90 - k % 5, "") for k, x in enumerate(np.arange(622_000.0, 646_000.0, 1000.0))]
    coast = [(*degrees(BEHIND[0] + x, BEHIND[1]), None, "tidak ada sinyal") for x in (-4000.0, 0.0, 4000.0)]
    pd.DataFrame([*drive, *coast], columns=["lat", "lon", "rsrp", "hasil"]).to_csv(path, index=False)
    return path


def write_parameters(path: Path) -> Path:
    """Cells of terrain as large as those of the ground, so that a run takes seconds."""
    path.write_text(f"terrain_cell_m = {CELL_M}\n")
    return path
