"""Language, console, progress and errors of all commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from coverage.language.words import LANGUAGES, Language, Words

console = Console(highlight=False, soft_wrap=True)
problems = Console(stderr=True, highlight=False, soft_wrap=True)

LanguageOption = Annotated[str, typer.Option("--lang", help=" / ".join(LANGUAGES), envvar="JANGKAU_LANG")]


def words_of(language: str) -> Words:
    """Words of ``--lang``; a usage error for an unknown language."""
    if language not in LANGUAGES:
        raise typer.BadParameter(" / ".join(LANGUAGES), param_hint="--lang")
    return Words(language)


def language_of(arguments: list[str]) -> Language:
    """Guess the language from the arguments, for errors before parsing."""
    text = "\0".join(arguments).replace("--lang\0", "--lang=").split("\0")
    asked = [argument.removeprefix("--lang=") for argument in text if argument.startswith("--lang=")]
    known = [language for language in (*asked, os.environ.get("JANGKAU_LANG")) if language in LANGUAGES]
    return known[0] if known else LANGUAGES[0]


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
