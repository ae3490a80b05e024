"""How long boundary files take to read, in every format, and boundaries to draw.

    python scripts/bench/bench_boundaries.py [FILE ...]

Without arguments: the official file of Kabupaten Blitar beside the checkout where it is there, else the one that ships.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import make_region
import numpy as np

from coverage.places.boundaries import draw_boundaries
from coverage.readers.villages import read_villages

REPEATS = 5


def fastest(path: Path) -> str:
    """Seconds of the fastest of some readings, on the wall and of the processor: others may be using it too."""
    walls, processors = [], []
    for _ in range(REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        read_villages(path)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return f"{min(walls):.2f} s ({min(processors):.2f} s of processor)"


def main() -> None:
    """Read each file as it is, then in the other formats; then draw."""
    fallback = make_region.OFFICIAL if make_region.OFFICIAL.is_file() else make_region.FOLDER / "villages.geojson"
    for path in [Path(name) for name in sys.argv[1:]] or [fallback]:
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, read in {fastest(path)}")
        features = gpd.read_file(path)
        with tempfile.TemporaryDirectory() as folder:
            for driver, name in (("GPKG", "desa.gpkg"), (None, "desa.parquet")):
                copy = Path(folder) / name
                features.to_file(copy, driver=driver) if driver else features.to_parquet(copy)
                print(f"  as {name}: {copy.stat().st_size / 1e6:.1f} MB, read in {fastest(copy)}")
    villages, neighbours, outline = make_region.read_facts()
    areas = villages["area_km2"].to_numpy(dtype=np.float64)
    for turn in ("first", "second"):
        wall, processor = time.perf_counter(), time.process_time()
        draw_boundaries(make_region.points(villages), areas, outline, make_region.points(neighbours))
        print(
            f"boundaries drawn, {turn} time: {time.perf_counter() - wall:.1f} s "
            f"({time.process_time() - processor:.1f} s of processor)"
        )


if __name__ == "__main__":
    main()
