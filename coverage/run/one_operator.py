"""Places where people hear one operator alone, whatever the state of their village."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.run.result import Analysis, RunTables
from coverage.villages_served.pockets import find_pockets
from coverage.villages_served.village_signal import OPERATORS_UNKNOWN

COLUMNS = (
    "village_code_bps", "village", "subdistrict", "state", "operator", "people", "share", "area_km2", "lon", "lat",
    "from_centre_m", "bearing_deg",
)  # fmt: skip


def tells_operators(analysis: RunTables | None) -> bool:
    """Whether it is known who is heard: by signal, of towers that all name theirs; else another may be heard, too."""
    signal = analysis.reached.signal if isinstance(analysis, Analysis) else None
    return signal is not None and bool(signal.towers) and all(tower.operators for tower in signal.towers)


def one_operator_places(analysis: Analysis) -> pd.DataFrame:
    """Connected groups of people who hear one operator alone, made as blank pockets are, with as many people at least.

    An operator counts on a piece of land where half of it or more hears it; pieces of which more than
    :data:`OPERATORS_UNKNOWN` is not known are left out. What is too few people for a place is left out, too.

    Parameters
    ----------
    analysis : one for which :func:`tells_operators` is true

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`, with most people first; ``state`` is that of the village under the run's rule.
    """
    land, signal, pieces = analysis.land, analysis.reached.signal, analysis.reached.known_pieces
    if land is None or signal is None or pieces is None:
        return pd.DataFrame(columns=list(COLUMNS))
    alone = (pieces["operators"] == 1).to_numpy()
    if "share_unknown" in pieces:
        alone &= (pieces["share_unknown"] <= OPERATORS_UNKNOWN).to_numpy()
    heard, parts = pieces["heard"].to_numpy(dtype=np.uint64), []
    for bit, name in enumerate(signal.operators):
        own = (alone & (heard == np.uint64(1 << bit))).astype(np.float64)
        table = find_pockets(land, analysis.cells, analysis.villages, own, analysis.parameters.pockets, own).table
        parts.append(table[table["pocket"] > 0].assign(operator=name))
    found = pd.concat(parts, ignore_index=True)
    found["state"] = analysis.states().reindex(found["village_code_bps"]).to_numpy(dtype=object)
    order = ["people", "share", "village_code_bps", "operator"]
    found = found.sort_values(order, ascending=[False, False, True, True], kind="stable", ignore_index=True)
    return found[list(COLUMNS)]
