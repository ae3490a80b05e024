"""Anything with a name and a place, found as somebody types it: spelt otherwise, with or without its subdistrict."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.places.codes import NOT_CLOSE, name_distances, names_frame, normalise_name

EXACT, BEGINS, HOLDS, BESIDE, CLOSE, NOT = range(6)
"""How a name fits what was typed: the same, begins so, holds it, holds it with its surroundings, misspelt, not."""

MOST_WORDS = 8
"""Words of a question that are looked for, each in the whole table."""


class NamedPlaces:
    """An index of a table with ``name`` and ``beside``: codes, kind, subdistrict, whatever else it is asked for by."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table.reset_index(drop=True)
        self._names = names_frame(self.table["name"])
        subdistricts = names_frame(self.table["subdistrict"], "subdistrict")
        said = self._names["key"] + " " + self._names["sound"] + " " + subdistricts["key"]
        self._keys = self._names["key"].astype("string[pyarrow]")
        self._said = said.astype("string[pyarrow]")
        self._all = (said + " " + self.table["beside"].str.casefold()).astype("string[pyarrow]")

    def find(self, text: str) -> pd.DataFrame:
        """Rows that fit, the best first, each with its ``fit``; misspelt ones where nothing else does."""
        wanted = names_frame([text])
        key, sound = wanted["key"].iloc[0], wanted["sound"].iloc[0]
        plain = " ".join(text.casefold().split())
        if not plain:
            return self.table.iloc[:0].assign(fit=[])
        fit = np.full(len(self.table), NOT)
        fit[self._holds(plain) | self._with_each_word(plain)] = BESIDE
        if key:
            fit[self._sounds(sound)] = BESIDE
            for level, found in (
                (HOLDS, self._keys.str.contains(key, regex=False)),
                (BEGINS, self._keys.str.startswith(key)),
                (EXACT, self._keys == key),
            ):
                fit[found.to_numpy(dtype=bool)] = level
        if key and (fit == NOT).all():
            typed = wanted.loc[np.zeros(len(self.table), dtype=int)]
            fit[name_distances(typed, self._names) < NOT_CLOSE] = CLOSE
        order = np.lexsort([self._names["key"].str.len().to_numpy(), fit])
        order = order[fit[order] < NOT]
        return self.table.iloc[order].assign(fit=fit[order])

    def _holds(self, text: str) -> npt.NDArray[np.bool_]:
        return self._all.str.contains(text, regex=False).to_numpy(dtype=bool)

    def _with_each_word(self, plain: str) -> npt.NDArray[np.bool_]:
        found = np.ones(len(self.table), dtype=bool)
        for word in list(dict.fromkeys(plain.split()))[:MOST_WORDS]:
            found &= self._holds(word) | self._sounds(normalise_name(word) or word)
        return found

    def _sounds(self, text: str) -> npt.NDArray[np.bool_]:
        """Rows whose name or subdistrict holds what somebody typed, as it sounds: "xx" is 20, but no part of a code."""
        return self._said.str.contains(text, regex=False).to_numpy(dtype=bool)
