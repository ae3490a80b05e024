"""Join sheets of a workbook with the same header into one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import FileRefusedError, Place
from coverage.imports.blocks import make_raw
from coverage.imports.columns import is_header
from coverage.imports.raw import STEP, Note, Raw
from coverage.readers.tables import LOOK_AHEAD, Rows

LAYER = "layer"
ALL_SHEETS = "*"
"""In place of a sheet name: all."""


def together(
    tables: Mapping[str, Rows], merged: Mapping[str, Sequence[Sequence[int]]], notes: list[Note], file: str
) -> Raw:
    """Join the sheets that hold a list; others are left out with a note.

    Raises
    ------
    FileRefusedError
        ``imports.sheets_differ``: their columns differ.
    """
    lists = [
        name for name, rows in tables.items() if any(sum(map(is_header, cells)) >= 2 for _, cells in rows[:LOOK_AHEAD])
    ] or list(tables)
    parts = [make_raw(tables[name], file, name, merged=merged.get(name, [])) for name in lists]
    if not parts:
        raise FileRefusedError("table.no_rows", Place(file=file))
    known = set(parts[0].columns)
    for part in parts[1:]:
        if len(known & set(part.columns)) * 2 <= max(len(known), len(part.columns)):
            raise FileRefusedError("imports.sheets_differ", Place(file=file, sheet=part.sheet))
    left_out = [name for name in tables if name not in lists]
    told: list[Note] = [("imports.note.sheets", {"count": len(parts), "sheets": ", ".join(lists)})]
    if left_out:
        told.append(("imports.note.sheets_left_out", {"sheets": ", ".join(left_out)}))
    for note in [note for part in parts for note in part.notes]:
        if note not in told:
            told.append(note)
    return _joined(parts, file, [*told, *notes])


def layers_together(parts: Sequence[Raw], file: str) -> Raw:
    """Join the layers of a map: each row says its layer (column ``layer``), whatever other columns it has."""
    named = [
        replace(part, frame=part.frame.assign(**{LAYER: PurePosixPath(str(part.sheet)).name.removesuffix(".shp")}))
        for part in parts
    ]
    told: list[Note] = [
        ("imports.note.sheets", {"count": len(parts), "sheets": ", ".join(str(part.sheet) for part in parts)})
    ]
    raw = _joined(named, file, [*told, *(note for part in named for note in part.notes)])
    shapes = np.concatenate([np.asarray(part.shapes, dtype=object) for part in named])
    return replace(raw, shapes=shapes, block=None)


def _joined(parts: Sequence[Raw], file: str, notes: list[Note]) -> Raw:
    frames = [part.frame.set_axis(part.frame.index + at * STEP) for at, part in enumerate(parts)]
    return Raw(
        pd.concat(frames).fillna("").rename_axis("row"),
        file,
        None,
        parts[0].header_row,
        np.concatenate([_per_row(part, part.block, str(part.sheet)) for part in parts]),
        np.concatenate([_per_row(part, part.faults, "") for part in parts]),
        notes=notes,
        sheets=tuple(str(part.sheet) for part in parts),
        spanning=frozenset((row + at * STEP, name) for at, part in enumerate(parts) for row, name in part.spanning),
    )


def _per_row(part: Raw, values: NDArray[np.object_] | None, otherwise: str) -> NDArray[np.object_]:
    return np.full(len(part.frame), otherwise, dtype=object) if values is None else values
