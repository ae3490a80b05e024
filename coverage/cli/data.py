"""``jangkau data``: public data for a region, fetched on a machine with a network."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import geopandas as gpd
import typer
from rich.table import Table
from rich.text import Text

from coverage.base.errors import FileRefusedError, Place
from coverage.base.model_options import Measure
from coverage.cli.common import DEFAULT_WORDS, WordsOption, console, progress_bar, say
from coverage.cli.match_villages import match_command
from coverage.cli.operator import current_operator
from coverage.exports import write_outputs
from coverage.fetch import Bounds, Client, Fetched, FetchedFile, Progress, fetch_basemap, fetch_raster, read_source
from coverage.fetch import fetch_boundaries as features_of
from coverage.fetch import fetch_crosswalk as codes_of
from coverage.fetch.overpass import SERVER_S
from coverage.land.cells import make_land
from coverage.language.words import Words
from coverage.places.regencies import regency_code
from coverage.readers.elevation import read_terrain
from coverage.readers.nation import region_code
from coverage.readers.parameters import read_parameters
from coverage.readers.people_places import people_on_land
from coverage.readers.speed_tiles import quarter_of
from coverage.readers.village_lists import read_crosswalk
from coverage.readers.villages import read_villages
from coverage.run.analysis import prepare
from coverage.run.inputs import load_inputs
from coverage.store import data_folder
from coverage.store.drawn_on import keep_drawn_on
from coverage.store.region_files import KINDS, SHOWN_ON, Kind, RegionFiles

data = typer.Typer(no_args_is_help=True)
fetch = typer.Typer(
    no_args_is_help=True, help="Ambil data publik (perlu jaringan). / Fetch public data (needs a network)."
)
data.add_typer(fetch, name="fetch")
data.command("match")(match_command)
KEPT_S = 7 * 86_400
"""Seconds that pieces of a broken-off try are kept for the next."""
CHECK_CELL_M = 100.0
"""Coarse is enough to see whether heights are what they should be."""

Code = Annotated[
    str,
    typer.Argument(
        metavar="CODE",
        help="Kode atau nama kabupaten/kota. / Code or name of a regency.",
        callback=lambda text: region_code(text) or text,
    ),
]
KindArgument = Annotated[
    str, typer.Argument(metavar="KIND", help=", ".join(kind for kind in KINDS if kind != "evidence"))
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "--folder",
        help="Simpan ke folder ini, bukan sebagai data wilayah. "
        "/ Write to this folder instead of keeping it as the region's data.",
    ),
]
Sources = Annotated[Path | None, typer.Option(help="Daftar sumber sendiri (TOML). / Own list of sources (TOML).")]
SourceName = Annotated[str | None, typer.Option("--source", help="Nama sumber dalam daftar. / Name of the source.")]


@fetch.command("boundaries")
def boundaries_command(
    code: Code, out: Out = None, sources: Sources = None, source: SourceName = None, words: WordsOption = DEFAULT_WORDS
) -> None:
    """Ambil batas desa dan padanan kodenya. / Fetch village boundaries and their codes.

    Contoh / Example: jangkau data fetch boundaries 3505
    """
    files = RegionFiles(code)
    with _work(words) as (folder, progress):
        bridge = codes_of(Client(read_source("crosswalk", path=sources)), code, folder, progress)
        client = Client(read_source("boundaries", source, sources))
        found = features_of(client, code, bridge.about["kemendagri"], _cache(), folder, progress)
        villages, _ = read_villages(found.path, read_crosswalk(bridge.path))  # refused here, before anything is kept
        found.about["villages"] = len(villages)
        _keep(files, {"crosswalk": bridge, "boundaries": found}, out, words)


@fetch.command("people")
def people_command(
    code: Code, out: Out = None, sources: Sources = None, source: SourceName = None, words: WordsOption = DEFAULT_WORDS
) -> None:
    """Ambil raster sebaran penduduk wilayah itu. / Fetch the raster of where people live.

    Contoh / Example: jangkau data fetch people 3505 --source worldpop_2020
    """
    files = RegionFiles(code)
    with _work(words) as (folder, progress):
        villages = _villages(code)
        client = Client(read_source("people", source, sources))
        got = fetch_raster(client, _bounds(villages), _cache(), folder / "sebaran_penduduk.tif", progress)
        people, _ = people_on_land(make_land(villages), got.path, client.source.measure)
        got.about["people"] = round(float(people.population.sum()))
        _keep(files, {"people": got}, out, words)


@fetch.command("elevation")
def elevation_command(
    code: Code, out: Out = None, sources: Sources = None, source: SourceName = None, words: WordsOption = DEFAULT_WORDS
) -> None:
    """Ambil ketinggian tanah wilayah itu dan sekitarnya. / Fetch the elevation of the region and around it.

    Contoh / Example: jangkau data fetch elevation 3505
    """
    files = RegionFiles(code)
    with _work(words) as (folder, progress):
        client = Client(read_source("elevation", source, sources))
        villages = _villages(code)
        got = fetch_raster(client, _bounds(villages), _cache(), folder / "ketinggian.tif", progress)
        read_terrain(make_land(villages), [got.path], 0.0, CHECK_CELL_M)  # refused here, before anything is kept
        _keep(files, {"elevation": got}, out, words)


@fetch.command("roads")
def roads_command(
    code: Code, out: Out = None, sources: Sources = None, source: SourceName = None, words: WordsOption = DEFAULT_WORDS
) -> None:
    """Ambil jalan, sungai, dan nama tempat dari OpenStreetMap. / Fetch roads, waters and place names.

    Contoh / Example: jangkau data fetch roads 3505
    """
    files = RegionFiles(code)
    with _work(words) as (folder, progress):
        client = Client(read_source("basemap", source, sources), waits=(10.0, SERVER_S + 20.0, 2.0 * SERVER_S))
        got = fetch_basemap(client, _bounds(_villages(code)), _cache(), folder / "peta_dasar.parquet", progress)
        _keep(files, {"basemap": got}, out, words)


@data.command("list")
def list_command(code: Code, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tampilkan berkas yang dipakai wilayah itu. / Show the files that the region keeps.

    Contoh / Example: jangkau data list 3505
    """
    files = RegionFiles(code)
    found = Table(*(words(f"data.head.{name}") for name in ("what", "origin", "dated")), words("data.cli.files"))
    for kind in KINDS:
        version = files.current(kind)
        if version is not None:
            about = version.about
            found.add_row(
                words(f"data.kind.{kind}"),
                Text(str(about.get("title") or "–")),
                Text(str(about.get("dated") or "–")),
                ", ".join(path.name for path in version.files) or "–",
            )
    console.print(found if found.row_count else words("data.cli.nothing", code=code))


@data.command("keep")
def keep_command(
    kind: KindArgument,
    code: Code,
    file: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    title: Annotated[str, typer.Option(help="Dari mana data ini. / Where the data are from.")] = "",
    dated: Annotated[str, typer.Option(help="Tahun atau tanggal data. / Year or date of the data.")] = "",
    measure: Annotated[Measure | None, typer.Option(help="Isi raster penduduk. / What the raster holds.")] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Pakai berkas sendiri sebagai data wilayah, setelah diperiksa. / Keep files of your own as the region's data.

    Contoh / Example: jangkau data keep elevation 3505 S09E111.hgt S09E112.hgt
    """
    files, who = RegionFiles(code), current_operator()
    known = _kind(kind)
    if known == "hints":
        dated = dated or min(filter(None, (quarter_of(path.name) for path in file)), default="")
    about = {"title": title or ", ".join(path.name for path in file), "dated": dated, "measure": measure}
    for path in file:
        if not path.is_file():
            raise FileRefusedError("file.not_found", Place(file=str(path)))
    told = {**{k: v for k, v in about.items() if v}, "origin": "upload"}
    if known in SHOWN_ON:
        keep_drawn_on(files, known, file, _villages(code), told, who)
        say(words("data.cli.used", what=words(f"data.kind.{known}"), code=code))
        return
    version = files.stage(known, file, told, who)
    inputs = load_inputs(code, tried=((code, version.kind, version.name),))
    if not (regency_code(inputs.villages["village_code_bps"]) == code).any():
        raise FileRefusedError("data.other_region", Place(file=file[0].name, value=code))
    prepare(inputs, read_parameters())
    files.use(version, who)
    say(words("data.cli.used", what=words(f"data.kind.{known}"), code=code))


@data.command("undo")
def undo_command(kind: KindArgument, code: Code, words: WordsOption = DEFAULT_WORDS) -> None:
    """Batalkan perubahan terakhir. / Take the last change back.

    Contoh / Example: jangkau data undo population 3505
    """
    known = _kind(kind)
    done = RegionFiles(code).undo(known, current_operator())
    say(words("data.undone" if done else "data.cli.no_change", what=words(f"data.kind.{known}")))


def _kind(kind: str) -> Kind:
    if kind not in KINDS or kind == "evidence":
        raise typer.BadParameter(", ".join(name for name in KINDS if name != "evidence"), param_hint="KIND")
    return cast(Kind, kind)


@contextmanager
def _work(words: Words) -> Iterator[tuple[Path, Progress]]:
    """A folder that goes away with what was not kept, and the progress bar."""
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder, progress_bar() as bar:
        task = bar.add_task(words("data.fetch.step.begin"), total=1.0)
        yield (
            Path(folder),
            lambda step, done: bar.update(task, description=words(f"data.fetch.step.{step}"), completed=done),
        )


def _cache() -> Path:
    """Where pieces wait for a later try; those of last week are cleared away."""
    home = data_folder() / "fetch"
    for folder in home.glob("*/"):
        if time.time() - folder.stat().st_mtime > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
    return home


def _villages(code: str) -> gpd.GeoDataFrame:
    """The villages of the region that something is to be fetched for."""
    return load_inputs(code).villages


def _bounds(villages: gpd.GeoDataFrame) -> Bounds:
    west, south, east, north = map(float, villages.total_bounds)
    return west, south, east, north


def _keep(files: RegionFiles, found: dict[Fetched, FetchedFile], out: Path | None, words: Words) -> None:
    """Keep what was fetched as the region's data, or write it to a folder with its provenance beside it."""
    if out is not None:
        content = {got.path.name: got.path.read_bytes() for got in found.values()}
        content |= {
            f"{got.path.stem}.sumber.json": json.dumps(got.about, ensure_ascii=False, indent=1).encode()
            for got in found.values()
        }
        write_outputs(out, content)
        say(words("data.fetch.written", out=str(out), files=", ".join(sorted(content))))
    else:
        who = current_operator()
        staged = []
        for kind, got in found.items():
            kept: Kind = kind
            staged.append(files.stage(kept, [got.path], got.about, who))
        for version in staged:
            files.use(version, who)
        say(words("data.fetch.kept", code=files.code))
    for got in found.values():
        about = got.about
        say(
            words(
                "data.fetch.from",
                title=about["title"],
                licence=about.get("licence", "–"),
                attribution=about.get("attribution", "–"),
            ),
            style="dim",
        )
        if about.get("absent"):
            say(words("data.fetch.sea", tiles=", ".join(about["absent"])))
