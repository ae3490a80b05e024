"""Saved column mappings, recognised when a list with the same columns comes again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coverage.base.errors import ParameterError, Place
from coverage.imports.list_options import Choices
from coverage.imports.raw import Raw
from coverage.readers.tables import plain
from coverage.store import Actor, Store
from coverage.store.permissions import require


class Mappings:
    """Mappings in the store, shared by all users."""

    def __init__(self, store: Store, who: Actor | None) -> None:
        self.store, self._who = store, who

    def _all(self) -> dict[str, dict[str, Any]]:
        return self.store.mappings.all(self._who)

    @property
    def names(self) -> list[str]:
        """Sorted names."""
        return sorted(self._all())

    def save(self, name: str, raw: Raw, choices: Choices) -> None:
        """Save choices under a name, replacing any of that name.

        Raises
        ------
        PermissionDeniedError, ReadOnlyStoreError
            If it may not or cannot be saved.
        """
        entry = {
            "header": _header(raw.columns),
            "columns": dict(choices.columns),
            "also": {what: list(more) for what, more in choices.also.items()},
            "record": choices.record,
            "kind": choices.kind,
            "status": choices.status,
            "dates": choices.dates,
            "claim": choices.claim,
            "figures": list(choices.figures),
            "keep": sorted(map(list, choices.keep)),
        }
        self.store.mappings.save(name, entry, require(self._who, "import"))

    def load(self, name: str, raw: Raw) -> Choices:
        """Choices saved under a name, for the columns of this list.

        Raises
        ------
        ParameterError
            If there is no such mapping, or the list lacks one of its columns.
        """
        entry = self._all().get(name)
        if entry is None:
            raise ParameterError("imports.no_mapping", Place(value=name), offered=self.names)
        columns = _columns(entry["columns"], raw)
        missing = [column for what, column in entry["columns"].items() if what not in columns]
        missing += [name for name in [*(entry.get("figures") or ()), *_also(entry)] if name not in raw.columns]
        if missing:
            raise ParameterError("imports.mapping_lacks", Place(file=raw.file, value=name), columns=missing)
        return _choices(entry, columns)

    def recognised(self, raw: Raw) -> tuple[str, Choices] | None:
        """Name and choices saved for a list with the same columns, or None."""
        header = _header(raw.columns)
        for name, entry in sorted(self._all().items()):
            columns = _columns(entry["columns"], raw)
            if entry["header"] == header and len(columns) == len(entry["columns"]) and _also(entry) <= {*raw.columns}:
                return name, _choices(entry, columns)
        return None

    def forget(self, name: str) -> None:
        """Delete a mapping, if there."""
        self.store.mappings.forget(name, require(self._who, "import"))


def _header(columns: Sequence[str]) -> list[str]:
    return sorted(plain(column) for column in columns)


def _columns(saved: dict[str, str], raw: Raw) -> dict[str, str]:
    there = {plain(column): column for column in reversed(raw.columns)}
    return {what: there[plain(column)] for what, column in saved.items() if plain(column) in there}


def _also(entry: dict[str, Any]) -> set[str]:
    return {name for more in (entry.get("also") or {}).values() for name in more}


def _choices(entry: dict[str, Any], columns: dict[str, str]) -> Choices:
    record: Any = entry.get("record") or "assets"
    if record != "assets":  # mappings saved before 2026-11-29 call the date of a report as that of an asset
        columns = {"reported_on" if what == "installed_on" else what: name for what, name in columns.items()}
    return Choices(
        columns=columns,
        record=record,
        claim=entry.get("claim"),
        figures=tuple(entry.get("figures") or ()),
        also={what: tuple(more) for what, more in (entry.get("also") or {}).items()},
        kind=entry.get("kind"),
        status=entry.get("status") or "operational",
        dates=entry.get("dates"),
        keep=frozenset((field, text) for field, text in entry.get("keep", [])),
    )
