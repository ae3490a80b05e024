"""Trying what a file takes to read, before it is kept: its own reader says what else may be wrong with it."""

from __future__ import annotations

from pathlib import Path

from coverage.base.errors import InputError
from coverage.readers.footprints import holds_footprints
from coverage.readers.geofiles import read_geofile, sniff
from coverage.readers.tables import read_table

_TOO_MUCH = frozenset(
    {
        "file.too_many_elements",
        "table.too_many_cells",
        "table.too_large",
        "geofile.too_large",
        "geofile.bomb",
        "raster.too_many_cells",
        "raster.large_blocks",
    }
)
_RASTERS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def probe(path: Path, kind: str | None = None) -> None:
    """Read a file as its format, or its kind of data, is read; FileRefusedError if it holds more than we take."""
    try:
        if holds_footprints(path) or (kind == "hints" and sniff(path) in (None, "parquet")):
            return  # read part by part
        if _is_raster(path):
            from coverage.readers.rasters import refuse_large  # slow to import

            refuse_large(path)
        elif sniff(path) is not None:
            read_geofile(path, loose=True)
        elif path.suffix.lower() != ".hgt":  # its length says how many heights it has
            read_table(path)
    except InputError as error:
        if error.code in _TOO_MUCH:
            raise


def _is_raster(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in _RASTERS
