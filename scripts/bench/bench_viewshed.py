"""What a regency's towers see: the default method against GDAL's gdal_viewshed and against a profile per
cell.

    python scripts/bench/bench_viewshed.py [--towers 300] [--reach-km 20] [--cell-m 30] [--threads N]

Made fractal terrain, seeded. All figures come from one run on one machine: ratios hold elsewhere, seconds may
not. Rates are those of the processor, times its cores in use, so that what else runs on the machine does not
count.
"""

from __future__ import annotations

import argparse
import math
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.reach.line_of_sight import Observer, Outlook, seen_by_any, viewshed, viewsheds
from coverage.reach.radials import rays_of, thread_count
from coverage.reach.terrain import Terrain, fractal_terrain

MAST, PHONE, AIM_SECONDS, AIM_AGREEMENT = 42.0, 1.5, 5.0, 0.99


def main() -> None:
    """Measure, and tell."""
    options = arguments()
    side = int(options.side_km * 1000 / options.cell_m)
    terrain = fractal_terrain(side, side, options.cell_m, options.relief_m, seed=7, roughness=options.roughness)
    print(
        f"Made terrain of {side} x {side} cells of {options.cell_m:g} m, {options.relief_m:g} m high; "
        f"{options.threads} threads"
    )
    low = options.reach_km * 1000
    places = np.random.default_rng(1).uniform(low, max(options.side_km * 1000 - low, low + 1), (options.towers, 2))
    towers = [Observer(float(x), float(y), MAST) for x, y in places]
    outlook = Outlook(options.reach_km * 1000, PHONE)
    cells = len(rays_of(int(outlook.reach_m / terrain.cell_m)).row)
    viewshed(terrain, towers[0], Outlook(1000.0))

    started = time.perf_counter(), time.process_time()
    seen = seen_by_any(terrain, viewsheds(terrain, towers, [outlook] * len(towers), threads=options.threads))
    wall, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    print(
        f"Default method: {len(towers)} towers, {cells * len(towers) / 1e6:.0f} million cells: {wall:.2f} s "
        f"on the wall, {processor:.2f} s of processor, {processor / options.threads:.2f} s on "
        f"{options.threads} free cores (aim: 300 towers within {AIM_SECONDS:g} s); {seen.mean():.0%} of the "
        f"land in sight"
    )
    print(f"  peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    each = processor / len(towers)
    others(terrain, towers[: options.compared], outlook, each)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("towers", 300), ("threads", thread_count()), ("compared", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, value in (
        ("reach-km", 20.0),
        ("cell-m", 30.0),
        ("side-km", 60.0),
        ("relief-m", 1600.0),
        ("roughness", 2.0),
    ):
        parser.add_argument(f"--{name}", type=float, default=value)
    return parser.parse_args()


def others(terrain: Terrain, towers: list[Observer], outlook: Outlook, each: float) -> None:
    """Agreement with, and time of, the exact method, the Fresnel zone's and GDAL's."""
    clear = Outlook(outlook.reach_m, 10.0, clearance=0.6, frequency_ghz=0.942)
    viewshed(terrain, towers[0], Outlook(1000.0, clearance=0.6))
    viewshed(terrain, towers[0], Outlook(1000.0, method="exact"))
    exact, zone, gdal, agree, agree_gdal, gdal_exact = [], [], [], [], [], []
    for tower in towers:
        fast = circle(terrain, viewshed(terrain, tower, outlook).seen)
        started = time.process_time()
        true = circle(terrain, viewshed(terrain, tower, Outlook(outlook.reach_m, PHONE, method="exact")).seen)
        exact.append(time.process_time() - started)
        started = time.process_time()
        viewshed(terrain, tower, clear)
        zone.append(time.process_time() - started)
        agree.append((fast == true).mean())
        theirs, seconds = by_gdal(terrain, tower, outlook)
        if theirs is not None:
            gdal.append(seconds)
            agree_gdal.append((fast == theirs).mean())
            gdal_exact.append((theirs == true).mean())
    print(
        f"A profile per cell (exact): {np.mean(exact):.1f} s of processor a tower; the default method is "
        f"{np.mean(exact) / each:.0f} times as fast and agrees on {np.mean(agree):.2%} of cells"
    )
    print(f"With 0.6 of the Fresnel zone clear, along rays: {np.mean(zone):.2f} s of processor a tower")
    if gdal:
        print(
            f"gdal_viewshed: {np.mean(gdal):.2f} s of processor a tower, reading and writing included; the "
            f"default method is {np.mean(gdal) / each:.0f} times as fast and agrees on "
            f"{np.mean(agree_gdal):.3%} of cells (aim: {AIM_AGREEMENT:.0%}); GDAL agrees with the exact method "
            f"on {np.mean(gdal_exact):.2%}"
        )


def circle(terrain: Terrain, square: np.ndarray) -> np.ndarray:
    """Values of the cells within reach."""
    side = np.arange(len(square)) - len(square) // 2
    return square[np.hypot(side[:, None], side[None, :]) <= len(square) // 2]


def by_gdal(terrain: Terrain, tower: Observer, outlook: Outlook) -> tuple[np.ndarray | None, float]:
    """GDAL's answer on the same cells, and its seconds of processor."""
    if not shutil.which("gdal_viewshed"):
        print("gdal_viewshed is not installed: apt install gdal-bin")
        return None, math.nan
    rows, columns = terrain.shape
    cells, cell_m = int(outlook.reach_m / terrain.cell_m), terrain.cell_m
    row, column = int(tower.y / cell_m), int(tower.x / cell_m)
    with tempfile.TemporaryDirectory() as folder:
        heights, seen = f"{folder}/heights.tif", f"{folder}/seen.tif"
        with rasterio.open(
            heights,
            "w",
            driver="GTiff",
            height=rows,
            width=columns,
            count=1,
            dtype="float32",
            crs=terrain.crs,
            transform=rasterio.Affine(cell_m, 0.0, 0.0, 0.0, -cell_m, rows * cell_m),
        ) as file:
            file.write(terrain.height_m[::-1], 1)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                "gdal_viewshed",
                "-q",
                "-ox",
                str((column + 0.5) * cell_m),
                "-oy",
                str((row + 0.5) * cell_m),
                "-oz",
                str(tower.height_m),
                "-tz",
                str(outlook.target_m),
                "-cc",
                "0.75",
                "-md",
                str(outlook.reach_m + 2 * cell_m),
                heights,
                seen,
            ],
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        with rasterio.open(seen) as file:
            top = rows - 1 - round((rows * cell_m - file.transform.f) / cell_m)
            left = round(file.transform.c / cell_m)
            found = file.read(1)[::-1] > 0
    first_row, first_column = row - cells - (top - len(found) + 1), column - cells - left
    square = found[first_row : first_row + 2 * cells + 1, first_column : first_column + 2 * cells + 1]
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return circle(terrain, square.astype(np.uint8)), spent


if __name__ == "__main__":
    main()
