"""An import put into the inventory: one transaction, all of it or nothing; taken back as a whole later."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import pandas as pd

from coverage.imports.plan import COMPARED, Plan
from coverage.store import Actor, Imported, Store

WRITTEN = ("asset_id", *COMPARED[:-2], "village_code_entered", "needs_check", "geometry")


def apply_plan(
    plan: Plan,
    store: Store,
    who: Actor,
    note: str | None = None,
    retire: Collection[str] = (),
    import_id: str | None = None,
) -> Imported:
    """Do what a plan says, in one transaction.

    Parameters
    ----------
    plan
        From :func:`coverage.imports.plan.make_plan`.
    store
        The inventory.
    who
        Whose name the history shows.
    note
        Why.
    retire
        Identifiers in ``plan.missing`` that are to be taken out of service because the list does not have them; none
        unless asked for.
    import_id
        A name for the import, by which sending it twice does it once.

    Returns
    -------
    Imported
        With the identifier by which :meth:`coverage.store.Store.take_back_import` takes it back, keeping later edits.

    Raises
    ------
    StoreError
        ``store.plan_outdated``: somebody changed the inventory since the plan was made. Nothing is done then.
    """
    parts = [part[[*WRITTEN]] for part in (plan.new, plan.changed, plan.unchanged) if len(part)]
    gone = plan.missing[plan.missing["asset_id"].isin(set(retire))]
    if len(gone):
        whole = store.assets(viewer=who)
        kept = whole[whole["asset_id"].isin(set(gone["asset_id"]))].assign(status="decommissioned")
        parts.append(kept[[*WRITTEN]])
    frame = pd.concat(parts, ignore_index=True) if parts else plan.new[[*WRITTEN]]
    return store.apply_import(
        gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"), plan.source, who, note, import_id, plan.revision
    )
