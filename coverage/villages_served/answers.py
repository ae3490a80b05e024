"""Answers of a survey held against the prediction, the neighbours and the answers before."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

LACKING, FINE = ("blank", "weak"), ("served",)
LEAST_NEIGHBOURS = 3
"""Answers from so many neighbours, all to the contrary, cast doubt on one."""
DOUBTS = ("prediction", "neighbours", "before")


def answers(
    villages: gpd.GeoDataFrame, evidence: pd.DataFrame | None, spots: pd.DataFrame, rule: str, kind: str = "survey"
) -> pd.DataFrame:
    """Who answered, what, and what contradicts it.

    Parameters
    ----------
    villages : Table VILLAGES
    evidence : Table EVIDENCE, or None
    spots : Table BLANK_SPOTS; states under ``rule`` are the prediction
    kind : which evidence counts as answers

    Returns
    -------
    pandas.DataFrame
        A row per village: ``village_code_bps, village, subdistrict, date, claim, computed`` and a boolean for each of
        :data:`DOUBTS`. The answers of the latest year that has any count, those of a year before are compared with;
        several of one village (its hamlets) are ``blank`` or ``served`` where all are, else ``weak``. A prediction that
        is unknown contradicts nothing, and weak agrees with blank that something is missing.
    """
    table = villages[["village_code_bps", "village", "subdistrict"]].reset_index(drop=True)
    codes = table["village_code_bps"]
    computed = spots[spots["rule"] == rule].set_index("village_code_bps")["state"].reindex(codes).to_numpy()
    rows = pd.DataFrame(columns=["village_code_bps", "claimed_state", "date"]) if evidence is None else evidence
    if evidence is not None:
        rows = evidence[(evidence["kind"] == kind) & evidence["village_code_bps"].notna()]
    year = rows["date"].fillna("").str[:4]
    latest = year.max() if len(rows) else ""
    now, before = _of_villages(rows[year == latest], codes), _of_villages(rows[year < latest], codes)
    found: pd.DataFrame = table.assign(
        date=now["date"].to_numpy(dtype=object),
        claim=now["claim"].to_numpy(dtype=object),
        computed=computed,
        prediction=_contrary(now["claim"].to_numpy(dtype=object), computed),
        neighbours=_unlike_neighbours(villages, now["claim"].to_numpy(dtype=object)),
        before=_contrary(now["claim"].to_numpy(dtype=object), before["claim"].to_numpy(dtype=object)),
    )
    return found


def _of_villages(rows: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """``claim`` and latest ``date`` of each village, None without answers."""
    if rows.empty:
        return pd.DataFrame({"claim": None, "date": None}, index=codes.index, dtype=object)
    by = rows.groupby("village_code_bps")
    states = by["claimed_state"].agg(lambda said: said.iloc[0] if said.nunique() == 1 else "weak")
    found = pd.DataFrame({"claim": states, "date": by["date"].max()}).reindex(codes).astype(object)
    return found.where(found.notna(), None)


def _contrary(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray((np.isin(one, LACKING) & np.isin(other, FINE)) | (np.isin(one, FINE) & np.isin(other, LACKING)))


def _unlike_neighbours(villages: gpd.GeoDataFrame, claim: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether every neighbour that answered, at least :data:`LEAST_NEIGHBOURS`, says the contrary."""
    shapes = villages.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    told = (one != other) & pd.notna(claim[one]) & pd.notna(claim[other])
    one, other = one[told], other[told]
    count = np.bincount(one, minlength=len(shapes))
    unlike = np.bincount(one, weights=_contrary(claim[one], claim[other]), minlength=len(shapes))
    return np.asarray((count >= LEAST_NEIGHBOURS) & (unlike == count))
