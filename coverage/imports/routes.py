"""Join points of a route into a line, by block or by name, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.imports.raw import Note, Raw
from coverage.readers.kinds import asset_kinds


def join_routes(raw: Raw, table: pd.DataFrame, verdicts: Any, notes: list[Note]) -> None:
    """Join the points of each route in place: its first row holds the line, the others none (``rows`` is 0).

    A route with a refused point, or of one point only, is refused as a whole.

    Parameters
    ----------
    table : ``kind, name, asset_id, geometry, rows``, a row per row of the list
    """
    points = (shapely.get_type_id(table["geometry"].to_numpy(dtype=object)) == 0) | (verdicts.code != "")
    routes = table["kind"].isin(asset_kinds().lines).to_numpy() & points
    if raw.shapes is not None or not routes.any():
        return
    keys = _keys(raw, table, routes)
    if keys is None:
        return
    incomplete = np.zeros(len(table), dtype=bool)
    short = np.zeros(len(table), dtype=bool)
    shapes, names = np.array(table["geometry"], dtype=object), np.array(table["name"], dtype=object)
    rows = table["rows"].to_numpy(dtype=np.int64).copy()
    made = 0
    for key, part in pd.Series(np.flatnonzero(routes)).groupby(keys[routes], sort=False):
        at = part.to_numpy()
        good = at[verdicts.code[at] == ""]
        if len(good) < len(at):
            incomplete[good] = True
        elif len(good) < 2:
            short[good] = True
        else:
            if len(set(names[good].tolist())) > 1 or not names[good[0]]:
                names[good[0]] = str(key) or None
            shapes[good[0]] = shapely.LineString(shapely.get_coordinates(shapes[good]))
            rows[good[1:]], rows[good[0]] = 0, len(good)
            made += 1
    # Rows that went into a line are neither accepted nor refused.
    table["geometry"], table["name"], table["rows"] = shapes, names, rows
    verdicts.refuse(incomplete, "import.route_incomplete")
    verdicts.refuse(short, "import.route_of_one_point")
    if made:
        notes.append(("imports.note.routes", {"count": made}))


def _keys(raw: Raw, table: pd.DataFrame, routes: Any) -> Any:
    """Route keys: the blocks of the sheet, else a repeating identifier or name.

    Points that are numbered or unnamed form one route; points with distinct names form none.
    """
    block = np.full(len(table), "", dtype=object) if raw.block is None else raw.block.astype(object)
    if len(set(block[routes])) > 1:
        return block
    for name in ("asset_id", "name"):
        values = table[name].fillna("").to_numpy(dtype=object)
        if "" not in set(values[routes]) and len(set(values[routes])) * 2 <= routes.sum():
            return values
    named = [name for name in table["name"].fillna("").to_numpy(dtype=object)[routes] if any(map(str.isalpha, name))]
    return None if len(set(named)) * 2 > routes.sum() else block
