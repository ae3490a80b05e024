"""A list of assets read for a run, as it would be for the inventory; rows are refused, never left out silently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.base.errors import Place, RowError
from coverage.base.model_options import DateOrder
from coverage.base.schema import ASSETS, check
from coverage.imports.interpret import interpret
from coverage.imports.list_options import Choices, guess
from coverage.imports.places import Region
from coverage.imports.plan import make_plan
from coverage.imports.raw import STEP, Note, Raw
from coverage.imports.read import read
from coverage.imports.result import Interpretation
from coverage.reach.assets import told_columns

NO_ASSETS = ("import.totals_row", "import.note_row", "import.no_answer")
"""Rows that say nothing: sums, headings and signatures, questions left open."""


@dataclass(frozen=True)
class ListOptions:
    """How a list is to be understood where that is not to be guessed.

    Attributes
    ----------
    columns : ``lat=KOLOM``: single columns by field
    sheet, crs : as :func:`coverage.imports.read.read` takes them
    skip_refused : whether refused rows are left out, and counted in the notes, instead of the whole list refused
    """

    kind: str | None = None
    columns: tuple[str, ...] = ()
    sheet: str | None = None
    crs: str | None = None
    dates: DateOrder | None = None
    repairs: tuple[str, ...] = ()
    skip_refused: bool = False


def read_assets(
    path: str | Path, region: Region | None = None, options: ListOptions = ListOptions()
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Read a list of assets, by the same chain as an import into the inventory.

    Parameters
    ----------
    path : whatever :func:`coverage.imports.read.read` reads
    region : what places are checked against; None checks for Indonesia alone

    Returns
    -------
    assets : GeoDataFrame
        Per :data:`coverage.base.schema.ASSETS`, EPSG:4326, sorted by ``asset_id``.
    notes : list of (code, values)
        What was assumed, understood or left out: the key of a sentence and the values it names.

    Raises
    ------
    FileRefusedError, ColumnError, CrsError
        As the chain raises them.
    RowError
        The first refused row: its number, its cells, the reason, and how many there are.
    """
    raw = read(path, options.sheet, options.crs)
    found = interpret(raw, _choices(raw, options), region)
    refused = found.refused[~found.refused["code"].isin(NO_ASSETS)]
    if len(refused) and not (options.skip_refused and found.accepted_rows):
        raise _first(refused, found)
    notes = [*found.notes, *left_out(found.refused)]
    plan = make_plan(found, gpd.GeoDataFrame(found.accepted.head(0)))
    return check(plan.new[told_columns(plan.new)].sort_values("asset_id", ignore_index=True), ASSETS), [
        (code, {"file": raw.file, **values}) for code, values in notes
    ]


def _choices(raw: Raw, options: ListOptions) -> Choices:
    choices = guess(raw, options.kind, "assets")
    return replace(
        choices.with_named(options.columns), dates=options.dates or choices.dates, repairs=frozenset(options.repairs)
    )


def _first(refused: pd.DataFrame, found: Interpretation) -> RowError:
    row = refused.iloc[0]
    number = int(row["row"]) % STEP if found.raw.sheets else int(row["row"])
    place = Place(found.raw.file, row["sheet"], number)
    repair = {} if row["offer"] is None else {"repair": row["offer"].code}
    return RowError(row["code"], place, **{"refused": len(refused), **repair, **row["details"]})


def left_out(refused: pd.DataFrame) -> list[Note]:
    """A note for the rows that were left out, with the numbers of the first."""
    if refused.empty:
        return []
    rows = ", ".join(map(str, refused["row"].head(5))) + (" …" if len(refused) > 5 else "")
    return [("imports.note.left_out", {"count": len(refused), "rows": rows})]
