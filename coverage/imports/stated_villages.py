"""The village that a row says it lies in, matched with the region's by code and name; contradictions are refused."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import process

from coverage.imports.fields import Fault
from coverage.imports.list_options import Choices
from coverage.imports.places import Region
from coverage.imports.raw import Note, Raw
from coverage.imports.values import cleaned
from coverage.places.codes import normalise_name
from coverage.places.reconcile import reconcile

NEAREST = 3
SAID = ("village_code", "village", "subdistrict", "regency")


@dataclass
class Said:
    """The BPS code of the village that each row says, None where it says none; and what rows are refused for."""

    code: NDArray[np.object_]
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def said_villages(raw: Raw, choices: Choices, region: Region | None, lies_in: pd.Series) -> Said:
    """Match the village that each row says with those of the region.

    Parameters
    ----------
    raw, choices
        The rows and which columns hold a village, its code, its subdistrict.
    region
        None where the rows are checked against no villages: then nothing is matched.
    lies_in
        The village that each row lies in: settles which of several namesakes is meant.

    Returns
    -------
    Said
        An unknown village is refused with the nearest names; a code and a name that disagree, and digits that are a
        Kemendagri code without its dots, with what each of them says.
    """
    count = len(raw.frame)
    none = np.full(count, None, dtype=object)
    if region is None or not {"village", "village_code"} & set(choices.columns):
        return Said(none)
    given = pd.DataFrame(
        {what: cleaned(raw.frame[choices.columns[what]].tolist()) if what in choices.columns else none for what in SAID}
    ).fillna("")
    asked = (given["village"] != "") | (given["village_code"] != "")
    combos = given[asked].drop_duplicates(ignore_index=True)
    if combos.empty:
        return Said(none)
    villages = pd.DataFrame(region.villages.drop(columns="geometry"))
    found = reconcile(combos.rename(columns={"village_code": "code"}), villages, region.crosswalk)
    rows = given.merge(combos.assign(combo=np.arange(len(combos))), how="left", on=list(SAID))["combo"]
    return _said(given, rows, found, region, lies_in)


def _said(given: pd.DataFrame, rows: pd.Series, found: pd.DataFrame, region: Region, lies_in: pd.Series) -> Said:
    asked = rows.notna().to_numpy()
    of = rows[asked].to_numpy(dtype=int)
    said = Said(np.full(len(given), None, dtype=object))
    status = np.full(len(given), "", dtype=object)
    status[asked] = found["status"].to_numpy(dtype=object)[of]
    reason = np.full(len(given), "", dtype=object)
    reason[asked] = found["reason"].to_numpy(dtype=object)[of]
    code = np.full(len(given), None, dtype=object)
    code[asked] = found["village_code_bps"].to_numpy(dtype=object)[of]
    candidates = np.full(len(given), "", dtype=object)
    candidates[asked] = found["candidates"].to_numpy(dtype=object)[of]
    sure = np.isin(status, ("agreed", "spelling"))
    said.code[sure] = code[sure]
    undotted = np.array(["without_dots" in text or text == "digits_in_both" for text in reason], dtype=bool)
    namesake = (status == "ambiguous") & ~undotted & (given["village_code"] == "").to_numpy()
    for at in np.flatnonzero(namesake):
        here = lies_in.iloc[at]
        if isinstance(here, str) and here in candidates[at]:
            said.code[at] = here
    unsettled = namesake & pd.isna(said.code)
    if unsettled.any():
        said.notes.append(("imports.note.namesakes", {"count": int(unsettled.sum())}))
    lost = status == "not_found"
    differ = np.isin(status, ("code_conflict", "name_conflict")) | (status == "ambiguous") & ~namesake
    differ &= ~undotted
    details = {
        int(at): {
            "village": given["village"].iloc[at] or "–",
            "code": given["village_code"].iloc[at] or "–",
            "subdistrict": given["subdistrict"].iloc[at] or "–",
            "candidates": candidates[at] or "–",
        }
        for at in np.flatnonzero(undotted | differ | lost)
    }
    for at in np.flatnonzero(lost):
        details[int(at)]["nearest"] = nearest_names(given["village"].iloc[at], region)
    said.faults = [
        ("import.undotted_code", undotted & ~sure, details),
        ("import.code_and_name_differ", differ, details),
        ("import.unknown_village", lost, details),
    ]
    return said


def nearest_names(name: str, region: Region) -> list[str]:
    """The names of the region that are nearest to one, with their subdistricts."""
    if not name:
        return []
    names = region.villages["village"].tolist()
    keys = [normalise_name(village) for village in names]
    found = process.extract(normalise_name(name), keys, limit=NEAREST)
    subdistricts = region.villages["subdistrict"].tolist()
    return [f"{names[at]} ({subdistricts[at]})" for _, _, at in found]
