"""What a list says, row by row: rows accepted, and rows refused with the reason of each."""

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
from coverage.imports.spellings import Gathering

PLACED = ("village_code_bps", "village", "subdistrict", "where")
"""Where a row lies."""


@dataclass(frozen=True)
class Interpretation:
    """What a list says, row by row.

    Attributes
    ----------
    accepted
        Of a list of assets: columns of :data:`base.schema.ASSETS` (``asset_id`` empty where the list gives none),
        EPSG:4326, with ``village_code_entered`` (the village that the row says), ``needs_check``, ``row`` (its number),
        ``rows`` (how many rows the asset was made of), ``sheet``, and where it lies: :data:`PLACED`. One row an asset.
        Of reports: ``row``, columns of :data:`base.schema.EVIDENCE` and the village's names. Of figures: ``row``,
        the village (``village_code_bps, village, subdistrict``) and a column of numbers for each figure.
    refused
        ``row, sheet, code, details, values, offer``: the row number, the code of the reason with the values that its
        sentence names, the cells as written by column, and the :class:`~coverage.imports.repairs.Offer` or None.
    rows, accepted_rows
        How many rows the list has, and how many of them were accepted; the others are in ``refused``.
    notes
        What was assumed or understood: the key of a sentence and its values.
    gathered
        Spellings that were taken for a name.
    filled
        Fields that the list has a column for, so that what is empty there is said to be empty.
    unused
        Columns that nothing was taken from.
    own_area
        Where the list plainly belongs to another region, the circle it was checked against; else None.
    raw, choices
        What this was made from.
    """

    accepted: pd.DataFrame
    refused: pd.DataFrame
    rows: int
    accepted_rows: int
    notes: list[Note]
    gathered: list[Gathering]
    filled: tuple[str, ...]
    unused: tuple[str, ...]
    own_area: Cluster | None
    raw: Raw
    choices: Choices

    @property
    def refused_rows(self) -> int:
        """How many rows were refused."""
        return len(self.refused)


@dataclass
class Verdicts:
    """The first fault of each row, with what its sentence names."""

    code: NDArray[np.object_]
    details: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def on(cls, raw: Raw) -> Verdicts:
        """Nothing against any row yet but what was found on reading."""
        made = cls(np.full(len(raw.frame), "", dtype=object), [{} for _ in range(len(raw.frame))])
        if raw.faults is not None:
            made.code[:] = raw.faults
        return made

    def refuse(self, where: NDArray[np.bool_], code: str, details: dict[int, dict[str, Any]] | None = None) -> None:
        """Refuse rows that nothing was found against before."""
        for at in np.flatnonzero(where & (self.code == "")):
            self.code[at] = code
            self.details[at] = (details or {}).get(int(at), {})

    def refused(self, raw: Raw, found: Mapping[int, Offer]) -> pd.DataFrame:
        """The refused rows as :attr:`Interpretation.refused` has them."""
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
