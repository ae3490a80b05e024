"""Draw the village boundaries of the region that ships, from its facts alone.

    python scripts/make_region.py [--out FILE] [--against FILE]

Reads villages.csv, neighbours.csv and outline.csv in data/blitar and writes villages.geojson beside them, every feature
marked ``boundary_quality = approximate``. Prints how the drawn areas compare with the official ones and, where official
boundaries are at hand (``--against``), how much of each village both have in common: intersection over union.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.places.boundaries import draw_boundaries
from coverage.readers.villages import read_villages

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "data" / "blitar"
OFFICIAL = ROOT.parent / "shared" / "data" / "blitar" / "villages_bps_2020.geojson"
PROPERTIES = (
    "village_code_bps",
    "village_code_kemendagri",
    "village",
    "subdistrict",
    "regency",
    "population",
    "population_basis",
)


def points(table: pd.DataFrame) -> gpd.GeoSeries:
    """The centres of a table of facts."""
    return gpd.GeoSeries.from_xy(table["centre_lon"], table["centre_lat"], crs="EPSG:4326")


def read_facts() -> tuple[pd.DataFrame, pd.DataFrame, gpd.GeoSeries]:
    """The villages, the neighbours and the outline."""
    villages = pd.read_csv(FOLDER / "villages.csv", dtype={"village_code_bps": str})
    neighbours = pd.read_csv(FOLDER / "neighbours.csv", dtype={"village_code_bps": str})
    ring = pd.read_csv(FOLDER / "outline.csv")
    return villages, neighbours, gpd.GeoSeries([shapely.Polygon(ring[["lon", "lat"]])], crs="EPSG:4326")


def as_geojson(villages: pd.DataFrame, drawn: gpd.GeoSeries) -> str:
    """One feature a line, in the order of the facts."""
    lines = []
    for row, shape in zip(villages.to_dict("records"), drawn, strict=True):
        properties = {**{name: row[name] for name in PROPERTIES}, "boundary_quality": "approximate"}
        lines.append(
            json.dumps(
                {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))},
                ensure_ascii=False,
            )
        )
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def area_errors(villages: pd.DataFrame, drawn: gpd.GeoSeries) -> pd.Series:
    """Share by which each drawn area misses the official one."""
    areas = drawn.to_crs(drawn.estimate_utm_crs()).area / 1e6
    return (areas / villages["area_km2"].to_numpy() - 1).abs()


def overlap_shares(drawn: gpd.GeoSeries, official: gpd.GeoSeries) -> pd.Series:
    """Intersection over union of each pair, in the region's UTM zone."""
    crs = official.estimate_utm_crs()
    one, other = drawn.to_crs(crs).to_numpy(), official.to_crs(crs).to_numpy()
    return pd.Series(shapely.area(shapely.intersection(one, other)) / shapely.area(shapely.union(one, other)))


def main() -> None:
    """Draw, write and measure."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, default=FOLDER / "villages.geojson")
    arguments.add_argument("--against", type=Path, default=OFFICIAL)
    given = arguments.parse_args()
    villages, neighbours, outline = read_facts()
    drawn = draw_boundaries(
        points(villages), villages["area_km2"].to_numpy(dtype=np.float64), outline, points(neighbours)
    )
    given.out.write_text(as_geojson(villages, drawn), "utf-8", newline="\n")
    errors = area_errors(villages, drawn)
    print(
        f"area error: median {errors.median():.1%}, 95 % below {errors.quantile(0.95):.1%}, largest {errors.max():.1%}"
    )
    if given.against.is_file():
        official, _ = read_villages(given.against)
        official = official.set_index("village_code_bps").loc[villages["village_code_bps"]]
        shares = overlap_shares(drawn, official.geometry)
        print(
            f"overlap with official boundaries (IoU): median {shares.median():.3f}, mean {shares.mean():.3f}, "
            f"lowest {shares.min():.2f}, below one half {(shares < 0.5).sum()} of {len(shares)}"
        )


if __name__ == "__main__":
    main()
