"""``jangkau assets``, ``backup``, ``restore`` and ``users``."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import typer
from rich.table import Table

from coverage.base.errors import FileRefusedError, Place, RowError
from coverage.base.schema import STATUSES
from coverage.cli.common import (
    DEFAULT_WORDS,
    CctvOption,
    FileArgument,
    NoteOption,
    WordsOption,
    console,
    say,
    write_file,
)
from coverage.cli.import_assets import import_command
from coverage.cli.operator import current_operator, opened
from coverage.exports.ofds import fiber_kinds, write_inventory_ofds
from coverage.exports.sanitize import neutral_frame
from coverage.language.words import Words
from coverage.reach.assets import SECTOR
from coverage.readers.kinds import asset_kinds
from coverage.readers.nation import find_region
from coverage.store import ACCOUNT_ROLES, AssetFilter, restore_store
from coverage.store.backup import carried, region_in
from coverage.store.region_archive import pack, unpack
from coverage.store.region_merge import Merged

assets = typer.Typer(add_completion=False, no_args_is_help=True)
users = typer.Typer(add_completion=False, no_args_is_help=True)
SHOWN = ("asset_id", "kind", "name", "status", "owner", "subdistrict", "village")
FACTS = (
    *SHOWN[:4], "operator", *SHOWN[4:], "village_code_entered", "height_m", "band_mhz", "reach_m", "azimuth_deg",
    *SECTOR, "on_fiber", "installed_on", "source", "note", "photos", "needs_check", "struck_out", "geometry",
)  # fmt: skip

Password = Annotated[str | None, typer.Option(envvar="JANGKAU_PASSWORD", hidden=True)]


@assets.command("list")
def list_command(
    kind: Annotated[list[str] | None, typer.Option(help=", ".join(asset_kinds()))] = None,
    status: Annotated[list[str] | None, typer.Option(help=", ".join(STATUSES))] = None,
    text: Annotated[str, typer.Option(help="Cari dalam nama, kode, pemilik. / Search name, code, owner.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Tampilkan aset. / List assets.

    Contoh / Example: jangkau assets list --kind tower --status damaged
    """
    for option, given, known in (("--kind", kind, asset_kinds()), ("--status", status, STATUSES)):
        if unknown := set(given or ()) - set(known):
            raise typer.BadParameter(f"{', '.join(sorted(unknown))}: {', '.join(known)}", param_hint=option)
    with opened() as store:
        asked = AssetFilter(kinds=tuple(kind or ()), statuses=tuple(status or ()), text=text)
        page = store.assets.page(asked, current_operator(), limit=limit)
    table = Table(*(words(f"inventory.field.{name}") for name in SHOWN))
    for row in pd.DataFrame(page.rows[list(SHOWN)]).to_dict("records"):
        named = {**row, "kind": words.kind(row["kind"]), "status": words(f"core.status.{row['status']}")}
        table.add_row(*(plain(named[name], words) for name in SHOWN))
    console.print(table)
    shown, total = words.number(len(page.rows)), words.number(page.total)
    say(words("store.cli.listed", shown=shown, total=total))


@assets.command("show")
def show_command(asset_id: str, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tampilkan satu aset. / Show one asset.

    Contoh / Example: jangkau assets show TWR-001
    """
    with opened() as store:
        found = store.assets.one(asset_id, viewer=current_operator())
    if found.empty:
        raise RowError("store.no_such_asset", Place(column="asset_id", value=asset_id))
    row = found.iloc[0].to_dict() | {"geometry": found.geometry.to_wkt().iloc[0]}
    row |= {"kind": words.kind(row["kind"]), "status": words(f"core.status.{row['status']}")}
    table = Table(show_header=False)
    for name in FACTS:
        value = row[name]
        table.add_row(words(f"inventory.field.{name}"), _value(value, words))
    console.print(table)


@assets.command("history")
def history_command(asset_id: str, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tampilkan riwayat satu aset. / Show the history of one asset.

    Contoh / Example: jangkau assets history TWR-001
    """
    heads = ("version", "at", "who", "what", "change", "why")
    table = Table(*(words(f"inventory.history.{name}") for name in heads))
    with opened() as store:
        for line in store.history.of(asset_id, current_operator()):
            changes = ", ".join(words(f"inventory.field.{name}") for name in line.changed)
            table.add_row(
                words.number(line.version),
                words.moment(line.at),
                plain(line.who, words),
                words(f"inventory.action.{line.action}"),
                changes if line.before else words("inventory.history.first"),
                plain(line.note, words),
            )
    console.print(table)


assets.command("import")(import_command)


@assets.command("take-back")
def take_back_command(import_id: str, note: NoteOption = None, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tarik kembali satu impor; suntingan sesudahnya tetap. / Take an import back, keeping later edits.

    Contoh / Example: jangkau assets take-back 8f14e45fceea167a5a36dedd4bea2543
    """
    with opened() as store:
        done = store.imports.take_back(import_id, current_operator(), note)
    say(words("imports.cli.taken_back", count=len(done.set_back), kept=len(done.kept)))


@assets.command("export")
def export_command(file: FileArgument, include_cctv: CctvOption = False, words: WordsOption = DEFAULT_WORDS) -> None:
    """Tulis inventaris sebagai CSV, atau fibernya sebagai OFDS (.json). / As CSV, or its fibre as OFDS (.json).

    Contoh / Example: jangkau assets export aset.csv
    """
    with opened() as store:
        frame = store.assets.table(viewer=current_operator() if include_cctv else None)
    if file.suffix.lower() == ".json":
        frame = frame[frame["kind"].isin(fiber_kinds())]
        today = dt.date.today().isoformat()
        content = write_inventory_ofds(frame, words("imports.cli.network"), today, words.language)
    else:
        content = _as_csv(frame)
    write_file(file, content)
    say(words("store.cli.exported", count=len(frame), file=str(file)))


def _as_csv(frame: gpd.GeoDataFrame) -> bytes:
    table = pd.DataFrame(frame.drop(columns="geometry"))
    points = frame.geometry.representative_point()
    table["lon"], table["lat"], table["wkt"] = points.x, points.y, frame.geometry.to_wkt(rounding_precision=7)
    return neutral_frame(table).to_csv(index=False).encode("utf-8-sig")


@contextmanager
def regions_packed(only: str | None = None) -> Iterator[Path | None]:
    """Temporary archive of all region files, or those of one region; None where there are none."""
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name:
        packed = Path(name) / "regions.zip"
        yield packed if pack(packed, only=only) else None


def backup_command(
    file: FileArgument,
    region: Annotated[
        str | None,
        typer.Option(help="Satu kabupaten/kota saja, untuk pindah. / One regency only, to move it elsewhere."),
    ] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau backup``.

    Contoh / Example: jangkau backup cadangan-2026-11-21.zip; jangkau backup brebes.zip --region brebes
    """
    code = None if region is None else find_region(region).code
    with opened() as store, regions_packed(code) as regions:
        made = store.backups.make(file, current_operator(), regions, code)
    say(words("store.cli.backed_up", file=str(file), assets=made.assets, lines=made.lines))


def restore_command(
    file: FileArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Tanpa bertanya. / Do not ask.")] = False,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau restore``.

    Cadangan satu wilayah ditambahkan. / A backup of one region is added.

    Contoh / Example: jangkau restore cadangan-2026-11-21.zip
    """
    if not file.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(file)))
    code = region_in(file)
    region = None if code is None else find_region(code).name
    sure = words("store.cli.restore_sure" if region is None else "store.cli.merge_sure", file=file.name)
    if not yes and not typer.confirm(sure):
        raise typer.Abort
    keep = file.with_name(f"{file.stem}-sebelum-dipulihkan-{dt.datetime.now():%Y%m%d-%H%M%S}.zip")
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name, regions_packed() as present:
        regions = Path(name) / "regions.zip"
        there = carried(file, regions)
        if region is None:
            kept = restore_store(None, file, current_operator(), keep, present)
        else:
            with opened() as store:
                kept, (_, merged) = keep, store.backups.merge(file, current_operator(), keep, present)
        if there:
            unpack(regions, current_operator())
    if region is None:
        say(words("store.cli.restored", file=str(file)))
    else:
        _tell_merged(merged, region, words)
    if kept is not None:
        say(words("store.cli.kept", file=str(kept)))


def _tell_merged(merged: Merged, region: str, words: Words) -> None:
    counts = {"added": merged.added, "changed": merged.changed, "lines": merged.lines}
    say(words("store.cli.merged", region=region, **counts))
    if merged.kept:
        say(words("store.cli.merged_kept", names=", ".join(merged.kept)))


@users.command("add")
def add_user_command(
    name: str,
    role: Annotated[str, typer.Option(help=", ".join(ACCOUNT_ROLES))] = "editor",
    password: Password = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Buat akun; kata sandi ditanyakan. / Set up an account; the password is asked for.

    Contoh / Example: jangkau users add ani --role admin
    """
    with opened() as store:
        store.accounts.add(name, role, password or _asked_password(words), current_operator())
    say(words("store.cli.user_added", name=name, role=words(f"inventory.role.{role}")))


@users.command("list")
def list_users_command(words: WordsOption = DEFAULT_WORDS) -> None:
    """Tampilkan akun. / List accounts."""
    with opened() as store:
        found = store.accounts.all(current_operator())
    if not found:
        say(words("store.cli.no_users"))
        return
    table = Table(words("inventory.account"), words("store.cli.role"), words("accounts.head.state"))
    for one in found:
        state = words("accounts.locked_since", when=words.date(one["locked_at"])) if one["locked_at"] else ""
        table.add_row(plain(one["name"], words), words(f"inventory.role.{one['role']}"), state)
    console.print(table)


@users.command("remove")
def remove_user_command(name: str, words: WordsOption = DEFAULT_WORDS) -> None:
    """Hapus akun. / Remove an account."""
    with opened() as store:
        store.accounts.remove(name, current_operator())
    say(words("store.cli.user_removed", name=name))


@users.command("lock")
def lock_user_command(name: str, words: WordsOption = DEFAULT_WORDS) -> None:
    """Kunci akun: tidak dapat masuk, riwayatnya tetap. / Lock an account: it cannot sign in, its history stays."""
    with opened() as store:
        store.accounts.lock(name, True, current_operator())
    say(words("accounts.is_locked", name=name))


@users.command("unlock")
def unlock_user_command(name: str, words: WordsOption = DEFAULT_WORDS) -> None:
    """Buka kunci akun. / Unlock an account."""
    with opened() as store:
        store.accounts.lock(name, False, current_operator())
    say(words("accounts.is_unlocked", name=name))


@users.command("set-role")
def set_role_command(
    name: str, role: Annotated[str, typer.Argument(help=", ".join(ACCOUNT_ROLES))], words: WordsOption = DEFAULT_WORDS
) -> None:
    """Ganti peran akun; berlaku sejak saat itu. / Change an account's role, at once.

    Contoh / Example: jangkau users set-role ani viewer
    """
    with opened() as store:
        store.accounts.set_role(name, role, current_operator())
    say(words("store.cli.role_set", name=name, role=words(f"inventory.role.{role}")))


@users.command("journal")
def journal_command(
    limit: Annotated[int, typer.Option(min=1, help="Baris terbanyak. / Lines at most.")] = 50,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Tampilkan apa yang terakhir dilakukan, dan oleh siapa. / List what was done last, and by whom."""
    table = Table(*(words(f"store.cli.journal_{column}") for column in ("at", "who", "action", "note")))
    with opened() as store:
        for line in store.database.journal_lines(current_operator(), limit):
            table.add_row(*(plain(line[column], words) for column in ("at", "who", "action", "note")))
    console.print(table)


@users.command("password")
def password_command(name: str, password: Password = None, words: WordsOption = DEFAULT_WORDS) -> None:
    """Ganti kata sandi; semua sesinya berakhir. / Set a new password; all its sessions end."""
    with opened() as store:
        store.accounts.set_password(name, password or _asked_password(words), current_operator())
    say(words("store.cli.password_changed", name=name))


def _asked_password(words: Words) -> str:
    return str(
        typer.prompt(
            words("inventory.password"), hide_input=True, confirmation_prompt=words("store.cli.password_again")
        )
    )


def _value(value: object, words: Words) -> str:
    if isinstance(value, bool | np.bool_):
        return words("store.cli.yes" if value else "store.cli.no")
    if isinstance(value, float):
        return words.number(value, 3)
    return plain(value, words)


def plain(value: object, words: Words) -> str:
    """Escaped text for the terminal."""
    from rich.markup import escape

    return escape(value) if isinstance(value, str) and value else words("store.cli.none")
