"""``jangkau data``: public data for a region, fetched on a machine with a network."""

from __future__ import annotations

import getpass
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import typer

from coverage.cells import make_land
from coverage.cli.shell import LanguageOption, console, progress_bar, words_of
from coverage.errors import FileRefusedError, Place
from coverage.exports import write_outputs
from coverage.fetch import Bounds, Client, Fetched, Got, Progress, fetch_raster, read_source
from coverage.fetch import fetch_boundaries as features_of
from coverage.fetch import fetch_crosswalk as codes_of
from coverage.inputs import load_inputs
from coverage.readers.elevation import read_terrain
from coverage.readers.people_places import people_on_land
from coverage.readers.shipped import REGIONS
from coverage.readers.village_lists import read_crosswalk
from coverage.readers.villages import read_villages
from coverage.region_files import Kind, RegionFiles, region_codes
from coverage.store import Actor, data_folder
from coverage.words import Words

data = typer.Typer(no_args_is_help=True, help="Data wilayah. / Data of the region.")
fetch = typer.Typer(no_args_is_help=True, help="Ambil data publik (perlu jaringan). / Fetch public data (needs a "
                                               "network).")
data.add_typer(fetch, name="fetch")
KEPT_S = 7 * 86_400
"""Seconds that pieces of a broken-off try are kept for the next."""
CHECK_CELL_M = 100.0
"""Coarse is enough to see whether heights are what they should be."""

Code = Annotated[str, typer.Argument(metavar="CODE", help="Kode BPS kabupaten/kota, 4 angka. / BPS code, 4 digits.")]
Out = Annotated[Path | None, typer.Option("--out", "--folder", help="Simpan ke folder ini, bukan sebagai data wilayah. "
                                          "/ Write to this folder instead of keeping it as the region's data.")]
Sources = Annotated[Path | None, typer.Option(help="Daftar sumber sendiri (TOML). / Own list of sources (TOML).")]
SourceName = Annotated[str | None, typer.Option("--source", help="Nama sumber dalam daftar. / Name of the source.")]


@fetch.command("boundaries")
def boundaries_command(code: Code, out: Out = None, sources: Sources = None, source: SourceName = None,
                       lang: LanguageOption = "id") -> None:
    """Ambil batas desa dan padanan kodenya. / Fetch village boundaries and their codes.

    Contoh / Example: jangkau data fetch boundaries 3505
    """
    files = RegionFiles(code)
    words = words_of(lang)
    with _work(words) as (folder, progress):
        bridge = codes_of(Client(read_source("crosswalk", path=sources)), code, folder, progress)
        client = Client(read_source("boundaries", source, sources))
        found = features_of(client, code, bridge.about["kemendagri"], _cache(), folder, progress)
        villages, _ = read_villages(found.path, read_crosswalk(bridge.path))  # refused here, before anything is kept
        found.about["villages"] = len(villages)
        _keep(files, {"crosswalk": bridge, "boundaries": found}, out, words)


@fetch.command("people")
def people_command(code: Code, out: Out = None, sources: Sources = None, source: SourceName = None,
                   lang: LanguageOption = "id") -> None:
    """Ambil raster sebaran penduduk wilayah itu. / Fetch the raster of where people live.

    Contoh / Example: jangkau data fetch people 3505 --source worldpop_2020
    """
    files, words = RegionFiles(code), words_of(lang)
    with _work(words) as (folder, progress):
        villages = _villages(code)
        client = Client(read_source("people", source, sources))
        got = fetch_raster(client, _bounds(villages), _cache(), folder / "sebaran_penduduk.tif", progress)
        people, _ = people_on_land(make_land(villages), got.path, client.source.measure)
        got.about["people"] = round(float(people.population.sum()))
        _keep(files, {"people": got}, out, words)


@fetch.command("elevation")
def elevation_command(code: Code, out: Out = None, sources: Sources = None, source: SourceName = None,
                      lang: LanguageOption = "id") -> None:
    """Ambil ketinggian tanah wilayah itu dan sekitarnya. / Fetch the elevation of the region and around it.

    Contoh / Example: jangkau data fetch elevation 3505
    """
    files, words = RegionFiles(code), words_of(lang)
    with _work(words) as (folder, progress):
        client = Client(read_source("elevation", source, sources))
        villages = _villages(code)
        got = fetch_raster(client, _bounds(villages), _cache(), folder / "ketinggian.tif", progress)
        read_terrain(make_land(villages), [got.path], 0.0, CHECK_CELL_M)  # refused here, before anything is kept
        _keep(files, {"elevation": got}, out, words)


@contextmanager
def _work(words: Words) -> Iterator[tuple[Path, Progress]]:
    """A folder that goes away with what was not kept, and the progress bar."""
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder, progress_bar() as bar:
        task = bar.add_task(words("data.fetch.step.begin"), total=1.0)
        yield Path(folder), lambda step, done: bar.update(
            task, description=words(f"data.fetch.step.{step}"), completed=done)


def _cache() -> Path:
    """Where pieces wait for a later try; those of last week are cleared away."""
    home = data_folder() / "fetch"
    for folder in home.glob("*/"):
        if time.time() - folder.stat().st_mtime > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
    return home


def _villages(code: str) -> gpd.GeoDataFrame:
    """The villages of the region that something is to be fetched for."""
    if code not in REGIONS and code not in region_codes():
        raise FileRefusedError("fetch.no_boundaries", Place(value=code))
    return load_inputs(code).villages


def _bounds(villages: gpd.GeoDataFrame) -> Bounds:
    west, south, east, north = map(float, villages.total_bounds)
    return west, south, east, north


def _keep(files: RegionFiles, found: dict[Fetched, Got], out: Path | None, words: Words) -> None:
    """Keep what was fetched as the region's data, or write it to a folder with its provenance beside it."""
    if out is not None:
        content = {got.path.name: got.path.read_bytes() for got in found.values()}
        content |= {f"{got.path.stem}.sumber.json": json.dumps(got.about, ensure_ascii=False, indent=1).encode()
                    for got in found.values()}
        write_outputs(out, content)
        console.print(words("data.fetch.written", out=str(out), files=", ".join(sorted(content))))
    else:
        who = Actor(getpass.getuser(), "admin")
        staged = []
        for kind, got in found.items():
            kept: Kind = kind
            staged.append(files.stage(kept, [got.path], got.about, who))
        for version in staged:
            files.use(version, who)
        console.print(words("data.fetch.kept", code=files.code))
    for got in found.values():
        about = got.about
        console.print(words("data.fetch.from", title=about["title"], licence=about.get("licence", "–"),
                            attribution=about.get("attribution", "–")), style="dim")
        if about.get("absent"):
            console.print(words("data.fetch.sea", tiles=", ".join(about["absent"])))
