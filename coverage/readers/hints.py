"""Hints of service: what phones heard or measured by chance, by village. Never proof, and no hint says nothing."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.base.schema import EVIDENCE, in_form
from coverage.places.villages import Note
from coverage.readers.cells import read_cells
from coverage.readers.geofiles import sniff
from coverage.readers.speed_tiles import read_speed_tiles


def read_hints(
    path: str | Path, villages: gpd.GeoDataFrame, title: str | None = None, dated: str | None = None
) -> tuple[pd.DataFrame, list[Note]]:
    """Read a file of hints: cells (CSV of OpenCelliD or Mozilla), else tiles of speed tests (Ookla).

    A village without one gets no row: nobody may have looked.

    Parameters
    ----------
    villages : Table VILLAGES
    title : what the file is called for people; its own name if left out
    dated : date of what does not tell its own

    Returns
    -------
    tuple
        Table EVIDENCE of kind ``hint``, a row per village, with the number of observations in its source and the place
        of most of them; and notes.

    Raises
    ------
    InputError
        As :func:`read_cells` and :func:`read_speed_tiles`.
    """
    path = Path(path)
    cells = sniff(path) is None if path.is_file() else True
    found, notes = (read_cells if cells else read_speed_tiles)(path, villages)
    name = title or path.name
    table = pd.DataFrame(
        {
            "evidence_id": [f"{path.name}:{code}" for code in found.index],
            "village_code_bps": found.index.to_numpy(dtype=object),
            "kind": "hint",
            "claimed_state": "served",
            "match": "agreed",
            "source": [f"{name} (n = {count})" for count in found["count"]],
            "date": found["date"].where(found["date"].notna(), dated or None).to_numpy(dtype=object),
            "operator": found["operator"].to_numpy(dtype=object),
            "lon": found["lon"].to_numpy(dtype=float),
            "lat": found["lat"].to_numpy(dtype=float),
        }
    )
    return in_form(table, EVIDENCE), [(code, {**told, "file": name}) for code, told in notes]
