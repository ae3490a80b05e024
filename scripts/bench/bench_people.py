"""Village sums of people against the peers, rasterstats and exactextract: error, memory and time in one run.

Time is that of the processor, so that what else runs on the machine does not count.

The villages are those of a file (by default the made region of bench_reach), the raster is made: 100 m cells
in degrees, people in clumps. Each way runs in a process of its own, so that its peak memory is its own.

    python scripts/bench/bench_people.py --region ../shared/data/blitar/villages_bps_2020.geojson
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.transform import Affine

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from coverage.land.cells import Land, make_land
from coverage.land.people import village_sums
from coverage.readers.rasters import raster_on_land, read_people_raster

WAYS = ("jangkau", "jangkau, with cells", "rasterstats", "exactextract")


def villages_from(region: str | None) -> gpd.GeoDataFrame:
    """Villages of a file, forests left out; or a made region of 248."""
    if region is None:
        from bench_reach import made_region

        return made_region(248, 1, seed=1)[0].to_crs(4326)
    villages = gpd.read_file(region)
    code = next(name for name in ("village_code_bps", "village_code") if name in villages)
    villages["village_code_bps"] = villages[code].astype(str).str.removeprefix("id")
    return villages[~villages["village_code_bps"].str.endswith("999")].reset_index(drop=True)


def make_raster(villages: gpd.GeoDataFrame, path: Path, cell: float = 1 / 1200) -> None:
    """A raster of people around the villages."""
    west, south, east, north = villages.total_bounds
    shape = (int((north - south) / cell) + 4, int((east - west) / cell) + 4)
    values = np.random.default_rng(2).gamma(0.15, 40, shape).astype(np.float32)
    place = Affine(cell, 0.0, west - cell, 0.0, -cell, north + cell)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=shape[0],
        width=shape[1],
        count=1,
        dtype="float32",
        crs=4326,
        transform=place,
        nodata=-99999,
        tiled=True,
        compress="deflate",
    ) as file:
        file.write(values, 1)


def by_jangkau(land: Land, path: Path) -> np.ndarray:
    """Ours: reading, and the villages' sums."""
    return village_sums(land, read_people_raster(path, land, "count")[0])[0]


def with_cells(villages: gpd.GeoDataFrame, path: Path) -> np.ndarray:
    """Ours with all that the others do not give: the land cut into cells, and people put on them."""
    return raster_on_land(make_land(villages), path, "count")[0].population


def by_rasterstats(villages: gpd.GeoDataFrame, path: Path) -> np.ndarray:
    """The usual peer; cells whose centre lies in the village."""
    from rasterstats import zonal_stats

    found = zonal_stats(villages, str(path), stats="sum")
    return np.array([row["sum"] or 0.0 for row in found])


def by_exactextract(villages: gpd.GeoDataFrame, path: Path) -> np.ndarray:
    """The exact peer; border cells weighed by area."""
    from exactextract import exact_extract

    return exact_extract(str(path), villages, ["sum"], output="pandas")["sum"].to_numpy()


def run_one(way: str, region: str | None, path: Path) -> None:
    """Time one way, the best of five after a first call that compiles; print its sums as JSON."""
    villages = villages_from(region)
    work = {
        "jangkau": by_jangkau,
        "jangkau, with cells": with_cells,
        "rasterstats": by_rasterstats,
        "exactextract": by_exactextract,
    }[way]
    first, places = villages.head(2), villages
    if way == "jangkau":
        first, places = make_land(first), make_land(villages)
    work(first, path)
    seconds = []
    for _ in range(5):
        begin = time.process_time()
        sums = work(places, path)
        seconds.append(time.process_time() - begin)
    print(
        json.dumps(
            {
                "seconds": min(seconds),
                "sums": sums.tolist(),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def main() -> None:
    """Print a line a way."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--region", help="a file of village polygons")
    arguments.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    arguments.add_argument("--raster", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.way:
        run_one(chosen.way, chosen.region, chosen.raster)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.tif"
        make_raster(villages_from(chosen.region), path)
        found = {}
        for way in WAYS:
            command = [sys.executable, __file__, "--way", way, "--raster", str(path)]
            done = subprocess.run(
                command + (["--region", chosen.region] if chosen.region else []),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                print(f"{way}: not installed here ({done.stderr.strip().splitlines()[-1]})")
                continue
            found[way] = json.loads(done.stdout.splitlines()[-1])
        ours = found["jangkau"]
        exact = np.array(found.get("exactextract", ours)["sums"])
        for way, one in found.items():
            error = np.abs(np.array(one["sums"]) / exact - 1).max()
            print(
                f"{way}: {one['seconds']:.3f} s of one core, {one['seconds'] / ours['seconds']:.1f} times "
                f"ours, peak {one['peak_mb']:.0f} MB, largest difference from exactextract {100 * error:.4f} %"
            )


if __name__ == "__main__":
    main()
