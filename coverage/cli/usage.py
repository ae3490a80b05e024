"""Wrong usage, told in the reader's language: what Typer finds wrong with a command line it says in English alone."""

from __future__ import annotations

import re
from typing import Any

import typer

from coverage.cli.common import problems
from coverage.language.words import Words

UsageError: Any = typer.BadParameter.__bases__[0]
"""Base of what Typer raises for a command line that cannot be; it exports the one below alone."""
_SENTENCES = (
    (r"No such command '(?P<value>.+?)'\.(?: Did you mean (?P<offered>.+)\?)?", "no_command"),
    (r"No such option: (?P<value>\S+)(?: \(?(?:Possible options|Did you mean):? (?P<offered>.+?)[?)]+)?", "no_option"),
    (r"Option '(?P<value>.+?)' requires (?:an argument|\d+ arguments)\.", "no_value"),
    (r"Option '(?P<value>.+?)' does not take a value\.", "takes_none"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<value>.+)\)", "too_many"),
)
_VALUES = (
    (r"Input should be a valid (?:number|float).*|.* is not a valid float\.?", "number"),
    (r"Input should be a valid integer.*|.* is not a valid integer\.?", "integer"),
    (r"Input should be (?P<offered>'.*)", "one_of"),
    (r"(?:File|Directory|Path) '(?P<value>.+)' does not exist\.", "no_file"),
)
"""What Typer says, and the sentence of ours under ``cli.usage``."""


def tell(error: Any, words: Words) -> int:
    """Say what is wrong and where help is; returns the exit status."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    problems.print(_sentence(error, words), markup=False, style="red")
    if error.ctx is not None:
        problems.print(words("cli.usage.help", command=error.ctx.command_path), markup=False)
    return int(error.exit_code)


def _sentence(error: Any, words: Words) -> str:
    if not isinstance(error, typer.BadParameter):
        return _said(error.format_message(), _SENTENCES, words)
    hint = error.param_hint or (error.param.get_error_hint() if error.param else "?")
    hint = (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")
    if type(error).__name__ == "MissingParameter":
        return words("cli.usage.missing", value=hint)
    return words("cli.usage.bad_value", value=hint, problem=_said(error.message, _VALUES, words))


def _said(message: str, known: tuple[tuple[str, str], ...], words: Words) -> str:
    """A sentence of ours in place of the library's; that one where there is none."""
    for pattern, key in known:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            values = {name: value or "" for name, value in found.groupdict().items()}
            offered = values.pop("offered", "")
            perhaps = words("cli.usage.offered", offered=offered) if offered else ""
            return words(f"cli.usage.{key}", **values) + perhaps
    return message
