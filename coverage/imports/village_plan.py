"""Preview of a list about villages: new, changed, unchanged, and what it would remove."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from coverage.imports.plan import DIFFERENCES, EMPTIED, ImportPlan
from coverage.imports.result import Interpretation
from coverage.imports.villages import RESERVED

STANDING = ("official_list", "survey", "ministry", "podes")
"""Reports of which a village has one at a time: a new claim of the same date replaces it."""
_MISSING = ("asset_id", "kind", "name", "village", "subdistrict", "status")


def plan_reports(found: Interpretation, kept: pd.DataFrame, revision: str | None = None) -> ImportPlan:
    """Compare reports with kept evidence.

    Reports of the same kind, village, claim and date (or file, where undated) are the same. For an official list or a
    survey, another claim of that date is a change, and what the list lacks is ``missing``.

    Parameters
    ----------
    kept : as :meth:`coverage.store.evidence.EvidenceRecords.table` gives it
    """
    record = found.choices.record
    accepted = _named(found.accepted)
    same_kind = kept[kept["kind"] == record]
    there = Counter(_keys(same_kind, claimed=True))
    standing = dict(zip(_keys(same_kind, claimed=False), same_kind.to_dict("records"), strict=True))
    group: list[str] = []
    replaced: list[str | None] = []
    differences: list[dict[str, Any]] = []
    rows = zip(_keys(accepted, claimed=True), _keys(accepted, claimed=False), accepted.to_dict("records"), strict=True)
    for whole, place, row in rows:
        old = standing.get(place) if record in STANDING else None
        replaced.append(None)
        if there[whole] > 0:
            there[whole] -= 1
            group.append("unchanged")
        elif old is not None and old["claimed_state"] != row["claimed_state"]:
            group.append("changed")
            replaced[-1] = old["evidence_id"]
            claims = {"field": "claimed_state", "old": old["claimed_state"], "new": row["claimed_state"]}
            differences.append({"asset_id": old["evidence_id"], "row": row["row"], **claims})
        else:
            group.append("new")
    groups = np.array(group, dtype=object)
    accepted = accepted.assign(asset_id=[old or f"#{row}" for old, row in zip(replaced, accepted["row"], strict=True)])
    return ImportPlan(
        accepted[groups == "new"].reset_index(drop=True),
        accepted[groups == "changed"].reset_index(drop=True),
        accepted[groups == "unchanged"].reset_index(drop=True),
        pd.DataFrame(differences, columns=list(DIFFERENCES)),
        pd.DataFrame(columns=list(EMPTIED)),
        _not_on_list(found, accepted, same_kind) if record in STANDING else pd.DataFrame(columns=list(_MISSING)),
        found.raw.file,
        revision,
        record,
    )


def _keys(frame: pd.DataFrame, claimed: bool) -> list[tuple[Any, ...]]:
    """Identity of a report: village, hamlet, operator, date or file, and optionally the claim."""
    dated = frame["date"].notna() & ~frame["date"].isin(("", "nan", "None"))
    when = frame["date"].astype(object).where(dated, "\0" + frame["source"].astype(str))
    more = [frame[name].astype(object).where(frame[name].notna(), "") for name in ("landmark", "operator")]
    columns = [frame["village_code_bps"].astype(str), when, *more, *([frame["claimed_state"]] if claimed else [])]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _named(accepted: pd.DataFrame) -> pd.DataFrame:
    village, subdistrict = (accepted[name].fillna("–").astype(str) for name in ("village", "subdistrict"))
    return accepted.assign(name=village + " (" + subdistrict + ")")


def _not_on_list(found: Interpretation, accepted: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Kept reports of the list's dates for villages on neither an accepted nor a refused row."""
    when = {key[1] for key in _keys(accepted, claimed=False)}
    villages = set(accepted["village_code_bps"])
    column = found.choices.columns.get("village")
    refused = {str(values.get(column, "")).casefold() for values in found.refused["values"]} if column else set()
    keys = _keys(kept, claimed=False)
    gone = [key[1] in when and key[0] not in villages for key in keys]
    part = kept[np.array(gone, dtype=bool)]
    given = part["given_village"].astype(str)
    part = part[~given.str.casefold().isin(refused).to_numpy()]
    return pd.DataFrame(
        {
            "asset_id": part["evidence_id"],
            "kind": part["kind"],
            "name": part["given_village"].fillna(part["village_code_bps"]),
            "village": part["given_village"],
            "subdistrict": part["given_subdistrict"],
            "status": part["claimed_state"],
        }
    ).reset_index(drop=True)


def plan_figures(found: Interpretation, kept: pd.DataFrame, revision: str | None = None) -> ImportPlan:
    """Compare figures with kept ones, one line a village.

    Parameters
    ----------
    kept : as :meth:`coverage.store.imports.Imports.figures` gives it
    """
    figures = figures_in(found.accepted)
    table = _one_row_a_village(_named(found.accepted), figures)
    table = table.assign(asset_id=table["village_code_bps"])
    now = kept.set_index(["village_code_bps", "figure"])["value"].to_dict()
    differences: list[dict[str, Any]] = []
    emptied: list[dict[str, Any]] = []
    had: set[str] = set()
    for figure in figures:
        for code, row, new in zip(table["asset_id"], table["row"], table[figure], strict=True):
            old = now.get((code, figure))
            line = {"asset_id": code, "row": row, "field": figure, "old": old}
            if old is not None:
                had.add(code)
            if pd.isna(new):
                emptied += [line] if old is not None else []
            elif old is None or old != new:
                differences.append({**line, "new": float(new)})
    told = {line["asset_id"] for line in differences}
    known = table["asset_id"].isin(had).to_numpy()
    changed = known & table["asset_id"].isin(told).to_numpy()
    return ImportPlan(
        table[~known].reset_index(drop=True),
        table[changed].reset_index(drop=True),
        table[known & ~changed].reset_index(drop=True),
        pd.DataFrame([line for line in differences if line["asset_id"] in had], columns=list(DIFFERENCES)),
        pd.DataFrame(emptied, columns=list(EMPTIED)),
        pd.DataFrame(columns=list(_MISSING)),
        found.raw.file,
        revision,
        "villages",
    )


def plan_landmarks(found: Interpretation, kept: pd.DataFrame, revision: str | None = None) -> ImportPlan:
    """Compare landmarks with kept ones; what the list leaves empty stays as it is.

    ``missing`` are kept ones of the list's kinds that it lacks, and that no refused row names.

    Parameters
    ----------
    kept : as :meth:`coverage.store.imports.Imports.landmarks` gives it
    """
    table = found.accepted.drop_duplicates("landmark_id", keep="last").reset_index(drop=True)
    table = table.assign(asset_id=table["landmark_id"])
    old = kept.set_index("landmark_id").reindex(table["asset_id"])
    differences: list[dict[str, Any]] = []
    for name in ("name", "lon", "lat", "people", "electricity", "internet", "village", "subdistrict"):
        new, before = table[name].astype(object).to_numpy(), old[name].astype(object).to_numpy()
        silent = pd.isna(new) & pd.notna(before)
        table[name] = np.where(silent, before, new)
        differs = old["kind"].notna().to_numpy() & ~silent & ~(pd.isna(new) & pd.isna(before)) & (new != before)
        differences += [
            {
                "asset_id": table["asset_id"][at],
                "row": table["row"][at],
                "field": name,
                "old": before[at],
                "new": new[at],
            }
            for at in np.flatnonzero(differs)
        ]
    table = table.astype({name: float for name in ("lon", "lat", "people")})
    known = old["kind"].notna().to_numpy()
    changed = table["asset_id"].isin({line["asset_id"] for line in differences}).to_numpy()
    gone = kept[kept["kind"].isin(set(table["kind"])) & ~kept["landmark_id"].isin(set(table["asset_id"]))]
    refused = {str(value).casefold() for values in found.refused["values"] for value in values.values()}
    gone = gone[~gone["name"].str.casefold().isin(refused)]
    return ImportPlan(
        table[~known].reset_index(drop=True),
        table[known & changed].reset_index(drop=True),
        table[known & ~changed].reset_index(drop=True),
        pd.DataFrame(differences, columns=list(DIFFERENCES)),
        pd.DataFrame(columns=list(EMPTIED)),
        gone.assign(asset_id=gone["landmark_id"], status="").reset_index(drop=True),
        found.raw.file,
        revision,
        "landmarks",
    )


def figures_in(table: pd.DataFrame) -> list[str]:
    """Names of the figures of accepted rows."""
    return [name for name in table.columns if name not in RESERVED]


def _one_row_a_village(table: pd.DataFrame, figures: list[str]) -> pd.DataFrame:
    """Aggregate counted rows by village."""
    if not table["village_code_bps"].duplicated().any():
        return table
    rules: dict[str, str] = {name: "first" for name in table.columns if name != "village_code_bps"}
    return table.groupby("village_code_bps", as_index=False, sort=False).agg(rules | dict.fromkeys(figures, "sum"))
