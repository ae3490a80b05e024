"""An import put into the store: one transaction, all of it or nothing; taken back as a whole later."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection

import geopandas as gpd
import pandas as pd

from coverage.imports.plan import COMPARED, Plan, make_plan
from coverage.imports.result import Interpretation
from coverage.imports.village_plan import figures_in, plan_figures, plan_reports
from coverage.imports.villages import as_evidence
from coverage.store import Actor, Imported, Store

WRITTEN = ("asset_id", *COMPARED[:-2], "village_code_entered", "needs_check", "geometry")


def plan_for(found: Interpretation, store: Store, who: Actor) -> Plan:
    """Compare a list with what the store has of its kind: assets, evidence, or figures of villages."""
    record = found.choices.record
    if record == "assets":
        return make_plan(found, store.assets(viewer=who), store.revision())
    revision = store.records_revision()
    if record == "villages":
        return plan_figures(found, store.figures(viewer=who), revision)
    return plan_reports(found, store.evidence(viewer=who), revision)


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
        From :func:`plan_for`.
    store
        The store.
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
    name = import_id or uuid.uuid4().hex
    if plan.record == "villages":
        return _apply_figures(plan, store, who, note, name)
    if plan.record != "assets":
        return _apply_reports(plan, store, who, note, name, retire)
    parts = [part[[*WRITTEN]] for part in (plan.new, plan.changed, plan.unchanged) if len(part)]
    gone = plan.missing[plan.missing["asset_id"].isin(set(retire))]
    if len(gone):
        whole = store.assets(viewer=who)
        kept = whole[whole["asset_id"].isin(set(gone["asset_id"]))].assign(status="decommissioned")
        parts.append(kept[[*WRITTEN]])
    frame = pd.concat(parts, ignore_index=True) if parts else plan.new[[*WRITTEN]]
    return store.apply_import(
        gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"),
        plan.source,
        who,
        note,
        name,
        plan.revision if isinstance(plan.revision, int) else None,
    )


def _apply_reports(
    plan: Plan, store: Store, who: Actor, note: str | None, name: str, retire: Collection[str]
) -> Imported:
    parts = [part for part in (plan.new, plan.changed) if len(part)]
    frame = pd.concat(parts, ignore_index=True) if parts else plan.new
    region = str(frame["village_code_bps"].iloc[0])[:4] if len(frame) else "0000"
    begins = f"{region}/{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    gone = set(plan.missing["asset_id"]) & set(retire)
    return store.import_evidence(
        as_evidence(frame, begins),
        plan.source,
        who,
        note,
        name,
        {*plan.changed["asset_id"], *gone},
        len(plan.unchanged),
        len(plan.changed),
        _text(plan.revision),
    )


def _apply_figures(plan: Plan, store: Store, who: Actor, note: str | None, name: str) -> Imported:
    """Every figure of the list is kept, also where it says nothing new: the list then stands by itself."""
    parts = [part for part in (plan.new, plan.changed, plan.unchanged) if len(part)]
    whole = pd.concat(parts, ignore_index=True) if parts else plan.new
    lines = whole.melt("village_code_bps", figures_in(whole), "figure", "value").dropna(subset=["value"])
    gone = plan.differences[plan.differences["new"].isna()]
    empty = pd.DataFrame({"village_code_bps": gone["asset_id"], "figure": gone["field"], "value": None})
    frame = pd.concat([part for part in (lines, empty) if len(part)], ignore_index=True) if len(whole) else lines
    return store.import_figures(
        frame, plan.source, who, note, name, len(plan.unchanged), len(plan.changed), _text(plan.revision)
    )


def _text(revision: int | str | None) -> str | None:
    return revision if isinstance(revision, str) else None
