"""The commands, each imported when called: their libraries take seconds."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from coverage.base import log
from coverage.base.errors import JangkauError
from coverage.base.installation import package_shared, require_own_package
from coverage.cli.common import language_of, problems
from coverage.cli.usage import UsageError, tell
from coverage.language.words import Words

COMMANDS = {
    "analyze": (
        "analyze:analyze_command",
        "Hitung desa mana yang belum terjangkau dan urutan prioritasnya. / Find blank spots and rank them.",
    ),
    "national": (
        "national:national_command",
        "Hitung banyak kabupaten/kota sekaligus, sampai seluruh Indonesia. / Many regencies at once, up to the nation.",
    ),
    "regions": (
        "regions:regions_command",
        "Cari kabupaten/kota: kode dan nama untuk --region. / Find a regency: codes and names for --region.",
    ),
    "reconcile": (
        "reconcile:reconcile_command",
        "Cocokkan daftar desa dengan desa wilayah. / Match a list of villages with those of a region.",
    ),
    "rollout": (
        "rollout:rollout_command",
        "Susun rencana pembangunan di bawah anggaran. / Plan what to build under a budget.",
    ),
    "serve": (
        "serve:serve",
        "Buka aplikasi di peramban; tanpa akun hanya di komputer ini. / Open the app in a browser, on this computer.",
    ),
    "assets": ("inventory:assets", "Inventaris aset. / The asset inventory."),
    "proposals": ("proposals:proposals", "Register usulan. / The register of proposals."),
    "users": ("inventory:users", "Akun. / Accounts."),
    "backup": (
        "inventory:backup_command",
        "Buat cadangan inventaris dan data wilayah. / Back up the inventory and the files of the regions.",
    ),
    "restore": (
        "inventory:restore_command",
        "Pulihkan inventaris dari cadangan; keadaan sebelumnya disisihkan. / Put a backup back, setting the present "
        "aside.",
    ),
    "radio": ("radio:radio", "Perkiraan sinyal radio. / Prediction of radio signal."),
    "data": ("data:data", "Data wilayah. / Data of the region."),
    "questionnaire": (
        "questionnaire:questionnaire_command",
        "Kuesioner per kecamatan (Excel, KoboToolbox, ODK). / Questionnaires by subdistrict.",
    ),
    "evidence": (
        "import_village_lists:evidence",
        "Bukti: daftar resmi, keluhan, uji lapangan. / Evidence: official lists, complaints, field tests.",
    ),
    "villages": (
        "import_village_lists:villages",
        "Data desa: penduduk, kemiskinan, fasilitas. / Figures of villages: people, poverty, facilities.",
    ),
    "landmarks": (
        "import_village_lists:landmarks",
        "Dusun, titik layanan publik, tempat ramai. / Hamlets, service points, busy places.",
    ),
}
"""Module of this package with its function or group, and what it does, by command in the order of the work."""


class Commands(TyperGroup):
    """Lazily imported commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Name and purpose of a command, or None: all that a list of commands tells."""
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the command that is called."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and _imported(listed), rest


def _imported(listed: Any) -> Any:
    module, _, name = COMMANDS[listed.name][0].partition(":")
    found = getattr(import_module(f"coverage.cli.{module}"), name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command()(found)
        found = alone
    command = get_command(found)
    examples = (command.help or "").partition("\n\n")[2]
    command.name, command.help = listed.name, f"{listed.help}\n\n{examples}".rstrip()
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
        status = app(args=arguments, standalone_mode=False)
    except UsageError as error:
        return tell(error, Words(language_of(arguments)))
    except typer.Abort:
        return 1
    except JangkauError as error:
        problems.print(Words(language_of(arguments)).error(error), markup=False, style="red")
        return 1
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except Exception as error:
        if os.environ.get(log.FILE):  # otherwise Python tells the same on standard error
            log.background_failure(logging.getLogger(__name__), "command", error)
        raise
    return status if isinstance(status, int) else 0
