"""Official lists of blank-spot villages as evidence."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from coverage.base.schema import EVIDENCE, check
from coverage.places.reconcile import reconcile
from coverage.readers.village_lists import read_village_list


def read_evidence(
    path: str | Path,
    villages: pd.DataFrame,
    crosswalk: pd.DataFrame | None = None,
    sheet: str | None = None,
    otherwise: str = "blank",
) -> pd.DataFrame:
    """Read an official list: a village on it is claimed to be a blank spot, unless a column of states says otherwise.

    Parameters
    ----------
    path
        CSV or Excel with codes or names of villages, columns in any order.
    villages
        Villages of the region.
    crosswalk
        BPS and Kemendagri codes side by side.
    sheet
        Sheet of the workbook, where several hold a list.
    otherwise
        State claimed of the villages for which the list gives none.

    Returns
    -------
    DataFrame
        Per :data:`coverage.base.schema.EVIDENCE`, a row per row of the list; ``evidence_id`` is the file's name and the
        row's number in it, ``match`` the status of :func:`places.reconcile.reconcile`. The date is the year in the
        file's name, where there is exactly one.

    Raises
    ------
    FileRefusedError, ColumnError, RowError
        See :func:`coverage.readers.village_lists.read_village_list`.
    """
    path = Path(path)
    rows, _ = read_village_list(path, villages, sheet)
    found = reconcile(rows, villages, crosswalk)
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", path.stem)
    table = pd.DataFrame(
        {
            "evidence_id": [f"{path.name}:{row}" for row in found["row"]],
            "village_code_bps": _or_none(found["village_code_bps"]),
            "kind": "official_list",
            "claimed_state": rows["claim"].replace("", otherwise),
            "match": found["status"],
            "given_code": _or_none(rows["code"]),
            "given_village": _or_none(rows["village"]),
            "given_subdistrict": _or_none(rows["subdistrict"]),
            "source": path.name,
            "date": years[0] if len(years) == 1 else None,
        }
    )
    return check(table, EVIDENCE)


def _or_none(values: pd.Series) -> pd.Series:
    return pd.Series([value or None for value in values], dtype=object)
