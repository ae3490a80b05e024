"""``jangkau radio``: the prediction of radio signal, checked against published cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coverage.cli.common import DEFAULT_WORDS, WordsOption, say
from coverage.language.words import Words
from coverage.reach.p1812 import PathLoss, path_loss
from coverage.readers.radio import ValidationCase, read_cases

radio = typer.Typer(add_completion=False, no_args_is_help=True)
RESULTS = ("basic_loss_db", "field_strength_dbuv_m")


@radio.callback()
def _radio() -> None:
    """Keeps ``check`` a subcommand while it is the only one."""


@radio.command("check")
def check_command(
    cases: Annotated[Path, typer.Argument(metavar="CASES.json", help="Berkas kasus uji. / File of validation cases.")],
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Bandingkan dengan kasus uji ITU-R P.1812. / Compare with validation cases of ITU-R P.1812.

    Contoh / Example: jangkau radio check cases.json
    """
    read = read_cases(cases)
    wide = max(len(case.name) for case in read)
    say(words("radio.check.head", name=words("radio.check.case").ljust(wide)))
    worst, worst_case, apart = 0.0, "", 0.0
    for case in read:
        result = path_loss(case.path)
        deviation = _deviation(case, result)
        apart = max(
            [
                apart,
                *(
                    abs(result.quantities[name] - value)
                    for name, value in case.quantities.items()
                    if name in result.quantities
                ),
            ]
        )
        if deviation is not None and (abs(deviation) > abs(worst) or not worst_case):
            worst, worst_case = deviation, case.name
        say(_line(case, result, deviation, wide, words))
    if worst_case:
        say(words("radio.check.worst", deviation=words.number(abs(worst), 8), case=worst_case, count=len(read)))
    else:
        say(words("radio.check.nothing"))
    if any(case.quantities for case in read):
        say(words("radio.check.quantities", deviation=words.number(apart, 8)))


def _deviation(case: ValidationCase, result: PathLoss) -> float | None:
    """Largest deviation from the expected results, signed; None where there are none."""
    apart = [getattr(result, name) - getattr(case, name) for name in RESULTS if getattr(case, name) is not None]
    return max(apart, key=abs) if apart else None


def _line(case: ValidationCase, result: PathLoss, deviation: float | None, wide: int, words: Words) -> str:
    expected = words.number(case.basic_loss_db, 6).rjust(12)
    told = "–" if deviation is None else words.number(round(deviation, 8) + 0.0, 8)
    found = words.number(result.basic_loss_db, 6).rjust(12)
    return f"{case.name.ljust(wide)}  {expected}  {found}  {told.rjust(13)}"
