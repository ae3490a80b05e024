"""Result of interpreting a list: accepted rows, and refused rows with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.imports.list_options import Choices
from coverage.imports.places import Cluster
from coverage.imports.raw import Note, Raw
from coverage.imports.repairs import Offer
from coverage.imports.spellings import MergedSpelling

PLACED = ("village_code_bps", "village", "subdistrict", "where")
"""Location of a row."""


@dataclass(frozen=True)
class Interpretation:
    """A list, row by row.

    Attributes
    ----------
    accepted
        Of assets: columns of :data:`base.schema.ASSETS` (``asset_id`` empty where the list gives none), EPSG:4326, with
        ``village_code_entered`` (the stated village), ``needs_check``, ``row`` (number), ``rows`` (how many made the
        asset), ``sheet``, and :data:`PLACED`. One row an asset.
        Of reports: ``row``, columns of :data:`base.schema.EVIDENCE` and the village's names. Of figures: ``row``,
        the village (``village_code_bps, village, subdistrict``) and a numeric column per figure.
    refused
        ``row, sheet, code, details, values, offer``: row number, reason code with the values of its sentence, cells as
        written by column, and the :class:`~coverage.imports.repairs.Offer` or None.
    rows, accepted_rows : rows of the list, and accepted ones; the others are in ``refused``
    notes : assumptions: locale keys with values
    filled : fields that the list has a column for, where empty cells count
    own_area : circle that a list of another region was checked against; else None
    """

    accepted: pd.DataFrame
    refused: pd.DataFrame
    rows: int
    accepted_rows: int
    notes: list[Note]
    gathered: list[MergedSpelling]
    filled: tuple[str, ...]
    unused: tuple[str, ...]
    own_area: Cluster | None
    raw: Raw
    choices: Choices

    @property
    def refused_rows(self) -> int:
        """Number of refused rows."""
        return len(self.refused)


@dataclass
class Verdicts:
    """First fault of each row, with the values of its sentence."""

    code: NDArray[np.object_]
    details: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def on(cls, raw: Raw) -> Verdicts:
        """Start with the faults found on reading."""
        made = cls(np.full(len(raw.frame), "", dtype=object), [{} for _ in range(len(raw.frame))])
        if raw.faults is not None:
            made.code[:] = raw.faults
        return made

    def refuse(self, where: NDArray[np.bool_], code: str, details: dict[int, dict[str, Any]] | None = None) -> None:
        """Refuse rows not refused before."""
        for at in np.flatnonzero(where & (self.code == "")):
            self.code[at] = code
            self.details[at] = (details or {}).get(int(at), {})

    def refused(self, raw: Raw, found: Mapping[int, Offer]) -> pd.DataFrame:
        """Refused rows as in :attr:`Interpretation.refused`."""
        bad = np.flatnonzero(self.code != "")
        return pd.DataFrame(
            {
                "row": raw.frame.index.to_numpy()[bad],
                "sheet": raw.sheets_of(bad),
                "code": self.code[bad],
                "details": pd.Series([self.details[at] for at in bad], dtype=object),
                "values": pd.Series(raw.frame.iloc[bad].to_dict("records"), dtype=object),
                "offer": pd.Series([found.get(int(at)) for at in bad], dtype=object),
            }
        )
