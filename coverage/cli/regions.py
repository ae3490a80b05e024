"""``jangkau regions``: find a regency or city of Indonesia by its code, its name, or a place in it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from coverage.cli.common import DEFAULT_WORDS, WordsOption, console, say
from coverage.language.words import Words
from coverage.places.regencies import find_regencies, search_regencies
from coverage.readers.nation import regencies, regency_at, without_villages
from coverage.readers.pairs import read_pair

TOLD = 8
"""So many regencies at most are looked for by name, and more are a list."""


def regions_command(
    words_given: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]", help="Nama, kode, atau provinsi. / Name, code or province.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="Letak suatu titik. / Where a point lies.", show_default=False)
    ] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau regions``.

    Contoh / Example: jangkau regions brebes · jangkau regions papua selatan · jangkau regions --at -6.87,109.04
    """
    text = " ".join(words_given or [])
    if at is not None:
        _tell_point(at, words)
        return
    found = search_regencies(text, regencies())
    if not found:
        say(words("regions.none", text=text))
        raise typer.Exit(1)
    table = Table(*(words(f"regions.column.{name}") for name in ("bps", "kemendagri", "name", "province", "villages")))
    for one in found:
        table.add_row(one.bps or "–", one.kemendagri, one.name, one.province, words.number(one.villages or None))
    console.print(table)
    for one in found:
        if not one.villages and len(found) <= TOLD:
            say(words.error(without_villages(one)))
    if text and len(find_regencies(text, regencies())) > 1:
        say(words("regions.ambiguous", text=text))


def _tell_point(text: str, words: Words) -> None:
    found, sure = regency_at(*read_pair(text))
    if found is None:
        say(words("regions.point_nowhere"))
        raise typer.Exit(1)
    told = words("regions.point_sure" if sure else "regions.point_unsure", **vars(found) | {"code": found.code})
    say(told)
