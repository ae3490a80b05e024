"""``jangkau assets import``: any list of assets, taken in without a screen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from coverage.cli.me import me, opened
from coverage.cli.shell import LanguageOption, console, words_of
from coverage.errors import InputError
from coverage.exports import write_outputs
from coverage.imports import (
    Choices,
    Interpretation,
    Mappings,
    Plan,
    Raw,
    apply_plan,
    guess,
    interpret,
    make_plan,
    read,
    read_region,
    reason_sentence,
    refused_file,
    report,
)
from coverage.schema import ASSET_KINDS
from coverage.web.settings import sources
from coverage.words import Words

SHOWN = 10
_MAPPING = "Pemetaan kolom yang disimpan. / A saved mapping of columns."
_DRY = "Periksa saja, jangan simpan. / Check only, keep nothing."
_REGION = (
    "Berkas batas desa atau kode wilayah untuk memeriksa letak. / Boundaries or code of the region to check against."
)
_REPAIR = "Terima perbaikan: swap, minus, point, utm. / Accept repairs of a kind, repeatable."


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    kind: Annotated[str | None, typer.Option(help=", ".join(ASSET_KINDS))] = None,
    mapping: Annotated[str | None, typer.Option(help=_MAPPING)] = None,
    save_mapping: Annotated[str | None, typer.Option(help="Simpan pemetaan kolom. / Keep the mapping.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="lat=KOLOM, name=KOLOM, ...")] = None,
    sheet: Annotated[str | None, typer.Option(help="Lembar atau lapisan. / Sheet or layer.")] = None,
    crs: Annotated[str | None, typer.Option(help="EPSG:32749")] = None,
    dates: Annotated[str | None, typer.Option(help="dmy / mdy")] = None,
    repair: Annotated[list[str] | None, typer.Option(help=_REPAIR)] = None,
    region: Annotated[str | None, typer.Option(help=_REGION)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_DRY)] = False,
    report_file: Annotated[Path | None, typer.Option("--report", help="Laporan JSON. / Report as JSON.")] = None,
    refused: Annotated[Path | None, typer.Option(help="Baris ditolak (Excel). / Refused rows (Excel).")] = None,
    note: Annotated[str | None, typer.Option(help="Catatan: mengapa. / Note: why.")] = None,
    lang: LanguageOption = "id",
) -> None:
    """Masukkan daftar aset apa pun; yang ditolak disebut satu per satu. / Take in any list; refused rows are told.

    Contoh / Example: jangkau assets import menara.xlsx --kind tower --dry-run --report laporan.json
    """
    words = words_of(lang)
    try:
        raw = read(file, sheet, crs)
        choices = _choices(raw, kind, mapping, column or [])
        choices = replace(choices, dates=_order(dates) or choices.dates, repairs=frozenset(repair or ()))
        chosen = sources()
        found = interpret(raw, choices, read_region(region or chosen.region, chosen.crosswalk))
    except InputError as error:
        _write_refusal(report_file, file, error, words)
        raise
    if save_mapping:
        Mappings().save(save_mapping, raw, choices)
    with opened() as store:
        plan = make_plan(found, store.assets(viewer=me()), store.revision())
        write_report(report_file, report(found, words, plan))
        if refused is not None and found.refused_rows:
            write_outputs(refused.parent, {refused.name: refused_file(found, words)})
        _tell(found, plan, words, dry_run)
        if dry_run:
            return
        if not found.accepted_rows:
            raise typer.Exit(1)
        done = apply_plan(plan, store, me(), note)
    console.print(
        words(
            "store.cli.imported",
            file=raw.file,
            added=words.number(done.added),
            changed=words.number(done.changed),
            unchanged=words.number(done.unchanged),
            import_id=done.import_id,
        ),
        markup=False,
    )


def _choices(raw: Raw, kind: str | None, mapping: str | None, given: list[str]) -> Choices:
    """As saved under the name, else as recognised, else as guessed; single columns as given."""
    mappings = Mappings()
    if mapping is not None:
        choices = mappings.load(mapping, raw)
    else:
        recognised = mappings.recognised(raw)
        choices = recognised[1] if recognised else guess(raw, kind)
    if kind is not None:
        choices = replace(choices, kind=kind).with_columns(
            {what: name for what, name in choices.columns.items() if what != "kind"}
        )
    pairs = dict(text.split("=", 1) for text in given if "=" in text)
    return choices.with_columns({**choices.columns, **pairs}) if pairs else choices


def _order(dates: str | None) -> Any:
    if dates not in (None, "dmy", "mdy"):
        raise typer.BadParameter("dmy / mdy", param_hint="--dates")
    return dates


def write_report(path: Path | None, content: dict[str, Any]) -> None:
    """Write a report as JSON, where one is asked for."""
    if path is not None:
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
        write_outputs(path.parent, {path.name: text.encode("utf-8")})


def _write_refusal(path: Path | None, file: Path, error: InputError, words: Words) -> None:
    """A file that was refused as a whole has a report too: no rows, and why."""
    write_report(
        path,
        {
            "file": file.name,
            "sheet": error.place.sheet,
            "rows": 0,
            "accepted": 0,
            "refused": 0,
            "refused_rows": [],
            "file_refused": {"code": error.code, "reason": words.error(error)},
        },
    )


def _tell(found: Interpretation, plan: Plan, words: Words, dry_run: bool) -> None:
    counts = {name: words.number(count) for name, count in plan.counts.items()}
    rows = {"rows": found.rows, "accepted": found.accepted_rows, "refused": found.refused_rows}
    console.print(
        words("imports.cli.rows", file=found.raw.file, **{k: words.number(v) for k, v in rows.items()}), markup=False
    )
    console.print(words("imports.cli.columns"), markup=False)
    for what, column in found.choices.columns.items():
        samples = "; ".join(found.raw.samples(column))
        console.print(f"  {column} → {words('imports.field.' + what)} ({samples[:80]})", markup=False)
    if found.unused:
        console.print("  " + words("imports.cli.unused", columns=", ".join(found.unused)), markup=False)
    for key, values in found.notes:
        console.print(f"  {words(key, **values)}", markup=False)
    tell_refused(found.refused, words)
    console.print(words("imports.cli.plan" if not dry_run else "imports.cli.dry_plan", **counts), markup=False)


def tell_refused(refused: pd.DataFrame, words: Words) -> None:
    """Say of the first rows why they were refused, and how many more there are."""
    for line in refused.head(SHOWN).to_dict("records"):
        reason = reason_sentence(line["code"], line["details"], words)
        console.print("  " + words("imports.cli.refused", row=line["row"], reason=reason), markup=False)
    if len(refused) > SHOWN:
        console.print("  " + words("imports.cli.more", count=words.number(len(refused) - SHOWN)), markup=False)
