"""``jangkau national``: many regencies at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coverage.cli.common import DEFAULT_WORDS, OutOption, WordsOption


def national_command(
    regions: Annotated[
        list[str] | None,
        typer.Option(
            help="Provinsi (35), kabupaten/kota (3505, brebes), dipisah koma, atau all. / "
            "Provinces, regencies, parted by commas, or all.",
            show_default="all",
        ),
    ] = None,
    assets: Annotated[
        str | None,
        typer.Option(
            help="Daftar aset, folder berisi daftar, atau GeoParquet; jalur atau URL. Tanpa ini: yang dipakai tiap "
            "kabupaten/kota. / Asset list, folder of lists, or GeoParquet; path or URL. Without it: what each uses."
        ),
    ] = None,
    boundaries: Annotated[
        str | None,
        typer.Option(
            help="Batas desa dengan kode Kemendagri (GeoParquet). / Village boundaries with Kemendagri codes."
        ),
    ] = None,
    people: Annotated[
        str | None, typer.Option(help="Raster penduduk (GeoTIFF), jalur atau URL. / Population raster, path or URL.")
    ] = None,
    parameters: Annotated[Path | None, typer.Option(help="Parameter sendiri (TOML). / Own parameters (TOML).")] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(help="Anggaran bersama, TAHUN=RUPIAH, boleh berulang. / Common budget, YEAR=RUPIAH, repeatable."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Penjadwal dask yang sudah berjalan, tcp://host:8786; hanya dengan berkas. / "
            "A dask scheduler that runs already; with files alone.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Jumlah proses di komputer ini. / Processes on this computer.")
    ] = None,
    memory: Annotated[
        float | None, typer.Option(min=0.5, help="Memori paling banyak, GB. / Memory at most, GB.")
    ] = None,
    tiles: Annotated[
        bool, typer.Option("--tiles", help="Juga ubin vektor, villages.pmtiles. / Vector tiles, too, villages.pmtiles.")
    ] = False,
    out: OutOption = Path("out"),
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau national``.

    Contoh / Example: jangkau national --regions 35 --assets aset.parquet --people penduduk.tif --out hasil
    """
    from coverage.cli.cluster import ClusterRequest
    from coverage.cli.national_run import NationalRequest, run_national

    where = ClusterRequest(scheduler, workers, None if memory is None else int(memory * 1e9))
    chosen = tuple(regions or ["all"])
    asked = NationalRequest(chosen, assets, boundaries, people, parameters, budget or [], out, tiles)
    run_national(asked, where, words)
