"""Made villages and assets, in round metres of UTM zone 49S, small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

UTM = 32749
EAST, NORTH = 600_000.0, 9_100_000.0
"""A corner in Kabupaten Blitar from which made coordinates count."""


def square(x: float, y: float, width: float, height: float | None = None) -> shapely.Polygon:
    """A rectangle with its south-west corner ``x, y`` metres from the corner."""
    return shapely.box(x, y, x + width, y + (width if height is None else height))


def make_villages(*shapes: BaseGeometry, population: float = 1000.0) -> gpd.GeoDataFrame:
    """Villages of the given shapes, metres from the corner; their centres are the shapes' centroids."""
    moved = [shapely.transform(shape, lambda p: p + np.array([EAST, NORTH])) for shape in shapes]
    placed = gpd.GeoSeries(moved, crs=UTM)
    centres = placed.centroid.to_crs(4326)
    return gpd.GeoDataFrame(
        {
            "village_code_bps": [f"35050300{k + 1:02d}" for k in range(len(shapes))],
            "population": population,
            "centre_lon": centres.x,
            "centre_lat": centres.y,
        },
        geometry=placed,
        crs=UTM,
    )


def make_assets(
    places: Sequence[tuple[float, float]],
    service: str = "cellular",
    reach_m: float | Sequence[float] = 60.0,
    kind: str = "tower",
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Operational assets at places in metres from the corner, and their table of service and reach."""
    points = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y) for x, y in places], crs=UTM)
    assets = gpd.GeoDataFrame(
        {"asset_id": [f"A{k:03d}" for k in range(len(places))], "kind": kind, "status": "operational"},
        geometry=points.to_crs(4326),
        crs=4326,
    )
    return assets, pd.DataFrame(
        {
            "asset_position": np.arange(len(places)),
            "service": service,
            "reach_m": np.broadcast_to(np.asarray(reach_m, dtype=float), len(places)),
            "main": True,
        }
    )
