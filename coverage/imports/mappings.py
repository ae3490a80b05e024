"""How a list was understood, kept under a name and recognised when a list with the same columns comes again."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coverage.errors import ParameterError, Place, ReadOnlyStoreError
from coverage.imports.choices import Choices
from coverage.imports.raw import Raw
from coverage.readers.tables import plain
from coverage.store import data_folder

FILE = "mappings.json"


class Mappings:
    """The mappings that were saved on this computer.

    Parameters
    ----------
    folder
        Where they are kept; the data folder if left out.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.file = (folder or data_folder()) / FILE

    def _all(self) -> dict[str, dict[str, Any]]:
        try:
            content = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def names(self) -> list[str]:
        """Names of the mappings there are, in order."""
        return sorted(self._all())

    def save(self, name: str, raw: Raw, choices: Choices) -> None:
        """Keep how a list was understood; a mapping of that name is replaced.

        Raises
        ------
        ReadOnlyStoreError
            If the data folder cannot be written to.
        """
        entry = {
            "header": _header(raw.columns),
            "columns": dict(choices.columns),
            "kind": choices.kind,
            "status": choices.status,
            "dates": choices.dates,
            "keep": sorted(map(list, choices.keep)),
        }
        self._write({**self._all(), name: entry})

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        """Write the file whole or not at all."""
        content = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(prefix=".jangkau-", dir=self.file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self.file)
        except OSError as error:
            raise ReadOnlyStoreError("store.read_only", Place(file=str(self.file))) from error

    def load(self, name: str, raw: Raw) -> Choices:
        """The choices saved under a name, for the columns of this list.

        Raises
        ------
        ParameterError
            If there is no mapping of that name, or the list lacks a column of it.
        """
        entry = self._all().get(name)
        if entry is None:
            raise ParameterError("imports.no_mapping", Place(value=name), offered=self.names)
        columns = _columns(entry["columns"], raw)
        missing = [column for what, column in entry["columns"].items() if what not in columns]
        if missing:
            raise ParameterError("imports.mapping_lacks", Place(file=raw.file, value=name), columns=missing)
        return _choices(entry, columns)

    def recognised(self, raw: Raw) -> tuple[str, Choices] | None:
        """The mapping that was saved for a list with the same columns, by name; None where there is none."""
        header = _header(raw.columns)
        for name, entry in sorted(self._all().items()):
            columns = _columns(entry["columns"], raw)
            if entry["header"] == header and len(columns) == len(entry["columns"]):
                return name, _choices(entry, columns)
        return None

    def forget(self, name: str) -> None:
        """Remove a mapping; nothing happens where there is none."""
        if name in self._all():
            self._write({key: value for key, value in self._all().items() if key != name})


def _header(columns: Sequence[str]) -> list[str]:
    return sorted(plain(column) for column in columns)


def _columns(saved: dict[str, str], raw: Raw) -> dict[str, str]:
    there = {plain(column): column for column in reversed(raw.columns)}
    return {what: there[plain(column)] for what, column in saved.items() if plain(column) in there}


def _choices(entry: dict[str, Any], columns: dict[str, str]) -> Choices:
    return Choices(
        columns=columns,
        kind=entry.get("kind"),
        status=entry.get("status") or "operational",
        dates=entry.get("dates"),
        keep=frozenset((field, text) for field, text in entry.get("keep", [])),
    )
