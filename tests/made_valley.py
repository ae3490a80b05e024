"""A made valley: a tower, a ridge, a village behind it and one on the slope beyond, as files in ``folder``.

From west to east, in km from the corner: a tower at 5; a ridge 300 m high from 6.25 to 6.75; village Lembah at 7, 2 km from
the tower and on the floor of the valley; village Lereng at 11, 6 km from the tower and 1,200 m up the slope.
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
EAST, NORTH = 600_000.0, 9_100_000.0
LEMBAH, LERENG = "3505030001", "3505030002"


def ground_m(x_km: np.ndarray) -> np.ndarray:
    """Height of the ground by distance from the corner to the east."""
    ridge = np.clip(1 - np.abs(x_km - 6.5) / 0.25, 0, 1) * 300
    return np.asarray(100.0 + ridge + np.clip(x_km - 8, 0, 4) * 400, dtype=np.float32)


def write_elevation(
    path: Path,
    first_km: float = -16.0,
    last_km: float = 33.0,
    cell_m: float = 30.0,
    values: np.ndarray | None = None,
    nodata: float | None = -9999.0,
    crs: int = UTM,
) -> Path:
    """A raster of the valley between two distances from the corner, 20 km and more to the north and south of it."""
    columns, rows = int((last_km - first_km) * 1000 / cell_m), int(50_000 / cell_m)
    x = first_km + (np.arange(columns) + 0.5) * cell_m / 1000
    heights = np.broadcast_to(ground_m(x), (rows, columns)) if values is None else values
    place = Affine(cell_m, 0, EAST + 1000 * first_km, 0, -cell_m, NORTH + 30_000)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=1,
        dtype="float32",
        crs=crs,
        transform=place,
        nodata=nodata,
        tiled=True,
        compress="deflate",
    ) as file:
        file.write(heights.astype(np.float32), 1)
    return path


def write_villages(path: Path) -> Path:
    """Two villages of 300 by 300 m, around their centres."""
    boxes = [shapely.box(x - 150, -150, x + 150, 150) for x in (7000, 11_000)]
    moved = [shapely.transform(box, lambda p: p + np.array([EAST, NORTH + 5000])) for box in boxes]
    placed = gpd.GeoSeries(moved, crs=UTM)
    table = {
        "kode_bps": [LEMBAH, LERENG],
        "desa": ["Lembah", "Lereng"],
        "kecamatan": "Bakung",
        "kabupaten": "Blitar",
        "population": [400, 600],
    }
    gpd.GeoDataFrame(table, geometry=placed.to_crs(4326)).to_file(path)
    return path


def write_towers(path: Path, *places: tuple[str, float, float, str]) -> Path:
    """Operational towers of 42 m at 900 MHz: id, km east of the corner, metres north of the villages, operator.

    And one on the slope that was taken down, so that the list is one of the villages' own region.
    """
    places = (*places, ("M0", 11.0, 0.0, "Satu"))
    points = gpd.GeoSeries([shapely.Point(EAST + 1000 * x, NORTH + 5000 + y) for _, x, y, _ in places], crs=UTM)
    degrees = points.to_crs(4326)
    pd.DataFrame(
        {
            "asset_id": [name for name, *_ in places],
            "kind": "tower",
            "name": [name for name, *_ in places],
            "status": ["decommissioned" if name == "M0" else "operational" for name, *_ in places],
            "operator": [operator for *_, operator in places],
            "lon": degrees.x.round(6),
            "lat": degrees.y.round(6),
            "height_m": 42,
            "band_mhz": 900,
        }
    ).to_csv(path, index=False)
    return path


def write_cover(path: Path, code: int, from_km: float, to_km: float, elsewhere: int = 30) -> Path:
    """Land cover by the codes of ESA WorldCover: one from the first to the second distance, grass elsewhere."""
    x = -16.0 + (np.arange(490) + 0.5) * 0.1
    classes = np.broadcast_to(np.where((x > from_km) & (x < to_km), code, elsewhere), (500, 490)).astype(np.uint8)
    place = Affine(100.0, 0, EAST - 16_000, 0, -100.0, NORTH + 30_000)
    how = {"driver": "GTiff", "height": 500, "width": 490, "count": 1, "dtype": "uint8", "crs": UTM}
    with rasterio.open(path, "w", transform=place, nodata=0, compress="deflate", **how) as file:
        file.write(classes, 1)
    return path
