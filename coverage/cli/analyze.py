"""``jangkau analyze``: the whole flow, out as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coverage.base.model_options import Measure, ReachModel
from coverage.cli.common import (
    AssetsOption,
    CrosswalkOption,
    EvidenceOption,
    LanguageOption,
    ParametersOption,
    RegionOption,
    collect_seldom,
    words_of,
)
from coverage.cli.second_process import SecondProcess

EPILOG = (
    "Contoh / Example: jangkau analyze --region desa.geojson --assets menara.csv --assets wifi.xlsx "
    "--evidence daftar_resmi.csv --out hasil"
)


def analyze_command(
    region: RegionOption = None,
    assets: AssetsOption = None,
    people: Annotated[
        Path | None,
        typer.Option(
            help="Penduduk per desa (CSV, Excel), raster penduduk (GeoTIFF), titik permukiman atau bangunan. / "
            "People per village, a population raster, settlement points or buildings."
        ),
    ] = None,
    people_measure: Annotated[
        Measure | None,
        typer.Option(help="Isi raster penduduk, bila namanya tidak jelas. / What the population raster holds."),
    ] = None,
    evidence: EvidenceOption = None,
    crosswalk: CrosswalkOption = None,
    elevation: Annotated[
        list[Path] | None,
        typer.Option(
            help="Ketinggian medan: GLO-30, SRTM, DEMNAS (GeoTIFF, HGT; boleh berulang). / Elevation tiles, repeatable."
        ),
    ] = None,
    clutter: Annotated[
        Path | None, typer.Option(help="Model permukaan atau tutupan lahan (GeoTIFF). / Surface model or land cover.")
    ] = None,
    measurements: Annotated[
        list[Path] | None,
        typer.Option(
            help="Uji lapangan dan aduan: posisi, operator, RSRP atau Mbit/s (boleh berulang). / "
            "Drive tests, speed tests and complaints, repeatable."
        ),
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Geser perkiraan sinyal menurut uji lapangan. / Shift the predicted signal to what was measured.",
        ),
    ] = False,
    reach_model: Annotated[
        ReachModel | None,
        typer.Option(
            help="Model jangkauan menara; tanpa ini: sinyal bila ada ketinggian, selain itu lingkaran. / "
            "How far towers reach; if not given: signal where elevation is given, else circles."
        ),
    ] = None,
    parameters: ParametersOption = None,
    criteria: Annotated[
        Path | None, typer.Option(help="Angka sendiri per kode desa, untuk prioritas. / Own figures by village code.")
    ] = None,
    facilities: Annotated[
        Path | None, typer.Option(help="Titik fasilitas publik, untuk prioritas. / Points of public facilities.")
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            help="Anggaran rencana, TAHUN=RUPIAH, boleh berulang; bila tidak ditulis, yang di data/costs.toml. / "
            "Budget of the plan, YEAR=RUPIAH, repeatable; if left out, the one in data/costs.toml."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder hasil. / Folder for the results.")] = Path("out"),
    papers: Annotated[
        bool,
        typer.Option(
            "--papers/--no-papers",
            help="Juga laporan PDF, buku kerja, peta cetak, KMZ, lembar desa, dan lainnya; tanpa itu lebih cepat. / "
            "Also report, workbook, printed map, KMZ, village sheets and the rest; without them it is faster.",
        ),
    ] = True,
    include_cctv: Annotated[
        bool, typer.Option("--include-cctv", help="Sertakan posisi CCTV. / Include CCTV positions.")
    ] = False,
    lang: LanguageOption = "id",
) -> None:
    """Hitung desa mana yang belum terjangkau dan urutan prioritasnya. / Find blank spots and rank them."""
    words = words_of(lang)
    collect_seldom()
    beside = SecondProcess("coverage.exports.bundle:make_ready", "coverage.cli.analyze_run") if papers else None
    from coverage.cli.analyze_run import Asked, run_analysis  # slow to import, and nothing else needs it

    asked = Asked(
        region=region,
        assets=assets or [],
        people=people,
        people_measure=people_measure,
        evidence=evidence or [],
        crosswalk=crosswalk,
        elevation=elevation or [],
        clutter=clutter,
        measurements=measurements or [],
        calibrate=calibrate,
        reach_model=reach_model,
        parameters=parameters,
        criteria=criteria,
        facilities=facilities,
        budget=budget or [],
        out=out,
        include_cctv=include_cctv,
    )
    try:
        run_analysis(asked, words, beside)
    finally:
        if beside is not None:
            beside.end()


analyze_command.__doc__ = f"{analyze_command.__doc__}\n\n{EPILOG}"
