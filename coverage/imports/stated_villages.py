"""Match the village stated in each row by code and name; contradictions are refused."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import process

from coverage.imports.columns import cells
from coverage.imports.fields import Fault
from coverage.imports.list_options import Choices
from coverage.imports.places import Region
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.values import cleaned
from coverage.places.codes import normalise_name
from coverage.places.reconcile import reconcile
from coverage.readers.tables import TextTable
from coverage.readers.village_lists import find_columns, row_codes

NEAREST, TOLD = 3, 3
SAID = ("village_code", "village", "subdistrict", "regency")


@dataclass
class StatedVillages:
    """The BPS code of the village that each row says, None where it says none; and what rows are refused for.

    ``doubtful`` are the rows whose name is of no village, or of one in another subdistrict: their place counts.
    """

    code: NDArray[np.object_]
    doubtful: NDArray[np.bool_]
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def stated_villages(raw: Raw, choices: Choices, region: Region | None, lies_in: pd.Series) -> StatedVillages:
    """Match the village that each row says with those of the region.

    Parameters
    ----------
    raw, choices : the rows and which columns hold a village, its code, its subdistrict
    region : None where the rows are checked against no villages: then nothing is matched
    lies_in : the village that each row lies in: settles which of several namesakes is meant

    Returns
    -------
    Said
        A name that is unknown, or not in the subdistrict that is given, is doubtful: the row has a place. Refused are a
        code and a name that disagree, and digits that are a Kemendagri code without its dots.
    """
    count = len(raw.frame)
    none = np.full(count, None, dtype=object)
    nothing = np.zeros(count, dtype=bool)
    if region is None or not {"village", "village_code"} & set(choices.columns):
        return StatedVillages(none, nothing)
    given = pd.DataFrame(
        {
            what: cleaned(cells(raw, choices.columns, choices.also, what)) if what in choices.columns else none
            for what in SAID
        }
    ).fillna("")
    if "village_code" in choices.columns:
        given["village_code"] = village_codes(raw, choices)
    asked = (given["village"] != "") | (given["village_code"] != "")
    combos = given[asked].drop_duplicates(ignore_index=True)
    if combos.empty:
        return StatedVillages(none, nothing)
    villages = pd.DataFrame(region.villages.drop(columns="geometry"))
    found = reconcile(combos.rename(columns={"village_code": "code"}), villages, region.crosswalk)
    rows = given.merge(combos.assign(combo=np.arange(len(combos))), how="left", on=list(SAID))["combo"]
    return _matched(given, rows, found, region, lies_in)


def _matched(
    given: pd.DataFrame, rows: pd.Series, found: pd.DataFrame, region: Region, lies_in: pd.Series
) -> StatedVillages:
    asked = rows.notna().to_numpy()
    of = rows[asked].to_numpy(dtype=int)
    said = StatedVillages(np.full(len(given), None, dtype=object), np.zeros(len(given), dtype=bool))
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
    note_count(said.notes, "imports.note.namesakes", unsettled)
    lost = status == "not_found"
    differ = np.isin(status, ("code_conflict", "name_conflict")) | (status == "ambiguous") & ~namesake
    differ &= ~undotted
    said.doubtful = lost | (differ & (given["village_code"] == "").to_numpy())
    differ &= ~said.doubtful
    if said.doubtful.any():
        said.notes.append(_doubtful_note(given, said.doubtful, lies_in, region))
    details = {
        int(at): {
            "village": given["village"].iloc[at] or "–",
            "code": given["village_code"].iloc[at] or "–",
            "subdistrict": given["subdistrict"].iloc[at] or "–",
            "candidates": candidates[at] or "–",
        }
        for at in np.flatnonzero(undotted | differ)
    }
    said.faults = [
        ("import.undotted_code", undotted & ~sure, details),
        ("import.code_and_name_differ", differ, details),
    ]
    return said


def village_codes(raw: Raw, choices: Choices) -> list[str]:
    """The village code of each row as written, put together where it stands in parts; empty where there is none."""
    found = find_columns(TextTable(raw.frame, raw.file, raw.sheet, raw.header_row))
    parts = {role: names for role, names in found.items() if role.startswith("part_")}
    columns = [choices.columns["village_code"], *choices.also.get("village_code", ())]
    codes = cleaned(row_codes(raw.frame, {**parts, "code": columns}).tolist())
    return [text or "" for text in codes]


def _doubtful_note(given: pd.DataFrame, doubtful: NDArray[np.bool_], lies_in: pd.Series, region: Region) -> Note:
    """Which names are doubtful, where those rows lie, and which names are near."""
    names = region.villages.set_index("village_code_bps")["village"]
    told: dict[str, str] = {}
    for at in np.flatnonzero(doubtful):
        name = given["village"].iloc[at] or given["village_code"].iloc[at]
        if name not in told and len(told) < TOLD:
            near = ", ".join(nearest_names(given["village"].iloc[at], region))
            told[name] = f"{name} → {names.get(lies_in.iloc[at], '–')}" + (f" [{near}]" if near else "")
    return "imports.note.doubtful_names", {"count": int(doubtful.sum()), "villages": "; ".join(told.values())}


def nearest_names(name: str, region: Region) -> list[str]:
    """Most similar names of the region, with subdistricts."""
    if not name:
        return []
    names = region.villages["village"].tolist()
    keys = [normalise_name(village) for village in names]
    found = process.extract(normalise_name(name), keys, limit=NEAREST)
    subdistricts = region.villages["subdistrict"].tolist()
    return [f"{names[at]} ({subdistricts[at]})" for _, _, at in found]
