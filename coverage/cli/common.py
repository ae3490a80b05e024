"""Language, console, progress and options of all commands."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from coverage.base.errors import Place, UnavailableError
from coverage.language.words import LANGUAGES, Language, Words
from coverage.store.replacing import put_in_place

if TYPE_CHECKING:
    from rich.progress import Progress

console = Console(highlight=False, soft_wrap=True)
problems = Console(stderr=True, highlight=False, soft_wrap=True)


def _words_of(language: str | Words) -> Words:
    if isinstance(language, Words):
        return language
    if language not in LANGUAGES:
        raise typer.BadParameter(" / ".join(LANGUAGES), param_hint="--lang")
    return Words(language)


WordsOption = Annotated[
    Words,
    typer.Option(
        "--lang",
        parser=_words_of,
        metavar="LANG",
        help=" / ".join(LANGUAGES),
        envvar="JANGKAU_LANG",
        show_default=LANGUAGES[0],
    ),
]
DEFAULT_WORDS: Any = Words
"""In Bahasa Indonesia: Typer calls a default that can be called."""
FileArgument = Annotated[Path, typer.Argument(metavar="FILE")]
NoteOption = Annotated[str | None, typer.Option(help="Catatan: mengapa. / Note: why.")]
OutOption = Annotated[Path, typer.Option(help="Folder hasil. / Folder for the results.")]
CctvOption = Annotated[bool, typer.Option("--include-cctv", help="Sertakan posisi CCTV. / Include CCTV positions.")]


def language_of(arguments: list[str]) -> Language:
    """Guess the language from the arguments, for errors before parsing."""
    text = "\0".join(arguments).replace("--lang\0", "--lang=").split("\0")
    asked = [argument.removeprefix("--lang=") for argument in text if argument.startswith("--lang=")]
    known = [language for language in (*asked, os.environ.get("JANGKAU_LANG")) if language in LANGUAGES]
    return known[0] if known else LANGUAGES[0]


def say(text: str, style: str | None = None) -> None:
    """Print a sentence as it is, whatever the names in it."""
    console.print(text, markup=False, style=style)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on a terminal only."""
    from rich.progress import BarColumn, Progress, TextColumn  # slow to import, and short commands have none

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Progress(*columns, console=problems, transient=True, disable=not sys.stderr.isatty()) as bar:
        yield bar


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all (``output.not_written``)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".jangkau-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(draft, 0o644)
            put_in_place(draft, path)
        except OSError:
            os.unlink(draft)
            raise
    except OSError as error:
        raise UnavailableError(
            "output.not_written", Place(file=str(path)), problem=error.strerror or str(error)
        ) from error
