"""Village outlines drawn from centre points, for where no boundary file is at hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray


def draw_boundaries(centres: NDArray[np.float64], areas: NDArray[np.float64] | None, outline: shapely.Polygon,
                    neighbours: NDArray[np.float64], crs: str) -> gpd.GeoSeries:
    """Draw one polygon around every centre.

    Parameters
    ----------
    centres
        (n, 2) village centres in metres.
    areas
        (n,) areas in m² where known.
    outline
        The region in metres.
    neighbours
        (m, 2) centres of villages outside.
    crs
        The reference system of all of them.

    Returns
    -------
    GeoSeries
        n polygons in ``crs``.
    """
    sites = np.vstack([centres, neighbours])
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=outline)))
    tree = shapely.STRtree(cells)
    at, cell = tree.query(shapely.points(centres), predicate="within")
    order = cell[np.argsort(at)]
    return gpd.GeoSeries(shapely.intersection(cells[order], outline), crs=crs)
