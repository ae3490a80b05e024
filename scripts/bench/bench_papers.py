"""Measure every file of a run on a made province: a region repeated side by side until it has 8,400 villages.

    python scripts/bench/bench_papers.py [--region FILE] [--times 34]

Prints seconds and bytes per file, and the most memory that the process took for the run and for the files (VmHWM of
Linux). Then what the usual ways take for as much, in the same run on the same machine, so that the ratios can be compared
between machines: pandas' ``to_excel`` for two sheets of the workbook without their form, GDAL's KML driver for villages
and assets without balloons, geopandas' ``to_json``, and matplotlib's ``savefig`` for the printed map.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import pandas as pd
import pyogrio

from coverage.exports import print_map
from coverage.exports.bundle import file_names, output_files, write_zip
from coverage.exports.geojson import villages_frame
from coverage.exports.tables import assets_table, shown_assets, villages_table
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.readers.shipped import region_dir
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import Inputs, load_inputs


def province(one: Inputs, times: int) -> Inputs:
    """The region repeated, each copy a regency of its own a degree east or 0.6 degrees north of the one before."""
    villages: list[Any] = []
    assets: list[Any] = []
    for at in range(times):
        east, north = (at % 6) * 1.0, (at // 6) * 0.6
        copy = one.villages.assign(
            village_code_bps=f"{3501 + at:04d}" + one.villages["village_code_bps"].str[4:],
            village_code_kemendagri=None,
            regency=f"Kabupaten {at + 1}",
            centre_lon=one.villages["centre_lon"] + east,
            centre_lat=one.villages["centre_lat"] + north,
        )
        villages.append(gpd.GeoDataFrame(copy).set_geometry(_moved(one.villages, east, north)))
        if one.assets is not None:
            named = one.assets.assign(asset_id=f"{at:02d}-" + one.assets["asset_id"])
            assets.append(gpd.GeoDataFrame(named).set_geometry(_moved(one.assets, east, north)))
    joined = [gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs="EPSG:4326") for parts in (villages, assets)]
    return replace(one, villages=joined[0], assets=joined[1], evidence=None)


def _most() -> float:
    """The most memory that the process has taken since :func:`_forget`, in GB (Linux only)."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e6


def _forget() -> None:
    """Begin to count the most memory anew."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def _moved(table: pd.DataFrame, east: float, north: float) -> Any:
    return gpd.GeoSeries(table["geometry"], crs="EPSG:4326").translate(east, north)


def to_excel(analysis: Any, words: Words) -> None:
    """Villages and assets by pandas, the two largest of the nine sheets of ``report.xlsx``."""
    with pd.ExcelWriter(io.BytesIO(), engine="xlsxwriter") as book:
        villages_table(analysis, words).to_excel(book, sheet_name="villages", index=False)
        assets_table(analysis).to_excel(book, sheet_name="assets", index=False)


def to_kml(analysis: Any, words: Words) -> None:
    """Villages and assets by GDAL: outlines as they came in, fields instead of folders and balloons."""
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(villages_frame(analysis, words), Path(folder) / "v.kml", driver="KML")
        pyogrio.write_dataframe(shown_assets(analysis), Path(folder) / "a.kml", driver="KML")


def to_png(analysis: Any, words: Words) -> None:
    """The printed map as matplotlib saves it."""
    ours, print_map.png = print_map.png, lambda figure: figure.savefig(io.BytesIO(), format="png", dpi=figure.dpi)
    try:
        print_map.write_print_map(analysis, words)
    finally:
        print_map.png = ours


PEERS: dict[str, tuple[str, Callable[[Any, Words], Any]]] = {
    "report.xlsx": ("pandas.to_excel", to_excel),
    "map.kmz": ("GDAL's KML driver", to_kml),
    "villages.geojson": ("geopandas.to_json", lambda analysis, words: villages_frame(analysis, words).to_json()),
    "map.png": ("matplotlib.savefig", to_png),
}


def compare(analysis: Any, work: dict[str, float]) -> None:
    """Print what the usual ways take, and how many times as long that is."""
    for name, (peer, make) in PEERS.items():
        began = time.process_time()
        make(analysis, Words("id"))
        theirs = time.process_time() - began
        print(f"{name:20} {work[name]:7.1f} s of work, {peer} {theirs:.1f} s: ratio {theirs / work[name]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default=None)
    parser.add_argument("--times", type=int, default=34)
    asked = parser.parse_args()
    inputs = province(load_inputs(asked.region, assets=[region_dir() / "assets_sample.csv"]), asked.times)
    parameters = read_parameters()
    began = time.perf_counter()
    analysis = analyze(inputs, parameters, prepare(inputs, parameters))
    print(f"{len(inputs.villages)} villages: the run itself {time.perf_counter() - began:.1f} s, {_most():.2f} GB")
    _forget()
    marks: list[tuple[str, float, float, float]] = []
    began = time.perf_counter()
    files = output_files(
        analysis,
        Words("id"),
        file_names(),
        progress=lambda name, _: marks.append((name, time.perf_counter(), time.process_time(), _most())),
    )
    marks.append(("", time.perf_counter(), time.process_time(), _most()))
    spent: dict[str, float] = {}
    for (name, clock, work, _), (_, later, worked, most) in itertools.pairwise(marks):
        spent[name] = worked - work
        print(
            f"{name:20} {later - clock:7.1f} s  {worked - work:7.1f} s of work  {len(files[name]) / 1e6:8.2f} MB  "
            f"until then at most {most:.2f} GB"
        )
    archive = write_zip(files)
    work = marks[-1][2] - marks[0][2]
    print(
        f"all files {time.perf_counter() - began:.1f} s ({work:.1f} s of work), ZIP {len(archive) / 1e6:.1f} MB, "
        f"at most {_most():.2f} GB"
    )
    compare(analysis, spent)


if __name__ == "__main__":
    main()
