"""``jangkau evidence import``, ``villages import`` and ``landmarks import``: lists about villages, without a screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from coverage.cli.common import DEFAULT_WORDS, FileArgument, WordsOption
from coverage.cli.import_assets import ImportOptions, import_options, take_in
from coverage.imports.list_options import REPORTS, Choices, guess
from coverage.imports.mappings import Mappings
from coverage.imports.raw import Raw
from coverage.imports.values import read_date
from coverage.imports.villages import CLAIMS
from coverage.readers.kinds import landmark_kinds

evidence = typer.Typer(no_args_is_help=True)
villages = typer.Typer(no_args_is_help=True)
landmarks = typer.Typer(no_args_is_help=True)
_CLAIM = "Keadaan yang dinyatakan: blank, weak, served. / State that every row claims."
_FIGURE = "Kolom angka, boleh diulang; tanpa ini ditebak. / Column of numbers, repeatable; guessed if left out."


@evidence.callback()
def about_evidence() -> None:
    """Bukti tentang keadaan desa. / What people reported of the state of villages."""


@villages.callback()
def about_villages() -> None:
    """Data desa. / Figures of villages."""


@evidence.command("import")
@import_options
def import_evidence(
    asked: ImportOptions,
    file: FileArgument,
    kind: Annotated[str, typer.Option(help=", ".join(REPORTS))] = "official_list",
    claim: Annotated[str | None, typer.Option(help=_CLAIM)] = None,
    date: Annotated[str | None, typer.Option(help="2026-11-20 / 2026")] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Masukkan daftar resmi, keluhan atau uji lapangan, menurut desa atau letaknya. / By village or by position.

    Contoh / Example: jangkau evidence import keluhan.xlsx --kind complaint --claim weak
    """
    if kind not in REPORTS:
        raise typer.BadParameter(", ".join(REPORTS), param_hint="--kind")
    if claim not in (None, *CLAIMS):
        raise typer.BadParameter(" / ".join(CLAIMS), param_hint="--claim")
    if date is not None and read_date(date, "dmy")[0] != date:
        raise typer.BadParameter("2026-11-20 / 2026", param_hint="--date")

    def understand(raw: Raw, _: Mappings) -> Choices:
        choices = guess(raw, record=kind)
        choices = replace(choices, claim=claim or choices.claim, dated=date or choices.dated)
        return choices.with_named(list(asked.column))

    take_in(file, asked, understand, words)


@villages.command("import")
@import_options
def import_villages(
    asked: ImportOptions,
    file: FileArgument,
    figure: Annotated[list[str] | None, typer.Option(help=_FIGURE)] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Masukkan angka per desa (penduduk, kemiskinan, ...) atau daftar fasilitas. / Figures by village, or facilities.

    Contoh / Example: jangkau villages import penduduk_2025.xlsx
    """

    def understand(raw: Raw, _: Mappings) -> Choices:
        choices = guess(raw, record="villages")
        return replace(choices, figures=tuple(figure) if figure else choices.figures).with_named(list(asked.column))

    take_in(file, asked, understand, words)


@landmarks.callback()
def about_landmarks() -> None:
    """Dusun, titik layanan publik, tempat ramai. / Hamlets, public-service points, busy places."""


@landmarks.command("import")
@import_options
def import_landmarks(
    asked: ImportOptions,
    file: FileArgument,
    kind: Annotated[str | None, typer.Option(help=", ".join(landmark_kinds()))] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Masukkan daftar dusun atau titik layanan; jenis dibaca dari kolom atau nama. / Kinds are read from the list.

    Contoh / Example: jangkau landmarks import dusun.xlsx
    """
    if kind not in (None, *landmark_kinds()):
        raise typer.BadParameter(", ".join(landmark_kinds()), param_hint="--kind")

    def understand(raw: Raw, _: Mappings) -> Choices:
        return guess(raw, kind, "landmarks").with_named(list(asked.column))

    take_in(file, asked, understand, words)
