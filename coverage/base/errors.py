"""Every error of ours, in one tree.

::

    JangkauError                 anything that Jangkau itself refuses; its text is fit for a planner's eyes
    ├── InputError(ValueError)   an input that was refused; names file, sheet, row, value and remedy
    │   ├── FileRefusedError     the whole file cannot be used
    │   ├── ColumnError          a column is missing, doubled or of the wrong kind
    │   ├── RowError             a row cannot be used
    │   ├── CrsError             coordinates without, or with the wrong, reference system
    │   └── ParameterError       a parameter file or value is not usable
    ├── SchemaError(ValueError)  a table of ours breaks its own schema: a fault of the program
    ├── StoreError               the inventory cannot be used
    │   ├── StaleVersionError    somebody else changed the asset first
    │   ├── PermissionDeniedError  the role does not grant the action
    │   ├── DamagedStoreError    the database file is damaged
    │   └── ReadOnlyStoreError   the inventory cannot be written to
    └── UnavailableError         a thing outside (network, service, program) is not there
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where in an input something was found."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: Any = None


class JangkauError(Exception):
    """Anything that Jangkau itself refuses.

    Parameters
    ----------
    code : identifier such as ``"file.not_found"``: key of sentence and remedy in :mod:`coverage.language.words`
    """

    def __init__(self, code: str, place: Place | None = None, /, **details: Any) -> None:
        self.code = code
        self.place = place or Place()
        self.details = details
        super().__init__(code)

    def __str__(self) -> str:
        parts = [f"{k}={v!r}" for k, v in {**vars(self.place), **self.details}.items() if v is not None]
        return f"{self.code} ({', '.join(parts)})" if parts else self.code


class InputError(JangkauError, ValueError):
    """An input that was refused."""


class FileRefusedError(InputError):
    """The whole file cannot be used."""


class ColumnError(InputError):
    """A column is missing, doubled or of the wrong kind."""


class RowError(InputError):
    """A row cannot be used."""


class CrsError(InputError):
    """Coordinates without, or with the wrong, reference system."""


class ParameterError(InputError):
    """A parameter file or value is not usable."""


class SchemaError(JangkauError, ValueError):
    """A table of ours breaks its own schema."""


class StoreError(JangkauError):
    """The inventory cannot be used."""


class StaleVersionError(StoreError):
    """Somebody else changed the asset first."""


class PermissionDeniedError(StoreError):
    """The role does not grant the action."""


class DamagedStoreError(StoreError):
    """The database file is damaged."""


class ReadOnlyStoreError(StoreError):
    """The inventory cannot be written to."""


class UnavailableError(JangkauError):
    """A thing outside (network, service, program) is not there."""
