"""``jangkau evidence import``: official lists, complaints and field tests, taken in without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from coverage.cli.me import me, opened
from coverage.cli.shell import LanguageOption, console, words_of
from coverage.cli.taking_in import tell_refused, write_report
from coverage.exports import write_outputs
from coverage.imports import read, read_region, refused_file, report
from coverage.imports.columns import guess_columns
from coverage.imports.reported import ReportKind, read_reports
from coverage.web.settings import sources

evidence = typer.Typer(no_args_is_help=True, help="Bukti: daftar resmi, keluhan, uji lapangan. / Evidence.")
FIELDS = ("lat", "lon", "coordinates", "claim", "installed_on")
_CLAIM = "Keadaan yang dinyatakan: blank, weak, served. / State that every row claims."


@evidence.callback()
def about() -> None:
    """Bukti tentang keadaan desa. / What people reported of the state of villages."""


@evidence.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    kind: Annotated[str, typer.Option(help=", ".join(get_args(ReportKind)))] = "official_list",
    claim: Annotated[str | None, typer.Option(help=_CLAIM)] = None,
    date: Annotated[str | None, typer.Option(help="2026-11-20 / 2026")] = None,
    sheet: Annotated[str | None, typer.Option(help="Lembar atau lapisan. / Sheet or layer.")] = None,
    region: Annotated[str | None, typer.Option(help="Batas desa atau kode wilayah. / Boundaries or code.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Periksa saja. / Check only.")] = False,
    report_file: Annotated[Path | None, typer.Option("--report", help="Laporan JSON. / Report as JSON.")] = None,
    refused: Annotated[Path | None, typer.Option(help="Baris ditolak (Excel). / Refused rows (Excel).")] = None,
    lang: LanguageOption = "id",
) -> None:
    """Masukkan daftar resmi, keluhan atau uji lapangan, menurut desa atau letaknya. / By village or by position.

    Contoh / Example: jangkau evidence import keluhan.xlsx --kind complaint --claim weak
    """
    words = words_of(lang)
    if kind not in get_args(ReportKind):
        raise typer.BadParameter(", ".join(get_args(ReportKind)), param_hint="--kind")
    if claim not in (None, "blank", "weak", "served"):
        raise typer.BadParameter("blank / weak / served", param_hint="--claim")
    chosen = sources()
    raw = read(file, sheet)
    villages = read_region(region or chosen.region, chosen.crosswalk)
    found = read_reports(raw, guess_columns(raw, FIELDS), villages, cast(ReportKind, kind), claim, date)
    write_report(report_file, report(found, words))
    if refused is not None and len(found.refused):
        write_outputs(refused.parent, {refused.name: refused_file(found, words)})
    counts = {"rows": found.rows, "accepted": len(found.accepted), "refused": len(found.refused)}
    told = {name: words.number(count) for name, count in counts.items()}
    console.print(words("imports.cli.rows", file=raw.file, **told), markup=False)
    tell_refused(found.refused, words)
    if dry_run:
        return
    if found.accepted.empty:
        raise typer.Exit(1)
    with opened() as store:
        done = store.add_evidence(found.accepted, me())
    console.print(words("imports.cli.evidence", count=words.number(done)), markup=False)
