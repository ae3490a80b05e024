"""Draw the village boundaries of the region that ships from its facts alone.

    python scripts/make_region.py

Reads villages.csv, neighbours.csv and outline.csv in data/blitar and writes villages.geojson beside them.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

FOLDER = Path(__file__).parents[1] / "data" / "blitar"


def main() -> None:
    from coverage.boundaries import draw_boundaries

    facts = pd.read_csv(FOLDER / "villages.csv", dtype={"village_code_bps": str})
    near = pd.read_csv(FOLDER / "neighbours.csv")
    ring = pd.read_csv(FOLDER / "outline.csv")
    crs = "EPSG:32749"
    def flat(x, y):
        points = gpd.GeoSeries.from_xy(x, y, crs="EPSG:4326").to_crs(crs)
        return np.column_stack([points.x, points.y])
    outline = shapely.make_valid(shapely.polygons(flat(ring.lon, ring.lat)))
    cells = draw_boundaries(flat(facts.centre_lon, facts.centre_lat), facts.area_km2.to_numpy() * 1e6, outline,
                            flat(near.centre_lon, near.centre_lat), crs)
    shapes = shapely.set_precision(cells.to_crs("EPSG:4326").to_numpy(), 1e-6)
    features = [{"type": "Feature",
                 "properties": {**{k: row[k] for k in ("village_code_bps", "village_code_kemendagri", "village",
                                                      "subdistrict", "regency", "population", "population_basis")},
                                "boundary_quality": "approximate"},
                 "geometry": json.loads(shapely.to_geojson(shape))}
                for (_, row), shape in zip(facts.iterrows(), shapes, strict=True)]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (FOLDER / "villages.geojson").write_text(text.replace('{"type": "Feature",', '\n{"type": "Feature",') + "\n", "utf-8")


if __name__ == "__main__":
    main()
