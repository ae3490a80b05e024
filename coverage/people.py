"""Where in a village its people live: each piece's share of them."""

from __future__ import annotations

import pandas as pd

from coverage.cells import Land


def spread_evenly(land: Land) -> pd.DataFrame:
    """Spread each village's people evenly over its land: the assumption where nothing better is known.

    Returns
    -------
    pandas.DataFrame
        Table CELLS; ``people_share`` is a piece's area over its village's.
    """
    cells = land.cells.copy()
    area = cells.groupby("village_position")["area_m2"].transform("sum")
    cells["people_share"] = cells["area_m2"] / area
    return cells
