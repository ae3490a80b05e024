"""The terrain between what is tried out and a mast beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.reach.model import radio_of
from coverage.reach.signal import own_towers
from coverage.reach.tower_link import TowerLink, tower_link
from coverage.run.result import Analysis
from coverage.run.what_if import TrialAsset, with_proposals
from coverage.web.context import Context
from coverage.web.signal_page import profile

NEIGHBOURS = 5
"""Nearest masts that are offered."""
EARTH_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class MastLink:
    """A path from the antenna that is tried out to that of an asset."""

    found: TowerLink
    name: str
    end: tuple[float, float]
    height_m: float
    end_height_m: float


def neighbours(analysis: Analysis, one: TrialAsset) -> pd.DataFrame:
    """The nearest operational masts from which a link may start: ``asset_id, lon, lat, height_m, metres``.

    Their height is their own, else that of their kind.
    """
    kinds, assets = analysis.parameters.kinds, analysis.assets
    columns = ["asset_id", "lon", "lat", "height_m", "metres"]
    if assets is None:
        return pd.DataFrame(columns=columns)
    feeds = assets[
        assets["kind"].isin([name for name, kind in kinds.items() if kind.feeds])
        & (assets["status"] == "operational")
        & (assets.geometry.geom_type == "Point")
    ]
    height = feeds["height_m"].astype(float).fillna(feeds["kind"].map(lambda kind: kinds[kind].height_m).astype(float))
    east = (feeds.geometry.x - one.lon) * np.cos(np.radians(one.lat))
    metres = EARTH_M_PER_DEGREE * np.hypot(east, feeds.geometry.y - one.lat)
    table = pd.DataFrame(
        {"asset_id": feeds["asset_id"], "lon": feeds.geometry.x, "lat": feeds.geometry.y, "height_m": height}
    ).assign(metres=metres)
    return table[table["height_m"].notna()].nsmallest(NEIGHBOURS, "metres")[columns]


def choose(context: Context, one: TrialAsset) -> MastLink | None:
    """Let a mast be chosen; the path to it follows the point."""
    analysis, words = context.analysis, context.words
    near = neighbours(analysis, one).head(0 if one.height_m is None else NEIGHBOURS)  # of what stands on no mast: none
    kept = st.session_state.get("try_profile")
    if analysis.terrain is None or near.empty:
        return None
    label = {
        str(asset): f"{asset} · {words.distance(float(metres))}"
        for asset, metres in zip(near["asset_id"], near["metres"], strict=True)
    }
    if kept is not None and kept not in label:
        st.session_state["try_profile"] = next(iter(label))
    name = st.selectbox(
        words("signal.try.profile"),
        list(label),
        None,
        key="try_profile",
        format_func=label.__getitem__,
        placeholder=words("signal.try.profile_none"),
    )
    if name is None:
        return None
    lon, lat, height = near.loc[near["asset_id"] == name, ["lon", "lat", "height_m"]].to_numpy(dtype=float)[0].tolist()
    kinds, radio = analysis.parameters.kinds, radio_of(analysis.parameters)
    alone = with_proposals(None, [one], kinds, radio)
    towers = own_towers(alone, [0], kinds, radio, analysis.terrain)
    try:
        found = [tower_link(analysis.terrain, tower, lon, lat, radio, receiver_m=height) for tower in towers]
    except JangkauError as error:
        st.info(words.error(error))
        return None
    if not found:
        return None
    mast = towers[0].transmitter.height_m
    return MastLink(found[0], str(name), (lat, lon), mast, height)


def show(link: MastLink, context: Context) -> None:
    """Render the profile below the map."""
    profile.show_sight(link.found, link.name, (link.height_m, link.end_height_m), context.words)
