"""``jangkau reconcile``: a list of villages matched with those of a region."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table
from rich.text import Text

from coverage.base.errors import FileRefusedError, Place
from coverage.cli.common import DEFAULT_WORDS, WordsOption, console, progress_bar, say, write_file
from coverage.exports.reconciliation import reconciliation_table, write_reconciliation
from coverage.language.words import Words
from coverage.places.reconcile import STATUSES, reconcile
from coverage.readers.nation import all_villages, region_that_ships, villages_of
from coverage.readers.shipped import REGIONS, region_dir
from coverage.readers.village_lists import read_crosswalk, read_village_list

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MAPS = (".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz", ".parquet")
MOST_ROWS = 200
STYLES = {
    "agreed": "green",
    "spelling": "green",
    "code_conflict": "yellow",
    "name_conflict": "yellow",
    "ambiguous": "yellow",
    "not_found": "red",
}


def reconcile_command(
    villages: Annotated[Path, typer.Argument(metavar="LIST", help="Daftar desa (CSV, Excel). / List of villages.")],
    region: Annotated[
        str | None,
        typer.Option(
            help="Berkas batas desa, daftar desa, atau kode/nama kabupaten/kota; tanpa ini seluruh Indonesia. / "
            "File of boundaries, list of villages, or code or name of a regency; all of Indonesia without."
        ),
    ] = None,
    crosswalk: Annotated[
        Path | None, typer.Option(help="Padanan kode BPS dan Kemendagri. / BPS and Kemendagri codes.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Berkas hasil (CSV). / File for the result (CSV).")] = None,
    sheet: Annotated[str | None, typer.Option(help="Lembar Excel yang dibaca. / Sheet of the workbook.")] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau reconcile``.

    Contoh / Example: jangkau reconcile daftar_resmi.xlsx --region desa.geojson --crosswalk padanan_kode.csv
    --out hasil.csv
    """
    with progress_bar() as bar:
        task = bar.add_task(words("reconcile.step.region"), total=4)
        # A region that is its own crosswalk holds both codes already.
        separate = crosswalk is not None and Path(region or "").resolve() != crosswalk.resolve()
        codes = read_crosswalk(crosswalk) if crosswalk and separate else None
        known = read_region(region, codes)
        bar.update(task, description=words("reconcile.step.list"), completed=1)
        rows, _ = read_village_list(villages, known, sheet)
        bar.update(task, description=words("reconcile.step.match"), completed=2)
        result = reconcile(rows, known, codes)
        bar.update(task, description=words("reconcile.step.write"), completed=3)
        if out:
            write_file(out, write_reconciliation(result, words))
    _print_counts(result, out, words)


def read_region(region: str | None, crosswalk: pd.DataFrame | None) -> pd.DataFrame:
    """Read the villages to match with: of boundaries, a list of codes and names, a regency, or all of Indonesia."""
    if region is None:
        return all_villages()
    path = Path(region)
    if path.is_file():
        if path.suffix.lower() in TABLES:
            return read_crosswalk(path)
        # GDAL is slow to import, and a plain list needs none.
        from coverage.readers.villages import read_villages

        return pd.DataFrame(read_villages(path, crosswalk)[0].drop(columns="geometry"))
    if path.suffix.lower() in (*TABLES, *MAPS):
        raise FileRefusedError("file.not_found", Place(file=region, value=region))
    regency = region_that_ships(region)
    if regency.code in REGIONS:
        return read_crosswalk(region_dir(regency.code) / "villages.csv")
    return villages_of(regency)


def _print_counts(result: pd.DataFrame, out: Path | None, words: Words) -> None:
    counts = result["status"].value_counts()
    told = ", ".join(
        f"{words.number(counts[status])} {words(f'core.match.{status}')}" for status in STATUSES if status in counts
    )
    if out:
        say(words("reconcile.written", out=str(out), rows=len(result), counts=told))
        return
    shown = result if len(result) <= MOST_ROWS else result[~result["status"].isin(["agreed", "spelling"])]
    table = Table(*(words(f"reconcile.column.{name}") for name in ("row", "status", "village", "reason", "candidates")))
    for row in reconciliation_table(shown.head(MOST_ROWS), words).to_dict("records"):
        village = " ".join(filter(None, (row["village_code_bps"], row["village"])))
        table.add_row(
            str(row["row"]),
            Text(words(f"core.match.{row['status']}"), style=STYLES[row["status"]]),
            Text(village),
            Text(row["reason"]),
            Text(row["candidates"]),
        )
    console.print(table)
    if len(result) > min(len(shown), MOST_ROWS):
        say(words("reconcile.shortened", shown=min(len(shown), MOST_ROWS), rows=len(result)))
    say(words("reconcile.summary", rows=len(result), counts=told))
