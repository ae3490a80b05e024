"""The commands, put together."""

from __future__ import annotations

import typer

from coverage.cli.analyze import analyze_command
from coverage.cli.inventory import assets, backup_command, restore_command, users
from coverage.cli.radio import radio
from coverage.cli.reconcile import reconcile_command
from coverage.cli.rollout import rollout_command
from coverage.cli.serve import serve
from coverage.cli.shell import language_of, problems
from coverage.errors import JangkauError
from coverage.words import Words

app = typer.Typer(
    name="jangkau",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Desa mana yang belum terjangkau, mana yang didahulukan. / "
    "Which villages the network does not reach, and which come first.",
)
app.command("analyze")(analyze_command)
app.command("reconcile")(reconcile_command)
app.command("rollout")(rollout_command)
app.command("serve")(serve)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.add_typer(assets, name="assets")
app.add_typer(users, name="users")
app.add_typer(radio, name="radio")


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status: 0 done, 1 the input was refused, 2 wrong usage."""
    try:
        app(args=arguments)
    except JangkauError as error:
        problems.print(Words(language_of(arguments)).error(error), markup=False, style="red")
        return 1
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    return 0
