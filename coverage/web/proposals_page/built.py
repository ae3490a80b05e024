"""What was built of a proposal, into the inventory: from then on it counts on the map."""

from __future__ import annotations

import geopandas as gpd
import shapely
import streamlit as st

from coverage.base.kinds import giving
from coverage.base.schema import ASSETS
from coverage.proposals.proposal import Proposal
from coverage.readers.costs import read_costs
from coverage.readers.kinds import asset_kinds
from coverage.readers.proposals import proposal_rules
from coverage.store import Actor, Store, may
from coverage.store.proposals import ProposalLine
from coverage.web import store_access
from coverage.web.context import Context
from coverage.web.proposals_page.changes import changed


def built_asset(one: Proposal) -> gpd.GeoDataFrame | None:
    """The asset that a built proposal leaves, under the proposal's own number; in service once it is on air.

    None unless it is built, has a place, and what was asked for leaves a kind of asset that is a point.
    """
    kinds, stage = asset_kinds(), proposal_rules().stages[one.stage]
    measure = next((one_ for one_ in read_costs(None).measures if one_.name == one.asked), None)
    if not stage.built or one.lon is None or one.lat is None or measure is None:
        return None
    kind = measure.kind or giving(kinds, measure.service)[0]
    if kinds[kind].geometry != "point":
        return None
    row = dict.fromkeys(ASSETS.names) | {
        "asset_id": one.proposal_id,
        "kind": kind,
        "name": one.name,
        "status": "operational" if one.stage == "on_air" else "under_construction",
        "installed_on": one.stage_on,
        "source": one.reference,
        "note": one.note,
        "geometry": shapely.Point(one.lon, one.lat),
    }
    return gpd.GeoDataFrame([row], geometry="geometry", crs=4326)


def show(context: Context, store: Store, line: ProposalLine) -> None:
    """Offer to enter what was built, or to put it into service once it is on air."""
    words, who, one = context.words, store_access.who(), line.proposal
    made = built_asset(one)
    if made is None or who is None or not may(who, "add"):
        return
    kept = store.assets.one(one.proposal_id, viewer=who)
    status = made["status"][0]
    if len(kept) and (kept["status"].iloc[0] == status or status != "operational"):
        st.caption(words("proposals.built.there", code=one.proposal_id))
        return
    label = words("proposals.built.in_service" if len(kept) else "proposals.built.enter")
    if st.button(label, key="proposal_built", type="primary"):
        changed(words, lambda: _enter(store, made, one, who), "proposals.built.entered", code=one.proposal_id)
        st.rerun(scope="app")


def _enter(store: Store, made: gpd.GeoDataFrame, one: Proposal, who: Actor) -> None:
    kept = store.assets.one(one.proposal_id, viewer=who)
    if kept.empty:
        store.assets.add(made, who, one.proposal_id)
        return
    changes = {name: made[name].iloc[0] for name in ("status", "installed_on")}
    store.assets.change(one.proposal_id, int(kept["version"].iloc[0]), changes, who, one.proposal_id)
