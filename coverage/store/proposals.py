"""The register of proposals: every state of each is a line that stays, the latest counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import Place, RowError, StaleVersionError
from coverage.places.regencies import regency_code
from coverage.proposals.proposal import (
    FIELDS,
    Attachment,
    Proposal,
    checked,
    moved,
    proposal_of,
    require_step,
    with_file,
)
from coverage.proposals.rules import ProposalRules
from coverage.readers.proposals import proposal_rules
from coverage.store.database import Database, Writing
from coverage.store.models import proposals
from coverage.store.permissions import Actor, require
from coverage.store.records import PROPOSAL_SUMMED, digest


@dataclass(frozen=True)
class ProposalLine:
    """One state of a proposal."""

    version: int
    at: str
    who: str
    action: str
    note: str | None
    proposal: Proposal


class Proposals:
    """Queries and changes of proposals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, region: str, viewer: Actor | None) -> list[ProposalLine]:
        """Each proposal of a region (its regencies' codes joined by a plus) as it is now; none that is struck out."""
        require(viewer, "view_proposals")
        latest = sa.select(proposals.c.proposal_id, sa.func.max(proposals.c.version).label("version"))
        latest = latest.where(proposals.c.region.in_(region.split("+"))).group_by(proposals.c.proposal_id)
        last = latest.subquery()
        same = (proposals.c.proposal_id == last.c.proposal_id) & (proposals.c.version == last.c.version)
        rows = self._database.rows(sa.select(proposals).join(last, same).order_by(proposals.c.proposal_id))
        return [line for line in map(_line, rows) if not line.proposal.struck_out]

    def history(self, proposal_id: str, viewer: Actor | None) -> list[ProposalLine]:
        """States of a proposal, oldest first; empty where there is none."""
        require(viewer, "view_proposals")
        return [_line(row) for row in self._database.rows(_states(proposal_id))]

    def add(
        self,
        rows: Sequence[Mapping[str, Any]],
        who: Actor | None,
        note: str | None = None,
        change_id: str | None = None,
        action: str = "add",
    ) -> list[str]:
        """Add proposals, or change those whose identifier is there, all or none, and return the identifiers.

        Parameters
        ----------
        rows
            Fields of :class:`coverage.proposals.proposal.Proposal`. An empty ``proposal_id`` gets a new one, an empty
            stage is the first, an empty ``stage_on`` today; a field that is left out stays as it is.

        Raises
        ------
        RowError
            Naming the row (the first is 1), the field and what may stand there.
        """
        rules = proposal_rules()

        def work(writing: Writing) -> list[str]:
            made = []
            for position, row in enumerate(rows, start=1):
                number = position if len(rows) > 1 or action == "import" else None
                given = {name: value for name, value in row.items() if name in FIELDS or value is not None}
                name = given.get("proposal_id") or _new_id(writing, str(given.get("village_code_bps") or ""), given)
                if name in made:
                    raise RowError("store.named_twice", Place(row=number, column="proposal_id", value=name))
                before = _latest(writing, str(name))
                base: dict[str, Any] = {"stage": rules.first, "stage_on": writing.at[:10]}
                base = base if before is None else before.proposal.as_values()
                filled = {key: value for key, value in given.items() if value not in (None, "") or key not in base}
                answers = {**base.get("answers", {}), **(given.get("answers") or {})}
                after = checked({**base, **filled, "answers": answers, "proposal_id": name}, rules, number)
                if before is not None:
                    require_step(before.proposal, after, rules, number)
                _write(writing, before, after, "change" if before and action == "add" else action, number)
                made.append(str(name))
            return made

        return self._database.write(who, "edit_proposals", work, note, change_id)

    def change(
        self, proposal_id: str, version: int, changes: Mapping[str, Any], who: Actor | None, note: str | None = None
    ) -> int:
        """Change fields of a proposal and return its new version; ``struck_out`` hides a mistaken entry.

        Raises
        ------
        StaleVersionError
            If it was changed since.
        RowError
            If a value does not fit, or there is no such proposal.
        """

        def new(now: Proposal, rules: ProposalRules) -> Proposal:
            return checked({**now.as_values(), **changes}, rules)

        action = "strike_out" if changes.get("struck_out") else "change"
        return self._change(proposal_id, version, new, action, who, note)

    def move(
        self,
        proposal_id: str,
        version: int,
        stage: str,
        on: str,
        who: Actor | None,
        note: str | None = None,
        **told: str | None,
    ) -> int:
        """Move a proposal to its next stage (:func:`coverage.proposals.proposal.moved`); raises as :meth:`change`."""
        return self._change(
            proposal_id, version, lambda now, rules: moved(now, stage, on, rules, **told), "stage", who, note
        )

    def attach(self, proposal_id: str, version: int, file: Attachment, who: Actor | None) -> int:
        """Add a file that the region keeps; raises as :meth:`change`."""
        return self._change(proposal_id, version, lambda now, _: with_file(now, file), "attach", who, file.name)

    def detach(self, proposal_id: str, version: int, file: str, who: Actor | None) -> int:
        """Take a file, by its version, off a proposal; it stays in the history."""

        def new(now: Proposal, _: ProposalRules) -> Proposal:
            return replace(now, files=tuple(one for one in now.files if one.version != file))

        return self._change(proposal_id, version, new, "detach", who, None)

    def undo(self, proposal_id: str, version: int, who: Actor | None) -> int:
        """Take the last change back by a new line: again and again, back to the first state.

        Raises
        ------
        StaleVersionError, RowError
            As :meth:`change`; or there is nothing before.
        """

        def work(writing: Writing) -> int:
            now = _as_seen(writing, proposal_id, version)
            states = [_line(row) for row in writing.connection.execute(_states(proposal_id)).mappings()]
            first = next(at for at, line in enumerate(states) if line.proposal == now.proposal)
            if first == 0:
                raise RowError("proposals.nothing_before", Place(column="proposal_id", value=proposal_id))
            return _write(writing, now, states[first - 1].proposal, "undo")

        return self._database.write(who, "edit_proposals", work)

    def _change(
        self,
        proposal_id: str,
        version: int,
        new: Callable[[Proposal, ProposalRules], Proposal],
        action: str,
        who: Actor | None,
        note: str | None,
    ) -> int:
        rules = proposal_rules()

        def work(writing: Writing) -> int:
            now = _as_seen(writing, proposal_id, version)
            return _write(writing, now, new(now.proposal, rules), action)

        return self._database.write(who, "edit_proposals", work, note)


def _states(proposal_id: str) -> sa.Select[Any]:
    return sa.select(proposals).where(proposals.c.proposal_id == proposal_id).order_by(proposals.c.version)


def _latest(writing: Writing, proposal_id: str) -> ProposalLine | None:
    last = _states(proposal_id).order_by(None).order_by(proposals.c.version.desc()).limit(1)
    row = writing.connection.execute(last).mappings().first()
    return None if row is None else _line(row)


def _as_seen(writing: Writing, proposal_id: str, version: int) -> ProposalLine:
    now = _latest(writing, proposal_id)
    if now is None:
        raise RowError("proposals.no_such", Place(column="proposal_id", value=proposal_id))
    if now.version != version:
        raise StaleVersionError("proposals.stale", Place(value=proposal_id), who=now.who, at=now.at)
    return now


def _line(row: Mapping[Any, Any]) -> ProposalLine:
    values = {name: row[name] for name in ("version", "at", "who", "action", "note")}
    return ProposalLine(**values, proposal=proposal_of(json.loads(row["after"])))


def _region(code: str) -> str:
    return str(regency_code(pd.Series([code], dtype=str)).iloc[0])


def _write(writing: Writing, before: ProposalLine | None, after: Proposal, action: str, row: int | None = None) -> int:
    """Write a line unless nothing differs; returns the version."""
    if before is not None and before.proposal == after:
        return before.version
    region = after.region
    if before is not None and before.proposal.region != region:
        raise RowError("proposals.other_region", Place(row=row, column="village_code_bps", value=region))
    line = {
        "proposal_id": after.proposal_id,
        "version": 1 if before is None else before.version + 1,
        "region": region,
        "at": writing.at,
        "who": writing.who.name,
        "action": action,
        "after": json.dumps(after.as_values(), ensure_ascii=False, sort_keys=True),
        "note": writing.note,
        "change_id": writing.change_id,
    }
    line["digest"] = digest([line[name] for name in PROPOSAL_SUMMED])
    writing.connection.execute(proposals.insert(), line)
    return int(str(line["version"]))


def _new_id(writing: Writing, code: str, given: Mapping[str, Any]) -> str:
    """The next of a region and year: ``3505-2026-001``."""
    prefix = f"{_region(code)}-{re.sub(r'[^0-9]', '', str(given.get('year') or ''))[:4]}-"
    taken = writing.connection.execute(
        sa.select(proposals.c.proposal_id).where(proposals.c.proposal_id.startswith(prefix)).distinct()
    ).scalars()
    numbers = [int(end) for name in taken if (end := name.removeprefix(prefix)).isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"
