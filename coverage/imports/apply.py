"""Apply an import to the store as one transaction, undone as a whole later."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection

import geopandas as gpd
import pandas as pd

from coverage.imports.landmarks import as_landmarks
from coverage.imports.plan import COMPARED, ImportPlan, make_plan
from coverage.imports.result import Interpretation
from coverage.imports.village_plan import figures_in, plan_figures, plan_landmarks, plan_reports
from coverage.imports.villages import as_evidence
from coverage.places.regencies import regency_code
from coverage.store import Actor, Imported, Store

WRITTEN = ("asset_id", *COMPARED[:-2], "village_code_entered", "needs_check", "geometry")


def plan_for(found: Interpretation, store: Store, who: Actor) -> ImportPlan:
    """Compare a list with the stored assets, evidence or figures."""
    record = found.choices.record
    if record == "assets":
        return make_plan(found, store.assets.table(viewer=who), store.assets.revision())
    revision = store.imports.records_revision()
    if record == "landmarks":
        return plan_landmarks(found, store.imports.landmarks(viewer=who), revision)
    if record == "villages":
        return plan_figures(found, store.imports.figures(viewer=who), revision)
    return plan_reports(found, store.evidence.table(viewer=who), revision)


def apply_plan(
    plan: ImportPlan,
    store: Store,
    who: Actor,
    note: str | None = None,
    retire: Collection[str] = (),
    import_id: str | None = None,
) -> Imported:
    """Apply a plan in one transaction.

    Parameters
    ----------
    retire : identifiers in ``plan.missing`` to take out of service; none by default
    import_id : name of the import: sent twice, it is applied once

    Returns
    -------
    Imported
        With the identifier for :meth:`coverage.store.imports.Imports.take_back`.

    Raises
    ------
    StoreError
        ``store.plan_outdated``: the inventory has changed since the plan was made.
    """
    name = import_id or uuid.uuid4().hex
    if plan.record == "landmarks":
        return _apply_landmarks(plan, store, who, note, name, retire)
    if plan.record == "villages":
        return _apply_figures(plan, store, who, note, name)
    if plan.record != "assets":
        return _apply_reports(plan, store, who, note, name, retire)
    parts = [part[[*WRITTEN]] for part in (plan.new, plan.changed, plan.unchanged) if len(part)]
    gone = plan.missing[plan.missing["asset_id"].isin(set(retire))]
    if len(gone):
        whole = store.assets.table(viewer=who)
        kept = whole[whole["asset_id"].isin(set(gone["asset_id"]))].assign(status="decommissioned")
        parts.append(kept[[*WRITTEN]])
    frame = pd.concat(parts, ignore_index=True) if parts else plan.new[[*WRITTEN]]
    return store.imports.add_assets(
        gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"),
        plan.source,
        who,
        note,
        name,
        plan.revision if isinstance(plan.revision, int) else None,
    )


def _apply_reports(
    plan: ImportPlan, store: Store, who: Actor, note: str | None, name: str, retire: Collection[str]
) -> Imported:
    parts = [part for part in (plan.new, plan.changed) if len(part)]
    frame = pd.concat(parts, ignore_index=True) if parts else plan.new
    region = regency_code(frame["village_code_bps"].astype(str)).iloc[0] if len(frame) else "0000"
    begins = f"{region}/{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    gone = set(plan.missing["asset_id"]) & set(retire)
    return store.imports.add_evidence(
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


def _apply_figures(plan: ImportPlan, store: Store, who: Actor, note: str | None, name: str) -> Imported:
    """Store every figure, unchanged ones too, so that the list stands by itself."""
    parts = [part for part in (plan.new, plan.changed, plan.unchanged) if len(part)]
    whole = pd.concat(parts, ignore_index=True) if parts else plan.new
    lines = whole.melt("village_code_bps", figures_in(whole), "figure", "value").dropna(subset=["value"])
    gone = plan.differences[plan.differences["new"].isna()]
    empty = pd.DataFrame({"village_code_bps": gone["asset_id"], "figure": gone["field"], "value": None})
    frame = pd.concat([part for part in (lines, empty) if len(part)], ignore_index=True) if len(whole) else lines
    return store.imports.add_figures(
        frame, plan.source, who, note, name, len(plan.unchanged), len(plan.changed), _text(plan.revision)
    )


def _apply_landmarks(
    plan: ImportPlan, store: Store, who: Actor, note: str | None, name: str, retire: Collection[str]
) -> Imported:
    """Store every landmark, unchanged ones too, so that the list stands by itself."""
    parts = [part for part in (plan.new, plan.changed, plan.unchanged) if len(part)]
    frame = as_landmarks(pd.concat(parts, ignore_index=True) if parts else plan.new)
    gone = plan.missing[plan.missing["asset_id"].isin(set(retire))]
    removed = dict(zip(gone["asset_id"], gone["village_code_bps"], strict=True))
    return store.imports.add_landmarks(
        frame, plan.source, who, note, name, removed, len(plan.unchanged), len(plan.changed), _text(plan.revision)
    )


def _text(revision: int | str | None) -> str | None:
    return revision if isinstance(revision, str) else None
