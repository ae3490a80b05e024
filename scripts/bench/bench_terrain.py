"""The whole flow over terrain: the first run, the second one, one tower moved, and what if; on the region that ships.

Run on made terrain (no elevation ships): hills 2,500 m high, cells of 30 m, the operational towers of the sample list,
20 km around each. Prints seconds on the wall and of processor, and the peak memory after the terrain was made.

    python scripts/bench/bench_terrain.py
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import rasterio
import shapely
from rasterio.transform import Affine

from coverage.exports.geotiff import write_signal
from coverage.exports.overlays import hillshade_overlay, signal_overlay
from coverage.language.words import Words
from coverage.reach.model import radio_of
from coverage.reach.signal_views import classes, of_operator
from coverage.reach.terrain import fractal_terrain
from coverage.reach.tower_link import tower_link
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.best_sites import best_sites
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis, Ground
from coverage.run.what_if import TrialAsset, what_if, with_proposals
from coverage.store.losses import LossCache

T = TypeVar("T")
PLACE = (112.25, -8.2)
"""Longitude and latitude in the south of the regency."""


def timed(name: str, call: Callable[[], T]) -> T:
    """Call, and print how long it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = call()
    print(f"{name:44s} {time.perf_counter() - wall:8.2f} s {time.process_time() - processor:8.2f} s of processor")
    return result


def write_elevation(path: Path) -> None:
    """Made hills over the regency and 20 km around, in degrees, as a tile of public data is."""
    terrain = fractal_terrain(3600, 5400, 30.9, 2500.0, seed=7, roughness=1.9)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=3600,
        width=5400,
        count=1,
        dtype="float32",
        crs=4326,
        nodata=-9999.0,
        tiled=True,
        compress="deflate",
        transform=Affine(1 / 3600, 0, 111.6, 0, -1 / 3600, -7.7),
    ) as file:
        file.write(terrain.height_m[::-1], 1)


def answer_what_if(name: str, inputs: Inputs, run: Analysis, ground: Ground) -> None:
    """Time a tower dragged about, beside a whole run with it."""
    what_if(run, ground, [TrialAsset(*PLACE)])
    places = [TrialAsset(PLACE[0] + 0.01 * k, PLACE[1] + 0.005 * k) for k in range(1, 6)]
    seconds = []
    for place in places:
        began = time.perf_counter()
        what_if(run, ground, [place])
        seconds.append(time.perf_counter() - began)
    parameters, usual = run.parameters, sorted(seconds)[len(seconds) // 2]
    assets = with_proposals(inputs.assets, places[-1:], parameters.kinds, radio_of(parameters))
    whole = replace(inputs, assets=assets)
    began = time.perf_counter()
    analyze(whole, parameters, ground)
    ratio = (time.perf_counter() - began) / usual
    print(f"{'what if by ' + name + ': a tower moved on':44s} {usual:8.2f} s, a whole run takes {ratio:.0f} times that")


def main() -> None:
    """Measure, in one run."""
    parameters, words = read_parameters(), Words("id")
    with tempfile.TemporaryDirectory() as folder:
        dem = Path(folder) / "dem.tif"
        subprocess.run([sys.executable, __file__, str(dem)], check=True)  # making it takes more memory than the run
        inputs = load_inputs(elevation=[dem])
        kept = LossCache(Path(folder) / "signal")
        flat = replace(inputs, elevation=())
        even = timed("without elevation: land and people", lambda: prepare(flat, parameters))
        timed("without elevation: run (compiling or loading)", lambda: analyze(flat, parameters, even))
        timed("without elevation: run", lambda: analyze(flat, parameters, even))
        ground = timed("land, people and terrain", lambda: prepare(inputs, parameters, kept))
        first = timed("first run", lambda: analyze(inputs, parameters, ground))
        signal, terrain, radio = first.reached.signal, ground.terrain, radio_of(parameters)
        assert signal is not None
        assert terrain is not None
        print(f"{'':44s} {len(signal.towers)} towers, {terrain.shape[0]} x {terrain.shape[1]} cells")
        timed("second run", lambda: analyze(inputs, parameters, ground))
        assets = inputs.assets
        assert assets is not None
        at = int(signal.towers[0].position)
        moved = assets.copy()
        moved["geometry"] = [shapely.Point(*PLACE) if k == at else shape for k, shape in enumerate(assets.geometry)]
        other = replace(inputs, assets=gpd.GeoDataFrame(moved, geometry="geometry", crs=assets.crs))
        timed("one tower moved, from nothing", lambda: analyze(other, parameters, ground))
        timed("one tower moved", lambda: analyze(other, parameters, ground, earlier=first.reached))
        for name, run, on in (("circles", analyze(flat, parameters, even), even), ("signal", first, ground)):
            answer_what_if(name, flat if on is even else inputs, run, on)
        timed("best of 12 sites within 3 km", lambda: best_sites(first, ground, *PLACE))
        timed("profile of the nearest tower", lambda: tower_link(terrain, signal.towers[0], *PLACE, radio))
        timed("signal as a picture", lambda: signal_overlay(terrain, classes(signal.rsrp_dbm, radio, terrain)))
        timed("signal of one operator", lambda: of_operator(terrain, signal, signal.operators[0], radio, kept))
        timed("hillshade as a picture", lambda: hillshade_overlay(terrain))
        timed("signal.tif", lambda: write_signal(first, words))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_elevation(Path(sys.argv[1]))
    else:
        main()
