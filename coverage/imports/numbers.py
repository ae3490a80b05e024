"""Columns of figures in lists of villages."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from coverage.imports.columns import field_of
from coverage.imports.raw import Raw
from coverage.readers.numbers import read_numbers
from coverage.readers.tables import plain
from coverage.readers.village_lists import role_of

LOOKED_AT = 300
LONGEST = 80
_NO_FIGURE = {
    "kode", "kd", "id", "no", "nomor", "nr", "tahun", "tgl", "tanggal", "pos", "telp", "telepon", "hp", "nik", "lat",
    "lon", "latitude", "longitude", "lintang", "bujur", "x", "y", "rt", "rw", "zona", "urut", "fid", "npsn", "nip",
    "nib", "nisn", "npwp",
}  # fmt: skip
"""Words in names of numeric columns that hold no figures."""


def guess_figures(raw: Raw, taken: Collection[str]) -> tuple[str, ...]:
    """Columns of figures in file order, without those ``taken``."""
    return tuple(name for name in raw.columns if name not in taken and _is_figure(raw, name))


def _is_figure(raw: Raw, name: str) -> bool:
    words = set(plain(name).split("_"))
    counts = words & {"jumlah", "jml", "total", "banyak", "banyaknya"}
    if not words - {""} or (words & _NO_FIGURE and not counts) or field_of(name) == "skip" or role_of(name):
        return False
    found = read_numbers(raw.samples(name, LOOKED_AT))
    known, unread = int(np.isfinite(found.value).sum()), int(found.unread.sum())
    return known > 0 and known >= 0.8 * (known + unread)
