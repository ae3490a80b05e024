"""A region of one store merged into another: what :mod:`coverage.store.region_backup` cut out is added.

The same line is the same change wherever it is kept, so that a region can go to another store, be worked on there, and
come back: what is there already stays, what is new is added, and an asset that was changed in both is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import StoreError
from coverage.base.schema import EVIDENCE
from coverage.store.lines import in_chunks, update_assets
from coverage.store.models import (
    asset_history,
    assets,
    counters,
    evidence,
    field_photos,
    field_reports,
    figures,
    imports,
    journal,
    landmarks,
    mappings,
    proposals,
    run_days,
    run_tables,
    runs,
    scenarios,
    settings,
)
from coverage.store.records import as_rows, from_jsons

_TOLD = 10
"""Identifiers that a message names."""
_BATCH = 5000
_Rows = Iterable[Mapping[Any, Any]]


@dataclass(frozen=True)
class Merged:
    """What came in.

    Attributes
    ----------
    added, changed, lines : assets that are new, assets with further changes, lines of history
    kept : names of column mappings and scenarios that the store has in another or a later form: its own stay
    """

    added: int
    changed: int
    lines: int
    kept: tuple[str, ...] = ()


def merge(source: sa.Connection, target: sa.Connection) -> Merged:
    """Add a region to a store.

    Raises
    ------
    StoreError
        If identifiers are taken there, by other assets or changes or by other evidence; the caller rolls back.
    """
    fresh, there = _new_lines(source, target, asset_history)
    proposed, _ = _new_lines(source, target, proposals)
    new = set(fresh["asset_id"]) - there
    lines = _lines(source, asset_history, fresh)
    _insert(target, asset_history, lines)
    _insert(target, proposals, _lines(source, proposals, proposed))
    rows = source.execute(sa.select(assets)).mappings()
    _insert(target, assets, (row for row in rows if row["asset_id"] in new))
    _go_on(target, [line for line in lines if line["asset_id"] in there])
    of_runs, of_field = (runs, run_tables, run_days), (field_reports, field_photos)
    for table in (settings, imports, figures, landmarks, *of_runs, *of_field, journal):
        _insert(target, table, _missing(source, target, table))
    _merge_marks(source, target, imports, "taken_back")
    _merge_marks(source, target, field_reports, "withdrawn")
    _merge_evidence(source, target)
    kept = (*_merge_mappings(source, target), *_merge_scenarios(source, target))
    _merge_counters(source, target)
    return Merged(len(new), len(set(fresh["asset_id"]) & there), len(fresh), kept)


def _new_lines(source: sa.Connection, target: sa.Connection, table: sa.Table) -> tuple[pd.DataFrame, set[str]]:
    """Lines of history that the target lacks, and of what it has lines."""
    key = [column.name for column in table.primary_key]
    columns = (*table.primary_key, table.c.digest)
    ours = pd.DataFrame(source.execute(sa.select(*columns)).all(), columns=[*key, "digest"])
    rows = [
        row
        for part in in_chunks(ours[key[0]].unique().tolist())
        for row in target.execute(sa.select(*columns).where(table.c[key[0]].in_(part))).all()
    ]
    theirs = pd.DataFrame(rows, columns=[*key, "digest"])
    both = ours.merge(theirs, on=key, how="outer", suffixes=("", "_there"))
    differ = both.dropna()
    taken = "store.asset_ids_taken" if table is asset_history else "store.proposal_ids_taken"
    _refuse_taken(taken, differ.loc[differ["digest"] != differ["digest_there"], key[0]])
    return both[both["digest_there"].isna()], set(theirs[key[0]])


def _lines(source: sa.Connection, table: sa.Table, wanted: pd.DataFrame) -> list[Any]:
    """Those lines whole, by version."""
    keys = set(wanted.iloc[:, :2].itertuples(index=False, name=None))
    lines = source.execute(sa.select(table).order_by(table.c.version)).mappings()
    return [line for line in lines if tuple(line[one.name] for one in table.primary_key) in keys]


def _refuse_taken(code: str, ids: Iterable[str]) -> None:
    taken = sorted(set(ids))
    if taken:
        more = "" if len(taken) <= _TOLD else ", …"
        raise StoreError(code, count=len(taken), ids=", ".join(taken[:_TOLD]) + more)


def _insert(target: sa.Connection, table: sa.Table, rows: _Rows) -> None:
    found = [dict(row) for row in rows]
    for start in range(0, len(found), _BATCH):
        target.execute(table.insert(), found[start : start + _BATCH])


def _go_on(target: sa.Connection, lines: list[Any]) -> None:
    """Bring assets that the target has to the state after further lines, one version after another."""
    for _, step in pd.Series(range(len(lines)), dtype=int).groupby([line["version"] for line in lines]):
        these = [lines[at] for at in step]
        rows = as_rows(from_jsons([line["after"] for line in these]))
        update_assets(
            target,
            [
                {**row, "version": line["version"], "updated_at": line["at"], "updated_by": line["who"]}
                for row, line in zip(rows, these, strict=True)
            ],
        )


def _missing(source: sa.Connection, target: sa.Connection, table: sa.Table) -> _Rows:
    """Rows whose key the target lacks."""
    key = list(table.primary_key)
    there = {tuple(row) for row in target.execute(sa.select(*key))}
    names = [column.name for column in key]
    rows = source.execute(sa.select(table)).mappings()
    return [row for row in rows if tuple(row[name] for name in names) not in there]


def _merge_marks(source: sa.Connection, target: sa.Connection, table: sa.Table, mark: str) -> None:
    """What was taken back or withdrawn here was taken back."""
    key, marked, by = next(iter(table.primary_key)), table.c[f"{mark}_at"], table.c[f"{mark}_by"]
    for row in source.execute(sa.select(key, marked, by).where(marked.is_not(None))):
        change = table.update().where(key == row[0], marked.is_(None))
        target.execute(change.values({marked: row[1], by: row[2]}))


def _merge_evidence(source: sa.Connection, target: sa.Connection) -> None:
    """Add evidence; what was withdrawn here is withdrawn."""
    there = {row["evidence_id"]: row for row in target.execute(sa.select(evidence)).mappings()}
    rows = source.execute(sa.select(evidence)).mappings().all()
    known = [row for row in rows if row["evidence_id"] in there]
    said = [*EVIDENCE.names, "added_at"]
    _refuse_taken(
        "store.evidence_ids_taken",
        (row["evidence_id"] for row in known if any(row[name] != there[row["evidence_id"]][name] for name in said)),
    )
    _insert(target, evidence, (row for row in rows if row["evidence_id"] not in there))
    for row in known:
        if row["withdrawn_at"] is not None and there[row["evidence_id"]]["withdrawn_at"] is None:
            marks = {name: row[name] for name in ("withdrawn_at", "withdrawn_by", "withdrawn_import")}
            target.execute(evidence.update().where(evidence.c.evidence_id == row["evidence_id"]).values(marks))


def _merge_mappings(source: sa.Connection, target: sa.Connection) -> list[str]:
    """Add column mappings; returns the names that the target has for others."""
    there: dict[str, str] = {row.name: row.content for row in target.execute(sa.select(mappings))}
    _insert(target, mappings, _missing(source, target, mappings))
    ours = source.execute(sa.select(mappings.c.name, mappings.c.content))
    return [name for name, content in ours if there.get(name, content) != content]


def _merge_scenarios(source: sa.Connection, target: sa.Connection) -> list[str]:
    """Add scenarios, or their later versions; returns the names of those that the target has in a later one."""
    there = {row["scenario_id"]: row for row in target.execute(sa.select(scenarios)).mappings()}
    _insert(target, scenarios, _missing(source, target, scenarios))
    kept = []
    for row in source.execute(sa.select(scenarios)).mappings():
        present = there.get(row["scenario_id"])
        if present is not None and row["version"] > present["version"]:
            target.execute(scenarios.update().where(scenarios.c.scenario_id == row["scenario_id"]).values(dict(row)))
        elif present is not None and (row["version"], row["saved_at"]) != (present["version"], present["saved_at"]):
            kept.append(present["name"])
    return kept


def _merge_counters(source: sa.Connection, target: sa.Connection) -> None:
    """Identifiers that were given stay given."""
    there: dict[str, int] = {row.kind: row.last for row in target.execute(sa.select(counters))}
    _insert(target, counters, _missing(source, target, counters))
    for kind, last in source.execute(sa.select(counters.c.kind, counters.c.last)):
        if last > there.get(kind, last):
            target.execute(counters.update().where(counters.c.kind == kind).values(last=last))
