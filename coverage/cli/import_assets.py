"""``jangkau assets import``, and what every import without a screen has in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, Field

from coverage.base.errors import InputError
from coverage.cli.common import DEFAULT_WORDS, FileArgument, WordsOption, say, write_file
from coverage.cli.operator import current_operator, opened
from coverage.cli.run_options import with_options
from coverage.exports.refused import refused_file
from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import Choices, guess
from coverage.imports.mappings import Mappings
from coverage.imports.plan import ImportPlan
from coverage.imports.raw import Raw
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import plan_warnings, reason_sentence, report
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.sources import Sources

SHOWN = 10
REPAIRS = frozenset({"swap", "minus", "point", "utm"})
_MAPPING = "Pemetaan kolom yang disimpan. / A saved mapping of columns."
_REPAIR = "Terima perbaikan: swap, minus, point, utm. / Accept repairs of a kind, repeatable."


class ImportOptions(BaseModel):
    """Options of every import; the text of each is its help."""

    column: tuple[str, ...] = Field((), description="lat=KOLOM, name=KOLOM, village=KOLOM, ...")
    sheet: str | None = Field(None, description="Lembar atau lapisan, * untuk semua. / Sheet or layer, * for all.")
    crs: str | None = Field(None, description="EPSG:32749")
    region: str | None = Field(
        None,
        description="Berkas batas desa atau kode wilayah untuk memeriksa letak. / "
        "Boundaries or code of the region to check against.",
    )
    dry_run: bool = Field(False, description="Periksa saja, jangan simpan. / Check only, keep nothing.")
    report: Path | None = Field(None, description="Laporan JSON. / Report as JSON.")
    refused: Path | None = Field(None, description="Baris ditolak (Excel). / Refused rows (Excel).")
    note: str | None = Field(None, description="Catatan: mengapa. / Note: why.")


import_options = partial(with_options, model=ImportOptions, into="asked")


@import_options
def import_command(
    asked: ImportOptions,
    file: FileArgument,
    kind: Annotated[str | None, typer.Option(help=", ".join(asset_kinds()))] = None,
    mapping: Annotated[str | None, typer.Option(help=_MAPPING)] = None,
    save_mapping: Annotated[str | None, typer.Option(help="Simpan pemetaan kolom. / Keep the mapping.")] = None,
    dates: Annotated[str | None, typer.Option(help="dmy / mdy")] = None,
    repair: Annotated[list[str] | None, typer.Option(help=_REPAIR)] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Masukkan daftar aset apa pun; yang ditolak disebut satu per satu. / Take in any list; refused rows are told.

    Contoh / Example: jangkau assets import menara.xlsx --kind tower --dry-run --report laporan.json
    """
    order = _order(dates)
    unknown = {part for one in repair or () for part in one.split("+")} - REPAIRS
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: {', '.join(sorted(REPAIRS))}", param_hint="--repair")

    def understand(raw: Raw, mappings: Mappings) -> Choices:
        choices = _choices(raw, mappings, kind, mapping, list(asked.column))
        return replace(choices, dates=order or choices.dates, repairs=frozenset(repair or ()))

    take_in(file, asked, understand, words, save_mapping)


def take_in(
    file: Path,
    asked: ImportOptions,
    understand: Callable[[Raw, Mappings], Choices],
    words: Words,
    save_mapping: str | None = None,
) -> None:
    """Read, check, compare, report, and apply unless it is a dry run; exit status 1 where no row was accepted."""
    with opened() as store:
        mappings = Mappings(store, current_operator())
        try:
            raw = read(file, asked.sheet, asked.crs)
            choices = understand(raw, mappings)
            chosen = Sources.from_environment()
            region = read_region(asked.region or chosen.region, chosen.crosswalk)
            found = interpret(raw, choices, replace(region, landmarks=store.imports.landmarks(current_operator())))
        except InputError as error:
            _write_refusal(asked.report, file, error, words)
            raise
        if save_mapping:
            mappings.save(save_mapping, raw, choices)
        plan = plan_for(found, store, current_operator())
        write_report(asked.report, report(found, words, plan))
        if asked.refused is not None and found.refused_rows:
            write_file(asked.refused, refused_file(found, words))
        _print_result(found, plan, words, asked.dry_run)
        if asked.dry_run:
            return
        if not found.accepted_rows:
            raise typer.Exit(1)
        done = apply_plan(plan, store, current_operator(), asked.note)
    told = "store.cli.imported" if choices.record == "assets" else "imports.cli.imported"
    counts = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
    say(words(told, file=raw.file, import_id=done.import_id, **counts))


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
        write_file(path, text.encode("utf-8"))


def _write_refusal(path: Path | None, file: Path, error: InputError, words: Words) -> None:
    """Report of a file refused as a whole."""
    nothing: dict[str, Any] = {"rows": 0, "accepted": 0, "refused": 0, "refused_rows": []}
    why = {"code": error.code, "reason": words.error(error)}
    write_report(path, {"file": file.name, "sheet": error.place.sheet, **nothing, "file_refused": why})


def _print_result(found: Interpretation, plan: ImportPlan, words: Words, dry_run: bool) -> None:
    record = found.choices.record
    rows = {"rows": found.rows, "accepted": found.accepted_rows, "refused": found.refused_rows}
    say(words("imports.cli.rows", file=found.raw.file, **rows))
    say(words("imports.cli.columns"))
    for what, first in found.choices.columns.items():
        column = " + ".join((first, *found.choices.also.get(what, ())))
        say(f"  {column} → {words(f'imports.field.{what}')} ({_samples(found, first)})")
    for column in found.choices.figures:
        say(f"  {column} → {words('imports.field.figures')} ({_samples(found, column)})")
    if found.unused:
        say("  " + words("imports.cli.unused", columns=", ".join(found.unused)))
    for key, values in found.notes:
        say(f"  {words(key, **values)}")
    print_refused(found, words)
    for sentence in plan_warnings(plan, words):
        say("  " + sentence)
    if not found.raw.self_checking:
        say("  " + words("imports.unchecked", sha256=found.raw.sha256))
    told = "plan" if record == "assets" else "plan_villages"
    say(words(f"imports.cli.{'dry_' * dry_run}{told}", **plan.counts))


def _samples(found: Interpretation, column: str) -> str:
    return "; ".join(found.raw.samples(column))[:80]


def print_refused(found: Interpretation, words: Words) -> None:
    """Print the reasons of the first refused rows, and the number of others."""
    refused = found.refused
    for line in refused.head(SHOWN).to_dict("records"):
        reason = reason_sentence(line["code"], line["details"], words)
        say("  " + words("imports.cli.refused", row=found.raw.row_text(line["row"]), reason=reason))
    if len(refused) > SHOWN:
        say("  " + words("imports.cli.more", count=len(refused) - SHOWN))
