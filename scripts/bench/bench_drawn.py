"""How well, and how fast, the boundaries of any regency are drawn, against its village polygons.

    python scripts/bench/bench_drawn.py [--all | CODE ...] [--polygons FILE]

Without codes: 40 regencies of all sizes and kinds (islands, cities, Papua), the same every time. Prints for each the
villages, seconds of processor, intersection over union with the polygons, how far drawn areas miss the known ones, what
is left of the outline without a village, and overlaps; then all together, beside Kabupaten Blitar as it ships. ``--all``
draws all 513 without the polygons and prints the seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.projection import utm_crs
from coverage.places.boundaries import draw_boundaries
from coverage.places.regencies import Regency
from coverage.readers.nation import find_region, outline_of, regencies, villages_of
from coverage.readers.shipped import region_dir

POLYGONS = Path(__file__).parents[3] / "shared" / "data" / "nation" / "boundaries_simplified.parquet"
KINDS = ("31.01", "81.72", "21.01", "82.06", "96.03", "11.09", "71.03", "93.01", "94.06", "95.03", "96.71", "73.71")
"""Islands, Papua and cities that are always among the forty; the others are spread over the sizes."""


def forty() -> list[Regency]:
    """Forty regencies: those of :data:`KINDS`, and others at even distances in the order of villages."""
    table = regencies().sort_values(["villages", "regency_code_kemendagri"])
    rest = table[~table["regency_code_kemendagri"].isin([*KINDS, "35.05"])]
    at = np.linspace(0, len(rest) - 1, 40 - len(KINDS)).round().astype(int)
    return [find_region(code) for code in [*KINDS, *rest["regency_code_kemendagri"].iloc[at]]]


def draw(regency: Regency) -> tuple[gpd.GeoSeries, pd.DataFrame, gpd.GeoSeries, float]:
    """The boundaries of a regency, its villages, its outline, and the seconds of processor that drawing took."""
    villages, outline = villages_of(regency), outline_of(regency)
    centres = gpd.GeoSeries.from_xy(villages["lon"], villages["lat"], crs="EPSG:4326")
    before = time.process_time()
    drawn = draw_boundaries(centres, villages["area_km2"].to_numpy(), outline, fill=True)
    return drawn, villages, outline, time.process_time() - before


def overlap_shares(drawn: gpd.GeoSeries, polygons: gpd.GeoSeries) -> np.ndarray:
    """Intersection over union of each pair, in the region's UTM zone."""
    crs = utm_crs(polygons)
    one, other = drawn.to_crs(crs).to_numpy(), shapely.make_valid(polygons.to_crs(crs).to_numpy())
    shared = shapely.area(shapely.intersection(one, other))
    return shared / (shapely.area(one) + shapely.area(other) - shared)


def measure(regency: Regency, polygons: gpd.GeoSeries) -> dict[str, float | str]:
    """Draw one regency and hold it against its polygons."""
    drawn, villages, outline, seconds = draw(regency)
    shares = overlap_shares(drawn, polygons.loc[villages["village_code_kemendagri"]])
    crs = utm_crs(outline)
    shapes, land = drawn.to_crs(crs).to_numpy(), outline.to_crs(crs).iloc[0]
    missed = np.abs(shapely.area(shapes) / 1e6 / villages["area_km2"].to_numpy() - 1)
    whole = shapely.union_all(shapes)
    return {
        "regency": regency.name,
        "villages": len(villages),
        "seconds": seconds,
        "iou": float(np.median(shares)),
        "below_half": float((shares < 0.5).mean()),
        "area_missed": float(np.median(missed)),
        "left_km2": land.difference(whole).area / 1e6,
        "overlap_m2": float(shapely.area(shapes).sum() - whole.area),
        "invalid": int((~shapely.is_valid(drawn.to_numpy()) | shapely.is_empty(drawn.to_numpy())).sum()),
    }


def main() -> None:
    """Draw, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("codes", nargs="*")
    arguments.add_argument("--all", action="store_true")
    arguments.add_argument("--polygons", type=Path, default=POLYGONS)
    given = arguments.parse_args()
    draw(find_region("32.71"))  # compiles
    if given.all:
        seconds, lost = {}, []
        for code in regencies()["regency_code_kemendagri"]:
            drawn, _, _, seconds[code] = draw(find_region(code))
            lost += [code] * int((drawn.is_empty | ~drawn.is_valid).sum())
        spent = pd.Series(seconds)
        print(f"{len(spent)} regencies: {spent.sum():.0f} s of processor, longest {spent.nlargest(3).to_dict()}")
        print(f"villages without land or with a broken outline: {len(lost)} {sorted(set(lost))}")
        return
    polygons = gpd.read_parquet(given.polygons).set_index("village_code_kemendagri").geometry
    chosen = [find_region(code) for code in given.codes] or forty()
    rows = []
    for regency in chosen:
        rows.append(measure(regency, polygons))
        print(
            "  ".join(
                f"{name} {value:.3f}" if isinstance(value, float) else str(value) for name, value in rows[-1].items()
            ),
            flush=True,
        )
    table = pd.DataFrame(rows)
    print(
        f"{len(table)} regencies, {table['villages'].sum()} villages: median IoU {table['iou'].median():.3f}, "
        f"lowest {table['iou'].min():.3f}; {300 * table['seconds'].sum() / table['villages'].sum():.2f} s for 300 villages"
    )
    shipped = gpd.read_file(region_dir() / "villages.geojson")
    shares = overlap_shares(shipped.geometry, polygons.loc[shipped["village_code_kemendagri"]])
    again = measure(find_region("35.05"), polygons)
    print(f"Kabupaten Blitar as it ships {np.median(shares):.3f}, drawn like the others {again['iou']:.3f}")


if __name__ == "__main__":
    main()
