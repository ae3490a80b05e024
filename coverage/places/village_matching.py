"""Outlines without codes (OpenStreetMap, GADM) matched with known villages by name and place, as a proposal."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.base.projection import utm_crs
from coverage.places.codes import NOT_CLOSE, name_distances, names_frame

NEAR_M = 3_000.0
"""So far outside an outline the point that is known of a village may lie: outlines of two sources differ."""
MATCHES = ("same_name", "close_name", "name_nearby", "place_only", "none")
"""How an outline was matched, the surest first."""
VILLAGE = ("village_code_bps", "village_code_kemendagri", "village", "subdistrict")
PROPOSAL = ("feature", "name", "how", *VILLAGE, "distance_m")


def propose_codes(outlines: gpd.GeoDataFrame, name: str, villages: pd.DataFrame) -> pd.DataFrame:
    """Propose the village that each outline is of; nothing is certain until somebody confirms it.

    Parameters
    ----------
    outlines : polygons, EPSG:4326
    name : column with the name of each
    villages : ``village_code_bps, village_code_kemendagri, village, subdistrict`` and a point inside, ``lon, lat``

    Returns
    -------
    DataFrame
        :data:`PROPOSAL`, a row per outline in its order (``feature`` counts from 1). ``how`` is ``same_name`` or
        ``close_name`` where the village's point lies in the outline, ``name_nearby`` where it lies within
        :data:`NEAR_M`, ``place_only`` where just the point of a village of another name lies in it, else ``none``. No
        village is proposed twice: the surer and nearer outline has it.
    """
    crs = utm_crs(outlines)
    shapes = shapely.make_valid(outlines.geometry.to_crs(crs).to_numpy())
    points = gpd.GeoSeries(gpd.points_from_xy(villages["lon"], villages["lat"]), crs="EPSG:4326").to_crs(crs).to_numpy()
    outline, village = shapely.STRtree(points).query(shapes, predicate="dwithin", distance=NEAR_M)
    away = shapely.distance(shapes[outline], points[village])
    ours = names_frame(outlines[name].fillna("").astype(str))
    theirs = names_frame(villages["village"])
    apart = name_distances(ours.iloc[outline].reset_index(drop=True), theirs.iloc[village].reset_index(drop=True))
    inside, same = away == 0, apart == 0
    how = np.select(
        [inside & same, inside & (apart < NOT_CLOSE), apart < NOT_CLOSE, inside], [0, 1, 2, 3], len(MATCHES) - 1
    )
    pairs = pd.DataFrame({"outline": outline, "village": village, "how": how, "apart": apart, "away": away})
    pairs = pairs[pairs["how"] < len(MATCHES) - 1].sort_values(["how", "apart", "away"], kind="stable")
    pairs = _each_once(pairs)
    made = pd.DataFrame({"feature": np.arange(1, len(outlines) + 1), "name": outlines[name].to_numpy(dtype=object)})
    made["how"] = MATCHES[-1]
    at = pairs["outline"].to_numpy()
    made.loc[at, "how"] = np.array(MATCHES, dtype=object)[pairs["how"]]
    for column in VILLAGE:
        made[column] = pd.Series(None, index=made.index, dtype=object)
        made.loc[at, column] = villages[column].to_numpy(dtype=object)[pairs["village"]]
    made["distance_m"] = np.nan
    made.loc[at, "distance_m"] = pairs["away"].round(0).to_numpy()
    return made[list(PROPOSAL)]


def _each_once(pairs: pd.DataFrame) -> pd.DataFrame:
    """Of pairs in order of worth, each outline and each village once."""
    outlines: set[int] = set()
    villages: set[int] = set()
    kept = []
    for one, other in zip(pairs["outline"], pairs["village"], strict=True):
        kept.append(one not in outlines and other not in villages)
        if kept[-1]:
            outlines.add(one)
            villages.add(other)
    return pairs[np.array(kept, dtype=bool)]
