"""Uploads as temporary files, for readers that want a path."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Upload(Protocol):
    """A Streamlit upload."""

    name: str

    def getvalue(self) -> bytes:
        """Its content."""


@contextmanager
def as_file(upload: Upload) -> Iterator[Path]:
    """The upload as a temporary file under its own (sanitised) name."""
    plain = re.sub(r"[^\w. -]", "_", Path(upload.name.replace("\\", "/")).name).strip(". ")[-80:] or "berkas"
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = Path(folder) / plain
        path.write_bytes(upload.getvalue())
        yield path
