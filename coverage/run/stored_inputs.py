"""Merge the store (inventory, evidence, figures of villages) into the inputs of a run.

The only way in: command line and app give the same tables for the same files and store.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from coverage.base.schema import EVIDENCE, POPULATION, in_form
from coverage.base.table_form import rows_of
from coverage.places.regencies import regency_code, region_of
from coverage.reach.assets import SECTOR
from coverage.run.inputs import Inputs, read_inputs, with_assets, with_landmarks
from coverage.run.sources import Sources
from coverage.store.existing import open_existing
from coverage.store.permissions import Actor
from coverage.villages_served.field_reports import as_evidence, as_measurements

if TYPE_CHECKING:
    from coverage.store import Store

READER = Actor("jangkau", "viewer")
"""Reads everything, cameras included; what is shown is decided per viewer."""


def gather_inputs(sources: Sources, boundaries: gpd.GeoDataFrame | None = None) -> Inputs:
    """Read the files of a run and merge the store.

    ``boundaries`` as for :func:`coverage.run.inputs.read_inputs`.

    Raises
    ------
    InputError
        Naming the file, the row, the value and the remedy.
    StoreError
        If the store is unavailable: a run without it would answer otherwise.
    """
    read = read_inputs(sources, boundaries)
    if sources.no_inventory and sources.no_evidence and sources.no_figures:
        return read
    store = open_existing()
    if store is None:
        return read
    try:
        return with_stored(read, sources, store)
    finally:
        store.close()


def uses_inventory(sources: Sources, store: Store | None) -> bool:
    """Whether a run uses the inventory: it has assets, and no list replaces them."""
    return store is not None and not sources.assets and not sources.no_inventory and store.assets.exist()


def with_stored(inputs: Inputs, sources: Sources, store: Store) -> Inputs:
    """Merge what is kept into what the files hold, but for what ``sources`` names a file for or does without."""
    if uses_inventory(sources, store) and store.assets.exist(store.villages.region_filter(inputs.villages)):
        assets = store.assets.table(viewer=READER)
        assets = assets.drop(columns=[name for name in SECTOR if assets[name].isna().all()])  # as a list without them
        inputs = with_assets(inputs, assets, ("run.note.inventory", {"count": len(assets)}))
    if not sources.evidence and not sources.no_evidence:
        inputs = _with_evidence(inputs, store.evidence.table(viewer=READER))
        inputs = _with_reports(inputs, store.reports.table(region_of(inputs.villages), viewer=READER))
    if not sources.landmarks and not sources.no_figures:
        inputs = _with_landmarks(inputs, store.imports.landmarks(viewer=READER))
    if not sources.no_figures:
        inputs = _with_figures(inputs, store.imports.figures(viewer=READER), sources.people is not None)
    return inputs


def _noted(inputs: Inputs, what: str, count: int) -> tuple[tuple[str, dict[str, object]], ...]:
    """Notes of a run, and how much came from the store."""
    return (*inputs.notes, (f"run.note.{what}", {"count": count}))


def _with_evidence(inputs: Inputs, rows: pd.DataFrame) -> Inputs:
    """Add the region's kept evidence to that of files; a row repeated from a kept list is dropped."""
    if rows.empty:
        return inputs
    rows = rows[rows["evidence_id"].str.split("/").str[0].isin(set(regency_code(inputs.villages["village_code_bps"])))]
    if rows.empty:
        return inputs
    stored = in_form(rows, EVIDENCE)
    inputs = replace(inputs, notes=_noted(inputs, "evidence", len(stored)))
    if inputs.evidence is None:
        return replace(inputs, evidence=stored.reset_index(drop=True))
    known = inputs.evidence["village_code_bps"].notna().to_numpy()
    again = known & _statements(inputs.evidence).isin(_statements(stored))
    return replace(inputs, evidence=pd.concat([inputs.evidence[~again], stored], ignore_index=True))


def _with_reports(inputs: Inputs, reports: pd.DataFrame) -> Inputs:
    """Add the region's reports from phones: as measurements of their places, and as a field test of each village."""
    if reports.empty:
        return inputs
    measured, said = as_measurements(reports), as_evidence(reports, inputs.villages)
    inputs = replace(inputs, measurements=_joined(inputs.measurements, measured))
    inputs = replace(inputs, evidence=_joined(inputs.evidence, said))
    return replace(inputs, notes=_noted(inputs, "reports", len(reports)))


def _joined(there: pd.DataFrame | None, rows: pd.DataFrame) -> pd.DataFrame | None:
    return there if rows.empty else rows if there is None else pd.concat([there, rows], ignore_index=True)


def _statements(evidence: pd.DataFrame) -> pd.MultiIndex:
    """Identity of each statement: village, kind, claim, date."""
    said = evidence[["village_code_bps", "kind", "claimed_state", "date"]].astype(object)
    return pd.MultiIndex.from_frame(said.where(said.notna(), ""))


def _with_landmarks(inputs: Inputs, found: pd.DataFrame) -> Inputs:
    """Add the region's kept landmarks to those of files."""
    found = found[found["village_code_bps"].isin(inputs.villages["village_code_bps"])]
    if found.empty:
        return inputs
    own = inputs.landmarks
    if own is not None:
        found = found[~found["landmark_id"].isin(own["landmark_id"])]
    return replace(with_landmarks(inputs, found), notes=_noted(inputs, "landmarks", len(found)))


def _with_figures(inputs: Inputs, found: pd.DataFrame, people_given: bool) -> Inputs:
    """Merge kept figures: people, and columns for criteria.

    A newer or named table of people overrides them, and so does a named criterion.
    """
    codes = inputs.villages["village_code_bps"]
    found = found[found["village_code_bps"].isin(codes)]
    if found.empty:
        return inputs
    people = rows_of(found, "figure", POPULATION, pd.Index(codes))
    known = people["value"].notna().to_numpy() & (people["at"].fillna("") > (inputs.people_at or "")).to_numpy()
    villages = inputs.villages
    if not people_given and known.any():
        villages = villages.assign(
            population=villages["population"].where(~known, people["value"].to_numpy()),
            population_basis=villages["population_basis"].astype(object).where(~known, people["source"].to_numpy()),
        )
    figures = found[found["figure"] != POPULATION]
    table = figures.pivot(index="village_code_bps", columns="figure", values="value").reindex(codes)
    table.columns.name = None
    if inputs.criteria is not None:
        table = table.drop(columns=inputs.criteria.columns, errors="ignore").join(inputs.criteria)
    estimated = inputs.population_estimated and bool((~known).any() or people_given)
    return replace(
        inputs,
        villages=villages,
        population_estimated=estimated,
        people_imported=0 if people_given else int(known.sum()),
        criteria=table if len(table.columns) else inputs.criteria,
        notes=_noted(inputs, "figures", found["village_code_bps"].nunique()),
    )
