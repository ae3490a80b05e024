"""``jangkau proposals``: the register of proposals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from coverage.base.errors import Place, RowError
from coverage.cli.common import (
    DEFAULT_WORDS,
    FileArgument,
    NoteOption,
    WordsOption,
    console,
    progress_bar,
    say,
    write_file,
)
from coverage.cli.inventory import plain
from coverage.cli.operator import current_operator, opened
from coverage.cli.run_options import with_sources
from coverage.exports.register import WRITERS, value_in_words, warning_sentence
from coverage.imports.proposals import read_register, take_in_register
from coverage.imports.regions import read_region
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.proposals.proposal import Proposal
from coverage.readers.pairs import read_pair
from coverage.readers.proposals import proposal_rules
from coverage.run.analysis import analyze, prepare
from coverage.run.decisions import decided_parameters, gather_decisions
from coverage.run.privacy import for_outsiders
from coverage.run.proposals import Review, review
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs
from coverage.store.losses import loss_cache

proposals = typer.Typer(add_completion=False, no_args_is_help=True)
_RULES = proposal_rules()
CHANNELS, STAGES, ASKED = tuple(_RULES.channels), tuple(_RULES.stages), _RULES.asked
RegionOption = Annotated[
    str | None, typer.Option(help="Kode atau nama kabupaten/kota, atau berkas batas. / Regency, or a boundary file.")
]
IdArgument = Annotated[str, typer.Argument(metavar="KODE", help="Kode usulan. / Code of the proposal.")]
_SHOWN = ("proposal_id", "name", "village_code_bps", "asked", "channel", "year", "stage", "stage_on")


def _one_of(option: str, given: str | None, offered: tuple[str, ...]) -> None:
    if given is not None and given not in offered:
        raise typer.BadParameter(f"{given}: {', '.join(offered)}", param_hint=option)


@proposals.command("list")
def list_command(
    stage: Annotated[str | None, typer.Option(help=", ".join(STAGES))] = None,
    channel: Annotated[str | None, typer.Option(help=", ".join(CHANNELS))] = None,
    year: Annotated[int | None, typer.Option(help="Tahun. / Year.")] = None,
    region: RegionOption = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Tampilkan usulan. / List proposals.

    Contoh / Example: jangkau proposals list --stage submitted --year 2026
    """
    _one_of("--stage", stage, STAGES)
    _one_of("--channel", channel, CHANNELS)
    villages = read_region(region or Sources.from_environment().region).villages
    with opened() as store:
        found = [line.proposal for line in store.proposals.all(region_of(villages), current_operator())]
    shown = [
        one
        for one in found
        if stage in (None, one.stage) and channel in (None, one.channel) and year in (None, one.year)
    ]
    table = Table(*(words(f"proposals.field.{name}") for name in _SHOWN))
    for one in shown:
        table.add_row(*(plain(str(value_in_words(name, getattr(one, name), words)), words) for name in _SHOWN))
    console.print(table)
    say(words("store.cli.listed", shown=words.number(len(shown)), total=words.number(len(found))))


@proposals.command("show")
def show_command(proposal_id: IdArgument, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tampilkan satu usulan dengan riwayatnya. / Show a proposal with its history.

    Contoh / Example: jangkau proposals show 3505-2026-001
    """
    with opened() as store:
        lines = store.proposals.history(proposal_id, current_operator())
    if not lines:
        raise RowError("proposals.no_such", Place(column="proposal_id", value=proposal_id))
    now, facts = lines[-1].proposal, Table(show_header=False)
    for name in (*_SHOWN, "hamlet", "lat", "lon", "pocket", "reference", "reply", "letter", "note"):
        value = value_in_words(name, getattr(now, name), words)
        facts.add_row(words(f"proposals.field.{name}"), plain(None if value is None else str(value), words))
    for key, answer in now.answers.items():
        facts.add_row(_RULES.items[key].name.in_language(words.language), plain(answer, words))
    console.print(facts)
    history = Table(*(words(f"inventory.history.{name}") for name in ("version", "at", "who", "what", "why")))
    for line in lines:
        what = words(f"proposals.action.{line.action}")
        what += f": {value_in_words('stage', line.proposal.stage, words)}" if line.action in ("stage", "undo") else ""
        cells = (words.moment(line.at), line.who, what, line.note)
        history.add_row(words.number(line.version), *(plain(cell, words) for cell in cells))
    console.print(history)


@proposals.command("add")
def add_command(
    village: Annotated[str, typer.Argument(metavar="KODE_DESA", help="Kode BPS. / BPS code.")],
    asked: Annotated[str, typer.Option(help=", ".join(ASKED))],
    channel: Annotated[str, typer.Option(help=", ".join(CHANNELS))],
    name: Annotated[str, typer.Option(help="Nama titik. / Name of the point.")],
    year: Annotated[int | None, typer.Option(help="Tahun; tahun ini bila tidak ditulis. / Year.")] = None,
    at: Annotated[str | None, typer.Option(help="Lintang, bujur. / Latitude, longitude.")] = None,
    hamlet: Annotated[str | None, typer.Option(help="Dusun. / Hamlet.")] = None,
    note: NoteOption = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Daftarkan satu usulan. / Register a proposal.

    Contoh / Example: jangkau proposals add 3505060010 --name "SDN 2" --asked small_tower --channel bakti
    """
    values: dict[str, Any] = {
        "village_code_bps": village,
        "asked": asked,
        "channel": channel,
        "name": name,
        "hamlet": hamlet,
        "year": year or dt.date.today().year,
    }
    if at is not None:
        values["lon"], values["lat"] = read_pair(at)
    with opened() as store:
        (made,) = store.proposals.add([values], current_operator(), note)
    say(words("proposals.cli.added", code=made))


@proposals.command("stage")
def stage_command(
    proposal_id: IdArgument,
    stage: Annotated[str | None, typer.Argument(help=", ".join(STAGES))] = None,
    on: Annotated[str | None, typer.Option(help="Tanggal; hari ini bila tidak ditulis. / Date.")] = None,
    reply: Annotated[str | None, typer.Option(help="Jawaban. / Reply.")] = None,
    letter: Annotated[str | None, typer.Option(help="Nomor suratnya. / Number of its letter.")] = None,
    reference: Annotated[str | None, typer.Option(help="Nomor referensi. / Reference number.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Urungkan perubahan terakhir. / Undo the last change.")] = False,
    note: NoteOption = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Pindahkan usulan ke tahap berikutnya, atau urungkan. / Move a proposal to its next stage, or undo.

    Contoh / Example: jangkau proposals stage 3505-2026-001 submitted --on 2026-03-09 --reference SGN-118
    """
    if (stage is None) != undo:
        raise typer.BadParameter("TAHAP / --undo", param_hint="STAGE")
    with opened() as store:
        lines = store.proposals.history(proposal_id, current_operator())
        version = lines[-1].version if lines else 0
        if stage is None:
            store.proposals.undo(proposal_id, version, current_operator())
        else:
            day, told = on or dt.date.today().isoformat(), {"reply": reply, "letter": letter, "reference": reference}
            store.proposals.move(proposal_id, version, stage, day, current_operator(), note, **told)
        now = store.proposals.history(proposal_id, current_operator())[-1].proposal
    say(words("proposals.cli.moved", code=proposal_id, stage=value_in_words("stage", now.stage, words)))


@proposals.command("import")
def import_command(
    file: FileArgument,
    channel: Annotated[str | None, typer.Option(help=", ".join(CHANNELS))] = None,
    asked: Annotated[str | None, typer.Option(help=", ".join(ASKED))] = None,
    year: Annotated[int | None, typer.Option(help="Tahun. / Year.")] = None,
    stage: Annotated[str | None, typer.Option(help=", ".join(STAGES))] = None,
    sheet: Annotated[str | None, typer.Option(help="Lembar. / Sheet.")] = None,
    region: RegionOption = None,
    note: NoteOption = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Masukkan daftar usulan; pilihan dipakai bila kolomnya tidak ada. / Take in a list; options fill missing columns.

    Contoh / Example: jangkau proposals import usulan_2023.xlsx --channel bakti --asked small_tower --year 2023
    """
    given = {"channel": channel, "asked": asked, "year": year, "stage": stage}
    chosen = Sources.from_environment()
    known = read_region(region or chosen.region, chosen.crosswalk)
    found = read_register(file, known, sheet, {name: value for name, value in given.items() if value is not None})
    with opened() as store:
        added, changed = take_in_register(found, store, region_of(known.villages), current_operator(), note)
    say(words("proposals.cli.imported", file=found.file, added=added, changed=changed, rows=len(found.rows)))


@proposals.command("export")
def export_command(file: FileArgument, region: RegionOption = None, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tulis register sebagai Excel, CSV, GeoPackage atau KMZ. / Write it as Excel, CSV, GeoPackage or KMZ.

    Contoh / Example: jangkau proposals export usulan.xlsx
    """
    write = WRITERS.get(Path(file).suffix.lower())
    if write is None:
        raise typer.BadParameter(", ".join(WRITERS), param_hint="FILE")
    villages = read_region(region or Sources.from_environment().region).villages
    with opened() as store:
        found = [line.proposal for line in store.proposals.all(region_of(villages), current_operator())]
    write_file(file, write(found, villages, words))
    say(words("proposals.cli.exported", count=len(found), file=str(file)))


@proposals.command("warnings")
@with_sources
def warnings_command(
    sources: Sources,
    today: Annotated[str | None, typer.Option(help="Tanggal yang dianggap hari ini. / The day to be today.")] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Periksa register terhadap hasil hitungan. / Hold the register against a run: asked twice, served, still blank.

    Contoh / Example: jangkau proposals warnings
    """
    found = _reviewed(sources, today or dt.date.today().isoformat(), words)
    rule = words.rule(found.analysis.parameters.default_rule)
    for one in found.proposals:
        for warning in found.review.warnings.get(one.proposal_id, ()):
            say(f"{one.proposal_id} {one.name}: {warning_sentence(warning, words, rule)}")
    count = sum(map(len, found.review.warnings.values()))
    say(words("proposals.cli.warnings", count=count, proposals=len(found.proposals)))


@proposals.command("pack")
@with_sources
def pack_command(
    sources: Sources,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".pdf / .zip")],
    proposal: Annotated[list[str] | None, typer.Option(help="Kode usulan. / Code of a proposal.")] = None,
    channel: Annotated[str | None, typer.Option(help=", ".join(CHANNELS))] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Buat berkas bukti: PDF, atau ZIP dengan semua berkasnya. / Make the evidence: PDF, or ZIP with all its parts.

    Contoh / Example: jangkau proposals pack bukti.zip --channel bakti
    """
    _one_of("--channel", channel, CHANNELS)
    if file.suffix.lower() not in (".pdf", ".zip") or not (proposal or channel):
        raise typer.BadParameter(".pdf / .zip; --proposal / --channel", param_hint="FILE")
    found = _reviewed(sources, dt.date.today().isoformat(), words)
    chosen = [one for one in found.proposals if one.proposal_id in (proposal or ()) or one.channel == channel]
    if unknown := sorted(set(proposal or ()) - {one.proposal_id for one in chosen}):
        raise RowError("proposals.no_such", Place(column="proposal_id", value=unknown[0]))
    from coverage.exports.evidence_pack import write_pack_pdf, write_pack_zip
    from coverage.exports.pack_parts import pack_points

    with opened() as store:
        region, who = region_of(found.analysis.villages), current_operator()
        points = pack_points(found.analysis, chosen, found.review, store, region, who, words)
    write = write_pack_zip if file.suffix.lower() == ".zip" else write_pack_pdf
    write_file(file, write(for_outsiders(found.analysis), words, points, found.letterhead))
    say(words("proposals.cli.packed", count=len(points), file=str(file)))


@dataclass(frozen=True)
class _Reviewed:
    analysis: Analysis
    proposals: list[Proposal]
    review: Review
    letterhead: Any


def _reviewed(sources: Sources, today: str, words: Words) -> _Reviewed:
    """Compute a run and hold the register of its region against it."""
    with progress_bar() as bar:
        task = bar.add_task(words("cli.step.read"), total=1.0)
        inputs = gather_inputs(sources)
        decisions = gather_decisions(sources, inputs)
        settings = decided_parameters(sources, inputs, decisions)
        bar.update(task, description=words("cli.step.land"))
        ground = prepare(inputs, settings, loss_cache())
        analysis = analyze(inputs, settings, ground)
    with opened() as store:
        kept = [line.proposal for line in store.proposals.all(decisions.region, current_operator())]
        reports = store.reports.table(decisions.region, current_operator())
    held = review(analysis, ground.land, inputs, kept, decisions.deadlines, today, reports)
    return _Reviewed(analysis, kept, held, decisions.letterhead)
