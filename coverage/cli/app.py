"""The commands, each imported when called: their libraries take seconds."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from coverage.base import log
from coverage.base.errors import JangkauError
from coverage.base.installation import package_shared, require_own_package
from coverage.cli.common import language_of, problems
from coverage.language.words import Words

COMMANDS = {
    "analyze": "analyze:analyze_command",
    "regions": "regions:regions_command",
    "reconcile": "reconcile:reconcile_command",
    "rollout": "rollout:rollout_command",
    "serve": "serve:serve",
    "assets": "inventory:assets",
    "users": "inventory:users",
    "backup": "inventory:backup_command",
    "restore": "inventory:restore_command",
    "radio": "radio:radio",
    "data": "data:data",
    "evidence": "import_village_lists:evidence",
    "villages": "import_village_lists:villages",
}
"""Module of this package, and its function or group, by command."""


class Commands(TyperGroup):
    """Lazily imported commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"coverage.cli.{module}"), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            found = alone
        command = get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="jangkau",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Desa mana yang belum terjangkau, mana yang didahulukan. / "
    "Which villages the network does not reach, and which come first.",
)


@app.callback()
def _jangkau(
    log_level: Annotated[
        str | None,
        typer.Option(
            envvar=log.LEVEL,
            help="Rincian catatan: debug, info, warning, error. / How much is logged: debug, info, warning, error.",
        ),
    ] = None,
    log_file: Annotated[
        Path | None,
        typer.Option(
            envvar=log.FILE,
            help="Berkas catatan; tanpa ini ke layar galat. / File for the log; standard error if not given.",
        ),
    ] = None,
) -> None:
    """Send the log of every command where it is wanted."""
    log.configure(log_level, log_file)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status: 0 done, 1 the input was refused, 2 wrong usage."""
    try:
        require_own_package()
        if shared := package_shared():
            problems.print(Words(language_of(arguments)).error(shared), markup=False, style="yellow")
        app(args=arguments)
    except JangkauError as error:
        problems.print(Words(language_of(arguments)).error(error), markup=False, style="red")
        return 1
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except Exception as error:
        if os.environ.get(log.FILE):  # otherwise Python tells the same on standard error
            log.background_failure(logging.getLogger(__name__), "command", error)
        raise
    return 0
