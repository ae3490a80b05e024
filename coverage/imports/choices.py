"""What a person decides about a list before it is taken in, and what is guessed until they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from coverage.imports.columns import guess_columns
from coverage.imports.raw import Raw

DateOrder = Literal["dmy", "mdy"]


@dataclass(frozen=True)
class Choices:
    """How a list is to be understood.

    Attributes
    ----------
    columns
        From field (:data:`coverage.readers.vocabulary.FIELDS`) to the column that holds it.
    kind
        What every row is; None where a column says it.
    status
        What rows have whose list says nothing of a status.
    dates
        Whether 03/04/2024 is the third of April (``dmy``) or the fourth of March (``mdy``); None asks.
    keep
        ``(field, spelling)`` pairs of companies that are not to be gathered under another name.
    repairs
        Codes of repairs (:class:`coverage.imports.repairs.Offer`) accepted for every row that they are offered for.
    repaired_rows
        Rows (numbers as in the file) for which the offered repair is accepted.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    status: str = "operational"
    dates: DateOrder | None = None
    keep: frozenset[tuple[str, str]] = frozenset()
    repairs: frozenset[str] = frozenset()
    repaired_rows: frozenset[int] = frozenset()

    def with_columns(self, columns: Mapping[str, str]) -> Choices:
        """The same with other columns."""
        return replace(self, columns=dict(columns))


def guess(raw: Raw, kind: str | None = None) -> Choices:
    """Guess how a list is to be understood; to be shown with sample values, and confirmed or changed.

    Parameters
    ----------
    raw
        The rows as read.
    kind
        What every row is, where that is known; else a column is looked for that says it.
    """
    columns = guess_columns(raw)
    if kind is not None:
        columns.pop("kind", None)
    return Choices(columns=columns, kind=kind)
