"""Signal of a regency: radials against the same model per cell and against a published model called per link.

    python scripts/bench/bench_radio.py [--towers 300] [--reach-km 20] [--cell-m 30] [--threads N] [--woods]

Made fractal terrain, seeded. All figures come from one run on one machine: ratios hold elsewhere, seconds may
not.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.base.compiled import compiled
from coverage.reach.p1812 import QUANTITIES, path_quantities
from coverage.reach.p2108 import terminal_db
from coverage.reach.radials import Medium, Transmitter, loss_window, rays_of, thread_count
from coverage.reach.signal import Tower, medium_of, signal_map
from coverage.reach.terrain import Terrain, fractal_terrain, interpolated, nearest, with_woods
from coverage.readers.parameters import read_parameters

LOSS = QUANTITIES.index("Lb (dB)")
FREQUENCY, MAST = 0.942, 42.0
AIM_SECONDS, AIM_RATIO, AIM_GIGABYTES = 30.0, 20.0, 1.0


def main() -> None:
    """Measure, and tell."""
    options = arguments()
    random = np.random.default_rng(1)
    side = int(options.side_km * 1000 / options.cell_m)
    print(
        f"Made terrain of {side} x {side} cells of {options.cell_m:g} m, {options.relief_m:g} m high; "
        f"{options.threads} threads"
    )
    terrain = fractal_terrain(side, side, options.cell_m, options.relief_m, seed=7, roughness=options.roughness)
    if options.woods:
        print("Woods of 15 m on half of it, houses of that height in place of those in its east")
        terrain = with_woods(terrain, 8)
    parameters = read_parameters().radio
    air = parameters.air.model_copy(update={"reach_m": options.reach_km * 1000})
    parameters = parameters.model_copy(update={"air": air})
    medium = medium_of(parameters, terrain)
    low, high = options.reach_km * 1000, options.side_km * 1000 - options.reach_km * 1000
    places = random.uniform(low, max(high, low + 1), (options.towers, 2))
    towers = [
        Tower(k, (f"operator {k % 4}",), Transmitter(x, y, MAST, FREQUENCY), 25.0) for k, (x, y) in enumerate(places)
    ]

    started = time.perf_counter()
    loss_window(terrain, towers[0].transmitter, Medium(reach_m=1000.0, latitude=medium.latitude))
    print(f"Compiling, or loading what was compiled: {time.perf_counter() - started:.1f} s")
    per_cell_rate = same_model_per_cell(terrain, towers[0].transmitter, medium, options.threads)
    itm_rate = published_model_per_link(terrain, towers[0].transmitter, medium, options.threads)
    python_rate = py1812_per_link(terrain, towers[0].transmitter, medium, options.threads)

    cells = len(rays_of(int(medium.reach_m / terrain.cell_m)).row) * len(towers)
    started = time.perf_counter(), time.process_time()
    signal = signal_map(terrain, towers, parameters, threads=options.threads)
    wall, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    rate = cells / processor * options.threads
    print(
        f"\nRadials: {len(towers)} towers, {cells / 1e6:.0f} million cells: {wall:.1f} s on the wall, {processor:.1f} s of "
        f"processor, {processor / options.threads:.1f} s on {options.threads} free cores "
        f"(aim: 300 towers within {AIM_SECONDS:g} s)"
    )
    print(f"  {rate / 1e6:.2f} million cells a second, {1e9 * processor / cells:.0f} ns of processor a cell")
    print(f"  best server and operators heard included; {(signal.server >= 0).mean():.0%} of the land within reach")
    print(f"  against the same model per cell: {rate / per_cell_rate:.0f} times as fast (aim: {AIM_RATIO:g})")
    print(f"  against itmlogic per link:       {rate / itm_rate:.0f} times as fast")
    print(f"  against Py1812 per link:         {rate / python_rate:.0f} times as fast")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  peak memory of the process: {memory:.2f} GB (aim: {AIM_GIGABYTES:g})")
    agreement(terrain, towers[: options.compared], medium)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("towers", 300), ("threads", thread_count()), ("compared", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, value in (
        ("reach-km", 20.0),
        ("cell-m", 30.0),
        ("side-km", 90.0),
        ("relief-m", 2500.0),
        ("roughness", 2.0),
    ):
        parser.add_argument(f"--{name}", type=float, default=value)
    parser.add_argument("--woods", action="store_true")
    return parser.parse_args()


def cells_at_random(medium: Medium, cell_m: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns, relative to a tower, of cells drawn evenly from all within reach."""
    rays = rays_of(int(medium.reach_m / cell_m))
    far = np.flatnonzero(rays.distance * cell_m > 100)
    chosen = np.random.default_rng(3).choice(far, count, replace=False)
    return rays.row[chosen].astype(np.int64), rays.column[chosen].astype(np.int64)


@compiled()
def losses_per_cell(
    height_m: np.ndarray,
    clutter_m: np.ndarray,
    row: int,
    column: int,
    rows: np.ndarray,
    columns: np.ndarray,
    cell_km: float,
    f: float,
    mast_m: float,
    phone_m: float,
    latitude: float,
    delta_n: float,
    n0: float,
    into: np.ndarray,
) -> None:
    """Build a profile for each cell and compute the whole of P.1812 along it."""
    for k in range(rows.size):
        d = math.hypot(rows[k], columns[k])
        points = max(math.ceil(d) + 1, 5)
        distance, height, clutter = np.empty(points), np.empty(points), np.zeros(points)
        for i in range(points):
            share = i / (points - 1)
            distance[i] = share * d * cell_km
            height[i] = interpolated(height_m, row + share * rows[k], column + share * columns[k])
            if clutter_m.size:
                clutter[i] = nearest(clutter_m, row + share * rows[k], column + share * columns[k])
        into[k] = path_quantities(
            distance,
            height,
            clutter,
            np.full(points, 4),
            f,
            50.0,
            mast_m,
            max(phone_m, clutter[-1]),
            False,
            latitude,
            delta_n,
            n0,
            500.0,
            500.0,
            50.0,
            0.0,
        )[LOSS]


def per_cell(terrain: Terrain, tower: Transmitter, medium: Medium, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Losses to some cells, each by a profile of its own."""
    into = np.empty(len(rows))
    row, column = int(tower.y / terrain.cell_m), int(tower.x / terrain.cell_m)
    clutter = np.zeros((0, 0), np.float32) if terrain.clutter_m is None else terrain.clutter_m
    losses_per_cell(
        terrain.height_m,
        clutter,
        row,
        column,
        rows,
        columns,
        terrain.cell_m / 1000,
        tower.frequency_ghz,
        tower.height_m,
        medium.receiver_m,
        medium.latitude,
        medium.delta_n,
        medium.n0,
        into,
    )
    if clutter.size and terrain.built_up is not None:
        f, phone_m, gap_m = tower.frequency_ghz, medium.receiver_m, medium.gap_m
        for k, (i, j) in enumerate(zip(rows + row, columns + column, strict=True)):
            d = math.hypot(rows[k], columns[k]) * terrain.cell_m / 1000
            into[k] += terminal_db(f, d, phone_m, float(clutter[i, j]), bool(terrain.built_up[i, j]), gap_m)
    return into


def same_model_per_cell(terrain: Terrain, tower: Transmitter, medium: Medium, threads: int) -> float:
    """Cells a second that the same compiled code does with a profile per cell, on all threads."""
    rows, columns = cells_at_random(medium, terrain.cell_m, 20_000)
    per_cell(terrain, tower, medium, rows[:1], columns[:1])
    started = time.process_time()
    per_cell(terrain, tower, medium, rows, columns)
    rate = len(rows) / (time.process_time() - started) * threads
    print(f"The same model per cell: {rate:,.0f} cells a second on {threads} cores")
    return rate


def profiles_at_random(terrain: Terrain, tower: Transmitter, medium: Medium) -> list[Any]:
    """Profiles from a tower to some cells within reach."""
    rows, columns = cells_at_random(medium, terrain.cell_m, 60)
    places = [(tower.x + c * terrain.cell_m, tower.y + r * terrain.cell_m) for r, c in zip(rows, columns, strict=True)]
    inside = (place for place in places if terrain.holds(*terrain.indices(*(np.array([at]) for at in place)))[0])
    return [terrain.profile((tower.x, tower.y), place) for place in inside]


def py1812_per_link(terrain: Terrain, tower: Transmitter, medium: Medium, threads: int) -> float:
    """Links a second of Py1812, the same Recommendation in Python, on the same profiles."""
    try:
        from Py1812.P1812 import bt_loss
    except ImportError:
        print("Py1812 is not installed: its folder src goes into PYTHONPATH")
        return math.nan
    profiles = profiles_at_random(terrain, tower, medium)
    started = time.process_time()
    for distance, height, clutter in profiles:
        ends = {"DN": medium.delta_n, "N0": medium.n0}
        zones = np.full(len(distance), 4)
        place = medium.latitude, medium.latitude, 112.0, 112.0 + float(distance[-1]) / 110.0
        given = tower.height_m, medium.receiver_m, 1, *place
        bt_loss(tower.frequency_ghz, 50.0, distance, height, clutter, zones, *given, **ends)
    rate = len(profiles) / (time.process_time() - started) * threads
    print(f"Py1812 per link, profiles given: {rate:,.0f} links a second on {threads} cores")
    return rate


def published_model_per_link(terrain: Terrain, tower: Transmitter, medium: Medium, threads: int) -> float:
    """Links a second of itmlogic, the Longley-Rice model in Python, on profiles given to it."""
    try:
        from itmlogic.misc.qerfi import qerfi
        from itmlogic.preparatory_subroutines.qlrpfl import qlrpfl
        from itmlogic.statistics.avar import avar
    except ImportError:
        print("itmlogic is not installed: pip install itmlogic==1.2")
        return math.nan
    profiles = profiles_at_random(terrain, tower, medium)
    started = time.process_time()
    for distance, height, _ in profiles:
        link: dict[str, Any] = {
            "fmhz": tower.frequency_ghz * 1000,
            "hg": [tower.height_m, medium.receiver_m],
            "ipol": 0,
            "eps": 15,
            "sgm": 0.005,
            "klim": 1,
            "klimx": 0,
            "mdvarx": 11,
            "lvar": 5,
            "kwx": 0,
            "gma": 157e-9,
            "ens0": medium.n0,
            "ens": medium.n0,
            "wn": tower.frequency_ghz * 1000 / 47.7,
            "d": float(distance[-1]),
            "pfl": [len(height) - 1, float(distance[1]) * 1000, *height.tolist()],
        }
        link["gme"] = link["gma"] * (1 - 0.04665 * math.exp(link["ens"] / 179.3))
        link["zgnd"] = np.sqrt(complex(link["eps"], 376.62 * link["sgm"] / link["wn"]) - 1)
        middle = qerfi([0.5])[0]
        avar(middle, 0, middle, qlrpfl(link))
    rate = len(profiles) / (time.process_time() - started) * threads
    print(f"itmlogic per link, profiles given: {rate:,.0f} links a second on {threads} cores")
    return rate


def agreement(terrain: Terrain, towers: list[Tower], medium: Medium) -> None:
    """How far losses along radials are from those with a profile per cell."""
    apart = []
    for tower in towers:
        cell_m, site = terrain.cell_m, tower.transmitter
        row, column = int(site.y / cell_m), int(site.x / cell_m)
        middle = Transmitter((column + 0.5) * cell_m, (row + 0.5) * cell_m, site.height_m, site.frequency_ghz)
        window = loss_window(terrain, middle, medium)
        rows, columns = cells_at_random(medium, cell_m, 5000)
        inside = terrain.holds(rows + row, columns + column)
        rows, columns = rows[inside], columns[inside]
        found = window.loss_db[rows + row - window.row, columns + column - window.column]
        apart.append(found - per_cell(terrain, middle, medium, rows, columns))
    gap = np.concatenate(apart)
    print(
        f"\nAgreement with a profile per cell, {len(gap)} cells of {len(towers)} towers: median "
        f"{np.median(np.abs(gap)):.3f} dB, 95th percentile {np.percentile(np.abs(gap), 95):.2f} dB, 99th "
        f"{np.percentile(np.abs(gap), 99):.2f} dB, mean {gap.mean():+.3f} dB (aims: 0.5 and 2 dB)"
    )


if __name__ == "__main__":
    main()
