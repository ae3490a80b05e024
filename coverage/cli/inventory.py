"""``jangkau assets``, ``backup``, ``restore`` and ``users``: the inventory from the command line.

Whoever may run commands on this computer may read the file anyway, so the command line acts as an administrator under
the name of the person at the computer.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from coverage.cli.shell import LanguageOption, console, words_of
from coverage.errors import FileRefusedError, Place
from coverage.exports import write_outputs
from coverage.exports.neutral import neutral_frame
from coverage.readers.assets import read_assets
from coverage.schema import ASSET_KINDS, STATUSES
from coverage.store import ACCOUNT_ROLES, Actor, AssetFilter, Store, open_store, restore_store
from coverage.words import Words

assets = typer.Typer(no_args_is_help=True, help="Inventaris aset. / The asset inventory.")
users = typer.Typer(no_args_is_help=True, help="Akun. / Accounts.")
SHOWN = ("asset_id", "kind", "name", "status", "owner", "subdistrict", "village")

File = Annotated[Path, typer.Argument(metavar="FILE")]
Note = Annotated[str | None, typer.Option(help="Catatan: mengapa. / Note: why.")]


def _me() -> Actor:
    return Actor(getpass.getuser(), "admin")


@contextmanager
def _opened() -> Iterator[Store]:
    store = open_store()
    try:
        yield store
    finally:
        store.close()


@assets.command("list")
def list_command(
    kind: Annotated[list[str] | None, typer.Option(help=", ".join(ASSET_KINDS))] = None,
    status: Annotated[list[str] | None, typer.Option(help=", ".join(STATUSES))] = None,
    text: Annotated[str, typer.Option(help="Cari dalam nama, kode, pemilik. / Search name, code, owner.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
    lang: LanguageOption = "id",
) -> None:
    """Tampilkan aset. / List assets.

    Contoh / Example: jangkau assets list --kind tower --status damaged
    """
    words = words_of(lang)
    with _opened() as store:
        asked = AssetFilter(kinds=tuple(kind or ()), statuses=tuple(status or ()), text=text)
        page = store.page(asked, _me(), limit=limit)
    table = Table(*(words(f"inventory.field.{name}") for name in SHOWN))
    for row in pd.DataFrame(page.rows[list(SHOWN)]).to_dict("records"):
        named = {
            **row,
            "kind": words(f"core.kind.{row['kind']}"),
            "status": words(f"core.status.{row['status']}"),
        }
        table.add_row(*(_plain(named[name], words) for name in SHOWN))
    console.print(table)
    shown, total = words.number(len(page.rows)), words.number(page.total)
    console.print(words("store.cli.listed", shown=shown, total=total))


@assets.command("history")
def history_command(asset_id: str, lang: LanguageOption = "id") -> None:
    """Tampilkan riwayat satu aset. / Show the history of one asset.

    Contoh / Example: jangkau assets history TWR-001
    """
    words = words_of(lang)
    heads = ("version", "at", "who", "what", "change", "why")
    table = Table(*(words(f"inventory.history.{name}") for name in heads))
    with _opened() as store:
        for line in store.history(asset_id, _me()):
            changes = ", ".join(line.changed) if line.before else words("inventory.history.first")
            table.add_row(
                words.number(line.version),
                line.at[:19].replace("T", " "),
                _plain(line.who, words),
                words(f"inventory.action.{line.action}"),
                changes,
                _plain(line.note, words),
            )
    console.print(table)


@assets.command("import")
def import_command(file: File, note: Note = None, lang: LanguageOption = "id") -> None:
    """Masukkan daftar aset yang rapi (CSV, Excel, GeoJSON). / Take in a clean list of assets.

    Contoh / Example: jangkau assets import menara.csv --note "survei 2026"
    """
    words = words_of(lang)
    frame, _ = read_assets(file)
    with _opened() as store:
        done = store.apply_import(frame, file.name, _me(), note)
    console.print(
        words(
            "store.cli.imported",
            file=file.name,
            added=words.number(done.added),
            changed=words.number(done.changed),
            unchanged=words.number(done.unchanged),
            import_id=done.import_id,
        )
    )


@assets.command("export")
def export_command(file: File, lang: LanguageOption = "id") -> None:
    """Tulis seluruh inventaris sebagai CSV. / Write the whole inventory as CSV.

    Contoh / Example: jangkau assets export aset.csv
    """
    words = words_of(lang)
    with _opened() as store:
        frame = store.assets(viewer=_me())
    table = pd.DataFrame(frame.drop(columns="geometry"))
    points = frame.geometry.representative_point()
    table["lon"], table["lat"], table["wkt"] = points.x, points.y, frame.geometry.to_wkt(rounding_precision=7)
    write_outputs(file.parent, {file.name: neutral_frame(table).to_csv(index=False).encode("utf-8-sig")})
    console.print(words("store.cli.exported", count=words.number(len(table)), file=str(file)))


def backup_command(file: File, lang: LanguageOption = "id") -> None:
    """Buat cadangan inventaris, juga saat orang bekerja. / Back up the inventory, also while people work.

    Contoh / Example: jangkau backup cadangan-2026-11-21.zip
    """
    words = words_of(lang)
    with _opened() as store:
        made = store.backup(file, _me())
    console.print(
        words("store.cli.backed_up", file=str(file), assets=words.number(made.assets), lines=words.number(made.lines))
    )


def restore_command(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Tanpa bertanya. / Do not ask.")] = False,
    lang: LanguageOption = "id",
) -> None:
    """Pulihkan inventaris dari cadangan; keadaan sebelumnya disisihkan. / Put a backup back, setting the present aside.

    Contoh / Example: jangkau restore cadangan-2026-11-21.zip
    """
    words = words_of(lang)
    if not file.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(file)))
    if not yes and not typer.confirm(words("store.cli.restore_sure", file=file.name)):
        raise typer.Abort
    keep = file.with_name(f"{file.stem}-sebelum-dipulihkan.zip")
    kept = restore_store(None, file, _me(), keep)
    console.print(words("store.cli.restored", file=str(file)))
    if kept is not None:
        console.print(words("store.cli.kept", file=str(kept)))


@users.command("add")
def add_user_command(
    name: str,
    role: Annotated[str, typer.Option(help=", ".join(ACCOUNT_ROLES))] = "editor",
    password: Annotated[str | None, typer.Option(envvar="JANGKAU_PASSWORD", hidden=True)] = None,
    lang: LanguageOption = "id",
) -> None:
    """Buat akun; kata sandi ditanyakan. / Set up an account; the password is asked for.

    Contoh / Example: jangkau users add ani --role admin
    """
    words = words_of(lang)
    with _opened() as store:
        store.add_user(name, role, password or _asked_password(words), _me())
    console.print(words("store.cli.user_added", name=name, role=words(f"inventory.role.{role}")))


@users.command("list")
def list_users_command(lang: LanguageOption = "id") -> None:
    """Tampilkan akun. / List accounts."""
    words = words_of(lang)
    with _opened() as store:
        found = store.users(_me())
    if not found:
        console.print(words("store.cli.no_users"))
        return
    table = Table(words("inventory.account"), words("inventory.history.what"))
    for one in found:
        table.add_row(_plain(one["name"], words), words(f"inventory.role.{one['role']}"))
    console.print(table)


@users.command("remove")
def remove_user_command(name: str, lang: LanguageOption = "id") -> None:
    """Hapus akun. / Remove an account."""
    words = words_of(lang)
    with _opened() as store:
        store.remove_user(name, _me())
    console.print(words("store.cli.user_removed", name=name))


@users.command("password")
def password_command(
    name: str,
    password: Annotated[str | None, typer.Option(envvar="JANGKAU_PASSWORD", hidden=True)] = None,
    lang: LanguageOption = "id",
) -> None:
    """Ganti kata sandi; semua sesinya berakhir. / Set a new password; all its sessions end."""
    words = words_of(lang)
    with _opened() as store:
        store.set_password(name, password or _asked_password(words), _me())
    console.print(words("store.cli.password_changed", name=name))


def _asked_password(words: Words) -> str:
    return str(
        typer.prompt(
            words("inventory.password"), hide_input=True, confirmation_prompt=words("store.cli.password_again")
        )
    )


def _plain(value: object, words: Words) -> str:
    """Text for the terminal: markup in a name is shown, not obeyed."""
    from rich.markup import escape

    return escape(value) if isinstance(value, str) and value else words("store.cli.none")
