"""Remove what is private from a run: assets of private kinds (cameras), and what reveals their positions."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from coverage.language.notes import LACKING
from coverage.readers.kinds import asset_kinds, is_private, landmark_kinds
from coverage.run.result import RunTables
from coverage.villages_served.village_signal import OBSTACLES

R = TypeVar("R", bound=RunTables)
_WITHOUT_NEAREST = {
    "few_in_reach": "few_in_reach_no_asset",
    "none_in_reach": "none_in_reach_private",
    "none_in_reach_any": "none_in_reach_any_private",
    "few_in_signal": "few_in_signal_private",
    "weak_signal": "weak_signal_private",
    "none_in_signal": "none_in_signal_private",
}
"""Reasons that name the nearest asset, and their equivalents without."""
_OF_THE_OFFICE = ("updated_by", "photos")
"""Columns of the inventory that only those see who may see its history: names of accounts, links to their photos."""
_views: weakref.WeakKeyDictionary[RunTables, RunTables] = weakref.WeakKeyDictionary()


def for_outsiders(run: R) -> R:
    """The run as somebody sees it who has not signed in: every export that is not asked for more is made of this.

    Returns
    -------
    RunTables
        The same run with no asset of a private kind in ``assets`` and ``nearest``, no name of who wrote them, and no
        distance of a village centre to one in ``village_service`` and ``blank_spots``: three distances tell where a
        camera stands. Places held against cameras are left out of ``landmarks``. States, shares and the plan stay.
        Positions in ``reach`` are those of the whole list.
    """
    if run not in _views:
        _views[run] = _public(run)
    found = _views[run]
    assert isinstance(found, type(run))
    return found


def for_everybody(run: R, held_back: Collection[str]) -> R:
    """The run as the public page tells it: as for outsiders, without the kinds of asset that the office holds back.

    With them go distances to them, towers and what stands before them, the order of villages, which rests on such
    distances, and what people reported. Of the notes stay those on missing data; no input is named.
    """
    shown = _public(run, held_back)
    cameras = [kind.service for kind in asset_kinds().values() if kind.private]
    notes = [note for note in run.run.get("notes") or () if str(note["code"]).startswith(LACKING)]
    return replace(
        shown,
        evidence=None,
        agreement=None,
        compared=None,
        village_signal=None,
        village_service=shown.village_service[~shown.village_service["service"].isin(cameras)],
        blank_spots=shown.blank_spots.drop(columns=list(OBSTACLES), errors="ignore"),
        conflicts=run.conflicts.iloc[:0],
        priority=run.priority.iloc[:0],
        run={**run.run, "notes": notes, "inputs": {}},
    )


def _public(run: R, held_back: Collection[str] = ()) -> R:
    def is_hidden(kinds: pd.Series) -> pd.Series:
        return is_private(kinds) | kinds.isin(held_back)

    def without(table: pd.DataFrame, kind: str, *names: str) -> pd.DataFrame:
        hidden = is_hidden(table[kind])
        return (
            table.assign(**{name: table[name].mask(hidden, None) for name in (kind, *names)}) if hidden.any() else table
        )

    service = without(run.village_service, "nearest_asset_kind", "nearest_asset_id", "nearest_asset_m")
    spots = run.blank_spots
    hidden = is_hidden(spots["nearest_kind"])
    if hidden.any():
        told = spots["reason"].where(~hidden, spots["reason"].replace(_WITHOUT_NEAREST))
        spots = without(spots.assign(reason=told), "nearest_kind", "nearest_m")
    pockets = None if run.pockets is None else without(run.pockets, "nearest_kind", "nearest_id", "nearest_m")
    landmarks = run.landmarks
    if landmarks is not None:  # not even that a crossing has no camera
        landmarks = landmarks[~landmarks["kind"].isin(landmark_kinds("watched"))].reset_index(drop=True)
    assets = run.assets
    if assets is not None:
        assets = assets[~is_hidden(assets["kind"])].drop(columns=[*_OF_THE_OFFICE], errors="ignore")
        assets = assets.reset_index(drop=True)
    return replace(
        run,
        landmarks=landmarks,
        pockets=pockets,
        assets=assets,
        nearest=run.nearest[~is_hidden(run.nearest["kind"])].reset_index(drop=True),
        village_service=service,
        blank_spots=spots,
    )


def without_private_feeds(measures: pd.DataFrame, run: RunTables) -> pd.DataFrame:
    """What could be built, without the camera that a village would be connected at, and how far it is."""
    if run.assets is None:
        return measures
    private = run.assets.loc[is_private(run.assets["kind"]), "asset_id"]
    hidden = measures["feed"].isin(set(private))
    return measures.assign(
        feed=measures["feed"].astype(object).where(~hidden, None), distance_m=measures["distance_m"].where(~hidden)
    )
