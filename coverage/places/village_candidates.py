"""Candidate villages for each row of a list, with supporting evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.places.codes import NOT_CLOSE, name_distances, names_frame, read_code, text_of
from coverage.places.gazetteer import NOT_GIVEN, NOT_KNOWN, Flags, Gazetteer, Ints, close_pairs

FORMS = ["key", "sound", "numerals", "side"]
FLAGS = ["by_code", "by_bare", "by_edition", "exact"]


def read_rows(rows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Parse each row: code, name, and the areas of both.

    Parameters
    ----------
    rows : any of ``code``, ``village``, ``subdistrict``, ``regency``, ``row``, as written

    Returns
    -------
    DataFrame
        Index from zero: ``row``; ``code, village, subdistrict, regency`` as text; ``system, digits`` of the code;
        ``unverifiable`` (a code of a system that no known village has a code of) and ``coded`` (a code to go by);
        ``key, sound, numerals, side`` of the name and how many villages of the region have it (``namesakes``); numbers
        of areas: ``area`` and ``regency_area`` as written, ``code_area`` and ``code_regency`` as the code has it, and
        ``outside`` (the code is of a regency or province that the region has no part of).
    """
    made = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    made["row"] = rows["row"].to_numpy() if "row" in rows.columns else np.arange(1, len(rows) + 1)
    for column in ("code", "village", "subdistrict", "regency"):
        values = rows[column] if column in rows.columns else [""] * len(rows)
        made[column] = pd.Series([text_of(value) for value in values], dtype=object)
    codes = [read_code(text) for text in made["code"]]
    made["system"] = pd.Series([code.system for code in codes], dtype=object)
    made["digits"] = pd.Series([code.digits for code in codes], dtype=object)
    villages = made["system"].isin(["bps", "kemendagri"])
    made["unverifiable"] = villages & ~made["system"].isin(set(gazetteer.codes["system"]))
    made["coded"] = villages & ~made["unverifiable"]
    made[FORMS] = names_frame(made["village"])
    only_code = (made["system"] == "subdistrict") & (made["subdistrict"] == "")
    made["namesakes"] = made["key"].map(gazetteer.names["key"][gazetteer.names["whole"]].value_counts()).fillna(0)
    made["area"] = gazetteer.subdistricts(made["subdistrict"].mask(only_code, made["code"]))
    made["regency_area"] = gazetteer.regencies(made["regency"])
    return _with_code_areas(made, gazetteer)


def _with_code_areas(given: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Add subdistrict and regency of the code; bare digits are BPS before Kemendagri."""
    is_dotted = given["system"] == "kemendagri"
    prefix = pd.Series(np.where(is_dotted, "kem:", "bps:"), index=given.index, dtype=object)
    digits = given["digits"]
    given["code_area"] = gazetteer.area(prefix + digits.str[:7].mask(is_dotted, digits.str[:6]))
    given["code_regency"] = gazetteer.area(prefix + digits.str[:4])
    other = (given["code_regency"] == NOT_KNOWN) & ~is_dotted
    given["code_regency"] = given["code_regency"].mask(other, pd.Series(gazetteer.area("kem:" + digits.str[:4])))
    province = gazetteer.area(prefix + digits.str[:2])
    given["outside"] = (
        given["coded"]
        & (given["code_regency"] == NOT_KNOWN)
        & ((gazetteer.only_regency != NOT_KNOWN) | (province == NOT_KNOWN))
    )
    given.loc[~given["coded"], ["code_area", "code_regency"]] = NOT_GIVEN
    return given


def find_candidates(given: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """List the villages that each row may be about.

    Returns
    -------
    DataFrame
        Sorted by ``row`` (position in ``given``) and ``place``, each pair once: ``by_code``, ``by_bare`` (its
        Kemendagri code without dots), ``by_edition`` (a BPS code that another edition gives it); ``exact`` (same name)
        and ``distance`` of the names; ``inside`` (the region); ``near`` (in the given subdistrict, else the code's),
        ``same_regency`` (as the code's), ``against`` (the given subdistrict or regency contradicts it).
    """
    hits = _code_hits(given, gazetteer)
    named = given.index[given["key"] != ""]
    same = (
        given.loc[named, ["key"]]
        .rename_axis("row")
        .reset_index()
        .merge(gazetteer.names.loc[gazetteer.names["whole"], ["place", "key"]], on="key")[["row", "place"]]
    )
    same = same.assign(exact=True, distance=0)
    same = same[_useful(same, hits, given, gazetteer)]
    is_near = _near(same, given, gazetteer)
    rest = np.setdiff1d(named, same["row"][is_near])
    near = pd.DataFrame({"row": rest, "area": _near_area(given)[rest]})
    near = near.merge(gazetteer.places_in(near["area"].unique()), on="area")[["row", "place"]]
    close = _compared(pd.concat([hits, near], ignore_index=True), given, gazetteer)
    found = np.concatenate([same["row"], close["row"][close["distance"] < NOT_CLOSE]])
    far = _far_pairs(given, np.setdiff1d(named, found), gazetteer)
    twins = _twins(given, same, gazetteer)
    return _flagged(pd.concat([close, same, far, twins], ignore_index=True), given, gazetteer)


def _near_area(given: pd.DataFrame) -> Ints:
    """Subdistrict to search: the given one, else the code's."""
    return np.where(given["area"] >= 0, given["area"], given["code_area"]).astype(np.int64)


def _code_hits(given: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Villages with the code of a row in either system."""
    coded = given.loc[given["coded"], ["digits", "system"]].rename(columns={"system": "written"})
    hits = coded.rename_axis("row").reset_index().merge(gazetteer.codes, on="digits")
    hits = hits[(hits["written"] == "bps") | (hits["system"] == "kemendagri")]
    hits["by_code"] = hits["written"] == hits["system"]
    hits["by_bare"] = (hits["written"] == "bps") & (hits["system"] == "kemendagri")
    hits["by_edition"] = hits["system"] == "other_edition"
    return hits[["row", "place", "by_code", "by_bare", "by_edition"]]


def _useful(same: pd.DataFrame, hits: pd.DataFrame, given: pd.DataFrame, gazetteer: Gazetteer) -> Flags:
    """Drop namesakes in other regencies where code or words lead to something better."""
    rows, places = same["row"].to_numpy(), same["place"].to_numpy()
    regency = given["code_regency"].to_numpy(dtype=np.int64)[rows]
    useful: Flags = (regency == NOT_GIVEN) | gazetteer.is_in(places, regency)
    useful |= gazetteer.is_in(places, given["area"].to_numpy(dtype=np.int64)[rows])
    here = gazetteer.places["inside"].to_numpy(dtype=bool)[hits["place"]]
    lost = np.setdiff1d(rows, np.concatenate([rows[useful], hits["row"][here]]))
    return useful | np.isin(rows, lost)


def _near(pairs: pd.DataFrame, given: pd.DataFrame, gazetteer: Gazetteer) -> Flags:
    """Whether each place lies in the subdistrict to search; of namesakes in several regencies, only the code's."""
    rows, places = pairs["row"].to_numpy(dtype=np.int64), pairs["place"].to_numpy(dtype=np.int64)
    area, regency = _near_area(given), given["code_regency"].to_numpy(dtype=np.int64)
    both = pd.DataFrame({"area": area, "regency": regency})
    asked = both[(area >= 0) & (regency >= 0)].drop_duplicates()
    asked = asked.merge(gazetteer.places_in(asked["area"].to_numpy()), on="area")
    asked = asked[gazetteer.is_in(asked["place"].to_numpy(), asked["regency"].to_numpy())]
    narrowed = pd.MultiIndex.from_frame(both).isin(pd.MultiIndex.from_frame(asked[["area", "regency"]]))
    near: Flags = gazetteer.is_in(places, area[rows]) & (~narrowed[rows] | gazetteer.is_in(places, regency[rows]))
    return near


def _compared(pairs: pd.DataFrame, given: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Name distances of each row and place; pairs by code stay even where names differ."""
    flags = ["by_code", "by_bare", "by_edition"]
    pairs[flags] = pairs[flags].astype("boolean").fillna(False).astype(bool)
    pairs = pairs.groupby(["row", "place"], as_index=False)[flags].any()
    long = pairs.reset_index(names="pair").merge(gazetteer.names_of(pairs["place"].to_numpy()), on="place")
    own = given[FORMS].iloc[long["row"]].reset_index(drop=True)
    long["exact"] = ((own["key"] == long["key"]) & (own["key"] != "") & long["whole"]).to_numpy()
    long["distance"] = name_distances(own, long)
    best = long.groupby("pair").agg(exact=("exact", "any"), distance=("distance", "min"))
    best = best.reindex(range(len(pairs)))
    pairs["exact"] = best["exact"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    pairs["distance"] = best["distance"].fillna(NOT_CLOSE).to_numpy(dtype=np.int64)
    pairs.loc[pairs["exact"], "distance"] = 0
    return pairs[(pairs["distance"] < NOT_CLOSE) | pairs[flags].any(axis=1)]


def _far_pairs(given: pd.DataFrame, rows: Ints, gazetteer: Gazetteer) -> pd.DataFrame:
    """For unmatched names, close ones in the regency: that of the code, the given, or the only one."""
    block = given["code_regency"].to_numpy(dtype=np.int64)[rows]
    written = given["regency_area"].to_numpy(dtype=np.int64)[rows]
    block = np.where(block == NOT_GIVEN, written, block)
    block = np.where(block == NOT_GIVEN, gazetteer.only_regency, block)
    parts = [pd.DataFrame({"row": [], "place": [], "distance": []}, dtype=np.int64)]
    for area in np.unique(block[block >= 0]):
        asked = rows[block == area]
        parts.append(_close_in(area, given, asked, gazetteer))
    return pd.concat(parts, ignore_index=True)


def _close_in(area: int, given: pd.DataFrame, rows: NDArray[np.int64], gazetteer: Gazetteer) -> pd.DataFrame:
    """Pair rows with the places of an area whose names are close."""
    there = gazetteer.names[gazetteer.names["place"].isin(gazetteer.places_in(np.array([area]))["place"])]
    pairs = close_pairs(given.loc[rows, FORMS], there)
    return pd.DataFrame(
        {
            "row": rows[pairs["left"]],
            "place": there["place"].to_numpy()[pairs["right"]],
            "distance": pairs["distance"].to_numpy(),
        }
    )


def _twins(given: pd.DataFrame, same: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """For rows of a name alone that one village has, the villages of its regency whose names are a letter apart."""
    alone = (~given["coded"] & (given["area"] == NOT_GIVEN)).to_numpy()
    asked = same[alone[same["row"].to_numpy(dtype=np.int64)]].drop_duplicates("row", keep=False)
    codes = gazetteer.places["village_code_bps"].iloc[asked["place"].to_numpy(dtype=np.int64)]
    block = gazetteer.area("bps:" + codes.str[:4])
    parts = [pd.DataFrame({"row": [], "place": [], "distance": []}, dtype=np.int64)]
    for area in np.unique(block[block >= 0]):
        rows = asked["row"].to_numpy(dtype=np.int64)[block == area]
        pairs = _close_in(area, given, rows, gazetteer)
        parts.append(pairs[pairs["distance"] <= 1])
    return pd.concat(parts, ignore_index=True)


def _flagged(pairs: pd.DataFrame, given: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Merge duplicate pairs and add flags for and against."""
    pairs[FLAGS] = pairs[FLAGS].astype("boolean").fillna(False).astype(bool)
    joined = pairs.groupby(["row", "place"], as_index=False).agg({**dict.fromkeys(FLAGS, "any"), "distance": "min"})
    rows, places = joined["row"].to_numpy(dtype=np.int64), joined["place"].to_numpy(dtype=np.int64)
    joined["inside"] = gazetteer.places["inside"].to_numpy(dtype=bool)[places]
    joined["near"] = _near(joined, given, gazetteer)
    joined["same_regency"] = gazetteer.is_in(places, given["code_regency"].to_numpy(dtype=np.int64)[rows])
    against = np.zeros(len(joined), dtype=bool)
    for column, prefix in (("area", "sub:"), ("regency_area", "reg:")):
        area = given[column].to_numpy(dtype=np.int64)[rows]
        comparable = gazetteer.has_area(prefix)[places] | gazetteer.is_code_area(area)
        against |= ((area >= 0) & comparable & ~gazetteer.is_in(places, area)) | (
            (area == NOT_KNOWN) & gazetteer.has_area(prefix)[places]
        )
    joined["against"] = against & joined["inside"].to_numpy()
    return joined
