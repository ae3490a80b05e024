"""``jangkau analyze``: the whole flow, out as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coverage.cli.common import DEFAULT_WORDS, CctvOption, OutOption, WordsOption
from coverage.cli.run_options import with_sources
from coverage.cli.second_process import SecondProcess
from coverage.run.sources import Sources


@with_sources
def analyze_command(
    sources: Sources,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            help="Anggaran rencana, TAHUN=RUPIAH, boleh berulang; bila tidak ditulis, yang di data/costs.toml. / "
            "Budget of the plan, YEAR=RUPIAH, repeatable; if left out, the one in data/costs.toml."
        ),
    ] = None,
    pockets_of: Annotated[
        list[str] | None,
        typer.Option(
            metavar="operator=NAMA",
            help="Juga kantong blank spot satu operator, atau technology=lte_900 (boleh berulang). / "
            "Pockets of one operator or technology, too, repeatable.",
        ),
    ] = None,
    out: OutOption = Path("out"),
    papers: Annotated[
        bool,
        typer.Option(
            "--papers/--no-papers",
            help="Juga laporan PDF, buku kerja, peta cetak, KMZ, lembar desa, dan lainnya; tanpa itu lebih cepat. / "
            "Also report, workbook, printed map, KMZ, village sheets and the rest; without them it is faster.",
        ),
    ] = True,
    include_cctv: CctvOption = False,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau analyze``.

    Contoh / Example: jangkau analyze --region desa.geojson --assets menara.csv --assets wifi.xlsx --evidence
    daftar_resmi.csv --out hasil
    """
    beside = SecondProcess("coverage.exports.bundle:make_ready", "coverage.cli.analyze_run") if papers else None
    from coverage.cli.analyze_run import AnalyzeRequest, run_analysis  # slow to import, and nothing else needs it

    asked = AnalyzeRequest(sources, budget or [], out, include_cctv, pockets_of or [])
    try:
        run_analysis(asked, words, beside)
    finally:
        if beside is not None:
            beside.end()
