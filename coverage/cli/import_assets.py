"""``jangkau assets import``, and what every import without a screen has in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from coverage.base.errors import InputError
from coverage.cli.common import LanguageOption, console, words_of
from coverage.cli.operator import current_operator, opened
from coverage.exports import write_outputs
from coverage.exports.refused import refused_file
from coverage.imports import (
    Choices,
    ImportPlan,
    Interpretation,
    Mappings,
    Raw,
    apply_plan,
    guess,
    interpret,
    plan_for,
    plan_warnings,
    read,
    read_region,
    reason_sentence,
    report,
)
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.sources import Sources

SHOWN = 10
REPAIRS = frozenset({"swap", "minus", "point", "utm"})
_MAPPING = "Pemetaan kolom yang disimpan. / A saved mapping of columns."
_DRY = "Periksa saja, jangan simpan. / Check only, keep nothing."
_SHEET = "Lembar atau lapisan, * untuk semua. / Sheet or layer, * for all."
_REGION = (
    "Berkas batas desa atau kode wilayah untuk memeriksa letak. / Boundaries or code of the region to check against."
)
_REPAIR = "Terima perbaikan: swap, minus, point, utm. / Accept repairs of a kind, repeatable."


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    kind: Annotated[str | None, typer.Option(help=", ".join(asset_kinds()))] = None,
    mapping: Annotated[str | None, typer.Option(help=_MAPPING)] = None,
    save_mapping: Annotated[str | None, typer.Option(help="Simpan pemetaan kolom. / Keep the mapping.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="lat=KOLOM, name=KOLOM, ...")] = None,
    sheet: Annotated[str | None, typer.Option(help=_SHEET)] = None,
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
    order = _order(dates)
    unknown = {part for one in repair or () for part in one.split("+")} - REPAIRS
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: {', '.join(sorted(REPAIRS))}", param_hint="--repair")

    def understand(raw: Raw, mappings: Mappings) -> Choices:
        choices = _choices(raw, mappings, kind, mapping, column or [])
        return replace(choices, dates=order or choices.dates, repairs=frozenset(repair or ()))

    take_in(
        ImportOptions(file, sheet, crs, region, dry_run, report_file, refused, note, save_mapping), understand, lang
    )


@dataclass(frozen=True)
class ImportOptions:
    """Options of every import."""

    file: Path
    sheet: str | None = None
    crs: str | None = None
    region: str | None = None
    dry_run: bool = False
    report: Path | None = None
    refused: Path | None = None
    note: str | None = None
    save_mapping: str | None = None


def take_in(asked: ImportOptions, understand: Callable[[Raw, Mappings], Choices], lang: str) -> None:
    """Read, check, compare, report, and apply unless it is a dry run.

    Raises
    ------
    JangkauError
        If the file is refused, or the store is read-only.
    typer.Exit
        With status 1 where no row was accepted.
    """
    words = words_of(lang)
    with opened() as store:
        mappings = Mappings(store, current_operator())
        try:
            raw = read(asked.file, asked.sheet, asked.crs)
            choices = understand(raw, mappings)
            chosen = Sources.from_environment()
            found = interpret(raw, choices, read_region(asked.region or chosen.region, chosen.crosswalk))
        except InputError as error:
            _write_refusal(asked.report, asked.file, error, words)
            raise
        if asked.save_mapping:
            mappings.save(asked.save_mapping, raw, choices)
        plan = plan_for(found, store, current_operator())
        write_report(asked.report, report(found, words, plan))
        if asked.refused is not None and found.refused_rows:
            write_outputs(asked.refused.parent, {asked.refused.name: refused_file(found, words)})
        _print_result(found, plan, words, asked.dry_run)
        if asked.dry_run:
            return
        if not found.accepted_rows:
            raise typer.Exit(1)
        done = apply_plan(plan, store, current_operator(), asked.note)
    told = words(
        "store.cli.imported" if choices.record == "assets" else "imports.cli.imported",
        file=raw.file,
        added=done.added,
        changed=done.changed,
        unchanged=done.unchanged,
        import_id=done.import_id,
    )
    console.print(told, markup=False)


def _choices(raw: Raw, mappings: Mappings, kind: str | None, mapping: str | None, given: list[str]) -> Choices:
    """Choices as saved, else as recognised, else as guessed; with single columns overridden."""
    if mapping is not None:
        choices = mappings.load(mapping, raw)
    else:
        recognised = mappings.recognised(raw)
        known = recognised is not None and recognised[1].record == "assets"
        choices = recognised[1] if recognised is not None and known else guess(raw, kind, "assets")
    if kind is not None:
        choices = replace(choices, kind=kind).with_columns(
            {what: name for what, name in choices.columns.items() if what != "kind"}
        )
    return choices.with_named(given)


def _order(dates: str | None) -> Any:
    if dates not in (None, "dmy", "mdy"):
        raise typer.BadParameter("dmy / mdy", param_hint="--dates")
    return dates


def write_report(path: Path | None, content: dict[str, Any]) -> None:
    """Write the JSON report, if asked for."""
    if path is not None:
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
        write_outputs(path.parent, {path.name: text.encode("utf-8")})


def _write_refusal(path: Path | None, file: Path, error: InputError, words: Words) -> None:
    """Report of a file refused as a whole."""
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


def _print_result(found: Interpretation, plan: ImportPlan, words: Words, dry_run: bool) -> None:
    record = found.choices.record
    counts = {name: words.number(count) for name, count in plan.counts.items()}
    rows = {"rows": found.rows, "accepted": found.accepted_rows, "refused": found.refused_rows}
    console.print(
        words("imports.cli.rows", file=found.raw.file, **{k: words.number(v) for k, v in rows.items()}), markup=False
    )
    console.print(words("imports.cli.columns"), markup=False)
    for what, first in found.choices.columns.items():
        samples = "; ".join(found.raw.samples(first))
        column = " + ".join((first, *found.choices.also.get(what, ())))
        name = words(f"imports.field.{what}")
        console.print(f"  {column} → {name} ({samples[:80]})", markup=False)
    for column in found.choices.figures:
        samples = "; ".join(found.raw.samples(column))
        console.print(f"  {column} → {words('imports.field.figures')} ({samples[:80]})", markup=False)
    if found.unused:
        console.print("  " + words("imports.cli.unused", columns=", ".join(found.unused)), markup=False)
    for key, values in found.notes:
        console.print(f"  {words(key, **values)}", markup=False)
    print_refused(found, words)
    for sentence in plan_warnings(plan, words):
        console.print("  " + sentence, markup=False)
    if not found.raw.self_checking:
        console.print("  " + words("imports.unchecked", sha256=found.raw.sha256), markup=False)
    told = "plan" if record == "assets" else "plan_villages"
    console.print(words(f"imports.cli.{'dry_' * dry_run}{told}", **counts), markup=False)


def print_refused(found: Interpretation, words: Words) -> None:
    """Print the reasons of the first refused rows, and the number of others."""
    refused = found.refused
    for line in refused.head(SHOWN).to_dict("records"):
        reason = reason_sentence(line["code"], line["details"], words)
        row = found.raw.row_text(line["row"])
        console.print("  " + words("imports.cli.refused", row=row, reason=reason), markup=False)
    if len(refused) > SHOWN:
        console.print("  " + words("imports.cli.more", count=len(refused) - SHOWN), markup=False)
