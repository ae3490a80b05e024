"""``jangkau national`` at the size of the nation, beside exactextract and geopandas for the same steps in the same run.

    python scripts/bench/bench_national.py [--regions 35] [--workers N] [--polygons FILE] [--sample N] [--folder DIR]

83,253 village polygons, 150,000 made towers, 300,000 other made assets and a made population raster of 11.4 million
cells: everything but signal and papers of each regency. Prints seconds on the wall and of processor, and the most memory
that all processes together held (PSS). The peers do the same steps (people in villages, area in reach, nearest tower) on
``--sample`` regencies at even distances in the order of their codes, and are held against what Jangkau takes for those.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import rasterio
import shapely
from rasterio.transform import from_origin

from coverage.base.projection import utm_crs
from coverage.base.schema import ASSETS
from coverage.places.regencies import Regency
from coverage.reach.assets import service_reach
from coverage.reach.radius import reach_by_radius
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import prepare
from coverage.run.nation import boundaries_by_regency, read_nation_assets, regencies_of
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs
from coverage.villages_served.village_service import nearest_assets

POLYGONS = Path(__file__).parents[3] / "shared" / "data" / "nation" / "boundaries_simplified.parquet"
MADE = {"tower": 150_000, "wifi": 120_000, "fiber_node": 100_000, "cctv": 50_000, "radio_link": 30_000}
CELL_DEG = 1 / 120
WEST, NORTH, COLUMNS, ROWS = 94.9, 6.1, 5556, 2052
ROOT = Path(__file__).parents[2]
ALONE = {"no_inventory": True, "no_evidence": True, "no_figures": True, "no_settings": True}


def make_assets(villages: gpd.GeoDataFrame, path: Path, random: np.random.Generator) -> None:
    """Assets in and around villages, as many in each whatever its size."""
    inside = shapely.get_coordinates(shapely.point_on_surface(villages.geometry.to_numpy()))
    spread = np.minimum(np.sqrt(shapely.area(villages.geometry.to_numpy())), 0.1) / 2
    parts = []
    for kind, count in MADE.items():
        at = random.choice(len(inside), count)
        xy = inside[at] + random.normal(size=(count, 2)) * spread[at][:, None]
        ids = [f"{kind}-{k:06d}" for k in range(count)]
        parts.append(gpd.GeoDataFrame({"asset_id": ids, "kind": kind}, geometry=shapely.points(xy), crs=4326))
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326).assign(status="operational")
    numbers = {column.name: np.nan for column in ASSETS.columns if column.kind == "number"}
    table = table.assign(**numbers).reindex(columns=ASSETS.names)
    texts = [column.name for column in ASSETS.columns if column.kind == "text"]
    table.astype(dict.fromkeys(texts, "str")).to_parquet(path, index=False)


def make_people(villages: gpd.GeoDataFrame, path: Path, random: np.random.Generator) -> None:
    """People on the cells around every village's centre."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(villages.geometry.to_numpy())).T
    column, row = ((x - WEST) / CELL_DEG).astype(int), ((NORTH - y) / CELL_DEG).astype(int)
    people, counts = random.lognormal(7.5, 1, len(x)) / 25, np.zeros((ROWS, COLUMNS), np.float32)
    for east in range(-2, 3):
        for south in range(-2, 3):
            at = np.clip(row + south, 0, ROWS - 1), np.clip(column + east, 0, COLUMNS - 1)
            np.add.at(counts, at, people)
    about = {"driver": "GTiff", "width": COLUMNS, "height": ROWS, "count": 1, "dtype": "float32", "nodata": -1}
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
    place = from_origin(WEST, NORTH, CELL_DEG, CELL_DEG)
    with rasterio.open(path, "w", crs="EPSG:4326", transform=place, **about, **tiles) as file:
        file.write(counts, 1)


def most_memory(process: subprocess.Popen[bytes], found: list[float]) -> None:
    """The most PSS of a process and all its children, in GB."""
    while process.poll() is None:
        held = 0
        with suppress(psutil.Error):
            for one in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
                with suppress(psutil.Error):
                    held += one.memory_full_info().pss
        found[0] = max(found[0], held / 1e9)
        time.sleep(0.5)


def whole(asked: argparse.Namespace, folder: Path) -> None:
    """The command, timed."""
    command = [sys.executable, "-m", "coverage.cli", "national", "--regions", asked.regions]
    command += ["--workers", str(asked.workers), "--memory", "4", "--boundaries", str(asked.polygons)]
    command += ["--assets", str(folder / "assets.parquet"), "--people", str(folder / "people.tif")]
    environment = {**os.environ, "JANGKAU_DATA_DIR": str(folder / "data")}
    since, found, before = time.perf_counter(), [0.0], resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([*command, "--out", str(folder / "out")], cwd=ROOT, env=environment)
    watcher = threading.Thread(target=most_memory, args=(process, found))
    watcher.start()
    status = process.wait()
    watcher.join()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"national: exit status {status}, {time.perf_counter() - since:.0f} s with {asked.workers} workers (load "
        f"{os.getloadavg()[0]:.1f}), {seconds:.0f} s of processor, {found[0]:.1f} GB at most in all processes"
    )


def peers(asked: argparse.Namespace, folder: Path) -> None:
    """Peers and Jangkau at the same steps of the same regencies, in seconds of processor."""
    assets, parts = read_nation_assets(str(folder / "assets.parquet")), boundaries_by_regency(str(asked.polygons))
    chosen = [one for one in regencies_of([asked.regions]) if one.kemendagri in parts]
    chosen = [chosen[at] for at in np.unique(np.linspace(0, len(chosen) - 1, asked.sample).astype(int))]
    chosen.insert(0, chosen[0])  # once to compile
    towers, people = assets[assets["kind"] == "tower"], folder / "people.tif"
    sources = Sources(people=people, people_measure="count", **ALONE)
    spent = pd.DataFrame([steps_of(one, parts[one.kemendagri], towers, sources) for one in chosen])[1:].sum()
    print(f"seconds of processor on {len(chosen) - 1} regencies, of peers and what they are of Jangkau's:")
    for ours, theirs in zip(spent.index[::2], spent.index[1::2], strict=True):
        print(f"  {ours} {spent[ours]:.2f}; {theirs} {spent[theirs]:.2f}: {spent[theirs] / spent[ours]:.1f} times")
    print("  'people' also cuts the land into cells, on which all services, people and pockets are counted")


def steps_of(regency: Regency, own: gpd.GeoDataFrame, towers: gpd.GeoDataFrame, sources: Sources) -> dict[str, float]:
    """Seconds of each step, Jangkau's before its peer's."""
    west, south, east, north = own.total_bounds + np.array([-0.5, -0.5, 0.5, 0.5])
    near, parameters = towers.cx[west:east, south:north].reset_index(drop=True), read_parameters()
    inputs = gather_inputs(sources.model_copy(update={"region": regency.code}), own)
    flat = inputs.villages.to_crs(utm_crs(inputs.villages))
    masts, gives = near.to_crs(flat.crs), service_reach(near, parameters.kinds)
    ground, seconds = timed(partial(prepare, inputs, parameters))

    def in_reach() -> None:
        reached = reach_by_radius(ground.land, near, gives[gives["service"] == "cellular"])
        np.bincount(ground.cells["village_position"], ground.cells["people_share"] * reached["cellular"])

    def overlaid() -> None:
        reached = gpd.GeoDataFrame(geometry=[masts.buffer(3000).union_all()], crs=masts.crs)
        gpd.overlay(flat[["village_code_bps", "geometry"]], reached, keep_geom_type=True)

    return {
        "people": seconds,
        "exactextract": timed(partial(exactextract.exact_extract, str(sources.people), own, ["sum"]))[1],
        "nearest tower": timed(partial(nearest_assets, inputs.villages, near))[1],
        "sjoin_nearest": timed(partial(gpd.sjoin_nearest, flat, masts, distance_col="metres"))[1],
        "in reach": timed(in_reach)[1],
        "buffer, union, overlay": timed(overlaid)[1],
    }


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call returns, and its seconds of processor."""
    since = time.process_time()
    made = call()
    return made, time.process_time() - since


def main() -> None:
    """Make, compute, compare."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--regions", default="all")
    arguments.add_argument("--workers", type=int, default=os.cpu_count(), help="0: the peers alone")
    arguments.add_argument("--polygons", type=Path, default=POLYGONS)
    arguments.add_argument("--sample", type=int, default=12)
    arguments.add_argument("--folder", type=Path)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, random = asked.folder or Path(name), np.random.default_rng(1)
        folder.mkdir(exist_ok=True)
        if not (folder / "people.tif").exists():
            villages = gpd.read_parquet(asked.polygons)
            make_assets(villages, folder / "assets.parquet", random)
            make_people(villages, folder / "people.tif", random)
        if asked.workers:
            whole(asked, folder)
        if asked.sample:
            peers(asked, folder)


if __name__ == "__main__":
    main()
