"""Language, console, progress and errors of all commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from coverage.language.words import Language, Words

console = Console(highlight=False, soft_wrap=True)
problems = Console(stderr=True, highlight=False, soft_wrap=True)

LanguageOption = Annotated[str, typer.Option("--lang", help="id / en", envvar="JANGKAU_LANG")]


def words_of(language: str) -> Words:
    """Words of ``--lang``; a usage error for an unknown language."""
    if language not in ("id", "en"):
        raise typer.BadParameter("id / en", param_hint="--lang")
    return Words(cast(Language, language))


def language_of(arguments: list[str]) -> Language:
    """Guess the language from the arguments, for errors before parsing."""
    for at, argument in enumerate(arguments):
        if argument == "--lang=en" or (argument == "--lang" and arguments[at + 1 : at + 2] == ["en"]):
            return "en"
    return "en" if os.environ.get("JANGKAU_LANG") == "en" else "id"


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on a terminal only."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        console=problems,
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        yield bar
