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
from contextlib import suppress
from pathlib import Path

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
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import with_assets
from coverage.run.nation import boundaries_by_regency, make_tasks, read_nation_assets, regencies_of
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs

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
    """Peers and Jangkau on the same regencies, in seconds of processor."""
    assets, parts = read_nation_assets(str(folder / "assets.parquet")), boundaries_by_regency(str(asked.polygons))
    chosen = [one for one in regencies_of([asked.regions]) if one.kemendagri in parts]
    chosen = [chosen[at] for at in np.unique(np.linspace(0, len(chosen) - 1, asked.sample).astype(int))]
    sources = Sources(people=folder / "people.tif", people_measure="count", **ALONE)
    towers = assets[(assets["kind"] == "tower")]
    parameters, spent = read_parameters(), dict.fromkeys(("jangkau", "exactextract", "sjoin_nearest", "overlay"), 0.0)
    for at, task in enumerate([next(iter(make_tasks([one], sources, parts, assets, None, "id"))) for one in chosen]):
        own = parts[task.regency.kemendagri]
        for _ in range(2 if at == 0 else 1):  # the first time it is compiled
            since = time.process_time()
            source = sources.model_copy(update={"region": task.regency.code})
            west, south, east, north = own.total_bounds
            near = assets.cx[west - 0.5 : east + 0.5, south - 0.5 : north + 0.5]
            inputs = with_assets(gather_inputs(source, own), near)
            analyze(inputs, parameters, prepare(inputs, parameters))
            took = time.process_time() - since
        spent["jangkau"] += took
        since = time.process_time()
        exactextract.exact_extract(str(folder / "people.tif"), own, ["sum"], output="pandas")
        spent["exactextract"] += time.process_time() - since
        west, south, east, north = own.total_bounds
        flat = own.to_crs(utm_crs(own))
        flat.geometry = shapely.make_valid(flat.geometry.to_numpy())
        near = towers.cx[west - 0.5 : east + 0.5, south - 0.5 : north + 0.5].to_crs(flat.crs)
        since = time.process_time()
        centres = flat.set_geometry(flat.centroid)
        gpd.sjoin_nearest(centres, near[["asset_id", "geometry"]], distance_col="metres")
        spent["sjoin_nearest"] += time.process_time() - since
        since = time.process_time()
        reached = gpd.GeoDataFrame(geometry=[near.buffer(3000).union_all()], crs=flat.crs)
        gpd.overlay(flat[["village_code_kemendagri", "geometry"]], reached, keep_geom_type=True)
        spent["overlay"] += time.process_time() - since
    print(f"seconds of processor on {len(chosen)} regencies: " + ", ".join(f"{k} {v:.1f}" for k, v in spent.items()))
    together = sum(spent.values()) - spent["jangkau"]
    steps = "three of eight steps, for one service, without ends"
    print(f"peers together ({steps}): {together / spent['jangkau']:.1f} times Jangkau's whole run")


def main() -> None:
    """Make, compute, compare."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--regions", default="all")
    arguments.add_argument("--workers", type=int, default=os.cpu_count())
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
        whole(asked, folder)
        if asked.sample:
            peers(asked, folder)


if __name__ == "__main__":
    main()
