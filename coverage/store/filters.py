"""Filters of assets, applied in the database or to a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from coverage.readers.kinds import asset_kinds, is_private
from coverage.store.models import assets

_SEARCHED = ("asset_id", "name", "owner", "operator", "note")


@dataclass(frozen=True)
class AssetFilter:
    """Conditions on assets; empty means any.

    Parameters
    ----------
    kinds, statuses, owners, villages, subdistricts, asset_ids
        One of these values each. ``villages`` are BPS codes; villages and subdistricts are those computed from the
        place (:meth:`coverage.store.villages.Villages.use`).
    text : in identifier, name, owner, operator or note, case-insensitive
    needs_check : only those to be checked: marked so, or with a village entered that is not the one they lie in
    regencies
        Codes of the regencies that they lie in (:func:`coverage.places.regencies.regency_code`). What lies in none is
        everybody's; so is what lies near by (``around``, as ``bounds``) in a regency that is not one of ``others``,
        which the store keeps too.
    bounds : (west, south, east, north) in degrees, touching the bounding box
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    subdistricts: tuple[str, ...] = ()
    asset_ids: tuple[str, ...] = ()
    regencies: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    around: tuple[float, float, float, float] | None = None
    text: str = ""
    needs_check: bool = False
    bounds: tuple[float, float, float, float] | None = None
    struck_out: bool = False

    def choices(self) -> dict[str, tuple[str, ...]]:
        """Columns with wanted values."""
        given = {
            "kind": self.kinds,
            "status": self.statuses,
            "owner": self.owners,
            "asset_id": self.asset_ids,
            "village_code_bps": self.villages,
            "subdistrict": self.subdistricts,
        }
        return {column: values for column, values in given.items() if values}


def where(asked: AssetFilter, see_cctv: bool) -> list[sa.ColumnElement[bool]]:
    """SQL conditions on ``assets``; values are bound parameters."""
    columns = assets.c
    found: list[sa.ColumnElement[bool]]
    found = [columns[name].in_(values) for name, values in asked.choices().items()]
    if not see_cctv:
        found.append(columns.kind.in_(asset_kinds().public))
    if not asked.struck_out:
        found.append(sa.not_(columns.struck_out))
    if asked.text.strip():
        found.append(sa.or_(*(columns[name].icontains(asked.text.strip(), autoescape=True) for name in _SEARCHED)))
    if asked.needs_check:
        found.append(sa.or_(columns.needs_check, columns.village_code_entered != columns.village_code_bps))
    if asked.regencies:
        belongs: list[sa.ColumnElement[bool]] = [columns.regency_code.in_(asked.regencies)]
        belongs.append(columns.regency_code.is_(None))
        if asked.around:
            belongs.append(sa.and_(columns.regency_code.not_in(asked.others), *_touching(asked.around)))
        found.append(sa.or_(*belongs))
    if asked.bounds:
        found += _touching(asked.bounds)
    return found


def _touching(bounds: tuple[float, float, float, float]) -> list[sa.ColumnElement[bool]]:
    columns, (west, south, east, north) = assets.c, bounds
    return [columns.lon_min <= east, columns.lon_max >= west, columns.lat_min <= north, columns.lat_max >= south]


def keep(frame: Any, asked: AssetFilter, see_cctv: bool) -> npt.NDArray[np.bool_]:
    """The same as a mask on a table."""
    kept = np.ones(len(frame), dtype=bool)
    for name, values in asked.choices().items():
        kept &= frame[name].isin(values).to_numpy(dtype=bool)
    if not see_cctv:
        kept &= ~is_private(frame["kind"]).to_numpy(dtype=bool)
    if not asked.struck_out:
        kept &= ~frame["struck_out"].to_numpy(dtype=bool)
    if asked.text.strip():
        found = np.zeros(len(frame), dtype=bool)
        for name in _SEARCHED:
            texts: pd.Series = frame[name].fillna("").astype(str).str.lower()
            found |= texts.str.contains(asked.text.strip().lower(), regex=False).to_numpy(dtype=bool)
        kept &= found
    if asked.needs_check:
        entered, lies_in = frame["village_code_entered"], frame["village_code_bps"]
        differs = entered.notna() & lies_in.notna() & (entered != lies_in)
        kept &= (frame["needs_check"].astype(bool) | differs).to_numpy(dtype=bool)
    if asked.regencies:
        regency = frame["regency_code"]
        belongs = (regency.isin(asked.regencies) | regency.isna()).to_numpy(dtype=bool)
        if asked.around:
            belongs = belongs | ~regency.isin(asked.others).to_numpy(dtype=bool) & _touches(frame, asked.around)
        kept &= belongs
    if asked.bounds:
        kept &= _touches(frame, asked.bounds)
    return kept


def _touches(frame: Any, bounds: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
    west, south, east, north = bounds
    box = frame.geometry.bounds.to_numpy()
    found: npt.NDArray[np.bool_] = (
        (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
    )
    return found
