"""Remove what is private from a run: assets of private kinds (cameras), and what reveals their positions."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from coverage.readers.kinds import is_private, landmark_kinds
from coverage.run.result import RunTables

R = TypeVar("R", bound=RunTables)
_WITHOUT_NEAREST = {
    "few_in_reach": "few_in_reach_no_asset",
    "none_in_reach": "none_in_reach_private",
    "none_in_reach_any": "none_in_reach_any_private",
}
"""Reasons that name the nearest asset, and their equivalents without."""
_views: weakref.WeakKeyDictionary[RunTables, RunTables] = weakref.WeakKeyDictionary()


def for_outsiders(run: R) -> R:
    """The run as somebody sees it who has not signed in: every export that is not asked for more is made of this.

    Returns
    -------
    RunTables
        The same run with no asset of a private kind in ``assets`` and ``nearest``, and no distance of a village centre
        to one in ``village_service`` and ``blank_spots``: three distances tell where a camera stands. Places held
        against cameras are left out of ``landmarks``. States, shares and the plan stay. Positions
        in ``reach`` are those of the whole list.
    """
    if run not in _views:
        _views[run] = _public(run)
    found = _views[run]
    assert isinstance(found, type(run))
    return found


def _public(run: R) -> R:
    service, spots = run.village_service.copy(), run.blank_spots.copy()
    hidden = is_private(service["nearest_asset_kind"])
    service.loc[hidden, ["nearest_asset_id", "nearest_asset_kind"]] = None
    service.loc[hidden, "nearest_asset_m"] = np.nan
    hidden = is_private(spots["nearest_kind"])
    spots.loc[hidden, "reason"] = spots.loc[hidden, "reason"].replace(_WITHOUT_NEAREST)
    spots.loc[hidden, "nearest_kind"] = None
    spots.loc[hidden, "nearest_m"] = np.nan
    pockets = None if run.pockets is None else run.pockets.copy()
    if pockets is not None:
        hidden = is_private(pockets["nearest_kind"])
        pockets.loc[hidden, ["nearest_id", "nearest_kind"]] = None
        pockets.loc[hidden, "nearest_m"] = np.nan
    landmarks = run.landmarks
    if landmarks is not None:  # not even that a crossing has no camera
        landmarks = landmarks[~landmarks["kind"].isin(landmark_kinds("watched"))].reset_index(drop=True)
    return replace(
        run,
        landmarks=landmarks,
        pockets=pockets,
        assets=None if run.assets is None else public_assets(run.assets),
        nearest=run.nearest[~is_private(run.nearest["kind"])].reset_index(drop=True),
        village_service=service,
        blank_spots=spots,
    )


def public_assets(assets: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ASSETS that everybody may see."""
    return assets[~is_private(assets["kind"])].reset_index(drop=True)


def without_private_feeds(measures: pd.DataFrame, run: RunTables) -> pd.DataFrame:
    """What could be built, without the camera that a village would be connected at, and how far it is."""
    if run.assets is None:
        return measures
    private = run.assets.loc[is_private(run.assets["kind"]), "asset_id"]
    hidden = measures["feed"].isin(set(private))
    return measures.assign(
        feed=measures["feed"].astype(object).where(~hidden, None), distance_m=measures["distance_m"].where(~hidden)
    )
